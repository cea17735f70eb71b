//! Who was online when, as it is handed over to be kept, and as it is shown.

use super::{
    field::{Field, ME, SERVER},
    seconds,
    stage::Stage,
};
use crate::{
    Command, Update,
    controller::{AccountNumber, PersonNote, SettingsChange},
    history::{
        ExportFormat, HistoryStore, Past, Record, Span, SpanState, SqliteHistory, TimelineSpan, Watch,
        shelf::Shelf,
    },
    people::PersonKey,
    server_url::ServerUrl,
    settings::OpenSession,
    view::{ContactView, RowView},
};
use jiff::{SignedDuration, Timestamp};
use std::sync::{Arc, atomic::Ordering};

const NOON: &str = "2026-11-16T12:00:00Z";

struct Room {
    field: Field,
    shelf: Arc<Shelf>,
}

impl Room {
    fn with_people(people: &[&str]) -> Self {
        let (field, shelf) = (Field::with_people(people), Arc::<Shelf>::default());
        field.world().history = Some(shelf.clone() as Arc<dyn HistoryStore>);
        field.world().wall = NOON.parse().unwrap();
        Self { field, shelf }
    }

    async fn signed_in(&self) -> Stage {
        let mut stage = self.field.start();
        stage.core.tell(Command::Attach { from: 0, len: 20 }).await;
        stage.sign_in("clave").await;
        stage.roster().await;
        stage.notified_within(seconds(1)).await;
        stage
    }

    /// Lets time go on, on both clocks.
    async fn pass(&self, stage: &mut Stage, minutes: u64) {
        for _ in 0..minutes * 12 {
            self.field.world().wall += SignedDuration::from_secs(5);
            stage.notified_within(seconds(5)).await;
        }
    }

    /// What was handed over so far: minutes since noon, and what.
    fn written(&self) -> Vec<String> {
        let noon: Timestamp = NOON.parse().unwrap();
        let minute = |at: &Timestamp| at.duration_since(noon).as_mins();
        let names = |people: &[crate::history::Seen]| {
            let name = |seen: &crate::history::Seen| match seen.state {
                Some(_) => format!("+{}", seen.contact.name),
                None => format!("-{}", seen.contact.name),
            };
            people.iter().map(name).collect::<Vec<_>>().join(" ")
        };
        let said = |record: &Record| {
            Some(match record {
                Record::Began { at, online, .. } => format!("{} began {}", minute(at), names(online)),
                Record::Changed { at, people, .. } => format!("{} changed {}", minute(at), names(people)),
                Record::Kept { at, now, .. } => {
                    format!("{} kept {}", minute(at), names(std::slice::from_ref(now)))
                }
                Record::Ended { at, .. } => format!("{} ended", minute(at)),
                Record::Renamed { at, was, .. } => format!("{} renamed {was}", minute(at)),
                Record::GoesOn { .. } | Record::Moved { .. } => return None,
            })
        };
        self.shelf.records().iter().filter_map(said).map(|words| words.trim_end().to_owned()).collect()
    }

    fn goes_on(&self) -> usize {
        self.shelf.records().iter().filter(|record| matches!(record, Record::GoesOn { .. })).count()
    }

    fn asked(&self, what: &str) -> usize {
        self.shelf.asked.lock().unwrap().iter().filter(|asked| asked.starts_with(what)).count()
    }
}

/// The number of the only account, and the identity of one of its people.
async fn contact(stage: &mut Stage, name: &str) -> (AccountNumber, String) {
    let view = stage.view_now().await;
    let found = view.roster.rows.iter().find_map(|row| match row {
        RowView::Contact { account, id, name: its, .. } if its == name => Some((*account, id.clone())),
        _ => None,
    });
    found.unwrap_or_else(|| panic!("{name} is not in {:?}", view.roster.rows))
}

async fn page(stage: &mut Stage, what: &str, fits: impl Fn(&ContactView) -> bool) -> ContactView {
    let view = stage.view(what, |view| view.contact.as_ref().is_some_and(&fits)).await;
    view.contact.unwrap()
}

#[tokio::test(start_paused = true)]
async fn who_comes_and_goes_is_handed_over_and_a_lost_connection_is_nobody_going() {
    let room = Room::with_people(&["ana@x", "beto@x"]);
    room.field.comes("ana@x");
    let mut stage = room.signed_in().await;
    room.pass(&mut stage, 1).await;
    room.field.comes("beto@x");
    room.pass(&mut stage, 1).await;
    room.field.goes("ana@x");
    room.pass(&mut stage, 2).await;
    room.field.world().down = true;
    room.field.closes_sockets();
    room.pass(&mut stage, 6).await;
    room.field.world().down = false;
    room.pass(&mut stage, 2).await;
    stage.core.tell(Command::Shutdown).await;
    stage.next("the end", |update| (*update == Update::Stopped).then_some(())).await;
    let written = room.written();
    assert_eq!(written[..4], ["0 began +ana", "1 changed +beto", "2 changed -ana", "4 ended"]);
    assert!(written[4].ends_with("began +beto") && !written[4].starts_with("4 "), "{written:?}");
    assert_eq!(written[5..], ["12 ended"]);
    assert!((5..=9).contains(&room.goes_on()), "once a minute while watched: {}", room.goes_on());
    assert_eq!(room.asked("close"), 1);
}

#[tokio::test(start_paused = true)]
async fn a_machine_that_slept_saw_nobody_meanwhile() {
    let room = Room::with_people(&["ana@x"]);
    room.field.comes("ana@x");
    let mut stage = room.signed_in().await;
    room.pass(&mut stage, 3).await;
    room.field.world().wall += SignedDuration::from_hours(8);
    room.pass(&mut stage, 2).await;
    let written = room.written();
    assert_eq!(written[..2], ["0 began +ana", "3 ended"]);
    assert!(written[2].ends_with("began +ana") && written[2].starts_with("48"), "{written:?}");
}

#[tokio::test(start_paused = true)]
async fn nothing_is_kept_while_it_is_off_and_it_begins_anew_when_it_is_on() {
    let room = Room::with_people(&["ana@x", "beto@x"]);
    room.field.comes("ana@x");
    let mut stage = room.signed_in().await;
    let switch = |on| Box::new(SettingsChange { history_enabled: Some(on), ..SettingsChange::default() });
    stage.core.tell(Command::ChangeSettings(switch(false))).await;
    room.pass(&mut stage, 1).await;
    room.field.comes("beto@x");
    room.pass(&mut stage, 2).await;
    assert_eq!(room.written(), ["0 began +ana", "0 ended"]);
    stage.core.tell(Command::ChangeSettings(switch(true))).await;
    room.pass(&mut stage, 1).await;
    assert_eq!(room.written()[2..], ["3 began +ana +beto"]);
    assert!(room.field.world().settings.history.enabled, "and that is remembered");
}

#[tokio::test(start_paused = true)]
async fn who_is_left_out_is_in_nothing_that_is_kept() {
    let room = Room::with_people(&["ana@x", "beto@x"]);
    room.field.comes("ana@x");
    room.field.comes("beto@x");
    let mut stage = room.signed_in().await;
    let (account, ana) = contact(&mut stage, "ana").await;
    stage.core.tell(Command::Note(account, ana.clone(), PersonNote::History(false))).await;
    room.pass(&mut stage, 1).await;
    room.field.goes("ana@x");
    room.field.comes("ana@x");
    room.field.goes("beto@x");
    room.pass(&mut stage, 1).await;
    assert_eq!(room.written(), ["0 began +ana +beto", "0 changed -ana", "1 changed -beto"]);
    room.field.closes_sockets();
    room.pass(&mut stage, 1).await;
    assert!(room.written().last().unwrap().ends_with("began"), "{:?}", room.written());
    stage.core.tell(Command::Note(account, ana, PersonNote::History(true))).await;
    room.pass(&mut stage, 1).await;
    assert!(room.written().last().unwrap().ends_with("kept +ana"), "{:?}", room.written());
}

#[tokio::test(start_paused = true)]
async fn what_is_forgotten_is_begun_anew() {
    let room = Room::with_people(&["ana@x"]);
    room.field.comes("ana@x");
    let mut stage = room.signed_in().await;
    let (account, ana) = contact(&mut stage, "ana").await;
    stage.core.tell(Command::ForgetHistory(Some((account, ana.clone())))).await;
    room.pass(&mut stage, 1).await;
    stage.core.tell(Command::ForgetHistory(None)).await;
    room.pass(&mut stage, 1).await;
    assert_eq!(room.written(), ["0 began +ana", "0 kept +ana", "1 began +ana"]);
    assert_eq!((room.asked(&format!("forget {ana}")), room.asked("forget all")), (1, 1));
}

#[tokio::test(start_paused = true)]
async fn the_page_of_a_contact_shows_the_past_and_follows_it() {
    let room = Room::with_people(&["ana@x", "beto@x"]);
    room.field.comes("ana@x");
    let noon: Timestamp = NOON.parse().unwrap();
    *room.shelf.past.lock().unwrap() = Past {
        spans: vec![Span {
            state: SpanState::Online,
            from: noon - SignedDuration::from_hours(1),
            until: None,
        }],
        watched: vec![Watch { from: noon - SignedDuration::from_hours(20), until: noon }],
    };
    let mut stage = room.signed_in().await;
    let (account, ana) = contact(&mut stage, "ana").await;
    stage.core.tell(Command::OpenContact(account, ana)).await;
    let shown = page(&mut stage, "a timeline", |contact| contact.timeline.is_some()).await;
    let timeline = shown.timeline.unwrap();
    assert_eq!((timeline.span, timeline.rows.len()), (TimelineSpan::Today, 1));
    assert!(
        timeline.rows[0].segments.iter().any(|segment| segment.words.ends_with("–now online")),
        "{timeline:?}"
    );
    assert!(shown.usual.unwrap().empty.is_none());
    stage.core.tell(Command::ShowSpan(TimelineSpan::Week)).await;
    let week = |contact: &ContactView| contact.timeline.as_ref().is_some_and(|shown| shown.rows.len() == 7);
    page(&mut stage, "a week", week).await;
    let read = room.asked("past");
    room.pass(&mut stage, 3).await;
    let later = room.asked("past");
    assert!((read + 2..=read + 5).contains(&later), "read {read} times, then {later}");
    stage.core.tell(Command::Back).await;
    stage.view("the list", |view| view.contact.is_none()).await;
    let read = room.asked("past");
    room.pass(&mut stage, 3).await;
    assert_eq!(room.asked("past"), read, "nobody looks any more");
}

#[tokio::test(start_paused = true)]
async fn a_file_to_take_away_is_told_with_its_place_and_so_is_trouble() {
    let room = Room::with_people(&["ana@x"]);
    room.field.comes("ana@x");
    room.field.world().exports = "/Downloads".into();
    let mut stage = room.signed_in().await;
    let (account, ana) = contact(&mut stage, "ana").await;
    stage.core.tell(Command::ExportHistory(ExportFormat::Csv, Some((account, ana.clone())))).await;
    let body = stage
        .next("the notification", |update| match update {
            Update::Notify(told) if told.tag == "history-export" => Some(told.body.clone()),
            _ => None,
        })
        .await;
    assert_eq!(body, "2 times somebody was online are written to /Downloads/file.");
    assert_eq!(room.asked(&format!("export Csv {ana}")), 1);
    room.shelf.fails.store(true, Ordering::Relaxed);
    stage.core.tell(Command::ExportHistory(ExportFormat::Json, None)).await;
    stage.view("why not", |view| view.notices.iter().any(|notice| notice.id == "history-not-exported")).await;
}

#[tokio::test(start_paused = true)]
async fn a_disk_that_is_full_is_told_until_it_is_not() {
    let room = Room::with_people(&["ana@x"]);
    let mut stage = room.signed_in().await;
    room.pass(&mut stage, 1).await;
    room.shelf.fails.store(true, Ordering::Relaxed);
    room.field.comes("ana@x");
    let told = |view: &crate::view::View| view.notices.iter().any(|notice| notice.id == "history-not-kept");
    stage.view("the notice", told).await;
    room.shelf.fails.store(false, Ordering::Relaxed);
    stage.view("that it is over", |view| !told(view)).await;
    assert_eq!(room.written().last().unwrap(), "1 changed +ana", "nothing was lost");
}

#[tokio::test(start_paused = true)]
async fn a_history_that_was_set_aside_is_told_and_begun_anew() {
    let room = Room::with_people(&["ana@x"]);
    room.field.comes("ana@x");
    *room.shelf.aside.lock().unwrap() = Some("/aside".into());
    let mut stage = room.signed_in().await;
    room.pass(&mut stage, 1).await;
    assert_eq!(room.written(), ["0 began +ana", "0 began +ana"]);
    let view = stage.view_now().await;
    assert!(view.notices.iter().any(|notice| notice.text.contains("/aside")), "{:?}", view.notices);
}

#[tokio::test(start_paused = true)]
async fn what_is_too_old_is_forgotten_at_the_start_and_when_that_changes() {
    let room = Room::with_people(&[]);
    let mut stage = room.signed_in().await;
    assert_eq!(room.asked("prune 2026-08-18T12:00:00Z"), 1);
    let change = SettingsChange { keep_days: Some(7), ..SettingsChange::default() };
    stage.core.tell(Command::ChangeSettings(Box::new(change))).await;
    stage.notified_within(seconds(1)).await;
    assert_eq!(room.asked("prune 2026-11-09T12:00:00Z"), 1);
}

#[tokio::test(start_paused = true)]
async fn the_settings_say_from_their_first_view_on_how_much_is_kept_and_where() {
    let room = Room::with_people(&[]);
    let mut stage = room.signed_in().await;
    stage.core.tell(Command::OpenSettings).await;
    let view = stage.view("the settings", |view| view.settings.is_some()).await;
    assert_eq!(view.settings.unwrap().history_words, "3 MB in /history.sqlite");
}

#[tokio::test(start_paused = true)]
async fn when_somebody_was_here_last_in_an_earlier_run_is_still_known() {
    let room = Room::with_people(&["ana@x"]);
    room.field.world().listed_offline.insert("ana@x".to_owned());
    let noon: Timestamp = NOON.parse().unwrap();
    room.shelf
        .last_online
        .lock()
        .unwrap()
        .insert("5ana@x".to_owned(), noon - SignedDuration::from_hours(24 * 30));
    let mut stage = room.signed_in().await;
    let account = stage.view_now().await.roster.accounts[0].account;
    stage.core.tell(Command::OpenContact(account, "5ana@x".to_owned())).await;
    let known = |contact: &ContactView| {
        contact.last_online.as_ref().is_some_and(|words| words == "Last online on 2026-10-17")
    };
    page(&mut stage, "when she was here last", known).await;
    assert_eq!(room.asked("last online"), 1);
}

/// On the real clock: the file has a thread of its own, which paused time does not wait for.
#[tokio::test]
async fn what_was_seen_is_in_the_file_when_the_app_has_ended() {
    let folder = tempfile::tempdir().unwrap();
    let store = || Arc::new(SqliteHistory::new(folder.path().join("history.sqlite")));
    let field = Field::with_people(&["ana@x"]);
    field.world().history = Some(store());
    let noon: Timestamp = NOON.parse().unwrap();
    field.world().wall = noon;
    field.comes("ana@x");
    let mut stage = field.start();
    stage.core.tell(Command::Attach { from: 0, len: 20 }).await;
    stage.sign_in("clave").await;
    stage.roster().await;
    stage.view_now().await;
    field.world().wall = noon + SignedDuration::from_secs(20);
    field.goes("ana@x");
    stage.next("her leaving", |update| matches!(update, Update::Presence(..)).then_some(())).await;
    stage.core.tell(Command::Shutdown).await;
    stage.next("the end", |update| (*update == Update::Stopped).then_some(())).await;
    let account = OpenSession { server: ServerUrl::parse(SERVER).unwrap(), email: ME.to_owned() };
    let past = store()
        .past(
            &PersonKey::new(&account, "5ana@x"),
            noon - SignedDuration::from_hours(1),
            noon + SignedDuration::from_hours(1),
        )
        .await
        .unwrap();
    let left = noon + SignedDuration::from_secs(20);
    assert_eq!(past.spans, [Span { state: SpanState::Online, from: noon, until: Some(left) }]);
    assert_eq!(past.watched, [Watch { from: noon, until: left }]);
}
