//! What a subject connects to, and how.

use std::path::PathBuf;

use anyhow::{Context, Result, bail};
use presente_core::{
    link::{Connector, LinkRequest, Proof, own::OwnLink, rust_socketio::RustSocketio},
    server_url::ServerUrl,
};
use presente_link::{Limits, Options, Proxy, Transports};
use rustls::pki_types::{CertificateDer, pem::PemObject};
use secrecy::SecretString;
use serde::Deserialize;
use serde_json::json;
use url::Url;

#[derive(Debug, Clone, Deserialize)]
pub(crate) struct SubjectOptions {
    url: String,
    way: String,
    #[serde(default = "usual_path")]
    path: String,
    #[serde(default = "usual_namespace")]
    namespace: String,
    /// One for each attempt, the last for the rest.
    #[serde(default)]
    tokens: Vec<SecretString>,
    /// A file of certificates to trust.
    ca: Option<PathBuf>,
    proxy: Option<Url>,
    /// The largest message to read, bytes.
    limit: Option<usize>,
}

fn usual_path() -> String {
    "/socket.io/".to_owned()
}

fn usual_namespace() -> String {
    "/".to_owned()
}

const LANGUAGE: &str = "en";

impl SubjectOptions {
    /// What opens links of this name.
    pub(crate) fn connector(&self, link: &str) -> Result<Box<dyn Connector>> {
        match link {
            "presente-link" => Ok(Box::new(OwnLink::with_options(LANGUAGE, self.own()?)?)),
            "rust_socketio" => Ok(Box::new(RustSocketio { language: LANGUAGE })),
            other => bail!("no such link: {other}"),
        }
    }

    fn own(&self) -> Result<Options> {
        let transports = match self.way.as_str() {
            "websocket" => Transports::WebSocketOnly,
            "polling" => Transports::PollingOnly,
            "upgrade" => Transports::Upgrade,
            "fallback" => Transports::Auto,
            other => bail!("no such way: {other}"),
        };
        let extra_roots = match &self.ca {
            Some(file) => CertificateDer::pem_file_iter(file)?.collect::<Result<_, _>>()?,
            None => Vec::new(),
        };
        let usual = Limits::default();
        Ok(Options {
            transports,
            extra_roots,
            // The machine's own settings have no say in a test.
            proxy: self.proxy.clone().map_or(Proxy::Direct, Proxy::Url),
            limits: Limits { message: self.limit.unwrap_or(usual.message), ..usual },
            ..Options::default()
        })
    }

    /// What to open in the attempt of this number, from 1.
    pub(crate) fn request(&self, attempt: usize) -> Result<LinkRequest> {
        let token = self.tokens.get(attempt.min(self.tokens.len()).saturating_sub(1));
        let auth = token.map(|token| {
            let payload = json!({ "token": secrecy::ExposeSecret::expose_secret(token) });
            SecretString::from(payload.to_string())
        });
        Ok(LinkRequest {
            server: ServerUrl::parse(&self.url).ok().context("no address")?,
            path: self.path.clone(),
            namespace: self.namespace.clone(),
            transports: None,
            proof: Proof { auth, ..Proof::default() },
        })
    }
}
