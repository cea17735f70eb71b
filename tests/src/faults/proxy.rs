//! The fault proxy: stands before a server, counts what comes, and goes wrong on command.

use std::{
    collections::HashSet,
    future, io,
    net::{Ipv4Addr, SocketAddr},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::watch,
    task::JoinSet,
    time::Instant,
};

use super::{
    forwarding::{Segments, forward},
    requests::{Request, Scanner, end_of_head},
};

/// What becomes of new connections.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// They are forwarded.
    None,
    /// They are closed as soon as they are accepted.
    AcceptThenClose,
    /// They are read, and never answered.
    Hang,
    /// Every request gets this answer, and the connection is closed.
    Answer(Answer),
    /// Only requests with `Upgrade:` go wrong.
    Upgrades(UpgradeFault),
}

/// What something that is not the server says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// 200 without a body.
    Empty,
    /// 502 with a page.
    BadGateway,
    /// 302 to a page for people to sign in to a network; the page is there and says 200.
    CaptivePortal,
}

/// What happens to a request that asks for a WebSocket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UpgradeFault {
    /// 400.
    Refuse,
    /// No answer.
    Hang,
    /// The server's 101 passes, but no frame does.
    SwallowFrames,
}

/// Where the captive portal sends people.
const PORTAL: &str = "/portal";

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Orders {
    /// Connections with a lower number pass nothing any more.
    frozen_below: u64,
    /// Connections with a lower number are ended.
    cut_below: u64,
    by_reset: bool,
}

#[derive(Debug)]
struct State {
    fault: Fault,
    segments: Option<Segments>,
    connections: Vec<Instant>,
    requests: Vec<Request>,
}

#[derive(Debug)]
struct Shared {
    server: SocketAddr,
    state: Mutex<State>,
    orders: watch::Sender<Orders>,
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A listening fault proxy. Everything about it ends when it is dropped.
#[derive(Debug)]
pub struct FaultProxy {
    address: SocketAddr,
    shared: Arc<Shared>,
    _tasks: JoinSet<()>,
}

impl FaultProxy {
    /// Listens on a free port of this machine, in front of `server` (which need not be there yet).
    ///
    /// # Errors
    /// No port could be had.
    pub async fn start(server: SocketAddr) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        let state =
            State { fault: Fault::None, segments: None, connections: Vec::new(), requests: Vec::new() };
        let orders = watch::Sender::new(Orders::default());
        let shared = Arc::new(Shared { server, state: Mutex::new(state), orders });
        let mut tasks = JoinSet::new();
        tasks.spawn(accept(listener, Arc::clone(&shared)));
        Ok(Self { address, shared, _tasks: tasks })
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// From now on this happens to new connections.
    pub fn set(&self, fault: Fault) {
        self.shared.state().fault = fault;
    }

    /// Cuts everything, both ways, into segments of at most `size` bytes.
    pub fn split(&self, size: usize) {
        // One byte a millisecond would be no test of cutting but of patience.
        let pause = if size < 100 { Duration::ZERO } else { Duration::from_millis(1) };
        self.shared.state().segments = Some(Segments { size, pause });
    }

    /// Connections that stand pass nothing any more, and are not closed: half open, for good.
    pub fn freeze(&self) {
        let below = self.count();
        self.shared.orders.send_modify(|orders| orders.frozen_below = below);
    }

    /// Closes every connection that stands.
    pub fn cut(&self) {
        self.cut_all(false);
    }

    /// Resets every connection that stands (RST).
    pub fn reset(&self) {
        self.cut_all(true);
    }

    fn cut_all(&self, by_reset: bool) {
        let below = self.count();
        self.shared.orders.send_modify(|orders| (orders.cut_below, orders.by_reset) = (below, by_reset));
    }

    fn count(&self) -> u64 {
        u64::try_from(self.shared.state().connections.len()).unwrap_or(u64::MAX)
    }

    /// When each connection came, oldest first.
    #[must_use]
    pub fn connections(&self) -> Vec<Instant> {
        self.shared.state().connections.clone()
    }

    /// When each connection came on which no request could be read.
    #[must_use]
    pub fn silent_connections(&self) -> Vec<Instant> {
        let state = self.shared.state();
        let spoken: HashSet<u64> = state.requests.iter().map(|request| request.connection).collect();
        let numbered = (0..).zip(&state.connections);
        numbered.filter(|(number, _)| !spoken.contains(number)).map(|(_, at)| *at).collect()
    }

    /// The requests that could be read (over TLS none can), oldest first.
    #[must_use]
    pub fn requests(&self) -> Vec<Request> {
        self.shared.state().requests.clone()
    }

    /// How often the captive portal's page was asked for.
    #[must_use]
    pub fn redirects_followed(&self) -> usize {
        self.shared.state().requests.iter().filter(|request| request.target == PORTAL).count()
    }
}

async fn accept(listener: TcpListener, shared: Arc<Shared>) {
    let mut connections = JoinSet::new();
    while let Ok((client, _)) = listener.accept().await {
        let connection = Connection { number: count_in(&shared), shared: Arc::clone(&shared) };
        connections.spawn(connection.live(client));
        while connections.try_join_next().is_some() {}
    }
}

fn count_in(shared: &Shared) -> u64 {
    let mut state = shared.state();
    state.connections.push(Instant::now());
    u64::try_from(state.connections.len()).unwrap_or(u64::MAX) - 1
}

/// One connection through the proxy.
#[derive(Debug)]
pub(super) struct Connection {
    number: u64,
    shared: Arc<Shared>,
}

impl Connection {
    async fn live(self, mut client: TcpStream) {
        let mut orders = self.shared.orders.subscribe();
        let by_reset = tokio::select! {
            // Whichever side breaks off, the other is closed with it.
            _ = self.serve(&mut client) => false,
            orders = orders.wait_for(|orders| self.number < orders.cut_below) => {
                orders.is_ok_and(|orders| orders.by_reset)
            }
        };
        if by_reset {
            let _ = client.set_zero_linger();
        }
    }

    async fn serve(&self, client: &mut TcpStream) -> io::Result<()> {
        let fault = self.shared.state().fault;
        match fault {
            Fault::None => forward(client, self.connect().await?, &[], self).await,
            Fault::AcceptThenClose => Ok(()),
            Fault::Hang => self.read_only(client).await,
            Fault::Answer(answer) => {
                let (_, requests) = self.read_head(client).await?;
                client.write_all(self.answer(answer, &requests).as_bytes()).await?;
                client.shutdown().await
            }
            Fault::Upgrades(fault) => self.serve_unless_upgraded(client, fault).await,
        }
    }

    async fn serve_unless_upgraded(&self, client: &mut TcpStream, fault: UpgradeFault) -> io::Result<()> {
        let (head, requests) = self.read_head(client).await?;
        if !requests.iter().any(|request| request.wants_upgrade) {
            return forward(client, self.connect().await?, &head, self).await;
        }
        match fault {
            UpgradeFault::Refuse => {
                client.write_all(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n").await?;
                client.shutdown().await
            }
            UpgradeFault::Hang => self.read_only(client).await,
            UpgradeFault::SwallowFrames => {
                let mut server = self.connect().await?;
                server.write_all(&head).await?;
                let answer = read_until_end_of_head(&mut server).await?;
                let length = end_of_head(&answer).unwrap_or(answer.len());
                client.write_all(answer.get(..length).unwrap_or_default()).await?;
                self.read_only(client).await
            }
        }
    }

    async fn connect(&self) -> io::Result<TcpStream> {
        TcpStream::connect(self.shared.server).await
    }

    async fn read_head(&self, client: &mut TcpStream) -> io::Result<(Vec<u8>, Vec<Request>)> {
        let head = read_until_end_of_head(client).await?;
        let requests = Scanner::default().feed(&head);
        self.note(requests.clone());
        Ok((head, requests))
    }

    async fn read_only(&self, client: &mut TcpStream) -> io::Result<()> {
        let mut scanner = Scanner::default();
        let mut buffer = vec![0; 16 * 1024];
        loop {
            let length = client.read(&mut buffer).await?;
            if length == 0 {
                return Ok(());
            }
            self.note(scanner.feed(buffer.get(..length).unwrap_or_default()));
        }
    }

    fn answer(&self, answer: Answer, requests: &[Request]) -> String {
        let at_portal = requests.iter().any(|request| request.target == PORTAL);
        let (head, page) = match answer {
            Answer::Empty => ("200 OK", ""),
            Answer::BadGateway => ("502 Bad Gateway", "<html><h1>502 Bad Gateway</h1></html>"),
            Answer::CaptivePortal if at_portal => ("200 OK", "<html><h1>Welcome to our network</h1></html>"),
            Answer::CaptivePortal => ("302 Found\r\nLocation: /portal", "<html>Moved</html>"),
        };
        let length = page.len();
        format!(
            "HTTP/1.1 {head}\r\nContent-Type: text/html\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{page}"
        )
    }

    /// Returns at once, or never.
    pub(super) async fn until_not_frozen(&self) {
        if self.number < self.shared.orders.borrow().frozen_below {
            future::pending::<()>().await;
        }
    }

    pub(super) fn segments(&self) -> Option<Segments> {
        self.shared.state().segments
    }

    pub(super) fn note(&self, requests: Vec<Request>) {
        let requests = requests.into_iter().map(|request| Request { connection: self.number, ..request });
        self.shared.state().requests.extend(requests);
    }

    /// A scanner that has seen `first`, whose requests are noted already.
    pub(super) fn scanner_after(&self, first: &[u8]) -> Scanner {
        let mut scanner = Scanner::default();
        scanner.feed(first);
        scanner
    }
}

/// Reads until a head is complete; what follows it may have been read too.
pub(super) async fn read_until_end_of_head(from: &mut TcpStream) -> io::Result<Vec<u8>> {
    let mut head = Vec::new();
    while end_of_head(&head).is_none() {
        if from.read_buf(&mut head).await? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
    }
    Ok(head)
}
