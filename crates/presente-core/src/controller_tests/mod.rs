//! The controller against a server in memory, on paused time: what people see and what the server is asked.

mod accounts;
mod alerting;
mod connection;
mod field;
mod own;
mod people;
mod remembering;
mod stage;

use super::*;
use crate::{
    session::NewPerson,
    settings::{Presence, Settings},
    view::Screen,
};
use field::{Field, ME, SERVER};
use serde_json::json;
use stage::{Stage, request};

async fn signed_in(field: &Field) -> Stage {
    let mut stage = field.start();
    stage.sign_in("clave").await;
    stage.roster().await;
    stage
}

fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

#[tokio::test(start_paused = true)]
async fn signing_in_brings_the_roster_without_ourselves_and_without_alerts() {
    let field = Field::with_people(&["ana@x", "beto@x"]);
    field.comes("ana@x");
    let mut stage = field.start();
    stage.sign_in("clave").await;
    assert_eq!(stage.roster().await, ["ana"]);
    assert_eq!(stage.notified_within(seconds(1)).await, Vec::<String>::new());
    assert!(field.world().online.contains(ME));
}

#[tokio::test(start_paused = true)]
async fn who_comes_is_told_of_once_and_together_with_others() {
    let field = Field::with_people(&["ana@x", "beto@x", "carla@x"]);
    let mut stage = signed_in(&field).await;
    field.comes("ana@x");
    field.send_list();
    field.world().online.extend(["beto@x".to_owned(), "carla@x".to_owned()]);
    field.send_list();
    field.goes("ana@x");
    assert_eq!(stage.notified_within(seconds(1)).await, ["ana is online", "ana and 2 others are online"]);
}

#[tokio::test(start_paused = true)]
async fn appearing_offline_keeps_the_socket_and_online_again_signs_in_anew() {
    let field = Field::with_people(&[]);
    let mut stage = signed_in(&field).await;
    stage.core.tell(Command::Attach { from: 0, len: 20 }).await;
    stage.core.tell(Command::SetState(OwnAvailability::Invisible, None)).await;
    let view = stage.view("appearing offline", |view| view.roster.presence_text == "Appearing offline").await;
    assert!(!view.roster.presence_busy);
    assert!(!field.world().online.contains(ME), "signed out");
    assert_eq!(field.sockets(), 1, "and still listening");
    let lists = field.asked("emit user list");
    stage.core.tell(Command::SetState(OwnAvailability::Online, None)).await;
    stage.view("online again", |view| view.roster.presence_text == "Online").await;
    assert!(field.world().online.contains(ME), "signed in again");
    assert_eq!(field.asked("open"), 1, "the socket was kept");
    assert!(field.asked("emit user list") > lists, "everybody was told");
}

#[tokio::test(start_paused = true)]
async fn going_online_while_the_server_fails_and_then_the_socket_too_comes_right_in_the_end() {
    let field = Field::with_people(&[]);
    let mut stage = signed_in(&field).await;
    // An unstable connection: the waits between its attempts have grown beyond those between requests.
    for _ in 0..8 {
        field.closes_sockets();
        stage.roster().await;
    }
    stage.core.tell(Command::SetState(OwnAvailability::Invisible, None)).await;
    stage.notified_within(seconds(5)).await;
    field.world().down = true;
    stage.core.tell(Command::SetState(OwnAvailability::Online, None)).await;
    stage.notified_within(seconds(1)).await;
    assert_eq!(field.asked("sign in"), 2, "tried at once");
    field.closes_sockets();
    stage.notified_within(seconds(120)).await;
    let tries = field.asked("sign in");
    assert!((3..60).contains(&tries), "tried {tries} times in two minutes");
    field.world().down = false;
    stage.roster().await;
    assert!(field.world().online.contains(ME));
}

#[tokio::test(start_paused = true)]
async fn quitting_signs_out_and_tells_everybody() {
    let field = Field::with_people(&[]);
    let mut stage = signed_in(&field).await;
    stage.core.tell(Command::Shutdown).await;
    stage.next("the end", |update| (*update == Update::Stopped).then_some(())).await;
    assert!(!field.world().online.contains(ME));
    let asked = field.world().asked.clone();
    assert_eq!(asked.iter().rev().take(2).collect::<Vec<_>>(), ["emit user list", "sign out lucia@x"]);
    assert_eq!(field.world().settings.open_sessions, []);
}

#[tokio::test(start_paused = true)]
async fn quitting_does_not_wait_for_a_server_that_hangs_and_the_next_start_signs_out() {
    let field = Field::with_people(&[]);
    let mut stage = signed_in(&field).await;
    field.world().hangs = true;
    let began = Instant::now();
    stage.core.tell(Command::Shutdown).await;
    stage.next("the end", |update| (*update == Update::Stopped).then_some(())).await;
    assert!(began.elapsed() <= seconds(2), "took {:?}", began.elapsed());
    field.world().hangs = false;
    field.world().settings.accounts.clear();
    let mut stage = field.start();
    stage.notified_within(seconds(10)).await;
    assert!(!field.world().online.contains(ME), "the ghost was repaired");
    assert_eq!(field.world().settings.open_sessions, []);
}

#[tokio::test(start_paused = true)]
async fn a_session_that_is_being_asked_for_is_noted_before_the_answer_in_case_of_a_crash() {
    let field = Field::with_people(&[]);
    let mut stage = signed_in(&field).await;
    stage.notified_within(seconds(1)).await;
    stage.core.tell(Command::Shutdown).await;
    stage.next("the end", |update| matches!(update, Update::Stopped).then_some(())).await;
    assert_eq!(field.world().settings.open_sessions, []);
    field.world().hangs = true;
    let mut stage = field.start();
    stage.notified_within(seconds(1)).await;
    assert_eq!(field.asked("sign in"), 2, "it is being asked for");
    assert_eq!(field.world().settings.open_sessions.len(), 1);
    stage.crash().await;
}

#[tokio::test(start_paused = true)]
async fn after_a_crash_the_next_start_signs_in_from_the_keyring() {
    let field = Field::with_people(&[]);
    let mut stage = signed_in(&field).await;
    stage.notified_within(seconds(1)).await;
    stage.crash().await;
    field.closes_sockets();
    let mut stage = field.start();
    assert_eq!(stage.roster().await, Vec::<String>::new());
    assert_eq!(field.asked("sign in"), 2);
    assert!(field.world().online.contains(ME));
}

#[tokio::test(start_paused = true)]
async fn after_a_crash_while_wishing_to_appear_offline_the_next_start_does_not_show_us() {
    let field = Field::with_people(&[]);
    let mut stage = signed_in(&field).await;
    stage.notified_within(seconds(1)).await;
    field.world().settings.accounts[0].presence = Presence::Offline;
    stage.crash().await;
    field.closes_sockets();
    let mut stage = field.start();
    stage.roster().await;
    stage.notified_within(seconds(1)).await;
    assert_eq!(field.asked("sign in"), 1, "nobody signed in again");
    assert!(!field.world().online.contains(ME), "what the crash left was signed out");
}

#[tokio::test(start_paused = true)]
async fn a_kept_account_whose_password_is_gone_is_signed_out_and_asks_for_it() {
    let field = Field::with_people(&[]);
    let mut stage = signed_in(&field).await;
    stage.notified_within(seconds(1)).await;
    stage.crash().await;
    field.world().no_keyring = true;
    let mut stage = field.start();
    stage.core.tell(Command::Attach { from: 0, len: 20 }).await;
    let view = stage.view("the form", |view| !view.notices.is_empty()).await;
    assert_eq!((view.screen, view.sign_in.email.as_str()), (Screen::SignIn, ME));
    assert_eq!(view.notices[0].id, "no-keyring");
    stage.notified_within(seconds(5)).await;
    assert!(!field.world().online.contains(ME), "the ghost was repaired");
}

#[tokio::test(start_paused = true)]
async fn a_lost_connection_greys_the_list_and_its_return_raises_no_alert() {
    let field = Field::with_people(&["ana@x", "beto@x"]);
    field.comes("ana@x");
    let mut stage = signed_in(&field).await;
    stage.core.tell(Command::Attach { from: 0, len: 20 }).await;
    field.world().down = true;
    field.closes_sockets();
    let view = stage.view("a greyed list", |view| view.roster.stale).await;
    let banner = view.roster.banner.unwrap();
    assert!(banner.text.contains("Trying again"), "{banner:?}");
    assert!(banner.strong.unwrap().starts_with("The list is as of"));
    assert_eq!(view.roster.total, 2, "the list is kept");
    field.world().down = false;
    field.world().online.insert("beto@x".to_owned());
    assert_eq!(stage.roster().await, ["ana", "beto"]);
    assert_eq!(stage.notified_within(seconds(1)).await, Vec::<String>::new());
}

#[tokio::test(start_paused = true)]
async fn a_server_that_falls_silent_behind_an_open_socket_is_left_and_found_again() {
    let field = Field::with_people(&[]);
    let mut stage = signed_in(&field).await;
    field.world().silent = true;
    let began = Instant::now();
    let lost = |update: &Update| matches!(update, Update::Connection { state: ConnectionState::Offline, .. });
    stage.next("the loss", |update| lost(update).then_some(())).await;
    assert!(began.elapsed() <= seconds(90), "noticed after {:?}", began.elapsed());
    field.world().silent = false;
    stage.roster().await;
    assert_eq!(field.sockets(), 1, "the silent socket was closed");
}

#[tokio::test(start_paused = true)]
async fn an_outage_of_a_day_is_borne_with_few_attempts_and_no_end() {
    let field = Field::with_people(&[]);
    let mut stage = signed_in(&field).await;
    field.world().down = true;
    field.closes_sockets();
    let before = field.asked("open");
    stage.notified_within(seconds(24 * 3600)).await;
    let attempts = field.asked("open") - before;
    assert!((2_800..20_000).contains(&attempts), "{attempts} attempts in a day of 86,400 seconds");
    field.world().down = false;
    stage.roster().await;
}

#[tokio::test(start_paused = true)]
async fn a_wrong_password_is_told_in_the_servers_words_and_nothing_typed_is_lost() {
    let field = Field::with_people(&[]);
    let mut stage = field.start();
    stage.core.tell(Command::Attach { from: 0, len: 20 }).await;
    stage.sign_in("otra").await;
    assert_eq!(stage.rejected().await, Problem::Refused { message: "Clave incorrecta".to_owned() });
    let view = stage.view("the form with its problem", |view| view.sign_in.problem.is_some()).await;
    let form = view.sign_in;
    assert_eq!((form.server.as_str(), form.email.as_str(), form.busy), (SERVER, ME, false));
    assert_eq!(form.problem.unwrap().text, "Clave incorrecta");
    stage.sign_in("clave").await;
    stage.roster().await;
}

#[tokio::test(start_paused = true)]
async fn a_typed_server_that_is_not_there_is_told_at_once() {
    let field = Field::with_people(&[]);
    field.world().down = true;
    let mut stage = field.start();
    stage.sign_in("clave").await;
    assert_eq!(stage.rejected().await.code(), "unreachable");
    assert_eq!(field.asked("sign in"), 1);
}

#[tokio::test(start_paused = true)]
async fn a_kept_account_goes_on_trying_and_shows_why() {
    let field = Field::with_people(&[]);
    let mut stage = signed_in(&field).await;
    stage.notified_within(seconds(1)).await;
    stage.crash().await;
    field.world().down = true;
    let mut stage = field.start();
    stage.core.tell(Command::Attach { from: 0, len: 20 }).await;
    let view = stage.view("the banner", |view| view.roster.banner.is_some()).await;
    assert_eq!(view.screen, Screen::Roster);
    assert!(view.roster.banner.unwrap().text.starts_with("Nothing answers at localhost:4000"));
    field.world().down = false;
    stage.roster().await;
}

#[tokio::test(start_paused = true)]
async fn without_a_keyring_the_session_lives_in_memory_and_the_person_is_told() {
    let field = Field::with_people(&[]);
    field.world().no_keyring = true;
    let mut stage = signed_in(&field).await;
    stage.core.tell(Command::Attach { from: 0, len: 20 }).await;
    let view = stage.view("the notice", |view| !view.notices.is_empty()).await;
    assert_eq!((view.screen, view.notices[0].id.as_str()), (Screen::Roster, "no-keyring"));
    assert_eq!(field.world().settings.accounts, [], "nothing promises to sign in by itself");
    stage.core.tell(Command::Dismiss("no-keyring".to_owned())).await;
    stage.view("no notice", |view| view.notices.is_empty()).await;
}

#[tokio::test(start_paused = true)]
async fn starting_with_the_session_is_shown_as_it_is_where_it_cannot_be_changed() {
    let field = Field::with_people(&[]);
    let mut stage = signed_in(&field).await;
    stage.core.tell(Command::Desktop { lines: Vec::new(), starts_at_login: Some(false) }).await;
    stage.core.tell(Command::Attach { from: 0, len: 20 }).await;
    stage.core.tell(Command::OpenSettings).await;
    let wanted = SettingsChange { start_at_login: Some(true), ..SettingsChange::default() };
    stage.core.tell(Command::ChangeSettings(Box::new(wanted))).await;
    let starts =
        |view: &crate::view::View| view.settings.as_ref().is_some_and(|is| is.start_at_login == Some(true));
    stage.view("the switch as it was moved", starts).await;
    stage.core.tell(Command::StartNotChanged(false, "No space left".to_owned())).await;
    let view = stage.view("the switch as it is", |view| !starts(view)).await;
    assert_eq!(view.notices[0].id, "start-not-changed");
    assert!(view.notices[0].text.contains("No space left"), "{}", view.notices[0].text);
}

#[tokio::test(start_paused = true)]
async fn an_expired_token_is_renewed_and_a_refusal_of_the_new_one_is_no_loop() {
    let field = Field::with_people(&[]);
    field.world().good_tokens.insert("none of ours".to_owned());
    let mut stage = signed_in(&field).await;
    field.world().good_tokens.retain(|token| token == "none of ours");
    field.closes_sockets();
    stage.roster().await;
    assert_eq!(field.asked("sign in"), 2, "the token was renewed");
    field.world().refuses_sockets = true;
    field.closes_sockets();
    assert_eq!(stage.rejected().await, Problem::Refused { message: "Token caducado".to_owned() });
    let asked = field.world().asked.len();
    stage.notified_within(seconds(3600)).await;
    let later: Vec<String> = field.world().asked[asked..].to_vec();
    assert!(later.iter().all(|asked| asked.starts_with("sign out")), "nothing but leaving: {later:?}");
    assert!(!field.world().online.contains(ME), "the session that the server holds was signed out");
}

#[tokio::test(start_paused = true)]
async fn a_list_that_lacks_us_makes_us_sign_in_again_as_often_as_that_helps_but_not_in_a_hurry() {
    let field = Field::with_people(&[]);
    let mut stage = signed_in(&field).await;
    // What came in a hurry is mended with a later list, before the third time.
    for (pause, sign_ins) in [(20, 2), (1, 2), (120, 4)] {
        stage.notified_within(seconds(pause)).await;
        field.world().online.remove(ME);
        field.send_list();
        stage.notified_within(seconds(1)).await;
        assert_eq!(field.asked("sign in"), sign_ins, "after another {pause} s");
    }
}

#[tokio::test(start_paused = true)]
async fn a_server_that_never_lists_us_is_not_signed_in_to_again_and_again() {
    let field = Field::with_people(&["ana@x"]);
    field.world().hides_asker = true;
    field.comes("ana@x");
    let mut stage = signed_in(&field).await;
    stage.notified_within(seconds(3600)).await;
    assert_eq!(field.asked("sign in"), 2, "once more, and no more");
}

#[tokio::test(start_paused = true)]
async fn a_list_that_cannot_be_read_leaves_the_last_good_one() {
    let field = Field::with_people(&["ana@x"]);
    field.comes("ana@x");
    let mut stage = signed_in(&field).await;
    stage.core.tell(Command::Attach { from: 0, len: 20 }).await;
    field.say("usersConected", &json!({"response": "nada"}));
    let view = stage.view("the banner", |view| view.roster.banner.is_some()).await;
    assert_eq!(view.roster.total, 2);
    field.send_list();
    stage.view("no banner", |view| view.roster.banner.is_none()).await;
}

#[tokio::test(start_paused = true)]
async fn cancelling_a_sign_in_leaves_no_session_behind() {
    let field = Field::with_people(&[]);
    let mut stage = field.start();
    stage.sign_in("clave").await;
    stage.core.tell(Command::Cancel).await;
    stage.notified_within(seconds(5)).await;
    assert!(!field.world().online.contains(ME), "asked: {:?}", field.world().asked);
}

#[tokio::test(start_paused = true)]
async fn signing_out_forgets_the_account_and_its_secret() {
    let field = Field::with_people(&[]);
    let mut stage = signed_in(&field).await;
    stage.core.tell(Command::Attach { from: 0, len: 20 }).await;
    stage.core.tell(Command::SignOut(None)).await;
    stage.view("the form", |view| view.screen == Screen::SignIn).await;
    stage.notified_within(seconds(1)).await;
    assert!(!field.world().online.contains(ME));
    assert_eq!(field.world().settings.accounts, []);
    stage.crash().await;
    let mut stage = field.start();
    stage.notified_within(seconds(5)).await;
    assert_eq!(field.asked("sign in"), 1, "nobody signs in by itself any more");
}

#[tokio::test(start_paused = true)]
async fn a_new_account_is_made_and_then_signed_in() {
    let field = Field::with_people(&[]);
    let mut stage = field.start();
    let person = NewPerson { first_name: "Nora".to_owned(), last_name: String::new() };
    let new = SignInRequest { email: "nora@x".to_owned(), new_person: Some(person), ..request("clave") };
    stage.core.tell(Command::SignIn(Box::new(new.clone()))).await;
    stage.roster().await;
    assert_eq!(field.world().asked[..2], ["sign up nora@x", "sign in nora@x"]);
    stage.crash().await;
    field.world().settings = Settings::default();
    let mut stage = field.start();
    stage.core.tell(Command::SignIn(Box::new(new))).await;
    assert_eq!(stage.rejected().await, Problem::Refused { message: "Ya existe".to_owned() });
}

#[tokio::test(start_paused = true)]
async fn a_page_that_comes_back_sees_the_roster_at_once_without_asking_the_server() {
    let field = Field::with_people(&["ana@x"]);
    field.comes("ana@x");
    let mut stage = signed_in(&field).await;
    stage.core.tell(Command::Attach { from: 0, len: 20 }).await;
    stage.view("the roster", |view| view.roster.total == 2).await;
    stage.core.tell(Command::Detach).await;
    let told = stage.notified_within(seconds(1)).await;
    assert_eq!(told, ["Presente goes on in the tray"]);
    let asked = field.world().asked.len();
    stage.core.tell(Command::Attach { from: 0, len: 20 }).await;
    stage.view("the roster again", |view| view.roster.total == 2).await;
    assert_eq!(field.world().asked.len(), asked);
    stage.core.tell(Command::Detach).await;
    assert_eq!(stage.notified_within(seconds(1)).await.len(), 1, "said only the first time");
}

#[tokio::test(start_paused = true)]
async fn a_message_of_the_server_is_passed_on() {
    let field = Field::with_people(&[]);
    let mut stage = signed_in(&field).await;
    field.say("saludo", &json!({"emisor": "Servidor", "mensaje": "Hola"}));
    let text = stage.next("a message", |update| match update {
        Update::Message(_, message) => Some((message.from.clone(), message.text.clone())),
        _ => None,
    });
    assert_eq!(text.await, ("Servidor".to_owned(), "Hola".to_owned()));
}
