//! Reads HTTP requests out of what passes by, to count and to recognise them.

use tokio::time::Instant;

/// More than this before the end of a head is no HTTP.
const LONGEST_HEAD: usize = 64 * 1024;

/// The head of one HTTP request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// The number of the connection that it came on, from 0.
    pub connection: u64,
    /// When its head was complete.
    pub at: Instant,
    /// `GET`, …
    pub method: String,
    /// As it stands in the request line.
    pub target: String,
    /// It asks for another protocol on this connection.
    pub wants_upgrade: bool,
    /// The value of `Proxy-Authorization`.
    pub proxy_authorization: Option<String>,
    pub(super) length: usize,
}

impl Request {
    /// Whether it begins an Engine.IO session.
    #[must_use]
    pub fn is_handshake(&self) -> bool {
        self.target.contains("EIO=") && !self.target.contains("sid=")
    }

    /// Reads a head, which must be complete.
    fn parse(head: &[u8]) -> Option<Self> {
        let head = std::str::from_utf8(head).ok()?;
        let mut lines = head.split("\r\n");
        let mut words = lines.next()?.split(' ');
        let (method, target, _version) = (words.next()?, words.next()?, words.next()?);
        let headers: Vec<(String, &str)> = lines
            .filter_map(|line| line.split_once(':'))
            .map(|(name, value)| (name.to_ascii_lowercase(), value.trim()))
            .collect();
        let header = |name: &str| headers.iter().find(|(other, _)| other == name).map(|(_, value)| *value);
        Some(Self {
            connection: 0,
            at: Instant::now(),
            method: method.to_owned(),
            target: target.to_owned(),
            wants_upgrade: header("upgrade").is_some(),
            proxy_authorization: header("proxy-authorization").map(str::to_owned),
            length: header("content-length").and_then(|length| length.parse().ok()).unwrap_or(0),
        })
    }
}

/// Finds the requests in one direction of one connection.
#[derive(Debug, Default)]
pub(super) struct Scanner {
    head: Vec<u8>,
    body_left: usize,
    /// It is no HTTP, or no longer.
    blind: bool,
}

impl Scanner {
    /// The requests whose heads these bytes complete.
    pub(super) fn feed(&mut self, mut bytes: &[u8]) -> Vec<Request> {
        let mut found = Vec::new();
        while !bytes.is_empty() && !self.blind {
            let of_body = self.body_left.min(bytes.len());
            self.body_left -= of_body;
            bytes = bytes.get(of_body..).unwrap_or_default();
            bytes = self.feed_head(bytes, &mut found);
        }
        found
    }

    /// Takes what belongs to a head and gives back the rest.
    fn feed_head<'a>(&mut self, bytes: &'a [u8], found: &mut Vec<Request>) -> &'a [u8] {
        let had = self.head.len();
        self.head.extend_from_slice(bytes);
        let Some(end) = end_of_head(&self.head) else {
            self.blind = self.head.len() > LONGEST_HEAD;
            return &[];
        };
        let request = self.head.get(..end).and_then(Request::parse);
        self.head.clear();
        match request {
            Some(request) => {
                self.body_left = request.length;
                self.blind = request.wants_upgrade;
                found.push(request);
            }
            None => self.blind = true,
        }
        bytes.get(end.saturating_sub(had)..).unwrap_or_default()
    }
}

/// Where the body begins.
pub(super) fn end_of_head(bytes: &[u8]) -> Option<usize> {
    bytes.windows(4).position(|window| window == b"\r\n\r\n").map(|at| at + 4)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_are_found_however_the_bytes_are_cut() {
        let bytes = b"POST /a?EIO=4&sid=x HTTP/1.1\r\nContent-Length: 3\r\n\r\nGETGET /b?EIO=4 HTTP/1.1\r\n\
            Upgrade: websocket\r\n\r\nGET /frame HTTP/1.1\r\n\r\n";
        for size in 1..bytes.len() {
            let mut scanner = Scanner::default();
            let found: Vec<Request> = bytes.chunks(size).flat_map(|chunk| scanner.feed(chunk)).collect();
            let seen: Vec<_> =
                found.iter().map(|it| (it.target.as_str(), it.wants_upgrade, it.is_handshake())).collect();
            assert_eq!(
                seen,
                [("/a?EIO=4&sid=x", false, false), ("/b?EIO=4", true, true)],
                "chunks of {size}"
            );
        }
    }
}
