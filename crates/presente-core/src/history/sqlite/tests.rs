//! History in real files: what comes back, what a crash leaves, what is damaged, and how fast it is.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may fail by panicking"
)]

use super::*;
use crate::{
    history::{Seen, Span, Watch},
    roster::{Availability, Contact},
    server_url::ServerUrl,
};
use std::{sync::Arc, time::Instant};

const SERVER: &str = "https://a.example";

fn account() -> OpenSession {
    OpenSession { server: ServerUrl::parse(SERVER).unwrap(), email: "lucia@x".to_owned() }
}

fn key(id: &str) -> PersonKey {
    PersonKey::new(&account(), id)
}

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_800_000_000 + second).unwrap()
}

fn is(id: &str, state: Option<SpanState>) -> Seen {
    let availability = state.map(|state| match state {
        SpanState::Online => Availability::Online,
        SpanState::Away => Availability::Away,
        SpanState::Busy => Availability::DoNotDisturb,
    });
    let contact = Contact {
        id: id.into(),
        name: format!("Name of {id}").into(),
        email: None,
        online: state.is_some(),
        availability,
        status_line: None,
        since: None,
        picture: None,
    };
    Seen::of(&Arc::new(contact))
}

fn online(id: &str) -> Seen {
    is(id, Some(SpanState::Online))
}

fn began(second: i64, online: Vec<Seen>) -> Record {
    Record::Began { account: account(), at: at(second), online }
}

fn changed(second: i64, people: Vec<Seen>) -> Record {
    Record::Changed { account: account(), at: at(second), people }
}

fn goes_on(second: i64) -> Record {
    Record::GoesOn { account: account(), at: at(second) }
}

fn ended(second: i64) -> Record {
    Record::Ended { account: account(), at: at(second) }
}

struct House {
    folder: tempfile::TempDir,
}

impl House {
    fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    fn file(&self) -> PathBuf {
        self.folder.path().join("deep/history.sqlite")
    }

    /// As another run would open it.
    fn open(&self) -> SqliteHistory {
        SqliteHistory::new(self.file())
    }
}

async fn spans(store: &SqliteHistory, id: &str) -> Vec<(SpanState, i64, Option<i64>)> {
    let past = store.past(&key(id), at(-1_000_000), at(1_000_000)).await.unwrap();
    let second = |at: Timestamp| at.as_second() - 1_800_000_000;
    past.spans.iter().map(|Span { state, from, until }| (*state, second(*from), until.map(second))).collect()
}

async fn watched(store: &SqliteHistory, id: &str) -> Vec<(i64, i64)> {
    let past = store.past(&key(id), at(-1_000_000), at(1_000_000)).await.unwrap();
    let second = |at: Timestamp| at.as_second() - 1_800_000_000;
    past.watched.iter().map(|Watch { from, until }| (second(*from), second(*until))).collect()
}

#[tokio::test]
async fn who_comes_changes_and_goes_is_remembered_in_spans() {
    let house = House::new();
    let store = house.open();
    let records = [
        began(0, vec![online("ana")]),
        changed(10, vec![online("ana"), online("beto")]),
        changed(20, vec![is("ana", Some(SpanState::Away))]),
        changed(30, vec![is("ana", Some(SpanState::Busy)), is("beto", None), is("nobody", None)]),
        changed(40, vec![online("beto")]),
        changed(40, vec![is("beto", None)]),
        goes_on(60),
    ];
    store.record(&records).await.unwrap();
    use SpanState::{Away, Busy, Online};
    assert_eq!(spans(&store, "ana").await, [(Online, 0, Some(20)), (Away, 20, Some(30)), (Busy, 30, None)]);
    assert_eq!(spans(&store, "beto").await, [(Online, 10, Some(30))], "what lasts no time is no span");
    assert_eq!(watched(&store, "ana").await, [(0, 60)]);
    assert_eq!(
        watched(&store, "beto").await,
        [(10, 60)],
        "nothing is known of the time before they were seen first"
    );
    assert_eq!(watched(&store, "nobody").await, []);
    let last_online = store.last_online(&account()).await.unwrap();
    assert_eq!(last_online, HashMap::from([("beto".to_owned(), at(40))]));
}

#[tokio::test]
async fn a_connection_that_is_lost_ends_everything_and_nobody_has_left_meanwhile() {
    let house = House::new();
    let store = house.open();
    store.record(&[began(0, vec![online("ana")]), ended(50)]).await.unwrap();
    store.record(&[began(500, vec![online("ana")]), goes_on(560)]).await.unwrap();
    assert_eq!(
        spans(&store, "ana").await,
        [(SpanState::Online, 0, Some(50)), (SpanState::Online, 500, None)]
    );
    assert_eq!(watched(&store, "ana").await, [(0, 50), (500, 560)]);
}

#[tokio::test]
async fn what_a_crash_leaves_open_ends_when_that_run_was_last_alive() {
    let house = House::new();
    let crashed = house.open();
    crashed.record(&[began(0, vec![online("ana"), online("beto")]), goes_on(60)]).await.unwrap();
    crashed.record(&[changed(70, vec![is("beto", None), online("carla")])]).await.unwrap();
    drop(crashed);
    let store = house.open();
    assert_eq!(spans(&store, "ana").await, [(SpanState::Online, 0, Some(60))]);
    assert_eq!(spans(&store, "beto").await, [(SpanState::Online, 0, Some(70))]);
    assert_eq!(spans(&store, "carla").await, [(SpanState::Online, 70, Some(70))]);
    let last_online = store.last_online(&account()).await.unwrap();
    assert_eq!(last_online.get("ana"), Some(&at(60)));
}

#[tokio::test]
async fn a_clock_that_is_set_back_leaves_no_span_that_ends_before_it_began() {
    let house = House::new();
    let store = house.open();
    let records = [
        began(3600, vec![online("ana"), online("beto")]),
        changed(10, vec![is("ana", None)]),
        changed(20, vec![online("ana")]),
        ended(30),
    ];
    store.record(&records).await.unwrap();
    for id in ["ana", "beto"] {
        let spans = spans(&store, id).await;
        assert!(spans.iter().all(|(_, from, until)| until.is_some_and(|until| until >= *from)), "{spans:?}");
    }
}

#[tokio::test]
async fn who_is_called_otherwise_has_one_history() {
    let house = House::new();
    let store = house.open();
    let renamed = |second, was: &str, now| Record::Renamed {
        account: account(),
        at: at(second),
        was: was.to_owned(),
        now,
    };
    store
        .record(&[began(0, vec![online("s7"), online("old")]), changed(5, vec![is("old", None)])])
        .await
        .unwrap();
    store.record(&[renamed(10, "s7", online("ana")), renamed(20, "ana", online("old"))]).await.unwrap();
    assert_eq!(spans(&store, "s7").await, []);
    assert_eq!(spans(&store, "ana").await, []);
    let spans = spans(&store, "old").await;
    assert!(spans.iter().any(|(_, _, until)| until.is_none()), "still online: {spans:?}");
}

#[tokio::test]
async fn who_is_left_out_is_not_seen_and_what_was_not_kept_is_not_known() {
    let house = House::new();
    let store = house.open();
    let ana = online("ana");
    store
        .record(&[began(0, vec![ana.clone()]), changed(10, vec![Seen::hidden(&ana.contact)])])
        .await
        .unwrap();
    store.record(&[goes_on(100), Record::Kept { account: account(), at: at(100), now: ana }]).await.unwrap();
    store.record(&[goes_on(200)]).await.unwrap();
    assert_eq!(
        spans(&store, "ana").await,
        [(SpanState::Online, 0, Some(10)), (SpanState::Online, 100, None)]
    );
    assert_eq!(watched(&store, "ana").await, [(100, 200)]);
}

#[tokio::test]
async fn what_is_too_old_is_forgotten_and_what_began_before_is_cut() {
    let house = House::new();
    let store = house.open();
    let records = [
        began(0, vec![online("ana"), online("beto")]),
        changed(10, vec![is("ana", None), is("beto", None)]),
        changed(20, vec![online("ana")]),
        changed(40, vec![is("ana", None)]),
        ended(50),
    ];
    store.record(&records).await.unwrap();
    store.prune(at(30)).await.unwrap();
    assert_eq!(spans(&store, "ana").await, [(SpanState::Online, 30, Some(40))]);
    assert_eq!(watched(&store, "ana").await, [(30, 50)]);
    assert_eq!(store.last_online(&account()).await.unwrap().len(), 1, "nothing is left of the other one");
    store.prune(at(100)).await.unwrap();
    assert_eq!(store.last_online(&account()).await.unwrap(), HashMap::new());
}

#[tokio::test]
async fn what_is_forgotten_is_not_in_any_file_any_more() {
    let house = House::new();
    let store = house.open();
    store.record(&[began(0, vec![online("ana"), online("beto-the-secret")]), ended(50)]).await.unwrap();
    let is_found = |what: &str| {
        let folder = std::fs::read_dir(house.file().parent().unwrap()).unwrap();
        let mut files = folder.map(|file| std::fs::read(file.unwrap().path()).unwrap());
        files.any(|bytes| bytes.windows(what.len()).any(|part| part == what.as_bytes()))
    };
    assert!(is_found("beto-the-secret"));
    store.forget(Some(&key("beto-the-secret"))).await.unwrap();
    assert!(!is_found("beto-the-secret"));
    assert_eq!(spans(&store, "ana").await.len(), 1);
    store.forget(None).await.unwrap();
    assert!(!is_found("ana"));
    assert_eq!(spans(&store, "ana").await, []);
    store.record(&[began(100, vec![online("ana")])]).await.unwrap();
    assert_eq!(spans(&store, "ana").await.len(), 1, "and it is kept anew");
}

#[tokio::test]
async fn a_server_at_another_address_has_the_same_history() {
    let house = House::new();
    let store = house.open();
    let moved =
        Record::Moved { before: account().server, now: ServerUrl::parse("http://127.0.0.1:5001").unwrap() };
    store.record(&[began(0, vec![online("ana")]), ended(50), moved]).await.unwrap();
    let there = OpenSession { server: ServerUrl::parse("http://127.0.0.1:5001").unwrap(), ..account() };
    assert_eq!(store.last_online(&there).await.unwrap().len(), 1);
    assert_eq!(store.last_online(&account()).await.unwrap().len(), 0);
}

#[cfg(unix)]
#[tokio::test]
async fn nobody_else_may_read_the_file() {
    use std::os::unix::fs::PermissionsExt as _;
    let house = House::new();
    let store = house.open();
    store.record(&[began(0, vec![online("ana")])]).await.unwrap();
    let folder = std::fs::read_dir(house.file().parent().unwrap()).unwrap();
    let modes: Vec<_> =
        folder.map(|file| file.unwrap().metadata().unwrap().permissions().mode() & 0o777).collect();
    assert!(modes.len() >= 2 && modes.iter().all(|mode| *mode == 0o600), "{modes:?}");
    assert!(store.size().await > 0);
}

#[tokio::test]
async fn a_file_that_cannot_be_read_is_set_aside_and_history_is_kept_anew() {
    for damaged in
        [b"this is no database, whatever it is called ".repeat(200), b"SQLite format 3\0".repeat(300)]
    {
        let house = House::new();
        std::fs::create_dir_all(house.file().parent().unwrap()).unwrap();
        std::fs::write(house.file(), &damaged).unwrap();
        let store = house.open();
        store.record(&[began(0, vec![online("ana")])]).await.unwrap();
        let aside = store.set_aside().expect("that is said");
        assert_eq!(std::fs::read(aside).unwrap(), damaged, "the old file is kept as it was");
        assert_eq!(store.set_aside(), None, "once");
        assert_eq!(spans(&store, "ana").await.len(), 1);
    }
}

#[tokio::test]
async fn a_file_that_is_damaged_while_it_is_open_is_set_aside_too() {
    let house = House::new();
    let store = house.open();
    store.record(&[began(0, vec![online("ana")]), ended(10)]).await.unwrap();
    store.close().await;
    let mut bytes = std::fs::read(house.file()).unwrap();
    bytes[100..].fill(0x5a);
    std::fs::write(house.file(), &bytes).unwrap();
    let mut written = false;
    for second in 20..24 {
        written = store.record(&[began(second, vec![online("ana")])]).await.is_ok();
        if written {
            break;
        }
    }
    assert!(written, "what cannot be written at first can be written then");
    assert!(store.set_aside().is_some());
}

#[tokio::test]
async fn a_newer_file_is_left_alone() {
    let house = House::new();
    let store = house.open();
    store.record(&[ended(0)]).await.unwrap();
    {
        let (_place, mut connection) = store.take().await.unwrap();
        sqlx::query("PRAGMA user_version = 99").execute(&mut connection).await.unwrap();
    }
    let error = house.open().record(&[ended(10)]).await.unwrap_err();
    assert!(error.reason.contains("newer version"), "{error}");
    assert_eq!(house.open().set_aside(), None);
}

#[tokio::test]
async fn a_folder_that_cannot_be_written_is_an_error_with_the_path_and_comes_right_when_it_can() {
    let house = House::new();
    // A file in the place of the folder: a mere lack of rights would not stop root.
    std::fs::write(house.folder.path().join("deep"), "").unwrap();
    let store = house.open();
    let error = store.record(&[began(0, vec![online("ana")])]).await.unwrap_err();
    assert_eq!(error.path, house.file());
    std::fs::remove_file(house.folder.path().join("deep")).unwrap();
    store.record(&[began(0, vec![online("ana")])]).await.unwrap();
    assert_eq!(spans(&store, "ana").await.len(), 1);
}

#[tokio::test]
async fn what_is_exported_is_text_to_a_spreadsheet_and_an_array_to_a_program() {
    let house = House::new();
    let store = house.open();
    let hostile = ["=cmd|'/c calc'!A1", "a,\"b\"\r\nc", "@x", "ñ\u{1F600}", "nul\u{0}here", "{\"a\":1}"];
    let people = hostile.iter().map(|id| online(id)).collect();
    store.record(&[began(0, people), changed(60, vec![is("@x", None)])]).await.unwrap();
    let folder = house.folder.path().join("Downloads");
    let zone = TimeZone::get("America/Caracas").unwrap();
    let json = store.export(ExportFormat::Json, None, &folder, at(100), &zone).await.unwrap();
    let rows: Vec<serde_json::Value> = serde_json::from_slice(&std::fs::read(&json.path).unwrap()).unwrap();
    assert_eq!((rows.len(), json.spans), (6, 6));
    let mut ids: Vec<&str> = rows.iter().map(|row| row["person"].as_str().unwrap()).collect();
    ids.sort_unstable();
    let mut expected = hostile.to_vec();
    expected.sort_unstable();
    assert_eq!(ids, expected);
    let row = rows.iter().find(|row| row["person"] == "@x").unwrap();
    assert_eq!((row["state"].as_str(), row["account"].as_str()), (Some("online"), Some("lucia@x")));
    assert_eq!(row["from"], "2027-01-15T04:00:00-04:00");
    assert_eq!(row["until"], "2027-01-15T04:01:00-04:00");
    let one = store
        .export(ExportFormat::Csv, Some(&key("=cmd|'/c calc'!A1")), &folder, at(100), &zone)
        .await
        .unwrap();
    let text = std::fs::read_to_string(&one.path).unwrap();
    assert!(text.contains(",'=cmd|'/c calc'!A1,Name of =cmd"), "{text}");
    assert_eq!((text.lines().count(), one.spans), (2, 1));
    let again = store.export(ExportFormat::Csv, None, &folder, at(100), &zone).await.unwrap();
    assert_eq!(again.path.file_name().unwrap(), "presente-2027-01-15-2.csv", "nothing is written over");
    assert_eq!(std::fs::read_to_string(&one.path).unwrap(), text);
}

#[tokio::test]
async fn an_export_that_cannot_be_written_leaves_nothing_behind() {
    let house = House::new();
    let store = house.open();
    store.record(&[began(0, vec![online("ana")])]).await.unwrap();
    let folder = house.folder.path().join("not-a-folder");
    std::fs::write(&folder, "").unwrap();
    let error = store.export(ExportFormat::Csv, None, &folder, at(0), &TimeZone::UTC).await.unwrap_err();
    assert_eq!(error.path, folder);
}

#[tokio::test]
async fn a_hundred_thousand_people_in_a_first_list_are_written_in_one_go() {
    let house = House::new();
    let store = house.open();
    let people: Vec<Seen> = (0..100_000).map(|number| online(&format!("person-{number:06}"))).collect();
    let start = Instant::now();
    store.record(&[began(0, people.clone())]).await.unwrap();
    let first = start.elapsed();
    store.record(&[ended(100)]).await.unwrap();
    let end = start.elapsed();
    store.record(&[began(200, people)]).await.unwrap();
    let again = start.elapsed();
    let start = Instant::now();
    // As many as come in two seconds on a busy server.
    let changes: Vec<Record> =
        (0..200).map(|n| changed(300 + n, vec![is(&format!("person-{n:06}"), None)])).collect();
    store.record(&changes).await.unwrap();
    let batch = start.elapsed();
    let size = store.size().await;
    println!(
        "first {first:?}, ended {:?}, again {:?}, 200 changes {batch:?}, {size} bytes",
        end - first,
        again - end
    );
    assert_eq!(
        spans(&store, "person-000007").await,
        [(SpanState::Online, 0, Some(100)), (SpanState::Online, 200, Some(307)),]
    );
    assert_eq!(store.last_online(&account()).await.unwrap().len(), 100_000);
    assert!(first.as_secs() < 20 && batch.as_secs() < 2, "{first:?} for the list, {batch:?} for a batch");
}
