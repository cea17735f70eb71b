//! What a person at an unmodified client sees: the lists, one after the other.

use std::{collections::BTreeSet, time::Duration};

use anyhow::{Context, Result, bail};
use serde_json::Value;

use super::Pass;
use crate::{
    node::{FieldClient, FieldClientBuilder, Heard, SeedUser, Transport},
    wait::{PATIENCE, until_with_state},
};

/// Who is in a list as it was heard, by e-mail address.
#[must_use]
pub fn listed(list: &Value) -> BTreeSet<String> {
    let users = list.pointer("/response/user").and_then(Value::as_array).into_iter().flatten();
    users.filter_map(|user| user.get("email")?.as_str().map(str::to_owned)).collect()
}

/// A signed-in `socket.io-client` of which every list is noted. It looks when it is asked to.
#[derive(Debug)]
pub struct Eyes {
    client: FieldClient,
    read: usize,
    /// The lists since the last [`forget`](Self::forget).
    seen: Vec<BTreeSet<String>>,
    /// Other events, as they came.
    heard: Vec<Heard>,
    pass: Option<Pass>,
}

impl Eyes {
    /// Opens them: starts a client, and waits until it is signed in and connected.
    ///
    /// # Errors
    /// When it is refused, or cannot connect.
    pub async fn open(client: FieldClientBuilder) -> Result<Self> {
        let client = client.with_token().start().await?;
        Ok(Self { client, read: 0, seen: Vec::new(), heard: Vec::new(), pass: None })
    }

    /// Signs somebody in at a server and opens eyes with the token; with it they can [sign out](Self::sign_out) again.
    ///
    /// # Errors
    /// When the server refuses, or the client cannot connect.
    pub async fn sign_in(url: &str, user: &SeedUser) -> Result<Self> {
        let pass = Pass::sign_in(url, user).await?;
        let client = FieldClient::builder(url, user).first_transport(Transport::WebSocket);
        let mut eyes = Self::open(client.own_token(&pass.token)).await?;
        eyes.pass = Some(pass);
        Ok(eyes)
    }

    /// Signs out this device. Its socket stays, as in the field.
    ///
    /// # Errors
    /// When it has not [signed in](Self::sign_in) itself, or the server refuses.
    pub async fn sign_out(&mut self) -> Result<()> {
        self.pass.as_ref().context("they have not signed in by themselves")?.sign_out(false).await
    }

    /// The client, to speak with it or to end it.
    pub fn client(&mut self) -> &mut FieldClient {
        &mut self.client
    }

    /// Reads on to now.
    ///
    /// # Errors
    /// When the client says what it should not.
    pub fn look(&mut self) -> Result<()> {
        let lines = self.client.process().stdout().since(self.read);
        self.read += lines.len();
        for line in lines {
            let heard: Heard =
                serde_json::from_str(&line).with_context(|| format!("not of client.mjs: {line}"))?;
            match heard.args.first() {
                Some(list) if heard.event == "usersConected" => self.seen.push(listed(list)),
                _ => self.heard.push(heard),
            }
        }
        Ok(())
    }

    /// The list as it is on the screen; `None` before the first one since [`forget`](Self::forget).
    ///
    /// # Errors
    /// As [`look`](Self::look).
    pub fn list(&mut self) -> Result<Option<&BTreeSet<String>>> {
        self.look()?;
        Ok(self.seen.last())
    }

    /// Forgets all that was seen and heard: the next list is the first. What is on the screen stays unless `all`.
    ///
    /// # Errors
    /// As [`look`](Self::look).
    pub fn forget(&mut self, all: bool) -> Result<()> {
        self.look()?;
        let last = self.seen.pop().filter(|_| !all);
        self.seen = last.into_iter().collect();
        self.heard.clear();
        Ok(())
    }

    /// Every list since [`forget`](Self::forget) has had all of these: nobody flapped.
    ///
    /// # Errors
    /// When one has not.
    pub fn never_missed(&mut self, people: &[&str]) -> Result<()> {
        self.look()?;
        for person in people {
            if let Some(list) = self.seen.iter().find(|list| !list.contains(*person)) {
                bail!("{person} was gone for a moment: {list:?}");
            }
        }
        Ok(())
    }

    /// Waits until exactly `expected` are listed.
    ///
    /// # Errors
    /// When that does not come true within `timeout`, or within 20 s.
    pub async fn see(&mut self, expected: &BTreeSet<String>, timeout: Option<Duration>) -> Result<()> {
        let what = format!("the list {expected:?}");
        until_with_state(&what, timeout.unwrap_or(PATIENCE), async || match self.list() {
            Ok(Some(list)) if list == expected => Ok(()),
            Ok(list) => Err(format!("{list:?}")),
            Err(error) => Err(format!("{error:#}")),
        })
        .await
    }

    /// How often something else was heard since [`forget`](Self::forget).
    ///
    /// # Errors
    /// As [`look`](Self::look).
    pub fn times(&mut self, fits: impl Fn(&Heard) -> bool) -> Result<usize> {
        self.look()?;
        Ok(self.heard.iter().filter(|heard| fits(heard)).count())
    }

    /// Waits for something else that is heard.
    ///
    /// # Errors
    /// When it does not come within 20 s.
    pub async fn hear(&mut self, what: &str, fits: impl Fn(&Heard) -> bool) -> Result<Heard> {
        until_with_state(what, PATIENCE, async || {
            self.look().map_err(|error| format!("{error:#}"))?;
            self.heard.iter().find(|heard| fits(heard)).cloned().ok_or_else(|| format!("{:?}", self.heard))
        })
        .await
    }
}
