//! The server of a variant: one of the field, or our own.

use super::{
    driver::{ana, beto},
    variants::{Kind, Variant},
};
use anyhow::{Context, Result, bail, ensure};
use presente_tests::{
    node::DialectServer,
    presente_server::{Options, PresenteServer},
    wait::{PATIENCE, until_with_state},
};
use serde_json::{Value, json};

pub(super) enum Server {
    Field(DialectServer),
    Ours(PresenteServer),
}

impl Server {
    pub(super) async fn start(variant: &Variant) -> Result<Self> {
        Ok(match &variant.kind {
            Kind::Field(builder) => Self::Field(builder.clone().start().await?),
            Kind::Ours { open } => Self::Ours(ours(*open).await?),
        })
    }

    pub(super) fn url(&self) -> &str {
        match self {
            Self::Field(server) => server.url(),
            Self::Ours(server) => server.url(),
        }
    }

    /// That it still runs: some servers end on what they do not understand.
    pub(super) fn still_runs(&mut self) -> Result<()> {
        let process = match self {
            Self::Field(server) => server.process(),
            Self::Ours(server) => server.process(),
        };
        match process.exit_status() {
            None => Ok(()),
            Some(status) => bail!("the server ended ({status}): {}", process.stderr().text()),
        }
    }

    /// Our identity there.
    pub(super) async fn our_id(&self) -> Result<String> {
        let Self::Field(server) = self else { bail!("our own server is not asked") };
        let users = server.users().await?;
        let user = users.into_iter().find(|user| user.email == ana().email);
        Ok(user.context("the server does not know us")?.id)
    }

    /// Waits until nothing of us is left there: neither in the list nor a socket.
    pub(super) async fn is_rid_of_us(&self) -> Result<()> {
        let Self::Field(server) = self else { return Ok(()) };
        until_with_state("the server to be rid of us", PATIENCE, async || {
            let here = server.here().await.map_err(|error| error.to_string())?;
            let sockets = server.log().await.map_err(|error| error.to_string())?.sockets;
            // Beto is still there.
            if here.len() == 1 && sockets == 1 { Ok(()) } else { Err(format!("{here:?}, {sockets} sockets")) }
        })
        .await
    }
}

/// A server of our own that knows both.
async fn ours(open: bool) -> Result<PresenteServer> {
    let server = PresenteServer::start(Options { open, ..Options::default() }).await?;
    let http = reqwest::Client::builder().no_proxy().build()?;
    for user in [ana(), beto()] {
        let person = json!({"firstName": user.first_name, "lastName": user.last_name, "email": user.email,
                            "password": user.password, "from": "signup"});
        let request = http.post(format!("{}/api/auth/signUp", server.url()));
        let answer: Value = request.json(&json!({ "newUser": person })).send().await?.json().await?;
        ensure!(answer["success"] == true, "{answer}");
    }
    Ok(server)
}
