//! What the protocol promises, step by step. The transports are played by hand.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may fail by panicking"
)]

use super::{Action, Emit, Frame, Incident, NamespaceId, Plan, Session};
use crate::{
    options::{Deadlines, Limits, Transport},
    payload::Payload,
    reason::{AckError, CloseReason, EmitError, Failure, Stage},
};
use bytes::Bytes;
use engineioxide_core::Str;
use std::time::{Duration, Instant};

const OPEN: &str =
    r#"0{"sid":"s1","upgrades":["websocket"],"pingInterval":25000,"pingTimeout":20000,"maxPayload":100}"#;
const WELCOME: &str = r#"40{"sid":"n1","pid":"p1"}"#;
const SECOND: Duration = Duration::from_secs(1);

/// A session with one namespace, and a clock that the test moves.
struct Play {
    session: Session,
    main: NamespaceId,
    now: Instant,
}

impl Play {
    fn begin(first: Transport, upgrade: bool, otherwise: Option<Transport>) -> Self {
        let now = Instant::now();
        let plan = |first, upgrade| Plan { first, upgrade, within: 20 * SECOND };
        let otherwise = otherwise.map(|first| plan(first, false));
        let mut session =
            Session::new(plan(first, upgrade), otherwise, Deadlines::default(), Limits::default(), now);
        let main = session.add("/");
        session.connect(main, None, None, now).unwrap();
        Self { session, main, now }
    }

    /// One whose namespace is connected, by WebSocket.
    fn connected() -> Self {
        let mut play = Self::begin(Transport::WebSocket, false, None);
        play.frame(OPEN);
        play.session.written(play.now);
        play.frame(WELCOME);
        play.session.written(play.now);
        play.actions();
        play.incidents();
        play
    }

    fn frame(&mut self, text: &str) {
        self.session.received(Frame::Text(Str::from(text.to_owned())), self.now);
    }

    fn polled(&mut self, body: &str) {
        self.session.polled(Bytes::from(body.to_owned()), self.now);
    }

    fn emit(&mut self, name: &str) -> Result<Option<u64>, EmitError> {
        self.session.emit(self.main, name, &Payload::empty(), Emit::default(), self.now)
    }

    /// Lets time pass, from deadline to deadline.
    fn wait(&mut self, time: Duration) {
        let end = self.now + time;
        while let Some(at) = self.session.deadline().filter(|at| *at <= end) {
            self.now = at.max(self.now);
            self.session.tick(self.now);
        }
        self.now = end;
    }

    /// What is to be done, in short words.
    fn actions(&mut self) -> Vec<String> {
        std::iter::from_fn(|| self.session.poll_action())
            .map(|action| match action {
                Action::Write(frames) => frames.iter().map(written).collect::<Vec<_>>().join(" "),
                Action::Post(body) => format!("post {}", body.replace('\u{1e}', "|")),
                other => format!("{other:?}"),
            })
            .collect()
    }

    fn incidents(&mut self) -> Vec<Incident> {
        std::iter::from_fn(|| self.session.poll_incident())
            .filter(|incident| !matches!(incident, Incident::RoundTrip(_)))
            .collect()
    }

    fn closed(&mut self) -> Option<CloseReason> {
        self.incidents().into_iter().find_map(|incident| match incident {
            Incident::Closed(reason) => Some(reason),
            _ => None,
        })
    }
}

fn written(frame: &Frame) -> String {
    match frame {
        Frame::Text(text) => text.to_string(),
        Frame::Binary(data) => format!("<{}>", data.len()),
        Frame::Ping => "ping".to_owned(),
        Frame::Pong => "pong".to_owned(),
    }
}

#[test]
fn what_is_emitted_before_the_namespace_is_connected_waits_for_it_in_order() {
    let mut play = Play::begin(Transport::WebSocket, false, None);
    play.emit("first").unwrap();
    play.frame(OPEN);
    play.session.written(play.now);
    play.emit("second").unwrap();
    assert_eq!(play.actions(), ["OpenWebSocket", "40 ping"]);
    play.frame(WELCOME);
    play.emit("third").unwrap();
    assert_eq!(play.actions().concat(), r#"42["first"] 42["second"]"#);
    play.session.written(play.now);
    assert_eq!(play.actions(), [r#"42["third"]"#]);
}

#[test]
fn an_upgrade_overtakes_nothing_that_polling_has_under_way() {
    let mut play = Play::begin(Transport::Polling, true, None);
    play.polled(OPEN);
    assert_eq!(play.actions(), ["Poll", "OpenWebSocket", "Poll", "post 40"]);
    play.session.posted(play.now);
    play.polled(WELCOME);
    play.session.websocket_opened(play.now);
    assert_eq!(play.actions(), ["2probe"], "the next GET waits a little for the upgrade");
    play.session.written(play.now);
    play.wait(Duration::from_millis(200));
    assert_eq!(play.actions(), ["Poll"], "but not for ever");
    play.frame("3probe");
    play.emit("held back").unwrap();
    assert!(play.actions().is_empty(), "the GET is still under way");
    play.polled(r#"42["last by polling"]"#);
    assert_eq!(play.actions(), ["DropPolling", "5"]);
    play.session.written(play.now);
    assert_eq!(play.actions(), [r#"42["held back"] ping"#]);
    let told: Vec<_> = play.incidents().iter().map(|incident| format!("{incident:?}")).collect();
    assert!(told.iter().any(|told| told.contains("last by polling")), "{told:?}");
    assert!(told.last().unwrap().contains("TransportChanged(WebSocket)"), "{told:?}");
}

#[test]
fn an_upgrade_that_is_quick_waits_for_no_get() {
    let mut play = Play::begin(Transport::Polling, true, None);
    play.polled(OPEN);
    play.session.posted(play.now);
    play.polled(WELCOME);
    play.session.websocket_opened(play.now);
    play.session.written(play.now);
    play.actions();
    play.frame("3probe");
    assert_eq!(play.actions(), ["DropPolling", "5"]);
}

#[test]
fn an_upgrade_that_fails_or_takes_too_long_leaves_polling_as_it_is() {
    for fails in [true, false] {
        let mut play = Play::begin(Transport::Polling, true, None);
        play.polled(OPEN);
        play.session.posted(play.now);
        play.polled(WELCOME);
        play.actions();
        match fails {
            true => {
                play.session.failed(Transport::WebSocket, Failure::Lost("no".to_owned()), play.now);
                assert_eq!(play.actions(), ["DropWebSocket", "Poll"]);
            }
            false => {
                play.wait(11 * SECOND);
                assert_eq!(play.actions(), ["Poll", "DropWebSocket"]);
            }
        }
        play.emit("by polling").unwrap();
        assert_eq!(play.actions(), [r#"post 42["by polling"]"#]);
        assert!(play.closed().is_none());
    }
}

#[test]
fn where_the_first_transport_does_not_get_through_the_other_is_tried() {
    for (failure, falls_back) in [
        (Failure::Status { status: 400, message: String::new() }, true),
        (Failure::Lost("reset".to_owned()), true),
        (Failure::Proxy("no CONNECT".to_owned()), true),
        (Failure::Unreachable("refused".to_owned()), false),
        (Failure::Tls("expired".to_owned()), false),
    ] {
        let mut play = Play::begin(Transport::WebSocket, false, Some(Transport::Polling));
        play.actions();
        play.session.failed(Transport::WebSocket, failure.clone(), play.now);
        assert_eq!(play.actions().contains(&"Poll".to_owned()), falls_back, "{failure:?}");
        assert_eq!(play.closed().is_none(), falls_back, "{failure:?}");
        if falls_back {
            play.polled(OPEN);
            assert_eq!(play.actions(), ["Poll", "post 40"], "{failure:?}");
        }
    }
}

#[test]
fn a_server_that_falls_silent_is_noticed_when_it_promised_to_speak() {
    let mut play = Play::connected();
    play.wait(44 * SECOND);
    assert!(play.closed().is_none());
    play.frame("2");
    assert_eq!(play.actions(), ["3 ping"]);
    play.session.written(play.now);
    play.wait(44 * SECOND);
    assert!(play.closed().is_none());
    play.wait(SECOND);
    assert_eq!(play.closed(), Some(CloseReason::Silent(45 * SECOND)));
}

#[test]
fn who_reads_slowly_goes_on_telling_the_server_that_we_live() {
    let mut play = Play::connected();
    play.session.rest(play.now);
    assert_eq!(play.actions(), ["3"], "a ping that is under way would be read too late");
    play.session.written(play.now);
    for _ in 0..20 {
        play.wait(25 * SECOND);
        assert_eq!(play.actions(), ["3"]);
        play.session.written(play.now);
    }
    play.session.resume(play.now);
    assert!(play.closed().is_none(), "our own rest is not the server's silence");
    play.wait(45 * SECOND);
    assert_eq!(play.closed(), Some(CloseReason::Silent(45 * SECOND)));
}

#[test]
fn a_sign_of_life_that_was_asked_for_is_awaited_no_longer_than_that() {
    let mut play = Play::connected();
    play.session.received(Frame::Pong, play.now);
    play.session.check(5 * SECOND, play.now);
    assert_eq!(play.actions(), ["ping"]);
    play.session.written(play.now);
    play.session.received(Frame::Pong, play.now);
    play.wait(6 * SECOND);
    assert!(play.closed().is_none());
    play.session.check(5 * SECOND, play.now);
    play.wait(5 * SECOND);
    assert_eq!(play.closed(), Some(CloseReason::TooSlow(Stage::Check)));
}

#[test]
fn a_write_that_hangs_ends_the_session() {
    let mut play = Play::connected();
    play.emit("stuck").unwrap();
    play.wait(20 * SECOND);
    assert_eq!(play.closed(), Some(CloseReason::TooSlow(Stage::Write)));
}

#[test]
fn a_server_that_answers_every_poll_with_nothing_is_not_asked_in_a_tight_loop() {
    let mut play = Play::begin(Transport::Polling, false, None);
    play.polled(OPEN);
    play.session.posted(play.now);
    play.actions();
    let mut polls = 0;
    for _ in 0..1000 {
        play.polled("6");
        play.wait(Duration::from_millis(5));
        polls += play.actions().len();
    }
    assert!(polls <= 25, "{polls} polls in five seconds");
}

#[test]
fn acknowledgements_find_their_events_and_end_with_the_namespace() {
    let mut play = Play::connected();
    let how = Emit { ack_within: Some(5 * SECOND), volatile: false };
    let ask = |play: &mut Play| {
        play.session.emit(play.main, "ask", &Payload::empty(), how, play.now).unwrap().unwrap()
    };
    let ids: Vec<u64> = (0..4).map(|_| ask(&mut play)).collect();
    assert_eq!(ids, [0, 1, 2, 3], "ids only grow");
    play.frame(r#"431["one"]"#);
    play.frame(r#"431["again"]"#);
    play.frame(r#"430["zero"]"#);
    play.wait(5 * SECOND);
    play.frame(r#"432["late"]"#);
    let answers: Vec<_> = play
        .incidents()
        .into_iter()
        .filter_map(|incident| match incident {
            Incident::Acknowledged { id, result, .. } => {
                Some((id, result.map(|payload| payload.read::<(String,)>().unwrap().0)))
            }
            _ => None,
        })
        .collect();
    let expected = [
        (1, Ok("one".to_owned())),
        (0, Ok("zero".to_owned())),
        (2, Err(AckError::TimedOut)),
        (3, Err(AckError::TimedOut)),
    ];
    assert_eq!(answers, expected);
    ask(&mut play);
    play.frame("41");
    let told = play.incidents();
    assert!(
        matches!(&told[0], Incident::Acknowledged { id: 4, result: Err(AckError::Closed), .. }),
        "{told:?}"
    );
    assert!(matches!(&told[1], Incident::Ended { reason: CloseReason::Disconnected, .. }), "{told:?}");
    assert_eq!(play.emit("more"), Err(EmitError::Closed));
}

#[test]
fn what_the_server_would_not_take_is_not_sent() {
    let mut play = Play::connected();
    let large = Payload::new(&"x".repeat(200)).unwrap();
    let sent = play.session.emit(play.main, "large", &large, Emit::default(), play.now);
    assert_eq!(sent, Err(EmitError::TooLarge(100)));
    assert!(play.actions().is_empty());
}

#[test]
fn what_waits_to_be_sent_is_bounded_and_volatile_events_never_wait() {
    let mut play = Play::connected();
    let volatile = Emit { volatile: true, ..Emit::default() };
    play.emit("being written").unwrap();
    play.session.emit(play.main, "volatile", &Payload::empty(), volatile, play.now).unwrap();
    let most = Limits::default().queued_packets;
    assert_eq!((0..).take_while(|_| play.emit("waiting").is_ok()).count(), most);
    assert_eq!(play.emit("more"), Err(EmitError::Full));
    play.actions();
    play.session.written(play.now);
    assert!(!play.actions().concat().contains("volatile"));
}

#[test]
fn recovery_asks_for_what_was_missed_and_says_whether_the_server_agreed() {
    let mut play = Play::connected();
    play.frame(r#"42["news",1,"offset-7"]"#);
    let recovery = play.session.recovery(play.main).unwrap();
    for (pid, agreed) in [("p1", true), ("p2", false)] {
        let mut next = Play::begin(Transport::WebSocket, false, None);
        let main = next.session.add("/other");
        let auth = Some(r#"{"token":"t"}"#);
        next.session.connect(main, auth, Some(recovery.clone()), next.now).unwrap();
        next.frame(OPEN);
        next.session.written(next.now);
        let sent = next.actions().concat();
        let (_, payload) = sent.split_once("40/other,").unwrap();
        let payload: serde_json::Value = serde_json::from_str(payload.trim_end_matches(" ping")).unwrap();
        assert_eq!(payload, serde_json::json!({"token": "t", "pid": "p1", "offset": "offset-7"}));
        next.frame(&format!(r#"40/other,{{"sid":"n2","pid":"{pid}"}}"#));
        let connected = next.incidents().into_iter().find_map(|incident| match incident {
            Incident::Connected { recovered, .. } => Some(recovered),
            _ => None,
        });
        assert_eq!(connected, Some(agreed));
    }
}

#[test]
fn what_a_server_sends_before_its_answer_to_connect_is_told_after_it() {
    let mut play = Play::begin(Transport::WebSocket, false, None);
    play.frame(OPEN);
    play.frame(r#"42["missed",1,"offset-8"]"#);
    play.frame(r#"42["missed",2,"offset-9"]"#);
    play.frame(WELCOME);
    let told = play.incidents();
    assert!(
        matches!(
            &told[1..],
            [Incident::Connected { .. }, Incident::Event { .. }, Incident::Event { payload, .. }]
                if payload.read::<(u8,)>().unwrap() == (2,)
        ),
        "{told:?}"
    );
    let recovery = play.session.recovery(play.main).unwrap();
    assert_eq!(recovery.offset.as_deref(), Some("offset-9"), "the next recovery goes on from the last one");
}

#[test]
fn a_refusal_ends_its_namespace_and_no_other() {
    let mut play = Play::connected();
    let chat = play.session.add("chat");
    play.session.connect(chat, None, None, play.now).unwrap();
    play.frame(r#"44/chat,{"message":"no","data":{"code":7}}"#);
    let told = play.incidents();
    let [Incident::Refused { namespace, message, data }] = &told[..] else { panic!("{told:?}") };
    assert_eq!((*namespace, message.as_str(), data.as_ref().unwrap().get()), (chat, "no", r#"{"code":7}"#));
    assert!(play.emit("still here").is_ok());
}

#[test]
fn an_orderly_end_sends_what_waits_and_says_goodbye_in_the_manner_of_the_transport() {
    let mut play = Play::connected();
    play.emit("last").unwrap();
    play.session.finish(play.now);
    assert_eq!(play.actions(), [r#"42["last"]"#]);
    play.session.written(play.now);
    assert_eq!(play.actions(), ["41"]);
    play.session.written(play.now);
    assert_eq!(play.closed(), Some(CloseReason::Local));

    let mut play = Play::begin(Transport::Polling, false, None);
    play.polled(OPEN);
    play.session.posted(play.now);
    play.polled(WELCOME);
    play.actions();
    play.session.finish(play.now);
    assert_eq!(play.actions(), ["post 41"]);
    play.session.posted(play.now);
    assert_eq!(play.actions(), ["post 1"]);
    play.session.posted(play.now);
    assert_eq!(play.closed(), Some(CloseReason::Local));
}

#[test]
fn what_breaks_the_protocol_ends_the_session() {
    for text in ["", "9", "4", "49", "42{}", "42[]", "42[1]", "5", "b!!", "451-[\"e\"]\u{1e}", "40", "4é"] {
        let mut play = Play::begin(Transport::WebSocket, false, None);
        play.frame(OPEN);
        play.frame(text);
        if text == "451-[\"e\"]\u{1e}" {
            play.frame("42[\"in between\"]");
        }
        let closed = play.closed();
        assert!(matches!(closed, Some(CloseReason::Protocol(_))), "{text:?}: {closed:?}");
    }
}
