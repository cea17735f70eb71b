//! The benchmark of `presente-link`.

use anyhow::{Context, Result, bail};
use presente_bench::subject::{self, Wanted, patiently};
use presente_link::{Auth, Client, EmitError, Event, Namespace, Options, Payload, Transport, Transports};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use url::Url;

struct PresenteLink {
    straight: Client,
    upgrading: Client,
    url: Url,
}

#[derive(Serialize, Deserialize)]
struct Tick {
    number: u32,
}

/// A person as the list tells of them. Names are borrowed from what came, but where JSON has escaped something.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
#[allow(dead_code, reason = "every field is read, as a user of the list would")]
struct Row<'a> {
    #[serde(borrow)]
    uid: Cow<'a, str>,
    #[serde(borrow)]
    nombre: Cow<'a, str>,
    #[serde(borrow)]
    apellido: Cow<'a, str>,
    #[serde(borrow)]
    email: Cow<'a, str>,
    is_conected: bool,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    subject::run::<PresenteLink>().await
}

impl subject::Client for PresenteLink {
    type Connection = Namespace;

    fn new(url: &str) -> Result<Self> {
        let client = |transports| Client::new(Options { transports, ..Options::default() });
        Ok(Self {
            straight: client(Transports::WebSocketOnly)?,
            upgrading: client(Transports::Upgrade)?,
            url: url.parse()?,
        })
    }

    async fn connect(&self, upgrade: bool) -> Result<Namespace> {
        let client = if upgrade { &self.upgrading } else { &self.straight };
        let connection = client.open(self.url.clone());
        let mut namespace = connection.namespace("/", Auth::none());
        let (mut connected, mut by_websocket) = (false, false);
        while !(connected && by_websocket) {
            match patiently("the connection", namespace.next()).await? {
                Some(Event::Connected { transport, .. }) => {
                    connected = true;
                    by_websocket |= transport == Transport::WebSocket;
                }
                Some(Event::TransportChanged(transport)) => by_websocket |= transport == Transport::WebSocket,
                Some(Event::RoundTrip(_)) => {}
                other => bail!("not connected: {other:?}"),
            }
        }
        Ok(namespace)
    }

    async fn receive(&self, namespace: &mut Namespace, count: u32) -> Result<()> {
        namespace.emit("burst", &Payload::new(&(Wanted { count },))?)?;
        let mut next = 0;
        patiently("the last event", async {
            while next < count {
                let payload = message(namespace, "tick").await?;
                let (Tick { number },) = payload.read()?;
                anyhow::ensure!(number == next, "{number} came in place of {next}");
                next += 1;
            }
            Ok(())
        })
        .await?
    }

    async fn send(&self, namespace: &mut Namespace, count: u32) -> Result<()> {
        namespace.emit("expect", &Payload::new(&(Wanted { count },))?)?;
        for number in 0..count {
            let payload = Payload::new(&(Tick { number },))?;
            while let Err(error) = namespace.emit("tick", &payload) {
                match error {
                    EmitError::Full => tokio::task::yield_now().await,
                    error => return Err(error.into()),
                }
            }
        }
        patiently("the server to count", message(namespace, "counted")).await?.map(drop)
    }

    async fn list(&self, namespace: &mut Namespace, count: u32) -> Result<usize> {
        namespace.emit("list", &Payload::new(&(Wanted { count },))?)?;
        let payload = patiently("the list", message(namespace, "usuarios")).await??;
        let (rows,): (Vec<Row<'_>>,) = payload.read()?;
        Ok(rows.iter().filter(|row| row.is_conected).count())
    }

    async fn close(&self, namespace: Namespace) -> Result<()> {
        drop(namespace);
        Ok(())
    }
}

/// The arguments of the next event, which is to have this name.
async fn message(namespace: &mut Namespace, expected: &str) -> Result<Payload> {
    loop {
        match namespace.next().await.context("the connection ended")? {
            Event::Message { name, payload, .. } if name == expected => return Ok(payload),
            Event::RoundTrip(_) => {}
            other => bail!("not {expected}: {other:?}"),
        }
    }
}
