//! The way to a server: TLS, proxies, cookies, and one HTTP client for all requests of a [`crate::Client`].

use super::polling::http_failure;
use crate::{
    options::{Options, Proxy},
    reason::Failure,
};
use http::{HeaderMap, HeaderValue, Uri, header};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::{
    client::{
        legacy::connect::{
            HttpConnector,
            proxy::{SocksV5, Tunnel},
        },
        proxy::matcher::{Intercept, Matcher},
    },
    rt::TokioIo,
};
use reqwest::cookie::{CookieStore, Jar};
use rustls::{ClientConfig, crypto::CryptoProvider, pki_types::CertificateDer};
use rustls_platform_verifier::Verifier;
use std::{
    error::Error as StdError,
    pin::Pin,
    sync::{Arc, OnceLock},
    time::Duration,
};
use tokio::io::{AsyncRead, AsyncWrite};
use tower_service::Service;
use url::Url;

/// A quiet connection is asked for a sign of life by the system after this time.
const KEEPALIVE: Duration = Duration::from_secs(30);

/// The client cannot be set up.
#[derive(Debug, thiserror::Error)]
pub enum SetupError {
    /// A certificate to trust is none.
    #[error("TLS: {0}")]
    Tls(String),
    /// The HTTP client does not start.
    #[error("HTTP: {0}")]
    Http(String),
    /// The proxy's address is none.
    #[error("the proxy's address: {0}")]
    Proxy(String),
}

/// A byte stream to a server.
pub(super) trait Io: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Io for T {}

type BoxError = Box<dyn StdError + Send + Sync>;
type Dialling = Pin<Box<dyn Future<Output = Result<Box<dyn Io>, Failure>> + Send>>;

/// What all connections of a client share.
#[derive(Debug)]
pub(crate) struct Network {
    cookies: Arc<Jar>,
    /// Made when it is first needed: reading all certificates of the platform takes longer than a connection.
    tls: OnceLock<ClientConfig>,
    extra_roots: Vec<CertificateDer<'static>>,
    proxies: Option<Matcher>,
    spare_loopback: bool,
    proxy: Proxy,
}

impl Network {
    pub(crate) fn new(options: &Options) -> Result<Self, SetupError> {
        let proxies = match &options.proxy {
            Proxy::System => Some(Matcher::from_system()),
            Proxy::Direct => None,
            Proxy::Url(url) => Some(Matcher::builder().all(url.as_str()).build()),
        };
        let network = Self {
            cookies: Arc::default(),
            tls: OnceLock::new(),
            extra_roots: options.extra_roots.clone(),
            proxies,
            spare_loopback: matches!(options.proxy, Proxy::System),
            proxy: options.proxy.clone(),
        };
        if !options.extra_roots.is_empty() {
            // Whoever named certificates is told at once if they are none.
            network.tls().map_err(SetupError::Tls)?;
        }
        Ok(network)
    }

    fn tls(&self) -> Result<ClientConfig, String> {
        if let Some(tls) = self.tls.get() {
            return Ok(tls.clone());
        }
        let tls = tls(&self.extra_roots).map_err(|error| error.to_string())?;
        Ok(self.tls.get_or_init(|| tls).clone())
    }

    /// An HTTP client for one connection to a server. Not shared: it keeps TCP connections open for later requests,
    /// and those of a connection that was lost may be just as dead.
    pub(super) fn http(&self, url: &Url) -> Result<reqwest::Client, Failure> {
        let direct = self.proxies.is_none() || self.goes_direct(url);
        let builder = reqwest::Client::builder()
            .tls_backend_preconfigured(self.tls().map_err(Failure::Tls)?)
            .cookie_provider(self.cookies.clone())
            // Packets are small, and their compression is none of ours, whatever else is built in.
            .no_zstd()
            .redirect(reqwest::redirect::Policy::none())
            .tcp_nodelay(true)
            .tcp_keepalive(KEEPALIVE);
        let builder = match &self.proxy {
            _ if direct => builder.no_proxy(),
            Proxy::Url(url) => {
                let proxy = reqwest::Proxy::all(url.clone());
                builder.proxy(proxy.map_err(|error| Failure::Proxy(error.to_string()))?)
            }
            Proxy::System | Proxy::Direct => builder,
        };
        builder.build().map_err(http_failure)
    }

    /// Opens a byte stream to the server, through a proxy and with TLS where that is due.
    pub(super) fn dial(&self, url: &Url) -> Dialling {
        let uri: Uri = match url.as_str().parse() {
            Ok(uri) => uri,
            Err(_) => return failed(Failure::Unreachable("not an address".to_owned())),
        };
        let proxy = match &self.proxies {
            Some(matcher) if !self.goes_direct(url) => matcher.intercept(&uri),
            _ => None,
        };
        let encrypted = uri.scheme_str() == Some("https");
        if proxy.is_none() && !encrypted {
            return dial(tcp(), uri, false);
        }
        let tls = match self.tls() {
            Ok(tls) => tls,
            Err(words) => return failed(Failure::Tls(words)),
        };
        let Some(proxy) = proxy else { return dial(with_tls(tls, tcp()), uri, false) };
        let address = proxy.uri().clone();
        match proxy.uri().scheme_str() {
            Some("http" | "https") => {
                let mut tunnel = Tunnel::new(address, with_tls(tls.clone(), tcp()));
                if let Some(auth) = proxy.basic_auth() {
                    tunnel = tunnel.with_auth(auth.clone());
                }
                dial(with_tls(tls, tunnel), uri, true)
            }
            Some("socks5" | "socks5h") => dial(with_tls(tls, socks(&proxy)), uri, true),
            _ => failed(Failure::Proxy("only http, https, socks5 and socks5h proxies are known".to_owned())),
        }
    }

    pub(super) fn cookies(&self, url: &Url) -> Option<HeaderValue> {
        self.cookies.cookies(url)
    }

    pub(super) fn keep_cookies(&self, headers: &HeaderMap, url: &Url) {
        let mut cookies = headers.get_all(header::SET_COOKIE).iter();
        self.cookies.set_cookies(&mut cookies, url);
    }

    fn goes_direct(&self, url: &Url) -> bool {
        self.spare_loopback
            && match url.host() {
                Some(url::Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
                Some(url::Host::Ipv4(address)) => address.is_loopback(),
                Some(url::Host::Ipv6(address)) => address.is_loopback(),
                None => false,
            }
    }
}

fn tls(extra_roots: &[CertificateDer<'static>]) -> Result<ClientConfig, rustls::Error> {
    let provider = CryptoProvider::get_default()
        .cloned()
        .unwrap_or_else(|| Arc::new(rustls::crypto::aws_lc_rs::default_provider()));
    let verifier = Verifier::new_with_extra_roots(extra_roots.iter().cloned(), provider.clone())?;
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        // The platform's own verifier; the method's name warns of any that is not rustls's.
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(verifier))
        .with_no_client_auth();
    Ok(config)
}

fn tcp() -> HttpConnector {
    let mut tcp = HttpConnector::new();
    tcp.enforce_http(false);
    tcp.set_nodelay(true);
    tcp.set_keepalive(Some(KEEPALIVE));
    tcp
}

fn with_tls<C>(tls: ClientConfig, connector: C) -> HttpsConnector<C> {
    HttpsConnectorBuilder::new().with_tls_config(tls).https_or_http().enable_http1().wrap_connector(connector)
}

fn socks(proxy: &Intercept) -> SocksV5<HttpConnector> {
    // Names are looked up by the proxy, which may know more of them than we.
    let socks = SocksV5::new(proxy.uri().clone(), tcp());
    match proxy.raw_auth() {
        Some((user, password)) => socks.with_auth(user.to_owned(), password.to_owned()),
        None => socks,
    }
}

fn failed(failure: Failure) -> Dialling {
    Box::pin(async { Err(failure) })
}

fn dial<C>(mut connector: C, uri: Uri, proxied: bool) -> Dialling
where
    C: Service<Uri> + Send + 'static,
    C::Error: Into<BoxError>,
    C::Response: hyper_util::client::legacy::connect::Connection
        + hyper::rt::Read
        + hyper::rt::Write
        + Send
        + Unpin
        + 'static,
    C::Future: Send,
{
    Box::pin(async move {
        let failed = |error: C::Error| failure(&*error.into(), proxied);
        std::future::poll_fn(|cx| connector.poll_ready(cx)).await.map_err(failed)?;
        let stream = connector.call(uri).await.map_err(failed)?;
        Ok(Box::new(TokioIo::new(stream)) as Box<dyn Io>)
    })
}

/// Tells what kind of failure an error of the connectors is, by what caused it.
fn failure(error: &(dyn StdError + 'static), proxied: bool) -> Failure {
    match tls_error(error) {
        Some(words) => Failure::Tls(words),
        None if proxied => Failure::Proxy(root_cause(error)),
        None => Failure::Unreachable(root_cause(error)),
    }
}

/// The words of the TLS error that an error comes from, if it does.
pub(super) fn tls_error(error: &(dyn StdError + 'static)) -> Option<String> {
    causes(error).find_map(|cause| cause.downcast_ref::<rustls::Error>()).map(ToString::to_string)
}

/// What an error comes from in the end.
pub(super) fn root_cause(error: &(dyn StdError + 'static)) -> String {
    causes(error).last().map_or_else(|| error.to_string(), ToString::to_string)
}

/// An error and what it comes from.
fn causes<'a>(error: &'a (dyn StdError + 'static)) -> impl Iterator<Item = &'a (dyn StdError + 'static)> {
    std::iter::successors(Some(error), |error| cause(*error))
}

/// What an error comes from. An I/O error that wraps another one leaves that out of its sources.
fn cause<'a>(error: &'a (dyn StdError + 'static)) -> Option<&'a (dyn StdError + 'static)> {
    match error.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref) {
        Some(wrapped) => Some(wrapped),
        None => error.source(),
    }
}
