//! A mail server that takes every letter and keeps it, or answers as it is told to.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use tokio::{
    io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader},
    net::{TcpListener, TcpStream},
    sync::mpsc,
    task::JoinHandle,
    time::timeout,
};

/// Longest wait for a letter that must come.
const PATIENCE: Duration = Duration::from_secs(10);

/// A letter as it came, with its text decoded.
#[derive(Debug)]
pub(crate) struct Letter {
    pub(crate) from: String,
    pub(crate) to: Vec<String>,
    pub(crate) head: String,
    pub(crate) text: String,
}

/// The mail server.
pub(crate) struct MailServer {
    pub(crate) url: String,
    letters: mpsc::UnboundedReceiver<Letter>,
    attempts: mpsc::UnboundedReceiver<()>,
    connections: mpsc::UnboundedReceiver<()>,
    task: JoinHandle<()>,
}

impl Drop for MailServer {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl MailServer {
    /// One that takes letters.
    pub(crate) async fn start() -> Self {
        Self::answering(Vec::new()).await
    }

    /// One that answers the first attempts with these lines, and takes what comes after.
    pub(crate) async fn answering(refusals: Vec<&'static str>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address: SocketAddr = listener.local_addr().unwrap();
        let (to_letters, letters) = mpsc::unbounded_channel();
        let (to_attempts, attempts) = mpsc::unbounded_channel();
        let (to_connections, connections) = mpsc::unbounded_channel();
        let refusals = Arc::new(std::sync::Mutex::new(refusals));
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (to_letters, to_attempts) = (to_letters.clone(), to_attempts.clone());
                let refusals = Arc::clone(&refusals);
                let to_connections = to_connections.clone();
                tokio::spawn(async move {
                    let refuse = || {
                        let _ = to_attempts.send(());
                        let mut refusals = refusals.lock().unwrap();
                        if refusals.is_empty() { None } else { Some(refusals.remove(0)) }
                    };
                    if let Some(letter) = converse(stream, refuse).await {
                        let _ = to_letters.send(letter);
                    }
                    let _ = to_connections.send(());
                });
            }
        });
        Self { url: format!("smtp://{address}"), letters, attempts, connections, task }
    }

    /// The next letter.
    pub(crate) async fn letter(&mut self) -> Letter {
        timeout(PATIENCE, self.letters.recv()).await.expect("a letter comes").unwrap()
    }

    /// Waits until somebody has tried to send a letter.
    pub(crate) async fn attempt(&mut self) {
        timeout(PATIENCE, self.attempts.recv()).await.expect("somebody tries to send").unwrap();
    }

    /// Waits until a connection has come and is over.
    pub(crate) async fn connection(&mut self) {
        timeout(PATIENCE, self.connections.recv()).await.expect("somebody connects").unwrap();
    }

    /// How many letters and attempts have come that nobody has asked for.
    pub(crate) fn unread(&mut self) -> (usize, usize) {
        (self.letters.len(), self.attempts.len())
    }
}

/// One conversation. Returns the letter if one was taken.
async fn converse(stream: TcpStream, refuse: impl FnOnce() -> Option<&'static str>) -> Option<Letter> {
    let mut stream = BufReader::new(stream);
    let mut refuse = Some(refuse);
    let (mut from, mut to, mut letter) = (String::new(), Vec::new(), None);
    say(&mut stream, "220 test.example ESMTP").await?;
    loop {
        let line = hear(&mut stream).await?;
        let (word, rest) = line.split_once([' ', ':']).unwrap_or((&line, ""));
        match word.to_ascii_uppercase().as_str() {
            "EHLO" => say(&mut stream, "250-test.example\r\n250-8BITMIME\r\n250 SMTPUTF8").await?,
            "MAIL" => {
                if let Some(line) = refuse.take().and_then(|refuse| refuse()) {
                    say(&mut stream, line).await?;
                    continue;
                }
                from = bracketed(rest);
                say(&mut stream, "250 go on").await?;
            }
            "RCPT" => {
                to.push(bracketed(rest));
                say(&mut stream, "250 go on").await?;
            }
            "DATA" => {
                say(&mut stream, "354 the letter, then a dot").await?;
                let mut data = String::new();
                loop {
                    let line = hear(&mut stream).await?;
                    if line == "." {
                        break;
                    }
                    data.push_str(line.strip_prefix('.').unwrap_or(&line));
                    data.push_str("\r\n");
                }
                let (head, body) = data.split_once("\r\n\r\n").unwrap();
                letter = Some(Letter {
                    from: from.clone(),
                    to: to.clone(),
                    head: head.into(),
                    text: decoded(head, body),
                });
                say(&mut stream, "250 taken").await?;
            }
            "QUIT" => {
                say(&mut stream, "221 goodbye").await?;
                return letter;
            }
            "RSET" | "NOOP" => say(&mut stream, "250 go on").await?,
            _ => say(&mut stream, "500 what").await?,
        }
    }
}

async fn say(stream: &mut BufReader<TcpStream>, line: &str) -> Option<()> {
    stream.write_all(format!("{line}\r\n").as_bytes()).await.ok()
}

async fn hear(stream: &mut BufReader<TcpStream>) -> Option<String> {
    let mut line = String::new();
    let bytes = stream.read_line(&mut line).await.ok()?;
    (bytes > 0).then(|| line.trim_end_matches(['\r', '\n']).to_owned())
}

fn bracketed(text: &str) -> String {
    text.split_once('<').and_then(|(_, rest)| rest.split_once('>')).unwrap().0.to_owned()
}

/// The text of a letter's body, out of quoted-printable if it is in that.
fn decoded(head: &str, body: &str) -> String {
    if !head.to_ascii_lowercase().contains("quoted-printable") {
        return body.to_owned();
    }
    let body = body.replace("=\r\n", "");
    let mut bytes = Vec::new();
    let mut rest = body.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'=' {
            let digits = [rest.next().unwrap(), rest.next().unwrap()];
            bytes.push(u8::from_str_radix(std::str::from_utf8(&digits).unwrap(), 16).unwrap());
        } else {
            bytes.push(byte);
        }
    }
    String::from_utf8(bytes).unwrap()
}
