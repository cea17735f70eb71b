//! A server that nobody has a profile for is learnt: by the assistant's commands and by `presente-cli learn`; then it is
//! known, after a restart too.

use crate::{
    dialects::driver::{Core, Home, people, remembered},
    watch::{Watch, at_home},
};
use anyhow::Result;
use presente_core::{
    Command,
    profile::Profile,
    view::{LearnPhase, LearnView, Screen, View},
};
use presente_tests::{
    binaries::{self, binary},
    node::{Dialect, DialectServer},
    process::{Process, Signal},
    wait::PATIENCE,
};
use serde_json::Value;
use std::{
    path::{Path, PathBuf},
    process,
};

/// A server with two people who stay.
async fn hall() -> DialectServer {
    let server = DialectServer::start(Dialect::Invented, &[]).await.unwrap();
    server.join("Eva").await.unwrap();
    server.join("Félix").await.unwrap();
    server
}

/// Waits until the form offers to learn.
async fn is_offered(core: &mut Core) {
    assert_eq!(core.rejected().await.unwrap(), "unknown-dialect");
    core.shows("the offer to learn", |view| view.sign_in.can_learn.then_some(())).await.unwrap();
}

/// Waits until the assistant shows what fits.
async fn learns<T>(core: &mut Core, what: &str, fits: impl Fn(&LearnView) -> Option<T>) -> T {
    let of_view = |view: &View| if view.screen == Screen::Learn { fits(view.learn.as_ref()?) } else { None };
    core.shows(what, of_view).await.unwrap()
}

fn names(learn: &LearnView) -> Vec<&str> {
    learn.preview.iter().map(|person| person.name.as_str()).collect()
}

/// That there is one profile, and that it reads that server.
fn is_the_only_profile(folder: &Path, name: &str) {
    let files: Vec<PathBuf> = std::fs::read_dir(folder).unwrap().map(|file| file.unwrap().path()).collect();
    assert_eq!(files.len(), 1, "{files:?}");
    let profile = Profile::from_toml(&std::fs::read_to_string(&files[0]).unwrap()).unwrap();
    assert_eq!((profile.name.as_str(), profile.roster.snapshot), (name, vec!["who.is.here".to_owned()]));
}

/// Follows somebody who comes and goes.
async fn follows(core: &mut Core, server: &DialectServer, name: &str) -> Result<()> {
    core.shows_person("Eva", true).await?;
    server.join(name).await?;
    core.shows_person(name, true).await?;
    server.leave(name).await?;
    core.shows_person(name, false).await?;
    Ok(())
}

#[tokio::test]
async fn the_assistant_learns_a_server_like_no_other_and_a_restart_knows_it() {
    let server = hall().await;
    let home = Home::new();
    let mut core = home.start();
    core.sign_in(server.url(), "", "").await;
    is_offered(&mut core).await;
    core.tell(Command::Learn).await;
    let is_there =
        |learn: &LearnView| learn.proposals.iter().position(|one| one.label.contains("who.is.here"));
    let at = learns(&mut core, "the list among the proposals", is_there).await;
    assert_eq!(at, 0, "it is the first that is proposed");
    // The noise of the server is shown too, for whoever knows better.
    let noise = |learn: &LearnView| {
        let has =
            |name: &str| learn.events.iter().any(|event| event.name == name && !event.sample.is_empty());
        (has("tick") && has("rooms") && learn.phase == LearnPhase::Choosing).then(|| learn.clone())
    };
    let learn = learns(&mut core, "all events", noise).await;
    assert_eq!((learn.id.as_str(), &learn.name[..]), ("id", &["/profile/display".to_owned()][..]));
    assert!(names(&learn).contains(&"Eva"), "{:?}", learn.preview);

    core.tell(Command::LearnChoose(at)).await;
    let map = |name: &[&str]| Command::LearnMap {
        id: "id".to_owned(),
        name: name.iter().map(|field| (*field).to_owned()).collect(),
        email: None,
    };
    core.tell(map(&["id"])).await;
    let numbers = |learn: &LearnView| (learn.name == ["id"] && !names(learn).contains(&"Eva")).then_some(());
    learns(&mut core, "people called by numbers", numbers).await;
    core.tell(map(&["/profile/display"])).await;
    learns(&mut core, "people called by name", |learn| names(learn).contains(&"Eva").then_some(())).await;

    core.tell(Command::LearnConfirm("The hall".to_owned())).await;
    core.roster().await.unwrap();
    follows(&mut core, &server, "Carla").await.unwrap();
    is_the_only_profile(&home.profiles(), "The hall");
    assert_eq!(remembered(&home).unwrap(), "The hall");
    core.quit().await.unwrap();

    let before = server.log().await.unwrap();
    let mut core = home.start();
    core.attach().await;
    core.roster().await.unwrap();
    follows(&mut core, &server, "Dora").await.unwrap();
    let log = server.log().await.unwrap();
    assert_eq!(log.handshakes.len(), before.handshakes.len() + 1, "it is not looked at again");
    core.quit().await.unwrap();
}

#[tokio::test]
async fn a_profile_that_was_learnt_is_found_at_another_server_of_the_kind() {
    let (server, other) = (hall().await, hall().await);
    let home = Home::new();
    let mut core = home.start();
    core.sign_in(server.url(), "", "").await;
    is_offered(&mut core).await;
    core.tell(Command::Learn).await;
    learns(&mut core, "a proposal", |learn| names(learn).contains(&"Eva").then_some(())).await;
    core.tell(Command::LearnConfirm("The hall".to_owned())).await;
    core.roster().await.unwrap();
    core.tell(Command::SignOut(None)).await;
    core.shows("the form", |view| (view.screen == Screen::SignIn).then_some(())).await.unwrap();
    core.sign_in(other.url(), "", "").await;
    core.roster().await.unwrap();
    follows(&mut core, &other, "Carla").await.unwrap();
    assert_eq!(home.settings().servers.len(), 2);
}

#[tokio::test]
async fn learning_that_is_given_up_leaves_nothing_behind() {
    let server = hall().await;
    let home = Home::new();
    let mut core = home.start();
    core.sign_in(server.url(), "", "").await;
    is_offered(&mut core).await;
    core.tell(Command::Learn).await;
    learns(&mut core, "a proposal", |learn| names(learn).contains(&"Eva").then_some(())).await;
    core.tell(Command::Cancel).await;
    core.shows("the form", |view| (view.screen == Screen::SignIn).then_some(())).await.unwrap();
    presente_tests::wait::until("the socket to be closed", PATIENCE, async || {
        server.log().await.ok().filter(|log| log.sockets == 0)
    })
    .await
    .unwrap();
    assert!(!home.profiles().exists(), "nothing was kept");
    let told_of_people = core.shows("nobody", |view| (people(view).count() == 0).then_some(()));
    told_of_people.await.unwrap();
    // The form is free for something else.
    let reference = DialectServer::start(Dialect::Nickname, &[]).await.unwrap();
    core.sign_in(reference.url(), "Ana", "").await;
    core.roster().await.unwrap();
}

/// `presente-cli learn` in a home of its own, which is given too.
fn learn(url: &str, options: &[&str], home: Option<&Path>) -> (Process, PathBuf) {
    let mut command = process::Command::new(binary(binaries::CLI).unwrap());
    command.args(["learn", url, "--for", "4"]).args(options).env("LC_ALL", "en_GB.UTF-8");
    let own = at_home(&mut command);
    if let Some(home) = home {
        command.env("HOME", home);
    }
    (Process::start("presente-cli learn", &mut command).unwrap(), home.map_or(own, Path::to_owned))
}

fn profiles(home: &Path) -> PathBuf {
    home.join(".config/presente/profiles")
}

/// `presente-cli watch` in that home.
fn watch(url: &str, home: &Path) -> Watch {
    let mut command = process::Command::new(binary(binaries::CLI).unwrap());
    command.args(["watch", "--json", "--server", url]).env("LC_ALL", "en_GB.UTF-8");
    at_home(&mut command);
    Watch::launch(command.env("HOME", home))
}

/// That the terminal reads that server now, the first time and every time.
async fn is_watched(server: &DialectServer, home: &Path) {
    for name in ["Carla", "Dora"] {
        let mut watch = watch(server.url(), home);
        let contacts = watch.roster().await;
        assert!(contacts.iter().any(|contact| contact["name"] == "Eva"), "{contacts:?}");
        server.join(name).await.unwrap();
        let is = |line: &Value, event: &str| line["event"] == event && line["contact"]["name"] == name;
        watch.next("somebody coming", |line| is(line, "online")).await;
        server.leave(name).await.unwrap();
        watch.next("somebody going", |line| is(line, "offline")).await;
        watch.signal(Signal::Term);
        assert!(watch.ended().await.unwrap().success(), "{}", watch.complaints());
    }
}

#[tokio::test]
async fn the_terminal_learns_without_a_question_and_watches_from_then_on() {
    let server = hall().await;
    let (mut learning, home) = learn(server.url(), &["--yes", "--name", "hall"], None);
    let status = learning.ended(PATIENCE).await.unwrap();
    let said = learning.stdout().text();
    assert!(status.success(), "{said}\n{}", learning.stderr().text());
    for word in ["who.is.here", "/data/room/members", "Eva", "Félix", "Saved as"] {
        assert!(said.contains(word), "{word:?} is not in {said}");
    }
    is_the_only_profile(&profiles(&home), "hall");
    is_watched(&server, &home).await;

    let (mut again, _) = learn(server.url(), &["--yes"], Some(&home));
    assert!(again.ended(PATIENCE).await.unwrap().success());
    assert!(again.stdout().text().contains("nothing to learn"), "{}", again.stdout().text());
}

#[tokio::test]
async fn the_terminal_asks_and_takes_what_it_is_answered() {
    let server = hall().await;
    let (mut learning, home) = learn(server.url(), &[], None);
    // The list; no; identity, name, no address; yes; the name of the profile.
    for answer in ["1", "n", "id", "/profile/display", "-", "y", "sala"] {
        learning.write_line(answer).unwrap();
    }
    let status = learning.ended(PATIENCE).await.unwrap();
    let said = learning.stdout().text();
    assert!(status.success(), "{said}\n{}", learning.stderr().text());
    assert!(said.contains("Eva") && said.contains("(identity 1)"), "{said}");
    is_the_only_profile(&profiles(&home), "sala");
    is_watched(&server, &home).await;
}

#[tokio::test]
async fn questions_that_nobody_answers_leave_nothing_behind() {
    let server = hall().await;
    let (mut silent, silent_home) = learn(server.url(), &[], None);
    silent.close_input();
    let (mut wrong, wrong_home) = learn(server.url(), &[], None);
    wrong.write_line("99").unwrap();
    for (learning, home, word) in
        [(&mut silent, silent_home, "--yes"), (&mut wrong, wrong_home, "there is no number 99")]
    {
        assert_eq!(learning.ended(PATIENCE).await.unwrap().code(), Some(1));
        assert!(learning.stderr().text().contains(word), "{}", learning.stderr().text());
        assert!(!profiles(&home).exists(), "nothing was kept");
    }
}

#[tokio::test]
async fn watching_a_server_like_no_other_ends_with_what_to_do() {
    let server = hall().await;
    let mut command = process::Command::new(binary(binaries::CLI).unwrap());
    command.args(["watch", "--server", server.url()]).env("LC_ALL", "en_GB.UTF-8");
    at_home(&mut command);
    let mut unknown = Watch::launch(&mut command);
    assert_eq!(unknown.ended().await.unwrap().code(), Some(1));
    assert!(unknown.complaints().contains("presente-cli learn"), "{}", unknown.complaints());
}
