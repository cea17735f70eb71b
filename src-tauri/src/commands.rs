//! What the page may ask for. Each command hands over to the core and says nothing itself.

use crate::{page::Page, pictures};
use presente_core::{
    Command, Handle, SignInRequest, controller::AccountNumber, pictures::Pictures, session::NewPerson,
    settings::Presence, texts::Texts, view::View,
};
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use tauri::{Builder, Runtime, State, ipc::Channel};

/// The sign-in form as the page sends it.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Form {
    server: String,
    email: String,
    password: SecretText,
    keep: bool,
    plain_http: bool,
    #[serde(default)]
    first_name: String,
    #[serde(default)]
    last_name: String,
}

/// A password on its way in: it has no `Debug` that shows it.
struct SecretText(SecretString);

impl<'de> Deserialize<'de> for SecretText {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(|text| Self(SecretString::from(text)))
    }
}

impl Form {
    fn request(self, is_new: bool) -> Command {
        let person = NewPerson { first_name: self.first_name, last_name: self.last_name };
        Command::SignIn(Box::new(SignInRequest {
            server: self.server,
            email: self.email,
            password: self.password.0,
            keep: self.keep,
            plain_http: self.plain_http,
            new_person: is_new.then_some(person),
        }))
    }
}

/// The static texts of the page.
#[derive(Serialize)]
pub(crate) struct PageTexts {
    lang: &'static str,
    texts: BTreeMap<String, String>,
}

#[tauri::command]
#[expect(clippy::needless_pass_by_value, reason = "commands take their state by value")]
fn texts(texts: State<'_, Texts>) -> PageTexts {
    PageTexts { lang: texts.language(), texts: texts.all("page-") }
}

#[tauri::command]
async fn attach(
    core: State<'_, Handle>,
    page: State<'_, Page>,
    channel: Channel<View>,
    from: usize,
    len: usize,
) -> Result<(), ()> {
    page.attach(channel);
    core.tell(Command::Attach { from, len }).await;
    Ok(())
}

#[tauri::command]
async fn look(core: State<'_, Handle>, from: usize, len: usize) -> Result<(), ()> {
    core.tell(Command::Look { from, len }).await;
    Ok(())
}

#[tauri::command]
async fn sign_in(core: State<'_, Handle>, request: Form) -> Result<(), ()> {
    core.tell(request.request(false)).await;
    Ok(())
}

#[tauri::command]
async fn sign_up(core: State<'_, Handle>, request: Form) -> Result<(), ()> {
    core.tell(request.request(true)).await;
    Ok(())
}

#[tauri::command]
async fn cancel(core: State<'_, Handle>) -> Result<(), ()> {
    core.tell(Command::Cancel).await;
    Ok(())
}

#[tauri::command]
async fn set_presence(
    core: State<'_, Handle>,
    presence: Presence,
    account: Option<AccountNumber>,
) -> Result<(), ()> {
    core.tell(Command::SetPresence(presence, account)).await;
    Ok(())
}

#[tauri::command]
async fn sign_out(core: State<'_, Handle>, account: Option<AccountNumber>) -> Result<(), ()> {
    core.tell(Command::SignOut(account)).await;
    Ok(())
}

#[tauri::command]
async fn add_account(core: State<'_, Handle>) -> Result<(), ()> {
    core.tell(Command::AddAccount).await;
    Ok(())
}

#[tauri::command]
async fn say(
    core: State<'_, Handle>,
    account: AccountNumber,
    text: String,
    to: Option<String>,
) -> Result<(), ()> {
    core.tell(Command::Say { account, text, to }).await;
    Ok(())
}

#[tauri::command]
async fn seen(core: State<'_, Handle>) -> Result<(), ()> {
    core.tell(Command::Seen).await;
    Ok(())
}

#[tauri::command]
async fn learn(core: State<'_, Handle>) -> Result<(), ()> {
    core.tell(Command::Learn).await;
    Ok(())
}

#[tauri::command]
async fn learn_choose(core: State<'_, Handle>, proposal: usize) -> Result<(), ()> {
    core.tell(Command::LearnChoose(proposal)).await;
    Ok(())
}

#[tauri::command]
async fn learn_map(
    core: State<'_, Handle>,
    id: String,
    name: Vec<String>,
    email: Option<String>,
) -> Result<(), ()> {
    core.tell(Command::LearnMap { id, name, email }).await;
    Ok(())
}

#[tauri::command]
async fn learn_confirm(core: State<'_, Handle>, profile_name: String) -> Result<(), ()> {
    core.tell(Command::LearnConfirm(profile_name)).await;
    Ok(())
}

#[tauri::command]
async fn use_this_computer(core: State<'_, Handle>) -> Result<(), ()> {
    core.tell(Command::UseThisComputer).await;
    Ok(())
}

#[tauri::command]
async fn dismiss(core: State<'_, Handle>, notice: String) -> Result<(), ()> {
    core.tell(Command::Dismiss(notice)).await;
    Ok(())
}

/// The part of the app that the page can reach; the caller manages the [`Handle`] of a core.
pub fn builder<R: Runtime>(builder: Builder<R>, words: Texts, pictures: Pictures) -> Builder<R> {
    let builder = pictures::serve(builder, pictures);
    builder.manage(Page::default()).manage(words).invoke_handler(tauri::generate_handler![
        texts,
        attach,
        look,
        sign_in,
        sign_up,
        cancel,
        set_presence,
        sign_out,
        add_account,
        say,
        seen,
        learn,
        learn_choose,
        learn_map,
        learn_confirm,
        use_this_computer,
        dismiss
    ])
}

#[cfg(test)]
#[path = "commands_tests.rs"]
mod tests;
