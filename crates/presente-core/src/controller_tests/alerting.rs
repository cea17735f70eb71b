//! Alerts as the shell gets them: what is told, taken away, run and remembered.

use super::*;
use crate::{
    alerts::{AlertSettings, Occasion, Often, Rule, TellOf},
    people::{Person, PersonKey},
    server_url::ServerUrl,
    settings::OpenSession,
};
use jiff::SignedDuration;

const STEP: u64 = 5;

/// Lets time pass, on the clock on the wall too, in steps that do not look like sleep.
async fn pass(field: &Field, stage: &mut Stage, time: u64) {
    for _ in 0..time.div_ceil(STEP) {
        stage.notified_within(seconds(STEP)).await;
        field.world().wall += SignedDuration::from_secs(5);
    }
    // The clock on the wall has moved on just now.
    stage.notified_within(seconds(1)).await;
}

/// What is told and taken away, in order, since this was asked last.
fn noticed(stage: &mut Stage) -> Vec<String> {
    let line = |update: Update| match update {
        Update::Notify(note) => Some(format!("{}: {}", note.tag, note.title)),
        Update::Withdraw(tag) => Some(format!("{tag} goes away")),
        Update::RunCommand { argv, env } => Some(format!("{argv:?} {env:?}")),
        _ => None,
    };
    stage.seen.drain(..).filter_map(line).collect()
}

fn noted(rule: Rule) -> Person {
    let server = ServerUrl::parse(SERVER).unwrap();
    let session = OpenSession { server, email: ME.to_owned() };
    Person { rule: Some(rule), ..Person::new(PersonKey::new(&session, "5ana@x")) }
}

fn often(often: Often) -> Rule {
    Rule { often, ..Rule::default() }
}

#[tokio::test(start_paused = true)]
async fn an_alert_says_what_it_is_about_and_is_taken_away_when_it_is_not_true_any_more() {
    let field = Field::with_people(&["ana@x"]);
    let mut stage = signed_in(&field).await;
    field.comes("ana@x");
    let told = stage.next("an alert", |update| match update {
        Update::Notify(note) => Some(note.clone()),
        _ => None,
    });
    let note = told.await;
    let target = note.target.clone().expect("whose page it opens");
    assert_eq!((note.title.as_str(), note.body.as_str()), ("ana is online", "localhost:4000"));
    assert_eq!((note.category, note.urgency, note.sound), ("presence.online", Urgency::Normal, false));
    assert_eq!(note.tag, format!("p:{}:{}", target.0.number(), target.1));
    pass(&field, &mut stage, 60).await;
    field.goes("ana@x");
    pass(&field, &mut stage, 5).await;
    noticed(&mut stage);
    pass(&field, &mut stage, 10).await;
    assert_eq!(noticed(&mut stage), [format!("{} goes away", note.tag)], "after the hold");
}

#[tokio::test(start_paused = true)]
async fn who_is_awaited_is_told_of_once_and_that_is_remembered() {
    let field = Field::with_people(&["ana@x"]);
    let rule = often(Often::Once).in_place_of(&often(Often::Never));
    field.world().settings.people = vec![noted(rule)];
    field.comes("ana@x");
    let mut stage = signed_in(&field).await;
    assert_eq!(stage.notified_within(seconds(1)).await, ["ana is here already"]);
    assert_eq!(field.world().settings.people, [noted(often(Often::Never))]);
}

#[tokio::test(start_paused = true)]
async fn the_rule_of_a_group_and_its_command_hold_at_once() {
    let field = Field::with_people(&["ana@x"]);
    let ana = Person { group: Some("Work".to_owned()), rule: None, ..noted(Rule::default()) };
    field.world().settings.people = vec![ana];
    let mut stage = signed_in(&field).await;
    let nobody = AlertSettings {
        tell_of: TellOf::Nobody,
        allow_commands: true,
        hold: 5_000,
        ..AlertSettings::default()
    };
    let change = SettingsChange { alerts: Some(nobody), ..SettingsChange::default() };
    let command = Some(vec!["lamp".to_owned()]);
    let rule = Rule { command, when: [Occasion::Comes].into(), ..often(Often::Always) };
    stage.core.tell(Command::SetGroupRule("Work".to_owned(), Some(rule.clone()))).await;
    stage.core.tell(Command::ChangeSettings(Box::new(change))).await;
    stage.notified_within(seconds(1)).await;
    let kept = field.world().settings.alerts.clone();
    assert_eq!((kept.groups.get("Work"), kept.hold), (Some(&rule), 60), "kept, and within bounds");
    noticed(&mut stage);
    field.comes("ana@x");
    stage.notified_within(seconds(1)).await;
    let [run, told] = &noticed(&mut stage)[..] else { panic!("a command and an alert") };
    let env = r#"["lamp"] [("PRESENTE_NAME", "ana"), ("PRESENTE_EVENT", "comes"), ("PRESENTE_SERVER", "localhost:4000")]"#;
    assert_eq!(run, env);
    assert!(told.ends_with("ana is online"), "{told}");
}

#[tokio::test(start_paused = true)]
async fn who_was_missed_in_a_snooze_or_while_we_were_not_to_be_disturbed_is_told_of_afterwards() {
    let field = Field::with_people(&["ana@x", "beto@x"]);
    let mut stage = signed_in(&field).await;
    stage.core.tell(Command::Snooze(Some(1))).await;
    field.comes("ana@x");
    pass(&field, &mut stage, 50).await;
    assert_eq!(noticed(&mut stage), Vec::<String>::new());
    pass(&field, &mut stage, 15).await;
    assert_eq!(noticed(&mut stage), ["missed: While alerts were quiet: ana came"]);
    stage.core.tell(Command::SetState(OwnAvailability::DoNotDisturb, None)).await;
    stage.notified_within(seconds(1)).await;
    field.comes("beto@x");
    pass(&field, &mut stage, 60).await;
    assert_eq!(noticed(&mut stage), Vec::<String>::new());
    stage.core.tell(Command::SetState(OwnAvailability::Online, None)).await;
    stage.notified_within(seconds(1)).await;
    assert_eq!(noticed(&mut stage), ["missed: While alerts were quiet: beto came"]);
    let log = {
        stage.core.tell(Command::Attach { from: 0, len: 20 }).await;
        stage.core.tell(Command::OpenAbout).await;
        let view = stage.view("the page about the app", |view| view.about.is_some()).await;
        view.about.unwrap().alerts.into_iter().map(|happening| happening.text).collect::<Vec<_>>()
    };
    assert_eq!(
        log,
        [
            "While alerts were quiet: beto came · told",
            "beto is online · not told: do not disturb",
            "While alerts were quiet: ana came · told",
            "ana is online · not told: alerts were paused",
        ]
    );
}
