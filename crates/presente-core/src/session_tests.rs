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
