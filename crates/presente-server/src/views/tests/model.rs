//! Random changes and random views; the model is a filter and a sort of the whole list.

use std::collections::BTreeMap;

use proptest::{collection::vec, prelude::*, sample::select};

use super::*;
use crate::views::person::fold;

const PEOPLE: usize = 700;
const SOCKETS: u64 = 8;
const NAMES: [&str; 7] = ["Ana", "ána", "Beto", "Núria", "nuria b", "Zoë", "王"];
const AVAILABILITIES: [Availability; 3] =
    [Availability::Online, Availability::Away, Availability::DoNotDisturb];

#[derive(Debug, Clone)]
enum Step {
    Is(usize, &'static str, Availability),
    Leaves(usize),
    /// So many, from somebody on.
    AllCome(usize, usize),
    AllLeave(usize, usize),
    /// A window ends; a telling in so many does not arrive.
    Window(u64, Option<usize>),
    Look(u64, View),
    Go(u64),
    Rest,
}

fn step() -> impl Strategy<Value = Step> {
    let person = 0..PEOPLE;
    // Most of it happens among few, so that something happens to those who are looked at.
    let somebody = prop_oneof![3 => 0..20usize, 1 => person.clone()];
    let sort = select(vec![Sort::Name, Sort::Availability]);
    let query = select(vec!["", "", "a", "NURIA", "ana e", "7@", "z", "1 e"]);
    let from = prop_oneof![Just(0u64), 0..30u64, 0..PEOPLE as u64, Just(u64::MAX)];
    let watched = vec(somebody.clone().prop_map(id), 0..5);
    let view = (sort, query, from, 0..40usize, watched).prop_map(|(sort, q, from, len, ids)| View {
        sort,
        q: q.into(),
        from,
        len,
        ids,
    });
    let losses = prop_oneof![Just(None), (1..4usize).prop_map(Some)];
    prop_oneof![
        8 => (somebody.clone(), select(NAMES.to_vec()), select(AVAILABILITIES.to_vec()))
            .prop_map(|(who, name, availability)| Step::Is(who, name, availability)),
        4 => somebody.prop_map(Step::Leaves),
        1 => (person.clone(), 0..600usize).prop_map(|(from, len)| Step::AllCome(from, len)),
        1 => (person, 0..600usize).prop_map(|(from, len)| Step::AllLeave(from, len)),
        5 => (0..3_000u64, losses).prop_map(|(millis, losses)| Step::Window(millis, losses)),
        4 => (0..SOCKETS, view).prop_map(|(socket, view)| Step::Look(socket, view)),
        1 => (0..SOCKETS).prop_map(Step::Go),
        1 => Just(Step::Rest),
    ]
}

fn id(number: usize) -> String {
    format!("u{number}")
}

struct Client {
    view: View,
    copy: WindowCopy,
    window: Option<WindowId>,
    is_live: bool,
}

struct Game {
    stage: Stage,
    /// The list as it is, and as it was when the last window ended.
    now: BTreeMap<String, Row>,
    told: BTreeMap<String, Row>,
    clients: BTreeMap<u64, Client>,
    /// Whether something was lost that was not yet made good.
    is_lossy: bool,
}

impl Game {
    fn new() -> Self {
        let (now, told, clients) = Default::default();
        Self { stage: Stage::new(), now, told, clients, is_lossy: false }
    }

    fn play(&mut self, step: Step) {
        match step {
            Step::Is(who, name, availability) => self.set(who, Some((name, availability))),
            Step::Leaves(who) => self.set(who, None),
            Step::AllCome(from, len) => {
                let is = |who: usize| (NAMES[who % NAMES.len()], AVAILABILITIES[who % 3]);
                (from..from + len).for_each(|who| self.set(who % PEOPLE, Some(is(who))));
            }
            Step::AllLeave(from, len) => (from..from + len).for_each(|who| self.set(who % PEOPLE, None)),
            Step::Window(millis, losses) => {
                self.stage.now += std::time::Duration::from_millis(millis);
                self.window(losses);
                self.check(false);
            }
            Step::Look(socket, view) => self.look(socket, view),
            Step::Go(socket) => {
                self.clients.remove(&socket);
                self.stage.views.close(SocketId(socket));
            }
            Step::Rest => self.rest(),
        }
    }

    fn set(&mut self, who: usize, seen: Option<(&str, Availability)>) {
        let id = id(who);
        let row = seen.map(|(name, availability)| Row { availability, ..row(&id, name) });
        match &row {
            Some(row) => self.now.insert(id.clone(), row.clone()),
            None => self.now.remove(&id),
        };
        self.stage.journal.note(&[Merged { user: id.as_str().into(), row: row.map(Arc::new) }]);
    }

    fn look(&mut self, socket: u64, view: View) {
        let (copy, opened) = self.stage.open(socket, &view);
        let client = Client { view, copy, window: opened.window, is_live: opened.answer.live };
        assert_eq!(client.copy.from(), client.view.from.min(client.copy.matching()));
        client.check(&self.told, true);
        self.clients.insert(socket, client);
    }

    fn window(&mut self, losses: Option<usize>) {
        self.stage.journal.close_window();
        self.told = self.now.clone();
        // Without anybody who looks, the server does not keep the views either.
        if self.stage.views.is_empty() {
            return;
        }
        for (number, telling) in self.stage.tell().into_iter().enumerate() {
            let is_lost = losses.is_some_and(|one_in| number % one_in == 0);
            if is_lost {
                self.is_lossy = true;
                self.stage.views.was_missed(telling.to, self.stage.now);
            }
            let concerned = self.clients.iter_mut().filter(|(socket, client)| match telling.to {
                Listener::Window(window) => client.window == Some(window),
                Listener::One(one) => one == SocketId(**socket),
            });
            for (number, (_, client)) in concerned.enumerate() {
                if is_lost && number == 0 {
                    continue;
                }
                let fits = client.copy.change(telling.change.clone());
                assert!(fits.is_ok() || self.is_lossy, "{fits:?}");
            }
        }
    }

    fn rest(&mut self) {
        self.window(None);
        while let Some(due) = self.stage.views.due() {
            self.stage.now = self.stage.now.max(due);
            self.window(None);
        }
        self.is_lossy = false;
        self.check(true);
    }

    fn check(&self, at_rest: bool) {
        if !self.is_lossy {
            self.clients.values().for_each(|client| client.check(&self.told, at_rest));
        }
    }
}

impl Client {
    /// Compares what is seen with the list.
    fn check(&self, list: &BTreeMap<String, Row>, at_rest: bool) {
        let watched: BTreeMap<&String, &Row> = self.copy.watched().map(|row| (&row.id, row)).collect();
        let expected = self.view.ids.iter().filter_map(|id| list.get_key_value(id));
        assert_eq!(watched, expected.collect(), "{:?}", self.view);
        if !self.is_live {
            return;
        }
        let name = |row: &Row| fold(format!("{} {}", row.first_name, row.last_name).trim());
        let finds = |row: &&Row| {
            let (name, email) = (name(row), fold(&row.email));
            fold(&self.view.q).split_whitespace().all(|word| name.contains(word) || email.contains(word))
        };
        let mut matching: Vec<&Row> = list.values().filter(finds).collect();
        matching.sort_by_key(|row| {
            let rank = match (self.view.sort, row.availability) {
                (Sort::Name, _) | (_, Availability::Online) => 0,
                (_, Availability::Away) => 1,
                (_, Availability::DoNotDisturb) => 2,
            };
            (rank, name(row), &row.id)
        });
        // Numbers may be told later; then the place has to be found by who is there.
        let from = match (at_rest, self.copy.rows().first()) {
            (false, None) => return,
            (false, Some(first)) => matching.iter().position(|row| row.id == first.id).unwrap(),
            (true, _) => usize::try_from(self.copy.from()).unwrap(),
        };
        if at_rest {
            let numbers = (self.copy.online(), self.copy.matching());
            assert_eq!(numbers, (list.len() as u64, matching.len() as u64), "{:?}", self.view);
        }
        let expected: Vec<&Row> = matching.into_iter().skip(from).take(self.view.len).collect();
        assert_eq!(self.copy.rows().iter().collect::<Vec<_>>(), expected, "{:?}", self.view);
        assert!(self.view.from > 0 || from == 0 || expected.is_empty(), "the top stays the top");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, max_shrink_iters: 2_000, ..ProptestConfig::default() })]

    #[test]
    fn what_a_client_sees_at_rest_is_a_filter_and_a_sort_of_the_list(steps in vec(step(), 1..120)) {
        let mut game = Game::new();
        for step in steps {
            game.play(step);
        }
        game.rest();
    }
}
