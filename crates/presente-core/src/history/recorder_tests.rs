//! The writer behind, with a store that fails when it is told to.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may fail by panicking"
)]

use super::*;
use crate::{history::shelf::Shelf, server_url::ServerUrl, settings::OpenSession};
use jiff::Timestamp;
use std::sync::Mutex;

fn record() -> Record {
    let account =
        OpenSession { server: ServerUrl::parse("https://a.example").unwrap(), email: "a@x".to_owned() };
    Record::GoesOn { account, at: Timestamp::UNIX_EPOCH }
}

fn stage() -> (Arc<Shelf>, Recorder, Arc<Mutex<Vec<News>>>) {
    let (shelf, news) = (Arc::new(Shelf::default()), Arc::new(Mutex::new(Vec::new())));
    let told = news.clone();
    let recorder = Recorder::start(shelf.clone(), move |news| told.lock().unwrap().push(news));
    (shelf, recorder, news)
}

async fn pass(seconds: u64) {
    tokio::time::sleep(Duration::from_secs(seconds)).await;
}

#[tokio::test(start_paused = true)]
async fn what_comes_within_two_seconds_is_written_together() {
    let (shelf, recorder, _) = stage();
    for _ in 0..3 {
        assert!(recorder.record(record()));
        tokio::time::sleep(Duration::from_millis(300)).await;
    }
    assert!(shelf.batches().is_empty());
    pass(3).await;
    assert!(recorder.record(record()));
    pass(3).await;
    assert_eq!(shelf.batches(), [3, 1]);
}

#[tokio::test(start_paused = true)]
async fn much_is_written_at_once_and_a_flush_waits_for_all_of_it() {
    let (shelf, recorder, _) = stage();
    for _ in 0..450 {
        assert!(recorder.record(record()));
    }
    recorder.flush().await;
    assert_eq!(shelf.batches(), [200, 200, 50]);
    recorder.flush().await;
    assert_eq!(shelf.batches().len(), 3, "there was nothing to be written");
}

#[tokio::test(start_paused = true)]
async fn a_hundred_changes_a_second_for_an_hour_are_all_written() {
    let (shelf, recorder, news) = stage();
    for _ in 0..3600 {
        for _ in 0..100 {
            assert!(recorder.record(record()));
        }
        pass(1).await;
    }
    recorder.flush().await;
    assert_eq!(shelf.batches().iter().sum::<usize>(), 360_000);
    assert_eq!(*news.lock().unwrap(), []);
}

#[tokio::test(start_paused = true)]
async fn what_cannot_be_written_waits_is_told_once_and_is_written_when_that_works_again() {
    let (shelf, recorder, news) = stage();
    shelf.fails.store(true, Ordering::Relaxed);
    for _ in 0..300 {
        assert!(recorder.record(record()));
    }
    pass(600).await;
    assert!(matches!(news.lock().unwrap().as_slice(), [News::Trouble(_)]));
    assert!(!recorder.has_room());
    shelf.fails.store(false, Ordering::Relaxed);
    pass(60).await;
    assert_eq!(shelf.batches(), [300]);
    assert_eq!(news.lock().unwrap().last(), Some(&News::Recovered));
    assert!(recorder.has_room());
}

#[tokio::test(start_paused = true)]
async fn no_more_waits_than_there_is_room_for() {
    let (shelf, recorder, _) = stage();
    shelf.fails.store(true, Ordering::Relaxed);
    assert!(recorder.record(record()));
    recorder.flush().await;
    let taken = (0..100_000).filter(|_| recorder.record(record())).count();
    assert_eq!(taken, MAX_WAITING_IN_TROUBLE - 1);
}

#[tokio::test(start_paused = true)]
async fn a_file_that_was_set_aside_is_told_of() {
    let (shelf, recorder, news) = stage();
    *shelf.aside.lock().unwrap() = Some(PathBuf::from("/aside"));
    assert!(recorder.record(record()));
    recorder.flush().await;
    assert_eq!(*news.lock().unwrap(), [News::SetAside(PathBuf::from("/aside"))]);
}

#[tokio::test(start_paused = true)]
async fn the_last_is_written_when_the_recorder_is_gone() {
    let (shelf, recorder, _) = stage();
    assert!(recorder.record(record()));
    drop(recorder);
    pass(1).await;
    assert_eq!(shelf.batches(), [1]);
}
