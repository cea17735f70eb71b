//! An account at a server that tells its list in changes, and at those that do not like to be asked for it.

use super::*;
use crate::{
    link::AckError,
    roster::{Availability, ChangeKind},
    session::SessionError,
};
use presente_wire::{Answer, Delta, Digest, Epoch, Row, Snapshot};
use secrecy::ExposeSecret;

const EPOCH: [u8; 16] = [3; 16];

fn row(id: &str, availability: Availability) -> Row {
    Row {
        id: id.to_owned(),
        first_name: id.to_owned(),
        last_name: String::new(),
        email: format!("{id}@x"),
        availability,
        status_line: String::new(),
    }
}

fn here(id: &str) -> Row {
    row(id, Availability::Online)
}

fn hello(sequence: u64, resumed: bool, me: Option<&str>) -> Value {
    let mut hello = json!({
        "v": 1, "e": Epoch::new(EPOCH).to_string(), "s": sequence, "caps": ["delta", "zstd", "set"],
        "snap": "/api/presence", "resumed": resumed, "jitter": 0,
    });
    if let Some(me) = me {
        hello["me"] = json!({"a": me, "t": ""});
    }
    json!([hello])
}

fn list(sequence: u64, rows: &[Row]) -> Answer {
    let epoch = Epoch::new(EPOCH);
    let c = u64::try_from(rows.len()).unwrap();
    Answer::Snapshot(Snapshot { e: epoch, s: sequence, c, h: Digest::of(&epoch, rows), rows: rows.to_vec() })
}

/// The change that makes these rows of others.
fn change(sequence: u64, joined: &[Row], left: &[&str], now: &[Row]) -> Value {
    let epoch = Epoch::new(EPOCH);
    let delta = Delta {
        e: epoch,
        f: sequence - 1,
        t: sequence,
        j: joined.to_vec(),
        u: Vec::new(),
        l: left.iter().map(|id| (*id).to_owned()).collect(),
        c: u64::try_from(now.len()).unwrap(),
        h: Digest::of(&epoch, now),
    };
    json!([delta])
}

impl Play {
    /// Signed in and connected, with nothing heard yet.
    fn at_the_door() -> Self {
        let mut play = Self::of("usersconected");
        play.signs_in();
        play.connects();
        play.wanted();
        play
    }

    /// Following a list of Ana (that is us) and Beto at sequence 5.
    fn following() -> Self {
        let mut play = Self::at_the_door();
        play.hears("presence:hello", &hello(5, false, Some("online")));
        play.is_sent(Ok(list(5, &[here("ana"), here("beto")])));
        play.wanted();
        play
    }

    fn is_sent(&mut self, answer: Result<Answer, SessionError>) {
        let generation = self.account.supervisor.generation();
        let wall = Timestamp::UNIX_EPOCH;
        self.account.on_list_fetched(generation, answer, self.now, wall, &mut self.rng, &mut self.fx);
    }

    fn is_answered(&mut self, answer: Result<Value, AckError>) {
        let generation = self.account.supervisor.generation();
        let answer = answer.map(|answer| Payload::from_values(&[answer]).unwrap());
        self.account.on_presence_set(generation, answer, self.now, &mut self.fx);
    }

    fn is_refused(&mut self) {
        self.link(LinkEvent::Refused { message: "no".to_owned(), data: None });
    }

    fn is_cut_off(&mut self) {
        self.link(LinkEvent::Closed { reason: "cut".to_owned() });
    }

    fn ticks(&mut self, after: Duration) {
        self.now += after;
        self.account.tick(self.now, &mut self.rng, &mut self.fx);
    }

    /// With which offer the last link was opened; that is forgotten with the rest of what was wanted.
    fn offer(&mut self) -> Option<Value> {
        let mut opened = self.fx.drain(..).filter_map(|effect| match effect {
            Effect::OpenLink(_, request) => Some(request.proof.auth),
            _ => None,
        });
        let auth = opened.next_back().expect("a link is opened")?;
        let auth: Value = serde_json::from_str(auth.expose_secret()).unwrap();
        auth.get("presence").cloned()
    }

    fn reports(&self) -> Vec<&Report> {
        let reports = self.fx.iter().filter_map(|effect| match effect {
            Effect::Report(report) => Some(report),
            _ => None,
        });
        reports.collect()
    }

    /// Who is said to have come since this was asked last, of each list that is not silent the first.
    fn told_of(&mut self) -> Vec<String> {
        let told = self.reports().into_iter().filter_map(|report| match report {
            Report::List { silent: false, changes, .. } => {
                changes.iter().find(|change| change.kind == ChangeKind::Joined)
            }
            _ => None,
        });
        let told = told.map(|change| change.contact.name.to_string()).collect();
        self.fx.clear();
        told
    }
}

#[test]
fn what_is_offered_is_the_same_at_every_server_and_without_a_list_nothing_to_resume() {
    for profile in ["usersconected", "usuarios-activos", "nickname"] {
        let mut play = Play::of(profile);
        if play.account.target.profile.has_accounts() {
            play.signs_in();
        }
        assert_eq!(play.offer(), Some(json!({"v": 1, "caps": ["delta", "zstd"]})), "{profile}");
    }
}

#[test]
fn a_server_that_grants_nothing_is_one_of_whole_lists() {
    let mut play = Play::at_the_door();
    play.ticks(Duration::from_secs(2));
    play.hears("usersConected", &json!([[{"_id": "1", "firstName": "Beto"}]]));
    assert_eq!(play.online(), ["Beto"]);
    play.ticks(Duration::from_secs(80));
    assert_eq!(play.wanted(), ["user list []"], "it is asked again now and then");
}

#[test]
fn the_first_list_is_fetched_and_silent_and_then_changes_are_told() {
    let mut play = Play::of("usersconected");
    play.signs_in();
    play.connects();
    assert_eq!(play.wanted().last().map(String::as_str), Some("user list []"), "asked in any case");
    play.hears("presence:hello", &hello(5, false, Some("online")));
    assert_eq!(play.wanted(), ["fetch /api/presence"]);
    play.is_sent(Ok(list(5, &[here("ana"), here("beto")])));
    assert_eq!(play.online(), vec!["beto"]);
    assert_eq!(play.told_of(), [""; 0]);
    let now = [here("ana"), here("beto"), row("carla", Availability::Away)];
    play.hears("presence:delta", &change(6, &now[2..], &[], &now));
    assert_eq!(play.online(), ["beto", "carla"]);
    assert_eq!(play.told_of(), ["carla"]);
    let carla = play.account.roster.contact("carla").unwrap();
    assert_eq!(carla.availability, Some(Availability::Away));
    play.hears("presence:delta", &change(7, &[], &["beto"], &[here("ana"), now[2].clone()]));
    assert_eq!(play.online(), ["carla"]);
    play.ticks(Duration::from_secs(600));
    assert_eq!(play.wanted(), [""; 0], "nothing is asked again: the list proves itself");
}

#[test]
fn a_whole_list_says_nothing_to_who_follows_changes() {
    let mut play = Play::following();
    play.hears("usersConected", &json!([[{"_id": "1", "firstName": "Zoe"}]]));
    play.hears("usersConected", &json!(["no list"]));
    assert_eq!(play.online(), ["beto"]);
    assert_eq!(play.account.problem, None);
}

#[test]
fn who_grants_changes_too_late_is_asked_anew_without() {
    for list_first in [false, true] {
        let mut play = Play::at_the_door();
        if list_first {
            play.hears("usersConected", &json!([[{"_id": "1", "firstName": "Beto"}]]));
        } else {
            play.ticks(Duration::from_secs(2));
        }
        play.hears("presence:hello", &hello(5, false, Some("online")));
        play.ticks(Duration::from_secs(2));
        assert_eq!(play.offer(), None, "list first: {list_first}");
        play.connects();
        play.hears("presence:hello", &hello(5, false, Some("online")));
        play.hears("usersConected", &json!([[{"_id": "1", "firstName": "Beto"}]]));
        assert_eq!(play.online(), ["Beto"], "what was not asked for is not heard");
    }
}

#[test]
fn a_grant_that_cannot_be_read_is_done_without() {
    for hello in [json!([]), json!([7]), json!([{"v": 1, "e": "zz", "s": 1, "snap": "/"}])] {
        let mut play = Play::at_the_door();
        play.hears("presence:hello", &hello);
        play.ticks(Duration::from_secs(2));
        assert_eq!(play.offer(), None, "{hello}");
    }
}

#[test]
fn who_is_refused_tries_once_without_the_offer_before_anything_else_is_concluded() {
    let mut play = Play::of("usersconected");
    play.signs_in();
    assert!(play.offer().is_some());
    play.is_refused();
    play.ticks(Duration::from_secs(2));
    assert_eq!(play.offer(), None, "with the same token");
    play.connects();
    assert!(
        play.reports().iter().any(|report| matches!(report, Report::OfferRefused)),
        "and that is remembered"
    );
    play.is_cut_off();
    play.ticks(Duration::from_secs(60));
    assert_eq!(play.offer(), None);
}

#[test]
fn who_is_refused_without_the_offer_too_has_a_bad_token_and_offers_again_with_a_good_one() {
    let mut play = Play::of("usersconected");
    play.signs_in();
    play.connects();
    play.hears("usersConected", &json!([[{"_id": "1", "firstName": "Beto"}]]));
    play.is_cut_off();
    play.ticks(Duration::from_secs(60));
    assert!(play.offer().is_some());
    play.is_refused();
    play.ticks(Duration::from_secs(2));
    assert_eq!(play.offer(), None);
    play.is_refused();
    play.ticks(Duration::from_secs(2));
    assert_eq!(play.wanted().last().map(String::as_str), Some("sign in"));
    play.signs_in();
    assert!(play.offer().is_some(), "nothing is known against the offer");
    play.is_refused();
    play.ticks(Duration::from_secs(2));
    play.is_refused();
    assert_eq!(play.account.connection(), State::Halted, "the fresh token is refused: the person is asked");
}

#[test]
fn a_server_that_has_granted_changes_refuses_for_other_reasons() {
    let mut play = Play::following();
    play.is_cut_off();
    play.ticks(Duration::from_secs(60));
    play.wanted();
    play.is_refused();
    play.ticks(Duration::from_secs(1));
    assert_eq!(play.wanted(), ["close", "sign in"]);
}

#[test]
fn a_connection_resumes_where_the_last_one_ended_and_what_was_missed_is_silent() {
    let mut play = Play::following();
    play.is_cut_off();
    play.ticks(Duration::from_secs(60));
    let resume = json!({"e": Epoch::new(EPOCH).to_string(), "s": 5});
    assert_eq!(play.offer().unwrap()["resume"], resume);
    play.connects();
    play.wanted();
    play.hears("presence:hello", &hello(6, true, Some("online")));
    assert_eq!(play.wanted(), [""; 0], "it comes by itself");
    let now = [here("ana"), here("beto"), here("carla")];
    play.hears("presence:delta", &change(6, &now[2..], &[], &now));
    assert_eq!(play.online(), vec!["beto", "carla"]);
    assert_eq!(play.told_of(), [""; 0]);
    let now = [here("ana"), here("beto"), here("carla"), here("dario")];
    play.hears("presence:delta", &change(7, &now[3..], &[], &now));
    assert_eq!(play.told_of(), ["dario"]);
}

#[test]
fn where_nothing_was_missed_the_list_is_there_with_the_greeting() {
    let mut play = Play::following();
    play.is_cut_off();
    play.ticks(Duration::from_secs(60));
    play.connects();
    play.hears("presence:hello", &hello(5, true, Some("online")));
    let first = |report: &&Report| matches!(report, Report::List { is_first: true, .. });
    assert_eq!(play.reports().iter().filter(|report| first(report)).count(), 1);
}

#[test]
fn after_a_gap_the_missing_part_is_fetched_and_told() {
    let mut play = Play::following();
    let now = [here("ana"), here("beto"), here("carla"), here("dario")];
    play.hears("presence:delta", &change(7, &now[3..], &[], &now));
    assert_eq!(play.online(), ["beto"], "nothing is guessed");
    play.ticks(Duration::from_secs(1));
    assert_eq!(play.wanted(), ["fetch /api/presence from 5"]);
    play.is_sent(Ok(list(7, &now)));
    assert_eq!(play.online(), ["beto", "carla", "dario"]);
    assert_eq!(play.told_of(), ["carla"], "with one other");
}

#[test]
fn a_list_that_cannot_be_had_is_said_and_greyed_and_had_whole_in_the_end() {
    let mut play = Play::following();
    play.hears("presence:stale", &json!([{"e": Epoch::new(EPOCH).to_string(), "t": 9, "jitter": 500}]));
    let mut tries = 0;
    loop {
        play.ticks(Duration::from_secs(1));
        let wanted = play.wanted();
        if wanted.contains(&"close".to_owned()) {
            break;
        }
        if wanted.iter().any(|wanted| wanted.starts_with("fetch ") && wanted.ends_with(" from 5")) {
            tries += 1;
            assert!(tries < 10, "for ever");
            play.is_sent(Err(SessionError::ServerFailed { status: 503 }));
            if play.account.connection() == State::Connecting || !play.account.is_online() {
                break;
            }
            assert!(matches!(play.account.problem, Some(Problem::ListBehind { .. })), "said");
            assert!(play.account.list_is_behind(), "greyed");
            assert_eq!(play.online(), ["beto"], "kept");
        }
    }
    assert!(tries >= 3, "after {tries}");
    play.ticks(Duration::from_secs(2));
    assert_eq!(play.offer(), None);
    play.connects();
    play.hears("usersConected", &json!([[{"_id": "1", "firstName": "Beto"}]]));
    assert_eq!((play.online(), &play.account.problem), (vec!["Beto"], &None));
    play.is_cut_off();
    play.ticks(Duration::from_secs(2 * 3600));
    assert!(play.offer().is_some(), "after a while the server may do better");
}

#[test]
fn a_list_that_comes_right_again_takes_back_what_was_said() {
    let mut play = Play::following();
    play.hears("presence:delta", &json!([{"no": "delta"}]));
    play.ticks(Duration::from_secs(1));
    play.is_sent(Err(SessionError::Timeout));
    assert!(play.account.list_is_behind());
    play.ticks(Duration::from_secs(10));
    play.is_sent(Ok(list(6, &[here("beto")])));
    assert!(!play.account.list_is_behind());
    assert_eq!((play.online(), &play.account.problem), (vec!["beto"], &None));
}

#[test]
fn an_answer_for_a_connection_that_is_gone_is_not_heard() {
    let mut play = Play::at_the_door();
    play.hears("presence:hello", &hello(5, false, Some("online")));
    let generation = play.account.supervisor.generation();
    play.is_cut_off();
    play.ticks(Duration::from_secs(60));
    play.connects();
    play.hears("presence:hello", &hello(6, false, Some("online")));
    let (now, wall) = (play.now, Timestamp::UNIX_EPOCH);
    let answer = Ok(list(5, &[here("old")]));
    play.account.on_list_fetched(generation, answer, now, wall, &mut play.rng, &mut play.fx);
    assert_eq!(play.online(), [""; 0]);
}

#[test]
fn a_server_that_says_goodbye_is_left_and_found_again_without_a_failure() {
    let mut play = Play::following();
    play.hears("presence:bye", &json!([{"jitter": 4000}]));
    assert_eq!(play.wanted(), ["close"]);
    assert_eq!(play.account.failures(), 0);
    let State::Waiting { until } = play.account.connection() else { panic!("not waiting") };
    assert!(until <= play.now + Duration::from_secs(4));
    play.ticks(Duration::from_secs(4));
    assert!(play.offer().unwrap().get("resume").is_some());
}

#[test]
fn after_an_unannounced_loss_we_come_back_within_the_time_that_the_server_names() {
    let mut waits = Vec::new();
    for seed in 0..20 {
        let mut play = Play::at_the_door();
        play.rng = StdRng::seed_from_u64(seed);
        let mut hello = hello(5, false, Some("online"));
        hello[0]["jitter"] = json!(30_000);
        play.hears("presence:hello", &hello);
        play.is_cut_off();
        let State::Waiting { until } = play.account.connection() else { panic!("not waiting") };
        waits.push(until - play.now);
    }
    assert!(waits.iter().all(|wait| *wait <= Duration::from_secs(30)), "{waits:?}");
    assert!(
        waits.iter().any(|wait| *wait > Duration::from_secs(10)),
        "they do not all come at once: {waits:?}"
    );
}

#[test]
fn rows_of_strangers_are_made_fit_to_be_shown() {
    let mut play = Play::at_the_door();
    play.hears("presence:hello", &hello(5, false, Some("online")));
    let mut rows = vec![here("beto"), here(""), here(&"x".repeat(300))];
    rows.push(Row {
        first_name: "\u{202E}evil\n".repeat(200),
        status_line: "s".repeat(9_000),
        ..here("eve")
    });
    play.is_sent(Ok(list(5, &rows)));
    let shown: Vec<_> = play.account.roster.contacts().cloned().collect();
    assert_eq!(shown.iter().map(|contact| contact.id.as_str()).collect::<Vec<_>>(), ["beto", "eve"]);
    assert!(shown[1].name.chars().count() <= 129 && !shown[1].name.contains('\u{202E}'));
    assert!(shown[1].status_line.as_deref().unwrap().chars().count() <= 141);
}

proptest! {
    #[test]
    fn no_word_about_changes_with_any_arguments_ends_an_account(
        events in prop::collection::vec((0_usize..6, prop::collection::vec(any_presence(), 0..3), 0_u64..4_000), 0..20),
    ) {
        let names =
            ["presence:hello", "presence:delta", "presence:stale", "presence:bye", "presence:me", "presence:set"];
        let mut play = Play::at_the_door();
        play.hears("presence:hello", &hello(5, false, Some("online")));
        for (name, arguments, wait) in events {
            play.hears(names[name], &Value::from(arguments));
            play.ticks(Duration::from_millis(wait));
            if play.account.connection() == State::Connecting {
                play.connects();
                play.hears("presence:hello", &hello(5, true, None));
            }
            prop_assert!(play.account.roster.contacts().all(|contact| !contact.id.is_empty() && !contact.name.is_empty()));
            let due = play.account.deadline().is_none_or(|at| at > play.now);
            prop_assert!(due, "a deadline in the past never lets us rest");
        }
    }
}

/// Any JSON, or what is nearly right.
fn any_presence() -> impl Strategy<Value = Value> {
    let epoch = Epoch::new(EPOCH).to_string();
    let row = json!({"id": "z", "firstName": "Zoe", "a": "dnd", "t": "x"});
    prop_oneof![
        any_json(),
        Just(hello(7, true, Some("away"))[0].clone()),
        (any::<u64>(), any::<u64>(), any_json()).prop_map({
            let epoch = epoch.clone();
            move |(f, t, h)| json!({"e": epoch, "f": f, "t": t, "j": [row], "c": 1, "h": h})
        }),
        (any::<u64>(), any::<u64>()).prop_map({
            let epoch = epoch.clone();
            move |(t, jitter)| json!({"e": epoch, "t": t, "jitter": jitter})
        }),
        Just(json!({"e": epoch, "f": 5, "t": 6, "c": u64::MAX, "h": "0000000000000000"})),
        prop::sample::select(vec!["online", "away", "dnd", "invisible", "x"]).prop_map(|a| json!({"a": a})),
    ]
}

#[path = "own_tests.rs"]
mod own;
