//! Several namespaces of a Node server over one connection of `presente-link`.

use presente_link::{Auth, Client, CloseReason, Connection, Event, Namespace, Options, Payload, Transports};
use presente_tests::{link::Talker, node::node, wait::PATIENCE};
use serde_json::{Value, json};
use tokio::time::timeout;

/// A server with two namespaces, and a connection to it.
async fn connected(transports: Transports) -> (Talker, Connection) {
    let options = json!({ "alsoNamespaces": ["/news"] });
    let mut server = Talker::start("the server", &mut node("link-server.mjs").unwrap(), &options).unwrap();
    let port = server.next_of("listening", PATIENCE).await.unwrap()["port"].as_u64().unwrap();
    let url: url::Url = format!("http://127.0.0.1:{port}").parse().unwrap();
    let client = Client::new(Options { transports, ..Options::default() }).unwrap();
    (server, client.open(url))
}

/// The first event of a namespace that is more than news of its transport.
async fn next(namespace: &mut Namespace) -> Event {
    loop {
        let event = timeout(PATIENCE, namespace.next()).await.expect("an event").expect("one more event");
        if !matches!(event, Event::TransportChanged(_) | Event::RoundTrip(_)) {
            return event;
        }
    }
}

/// Has the server repeat it, and nothing else may come before.
async fn echoes(namespace: &mut Namespace, text: &str) {
    namespace.emit("echo", &Payload::new(&[text]).unwrap()).unwrap();
    match next(namespace).await {
        Event::Message { name, payload, .. } if name == "echo" => {
            assert_eq!(payload.read::<(&str,)>().unwrap(), (text,));
        }
        other => panic!("instead of {text:?} came {other:?}"),
    }
}

async fn live_on_one_connection(transports: Transports) {
    let (mut server, connection) = connected(transports).await;
    let mut home = connection.namespace("/", Auth::none());
    let mut news = connection.namespace("/news", Auth::none());
    let mut nowhere = connection.namespace("/nowhere", Auth::none());
    assert!(matches!(next(&mut home).await, Event::Connected { .. }));
    assert!(matches!(next(&mut news).await, Event::Connected { .. }));
    match next(&mut nowhere).await {
        Event::Refused { message, .. } => assert_eq!(message, "Invalid namespace"),
        other => panic!("a namespace that is not there: {other:?}"),
    }
    for round in 0..3 {
        echoes(&mut news, &format!("news {round}")).await;
        echoes(&mut home, &format!("home {round}")).await;
    }

    drop(news);
    let left = server.next_of("disconnected", PATIENCE).await.unwrap();
    assert_eq!(left["namespace"], "/news");
    echoes(&mut home, "still here").await;

    server.order("disconnect", json!({ "close": false })).unwrap();
    assert!(matches!(next(&mut home).await, Event::Closed(CloseReason::Disconnected)));
    let mut again = connection.namespace("/", Auth::none());
    assert!(matches!(next(&mut again).await, Event::Connected { .. }));
    echoes(&mut again, "back over the same connection").await;

    server.order("counts", json!({})).unwrap();
    let counts: Value = server.next_of("counts", PATIENCE).await.unwrap();
    assert_eq!((&counts["handshakes"], &counts["live"]), (&json!(1), &json!(1)));
}

#[tokio::test]
async fn several_namespaces_live_on_one_websocket_and_end_one_by_one() {
    live_on_one_connection(Transports::WebSocketOnly).await;
}

#[tokio::test]
async fn several_namespaces_live_on_one_polling_session_and_end_one_by_one() {
    live_on_one_connection(Transports::PollingOnly).await;
}

#[tokio::test]
async fn several_namespaces_live_through_an_upgrade_and_end_one_by_one() {
    live_on_one_connection(Transports::Upgrade).await;
}
