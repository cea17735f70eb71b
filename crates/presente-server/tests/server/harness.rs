//! A server in a folder of its own, and a Socket.IO client made of plain long-polling requests.

use std::{path::Path, sync::Arc, time::Duration};

use presente_server::{Config, Running, start};
use reqwest::{Client, StatusCode};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::{sync::mpsc, task::JoinHandle, time::timeout};

/// Longest wait for something that must happen.
const PATIENCE: Duration = Duration::from_secs(5);
/// Packets of one polling body are separated by this.
const SEPARATOR: char = '\u{1e}';

pub(crate) const PASSWORD: &str = "una clave larga";

pub(crate) struct Server {
    running: Option<Running>,
    pub(crate) folder: Arc<TempDir>,
    pub(crate) http: Client,
    pub(crate) base: String,
}

impl Server {
    pub(crate) async fn start() -> Self {
        Self::with(|_| {}).await
    }

    pub(crate) async fn open() -> Self {
        Self::with(|config| config.open = true).await
    }

    pub(crate) async fn with(change: impl FnOnce(&mut Config)) -> Self {
        Self::in_folder(Arc::new(TempDir::new().unwrap()), change).await
    }

    pub(crate) async fn in_folder(folder: Arc<TempDir>, change: impl FnOnce(&mut Config)) -> Self {
        let mut config = Config::new("127.0.0.1:0".parse().unwrap(), folder.path());
        config.grace = Duration::from_millis(400);
        config.push_window = Duration::from_millis(20);
        // All clients of a test come from one address, and more often than people do.
        config.limits.sign_ups_per_minute = 1_000;
        config.limits.sign_ins_per_minute = 1_000;
        change(&mut config);
        let running = start(config).await.unwrap();
        let base = format!("http://{}", running.addr());
        let http = Client::builder()
            .no_proxy()
            // Built together with the core reqwest would unpack it and hide that it was packed.
            .no_zstd()
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .unwrap();
        Self { running: Some(running), folder, http, base }
    }

    /// Stops the server and returns the folder for the next one.
    pub(crate) async fn stop(mut self) -> Arc<TempDir> {
        let stopping = self.running.take().unwrap().stop();
        timeout(Duration::from_secs(2), stopping).await.expect("the server stops within two seconds");
        Arc::clone(&self.folder)
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> (StatusCode, Value) {
        self.post_with(path, body, None).await
    }

    pub(crate) async fn post_with(
        &self,
        path: &str,
        body: &Value,
        token: Option<&str>,
    ) -> (StatusCode, Value) {
        let mut request = self.http.post(format!("{}{path}", self.base)).json(body);
        if let Some(token) = token {
            request = request.header("x-token", token);
        }
        let answer = request.send().await.unwrap();
        (answer.status(), answer.json().await.unwrap())
    }

    /// Signs up `name@test.example`.
    pub(crate) async fn sign_up(&self, name: &str) {
        let user = json!({ "firstName": name, "lastName": "Test", "email": email(name),
                           "password": PASSWORD, "from": "signup" });
        let (status, answer) = self.post("/api/auth/signUp", &json!({ "newUser": user })).await;
        assert_eq!((status, &answer["success"]), (StatusCode::OK, &json!(true)), "{answer}");
    }

    /// Signs `name` in and returns the token.
    pub(crate) async fn sign_in(&self, name: &str) -> String {
        let user = json!({ "email": email(name), "password": PASSWORD, "from": "app" });
        let (_, answer) = self.post("/api/auth/signIn", &json!({ "logedUser": user })).await;
        answer["response"]["token"].as_str().unwrap_or_else(|| panic!("no token: {answer}")).to_owned()
    }

    /// Makes the session of `token` last longer.
    pub(crate) async fn renew(&self, token: &str) -> Value {
        let url = format!("{}/api/auth/renew", self.base);
        let answer = self.http.get(url).header("x-token", token).send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::OK);
        answer.json().await.unwrap()
    }

    /// Signs up and in.
    pub(crate) async fn join(&self, name: &str) -> String {
        self.sign_up(name).await;
        self.sign_in(name).await
    }

    pub(crate) async fn sign_out(&self, name: &str, token: Option<&str>) -> Value {
        let (status, answer) =
            self.post_with("/api/auth/signOut", &json!({ "closeuser": email(name) }), token).await;
        assert_eq!(status, StatusCode::OK);
        answer
    }

    /// Connects a socket that carries `token`.
    pub(crate) async fn socket(&self, token: &str) -> Socket {
        self.connect(json!({ "token": token })).await.expect("the socket is admitted")
    }

    /// Connects with a CONNECT payload; the error is the server's reason.
    pub(crate) async fn connect(&self, auth: Value) -> Result<Socket, String> {
        Socket::connect(self.http.clone(), &self.base, "", auth).await
    }

    /// Waits until the database says this about `name`: it is written a moment after it is so.
    pub(crate) async fn until_connected(&self, name: &str, expected: bool) {
        let pool = database(self.folder.path()).await;
        let written = async {
            loop {
                let (connected,): (bool,) = sqlx::query_as("SELECT is_connected FROM users WHERE email = ?")
                    .bind(email(name))
                    .fetch_one(&pool)
                    .await
                    .unwrap();
                if connected == expected {
                    return;
                }
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        };
        timeout(PATIENCE, written).await.unwrap_or_else(|_| panic!("{name} is not written as {expected}"));
        pool.close().await;
    }
}

pub(crate) async fn database(folder: &Path) -> sqlx::SqlitePool {
    let options = sqlx::sqlite::SqliteConnectOptions::new().filename(folder.join("presente.db"));
    sqlx::SqlitePool::connect_with(options).await.unwrap()
}

pub(crate) fn email(name: &str) -> String {
    format!("{name}@test.example")
}

/// A socket whose client polls by itself. Dropping it is a crash: no farewell, just silence.
pub(crate) struct Socket {
    http: Client,
    url: String,
    events: mpsc::UnboundedReceiver<(String, Value)>,
    acks: mpsc::UnboundedReceiver<Value>,
    pump: JoinHandle<()>,
}

impl Drop for Socket {
    fn drop(&mut self) {
        self.pump.abort();
    }
}

impl Socket {
    pub(crate) async fn connect(http: Client, base: &str, query: &str, auth: Value) -> Result<Self, String> {
        let url = format!("{base}/socket.io/?EIO=4&transport=polling{query}");
        let opened = http.get(&url).send().await.unwrap().text().await.unwrap();
        let opened: Value = serde_json::from_str(opened.strip_prefix('0').unwrap()).unwrap();
        let url = format!("{url}&sid={}", opened["sid"].as_str().unwrap());
        send(&http, &url, format!("40{auth}")).await;
        let (to_events, events) = mpsc::unbounded_channel();
        let (to_acks, acks) = mpsc::unbounded_channel();
        let (to_verdict, mut verdict) = mpsc::unbounded_channel();
        let pump = tokio::spawn({
            let (http, url) = (http.clone(), url.clone());
            async move {
                while let Ok(answer) = http.get(&url).send().await {
                    let body = answer.text().await.unwrap_or_default();
                    for packet in body.split(SEPARATOR) {
                        if packet == "2" {
                            send(&http, &url, "3".to_owned()).await;
                        } else if let Some(rest) = packet.strip_prefix("42") {
                            let event: Value = serde_json::from_str(rest).unwrap();
                            let name = event[0].as_str().unwrap().to_owned();
                            let _ = to_events.send((name, event[1].clone()));
                        } else if let Some(rest) = packet.strip_prefix("43") {
                            let data = &rest[rest.find('[').unwrap()..];
                            let data: Value = serde_json::from_str(data).unwrap();
                            let _ = to_acks.send(data[0].clone());
                        } else if packet.starts_with("40") {
                            let _ = to_verdict.send(Ok(()));
                        } else if let Some(rest) =
                            packet.strip_prefix("44").filter(|rest| !rest.starts_with('/'))
                        {
                            let reason: Value = serde_json::from_str(rest).unwrap();
                            let _ = to_verdict.send(Err(reason["message"].as_str().unwrap().to_owned()));
                        } else if packet != "6" && !packet.starts_with("44/") {
                            return;
                        }
                    }
                }
            }
        });
        let socket = Self { http, url, events, acks, pump };
        timeout(PATIENCE, verdict.recv()).await.expect("CONNECT is answered").unwrap().map(|()| socket)
    }

    pub(crate) async fn emit(&self, event: &str, data: Option<Value>) {
        let parts: Vec<Value> = [Value::from(event)].into_iter().chain(data).collect();
        send(&self.http, &self.url, format!("42{}", Value::from(parts))).await;
    }

    /// Sends any bytes as an Engine.IO body.
    pub(crate) async fn send_raw(&self, body: &str) {
        send(&self.http, &self.url, body.to_owned()).await;
    }

    /// Emits with an ack and returns what the server acknowledges.
    pub(crate) async fn ask(&mut self, event: &str, data: Value) -> Value {
        send(&self.http, &self.url, format!("421{}", json!([event, data]))).await;
        timeout(PATIENCE, self.acks.recv()).await.expect("the event is acknowledged").unwrap()
    }

    /// Says goodbye as a client that closes in good order does.
    pub(crate) async fn leave(self) {
        send(&self.http, &self.url, "41".to_owned()).await;
    }

    /// The next event, whatever it is.
    pub(crate) async fn next_event(&mut self) -> (String, Value) {
        let event = timeout(PATIENCE, self.events.recv()).await.expect("an event comes");
        event.expect("the socket is still open")
    }

    /// The payload of the next event of this name; others before it are skipped.
    pub(crate) async fn next(&mut self, name: &str) -> Value {
        let found = async {
            loop {
                let (event, data) = self.events.recv().await.expect("the socket is still open");
                if event == name {
                    return data;
                }
            }
        };
        timeout(PATIENCE, found).await.unwrap_or_else(|_| panic!("no {name:?} came"))
    }

    /// First names in the next list.
    pub(crate) async fn next_list(&mut self) -> Vec<String> {
        names(&self.next("usersConected").await)
    }

    /// Waits for a list of exactly these first names, in any order.
    pub(crate) async fn wait_for(&mut self, expected: &[&str]) {
        let mut expected: Vec<_> = expected.iter().map(|&name| name.to_owned()).collect();
        expected.sort();
        let mut last = None;
        let found = async {
            loop {
                let list = names(&self.next("usersConected").await);
                if list == expected {
                    return;
                }
                last = Some(list);
            }
        };
        if timeout(PATIENCE, found).await.is_err() {
            panic!("no list of {expected:?} came; the last one was {last:?}");
        }
    }

    /// Whether a list comes within `wait`.
    pub(crate) async fn hears_a_list_within(&mut self, wait: Duration) -> bool {
        timeout(wait, self.next("usersConected")).await.is_ok()
    }

    /// Waits until the server has closed the socket.
    pub(crate) async fn closed(&mut self) {
        let closed = async { while self.events.recv().await.is_some() {} };
        timeout(PATIENCE, closed).await.expect("the server closes the socket");
    }
}

fn names(list: &Value) -> Vec<String> {
    let users = list["response"]["user"].as_array().unwrap_or_else(|| panic!("not a list: {list}"));
    let mut names: Vec<_> = users.iter().map(|user| user["firstName"].as_str().unwrap().to_owned()).collect();
    names.sort();
    names
}

async fn send(http: &Client, url: &str, packet: String) {
    // A crash of the server under test shows in what does not come back.
    let _ = http.post(url).body(packet).send().await;
}
