//! What the edge lets through: pages of other sites, unknown routes, clients that dawdle.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use reqwest::{Method, StatusCode};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    time::timeout,
};

use crate::harness::Server;

#[tokio::test]
async fn pages_of_other_sites_are_refused_everywhere() {
    let server = Server::open().await;
    let paths = ["/", "/api/auth/signIn", "/nowhere", "/socket.io/?EIO=4&transport=polling"];
    for path in paths {
        for method in [Method::GET, Method::POST, Method::OPTIONS] {
            let request = server.http.request(method, format!("{}{path}", server.base));
            let answer = request.header("origin", "https://evil.example").send().await.unwrap();
            assert_eq!(answer.status(), StatusCode::FORBIDDEN, "{path}");
        }
    }
    let upgrade = server
        .http
        .get(format!("{}/socket.io/?EIO=4&transport=websocket", server.base))
        .header("origin", "https://evil.example")
        .header("connection", "upgrade")
        .header("upgrade", "websocket")
        .header("sec-websocket-version", "13")
        .header("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ==");
    assert_eq!(upgrade.send().await.unwrap().status(), StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn pages_of_this_computer_get_cors_answers() {
    let server = Server::open().await;
    let origin = "http://localhost:5173";
    for path in ["/", "/socket.io/?EIO=4&transport=polling"] {
        let answer =
            server.http.get(format!("{}{path}", server.base)).header("origin", origin).send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::OK);
        assert_eq!(answer.headers()["access-control-allow-origin"], origin);
    }
    let preflight = server
        .http
        .request(Method::OPTIONS, format!("{}/api/auth/signIn", server.base))
        .header("origin", origin)
        .header("access-control-request-method", "POST")
        .header("access-control-request-headers", "content-type,x-token");
    let answer = preflight.send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::NO_CONTENT);
    assert!(answer.headers()["access-control-allow-headers"].to_str().unwrap().contains("x-token"));
}

#[tokio::test]
async fn the_front_page_answers_and_unknown_routes_do_not_exist() {
    let server = Server::start().await;
    let get = |path: &str| server.http.get(format!("{}{path}", server.base)).send();
    assert!(get("/").await.unwrap().text().await.unwrap().contains("Presente"));
    for path in ["/nowhere", "/api/auth", "/api/auth/signup", "/api/verify/"] {
        assert_eq!(get(path).await.unwrap().status(), StatusCode::NOT_FOUND, "{path}");
    }
}

#[tokio::test]
async fn half_a_request_does_not_stay_open_for_ever() {
    let server = Server::with(|config| config.read_timeout = Duration::from_millis(200)).await;
    for half in [
        "GET / HTTP/1.1\r\nHost: x\r\n",
        "POST /api/auth/signIn HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{",
    ] {
        let mut stream = TcpStream::connect(server.base.trim_start_matches("http://")).await.unwrap();
        stream.write_all(half.as_bytes()).await.unwrap();
        let mut answer = Vec::new();
        let ended = timeout(Duration::from_secs(3), stream.read_to_end(&mut answer)).await;
        assert!(ended.is_ok(), "still open after {half:?}");
    }
}

#[tokio::test]
async fn hostile_packets_make_nothing_panic_and_the_server_lives_on() {
    let panics = count_panics();
    let server = Server::start().await;
    let token = server.join("ana").await;
    let deep = format!("{}1{}", "[".repeat(20_000), "]".repeat(20_000));
    let arguments = format!("42[\"enviar-mensaje\",{deep}]");
    for packet in [
        "",
        "4",
        "9",
        "5",
        "2",
        "3",
        "6",
        "40",
        "40{",
        "40,",
        "40/admin,{}",
        "41",
        "42",
        "42[",
        "42[]",
        "42[1]",
        "42{}",
        "42[\"user list\"",
        "42[\"user list\",1,2,3]",
        "42[\"enviar-mensaje\"]",
        "42999999999999999999[\"x\"]",
        "42-1[\"enviar-mensaje\",{}]",
        "43",
        "430[]",
        "43[]",
        "44",
        "44{}",
        "45",
        "450-",
        "451-[\"x\"]",
        "459999999-[\"x\"]",
        "451-[\"enviar-mensaje\",{\"_placeholder\":true,\"num\":9}]\u{1e}bAAAA",
        "46",
        "461-1[]",
        "bAAAA",
        "b!!",
        "\u{1e}\u{1e}",
        "42[\"\\ud800\"]",
        "é",
        &arguments,
    ] {
        let socket = server.socket(&token).await;
        socket.send_raw(packet).await;
    }
    let mut socket = server.socket(&token).await;
    socket.emit("user list", None).await;
    assert_eq!(socket.next_list().await, ["ana"]);
    assert_eq!(panics.load(Ordering::SeqCst), 0);
}

/// Counts the panics of all tasks from here on; a task that panics would otherwise only vanish.
fn count_panics() -> Arc<AtomicUsize> {
    let panics = Arc::new(AtomicUsize::new(0));
    let before = std::panic::take_hook();
    std::panic::set_hook({
        let panics = Arc::clone(&panics);
        Box::new(move |info| {
            panics.fetch_add(1, Ordering::SeqCst);
            before(info);
        })
    });
    panics
}
