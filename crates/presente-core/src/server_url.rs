//! The address of a server as a person types it, made into a URL that is safe to send a password to.

use serde::{Deserialize, Serialize};
use std::fmt;
use url::{Host, Url};

/// The address of a server: `http` or `https`, a host, perhaps a port and a base path; never credentials,
/// a query or a fragment.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ServerUrl(Url);

/// The typed address is no address of a server.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{input:?} is not the address of a server")]
pub struct InvalidServerUrl {
    /// What was typed.
    pub input: String,
}

impl ServerUrl {
    /// Reads an address as people type it: without a scheme it means `https`, on this machine `http`.
    ///
    /// # Errors
    /// Anything that is not the address of an HTTP server, or that carries a user name or password.
    pub fn parse(input: &str) -> Result<Self, InvalidServerUrl> {
        let invalid = || InvalidServerUrl { input: input.trim().to_owned() };
        let typed = input.trim();
        let mut url =
            if typed.contains("://") { Url::parse(typed) } else { Url::parse(&format!("https://{typed}")) }
                .map_err(|_| invalid())?;
        let fit = matches!(url.scheme(), "http" | "https")
            && url.has_host()
            && url.username().is_empty()
            && url.password().is_none();
        if !fit {
            return Err(invalid());
        }
        url.set_query(None);
        url.set_fragment(None);
        let path = format!("{}/", url.path().trim_end_matches('/'));
        url.set_path(&path);
        let address = Self(url);
        if address.is_loopback() && !typed.contains("://") {
            // An explicit :443 is dropped by https, so the port is taken from what was typed.
            return Self::parse(&format!("http://{typed}"));
        }
        Ok(address)
    }

    /// Whether the server is on this machine, so that nobody can listen on the way.
    pub fn is_loopback(&self) -> bool {
        match self.0.host() {
            Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
            Some(Host::Ipv4(address)) => address.is_loopback(),
            Some(Host::Ipv6(address)) => address.is_loopback(),
            None => false,
        }
    }

    /// Whether what is sent there can be read on the way.
    pub fn is_exposed(&self) -> bool {
        self.0.scheme() == "http" && !self.is_loopback()
    }

    /// The URL of a path on this server; a base path of the server's address goes before it.
    pub fn join(&self, path: &str) -> String {
        format!("{}{}", self.0, path.trim_start_matches('/'))
    }

    /// The same as a URL, for paths without a query.
    pub(crate) fn with_path(&self, path: &str) -> Url {
        let mut url = self.0.clone();
        url.set_path(&format!("{}{}", self.0.path(), path.trim_start_matches('/')));
        url
    }

    /// The host alone.
    pub fn host(&self) -> &str {
        self.0.host_str().unwrap_or_default()
    }

    /// What people are shown: host, port where it is unusual, base path.
    pub fn label(&self) -> String {
        let host = self.0.host_str().unwrap_or_default();
        let port = self.0.port().map(|port| format!(":{port}")).unwrap_or_default();
        format!("{host}{port}{}", self.0.path().trim_end_matches('/'))
    }
}

impl fmt::Display for ServerUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.as_str().trim_end_matches('/'))
    }
}

impl TryFrom<String> for ServerUrl {
    type Error = InvalidServerUrl;
    fn try_from(input: String) -> Result<Self, Self::Error> {
        Self::parse(&input)
    }
}

impl From<ServerUrl> for String {
    fn from(url: ServerUrl) -> Self {
        url.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn an_address_is_read_as_people_type_it() {
        for (typed, meant) in [
            ("escuela.example", "https://escuela.example"),
            (" escuela.example:8443/presencia ", "https://escuela.example:8443/presencia"),
            ("http://10.0.0.1:4000", "http://10.0.0.1:4000"),
            ("localhost:4000", "http://localhost:4000"),
            ("127.0.0.1:443", "http://127.0.0.1:443"),
            ("[::1]:4000", "http://[::1]:4000"),
            ("https://a.example/?x=1#y", "https://a.example"),
            ("https://a.example//", "https://a.example"),
        ] {
            assert_eq!(ServerUrl::parse(typed).unwrap().to_string(), meant, "typed {typed:?}");
        }
    }

    #[test]
    fn what_is_no_server_is_refused() {
        for typed in ["", "   ", "ftp://a.example", "https://", "https://u:p@a.example", "file:///etc", "a b"]
        {
            assert!(ServerUrl::parse(typed).is_err(), "accepted {typed:?}");
        }
    }

    #[test]
    fn only_plain_http_beyond_this_machine_is_exposed() {
        for (url, exposed) in [
            ("http://127.0.0.1:1", false),
            ("http://localhost", false),
            ("http://[::1]", false),
            ("https://a.example", false),
            ("http://a.example", true),
            ("http://192.168.1.2:4000", true),
            ("http://localhost.example", true),
        ] {
            assert_eq!(ServerUrl::parse(url).unwrap().is_exposed(), exposed, "{url}");
        }
    }

    #[test]
    fn a_path_is_joined_below_the_base_path() {
        let url = ServerUrl::parse("https://a.example/base").unwrap();
        assert_eq!(url.join("/api/auth/signIn"), "https://a.example/base/api/auth/signIn");
        assert_eq!(url.label(), "a.example/base");
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused_and_reads_the_same_again(text in ".*") {
            if let Ok(url) = ServerUrl::parse(&text) {
                prop_assert_eq!(ServerUrl::parse(&url.to_string()).unwrap(), url);
            }
        }
    }
}
