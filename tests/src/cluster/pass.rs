//! What a sign-in over HTTP gives.

use std::fmt;

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};

use crate::node::SeedUser;

/// A device that has signed in: its token, which is not shown.
#[derive(Clone)]
pub struct Pass {
    pub(super) token: String,
    url: String,
    email: String,
}

impl Pass {
    /// Signs in.
    ///
    /// # Errors
    /// When the server refuses.
    pub async fn sign_in(url: &str, user: &SeedUser) -> Result<Self> {
        let body = json!({"logedUser": {"email": user.email, "password": user.password, "from": "test"}});
        let answer = post(&format!("{url}/api/auth/signIn"), None, &body).await?;
        let token = answer.pointer("/response/token").and_then(Value::as_str);
        let token = token.with_context(|| format!("{} is not let in: {answer}", user.email))?.to_owned();
        Ok(Self { token, url: url.to_owned(), email: user.email.clone() })
    }

    /// Signs out: this device, or all of its person.
    ///
    /// # Errors
    /// When the server refuses.
    pub async fn sign_out(&self, everywhere: bool) -> Result<()> {
        let body = json!({"closeuser": self.email, "everywhere": everywhere});
        let answer = post(&format!("{}/api/auth/signOut", self.url), Some(&self.token), &body).await?;
        ensure!(answer.is_null(), "{} is not signed out: {answer}", self.email);
        Ok(())
    }
}

impl fmt::Debug for Pass {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pass").field("url", &self.url).field("email", &self.email).finish_non_exhaustive()
    }
}

/// What the server answers to `body`.
pub(super) async fn post(url: &str, token: Option<&str>, body: &Value) -> Result<Value> {
    let mut request = reqwest::Client::builder().no_proxy().build()?.post(url).json(body);
    if let Some(token) = token {
        request = request.header("x-token", token);
    }
    Ok(request.send().await?.json().await?)
}
