//! A connection that has ended says so to whoever comes later.

#![allow(clippy::unwrap_used, clippy::panic, missing_docs, reason = "a test may fail by panicking")]

use presente_link::{Auth, Client, Event, Options, Proxy};
use std::{net::TcpListener, time::Duration};
use tokio::time::timeout;

#[tokio::test]
async fn a_namespace_that_is_asked_for_after_the_end_is_told_of_it() {
    // A port that was free a moment ago and where nobody listens.
    let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let client = Client::new(Options { proxy: Proxy::Direct, ..Options::default() }).unwrap();
    let connection = client.open(format!("http://{address}/").parse::<url::Url>().unwrap());
    for which in ["the first", "a later one"] {
        let mut namespace = connection.namespace("/", Auth::none());
        let event = timeout(Duration::from_secs(10), namespace.next()).await.unwrap();
        assert!(matches!(event, Some(Event::Closed(_))), "{which}: {event:?}");
        assert!(timeout(Duration::from_secs(10), namespace.next()).await.unwrap().is_none());
    }
}
