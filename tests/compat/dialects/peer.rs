//! The one at the other end: the field's client, who sees us and is seen.

use super::variants::{Variant, Ways};
use anyhow::Result;
use presente_tests::{
    node::{Dialect, FieldClient, Heard},
    wait::{PATIENCE, until_with_state},
};
use serde_json::Value;

/// A field client that is called Beto.
pub(super) struct Peer {
    client: FieldClient,
    dialect: Dialect,
    ways: Ways,
}

/// What the one is called whom [`Peer`] looks for, if not just anybody.
pub(super) type Called = Option<&'static str>;

impl Peer {
    /// Comes for the first time.
    pub(super) async fn come(variant: &Variant, url: &str) -> Result<Self> {
        let client = variant.client(url).start().await?;
        let mut peer = Self { client, dialect: variant.dialect, ways: variant.ways() };
        peer.is_called()?;
        Ok(peer)
    }

    fn is_called(&mut self) -> Result<()> {
        if self.dialect == Dialect::Nickname { self.client.nickname("Beto") } else { Ok(()) }
    }

    /// Goes as one goes there.
    pub(super) async fn go(&mut self) -> Result<()> {
        if self.ways == Ways::Socket { self.client.close() } else { self.client.sign_out().await }
    }

    /// Comes back.
    pub(super) async fn come_back(&mut self) -> Result<()> {
        if self.ways != Ways::Socket {
            self.client.sign_in().await?;
        }
        match self.ways {
            Ways::Session => return Ok(()),
            Ways::SessionAndSocket => self.client.close()?,
            Ways::Socket => {}
        }
        self.client.skip_heard()?;
        self.client.open()?;
        self.client.wait_for("the connection", |heard| heard.kind == "connected").await?;
        Ok(())
    }

    pub(super) fn say(&mut self, text: &str) -> Result<()> {
        self.client.say(text)
    }

    pub(super) fn tell(&mut self, uid: &str, text: &str) -> Result<()> {
        self.client.tell(uid, text)
    }

    /// The identity that the server has given it.
    pub(super) fn uid(&self) -> Option<&str> {
        self.client.user()["uid"].as_str()
    }

    /// Waits until an event called `event` brings `text`.
    pub(super) async fn hears(&self, event: &str, text: &str) -> Result<()> {
        self.until(&format!("{text:?} by {event:?}"), |heard| {
            heard.iter().any(|heard| heard.event == event && brings(&heard.args, text))
        })
        .await
    }

    /// Waits until we are among those who are here for it, or are not any more.
    pub(super) async fn sees(&self, us: Called, here: bool) -> Result<()> {
        let what = format!("{} to be {}", us.unwrap_or("a guest"), if here { "here" } else { "gone" });
        self.until(&what, |heard| is_listed(heard, us) == here).await
    }

    async fn until(&self, what: &str, fits: impl Fn(&[Heard]) -> bool) -> Result<()> {
        until_with_state(&format!("the other to see {what}"), PATIENCE, async || {
            let heard = self.client.heard().map_err(|error| error.to_string())?;
            let last: Vec<_> = heard.iter().rev().take(3).map(|heard| format!("{heard:?}")).collect();
            if fits(&heard) { Ok(()) } else { Err(last.join("\n    ")) }
        })
        .await
    }
}

fn brings(args: &[Value], text: &str) -> bool {
    args.iter().any(|arg| match arg {
        Value::Array(messages) => messages.iter().any(|message| message["mensaje"] == text),
        message => message["mensaje"] == text || message["what"] == text,
    })
}

/// Who is here after all that was heard, us among them: an identity that stays, and what they are called.
fn is_listed(heard: &[Heard], us: Called) -> bool {
    let mut here: Vec<(String, String)> = Vec::new();
    for Heard { event, args, .. } in heard {
        let text = |at: usize| args.get(at).and_then(Value::as_str).unwrap_or_default().to_owned();
        match event.as_str() {
            "usersConected" | "usuarios-activos" => {
                here = rows(&args[0]).map(|row| (row.clone(), row)).collect();
            }
            "people" => {
                let people = args[0]["list"]["online"].as_array().into_iter().flatten();
                here = people
                    .map(|row| (row["key"].as_str().unwrap_or_default().to_owned(), row.to_string()))
                    .collect();
            }
            "came" => {
                here.push((args[0]["key"].as_str().unwrap_or_default().to_owned(), args[0].to_string()));
            }
            "connection" => here.push((text(0), text(0))),
            "updateUsers" => {
                here.iter_mut().filter(|(_, name)| *name == text(0)).for_each(|(_, name)| *name = text(1));
            }
            "logout" | "went" => here.retain(|(id, name)| *id != text(0) && *name != text(0)),
            _ => {}
        }
    }
    let is_peer = |name: &str| heard.iter().any(|heard| heard.id.as_deref() == Some(name));
    here.iter().any(|(_, name)| match us {
        Some(us) => name.contains(us),
        None => !is_peer(name) && !name.contains("Beto"),
    })
}

/// The rows of those who are online, however the list is written.
fn rows(list: &Value) -> impl Iterator<Item = String> {
    let places = ["/response/user", "/response", "/user", ""];
    let rows = places.iter().find_map(|place| list.pointer(place)?.as_array()).into_iter().flatten();
    rows.filter(|row| row["isConected"] != false)
        .map(|row| row.as_str().map_or_else(|| row.to_string(), ToOwned::to_owned))
}
