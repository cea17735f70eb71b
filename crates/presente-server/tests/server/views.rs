//! Clients that see a part of a large list: who gets it, what they are shown and told, and what is refused.

use std::time::Duration;

use presente_wire::{Availability, Hello, Viewed, WindowChange, WindowCopy, event};
use serde_json::{Value, json};

use crate::harness::{Server, Socket};

/// A client that offers to look at a part of the list.
struct Viewer {
    socket: Socket,
    hello: Hello,
}

impl Viewer {
    async fn open(server: &Server, token: &str) -> Self {
        let offer = json!({ "v": 1, "caps": ["delta", "zstd", "view"] });
        let auth = json!({ "token": token, "presence": offer });
        let mut socket = server.connect(auth).await.expect("the socket is admitted");
        let hello = serde_json::from_value(socket.next(event::HELLO).await).unwrap();
        Self { socket, hello }
    }

    async fn look(&mut self, view: Value) -> WindowCopy {
        let answer = self.socket.ask(event::VIEW, view).await;
        let viewed: Viewed = serde_json::from_value(answer).unwrap();
        assert!(viewed.success && viewed.live);
        WindowCopy::new(viewed)
    }

    /// Takes what is told until the window has these names.
    async fn until(&mut self, copy: &mut WindowCopy, expected: &[&str]) {
        while names(copy) != expected {
            let change: WindowChange = serde_json::from_value(self.socket.next(event::WINDOW).await).unwrap();
            copy.change(change).expect("what is told fits to what was shown");
        }
    }
}

fn names(copy: &WindowCopy) -> Vec<&str> {
    copy.rows().iter().map(|row| row.first_name.as_str()).collect()
}

async fn with_views() -> Server {
    Server::with(|config| config.view_threshold = 1).await
}

#[tokio::test]
async fn above_the_threshold_a_client_that_offers_it_hears_of_its_window_alone() {
    let server = with_views().await;
    let ana = server.join("ana").await;
    let mut early = Viewer::open(&server, &ana).await;
    assert!(!early.hello.view, "one is not more than one");
    let beto = server.join("Beto").await;
    early.socket.next(event::DELTA).await;
    let mut viewer = Viewer::open(&server, &beto).await;
    assert!(viewer.hello.view && !viewer.hello.resumed);

    let mut copy = viewer.look(json!({ "len": 2 })).await;
    viewer.until(&mut copy, &["ana", "Beto"]).await;
    assert_eq!((copy.online(), copy.matching()), (2, 2));
    let alvaro = server.join("Álvaro").await;
    viewer.until(&mut copy, &["Álvaro", "ana"]).await;
    assert_eq!((copy.online(), copy.from()), (3, 0));
    server.sign_out("ana", Some(&ana)).await;
    viewer.until(&mut copy, &["Álvaro", "Beto"]).await;

    let mut other = Viewer::open(&server, &alvaro).await;
    let mut found = other.look(json!({ "q": "ALV", "len": 9 })).await;
    assert_eq!((names(&found), found.online(), found.matching()), (vec!["Álvaro"], 2, 1));
    viewer.socket.emit(event::SET, Some(json!({ "a": "dnd" }))).await;
    let change = viewer.socket.next(event::WINDOW).await;
    assert_eq!((change.get("ids"), &change["rows"][0]["a"]), (None, &json!("dnd")));
    server.sign_out("Álvaro", Some(&alvaro)).await;
    other.until(&mut found, &[]).await;
    let heard = tokio::time::timeout(Duration::from_millis(300), viewer.socket.next(event::DELTA)).await;
    assert!(heard.is_err(), "who sees a window hears no changes of the list");
}

#[tokio::test]
async fn another_view_takes_the_place_of_the_one_before_and_people_are_watched_beside_it() {
    let server = with_views().await;
    let (ana, beto) = (server.join("ana").await, server.join("beto").await);
    let mut viewer = Viewer::open(&server, &ana).await;
    let mut copy = viewer.look(json!({ "len": 100 })).await;
    viewer.until(&mut copy, &["ana", "beto"]).await;
    let id = copy.rows()[1].id.clone();
    let mut copy = viewer.look(json!({ "sort": "availability", "len": 1, "ids": [id, "nobody"] })).await;
    assert_eq!((names(&copy), copy.watched().len()), (vec!["ana"], 1));
    let mut device = Viewer::open(&server, &beto).await;
    device.socket.ask(event::SET, json!({ "a": "away", "t": "lunch" })).await;
    while copy.watched().any(|row| row.availability != Availability::Away) {
        let change: WindowChange = serde_json::from_value(viewer.socket.next(event::WINDOW).await).unwrap();
        assert_eq!((change.ids.as_ref(), change.rows.len()), (None, 0), "beto is not in the window");
        copy.change(change).unwrap();
    }
    server.sign_out("beto", Some(&beto)).await;
    while copy.watched().len() > 0 {
        let change = viewer.socket.next(event::WINDOW).await;
        copy.change(serde_json::from_value(change).unwrap()).unwrap();
    }
    assert_eq!(names(&copy), ["ana"]);
}

#[tokio::test]
async fn what_is_too_much_or_no_view_is_refused_with_a_sentence() {
    let server = with_views().await;
    let (ana, beto) = (server.join("ana").await, server.join("beto").await);
    let mut viewer = Viewer::open(&server, &ana).await;
    for view in [
        json!({ "len": 101 }),
        json!({ "len": -1 }),
        json!({ "len": 10, "from": 1.5 }),
        json!({ "len": 10, "sort": "email" }),
        json!({ "len": 10, "q": "x".repeat(65) }),
        json!({ "len": 10, "ids": vec!["a"; 201] }),
        json!({ "len": 10, "ids": ["x".repeat(200)] }),
        json!(null),
        json!([[[]]]),
        json!("everybody"),
    ] {
        let answer = viewer.socket.ask(event::VIEW, view.clone()).await;
        assert_eq!(answer["success"], json!(false), "{view}");
        assert!(answer["message"].as_str().is_some_and(|sentence| sentence.contains("100")), "{answer}");
    }
    let copy = viewer.look(json!({ "len": 10, "from": u64::MAX, "q": "\u{0}%_\u{202e}" })).await;
    assert_eq!(copy.rows().len(), 0, "strange is not too much");
    let mut plain = server.socket(&beto).await;
    let answer = plain.ask(event::VIEW, json!({ "len": 1 })).await;
    assert_eq!(answer["success"], json!(false), "it has not offered it");
}

#[tokio::test]
async fn a_server_that_stops_says_so_to_those_who_see_a_window_too() {
    let server = with_views().await;
    let (ana, _beto) = (server.join("ana").await, server.join("beto").await);
    let mut viewer = Viewer::open(&server, &ana).await;
    assert!(viewer.hello.view);
    let (_, bye) = tokio::join!(server.stop(), viewer.socket.next(event::BYE));
    assert!(bye["jitter"].as_u64().unwrap() > 0, "{bye}");
}
