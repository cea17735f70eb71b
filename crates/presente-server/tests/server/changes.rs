//! Clients that hear changes: hello, deltas, snapshots, resuming, and how somebody wants to be seen.

use std::time::Duration;

use presente_wire::{
    Answer, Availability, Delta, Epoch, Hello, Me, OwnAvailability, Position, Replica, Row, event,
};
use reqwest::{
    Response, StatusCode,
    header::{ACCEPT_ENCODING, CONTENT_ENCODING, ETAG, IF_NONE_MATCH},
};
use serde_json::{Value, json};

use crate::harness::{Server, Socket, email};

/// A client of the better kind: it offers to hear changes and proves its list.
struct Client {
    socket: Socket,
    hello: Hello,
    replica: Replica,
    token: String,
}

impl Client {
    async fn open(server: &Server, token: &str) -> Self {
        Self::resume(server, token, None).await
    }

    async fn resume(server: &Server, token: &str, resume: Option<Position>) -> Self {
        let mut socket = server.connect(offer(token, resume)).await.expect("the socket is admitted");
        let (first, hello) = socket.next_event().await;
        assert_eq!(first, event::HELLO, "the hello comes before everything else");
        let hello: Hello = serde_json::from_value(hello).unwrap();
        let replica = Replica::new(hello.e);
        Self { socket, hello, replica, token: token.to_owned() }
    }

    async fn fetch(&mut self, server: &Server) {
        let answer = get(server, &self.hello.snap, &self.token).await.json::<Answer>().await.unwrap();
        self.replica.fetched(answer).expect("the list is proven");
    }

    async fn hear(&mut self) {
        let delta: Delta = serde_json::from_value(self.socket.next(event::DELTA).await).unwrap();
        self.replica.delta(delta).expect("the list stays proven");
    }

    /// Hears changes until the list is this one.
    async fn until(&mut self, expected: &[(&str, Availability)]) {
        while self.names() != expected {
            self.hear().await;
        }
    }

    fn names(&self) -> Vec<(&str, Availability)> {
        let mut names: Vec<_> =
            self.replica.rows().map(|row| (row.first_name.as_str(), row.availability)).collect();
        names.sort_unstable();
        names
    }

    fn row(&self, name: &str) -> &Row {
        self.replica.rows().find(|row| row.first_name == name).expect("they are in the list")
    }

    async fn set(&mut self, wish: Value) -> Value {
        self.socket.ask(event::SET, wish).await
    }
}

fn offer(token: &str, resume: Option<Position>) -> Value {
    json!({ "token": token, "presence": { "v": 1, "caps": ["delta", "zstd", "more"], "resume": resume } })
}

async fn get(server: &Server, path: &str, token: &str) -> Response {
    server.http.get(format!("{}{path}", server.base)).header("x-token", token).send().await.unwrap()
}

const ONLINE: Availability = Availability::Online;

#[tokio::test]
async fn a_client_that_offers_it_hears_changes_and_no_whole_lists() {
    let server = Server::start().await;
    let ana = server.join("ana").await;
    let mut client = Client::open(&server, &ana).await;
    assert_eq!((client.hello.v, client.hello.resumed), (1, false));
    assert_eq!(client.hello.me, Some(Me { a: OwnAvailability::Online, t: String::new() }));
    client.fetch(&server).await;
    let beto = server.join("beto").await;
    client.until(&[("ana", ONLINE), ("beto", ONLINE)]).await;
    assert_eq!(client.row("beto").email, email("beto"));
    client.socket.emit("user list", None).await;
    server.sign_out("beto", Some(&beto)).await;
    client.until(&[("ana", ONLINE)]).await;
    assert!(!client.socket.hears_a_list_within(Duration::from_millis(300)).await);
}

#[tokio::test]
async fn who_comes_back_goes_on_where_it_was_without_fetching() {
    let server = Server::start().await;
    let ana = server.join("ana").await;
    let mut client = Client::open(&server, &ana).await;
    client.fetch(&server).await;
    let (position, replica) = (client.replica.position(), client.replica.clone());
    client.socket.leave().await;
    server.join("beto").await;
    let mut watcher = server.socket(&ana).await;
    watcher.emit("user list", None).await;
    watcher.wait_for(&["ana", "beto"]).await;

    let mut back = Client::resume(&server, &ana, position).await;
    assert!(back.hello.resumed);
    back.replica = replica;
    back.hear().await;
    back.until(&[("ana", ONLINE), ("beto", ONLINE)]).await;

    let lost = Position { e: Epoch::new([9; 16]), s: 3 };
    let stranger = Client::resume(&server, &ana, Some(lost)).await;
    assert!(!stranger.hello.resumed, "a position in another server's life");
}

#[tokio::test]
async fn a_snapshot_is_for_those_with_a_token_and_knows_what_one_has() {
    let server = Server::start().await;
    let ana = server.join("ana").await;
    let mut client = Client::open(&server, &ana).await;
    client.fetch(&server).await;
    client.until(&[("ana", ONLINE)]).await;
    let path = client.hello.snap.clone();
    let refused = get(&server, &path, "nonsense").await;
    assert_eq!(refused.status(), StatusCode::UNAUTHORIZED);

    let url = format!("{}{path}", server.base);
    let request = || server.http.get(&url).header("x-token", &ana).header(ACCEPT_ENCODING, "zstd");
    let answer = request().send().await.unwrap();
    assert_eq!(answer.headers()[CONTENT_ENCODING], "zstd");
    let tag = answer.headers()[ETAG].clone();
    let plain = zstd::decode_all(&*answer.bytes().await.unwrap()).unwrap();
    let Answer::Snapshot(snapshot) = serde_json::from_slice(&plain).unwrap() else { panic!("not whole") };
    assert_eq!((snapshot.c, snapshot.e), (1, client.hello.e));
    assert_ne!(get(&server, &path, &ana).await.headers()[ETAG], tag, "other bytes, another tag");
    let again = request().header(IF_NONE_MATCH, &tag).send().await.unwrap();
    assert_eq!(again.status(), StatusCode::NOT_MODIFIED);

    server.join("beto").await;
    client.until(&[("ana", ONLINE), ("beto", ONLINE)]).await;
    let missing = format!("{path}?e={}&s={}", snapshot.e, snapshot.s);
    let answer = get(&server, &missing, &ana).await.json::<Answer>().await.unwrap();
    let Answer::Delta(delta) = answer else { panic!("only what is missing") };
    assert_eq!((delta.f, delta.j.len()), (snapshot.s, 1));
    let changed = request().header(IF_NONE_MATCH, &tag).send().await.unwrap();
    assert_eq!(changed.status(), StatusCode::OK);
}

#[tokio::test]
async fn how_somebody_wants_to_be_seen_is_seen_and_told_to_their_other_devices() {
    use Availability::{Away, DoNotDisturb};
    let server = Server::start().await;
    let (ana, beto) = (server.join("ana").await, server.join("beto").await);
    let mut watcher = Client::open(&server, &ana).await;
    watcher.fetch(&server).await;
    let mut laptop = Client::open(&server, &beto).await;
    let phone = server.sign_in("beto").await;
    let mut phone = Client::open(&server, &phone).await;

    assert_eq!(laptop.set(json!({ "a": "away", "t": "lunch" })).await["me"]["a"], json!("online"));
    assert_eq!(phone.set(json!({ "a": "away" })).await["me"], json!({ "a": "away", "t": "lunch" }));
    watcher.until(&[("ana", ONLINE), ("beto", Away)]).await;
    assert_eq!(watcher.row("beto").status_line, "lunch");
    let told: Vec<Value> = [laptop.socket.next(event::ME).await, laptop.socket.next(event::ME).await].into();
    assert_eq!(told.last().unwrap(), &json!({ "a": "away", "t": "lunch" }));

    phone.set(json!({ "a": "dnd" })).await;
    watcher.until(&[("ana", ONLINE), ("beto", DoNotDisturb)]).await;
    phone.socket.leave().await;
    watcher.until(&[("ana", ONLINE), ("beto", Away)]).await;

    let hidden = laptop.set(json!({ "a": "invisible" })).await;
    assert_eq!(hidden, json!({ "success": true, "me": { "a": "invisible", "t": "lunch" } }));
    watcher.until(&[("ana", ONLINE)]).await;
    server.until_connected("beto", false).await;
    let tablet = server.sign_in("beto").await;
    let tablet = Client::open(&server, &tablet).await;
    assert_eq!(tablet.hello.me.unwrap().a, OwnAvailability::Invisible, "on a new device as well");
    laptop.set(json!({ "a": "online", "t": "" })).await;
    watcher.until(&[("ana", ONLINE), ("beto", ONLINE)]).await;
}

#[tokio::test]
async fn what_is_no_way_to_be_seen_is_refused_and_so_is_who_only_listens() {
    let server = Server::start().await;
    let ana = server.join("ana").await;
    let mut client = Client::open(&server, &ana).await;
    for wish in [json!({ "a": "asleep" }), json!("away"), json!({ "t": "x".repeat(129) }), json!(null)] {
        assert_eq!(client.set(wish.clone()).await["success"], json!(false), "{wish}");
    }
    let cleaned = client.set(json!({ "t": "a\u{202e}b\u{7}" })).await;
    assert_eq!(cleaned["me"]["t"], json!("ab"));
    server.sign_out("ana", Some(&ana)).await;
    assert_eq!(client.set(json!({ "a": "online" })).await["success"], json!(false));
    let listener = Client::open(&server, &ana).await;
    assert_eq!(listener.hello.me, None, "who listens is not seen at all");
}

#[tokio::test]
async fn the_list_comes_by_socket_as_well() {
    let server = Server::start().await;
    let ana = server.join("ana").await;
    let mut client = Client::open(&server, &ana).await;
    let answer = client.socket.ask(event::FETCH, json!(null)).await;
    client.replica.fetched(serde_json::from_value(answer).unwrap()).unwrap();
    client.until(&[("ana", ONLINE)]).await;
    let here = client.replica.position();
    server.join("beto").await;
    client.until(&[("ana", ONLINE), ("beto", ONLINE)]).await;
    let answer = client.socket.ask(event::FETCH, json!(here)).await;
    let Answer::Delta(delta) = serde_json::from_value(answer).unwrap() else {
        panic!("only what is missing")
    };
    assert_eq!((Some(delta.f), delta.j.len()), (here.map(|here| here.s), 1));
}

#[tokio::test]
async fn a_server_that_stops_says_when_to_come_back() {
    let server = Server::start().await;
    let ana = server.join("ana").await;
    let mut client = Client::open(&server, &ana).await;
    let (_, bye) = tokio::join!(server.stop(), client.socket.next(event::BYE));
    assert!(bye["jitter"].as_u64().unwrap() > 0, "{bye}");
}

#[tokio::test]
async fn the_oldest_of_too_many_sockets_is_closed() {
    let server = Server::with(|config| config.limits.sockets_per_user = 2).await;
    let ana = server.join("ana").await;
    let mut oldest = server.socket(&ana).await;
    let _second = server.socket(&ana).await;
    let mut newest = server.socket(&ana).await;
    oldest.closed().await;
    newest.emit("user list", None).await;
    newest.wait_for(&["ana"]).await;
}

#[tokio::test]
async fn a_new_account_is_announced_to_everybody_without_its_secrets() {
    let server = Server::start().await;
    let ana = server.join("ana").await;
    let mut socket = server.socket(&ana).await;
    server.sign_up("beto").await;
    let record = socket.next("new user").await;
    let mut keys: Vec<_> = record.as_object().unwrap().keys().map(String::as_str).collect();
    keys.sort_unstable();
    assert_eq!(keys, ["_id", "email", "firstName", "isConected", "lastName"]);
    assert_eq!((&record["firstName"], &record["isConected"]), (&json!("beto"), &json!(false)));
}

#[tokio::test]
async fn when_somebody_was_last_online_is_told_once_they_are_gone() {
    let server = Server::start().await;
    let (ana, beto) = (server.join("ana").await, server.join("beto").await);
    let mut watcher = Client::open(&server, &ana).await;
    watcher.fetch(&server).await;
    watcher.until(&[("ana", ONLINE), ("beto", ONLINE)]).await;
    let id = watcher.row("beto").id.clone();
    let path = format!("/api/presence/last?ids={id},nobody");
    let last = async || get(&server, &path, &ana).await.json::<Value>().await.unwrap();
    assert_eq!(last().await, json!({ "last": {} }), "who is here was not here last");
    server.sign_out("beto", Some(&beto)).await;
    server.until_connected("beto", false).await;
    let told = last().await;
    assert!(told["last"][&id].as_str().is_some_and(|at| at.ends_with('Z')), "{told}");
    assert_eq!(get(&server, &path, "nonsense").await.status(), StatusCode::UNAUTHORIZED);
}
