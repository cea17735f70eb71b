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
async fn a_connection_that_waits_too_long_for_its_next_request_is_closed() {
    let server = Server::with(|config| config.read_timeout = Duration::from_millis(300)).await;
    let mut stream = TcpStream::connect(server.base.trim_start_matches("http://")).await.unwrap();
    for _ in 0..2 {
        stream.write_all(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n").await.unwrap();
        let mut piece = [0; 4096];
        let count = stream.read(&mut piece).await.unwrap();
        assert!(piece[..count].starts_with(b"HTTP/1.1 200"), "it may be used again");
    }
    let mut rest = Vec::new();
    let ended = timeout(Duration::from_secs(3), stream.read_to_end(&mut rest)).await;
    assert!(ended.is_ok() && rest.is_empty(), "still open after its time");
}

#[tokio::test]
async fn pages_of_an_allowed_origin_may_speak_and_their_neighbours_may_not() {
    let server = Server::with(|config| config.allow_origins = vec!["https://a.example".to_owned()]).await;
    for (origin, expected) in [
        ("https://a.example", StatusCode::OK),
        ("http://a.example", StatusCode::FORBIDDEN),
        ("https://a.example:8443", StatusCode::FORBIDDEN),
        ("https://b.a.example", StatusCode::FORBIDDEN),
    ] {
        let get = server.http.get(format!("{}/socket.io/?EIO=4&transport=polling", server.base));
        let answer = get.header("origin", origin).send().await.unwrap();
        assert_eq!(answer.status(), expected, "{origin}");
        let allowed =
            answer.headers().get("access-control-allow-origin").map(|value| value.to_str().unwrap());
        assert_eq!(allowed, (expected == StatusCode::OK).then_some(origin));
    }
}

#[tokio::test]
async fn what_is_no_origin_stops_the_start_with_a_sentence() {
    let folder = tempfile::TempDir::new().unwrap();
    let mut config = presente_server::Config::new("127.0.0.1:0".parse().unwrap(), folder.path());
    config.allow_origins = vec!["https://*.example".to_owned()];
    let error = presente_server::start(config).await.err().unwrap().to_string();
    assert!(error.contains("https://*.example") && error.contains("https://a.example"), "{error}");
}

#[tokio::test]
async fn behind_a_proxy_that_is_trusted_each_client_has_its_own_limits() {
    let trusting = |trusted: bool| {
        Server::with(move |config| {
            config.limits.sign_ins_per_minute = 2;
            config.trusted_proxies = if trusted { vec!["127.0.0.1/32".parse().unwrap()] } else { Vec::new() };
        })
    };
    for (trusted, others) in [(true, StatusCode::OK), (false, StatusCode::TOO_MANY_REQUESTS)] {
        let server = trusting(trusted).await;
        let sign_in = async |from: &str| {
            let body =
                serde_json::json!({ "logedUser": { "email": "x@test.example", "password": "12345678" } });
            let request = server.http.post(format!("{}/api/auth/signIn", server.base)).json(&body);
            request.header("x-forwarded-for", from).send().await.unwrap()
        };
        for _ in 0..2 {
            assert_eq!(sign_in("203.0.113.1").await.status(), StatusCode::OK);
        }
        let refused = sign_in("203.0.113.1").await;
        assert_eq!(refused.status(), StatusCode::TOO_MANY_REQUESTS);
        let seconds: u64 = refused.headers()["retry-after"].to_str().unwrap().parse().unwrap();
        assert!((1..=31).contains(&seconds), "{seconds}");
        assert_eq!(sign_in("203.0.113.2").await.status(), others, "trusted: {trusted}");
    }
}

#[tokio::test]
async fn operators_read_numbers_here_and_nobody_reads_them_through_a_proxy() {
    let server = Server::start().await;
    let token = server.join("ana").await;
    let _socket = server.socket(&token).await;
    let get = |path: &str| server.http.get(format!("{}{path}", server.base));
    let health: serde_json::Value = get("/healthz").send().await.unwrap().json().await.unwrap();
    assert_eq!((&health["status"], &health["parts"]["database"]), (&"ok".into(), &"ok".into()), "{health}");
    let numbers = get("/metrics").send().await.unwrap().text().await.unwrap();
    for line in [
        "presente_online 1",
        "presente_sockets{kind=\"Plain\",carrier=\"Polling\"} 1",
        "presente_sign_ins_total{end=\"Right\"} 1",
        "presente_nodes 1",
    ] {
        assert!(numbers.lines().any(|found| found == line), "{line} is not in\n{numbers}");
    }
    assert!(!numbers.contains("ana") && !numbers.contains(&token), "numbers name nobody");
    let forwarded = get("/metrics").header("x-forwarded-for", "127.0.0.1").send().await.unwrap();
    assert_eq!(forwarded.status(), StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn clients_of_engine_io_3_are_served_where_that_is_asked_for_and_nowhere_else() {
    for allowed in [false, true] {
        let server = Server::with(|config| config.eio3 = allowed).await;
        let token = server.join("ana").await;
        let url = format!("{}/socket.io/?EIO=3&transport=polling&token={token}", server.base);
        let opened = server.http.get(&url).send().await.unwrap();
        if !allowed {
            assert_eq!(opened.status(), StatusCode::BAD_REQUEST);
            let body: serde_json::Value = opened.json().await.unwrap();
            assert_eq!(body["code"], 5, "{body}");
            continue;
        }
        let opened = opened.text().await.unwrap();
        let open: serde_json::Value = serde_json::from_str(&opened[opened.find('{').unwrap()..]).unwrap();
        let poll = server.http.get(format!("{url}&sid={}", open["sid"].as_str().unwrap()));
        let packets = poll.send().await.unwrap().text().await.unwrap();
        assert!(packets.contains("40"), "it is connected without asking: {packets}");
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
