//! The presence machine: its rules one by one, and random steps against a model that keeps no state of its
//! own but the raw facts.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that cannot go on has failed")]

use proptest::prelude::*;

use super::*;

const GRACE: Duration = Duration::from_secs(10);
const LIFE: Duration = Duration::from_secs(1000);
const LISTEN: Duration = Duration::from_secs(100);
const SOCKETS: usize = 4;

/// A machine and its clock, with steps in the words of the tests.
struct Stage {
    presence: Presence,
    start: Instant,
}

impl Stage {
    fn new() -> Self {
        let bounds = Bounds { grace: GRACE, sockets_per_user: SOCKETS };
        Self { presence: Presence::new(bounds), start: Instant::now() }
    }

    fn at(&self, seconds: u64) -> Instant {
        self.start + Duration::from_secs(seconds)
    }

    fn sign_in(&mut self, now: u64, session: i64, user: &str, rule: Rule) -> Vec<(String, bool)> {
        let entry = self.entry(now, session, user);
        said(&self.presence.sign_in(self.at(now), &entry, rule, GRACE))
    }

    fn attach(&mut self, now: u64, session: i64, user: &str, socket: u64) -> Vec<(String, bool)> {
        let entry = self.entry(now, session, user);
        said(&self.presence.attach(self.at(now), &entry, SocketId(socket)))
    }

    fn detach(&mut self, now: u64, session: i64, socket: u64) -> Vec<(String, bool)> {
        let farewell = Farewell::Closed;
        said(&self.presence.detach(self.at(now), SessionId(session), SocketId(socket), farewell))
    }

    fn sign_out(&mut self, now: u64, session: i64) -> Vec<(String, bool)> {
        said(&self.presence.sign_out(self.at(now), SessionId(session), self.at(now) + LISTEN))
    }

    fn tick(&mut self, now: u64) -> Vec<(String, bool)> {
        said(&self.presence.tick(self.at(now)))
    }

    fn entry(&self, now: u64, session: i64, user: &str) -> Entry {
        let account = Account {
            id: user.into(),
            first_name: user.to_owned(),
            last_name: String::new(),
            email: format!("{user}@test.example"),
        };
        Entry {
            session: SessionId(session),
            account: Arc::new(account),
            choices: Choices::default(),
            expires: self.at(now) + LIFE,
            signed_in: true,
        }
    }
}

fn said(step: &Step) -> Vec<(String, bool)> {
    step.changes.iter().map(|change| (change.account.id.to_string(), change.shown.is_some())).collect()
}

fn came(user: &str) -> Vec<(String, bool)> {
    vec![(user.to_owned(), true)]
}

fn left(user: &str) -> Vec<(String, bool)> {
    vec![(user.to_owned(), false)]
}

#[test]
fn a_session_that_never_shows_a_socket_is_gone_after_the_grace() {
    let mut stage = Stage::new();
    assert_eq!(stage.sign_in(0, 1, "ana", Rule::Sockets), came("ana"));
    assert_eq!(stage.presence.next_deadline(), Some(stage.at(10)));
    assert_eq!(stage.tick(9), []);
    assert_eq!(stage.tick(10), left("ana"));
    assert_eq!(stage.tick(11), []);
}

#[test]
fn a_socket_keeps_its_session_online_and_brings_it_back() {
    let mut stage = Stage::new();
    stage.sign_in(0, 1, "ana", Rule::Sockets);
    assert_eq!(stage.attach(5, 1, "ana", 7), []);
    assert_eq!(stage.tick(500), []);
    assert_eq!(stage.detach(501, 1, 7), []);
    assert_eq!(stage.attach(510, 1, "ana", 8), [], "back within the grace: nobody noticed");
    stage.detach(511, 1, 8);
    assert_eq!(stage.tick(521), left("ana"));
    assert_eq!(stage.attach(600, 1, "ana", 9), came("ana"));
}

#[test]
fn the_grace_begins_with_the_last_of_several_sockets() {
    let mut stage = Stage::new();
    stage.sign_in(0, 1, "ana", Rule::Sockets);
    stage.attach(1, 1, "ana", 7);
    stage.attach(1, 1, "ana", 8);
    stage.detach(2, 1, 7);
    assert_eq!(stage.tick(100), []);
    stage.detach(100, 1, 8);
    stage.detach(105, 1, 8);
    assert_eq!(stage.tick(109), []);
    assert_eq!(stage.tick(110), left("ana"), "a second farewell of the same socket does not extend it");
}

#[test]
fn signing_out_ends_one_device_and_the_person_goes_with_the_last() {
    let mut stage = Stage::new();
    stage.sign_in(0, 1, "ana", Rule::Sockets);
    stage.sign_in(0, 2, "ana", Rule::UntilSignOut);
    stage.sign_in(0, 3, "beto", Rule::UntilSignOut);
    assert_eq!(stage.sign_out(1, 1), []);
    assert_eq!(stage.sign_out(2, 2), left("ana"));
    assert_eq!(stage.tick(50), []);
    assert_eq!(stage.sign_out(51, 99), [], "a session that nobody knows");
}

#[test]
fn a_signed_out_session_only_listens_whatever_its_sockets_do() {
    let mut stage = Stage::new();
    stage.sign_in(0, 1, "ana", Rule::Sockets);
    stage.attach(0, 1, "ana", 7);
    assert_eq!(stage.sign_out(1, 1), left("ana"));
    assert_eq!(stage.attach(2, 1, "ana", 8), []);
    assert!(!stage.presence.is_signed_in(SessionId(1)));
    stage.detach(3, 1, 7);
    stage.detach(3, 1, 8);
    let mut entry = stage.entry(4, 1, "ana");
    entry.signed_in = false;
    let step = stage.presence.attach(stage.at(4), &entry, SocketId(9));
    assert_eq!(said(&step), [], "not even when it was forgotten in between");
}

#[test]
fn a_listening_session_that_signs_in_again_is_online_on_its_open_socket() {
    let mut stage = Stage::new();
    stage.sign_in(0, 1, "ana", Rule::Sockets);
    stage.attach(0, 1, "ana", 7);
    stage.sign_out(1, 1);
    assert_eq!(stage.sign_in(50, 1, "ana", Rule::Sockets), came("ana"));
    assert_eq!(stage.tick(900), [], "the socket keeps it online, beyond the end of listening");
    stage.detach(901, 1, 7);
    assert_eq!(stage.tick(911), left("ana"));
}

#[test]
fn a_session_that_signs_in_again_at_another_node_counts_here_without_a_grace() {
    let mut stage = Stage::new();
    stage.sign_in(0, 1, "ana", Rule::Sockets);
    stage.attach(0, 1, "ana", 7);
    stage.sign_out(1, 1);
    let (now, expires) = (stage.at(50), stage.at(1000));
    assert_eq!(said(&stage.presence.resume(now, SessionId(1), expires)), came("ana"));
    assert_eq!(said(&stage.presence.resume(now, SessionId(99), expires)), [], "nobody we know");
}

#[test]
fn a_silent_socket_gets_no_grace() {
    let mut stage = Stage::new();
    stage.sign_in(0, 1, "ana", Rule::Sockets);
    stage.attach(0, 1, "ana", 7);
    let step = stage.presence.detach(stage.at(50), SessionId(1), SocketId(7), Farewell::Silent);
    assert_eq!(said(&step), left("ana"));
}

#[test]
fn devices_are_merged_and_keep_their_word_while_they_are_away() {
    use Availability::{Away, DoNotDisturb, Online};
    let mut stage = Stage::new();
    let shown = |step: &Step| step.changes.last().and_then(|c| c.shown.clone()).map(|s| s.availability);
    stage.sign_in(0, 1, "ana", Rule::Sockets);
    stage.attach(0, 1, "ana", 7);
    stage.sign_in(0, 2, "ana", Rule::Sockets);
    stage.attach(0, 2, "ana", 8);
    let (one, two, now) = (SessionId(1), SessionId(2), stage.at(1));
    let step = stage.presence.set(now, one, SocketId(7), Away);
    assert_eq!(step.changes, [], "the other device is there");
    assert_eq!(shown(&stage.presence.set(now, two, SocketId(8), Away)), Some(Away));
    assert_eq!(shown(&stage.presence.set(now, one, SocketId(7), DoNotDisturb)), Some(DoNotDisturb));
    stage.detach(2, 1, 7);
    let back = stage.attach(5, 1, "ana", 9);
    assert_eq!(back, [], "back within the grace, as it was");
    assert_eq!(stage.presence.availability(one, SocketId(9)), DoNotDisturb);
    stage.detach(6, 1, 9);
    assert_eq!(shown(&stage.presence.tick(stage.at(16))), Some(Away), "what is left is the other device");
    assert_eq!(shown(&stage.presence.set(stage.at(17), two, SocketId(8), Online)), Some(Online));
}

#[test]
fn the_invisible_are_not_shown_on_any_device_until_they_say_so() {
    let mut stage = Stage::new();
    stage.sign_in(0, 1, "ana", Rule::Sockets);
    stage.attach(0, 1, "ana", 7);
    let ana: UserId = "ana".into();
    let hidden = Choices { invisible: true, status_line: "hunting".into() };
    assert_eq!(said(&stage.presence.choose(stage.at(1), &ana, hidden)), left("ana"));
    assert_eq!(stage.sign_in(2, 2, "ana", Rule::Sockets), [], "nor on a new one");
    assert_eq!(stage.attach(2, 2, "ana", 8), []);
    let visible = Choices { invisible: false, status_line: "hunting".into() };
    let step = stage.presence.choose(stage.at(3), &ana, visible);
    assert_eq!(&*step.changes[0].shown.clone().unwrap().status_line, "hunting");
}

#[test]
fn the_oldest_of_too_many_sockets_makes_room() {
    let mut stage = Stage::new();
    stage.sign_in(0, 1, "ana", Rule::Sockets);
    stage.sign_in(0, 2, "ana", Rule::Sockets);
    for socket in 0..u64::try_from(SOCKETS).unwrap() {
        stage.attach(0, 1, "ana", socket);
    }
    let entry = stage.entry(1, 2, "ana");
    let step = stage.presence.attach(stage.at(1), &entry, SocketId(100));
    assert_eq!((said(&step), step.dismissed), (vec![], vec![SocketId(0)]));
    assert_eq!(stage.presence.sockets(&"ana".into()).len(), SOCKETS);
}

#[test]
fn a_session_of_the_field_stays_until_it_shows_a_socket() {
    let mut stage = Stage::new();
    stage.sign_in(0, 1, "ana", Rule::UntilSignOut);
    assert_eq!(stage.tick(900), []);
    stage.attach(900, 1, "ana", 7);
    stage.detach(901, 1, 7);
    assert_eq!(stage.tick(911), left("ana"), "from the first socket on, the sockets decide");
}

#[test]
fn a_user_is_online_while_any_session_is() {
    let mut stage = Stage::new();
    assert_eq!(stage.sign_in(0, 1, "ana", Rule::Sockets), came("ana"));
    assert_eq!(stage.sign_in(5, 2, "ana", Rule::Sockets), []);
    assert_eq!(stage.tick(10), []);
    assert_eq!(stage.tick(15), left("ana"));
}

#[test]
fn a_token_that_ends_takes_its_sockets_along() {
    let mut stage = Stage::new();
    stage.sign_in(0, 1, "ana", Rule::Sockets);
    stage.attach(0, 1, "ana", 7);
    stage.sign_out(50, 1);
    assert_eq!(stage.presence.tick(stage.at(149)), Step::default());
    let step = stage.presence.tick(stage.at(150));
    assert_eq!(step.dismissed, [SocketId(7)], "signed out: listening ends after its own, shorter time");
    stage.sign_in(200, 2, "ana", Rule::UntilSignOut);
    let step = stage.presence.tick(stage.at(1200));
    assert_eq!((said(&step), step.dismissed), (left("ana"), vec![]));
    assert_eq!(stage.presence.next_deadline(), None, "nothing is left to wait for");
}

#[test]
fn a_revoked_session_is_gone_at_once() {
    let mut stage = Stage::new();
    stage.sign_in(0, 1, "ana", Rule::Sockets);
    stage.attach(0, 1, "ana", 7);
    let step = stage.presence.revoke(stage.at(1), SessionId(1));
    assert_eq!((said(&step), step.dismissed), (left("ana"), vec![SocketId(7)]));
}

// --- Random steps against a model ---

const USERS: [&str; 2] = ["ana", "beto"];

/// The raw facts of one session; whether it is online is worked out from them alone.
#[derive(Debug, Clone)]
struct Facts {
    user: usize,
    signed_in: bool,
    until_sign_out: bool,
    expires: u64,
    sockets: BTreeSet<u64>,
    last_seen: u64,
}

impl Facts {
    fn is_online(&self, now: u64) -> bool {
        self.signed_in
            && now < self.expires
            && (self.until_sign_out || !self.sockets.is_empty() || now < self.last_seen + GRACE.as_secs())
    }
}

#[derive(Debug, Clone)]
enum Move {
    SignIn { user: usize, until_sign_out: bool },
    SignOut { session: usize },
    Attach { session: usize },
    Detach { session: usize },
    Wait,
}

fn moves() -> impl Strategy<Value = Vec<(u64, Move)>> {
    let kind = prop_oneof![
        2 => (0..2_usize, any::<bool>()).prop_map(|(user, rule)| Move::SignIn { user, until_sign_out: rule }),
        1 => (0..6_usize).prop_map(|session| Move::SignOut { session }),
        4 => (0..6_usize).prop_map(|session| Move::Attach { session }),
        4 => (0..6_usize).prop_map(|session| Move::Detach { session }),
        2 => Just(Move::Wait),
    ];
    let pause = prop_oneof![4 => 0..3_u64, 3 => 8..13_u64, 1 => 90..1100_u64];
    prop::collection::vec((pause, kind), 1..60)
}

/// Plays a move on the machine and on the facts; returns what the machine said.
fn play(stage: &mut Stage, facts: &mut Vec<Facts>, now: u64, next_socket: &mut u64, one: &Move) -> Step {
    let instant = stage.at(now);
    let number = |index: usize| i64::try_from(index).unwrap();
    match *one {
        Move::SignIn { user, until_sign_out } => {
            let entry = stage.entry(now, number(facts.len()), USERS[user]);
            let (sockets, expires) = (BTreeSet::new(), now + LIFE.as_secs());
            facts.push(Facts { user, signed_in: true, until_sign_out, expires, sockets, last_seen: now });
            let rule = if until_sign_out { Rule::UntilSignOut } else { Rule::Sockets };
            stage.presence.sign_in(instant, &entry, rule, GRACE)
        }
        Move::SignOut { session } => {
            if let Some(facts) = facts.get_mut(session).filter(|s| s.signed_in && now < s.expires) {
                facts.signed_in = false;
                facts.expires = facts.expires.min(now + LISTEN.as_secs());
            }
            stage.presence.sign_out(instant, SessionId(number(session)), instant + LISTEN)
        }
        // As the database would, the stage lets nobody attach to a session whose time is over.
        Move::Attach { session } if facts.get(session).is_some_and(|s| now < s.expires) => {
            let session_facts = &mut facts[session];
            *next_socket += 1;
            session_facts.sockets.insert(*next_socket);
            session_facts.until_sign_out = false;
            let signed_in = session_facts.signed_in;
            let mut entry = stage.entry(now, number(session), USERS[session_facts.user]);
            entry.expires = stage.at(session_facts.expires);
            entry.signed_in = signed_in;
            let step = stage.presence.attach(instant, &entry, SocketId(*next_socket));
            for dismissed in &step.dismissed {
                let of = facts.iter_mut().find(|s| s.sockets.contains(&dismissed.0)).unwrap();
                of.sockets.remove(&dismissed.0);
                of.last_seen = now;
            }
            step
        }
        Move::Detach { session } if facts.get(session).is_some_and(|s| !s.sockets.is_empty()) => {
            let gone = facts[session].sockets.pop_first().unwrap();
            facts[session].last_seen = now;
            stage.presence.detach(instant, SessionId(number(session)), SocketId(gone), Farewell::Closed)
        }
        _ => stage.presence.tick(instant),
    }
}

proptest! {
    #[test]
    fn the_machine_says_what_the_facts_say(moves in moves()) {
        let mut stage = Stage::new();
        let (mut facts, mut now, mut next_socket) = (Vec::new(), 0, 0);
        let mut online = BTreeSet::new();
        for (pause, one) in &moves {
            now += pause;
            let step = play(&mut stage, &mut facts, now, &mut next_socket, one);
            let said: BTreeSet<&UserId> = step.changes.iter().map(|change| &change.account.id).collect();
            prop_assert_eq!(said.len(), step.changes.len(), "said twice: {:?} after {:?}", step.changes, one);
            for change in &step.changes {
                let user = &change.account.id;
                if change.shown.is_some() { online.insert(user.to_string()) } else { online.remove(&**user) };
            }
            for (index, user) in USERS.iter().enumerate() {
                let expected = facts.iter().any(|s| s.user == index && s.is_online(now));
                prop_assert_eq!(online.contains(*user), expected, "{} at {} after {:?}", user, now, one);
            }
            prop_assert!(stage.presence.next_deadline().is_none_or(|due| due > stage.at(now)));
        }
        // In the end everything is over, and nothing of it is kept.
        stage.presence.tick(stage.at(now + 2 * LIFE.as_secs()));
        prop_assert!(stage.presence.sessions.is_empty() && stage.presence.people.is_empty());
        prop_assert!(stage.presence.deadlines.is_empty());
    }
}
