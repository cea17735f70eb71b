//! Views by tables and against a model: whatever happens, at rest a client that applies what it is told sees what a
//! filter and a sort of the whole list give.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may fail by panicking"
)]

#[cfg(unix)]
mod measure;
mod model;

use std::sync::Arc;

use presente_wire::{Availability, Sort, WindowCopy};

use super::*;
use crowd::LIVE_QUERIES;

/// A list with its history, and views of it.
struct Stage {
    journal: Journal,
    views: Views,
    now: Instant,
}

impl Stage {
    fn new() -> Self {
        let epoch = Epoch::new([3; 16]);
        Self { journal: Journal::new(epoch), views: Views::new(epoch), now: Instant::now() }
    }

    fn with(people: &[(&str, &str)]) -> Self {
        let mut stage = Self::new();
        stage.change(&people.iter().map(|(id, name)| is(id, name)).collect::<Vec<_>>());
        stage
    }

    /// Ends a window with these changes in it, and says what is told.
    fn change(&mut self, changes: &[Merged]) -> Vec<Telling> {
        self.journal.note(changes);
        self.journal.close_window();
        self.tell()
    }

    fn tell(&mut self) -> Vec<Telling> {
        let (position, news) = self.views.missing(&self.journal);
        self.views.take_over(position, news);
        self.views.tell(self.now)
    }

    fn open(&mut self, socket: u64, view: &View) -> (WindowCopy, Opened) {
        let (position, news) = self.views.missing(&self.journal);
        self.views.take_over(position, news);
        let opened = self.views.open(SocketId(socket), view, self.now);
        (WindowCopy::new(opened.answer.clone()), opened)
    }
}

fn row(id: &str, name: &str) -> Row {
    let (first, last) = name.split_once(' ').unwrap_or((name, ""));
    Row {
        id: id.into(),
        first_name: first.into(),
        last_name: last.into(),
        email: format!("{id}@a.example"),
        availability: Availability::Online,
        status_line: String::new(),
    }
}

fn is(id: &str, name: &str) -> Merged {
    Merged { user: id.into(), row: Some(Arc::new(row(id, name))) }
}

fn seen_as(id: &str, name: &str, availability: Availability) -> Merged {
    Merged { user: id.into(), row: Some(Arc::new(Row { availability, ..row(id, name) })) }
}

fn left(id: &str) -> Merged {
    Merged { user: id.into(), row: None }
}

fn first(len: usize) -> View {
    View { len, ..View::default() }
}

fn ids(copy: &WindowCopy) -> Vec<&str> {
    copy.rows().iter().map(|row| row.id.as_str()).collect()
}

#[test]
fn a_window_has_an_order_and_a_query() {
    use Availability::{Away, DoNotDisturb};
    let mut stage = Stage::with(&[("3", "beto"), ("1", "Álvaro Díaz"), ("2", "ana"), ("4", "Ana")]);
    stage.change(&[seen_as("2", "ana", Away), seen_as("1", "Álvaro Díaz", DoNotDisturb)]);
    for (sort, q, from, len, expected) in [
        (Sort::Name, "", 0, 10, &["1", "2", "4", "3"][..]),
        (Sort::Name, "", 1, 2, &["2", "4"]),
        (Sort::Name, "ANA", 0, 10, &["2", "4"]),
        (Sort::Name, "diaz alv", 0, 10, &["1"]),
        (Sort::Name, "3@A", 0, 10, &["3"]),
        (Sort::Name, "zoe", 0, 10, &[]),
        (Sort::Availability, "", 0, 10, &["4", "3", "2", "1"]),
        (Sort::Availability, "a", 2, 1, &["2"]),
        (Sort::Name, "", 0, 0, &[]),
        (Sort::Name, "", 4, 10, &[]),
        (Sort::Name, "", u64::MAX, 100, &[]),
    ] {
        let view = View { sort, q: q.into(), from, len, ids: vec!["2".into(), "9".into()] };
        let (copy, opened) = stage.open(1, &view);
        assert_eq!(ids(&copy), expected, "{view:?}");
        assert_eq!(copy.online(), 4);
        assert_eq!(copy.watched().map(|row| row.id.as_str()).collect::<Vec<_>>(), ["2"]);
        assert!(opened.answer.live);
    }
}

#[test]
fn who_sees_the_same_is_told_together_and_who_is_not_concerned_nothing() {
    let mut stage = Stage::with(&[("1", "Ana"), ("2", "Beto"), ("3", "Carla")]);
    let (mut copy, one) = stage.open(1, &first(2));
    let (_, other) = stage.open(2, &View { q: " ".into(), ..first(2) });
    assert_eq!(one.window, other.window);
    let (_, third) = stage.open(3, &View { q: "CARLA".into(), ..first(2) });
    assert_ne!(one.window, third.window);
    let mut told = stage.change(&[seen_as("2", "Beto", Availability::Away)]);
    assert_eq!(told.len(), 1);
    assert_eq!(Listener::Window(one.window.unwrap()), told[0].to);
    assert_eq!((&told[0].change.ids, told[0].change.rows.len()), (&None, 1));
    copy.change(told.remove(0).change).unwrap();
    assert_eq!(copy.rows()[1].availability, Availability::Away);
    let told = stage.change(&[left("1")]);
    assert_eq!(told.len(), 1, "the numbers alone can wait: {told:?}");
    assert_eq!(told[0].change.ids.as_deref(), Some(&["2".to_owned(), "3".to_owned()][..]));
    assert_eq!(told[0].change.rows.len(), 1, "only who is new in the window");
}

#[test]
fn numbers_alone_are_told_every_ten_seconds_at_most() {
    let mut stage = Stage::with(&[("1", "Ana"), ("2", "Beto")]);
    let (mut copy, _) = stage.open(1, &first(1));
    assert_eq!(stage.views.due(), None);
    for round in 0..49 {
        stage.now += NUMBERS / 50;
        let told = stage.change(&[if round % 2 == 0 { is("3", "Carla") } else { left("3") }]);
        assert!(told.is_empty(), "round {round}");
    }
    let due = stage.views.due().expect("something is owed");
    stage.now = due;
    let mut told = stage.tell();
    copy.change(told.remove(0).change).unwrap();
    assert_eq!((copy.online(), copy.matching(), told.len()), (3, 3, 0));
    assert_eq!(stage.views.due(), None);
    stage.change(&[left("3")]);
    stage.change(&[is("3", "Carla")]);
    assert_eq!(stage.views.due(), None, "all is as it was told");
}

#[test]
fn a_window_further_down_stays_with_its_people_and_the_top_with_the_top() {
    let mut stage = Stage::with(&[("1", "Beto"), ("2", "Carla"), ("3", "Dora"), ("4", "Elena")]);
    let (mut top, at_top) = stage.open(1, &first(2));
    let (mut below, at_carla) = stage.open(2, &View { from: 1, ..first(2) });
    let told = stage.change(&[is("0", "Ana")]);
    assert_eq!(told.iter().map(|it| it.to).collect::<Vec<_>>(), [Listener::Window(at_top.window.unwrap())]);
    top.change(told.into_iter().next().unwrap().change).unwrap();
    assert_eq!(ids(&top), ["0", "1"]);
    let told = stage.change(&[left("2")]);
    assert_eq!(told.iter().map(|it| it.to).collect::<Vec<_>>(), [Listener::Window(at_carla.window.unwrap())]);
    below.change(told.into_iter().next().unwrap().change).unwrap();
    assert_eq!((ids(&below), below.from()), (vec!["3", "4"], 2));
}

#[test]
fn watched_people_are_told_wherever_they_are_to_those_alone_who_watch_them() {
    let mut stage = Stage::with(&[("1", "Ana"), ("2", "Zoe")]);
    let watching = View { ids: vec!["2".into(), "3".into()], ..first(1) };
    let (mut copy, _) = stage.open(1, &watching);
    stage.open(2, &first(1));
    let told = stage.change(&[left("2"), is("3", "Zulma")]);
    assert_eq!(told.len(), 1);
    assert_eq!(told[0].to, Listener::One(SocketId(1)));
    copy.change(told.into_iter().next().unwrap().change).unwrap();
    assert_eq!(copy.watched().map(|row| row.id.as_str()).collect::<Vec<_>>(), ["3"]);
    stage.open(1, &first(1));
    assert!(stage.change(&[left("3")]).is_empty(), "another view has taken its place");
    assert!(stage.views.watchers.is_empty());
}

#[test]
fn so_many_queries_are_kept_and_the_next_is_answered_once() {
    let mut stage = Stage::with(&[("1", "Ana"), ("2", "Beto")]);
    let looks_for = |number: usize| View { q: format!("q{number}"), ..first(5) };
    for number in 0..LIVE_QUERIES {
        assert!(stage.open(number as u64, &looks_for(number)).1.answer.live);
    }
    let late = View { q: "beto".into(), ids: vec!["1".into()], ..first(5) };
    assert!(stage.views.is_costly(&late) && !stage.views.is_costly(&looks_for(0)));
    let (mut copy, opened) = stage.open(1000, &late);
    assert!(!opened.answer.live && opened.window.is_none());
    assert_eq!(ids(&copy), ["2"]);
    let told = stage.change(&[left("2"), left("1")]);
    assert_eq!(told.len(), 1, "the watched are told all the same");
    copy.change(told.into_iter().next().unwrap().change).unwrap();
    assert_eq!((copy.watched().len(), copy.online(), copy.matching()), (0, 0, 1));
    assert!(stage.open(1001, &first(5)).1.answer.live, "everybody is always kept");
    assert!(stage.open(0, &late).1.answer.live, "who looks for something else needs one place only");
    for socket in (0..LIVE_QUERIES as u64).chain([1000, 1001]) {
        stage.views.close(SocketId(socket));
    }
    assert!(stage.views.is_empty() && stage.views.windows.is_empty() && stage.views.by_frame.is_empty());
    assert!(stage.views.is_costly(&late), "nothing is kept for nobody");
}

#[test]
fn what_did_not_arrive_is_told_anew_as_a_whole() {
    let mut stage = Stage::with(&[("1", "Ana"), ("2", "Beto"), ("3", "Carla")]);
    let (mut copy, opened) = stage.open(1, &View { ids: vec!["1".into(), "3".into()], ..first(2) });
    let lost = stage.change(&[left("1")]);
    assert_eq!(lost.len(), 2);
    for telling in lost {
        stage.views.was_missed(telling.to, stage.now);
    }
    assert_eq!(stage.tell().len(), 0, "a socket that is full is left in peace");
    stage.now = stage.views.due().expect("it is owed");
    let told = stage.tell();
    assert_eq!(told.len(), 2);
    assert_eq!(told[0].to, Listener::Window(opened.window.unwrap()));
    for telling in told {
        copy.change(telling.change).unwrap();
    }
    assert_eq!(ids(&copy), ["2", "3"]);
    assert_eq!(copy.watched().map(|row| row.id.as_str()).collect::<Vec<_>>(), ["3"]);
    assert_eq!(stage.views.due(), None);
}

#[test]
fn views_that_nobody_had_for_long_know_what_happened_meanwhile() {
    let mut stage = Stage::with(&[("1", "Ana")]);
    stage.open(1, &first(5));
    stage.views.close(SocketId(1));
    let many: Vec<Merged> = (0..70_000).map(|id| is(&format!("x{id}"), "Somebody")).collect();
    for changes in [&many[..], &[left("1")]] {
        stage.journal.note(changes);
        stage.journal.close_window();
    }
    assert!(stage.journal.touched_since(1).is_none(), "too long ago for the journal");
    let (copy, _) = stage.open(1, &first(1));
    assert_eq!((copy.online(), ids(&copy)), (70_000, vec!["x0"]));
}
