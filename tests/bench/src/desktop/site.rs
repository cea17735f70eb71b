//! The site that a page comes from: hands out the page and the account that it is to use, and is told when people are shown.

use anyhow::{Context, Result};
use presente_tests::node::{SeedUser, folder};
use serde_json::json;
use std::sync::Arc;
use tokio::{
    io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader},
    net::{TcpListener, TcpStream},
    sync::watch,
    task::JoinHandle,
};

/// The page, beside the servers that it speaks to.
const PAGE: &str = "web-client.html";

/// A running site; it ends with this.
#[derive(Debug)]
pub(super) struct Site {
    address: String,
    shown: watch::Receiver<u32>,
    serving: JoinHandle<()>,
}

/// What it hands out.
struct Content {
    page: String,
    account: String,
    shown: watch::Sender<u32>,
}

impl Drop for Site {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

impl Site {
    /// Starts one whose page uses this account at this server.
    pub(super) async fn start(server: &str, user: &SeedUser) -> Result<Self> {
        let page = std::fs::read_to_string(folder().join(PAGE)).context("the page is not there")?;
        let account = json!({ "server": server, "email": user.email, "password": user.password }).to_string();
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = format!("http://{}/", listener.local_addr()?);
        let (sender, shown) = watch::channel(0);
        let content = Arc::new(Content { page, account, shown: sender });
        let serving = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let content = Arc::clone(&content);
                // Who hangs up has no need of an answer.
                tokio::spawn(async move { drop(content.answer(stream).await) });
            }
        });
        Ok(Self { address, shown, serving })
    }

    /// Its address.
    pub(super) fn address(&self) -> &str {
        &self.address
    }

    /// How often a page has said that it shows people.
    pub(super) fn shown(&self) -> watch::Receiver<u32> {
        self.shown.clone()
    }
}

impl Content {
    async fn answer(&self, stream: TcpStream) -> Result<()> {
        let mut stream = BufReader::new(stream);
        let mut request = String::new();
        stream.read_line(&mut request).await?;
        let mut header = String::new();
        while stream.read_line(&mut header).await? > 2 {
            header.clear();
        }
        let (kind, body) = match request.split(' ').nth(1) {
            Some("/") => ("text/html; charset=utf-8", self.page.as_str()),
            Some("/account") => ("application/json", self.account.as_str()),
            Some("/shown") => {
                self.shown.send_modify(|count| *count += 1);
                ("text/plain", "")
            }
            _ => ("text/plain", ""),
        };
        let head = format!("HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nContent-Length: {}\r\n", body.len());
        let answer = format!("{head}Connection: close\r\n\r\n{body}");
        stream.write_all(answer.as_bytes()).await?;
        Ok(stream.shutdown().await?)
    }
}
