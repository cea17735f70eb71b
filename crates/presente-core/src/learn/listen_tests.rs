use super::*;
use crate::{
    learn::propose,
    link::{AckError, EmitError, Proof, Transport},
    server_url::ServerUrl,
};
use futures_util::future::{BoxFuture, FutureExt};
use serde_json::{Value, json};
use std::sync::{Arc, Mutex};

/// A server in memory: what it says by itself, and what it answers.
#[derive(Default)]
struct Stage {
    says: Vec<LinkEvent>,
    answers: Vec<(&'static str, &'static str, Value)>,
    asked: Arc<Mutex<Vec<String>>>,
}

struct StageLink {
    events: mpsc::Sender<LinkEvent>,
    answers: Vec<(&'static str, &'static str, Value)>,
    asked: Arc<Mutex<Vec<String>>>,
}

fn event(name: &str, argument: &Value) -> LinkEvent {
    LinkEvent::Event { name: name.to_owned(), payload: Payload::from_values(&[argument]).unwrap(), ack: None }
}

fn connected() -> LinkEvent {
    LinkEvent::Connected { sid: None, transport: Transport::WebSocket, recovered: false }
}

impl Connector for Mutex<Stage> {
    fn open(&self, _: LinkRequest, events: mpsc::Sender<LinkEvent>) -> Box<dyn Link> {
        let stage = std::mem::take(&mut *self.lock().unwrap());
        for said in stage.says {
            events.try_send(said).unwrap();
        }
        Box::new(StageLink { events, answers: stage.answers, asked: stage.asked })
    }
}

impl Link for StageLink {
    fn emit(&self, asked: &str, payload: Payload) -> Result<(), EmitError> {
        assert_eq!(payload.read::<Vec<Value>>().unwrap(), Vec::<Value>::new(), "questions have no arguments");
        self.asked.lock().unwrap().push(asked.to_owned());
        for (_, name, argument) in self.answers.iter().filter(|(request, ..)| *request == asked) {
            self.events.try_send(event(name, argument)).unwrap();
        }
        Ok(())
    }

    fn emit_with_ack(
        &self,
        _: &str,
        _: Payload,
        _: Duration,
    ) -> BoxFuture<'static, Result<Payload, AckError>> {
        async { Err(AckError::NotOffered) }.boxed()
    }

    fn check(&self, _: Duration) {}
}

async fn listen_to(stage: Stage, requests: &[&str]) -> (Result<Observed, ListenError>, Vec<String>) {
    let request = LinkRequest {
        server: ServerUrl::parse("http://localhost:1").unwrap(),
        path: "/socket.io/".to_owned(),
        namespace: "/".to_owned(),
        transports: None,
        proof: Proof::default(),
    };
    let requests: Vec<String> = requests.iter().map(|request| (*request).to_owned()).collect();
    let mut heard = Vec::new();
    let stage = Mutex::new(stage);
    let result = listen(&stage, request, &requests, Duration::from_secs(6), |what| {
        heard.push(match what {
            Heard::Connected => "connected".to_owned(),
            Heard::Asked(event) => format!("?{event}"),
            Heard::Event(event, observed) => format!("{event} {}", observed.event(event).unwrap().count),
        });
    });
    (result.await, heard)
}

#[tokio::test(start_paused = true)]
async fn listening_collects_what_comes_by_itself_and_what_is_asked_for() {
    let began = tokio::time::Instant::now();
    let asked = Arc::default();
    let stage = Stage {
        says: vec![connected(), event("tick", &json!(1)), event("tick", &json!(2))],
        answers: vec![("who", "people", json!(["Ana", "Beto"]))],
        asked: Arc::clone(&asked),
    };
    let (observed, heard) = listen_to(stage, &["user list", "who"]).await;
    assert_eq!(heard, ["connected", "tick 1", "tick 2", "?user list", "?who", "people 1"]);
    assert_eq!(*asked.lock().unwrap(), ["user list", "who"]);
    let mapping = &propose(&observed.unwrap())[0].mapping;
    assert_eq!((mapping.event.as_str(), mapping.request.as_deref()), ("people", Some("who")));
    assert_eq!(began.elapsed().as_secs(), 6);
}

#[tokio::test(start_paused = true)]
async fn every_question_is_asked_however_many_there_are() {
    let asked = Arc::default();
    let stage = Stage { says: vec![connected()], asked: Arc::clone(&asked), ..Stage::default() };
    let questions = ["a", "b", "c", "d", "e", "f", "g", "h"];
    let (observed, _) = listen_to(stage, &questions).await;
    assert_eq!(*asked.lock().unwrap(), questions);
    assert!(observed.unwrap().is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_server_that_cannot_be_listened_to_is_told_of() {
    let refused = LinkEvent::Refused { message: "no token".to_owned(), data: None };
    let closed = || LinkEvent::Closed { reason: "gone".to_owned() };
    for (says, expected) in [
        (vec![], Err(ListenError::TimedOut)),
        (vec![refused], Err(ListenError::Refused { message: "no token".to_owned() })),
        (vec![closed()], Err(ListenError::Closed { reason: "gone".to_owned() })),
        (vec![connected(), closed()], Err(ListenError::Closed { reason: "gone".to_owned() })),
        (vec![connected(), event("x", &json!(1)), closed()], Ok(1)),
    ] {
        let (result, _) = listen_to(Stage { says, ..Stage::default() }, &["who"]).await;
        assert_eq!(result.map(|observed| observed.events().len()), expected);
    }
}

#[test]
fn the_questions_of_the_presets_are_known() {
    let presets: Vec<Profile> = Profile::preset_names().map(|name| Profile::preset(name).unwrap()).collect();
    assert_eq!(known_requests(presets.iter().chain(&presets)), ["user list", "userList"]);
}
