//! What the page may ask for, as it crosses from the window: a closed set of words, each of which becomes a
//! [`Command`].

pub mod process;

use crate::{
    alerts::Rule,
    controller::{AccountNumber, Command, PersonNote, SettingsChange},
    form::SignInRequest,
    history::{ExportFormat, TimelineSpan},
    session::NewPerson,
    settings::Sort,
};
use presente_wire::OwnAvailability;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// What the page may ask for.
#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "ask", rename_all = "snake_case", rename_all_fields = "camelCase")]
#[expect(missing_docs, reason = "each is the command of the same name, with the same parts")]
pub enum Ask {
    Attach { from: usize, len: usize },
    Look { from: usize, len: usize, pins: Vec<String> },
    Search { text: String },
    Sort { by: Sort },
    Fold { section: String, folded: bool },
    SignIn { request: Form },
    SignUp { request: Form },
    Cancel,
    SetState { state: OwnAvailability, account: Option<AccountNumber> },
    SetStatusLine { line: String, account: Option<AccountNumber> },
    StatusLineOffered,
    Snooze { minutes: Option<u16> },
    SignOut { account: Option<AccountNumber> },
    AddAccount,
    Say { account: AccountNumber, text: String, to: Option<String> },
    Seen,
    Learn,
    LearnChoose { proposal: usize },
    LearnMap { id: String, name: Vec<String>, email: Option<String> },
    LearnConfirm { profile_name: String },
    UseThisComputer,
    Dismiss { notice: String },
    OpenContact { account: AccountNumber, id: String },
    OpenSettings,
    OpenAbout,
    Back,
    Note { account: AccountNumber, id: String, note: PersonNote },
    SetGroupRule { group: String, rule: Option<Rule> },
    ChangeSettings { change: SettingsChange },
    ShowSpan { span: TimelineSpan },
    ExportHistory { format: ExportFormat, account: Option<AccountNumber>, id: Option<String> },
    ForgetHistory { account: Option<AccountNumber>, id: Option<String> },
    CloseWindow,
    Quit,
}

/// The sign-in form as the page sends it.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Form {
    server: String,
    email: String,
    password: Password,
    keep: bool,
    plain_http: bool,
    #[serde(default)]
    first_name: String,
    #[serde(default)]
    last_name: String,
}

/// A password on its way from the page: `Debug` does not show it.
#[derive(Debug)]
struct Password(SecretString);

impl<'de> Deserialize<'de> for Password {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(|text| Self(SecretString::from(text)))
    }
}

/// It goes on to the process that has the core, through a socket that only the two of them hold.
impl Serialize for Password {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.expose_secret().serialize(serializer)
    }
}

impl Form {
    fn into_command(self, is_new: bool) -> Command {
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

impl From<Ask> for Command {
    fn from(ask: Ask) -> Self {
        match ask {
            Ask::Attach { from, len } => Self::Attach { from, len },
            Ask::Look { from, len, pins } => Self::Look { from, len, pins },
            Ask::Search { text } => Self::Search(text),
            Ask::Sort { by } => Self::Sort(by),
            Ask::Fold { section, folded } => Self::Fold { section, folded },
            Ask::SignIn { request } => request.into_command(false),
            Ask::SignUp { request } => request.into_command(true),
            Ask::Cancel => Self::Cancel,
            Ask::SetState { state, account } => Self::SetState(state, account),
            Ask::SetStatusLine { line, account } => Self::SetStatusLine(line, account),
            Ask::StatusLineOffered => Self::StatusLineOffered,
            Ask::Snooze { minutes } => Self::Snooze(minutes),
            Ask::SignOut { account } => Self::SignOut(account),
            Ask::AddAccount => Self::AddAccount,
            Ask::Say { account, text, to } => Self::Say { account, text, to },
            Ask::Seen => Self::Seen,
            Ask::Learn => Self::Learn,
            Ask::LearnChoose { proposal } => Self::LearnChoose(proposal),
            Ask::LearnMap { id, name, email } => Self::LearnMap { id, name, email },
            Ask::LearnConfirm { profile_name } => Self::LearnConfirm(profile_name),
            Ask::UseThisComputer => Self::UseThisComputer,
            Ask::Dismiss { notice } => Self::Dismiss(notice),
            Ask::OpenContact { account, id } => Self::OpenContact(account, id),
            Ask::OpenSettings => Self::OpenSettings,
            Ask::OpenAbout => Self::OpenAbout,
            Ask::Back => Self::Back,
            Ask::Note { account, id, note } => Self::Note(account, id, note),
            Ask::SetGroupRule { group, rule } => Self::SetGroupRule(group, rule),
            Ask::ChangeSettings { change } => Self::ChangeSettings(Box::new(change)),
            Ask::ShowSpan { span } => Self::ShowSpan(span),
            Ask::ExportHistory { format, account, id } => Self::ExportHistory(format, account.zip(id)),
            Ask::ForgetHistory { account, id } => Self::ForgetHistory(account.zip(id)),
            // Its process closes it; what is left of that for the core is that no page is there.
            Ask::CloseWindow => Self::Detach,
            Ask::Quit => Self::Shutdown,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Ask, serde_json::Error> {
        serde_json::from_str(text)
    }

    #[test]
    fn what_the_page_asks_becomes_the_command_of_that_name() {
        let look = r#"{"ask": "look", "from": 3, "len": 20, "pins": ["c1"]}"#;
        assert!(matches!(read(look).unwrap().into(), Command::Look { from: 3, len: 20, .. }));
        let one = r#"{"ask": "forget_history", "account": 2, "id": "7"}"#;
        let Command::ForgetHistory(who) = read(one).unwrap().into() else { panic!("another command") };
        assert_eq!(who, Some((AccountNumber(2), "7".to_owned())));
        let all = r#"{"ask": "forget_history", "account": null, "id": null}"#;
        assert!(matches!(read(all).unwrap().into(), Command::ForgetHistory(None)));
        let dnd = r#"{"ask": "set_state", "state": "dnd", "account": null}"#;
        assert!(matches!(read(dnd).unwrap().into(), Command::SetState(OwnAvailability::DoNotDisturb, None)));
        assert!(matches!(read(r#"{"ask": "quit"}"#).unwrap().into(), Command::Shutdown));
    }

    #[test]
    fn what_is_none_of_these_words_is_refused() {
        for text in
            ["{}", r#"{"ask": "shutdown"}"#, r#"{"ask": "look", "from": -1, "len": 2, "pins": []}"#, "[]"]
        {
            assert!(read(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_password_is_in_no_error_and_no_debug() {
        let error =
            read(r#"{"ask": "sign_in", "request": {"server": 5, "password": "secreto"}}"#).unwrap_err();
        assert!(!error.to_string().contains("secreto"), "{error}");
        let form = r#"{"ask": "sign_in", "request": {"server": "s", "email": "e", "password": "secreto", "keep": true, "plainHttp": false}}"#;
        let ask = read(form).unwrap();
        assert!(!format!("{ask:?}").contains("secreto"));
        let sent = serde_json::to_string(&ask).unwrap();
        assert!(matches!(read(&sent).unwrap().into(), Command::SignIn(_)));
    }
}
