//! Hostile clients: each is refused in bounded time and memory, and the others still get in.
//!
//! `PRESENTE_HOSTILE_TABLE=write cargo test -p presente-server --test server hostile` also writes what was
//! measured into docs/SERVER.md; `PRESENTE_HOSTILE_ONLY` takes a part of the name of the cases to try alone.

mod connections;
mod messages;
mod people;
mod raw;
mod sockets;
mod target;

use std::{
    future::Future,
    path::Path,
    pin::Pin,
    sync::Arc,
    time::{Duration, Instant},
};

use tokio::sync::Semaphore;

use target::Target;

const BEGIN: &str = "<!-- The table of hostile clients begins here. -->";
const END: &str = "<!-- It ends here. -->";
/// Cases that run at once, each against a server of its own.
const AT_ONCE: usize = 4;
/// How long the others may need to get in while and after a server is attacked.
const OTHERS: Duration = Duration::from_secs(15);

type Acting<'a> = Pin<Box<dyn Future<Output = String> + Send + 'a>>;

/// One kind of attack.
struct Case {
    name: &'static str,
    /// Longest time until it is over.
    within: Duration,
    /// Most memory that it may take, in MiB.
    growth: u64,
    /// Attacks, sees that it is refused, and says how.
    act: for<'a> fn(&'a Target) -> Acting<'a>,
}

/// What one attack came to.
struct Outcome {
    name: &'static str,
    answer: String,
    took: Duration,
    growth_kib: u64,
    others: Duration,
}

/// A case whose attack is an `async fn`.
macro_rules! case {
    ($name:expr, $seconds:expr, $mib:expr, $act:path) => {
        $crate::hostile::Case {
            name: $name,
            within: std::time::Duration::from_secs($seconds),
            growth: $mib,
            act: |target| Box::pin($act(target)),
        }
    };
}
pub(crate) use case;

fn cases() -> Vec<Case> {
    [connections::cases(), messages::cases(), sockets::cases(), people::cases()]
        .into_iter()
        .flatten()
        .collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn hostile_clients_are_refused_in_bounded_time_and_memory_and_others_get_in() {
    let room = Arc::new(Semaphore::new(AT_ONCE));
    let only = std::env::var("PRESENTE_HOSTILE_ONLY").unwrap_or_default();
    let running = cases().into_iter().filter(|case| case.name.contains(&only)).map(|case| {
        let room = Arc::clone(&room);
        let name = case.name;
        let running = tokio::spawn(async move {
            let _place = room.acquire().await.unwrap();
            run(&case).await
        });
        (name, running)
    });
    let (mut outcomes, mut failed) = (Vec::new(), Vec::new());
    for (name, running) in running.collect::<Vec<_>>() {
        match running.await {
            Ok(outcome) => outcomes.push(outcome),
            Err(_) => failed.push(name),
        }
    }
    let table = table(&outcomes);
    println!("{table}");
    assert!(failed.is_empty(), "not refused as they should be: {failed:#?}");
    if std::env::var_os("PRESENTE_HOSTILE_TABLE").is_some() {
        write(&table);
    }
}

async fn run(case: &Case) -> Outcome {
    let mut target = Target::start().await;
    let watch = target.watch();
    let acting = async {
        let start = Instant::now();
        ((case.act)(&target).await, start.elapsed())
    };
    // Somebody comes back in the middle of it.
    let coming = target.comes_back("leo", target.token_of("leo"));
    let ((answer, took), others) = tokio::join!(acting, coming);
    let growth_kib = watch.growth_kib();
    target.lives();
    let others = others.max(target.gets_in("ana").await);
    assert!(took <= case.within, "{}: took {took:?}", case.name);
    assert!(growth_kib <= case.growth * 1024, "{}: grew by {growth_kib} KiB", case.name);
    assert!(others <= OTHERS, "{}: the others needed {others:?}", case.name);
    Outcome { name: case.name, answer, took, growth_kib, others }
}

fn table(outcomes: &[Outcome]) -> String {
    let mut table =
        "| case | answer | time | memory, at most | others got in within |\n|---|---|---|---|---|\n"
            .to_owned();
    for outcome in outcomes {
        let Outcome { name, answer, took, growth_kib, others } = outcome;
        let (took, others) = (took.as_secs_f64(), others.as_secs_f64());
        // Tenths, rounded up.
        let growth = (growth_kib * 10).div_ceil(1024);
        let (mib, tenth) = (growth / 10, growth % 10);
        table.push_str(&format!("| {name} | {answer} | {took:.1} s | {mib}.{tenth} MiB | {others:.1} s |\n"));
    }
    table
}

fn write(table: &str) {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/SERVER.md");
    let text = std::fs::read_to_string(&page).unwrap();
    let (before, rest) = text.split_once(BEGIN).expect("the page has a place for the table");
    let (_, after) = rest.split_once(END).expect("the table has an end");
    std::fs::write(&page, format!("{before}{BEGIN}\n\n{table}\n{END}{after}")).unwrap();
}
