//! Whoever ends can wait until the servers have been told.

#![allow(clippy::unwrap_used, clippy::panic, missing_docs, reason = "a test may fail by panicking")]

use presente_link::{Auth, Client, Event, Options, Proxy, Transports};
use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
    sync::watch,
    time::{sleep, timeout},
};

const OPEN: &str =
    r#"0{"sid":"s","upgrades":[],"pingInterval":25000,"pingTimeout":20000,"maxPayload":100000}"#;
/// How long the server thinks about what it is told.
const SLOWLY: Duration = Duration::from_millis(300);

/// A server on long-polling.
#[derive(Clone, Default)]
struct Server {
    /// What it was told last.
    told: watch::Sender<String>,
    /// Whether it has told us that we are connected.
    connected: Arc<AtomicBool>,
}

impl Server {
    /// Answers the requests of one connection.
    async fn serve(self, stream: TcpStream) -> std::io::Result<()> {
        let mut stream = BufReader::new(stream);
        loop {
            let (mut head, mut length) = (String::new(), 0);
            while !head.ends_with("\r\n\r\n") {
                let begin = head.len();
                if stream.read_line(&mut head).await? == 0 {
                    return Ok(());
                }
                let line = head.get(begin..).unwrap_or_default().to_ascii_lowercase();
                if let Some(value) = line.strip_prefix("content-length:") {
                    length = value.trim().parse().unwrap();
                }
            }
            let mut body = vec![0; length];
            stream.read_exact(&mut body).await?;
            let answer = if head.starts_with("POST") {
                sleep(SLOWLY).await;
                self.told.send_replace(String::from_utf8(body).unwrap());
                "ok"
            } else if !head.contains("sid=") {
                OPEN
            } else if self.connected.swap(true, Ordering::Relaxed) {
                std::future::pending().await
            } else {
                self.told.subscribe().wait_for(|told| !told.is_empty()).await.unwrap();
                r#"40{"sid":"x"}"#
            };
            let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n", answer.len());
            stream.write_all(head.as_bytes()).await?;
            stream.write_all(answer.as_bytes()).await?;
        }
    }
}

#[tokio::test]
async fn who_waits_for_the_goodbye_on_polling_leaves_nobody_who_takes_us_for_there() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url: url::Url = format!("http://{}/", listener.local_addr().unwrap()).parse().unwrap();
    let server = Server::default();
    let serving = server.clone();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(serving.clone().serve(stream));
        }
    });
    let options = Options { proxy: Proxy::Direct, transports: Transports::PollingOnly, ..Options::default() };
    let client = Client::new(options).unwrap();
    let connection = client.open(url);
    let mut namespace = connection.namespace("/", Auth::none());
    let event = timeout(Duration::from_secs(10), namespace.next()).await.unwrap();
    assert!(matches!(event, Some(Event::Connected { .. })), "{event:?}");
    drop((namespace, connection));
    timeout(Duration::from_secs(10), client.settled()).await.unwrap();
    assert_eq!(*server.told.borrow(), "41\x1e1");
}
