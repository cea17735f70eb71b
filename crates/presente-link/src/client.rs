//! Opens connections, and remembers what worked.

use crate::{
    connection::Connection,
    driver::{Network, SetupError, drive, now},
    options::{Options, Request, Transport},
    proto::Session,
    shared::Shared,
};
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};
use tokio_util::task::TaskTracker;
use url::Url;

const DEFAULT_PATH: &str = "/socket.io/";

/// Opens connections with the same options; they share cookies, TLS and what was learnt about transports.
#[derive(Debug, Clone)]
pub struct Client {
    options: Arc<Options>,
    network: Arc<Network>,
    transports: Arc<Mutex<HashMap<String, Transport>>>,
    /// The connections that are not over yet.
    driven: TaskTracker,
}

impl Client {
    /// Sets a client up.
    ///
    /// # Errors
    /// A certificate to trust or the proxy is not usable. The platform's TLS is set up when a connection first needs
    /// it, which fails if that cannot be.
    pub fn new(options: Options) -> Result<Self, SetupError> {
        let network = Arc::new(Network::new(&options)?);
        Ok(Self {
            options: Arc::new(options),
            network,
            transports: Arc::default(),
            driven: TaskTracker::new(),
        })
    }

    /// Starts a connection in a task of the current tokio runtime.
    ///
    /// # Panics
    /// Outside a tokio runtime.
    pub fn open(&self, request: impl Into<Request>) -> Connection {
        let mut request = request.into();
        for_http(&mut request.url);
        let origin = request.url.origin().ascii_serialization();
        let learnt = Learnt { origin, transports: self.transports.clone() };
        let Options { transports, deadlines, limits, .. } = self.options.as_ref();
        let transports = request.transports.unwrap_or(*transports);
        let (plan, otherwise) = transports.plans(learnt.before(), deadlines);
        let session = Session::new(plan, otherwise, deadlines.clone(), limits.clone(), now());
        let shared = Arc::new(Shared::new(session, limits.clone(), deadlines.auth, learnt));
        self.driven.spawn(drive(shared.clone(), self.network.clone(), self.options.clone(), request));
        Connection::new(shared)
    }

    /// Waits until every connection is over. One that was dropped says goodbye first, within
    /// [`crate::Deadlines::close`]: over polling a server that has not heard it takes us for there until its own timeout.
    pub async fn settled(&self) {
        self.driven.close();
        self.driven.wait().await;
    }
}

/// Makes the address of a server the one that its HTTP requests go to.
fn for_http(url: &mut Url) {
    let scheme = match url.scheme() {
        "wss" => "https",
        "ws" => "http",
        other => other,
    }
    .to_owned();
    // Between special schemes a URL may change; any other is left, and fails with its own words.
    let _ = url.set_scheme(&scheme);
    if url.path() == "/" {
        url.set_path(DEFAULT_PATH);
    }
    url.set_query(None);
    url.set_fragment(None);
}

/// What was learnt about one server.
#[derive(Debug)]
pub(crate) struct Learnt {
    origin: String,
    transports: Arc<Mutex<HashMap<String, Transport>>>,
}

impl Learnt {
    pub(crate) fn worked(&self, transport: Transport) {
        self.transports.lock().unwrap_or_else(PoisonError::into_inner).insert(self.origin.clone(), transport);
    }

    fn before(&self) -> Option<Transport> {
        self.transports.lock().unwrap_or_else(PoisonError::into_inner).get(&self.origin).copied()
    }
}
