//! Measures what a roster of 100,000 costs the core, from the server's word to the view: the whole list, a whole list of
//! which little has changed, one who comes or goes, a search, and the memory. The core is the real one; the
//! server is a few lines in the same process, so no network is in the figures.
//!
//! There is only one first list in a process: run it several times for that one.

#![allow(clippy::print_stdout, reason = "that is what this program is for")]

use anyhow::{Context, Result, bail};
use async_trait::async_trait;
use clap::Parser;
use futures_util::{FutureExt, StreamExt, future::BoxFuture, stream};
use presente_bench::{machine, meter::Meter};
use presente_core::{
    Command, Handle, Parts, SignInRequest, Update,
    clock::SystemClock,
    controller::{Dialects, Prefill},
    link::{AckError, Connector, EmitError, Link, LinkEvent, LinkRequest, Payload, Transport},
    pictures::Pictures,
    profile::{Meaning, Profile},
    secrets::MemorySecrets,
    session::{Credentials, NewPerson, SessionError, Sessions, SignedIn, Target},
    settings::MemorySettings,
    texts::Texts,
    view::View,
};
use presente_wire::{Answer, Position};
use secrecy::SecretString;
use serde_json::{Value, json};
use std::{
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};
use tokio::{sync::mpsc, time::timeout};

/// How the server of the measurement speaks: a whole list, and who came and went one by one.
const DIALECT: &str = r#"
name = "bench"

[presence]
by = "connection"

[roster]
snapshot = ["people"]
list = [""]

[[roster.joined]]
event = "came"

[[roster.left]]
event = "went"
"#;

/// How long anything may take.
const PATIENCE: Duration = Duration::from_secs(60);

/// Measures what a large roster costs the core.
#[derive(Debug, Parser)]
struct Arguments {
    /// How many people are in it.
    #[arg(long, default_value_t = 100_000)]
    people: u32,
    /// How often what is short is measured.
    #[arg(long, default_value_t = 200)]
    rounds: u32,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let Arguments { people, rounds } = Arguments::parse();
    let lists = Lists::of(people)?;
    let mut bench = Bench::start().await?;
    println!("{people} people; {}", machine::description());
    println!();
    println!("| | least | median | worst |");
    println!("|---|---|---|---|");
    bench.lists(&lists, people).await?;
    bench.deltas(people, rounds).await?;
    bench.searches(rounds).await?;
    reading(&lists)?;
    Ok(())
}

/// What the server says of everybody. It is written before anything is measured, and kept: to free so much would cost
/// somebody else time.
struct Lists {
    all: Payload,
    /// Without 1 %.
    most: Payload,
    _people: Value,
}

impl Lists {
    fn of(people: u32) -> Result<Self> {
        let everybody: Vec<Value> = (0..people).map(person).collect();
        let most: Vec<&Value> =
            everybody.iter().enumerate().filter(|(i, _)| i % 100 != 0).map(|(_, one)| one).collect();
        let (all, most) = (Payload::from_values(&[&everybody])?, Payload::from_values(&[&most])?);
        Ok(Self { all, most, _people: Value::Array(everybody) })
    }
}

/// What of a whole list is only its text.
fn reading(lists: &Lists) -> Result<()> {
    let profile = Profile::from_toml(DIALECT)?;
    let mut times = Vec::new();
    for _ in 0..10 {
        let began = Instant::now();
        let meaning = profile.read("people", &lists.all);
        times.push(began.elapsed());
        if !matches!(meaning, Meaning::Roster { .. }) {
            bail!("the list cannot be read");
        }
    }
    row("the text of a whole list, read alone", &mut times);
    Ok(())
}

/// The core under measurement, and the server that it is connected to.
struct Bench {
    core: Handle,
    updates: mpsc::UnboundedReceiver<Update>,
    server: Server,
}

impl Bench {
    async fn start() -> Result<Self> {
        let server = Server::default();
        let (sender, updates) = mpsc::unbounded_channel();
        let core = presente_core::start(parts(&server)?, sender);
        let request = SignInRequest {
            server: "http://localhost:4000".to_owned(),
            email: "me".to_owned(),
            password: SecretString::default(),
            keep: false,
            plain_http: false,
            new_person: None,
        };
        core.tell(Command::SignIn(Box::new(request))).await;
        let mut bench = Self { core, updates, server };
        bench.core.tell(Command::Attach { from: 0, len: 60 }).await;
        bench.view(|view| view.roster.empty.is_some()).await?;
        Ok(bench)
    }

    /// Waits for a view like this.
    async fn view(&mut self, fits: impl Fn(&View) -> bool) -> Result<()> {
        let search = async {
            while let Some(update) = self.updates.recv().await {
                if matches!(&update, Update::View(view) if fits(view)) {
                    return Ok(());
                }
            }
            bail!("the core has ended")
        };
        timeout(PATIENCE, search).await.context("the view never came")?
    }

    /// The time from the server's word to a view like this.
    async fn heard(
        &mut self,
        event: &str,
        payload: Payload,
        fits: impl Fn(&View) -> bool,
    ) -> Result<Duration> {
        let began = Instant::now();
        self.server.send(event, payload).await?;
        self.view(fits).await?;
        Ok(began.elapsed())
    }

    async fn lists(&mut self, Lists { all, most, .. }: &Lists, people: u32) -> Result<()> {
        let is = |view: &View, online: u32| view.roster.footer.contains(&format!(" {online} "));
        let meter = Meter::begin()?;
        row(
            "a whole list, the first",
            &mut [self.heard("people", all.clone(), |view| is(view, people)).await?],
        );
        let (mut gone, mut back) = (Vec::new(), Vec::new());
        for _ in 0..10 {
            let rest = people - people.div_ceil(100);
            gone.push(self.heard("people", most.clone(), |view| is(view, rest)).await?);
            back.push(self.heard("people", all.clone(), |view| is(view, people)).await?);
        }
        row("a whole list, 1 % of it gone", &mut gone);
        row("a whole list, 1 % of it back", &mut back);
        let kib = meter.end()?.pss_kib;
        println!("| memory that everybody takes | {:.1} MiB | | |", kib / 1024.0);
        Ok(())
    }

    async fn deltas(&mut self, people: u32, rounds: u32) -> Result<()> {
        let mut times = Vec::new();
        let (all, rest) = (people.to_string(), (people - 1).to_string());
        for round in 0..rounds {
            let one = Payload::from_values(&[person((round * 499) % people)])?;
            times.push(self.heard("went", one.clone(), |view| view.roster.footer.contains(&rest)).await?);
            times.push(self.heard("came", one, |view| view.roster.footer.contains(&all)).await?);
        }
        row("one who goes or comes", &mut times);
        Ok(())
    }

    async fn searches(&mut self, rounds: u32) -> Result<()> {
        let (mut first, mut further, mut end) = (Vec::new(), Vec::new(), Vec::new());
        for _ in 0..rounds.div_ceil(10) {
            first.push(self.search("a").await?);
            further.push(self.search("an").await?);
            further.push(self.search("ana 99").await?);
            end.push(self.search("").await?);
        }
        row("the first letter of a search", &mut first);
        row("a further letter", &mut further);
        row("the end of a search", &mut end);
        Ok(())
    }

    async fn search(&mut self, words: &str) -> Result<Duration> {
        let began = Instant::now();
        self.core.tell(Command::Search(words.to_owned())).await;
        self.view(|view| view.roster.search == words).await?;
        Ok(began.elapsed())
    }
}

fn parts(server: &Server) -> Result<Parts> {
    Ok(Parts {
        sessions: Arc::new(server.clone()),
        connector: Arc::new(server.clone()),
        network: stream::pending().boxed(),
        secrets: Arc::new(MemorySecrets::default()),
        settings: Box::new(MemorySettings),
        pictures: Pictures::default(),
        history: None,
        exports: std::env::temp_dir(),
        local_server: None,
        clock: Arc::new(SystemClock),
        rng: presente_core::seeded_rng(),
        texts: Texts::for_locale("en"),
        dialects: Dialects::Fixed(Arc::new(Profile::from_toml(DIALECT)?)),
        patient: true,
        prefill: Prefill::default(),
    })
}

fn row(what: &str, times: &mut [Duration]) {
    times.sort_unstable();
    let millis = |time: Option<&Duration>| time.map_or(0.0, |time| time.as_secs_f64() * 1e3);
    let (least, median, worst) =
        (millis(times.first()), millis(times.get(times.len() / 2)), millis(times.last()));
    println!("| {what} | {least:.2} ms | {median:.2} ms | {worst:.2} ms |");
}

/// Somebody, with a name like people have; names begin alike, as they do.
fn person(i: u32) -> Value {
    const FIRST: [&str; 8] = ["Ana", "José", "María del Carmen", "Lucía", "Beto", "Óscar", "Zoe", "Iñaki"];
    const LAST: [&str; 7] = ["Ríos", "Vega", "Núñez", "Soto", "García Márquez", "Ibarra", "Luna"];
    let pick = |names: &[&str], i: u32| {
        let at = usize::try_from(i).unwrap_or_default() % names.len();
        names.get(at).copied().unwrap_or_default().to_owned()
    };
    let name = format!("{} {} {i}", pick(&FIRST, i), pick(&LAST, i / 3));
    json!({"id": format!("64f0c2{i:018x}"), "name": name, "email": format!("p{i}@school.example")})
}

/// A server that lets everybody in, and says what it is told to say.
#[derive(Clone, Default)]
struct Server(Arc<Mutex<Option<mpsc::Sender<LinkEvent>>>>);

impl Server {
    async fn send(&self, event: &str, payload: Payload) -> Result<()> {
        let began = Instant::now();
        loop {
            let link = self.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
            if let Some(link) = link {
                let event = LinkEvent::Event { name: event.to_owned(), payload, ack: None };
                return link.send(event).await.ok().context("the core has hung up");
            }
            if began.elapsed() > PATIENCE {
                bail!("the core never connected");
            }
            tokio::task::yield_now().await;
        }
    }
}

impl Connector for Server {
    fn open(&self, _: LinkRequest, events: mpsc::Sender<LinkEvent>) -> Box<dyn Link> {
        let transport = Transport::WebSocket;
        // The queue is empty yet.
        let _ =
            events.try_send(LinkEvent::Connected { sid: Some("me".to_owned()), transport, recovered: false });
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(events);
        Box::new(Silent)
    }
}

/// A link on which nothing is said.
struct Silent;

impl Link for Silent {
    fn emit(&self, _: &str, _: Payload) -> Result<(), EmitError> {
        Ok(())
    }

    fn emit_with_ack(
        &self,
        _: &str,
        _: Payload,
        _: Duration,
    ) -> BoxFuture<'static, Result<Payload, AckError>> {
        async { Err(AckError::TimedOut) }.boxed()
    }

    fn check(&self, _: Duration) {}
}

#[async_trait]
impl Sessions for Server {
    async fn sign_in(
        &self,
        _: &Target,
        _: &Credentials,
        _: Option<&SecretString>,
    ) -> Result<SignedIn, SessionError> {
        Ok(SignedIn { token: None, me: None })
    }

    async fn sign_out(&self, _: &Target, _: &str, _: Option<&SecretString>) -> Result<(), SessionError> {
        Ok(())
    }

    async fn sign_up(&self, _: &Target, _: &Credentials, _: &NewPerson) -> Result<(), SessionError> {
        Err(SessionError::NotOffered)
    }

    async fn fetch_list(
        &self,
        _: &Target,
        _: &str,
        _: Option<Position>,
        _: Option<&SecretString>,
    ) -> Result<Answer, SessionError> {
        Err(SessionError::NotOffered)
    }
}
