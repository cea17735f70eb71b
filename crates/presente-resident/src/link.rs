//! Links into the app: `presente://add?server=ADDRESS` opens the form with that address. A link only ever fills in
//! the form: whoever made it must not be able to send anything.

use url::Url;

/// The longest address that is taken from a link, in bytes.
const MAX_ADDRESS: usize = 300;

/// The address of the server that a link wants to add; `None` for any other link.
pub(crate) fn server_to_add(link: &str) -> Option<String> {
    let url = Url::parse(link).ok()?;
    let is_add = url.scheme() == "presente" && url.host_str() == Some("add");
    let (_, server) = url.query_pairs().find(|(name, _)| name == "server").filter(|_| is_add)?;
    let server = server.trim();
    let is_address = !server.is_empty() && server.len() <= MAX_ADDRESS && !server.contains(char::is_control);
    is_address.then(|| server.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_fills_in_the_address_and_nothing_else() {
        let long = format!("presente://add?server={}", "a".repeat(301));
        for (link, server) in [
            ("presente://add?server=https%3A%2F%2Fescuela.example", Some("https://escuela.example")),
            ("presente://add?server=https://escuela.example:8443", Some("https://escuela.example:8443")),
            ("presente://add/?server=escuela.example&password=x", Some("escuela.example")),
            ("presente://add?server=", None),
            ("presente://add?server=a%0Ab", None),
            ("presente://add", None),
            ("presente://quit?server=a.example", None),
            ("https://add?server=a.example", None),
            ("presente:add?server=a.example", None),
            ("not a link", None),
            (&long, None),
        ] {
            assert_eq!(server_to_add(link).as_deref(), server, "{link}");
        }
    }
}
