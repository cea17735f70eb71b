//! One row: a server, Ana on the library under test, Beto on the newest client, and what they do one after the other.

use super::{
    people::{self, Routes, ana, beto, carla},
    steps::Step,
    table::{Cast, Way},
};
use anyhow::{Context, Result, bail, ensure};
use base64::{Engine as _, prelude::BASE64_STANDARD};
use presente_tests::{
    node::{Dialect, FieldClient, FieldClientBuilder, Heard, Release, TokenPlace},
    presente_server::{Options, PresenteServer},
    process::Signal,
};
use serde_json::{Value, json};
use std::time::Duration;

/// Two heartbeats of 12 s, and a moment for the second to be missed.
const TWO_HEARTBEATS: Duration = Duration::from_secs(26);
/// The largest attachment; in a body of a request a third is lost to base64.
const LARGEST: usize = 64 * 1024;
const LARGEST_BY_POLLING: usize = 45_000;
const SAY: &str = "enviar-mensaje";
const LIST: &str = "usersConected";

pub(super) struct Stage {
    cast: Cast,
    server: PresenteServer,
    routes: Routes,
    /// Ana's.
    token: String,
    /// Ana's too; from the step on in which she stays.
    ana: Option<FieldClient>,
    beto: Option<FieldClient>,
}

impl Stage {
    pub(super) async fn open(cast: Cast) -> Result<Self> {
        let eio3 = cast.release == Release::Two;
        let options = Options { open: cast.open, eio3, ..Options::default() };
        let server = PresenteServer::start(options).await?;
        let routes = Routes::of(server.url())?;
        for user in [ana(), beto()] {
            routes.sign_up(&user).await?;
        }
        let token = routes.sign_in(&ana()).await?;
        Ok(Self { cast, server, routes, token, ana: None, beto: None })
    }

    pub(super) async fn take(&mut self, step: Step) -> Result<()> {
        match step {
            Step::Auth => self.token_in(TokenPlace::Auth).await,
            Step::XToken => self.token_in(TokenPlace::XToken).await,
            Step::Bearer => self.token_in(TokenPlace::Bearer).await,
            Step::Query => self.token_in(TokenPlace::Query).await,
            Step::Without => self.without().await,
            Step::Lists => self.lists().await,
            Step::Hears => self.hears().await,
            Step::Says => self.says().await,
            Step::NewAccount => self.new_account().await,
            Step::Picture => self.picture().await,
            Step::Heartbeat => self.heartbeat().await,
            Step::Limit => self.limit().await,
            Step::Returns => self.returns().await,
            Step::SignsOut => self.signs_out().await,
            Step::Ended => self.ended().await,
        }
    }

    /// Ana's client, which shows this token there.
    fn builder(&self, place: TokenPlace, token: &str) -> FieldClientBuilder {
        let builder = FieldClient::of(Dialect::Reference, self.server.url(), None);
        let builder = builder.release(self.cast.release).token_in(place).own_token(token);
        match self.cast.way.only() {
            Some(transport) => builder.only(transport),
            None => builder,
        }
    }

    async fn token_in(&self, place: TokenPlace) -> Result<()> {
        let mut client = self.builder(place, &self.token).start().await?;
        client.list()?;
        listed(&mut client, &ana().email, true).await?;
        client.quit().await
    }

    async fn without(&self) -> Result<()> {
        let mut wrong = self.builder(TokenPlace::Query, &"0".repeat(64)).launch()?;
        refused(&mut wrong).await?;
        if self.cast.open {
            // A session that never has a socket is here until it signs out, as in the field.
            self.routes.sign_in(&ana()).await?;
            let mut listener = self.builder(TokenPlace::None, "").start().await?;
            listener.list()?;
            return listed(&mut listener, &ana().email, true).await;
        }
        refused(&mut self.builder(TokenPlace::None, "").launch()?).await
    }

    async fn lists(&mut self) -> Result<()> {
        let mut client = self.builder(TokenPlace::Query, &self.token).start().await?;
        let greeting = client.next_event("saludo").await?;
        ensure!(greeting[0]["mensaje"].is_string(), "{greeting:?}");
        client.list()?;
        listed(&mut client, &ana().email, true).await?;
        if self.cast.way == Way::Upgrade && self.cast.release != Release::RustSocketio {
            // That may have been before CONNECT was answered.
            let is_up = |heard: &Heard| heard.transport.as_deref() == Some("websocket");
            if !client.heard()?.iter().any(is_up) {
                client.wait_for("the upgrade", is_up).await?;
            }
        }
        self.ana = Some(client);
        Ok(())
    }

    async fn hears(&mut self) -> Result<()> {
        let (ana, routes) = (self.ana.as_mut().context("no Ana")?, &self.routes);
        ana.skip_heard()?;
        let token = routes.sign_in(&beto()).await?;
        let newest = || {
            let builder = FieldClient::of(Dialect::Reference, self.server.url(), None);
            builder.token_in(TokenPlace::Auth).own_token(&token)
        };
        let client = newest().start().await?;
        listed(ana, &beto().email, true).await?;
        client.quit().await?;
        routes.sign_out(&beto(), Some(&token), false).await?;
        listed(ana, &beto().email, false).await?;
        let token = routes.sign_in(&beto()).await?;
        let builder = FieldClient::of(Dialect::Reference, self.server.url(), None);
        self.beto = Some(builder.token_in(TokenPlace::Auth).own_token(&token).start().await?);
        listed(ana, &beto().email, true).await
    }

    async fn says(&mut self) -> Result<()> {
        let (ana, beto) = self.both()?;
        ana.emit(SAY, &json!({"mensaje": "A las diez", "emisor": "Otra"}))?;
        let ack = ana.wait_for("the acknowledgement", |heard| heard.kind == "ack").await?;
        ensure!(ack.args.first().is_some_and(|receipt| receipt["id"].is_string()), "{ack:?}");
        let announced = beto.next_event(SAY).await?;
        ensure!(announced[0]["mensaje"] == "A las diez", "{announced:?}");
        ensure!(announced[0]["emisor"] == "Ana Ríos", "{announced:?}");
        beto.emit(SAY, &json!({"mensaje": "Mejor a las once"}))?;
        let answer = ana.next_event(SAY).await?;
        ensure!(
            answer[0]["mensaje"] == "Mejor a las once" && answer[0]["emisor"] == "Beto Núñez",
            "{answer:?}"
        );
        Ok(())
    }

    async fn new_account(&mut self) -> Result<()> {
        self.routes.sign_up(&carla()).await?;
        let (ana, _) = self.both()?;
        let is_it = |heard: &Heard| {
            heard.kind == "event" && heard.event != LIST && has(&heard.args, "email", &carla().email)
        };
        let told = ana.wait_for("the new account", is_it).await?;
        let text = json!(told.args).to_string().to_lowercase();
        ensure!(
            !["password", "hash", "token", "clave", "code"].iter().any(|word| text.contains(word)),
            "{text}"
        );
        Ok(())
    }

    async fn picture(&mut self) -> Result<()> {
        let Cast { release, way, .. } = self.cast;
        let size = match (way, release) {
            // There the type of the packet is in the frame.
            (Way::WebSocket, Release::Two) => LARGEST - 1,
            (Way::WebSocket, _) => LARGEST,
            _ => LARGEST_BY_POLLING,
        };
        let (ana, beto) = self.both()?;
        show(ana, beto, &picture(size, 1)).await.context("hers")?;
        match release {
            // It has no name for the event.
            Release::RustSocketio => Ok(()),
            _ => show(beto, ana, &picture(size, 2)).await.context("to her"),
        }
    }

    async fn heartbeat(&mut self) -> Result<()> {
        let (ana, _) = self.both()?;
        let lost = |heard: &Heard| ["disconnected", "connect-error"].contains(&heard.kind.as_str());
        match ana.wait_for_within("that it lost the connection", TWO_HEARTBEATS, lost).await {
            Err(_) => Ok(()),
            Ok(heard) => bail!("{heard:?}"),
        }
    }

    async fn limit(&mut self) -> Result<()> {
        let Cast { way, release, .. } = self.cast;
        let (ana, _) = self.both()?;
        ana.skip_heard()?;
        ana.emit(SAY, &json!({"mensaje": "x".repeat(LARGEST + 1)}))?;
        let kind = match (way, release) {
            (Way::Polling, Release::RustSocketio) => "failed",
            _ => "connected",
        };
        ana.wait_for(kind, |heard| heard.kind == kind).await.map_err(|error| short(&error))?;
        ana.list()?;
        listed(ana, &people::ana().email, true).await?;
        let ended = self.server.process().exit_status();
        ensure!(ended.is_none(), "the server ended: {ended:?}");
        Ok(())
    }

    async fn returns(&mut self) -> Result<()> {
        self.both()?.0.skip_heard()?;
        self.server.restart(Signal::Kill).await?;
        let (ana, beto) = self.both()?;
        ana.wait_for("the connection anew", |heard| heard.kind == "connected").await?;
        beto.wait_for("the connection anew", |heard| heard.kind == "connected").await?;
        ana.list()?;
        listed(ana, &people::beto().email, true).await?;
        ana.list()?;
        listed(ana, &people::ana().email, true).await
    }

    async fn signs_out(&mut self) -> Result<()> {
        self.both_at_ease()?;
        let token = (!self.cast.open).then_some(self.token.as_str());
        self.routes.sign_out(&ana(), token, false).await?;
        let (client, other) = self.both()?;
        listed(other, &ana().email, false).await?;
        client.list()?;
        listed(client, &ana().email, false).await?;
        let closed = client
            .heard()?
            .iter()
            .rev()
            .find(|heard| heard.kind == "connected" || heard.kind == "disconnected")
            .cloned();
        ensure!(closed.is_some_and(|heard| heard.kind == "connected"), "its socket was closed");
        Ok(())
    }

    async fn ended(&mut self) -> Result<()> {
        let token = self.routes.sign_in(&ana()).await?;
        let mut client = self.builder(TokenPlace::Query, &token).start().await?;
        self.routes.sign_out(&ana(), Some(&token), true).await?;
        client.wait_for("the end", |heard| heard.kind == "disconnected").await?;
        refused(&mut self.builder(TokenPlace::Query, &token).launch()?).await
    }

    fn both(&mut self) -> Result<(&mut FieldClient, &mut FieldClient)> {
        Ok((self.ana.as_mut().context("no Ana")?, self.beto.as_mut().context("no Beto")?))
    }

    /// What both have heard so far counts no more.
    fn both_at_ease(&mut self) -> Result<()> {
        let (ana, beto) = self.both()?;
        ana.skip_heard()?;
        beto.skip_heard()
    }
}

/// Waits for a list in which the person is, or is not.
async fn listed(client: &mut FieldClient, email: &str, there: bool) -> Result<()> {
    let what = format!("a list {} {email}", if there { "with" } else { "without" });
    let fits = |heard: &Heard| {
        heard.event == LIST
            && heard.args.first().is_some_and(|list| {
                let users = list["response"]["user"].as_array();
                users.is_some_and(|users| users.iter().any(|user| user["email"] == email) == there)
            })
    };
    client.wait_for(&what, fits).await.map(drop).map_err(|error| short(&error))
}

/// Bytes that look like nothing else.
fn picture(size: usize, seed: usize) -> Value {
    let byte = |n: usize| u8::try_from((n * 31 + n / 251 + seed) % 256).unwrap();
    json!({ "$binary": BASE64_STANDARD.encode((0..size).map(byte).collect::<Vec<_>>()) })
}

async fn show(from: &mut FieldClient, to: &mut FieldClient, picture: &Value) -> Result<()> {
    from.emit(SAY, picture)?;
    let intact = |heard: &Heard| heard.event == SAY && contains(&json!(heard.args), picture);
    to.wait_for("the picture, intact", intact).await.map(drop).map_err(|error| short(&error))
}

/// Waits until it is told that it may not come in, in the server's own words.
async fn refused(client: &mut FieldClient) -> Result<()> {
    let in_words = |heard: &Heard| {
        heard.kind == "connect-error" && heard.message.as_ref().is_some_and(|words| words.contains("sesión"))
    };
    client.wait_for("a refusal in words", in_words).await.map(drop)
}

/// Whether `part` is anywhere in `whole`.
fn contains(whole: &Value, part: &Value) -> bool {
    whole == part
        || match whole {
            Value::Array(inner) => inner.iter().any(|inner| contains(inner, part)),
            Value::Object(inner) => inner.values().any(|inner| contains(inner, part)),
            _ => false,
        }
}

fn has(args: &[Value], key: &str, value: &str) -> bool {
    args.iter().any(|argument| contains(&argument[key], &json!(value)) || has_inside(argument, key, value))
}

/// Whether an object one level down has it.
fn has_inside(argument: &Value, key: &str, value: &str) -> bool {
    argument.as_object().is_some_and(|object| object.values().any(|inner| inner[key] == value))
}

/// An error without the pictures in it.
fn short(error: &anyhow::Error) -> anyhow::Error {
    let text: String = format!("{error:#}").chars().take(1500).collect();
    anyhow::anyhow!(text)
}
