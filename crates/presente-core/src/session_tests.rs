use super::*;
use std::io::{Read, Write};
use std::net::TcpListener;

/// A server that gives one answer to the first request and hands the request over.
fn answer_once(answer: String) -> (Target, std::thread::JoinHandle<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let server = ServerUrl::parse(&format!("http://{}", listener.local_addr().unwrap())).unwrap();
    let thread = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut request = Vec::new();
        let mut buffer = [0; 4096];
        loop {
            let n = stream.read(&mut buffer).unwrap();
            request.extend_from_slice(&buffer[..n]);
            let text = String::from_utf8_lossy(&request);
            let length = text.lines().find_map(|line| {
                line.to_ascii_lowercase().strip_prefix("content-length: ")?.parse::<usize>().ok()
            });
            if let (Some((_, body)), Some(length)) = (text.split_once("\r\n\r\n"), length)
                && body.len() >= length
            {
                break;
            }
            assert_ne!(n, 0, "the request ended early: {text}");
        }
        stream.write_all(answer.as_bytes()).unwrap();
        String::from_utf8(request).unwrap()
    });
    (Target { server, profile: Arc::new(Profile::preset("usersconected").unwrap()) }, thread)
}

fn http(status: &str, kind: &str, body: &str) -> String {
    format!(
        "HTTP/1.1 {status}\r\ncontent-type: {kind}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
        body.len()
    )
}

fn ana() -> Credentials {
    Credentials { email: "ana@x".to_owned(), password: SecretString::from("secreto") }
}

async fn sign_in(answer: String) -> (Result<SignedIn, SessionError>, String) {
    let (target, request) = answer_once(answer);
    let result = HttpSessions::new("es").unwrap().sign_in(&target, &ana(), None).await;
    (result, request.join().unwrap())
}

#[tokio::test]
async fn signing_in_sends_the_complete_body_and_reads_token_and_user() {
    let body = r#"{"success":true,"from":"presente","response":{"token":"t0k","userData":{"firstName":"Ana","lastName":"Ríos","email":"ana@x"}},"message":"hola"}"#;
    let (result, request) = sign_in(http("200 OK", "application/json", body)).await;
    let signed_in = result.unwrap();
    assert_eq!(signed_in.token.unwrap().expose_secret(), "t0k");
    assert_eq!(signed_in.me.unwrap().name, "Ana Ríos");
    let (head, body) = request.split_once("\r\n\r\n").unwrap();
    assert!(head.starts_with("POST /api/auth/signIn HTTP/1.1"), "{head}");
    assert!(head.contains("accept-language: es"), "{head}");
    assert_eq!(
        serde_json::from_str::<Value>(body).unwrap(),
        serde_json::json!({"logedUser": {"email": "ana@x", "password": "secreto", "from": "presente"}})
    );
}

#[tokio::test]
async fn every_kind_of_bad_answer_has_its_own_meaning() {
    let refused = |message: &str| SessionError::Refused { message: message.to_owned() };
    for (answer, error) in [
        (
            http("200 OK", "application/json", r#"{"success":false,"message":"Clave incorrecta"}"#),
            refused("Clave incorrecta"),
        ),
        (http("400 Bad Request", "application/json", r#"{"message":"Falta algo"}"#), refused("Falta algo")),
        (http("200 OK", "text/html", "<!doctype html><h1>Hola</h1>"), SessionError::NotCompatible),
        (http("200 OK", "application/json", "[]"), SessionError::NotCompatible),
        (http("200 OK", "application/json", r#"{"success":true}"#), SessionError::NotCompatible),
        (http("404 Not Found", "text/html", "Cannot POST"), SessionError::NoSuchRoute),
        (
            http("404 Not Found", "application/json", r#"{"message":"Cannot POST /api/auth/signIn"}"#),
            SessionError::NoSuchRoute,
        ),
        (http("404 Not Found", "application/json", r#"{"message":"No existe"}"#), refused("No existe")),
        (http("503 Service Unavailable", "text/html", ""), SessionError::ServerFailed { status: 503 }),
        (http("429 Too Many Requests", "application/json", "{}"), SessionError::ServerFailed { status: 429 }),
        (
            "HTTP/1.1 302 Found\r\nlocation: https://portal.example/login?u=1\r\ncontent-length: 0\r\n\r\n"
                .to_owned(),
            SessionError::Redirected { to: "https://portal.example/login".to_owned() },
        ),
        (
            http("200 OK", "application/json", &format!("\"{}\"", "x".repeat(MAX_ANSWER_BYTES))),
            SessionError::NotCompatible,
        ),
        ("not http at all\r\n\r\n".to_owned(), SessionError::Unreachable),
    ] {
        let shown: String = answer.chars().take(80).collect();
        let (result, _) = sign_in(answer).await;
        assert_eq!(result.unwrap_err(), error, "answer {shown}");
    }
}

#[tokio::test]
async fn nothing_listening_is_unreachable() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let server = ServerUrl::parse(&format!("http://{}", listener.local_addr().unwrap())).unwrap();
    drop(listener);
    let target = Target { server, profile: Arc::new(Profile::preset("usersconected").unwrap()) };
    let error = HttpSessions::new("es").unwrap().sign_in(&target, &ana(), None).await.unwrap_err();
    assert_eq!((error.clone(), error.remedy()), (SessionError::Unreachable, Remedy::Retry));
}

#[tokio::test]
async fn signing_out_names_the_account_and_shows_the_token_where_there_is_one() {
    for (token, header) in [(None, false), (Some(SecretString::from("t0k")), true)] {
        let (target, request) = answer_once(http("200 OK", "application/json", "null"));
        HttpSessions::new("es").unwrap().sign_out(&target, "ana@x", token.as_ref()).await.unwrap();
        let request = request.join().unwrap();
        assert!(request.ends_with(r#"{"closeuser":"ana@x"}"#), "{request}");
        assert_eq!(request.contains("x-token: t0k"), header, "{request}");
    }
}

#[tokio::test]
async fn signing_out_takes_an_empty_answer_for_yes() {
    let (target, _) = answer_once(http("200 OK", "application/json", ""));
    HttpSessions::new("es").unwrap().sign_out(&target, "ana@x", None).await.unwrap();
}

#[tokio::test]
async fn signing_up_sends_the_person() {
    let (target, request) =
        answer_once(http("200 OK", "application/json", r#"{"success":true,"message":"ok"}"#));
    let person = NewPerson { first_name: "Ana".to_owned(), last_name: "Ríos".to_owned() };
    HttpSessions::new("es").unwrap().sign_up(&target, &ana(), &person).await.unwrap();
    let request = request.join().unwrap();
    let (_, body) = request.split_once("\r\n\r\n").unwrap();
    assert_eq!(
        serde_json::from_str::<Value>(body).unwrap(),
        serde_json::json!({"newUser": {"firstName": "Ana", "lastName": "Ríos", "email": "ana@x", "password": "secreto", "from": "signup"}})
    );
}

#[test]
fn no_error_shows_a_password_or_a_token() {
    let who = format!("{:?}", ana());
    let session = format!("{:?}", SignedIn { token: Some(SecretString::from("t0k")), me: None });
    assert!(!who.contains("secreto") && !session.contains("t0k"), "{who} {session}");
}

async fn fetch(answer: Vec<u8>, path: &str) -> (Result<presente_wire::Answer, SessionError>, String) {
    let (target, request) = answer_get_once(answer);
    let from = Some(Position { e: "000102030405060708090a0b0c0d0e0f".parse().unwrap(), s: 7 });
    let token = SecretString::from("t0k");
    let result = HttpSessions::new("es").unwrap().fetch_list(&target, path, from, Some(&token)).await;
    (result, request.join().unwrap())
}

/// The same as [`answer_once`] for a request without a body, and any bytes.
fn answer_get_once(answer: Vec<u8>) -> (Target, std::thread::JoinHandle<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let server = ServerUrl::parse(&format!("http://{}", listener.local_addr().unwrap())).unwrap();
    let thread = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut request = Vec::new();
        let mut buffer = [0; 4096];
        while !request.ends_with(b"\r\n\r\n") {
            let n = stream.read(&mut buffer).unwrap();
            assert_ne!(n, 0, "the request ended early");
            request.extend_from_slice(&buffer[..n]);
        }
        // Who has heard enough hangs up.
        let _ = stream.write_all(&answer);
        String::from_utf8(request).unwrap()
    });
    (Target { server, profile: Arc::new(Profile::preset("usersconected").unwrap()) }, thread)
}

fn compressed(body: &[u8]) -> Vec<u8> {
    let body = zstd::bulk::compress(body, 1).unwrap();
    let head = format!(
        "HTTP/1.1 200 OK\r\ncontent-encoding: zstd\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
        body.len()
    );
    [head.into_bytes(), body].concat()
}

const LIST: &str =
    r#"{"snapshot":{"e":"000102030405060708090a0b0c0d0e0f","s":9,"c":0,"h":"0000000000000000","rows":[]}}"#;

#[tokio::test]
async fn the_list_is_fetched_compressed_from_where_on_it_is_missing_and_with_the_token() {
    let (list, request) = fetch(compressed(LIST.as_bytes()), "/api/presence").await;
    assert!(matches!(list.unwrap(), presente_wire::Answer::Snapshot(snapshot) if snapshot.s == 9));
    let asked = "GET /api/presence?e=000102030405060708090a0b0c0d0e0f&s=7 HTTP/1.1";
    assert!(request.starts_with(asked), "{request}");
    assert!(request.contains("x-token: t0k") && request.contains("accept-encoding: zstd"), "{request}");
    let (list, _) = fetch(http("200 OK", "application/json", LIST).into_bytes(), "/api/presence").await;
    assert!(list.is_ok(), "not compressed is as good");
}

#[tokio::test]
async fn whatever_the_path_is_called_the_token_goes_to_the_server_only() {
    for path in ["/@evil.example/", "/\\evil.example/", "/../../x", "/?e=other#", "/a b\r\nx-evil: 1"] {
        let (_, request) = fetch(http("200 OK", "application/json", LIST).into_bytes(), path).await;
        assert!(request.starts_with("GET /"), "{path}: {request}");
        assert!(request.contains("s=7 HTTP/1.1") && !request.contains("\nx-evil"), "{path}: {request}");
        assert_eq!(request.matches('?').count(), 1, "{path}: {request}");
    }
}

#[tokio::test]
async fn what_is_no_list_is_an_error_and_a_bomb_is_not_unpacked() {
    for (answer, error) in [
        (
            http("401 Unauthorized", "application/json", "{}").into_bytes(),
            SessionError::ServerFailed { status: 401 },
        ),
        (http("200 OK", "text/html", "<h1>Hola</h1>").into_bytes(), SessionError::NotCompatible),
        (http("200 OK", "application/json", r#"{"delta":{}}"#).into_bytes(), SessionError::NotCompatible),
        (
            b"HTTP/1.1 302 Found\r\nlocation: https://portal.example/?x\r\ncontent-length: 0\r\n\r\n"
                .to_vec(),
            SessionError::Redirected { to: "https://portal.example/".to_owned() },
        ),
        (compressed(&vec![b' '; 80 * 1024 * 1024]), SessionError::NotCompatible),
    ] {
        let (result, _) = fetch(answer, "/api/presence").await;
        assert_eq!(result.unwrap_err(), error);
    }
}
