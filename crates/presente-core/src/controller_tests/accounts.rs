//! Several accounts at once: each for itself, all in one roster.

use super::{
    field::{Field, ME, SERVER},
    stage::{Stage, request},
};
use crate::{
    Command, SignInRequest, Update,
    controller::AccountNumber,
    feed::Delivery,
    link::{Connector, Link, LinkEvent, LinkRequest},
    session::{Credentials, NewPerson, SessionError, Sessions, SignedIn, Target},
    view::{RowView, Screen, Shape, View},
};
use async_trait::async_trait;
use presente_wire::{Answer, OwnAvailability, Position};
use secrecy::SecretString;
use std::{sync::Arc, time::Duration};
use tokio::sync::mpsc;

const OTHER_SERVER: &str = "http://localhost:5000";

/// Two servers, each reached at its own address.
#[derive(Clone)]
struct TwoServers {
    here: Field,
    there: Field,
}

impl TwoServers {
    fn with_people(here: &[&str], there: &[&str]) -> Self {
        Self { here: Field::with_people(here), there: Field::with_people(there) }
    }

    fn at(&self, server: &crate::server_url::ServerUrl) -> &Field {
        if server.to_string().starts_with(SERVER) { &self.here } else { &self.there }
    }

    fn start(&self) -> Stage {
        self.here.start_with(Arc::new(self.clone()), Arc::new(self.clone()))
    }

    /// Signed in at both, and the page attached.
    async fn signed_in(&self) -> Stage {
        let mut stage = self.start();
        stage.core.tell(Command::Attach { from: 0, len: 60 }).await;
        stage.sign_in("clave").await;
        stage.roster().await;
        stage.core.tell(Command::AddAccount).await;
        stage.view("the form", |view| view.screen == Screen::SignIn && view.sign_in.can_close).await;
        stage.core.tell(Command::SignIn(Box::new(there("clave")))).await;
        stage.view("both accounts", both_connected).await;
        stage
    }
}

fn there(password: &str) -> SignInRequest {
    SignInRequest { server: OTHER_SERVER.to_owned(), ..request(password) }
}

#[async_trait]
impl Sessions for TwoServers {
    async fn sign_in(
        &self,
        target: &Target,
        who: &Credentials,
        token: Option<&SecretString>,
    ) -> Result<SignedIn, SessionError> {
        self.at(&target.server).sign_in(target, who, token).await
    }

    async fn sign_out(
        &self,
        target: &Target,
        email: &str,
        token: Option<&SecretString>,
    ) -> Result<(), SessionError> {
        self.at(&target.server).sign_out(target, email, token).await
    }

    async fn sign_up(
        &self,
        target: &Target,
        who: &Credentials,
        person: &NewPerson,
    ) -> Result<(), SessionError> {
        self.at(&target.server).sign_up(target, who, person).await
    }

    async fn fetch_list(
        &self,
        target: &Target,
        path: &str,
        from: Option<Position>,
        token: Option<&SecretString>,
    ) -> Result<Answer, SessionError> {
        self.at(&target.server).fetch_list(target, path, from, token).await
    }
}

impl Connector for TwoServers {
    fn open(&self, request: LinkRequest, events: mpsc::Sender<LinkEvent>) -> Box<dyn Link> {
        self.at(&request.server).open(request, events)
    }
}

/// The heads of the groups: the server, our shape there, and whether its list is greyed.
fn heads(view: &View) -> Vec<(String, Shape, bool)> {
    view.roster
        .rows
        .iter()
        .filter_map(|row| match row {
            RowView::Account { name, shape, stale, .. } => Some((name.clone(), *shape, *stale)),
            _ => None,
        })
        .collect()
}

fn people(view: &View) -> Vec<(&str, bool)> {
    view.roster
        .rows
        .iter()
        .filter_map(|row| match row {
            RowView::Contact { name, stale, .. } => Some((name.as_str(), *stale)),
            _ => None,
        })
        .collect()
}

fn both_connected(view: &View) -> bool {
    heads(view).iter().filter(|(_, shape, stale)| *shape == Shape::Online && !stale).count() == 2
}

fn account(view: &View, server: &str) -> AccountNumber {
    view.roster.accounts.iter().find(|account| account.server == server).expect("the account").account
}

#[tokio::test(start_paused = true)]
async fn a_server_that_fails_greys_its_own_people_and_disturbs_nobody_elses() {
    let servers = TwoServers::with_people(&["ana@x"], &["beto@y"]);
    servers.here.comes("ana@x");
    servers.there.comes("beto@y");
    let mut stage = servers.signed_in().await;
    servers.there.world().down = true;
    servers.there.closes_sockets();
    let greyed =
        stage.view("one of the two greyed", |view| heads(view).iter().any(|(_, _, stale)| *stale)).await;
    assert_eq!(
        heads(&greyed),
        [
            ("localhost:4000".to_owned(), Shape::Online, false),
            ("localhost:5000".to_owned(), Shape::Cut, true)
        ]
    );
    assert_eq!(people(&greyed), [("ana", false), ("beto", true)]);
    servers.here.comes("carla@x");
    let told = stage.notified_within(Duration::from_secs(5)).await;
    assert!(told.iter().any(|title| title.contains("carla")), "the other goes on: {told:?}");
    assert_eq!(servers.here.asked("open"), 1, "the other's connection was not touched");
    servers.there.world().down = false;
    stage.view("both again", both_connected).await;
}

#[tokio::test(start_paused = true)]
async fn signing_out_of_one_leaves_the_other_as_it_was() {
    let servers = TwoServers::with_people(&[], &[]);
    let mut stage = servers.signed_in().await;
    let view = stage.view_now().await;
    stage.core.tell(Command::SignOut(Some(account(&view, "localhost:5000")))).await;
    let view = stage.view("one account", |view| view.roster.accounts.len() == 1).await;
    assert_eq!(view.roster.accounts[0].server, "localhost:4000");
    assert!(!servers.there.world().online.contains(ME) && servers.here.world().online.contains(ME));
    assert_eq!(servers.here.asked("sign out"), 0);
    let kept: Vec<String> =
        servers.here.world().settings.accounts.iter().map(|kept| kept.server.label()).collect();
    assert_eq!(kept, ["localhost:4000"]);
}

#[tokio::test(start_paused = true)]
async fn presence_is_chosen_for_all_or_for_one_and_the_next_start_keeps_it() {
    let servers = TwoServers::with_people(&[], &[]);
    let mut stage = servers.signed_in().await;
    let view = stage.view_now().await;
    let other = account(&view, "localhost:5000");
    stage.core.tell(Command::SetState(OwnAvailability::Invisible, Some(other))).await;
    let view = stage
        .view("hidden at one", |view| heads(view).iter().any(|(_, shape, _)| *shape == Shape::Offline))
        .await;
    assert_eq!(view.roster.presence_text, "Online at 1 of 2");
    assert!(!servers.there.world().online.contains(ME) && servers.here.world().online.contains(ME));

    stage.notified_within(Duration::from_secs(1)).await;
    stage.crash().await;
    servers.here.closes_sockets();
    servers.there.closes_sockets();
    let mut stage = servers.start();
    stage.core.tell(Command::Attach { from: 0, len: 60 }).await;
    stage
        .view("as it was", |view| {
            let shapes: Vec<_> = heads(view).into_iter().map(|(_, shape, _)| shape).collect();
            shapes == [Shape::Online, Shape::Offline]
        })
        .await;
    assert!(!servers.there.world().online.contains(ME), "a start shows nobody who wants not to be seen");

    stage.core.tell(Command::SetState(OwnAvailability::Online, None)).await;
    stage.view("online at both", both_connected).await;
    assert!(servers.there.world().online.contains(ME));
}

#[tokio::test(start_paused = true)]
async fn an_account_that_is_refused_says_why_in_the_form_and_the_others_go_on() {
    let servers = TwoServers::with_people(&[], &[]);
    let mut stage = servers.start();
    stage.core.tell(Command::Attach { from: 0, len: 60 }).await;
    stage.sign_in("clave").await;
    stage.roster().await;
    stage.core.tell(Command::AddAccount).await;
    stage.core.tell(Command::SignIn(Box::new(there("otra")))).await;
    let view = stage.view("the refusal", |view| view.sign_in.problem.is_some()).await;
    assert_eq!(view.screen, Screen::SignIn);
    assert_eq!(view.sign_in.problem.unwrap().text, "Clave incorrecta");
    stage.core.tell(Command::Cancel).await;
    let view = stage.view("the roster", |view| view.screen == Screen::Roster).await;
    assert_eq!(view.roster.accounts.len(), 1);
    assert_eq!(servers.here.asked("open"), 1);
}

#[tokio::test(start_paused = true)]
async fn the_same_account_is_not_signed_in_twice() {
    let servers = TwoServers::with_people(&[], &[]);
    let mut stage = servers.signed_in().await;
    stage.core.tell(Command::AddAccount).await;
    stage.core.tell(Command::SignIn(Box::new(there("clave")))).await;
    assert_eq!(stage.rejected().await.code(), "signed-in-already");
    assert_eq!(servers.there.asked("sign in"), 1);
}

#[tokio::test(start_paused = true)]
async fn leaving_signs_out_everywhere_even_where_one_server_hangs() {
    let servers = TwoServers::with_people(&[], &[]);
    let mut stage = servers.signed_in().await;
    servers.there.world().hangs = true;
    stage.core.tell(Command::Shutdown).await;
    stage.next("the end", |update| matches!(update, Update::Stopped).then_some(())).await;
    assert!(!servers.here.world().online.contains(ME));
    assert_eq!(
        servers.here.world().settings.open_sessions.len(),
        1,
        "what hangs is mended at the next start"
    );
}

#[tokio::test(start_paused = true)]
async fn what_we_say_goes_through_the_account_it_was_said_to_and_is_told_to_be_delivered() {
    let servers = TwoServers::with_people(&[], &[]);
    let mut stage = servers.signed_in().await;
    let view = stage.view_now().await;
    let account = account(&view, "localhost:5000");
    stage.core.tell(Command::Say { account, text: " A las\ndiez ".to_owned(), to: None }).await;
    let delivery = stage
        .next("a delivery", |update| match update {
            Update::Delivery { account, text, delivery } => Some((*account, text.clone(), *delivery)),
            _ => None,
        })
        .await;
    assert_eq!(delivery, (account, "A las diez".to_owned(), Delivery::Delivered));
    assert_eq!((servers.there.asked("ask enviar-mensaje"), servers.here.asked("ask")), (1, 0));
    let view = stage.view("it in the messages", |view| !view.roster.messages.items.is_empty()).await;
    let message = &view.roster.messages.items[0];
    assert_eq!((message.ours, message.text.as_str()), (true, "A las diez"));

    servers.there.world().silent = true;
    stage.core.tell(Command::Say { account, text: "¿Hola?".to_owned(), to: None }).await;
    let delivery = stage
        .next("another delivery", |update| match update {
            Update::Delivery { delivery, .. } => Some(*delivery),
            _ => None,
        })
        .await;
    assert_eq!(delivery, Delivery::Unconfirmed);

    stage.core.tell(Command::Say { account, text: "  ".to_owned(), to: None }).await;
    stage.core.tell(Command::Say { account: AccountNumber::NONE, text: "x".to_owned(), to: None }).await;
    stage.notified_within(Duration::from_secs(1)).await;
    assert_eq!(servers.there.asked("ask"), 2, "nothing is sent without a text or an account");
}
