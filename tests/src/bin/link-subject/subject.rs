//! A supervisor, a link, and who gives the orders.

use std::{future, time::Duration};

use anyhow::{Context, Result, bail};
use presente_core::{
    connection::{Generation, State, Supervisor},
    link::{Connector, EVENT_QUEUE, Link, LinkEvent},
};
use rand::rngs::StdRng;
use serde_json::{Value, json};
use tokio::{
    sync::mpsc,
    time::{Instant, sleep, sleep_until},
};

use crate::{
    arguments::{to_send, to_tell},
    options::SubjectOptions,
    say,
};

/// How long a question may stay without an answer unless an order says otherwise.
const QUESTION: Duration = Duration::from_secs(5);

struct Open {
    generation: Generation,
    link: Box<dyn Link>,
    events: mpsc::Receiver<LinkEvent>,
}

pub(crate) struct Subject {
    began: Instant,
    options: SubjectOptions,
    connector: Box<dyn Connector>,
    supervisor: Supervisor,
    open: Option<Open>,
    attempts: usize,
    rng: StdRng,
    slow: Duration,
}

impl Subject {
    pub(crate) fn new(link: &str, options: SubjectOptions) -> Result<Self> {
        let began = Instant::now();
        Ok(Self {
            began,
            connector: options.connector(link)?,
            options,
            supervisor: Supervisor::new(began),
            open: None,
            attempts: 0,
            rng: rand::make_rng(),
            slow: Duration::ZERO,
        })
    }

    /// Lives until nobody gives orders any more.
    pub(crate) async fn live(&mut self, mut commands: mpsc::UnboundedReceiver<Value>) -> Result<()> {
        self.supervisor.start(Instant::now());
        loop {
            self.drive()?;
            let deadline = self.supervisor.deadline();
            tokio::select! {
                command = commands.recv() => match command {
                    Some(command) => {
                        if let Err(error) = self.obey(&command) {
                            self.say("failed", json!({ "message": format!("{error:#}") }));
                        }
                    }
                    None => return Ok(()),
                },
                event = next_event(&mut self.open) => self.on_event(event).await,
                () = until(deadline) => {
                    self.supervisor.tick(Instant::now());
                }
            }
        }
    }

    /// Brings the link to where the supervisor is.
    fn drive(&mut self) -> Result<()> {
        let generation = self.supervisor.generation();
        self.open.take_if(|open| open.generation != generation);
        if self.supervisor.state() == State::Connecting && self.open.is_none() {
            self.attempts += 1;
            self.say("attempt", json!({ "n": self.attempts }));
            let (give, events) = mpsc::channel(EVENT_QUEUE);
            let link = self.connector.open(self.options.request(self.attempts)?, give);
            self.open = Some(Open { generation, link, events });
        }
        Ok(())
    }

    async fn on_event(&mut self, event: LinkEvent) {
        let now = Instant::now();
        match event {
            LinkEvent::Connected { transport, recovered, .. } => {
                self.supervisor.opened(transport, now);
                self.say("connected", json!({ "transport": transport.name(), "recovered": recovered }));
            }
            LinkEvent::TransportChanged(transport) => {
                self.supervisor.transport_changed(transport);
                self.say("upgraded", json!({ "transport": transport.name() }));
            }
            LinkEvent::RoundTrip(round_trip) => self.supervisor.answered(round_trip, now),
            LinkEvent::Event { name, payload, ack } => {
                if !self.slow.is_zero() {
                    sleep(self.slow).await;
                }
                let mut word = to_tell(&payload);
                word["event"] = json!(name);
                word["wantsAck"] = json!(ack.is_some());
                self.say("event", word);
                if let Some(ack) = ack {
                    ack.answer(payload);
                }
            }
            LinkEvent::Refused { message, data } => {
                let data = data.and_then(|data| serde_json::from_str::<Value>(data.get()).ok());
                self.say("refused", json!({ "message": message, "data": data }));
                self.supervisor.failed("refused", now, &mut self.rng);
            }
            LinkEvent::Closed { reason } => {
                self.supervisor.failed(&reason, now, &mut self.rng);
                self.say("closed", json!({ "reason": reason }));
            }
        }
    }

    fn obey(&mut self, command: &Value) -> Result<()> {
        match command["do"].as_str().unwrap_or_default() {
            "emit" => self.emit(command),
            "ask" => self.ask(command),
            "kick" => {
                self.supervisor.kick("kicked", Instant::now());
                Ok(())
            }
            "slow" => {
                self.slow = Duration::from_millis(command["ms"].as_u64().unwrap_or_default());
                Ok(())
            }
            "stop" => {
                self.supervisor.stop(Instant::now());
                self.drive()?;
                self.say("stopped", json!({}));
                Ok(())
            }
            other => bail!("no such command: {other}"),
        }
    }

    fn emit(&mut self, command: &Value) -> Result<()> {
        let (event, arguments) = event_of(command);
        let link = &self.open.as_ref().context("not open")?.link;
        let count = command["count"].as_u64().unwrap_or(1);
        for number in 0..count {
            let mut arguments = arguments.clone();
            if count > 1 {
                arguments.push(json!(number));
            }
            link.emit(event, to_send(&arguments)?)?;
        }
        Ok(())
    }

    /// Asks `count` times at once, each with its number before the arguments; every answer is told.
    fn ask(&mut self, command: &Value) -> Result<()> {
        let (event, arguments) = event_of(command);
        let link = &self.open.as_ref().context("not open")?.link;
        let within = command["timeout"].as_u64().map_or(QUESTION, Duration::from_millis);
        for id in 0..command["count"].as_u64().unwrap_or(1) {
            let mut numbered = vec![json!(id)];
            numbered.extend(arguments.iter().cloned());
            let answer = link.emit_with_ack(event, to_send(&numbered)?, within);
            let began = self.began;
            tokio::spawn(async move {
                let mut word = match answer.await {
                    Ok(payload) => to_tell(&payload),
                    Err(error) => json!({ "error": error.to_string() }),
                };
                word["id"] = json!(id);
                tell(began, "ack", word);
            });
        }
        Ok(())
    }

    fn say(&self, kind: &str, word: Value) {
        tell(self.began, kind, word);
    }
}

fn tell(began: Instant, kind: &str, mut word: Value) {
    word["kind"] = json!(kind);
    word["ms"] = json!(u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX));
    say(&word);
}

fn event_of(command: &Value) -> (&str, Vec<Value>) {
    (command["event"].as_str().unwrap_or_default(), command["args"].as_array().cloned().unwrap_or_default())
}

/// The next thing that the open link says; never, when there is none.
async fn next_event(open: &mut Option<Open>) -> LinkEvent {
    let Some(open) = open else { return future::pending().await };
    match open.events.recv().await {
        Some(event) => event,
        // A link that ends without a last word would otherwise be taken for a quiet one.
        None => LinkEvent::Closed { reason: "the link ended without a word".to_owned() },
    }
}

async fn until(deadline: Option<Instant>) {
    match deadline {
        Some(at) => sleep_until(at).await,
        None => future::pending().await,
    }
}
