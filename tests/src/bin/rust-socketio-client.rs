//! `rust_socketio` as a client of the field: hears the same commands as `client.mjs`, and says the same lines, as far as
//! that library can.

use std::{io::Write as _, time::Duration};

use anyhow::{Context, Result, bail};
use base64::{Engine as _, prelude::BASE64_STANDARD};
use clap::{Parser, ValueEnum};
use futures_util::FutureExt as _;
use rust_socketio::{
    Event, Payload, TransportType,
    asynchronous::{Client, ClientBuilder},
};
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt as _, BufReader};

/// Longer than anybody waits for an acknowledgement.
const PATIENCE: Duration = Duration::from_secs(60);

#[derive(Debug, Parser)]
struct Arguments {
    #[arg(long)]
    url: String,
    /// Only the reference dialect is spoken.
    #[arg(long)]
    dialect: String,
    #[arg(long)]
    first_transport: Way,
    #[arg(long)]
    only: Option<Way>,
    #[arg(long, default_value = "none")]
    token: Place,
    /// The token to show; in the environment, where nobody else sees it.
    #[arg(skip = std::env::var("PRESENTE_TOKEN").unwrap_or_default())]
    secret: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Way {
    Polling,
    Websocket,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Place {
    None,
    Auth,
    XToken,
    Authorization,
    Query,
}

#[tokio::main]
async fn main() -> Result<()> {
    let arguments = Arguments::parse();
    let client = match builder(&arguments).connect().await {
        Ok(client) => client,
        // It gives up where others try again.
        Err(error) => return say(&json!({ "kind": "connect-error", "message": error.to_string() })),
    };
    let mut lines = BufReader::new(tokio::io::stdin()).lines();
    while let Some(line) = lines.next_line().await? {
        let obeyed = match obey(&client, &line).await {
            Ok(true) => continue,
            Ok(false) => break,
            Err(error) => error.to_string(),
        };
        say(&json!({ "kind": "failed", "message": obeyed }))?;
    }
    client.disconnect().await?;
    Ok(())
}

fn builder(arguments: &Arguments) -> ClientBuilder {
    let Arguments { url, secret, .. } = arguments;
    let transport = match (arguments.only, arguments.first_transport) {
        (Some(Way::Polling), _) => TransportType::Polling,
        (Some(Way::Websocket), _) => TransportType::Websocket,
        (None, Way::Polling) => TransportType::WebsocketUpgrade,
        (None, Way::Websocket) => TransportType::Any,
    };
    let url = match arguments.token {
        Place::Query => format!("{url}/?token={secret}"),
        _ => url.clone(),
    };
    let mut builder = ClientBuilder::new(url).transport_type(transport).reconnect_delay(100, 500);
    builder = match arguments.token {
        Place::Auth => builder.auth(json!({ "token": secret })),
        Place::XToken => builder.opening_header("x-token", secret.as_str()),
        Place::Authorization => builder.opening_header("authorization", format!("Bearer {secret}")),
        Place::None | Place::Query => builder,
    };
    builder
        .on(Event::Connect, |_, _| tell(&json!({ "kind": "connected" })))
        .on(Event::Close, |_, _| tell(&json!({ "kind": "disconnected", "reason": "closed" })))
        .on(Event::Error, |payload, _| {
            let words = match payload {
                Payload::Text(values) => values.iter().filter_map(Value::as_str).collect::<String>(),
                _ => String::new(),
            };
            tell(&json!({ "kind": "connect-error", "message": words }))
        })
        .on_any(|event, payload, _| {
            tell(&json!({ "kind": "event", "event": event.as_str(), "args": plain(payload) }))
        })
}

/// Says something from within a callback.
fn tell(line: &Value) -> futures_util::future::BoxFuture<'static, ()> {
    // Nobody listens any more: then there is nobody to tell that either.
    let _ = say(line);
    async {}.boxed()
}

fn say(line: &Value) -> Result<()> {
    writeln!(std::io::stdout().lock(), "{line}").context("nobody listens")
}

/// What it hands over, with bytes as JSON can hold them.
fn plain(payload: Payload) -> Vec<Value> {
    match payload {
        Payload::Binary(bytes) => vec![json!({ "$binary": BASE64_STANDARD.encode(bytes) })],
        Payload::Text(values) => values,
        _ => Vec::new(),
    }
}

/// `false` when it is to end.
async fn obey(client: &Client, line: &str) -> Result<bool> {
    match line.split_once(' ').unwrap_or((line, "")) {
        ("quit", _) => return Ok(false),
        ("list", _) => client.emit("user list", Payload::Text(Vec::new())).await?,
        ("emit", rest) => emit(client, rest).await?,
        (other, _) => bail!("no such command here: {other}"),
    }
    Ok(true)
}

/// `"NAME" JSON`, as [`presente_tests::node::FieldClient::emit`] writes it.
async fn emit(client: &Client, rest: &str) -> Result<()> {
    let (name, argument) = rest.trim_start_matches('"').split_once("\" ").context("emit needs a name")?;
    let name = name.to_owned();
    let argument: Value = serde_json::from_str(argument)?;
    if let Some(text) = argument.get("$binary").and_then(Value::as_str) {
        // With a wish for an acknowledgement the library sends bytes as an acknowledgement themselves.
        return Ok(client.emit(name, Payload::Binary(BASE64_STANDARD.decode(text)?.into())).await?);
    }
    let payload = Payload::Text(vec![argument]);
    let event = name.clone();
    client
        .emit_with_ack(event, payload, PATIENCE, move |answer: Payload, _| {
            // Its arguments come as one array.
            let arguments = match plain(answer).as_slice() {
                [Value::Array(inner)] => inner.clone(),
                other => other.to_vec(),
            };
            tell(&json!({ "kind": "ack", "event": name, "args": arguments }))
        })
        .await?;
    Ok(())
}
