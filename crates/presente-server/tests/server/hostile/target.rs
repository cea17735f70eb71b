//! The server that is attacked: the real program as a child, its memory watched, with people of its own.

use std::{
    collections::HashMap,
    net::{IpAddr, Ipv4Addr, SocketAddr},
    process::Stdio,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use reqwest::{Client, RequestBuilder, StatusCode};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::{
    io::{AsyncBufReadExt as _, BufReader},
    process::{Child, Command},
    task::JoinHandle,
    time::timeout,
};

use super::raw::Raw;
use crate::harness::{PASSWORD, email};

/// Where people who mean no harm come from.
pub(crate) const HOME: Ipv4Addr = Ipv4Addr::LOCALHOST;
/// Where an attack comes from.
pub(crate) const EVIL: Ipv4Addr = Ipv4Addr::new(127, 0, 0, 66);
/// Longest wait for something that must happen.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

/// A `presente-server` with its defaults, in a folder of its own.
pub(crate) struct Target {
    child: Child,
    pub(crate) addr: SocketAddr,
    /// Those of `ana` and `leo`.
    tokens: [String; 2],
    /// One for each address.
    clients: Mutex<HashMap<Ipv4Addr, Client>>,
    _folder: TempDir,
}

impl Target {
    /// Starts one in which `ana` and `leo` have accounts, and both have been in once: what a server needs
    /// for its first sign-in is not an attacker's doing.
    pub(crate) async fn start() -> Self {
        Self::with(&[]).await
    }

    pub(crate) async fn with(arguments: &[&str]) -> Self {
        let folder = TempDir::new().unwrap();
        let mut child = Command::new(env!("CARGO_BIN_EXE_presente-server"))
            .args(["--addr", "127.0.0.1:0", "--data"])
            .arg(folder.path())
            .args(arguments)
            .env("RUST_LOG", "warn")
            .stdout(Stdio::piped())
            .stderr(Stdio::inherit())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let mut line = String::new();
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        timeout(PATIENCE, stdout.read_line(&mut line)).await.expect("the server starts").unwrap();
        let addr = line.trim().rsplit_once("http://").unwrap_or_else(|| panic!("{line}")).1.parse().unwrap();
        let mut target = Self {
            child,
            addr,
            tokens: <[String; 2]>::default(),
            clients: Mutex::default(),
            _folder: folder,
        };
        for (number, name) in ["ana", "leo"].into_iter().enumerate() {
            let user = json!({ "firstName": name, "lastName": "", "email": email(name),
                               "password": PASSWORD, "from": "signup" });
            let (_, answer) = target.post(HOME, "/api/auth/signUp", &json!({ "newUser": user })).await;
            assert_eq!(answer["success"], true, "{answer}");
            target.gets_in(name).await;
            target.tokens[number] = target.sign_in(HOME, &email(name), PASSWORD).await.unwrap();
        }
        target
    }

    /// An HTTP client at `from`, with connections of its own.
    pub(crate) fn client(from: Ipv4Addr) -> Client {
        Client::builder().no_proxy().local_address(IpAddr::V4(from)).timeout(PATIENCE).build().unwrap()
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.addr)
    }

    pub(crate) async fn post(&self, from: Ipv4Addr, path: &str, body: &Value) -> (StatusCode, Value) {
        let client = self.clients.lock().unwrap().entry(from).or_insert_with(|| Self::client(from)).clone();
        answer(client.post(self.url(path)).json(body)).await
    }

    /// Signs in from `from`; the token, or what was said instead.
    pub(crate) async fn sign_in(
        &self,
        from: Ipv4Addr,
        email: &str,
        password: &str,
    ) -> Result<String, (StatusCode, Value)> {
        let user = json!({ "email": email, "password": password, "from": "app" });
        let (status, answer) = self.post(from, "/api/auth/signIn", &json!({ "logedUser": user })).await;
        answer["response"]["token"].as_str().map(str::to_owned).ok_or((status, answer))
    }

    /// Signs somebody in who means no harm, as their client would: it comes back when it is told to. Then
    /// opens a socket and gets the list.
    pub(crate) async fn gets_in(&self, name: &str) -> Duration {
        let start = Instant::now();
        let token = loop {
            match self.sign_in(HOME, &email(name), PASSWORD).await {
                Ok(token) => break token,
                Err((StatusCode::TOO_MANY_REQUESTS, _)) if start.elapsed() < PATIENCE => {
                    tokio::time::sleep(Duration::from_millis(200)).await;
                }
                Err(refusal) => panic!("{name} does not get in: {refusal:?}"),
            }
        };
        self.comes_back(name, &token).await;
        start.elapsed()
    }

    /// Somebody who is signed in comes back, as after a lost connection: they open a socket and get the list.
    pub(crate) async fn comes_back(&self, name: &str, token: &str) -> Duration {
        let start = Instant::now();
        let mut socket = Raw::socket(self.addr, HOME, token).await;
        socket.text(r#"42["user list"]"#).await;
        let list = socket.next_of("usersConected").await;
        assert!(list.contains(&email(name)), "{list}");
        start.elapsed()
    }

    /// The token that `ana` or `leo` got before the attack: signing in takes memory, whoever does it.
    pub(crate) fn token_of(&self, name: &str) -> &str {
        let [ana, leo] = &self.tokens;
        if name == "ana" { ana } else { leo }
    }

    /// Watches how much memory the server takes from here on.
    pub(crate) fn watch(&self) -> Watch {
        let process = self.child.id().expect("the server runs");
        let (before, most) = (memory_kib(process), Arc::new(AtomicU64::new(0)));
        let looking = tokio::spawn({
            let most = Arc::clone(&most);
            async move {
                loop {
                    most.fetch_max(memory_kib(process), Ordering::SeqCst);
                    tokio::time::sleep(Duration::from_millis(5)).await;
                }
            }
        });
        Watch { before, most, looking }
    }

    /// Panics when the server has ended.
    pub(crate) fn lives(&mut self) {
        assert!(matches!(self.child.try_wait(), Ok(None)), "the server has ended");
    }
}

/// A request's answer; `null` where its body is no JSON.
pub(crate) async fn answer(request: RequestBuilder) -> (StatusCode, Value) {
    let answer = request.send().await.unwrap();
    (answer.status(), answer.json().await.unwrap_or(Value::Null))
}

/// The memory of the server over some time.
pub(crate) struct Watch {
    before: u64,
    most: Arc<AtomicU64>,
    looking: JoinHandle<()>,
}

impl Watch {
    /// By how many KiB it has grown at its largest.
    pub(crate) fn growth_kib(&self) -> u64 {
        self.most.load(Ordering::SeqCst).saturating_sub(self.before)
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.looking.abort();
    }
}

/// What a process holds of its own, without the pages of its program.
fn memory_kib(process: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("RssAnon:")).unwrap_or_default();
    line.split_whitespace().next().and_then(|kib| kib.parse().ok()).unwrap_or_default()
}
