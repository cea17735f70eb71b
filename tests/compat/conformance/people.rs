//! What people do over HTTP, whatever their socket's library.

use anyhow::{Context, Result, ensure};
use presente_tests::node::SeedUser;
use reqwest::{Client, RequestBuilder};
use serde_json::{Value, json};

pub(super) fn ana() -> SeedUser {
    SeedUser { password: "clave de ana".to_owned(), ..SeedUser::new("ana@example.org", "Ana", "Ríos") }
}

pub(super) fn beto() -> SeedUser {
    SeedUser { password: "clave de beto".to_owned(), ..SeedUser::new("beto@example.org", "Beto", "Núñez") }
}

pub(super) fn carla() -> SeedUser {
    SeedUser { password: "clave de carla".to_owned(), ..SeedUser::new("carla@example.org", "Carla", "Paz") }
}

/// The routes of a server.
pub(super) struct Routes {
    http: Client,
    url: String,
}

impl Routes {
    pub(super) fn of(url: &str) -> Result<Self> {
        Ok(Self { http: Client::builder().no_proxy().build()?, url: url.to_owned() })
    }

    fn post(&self, route: &str, body: &Value) -> RequestBuilder {
        self.http.post(format!("{}/api/auth/{route}", self.url)).json(body)
    }

    pub(super) async fn sign_up(&self, user: &SeedUser) -> Result<()> {
        let person = json!({"firstName": user.first_name, "lastName": user.last_name, "email": user.email,
                            "password": user.password, "from": "signup"});
        let request = self.post("signUp", &json!({ "newUser": person }));
        let answer: Value = request.send().await?.json().await?;
        ensure!(answer["success"] == true && answer["message"].is_string(), "{answer}");
        Ok(())
    }

    /// The token.
    pub(super) async fn sign_in(&self, user: &SeedUser) -> Result<String> {
        let words = |password: &str| json!({"logedUser": {"email": user.email, "password": password, "from": "signup"}});
        let wrong: Value = self.post("signIn", &words("otra clave")).send().await?.json().await?;
        ensure!(wrong["success"] == false && wrong["message"].is_string(), "{wrong}");
        let answer: Value = self.post("signIn", &words(&user.password)).send().await?.json().await?;
        ensure!(answer["success"] == true, "{answer}");
        ensure!(answer["response"]["userData"]["email"] == user.email.as_str(), "whose sign-in is this?");
        Ok(answer["response"]["token"].as_str().context("no token")?.to_owned())
    }

    /// Signs out: with a token this device, or all of them; without one as the field does it.
    pub(super) async fn sign_out(
        &self,
        user: &SeedUser,
        token: Option<&str>,
        everywhere: bool,
    ) -> Result<()> {
        let mut body = json!({ "closeuser": user.email });
        if everywhere {
            body["everywhere"] = json!(true);
        }
        let mut request = self.post("signOut", &body);
        if let Some(token) = token {
            request = request.header("x-token", token);
        }
        let answer: Value = request.send().await?.json().await?;
        ensure!(answer.is_null(), "{answer}");
        Ok(())
    }
}
