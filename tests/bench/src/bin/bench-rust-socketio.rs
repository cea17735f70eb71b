//! The benchmark of `rust_socketio`: its asynchronous client.

use anyhow::{Context, Result, ensure};
use futures_util::FutureExt;
use presente_bench::subject::{self, Wanted, patiently};
use rust_socketio::{
    Event, Payload, TransportType,
    asynchronous::{Client, ClientBuilder},
};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::json;
use tokio::sync::mpsc;

struct RustSocketio {
    url: String,
}

/// What its callbacks hand over.
enum Heard {
    Connected,
    Tick(u32),
    Counted,
    List(Vec<Row>),
    Wrong(String),
}

struct Connection {
    client: Client,
    heard: mpsc::UnboundedReceiver<Heard>,
}

#[derive(Serialize, Deserialize)]
struct Tick {
    number: u32,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
#[allow(dead_code, reason = "every field is read, as a user of the list would")]
struct Row {
    uid: String,
    nombre: String,
    apellido: String,
    email: String,
    is_conected: bool,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    subject::run::<RustSocketio>().await
}

impl subject::Client for RustSocketio {
    type Connection = Connection;

    fn new(url: &str) -> Result<Self> {
        Ok(Self { url: url.to_owned() })
    }

    async fn connect(&self, upgrade: bool) -> Result<Connection> {
        let transport = if upgrade { TransportType::WebsocketUpgrade } else { TransportType::Websocket };
        let (to, heard) = mpsc::unbounded_channel();
        let builder = ClientBuilder::new(self.url.clone()).transport_type(transport);
        let builder = on(builder, &to, Event::Connect, |_| Heard::Connected);
        let builder = on(builder, &to, "counted", |_| Heard::Counted);
        let builder =
            on(builder, &to, "tick", |payload| argument(payload, |tick: Tick| Heard::Tick(tick.number)));
        let builder = on(builder, &to, "usuarios", |payload| argument(payload, Heard::List));
        let client = patiently("the connection", builder.connect()).await??;
        let mut connection = Connection { client, heard };
        let connected = patiently("the namespace", connection.next()).await??;
        ensure!(matches!(connected, Heard::Connected), "not connected");
        Ok(connection)
    }

    async fn receive(&self, connection: &mut Connection, count: u32) -> Result<()> {
        connection.client.emit("burst", json!(Wanted { count })).await?;
        patiently("the last event", async {
            for expected in 0..count {
                let came = matches!(connection.next().await?, Heard::Tick(number) if number == expected);
                ensure!(came, "something came in place of {expected}");
            }
            Ok(())
        })
        .await?
    }

    async fn send(&self, connection: &mut Connection, count: u32) -> Result<()> {
        connection.client.emit("expect", json!(Wanted { count })).await?;
        for number in 0..count {
            connection.client.emit("tick", json!(Tick { number })).await?;
        }
        let counted = patiently("the server to count", connection.next()).await??;
        ensure!(matches!(counted, Heard::Counted), "something came in place of the count");
        Ok(())
    }

    async fn list(&self, connection: &mut Connection, count: u32) -> Result<usize> {
        connection.client.emit("list", json!(Wanted { count })).await?;
        match patiently("the list", connection.next()).await?? {
            Heard::List(rows) => Ok(rows.iter().filter(|row| row.is_conected).count()),
            _ => anyhow::bail!("something came in place of the list"),
        }
    }

    async fn close(&self, connection: Connection) -> Result<()> {
        connection.client.disconnect().await?;
        Ok(())
    }
}

impl Connection {
    async fn next(&mut self) -> Result<Heard> {
        match self.heard.recv().await.context("the connection ended")? {
            Heard::Wrong(words) => anyhow::bail!(words),
            heard => Ok(heard),
        }
    }
}

fn on(
    builder: ClientBuilder,
    to: &mpsc::UnboundedSender<Heard>,
    event: impl Into<Event>,
    read: impl Fn(Payload) -> Heard + Send + Sync + 'static,
) -> ClientBuilder {
    let to = to.clone();
    builder.on(event, move |payload, _| {
        // Whoever listened may have closed the connection.
        let _ = to.send(read(payload));
        async {}.boxed()
    })
}

/// Reads the first argument, as the library gives it: as JSON values.
fn argument<T: DeserializeOwned>(payload: Payload, then: impl FnOnce(T) -> Heard) -> Heard {
    let Payload::Text(mut values) = payload else { return Heard::Wrong("not text".to_owned()) };
    if values.is_empty() {
        return Heard::Wrong("no argument".to_owned());
    }
    serde_json::from_value(values.swap_remove(0)).map_or_else(|error| Heard::Wrong(error.to_string()), then)
}
