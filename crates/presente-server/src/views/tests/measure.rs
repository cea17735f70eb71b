//! What views cost: a measurement for docs/SERVER.md, not a test.
//!
//! `cargo test --release -p presente-server --lib views -- --ignored --nocapture`

use std::time::Duration;

use rand::{RngExt as _, SeedableRng as _, rngs::StdRng};
use rustix::time::{ClockId, clock_gettime};

use super::*;

const PEOPLE: usize = 100_000;
const CHANGES_PER_SECOND: usize = 100;
const VIEWERS: u64 = 1_000;
const SECONDS: usize = 300;
/// Time from one window to the next.
const WINDOW: Duration = Duration::from_millis(200);
/// What is around a change on the wire: `42["presence:window",` and `]` in a WebSocket frame.
const AROUND: usize = 21 + 4;

fn processor_time() -> Duration {
    Duration::try_from(clock_gettime(ClockId::ProcessCPUTime)).unwrap()
}

/// Somebody, always by the same name.
fn person(number: usize, availability: Availability) -> Merged {
    const FIRST: [&str; 8] = ["Ana", "Beto", "Carla", "Darío", "Elena", "Iñaki", "Olga", "Zoe"];
    const LAST: [&str; 8] = ["Álvarez", "Benítez", "Castro", "Díaz", "Núñez", "Ortega", "Ruiz", "Vega"];
    let name = format!("{} {} {number}", FIRST[number % 8], LAST[number / 8 % 8]);
    seen_as(&id(number), &name, availability)
}

fn id(number: usize) -> String {
    format!("{number:024x}")
}

/// Who is online how; a quarter of all changes are people who leave, a quarter people who come.
struct Town {
    is: Vec<Option<Availability>>,
    rng: StdRng,
}

impl Town {
    fn change(&mut self) -> Merged {
        let number = self.rng.random_range(0..self.is.len());
        let is = match (self.is[number], self.rng.random_range(0..3)) {
            (None, _) => Some(Availability::Online),
            (Some(_), 0) => None,
            (Some(Availability::Online), _) => Some(Availability::Away),
            (Some(_), _) => Some(Availability::Online),
        };
        self.is[number] = is;
        is.map_or_else(|| left(&id(number)), |availability| person(number, availability))
    }
}

/// Runs views for some minutes and prints what they take.
fn measure(what: &str, view_of: impl Fn(u64, &mut StdRng) -> View) {
    let mut rng = StdRng::seed_from_u64(7);
    let mut stage = Stage::new();
    // A third more people than are online, so that as many come as leave.
    let is =
        (0..PEOPLE * 4 / 3).map(|number| (number / 64 % 4 > 0).then_some(Availability::Online)).collect();
    let mut town = Town { is, rng: StdRng::seed_from_u64(8) };
    let numbers = (0..town.is.len()).filter(|number| town.is[*number].is_some());
    let everybody: Vec<Merged> = numbers.map(|number| person(number, Availability::Online)).collect();
    stage.journal.note(&everybody);
    stage.journal.close_window();
    let before = processor_time();
    stage.open(0, &View { ids: Vec::new(), ..first(60) });
    let first_view = processor_time() - before;
    let before = processor_time();
    for socket in 0..VIEWERS {
        let view = view_of(socket, &mut rng);
        stage.open(socket, &view);
    }
    let views = processor_time() - before;
    let (mut bytes, mut tellings, mut spent, mut journal) = (0, 0, Duration::ZERO, Duration::ZERO);
    for _ in 0..SECONDS * 5 {
        stage.now += WINDOW;
        let changes: Vec<Merged> = (0..CHANGES_PER_SECOND / 5).map(|_| town.change()).collect();
        let start = processor_time();
        stage.journal.note(&changes);
        stage.journal.close_window();
        let closed = processor_time();
        for Telling { to, change } in stage.tell() {
            let length = serde_json::to_vec(&change).unwrap().len() + AROUND;
            let receivers = match to {
                Listener::Window(window) => stage.views.viewers_of(window),
                Listener::One(_) => 1,
            };
            bytes += length * receivers;
            tellings += 1;
        }
        journal += closed - start;
        spent += processor_time() - closed;
    }
    let per_client = bytes as f64 / VIEWERS as f64 / SECONDS as f64;
    println!(
        "{what}: {per_client:.1} B/s for each client, {:.1} payloads/s, {:.2} ms of a core a second for the views \
         ({:.2} ms for the journal); first view {first_view:?}, {VIEWERS} views {views:?}",
        tellings as f64 / SECONDS as f64,
        spent.as_secs_f64() * 1000.0 / SECONDS as f64,
        journal.as_secs_f64() * 1000.0 / SECONDS as f64,
    );
}

#[test]
#[ignore = "a measurement"]
fn what_views_of_a_hundred_thousand_cost() {
    measure("at the top", |_, _| first(60));
    measure("spread", |_, rng| View { from: rng.random_range(0..PEOPLE as u64), ..first(60) });
    measure("spread, 50 watched", |_, rng| View {
        from: rng.random_range(0..PEOPLE as u64),
        ids: (0..50).map(|_| id(rng.random_range(0..PEOPLE))).collect(),
        ..first(60)
    });
    measure("64 queries", |socket, _| View { q: format!("{}", socket % 64), ..first(60) });
}
