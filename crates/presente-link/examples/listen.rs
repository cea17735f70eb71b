//! Connects to a server, emits one event, and prints what comes, for ever:
//!
//! ```sh
//! cargo run -p presente-link --example listen -- http://localhost:4000 "user list" [auto|upgrade|websocket|polling]
//! ```

#![allow(clippy::print_stdout, reason = "printing is what this example is for")]

use presente_link::{Auth, Client, Event, Options, Payload, Transports};
use std::{error::Error, time::Duration};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let url: url::Url = arguments.next().ok_or("which server?")?.parse()?;
    let event = arguments.next();
    let transports = match arguments.next().as_deref() {
        Some("upgrade") => Transports::Upgrade,
        Some("websocket") => Transports::WebSocketOnly,
        Some("polling") => Transports::PollingOnly,
        _ => Transports::Auto,
    };
    let client = Client::new(Options { transports, ..Options::default() })?;
    loop {
        let connection = client.open(url.clone());
        let mut namespace = connection.namespace("/", Auth::none());
        if let Some(event) = &event {
            namespace.emit(event, &Payload::empty())?;
        }
        while let Some(event) = namespace.next().await {
            match event {
                Event::Message { name, payload, ack } => {
                    println!("{name} {:?}", payload.read::<serde_json::Value>());
                    if let Some(ack) = ack {
                        ack.answer(&Payload::empty());
                    }
                }
                other => println!("{other:?}"),
            }
        }
        // A real application waits longer each time, with jitter, up to half a minute.
        tokio::time::sleep(Duration::from_secs(3)).await;
    }
}
