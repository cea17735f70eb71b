//! What the types of a profile cannot say: whether its parts make sense together.

use super::{Emission, MessageKind, PresenceModel, Profile, Request};
use std::collections::BTreeSet;

/// A place in the file, as `messages.1.text`, and what is wrong there.
type Slip = (String, String);

/// The placeholders that have a value once the socket is open.
const OF_THE_SOCKET: &[&str] = &["email", "nickname", "self", "token"];
const OF_SENDING: &[&str] = &["email", "nickname", "self", "token", "text", "to", "message_id"];

impl Profile {
    /// The first thing that makes no sense.
    pub(super) fn slip(&self) -> Result<(), Slip> {
        if self.name.trim().is_empty() {
            return slip("name", "it is empty");
        }
        self.check_roster()?;
        self.check_presence()?;
        for (field, path) in
            [("socket.path", &self.socket.path), ("socket.namespace", &self.socket.namespace)]
        {
            if !path.starts_with('/') {
                return slip(field, "it does not begin with \"/\"");
            }
        }
        self.check_requests()?;
        self.check_socket()?;
        self.check_messages()
    }

    fn check_roster(&self) -> Result<(), Slip> {
        let roster = &self.roster;
        if roster.snapshot.is_empty() && roster.joined.is_empty() {
            return slip("roster.snapshot", "no event is named that tells who is online");
        }
        if !roster.snapshot.is_empty() && roster.list.is_empty() {
            return slip("roster.list", "it does not say where in the event the list is (\"\" is the whole)");
        }
        if roster.user.id.is_empty() {
            return slip("roster.user.id", "people cannot be told apart without it");
        }
        Ok(())
    }

    fn check_presence(&self) -> Result<(), Slip> {
        let presence = &self.presence;
        match presence.by {
            PresenceModel::Http if self.sign_in.is_none() || self.sign_out.is_none() => {
                return slip("presence.by", "\"http\" needs [sign_in] and [sign_out]");
            }
            PresenceModel::Event if presence.online.is_none() || presence.offline.is_none() => {
                return slip("presence.by", "\"event\" needs [presence.online] and [presence.offline]");
            }
            _ => {}
        }
        check_emission("presence.online", presence.online.as_ref(), OF_THE_SOCKET)?;
        check_emission("presence.offline", presence.offline.as_ref(), OF_THE_SOCKET)
    }

    fn check_requests(&self) -> Result<(), Slip> {
        let known: [(&str, &Option<Request>, &[&str]); 4] = [
            ("sign_in", &self.sign_in, &["email", "password"]),
            ("renew", &self.renew, &["token"]),
            ("sign_out", &self.sign_out, &["email", "token"]),
            ("sign_up", &self.sign_up, &["email", "password", "first_name", "last_name"]),
        ];
        for (name, request, known) in known {
            let Some(request) = request else { continue };
            if !request.path.as_str().starts_with('/') {
                return slip(&format!("{name}.path"), "it does not begin with \"/\"");
            }
            check_placeholders(&format!("{name}.path"), request.path.placeholders(), known)?;
            for (header, value) in &request.headers {
                // A header is left out where there is no token yet; a body or a path cannot be.
                let used = value.placeholders().filter(|used| *used != "token" || name == "sign_up");
                check_placeholders(&format!("{name}.headers.{header}"), used, known)?;
            }
            if let Some(body) = &request.body {
                check_placeholders(&format!("{name}.body"), body.placeholders(), known)?;
            }
        }
        let answers = [("sign_in", &self.sign_in), ("renew", &self.renew)];
        for (name, request) in answers {
            if request
                .as_ref()
                .is_some_and(|request| request.answer.token.is_empty() && request.answer.user.is_empty())
            {
                let reason = "it does not say where the token is, or the user (\"token\" or \"user\")";
                return slip(&format!("{name}.answer"), reason);
            }
        }
        Ok(())
    }

    fn check_socket(&self) -> Result<(), Slip> {
        let socket = &self.socket;
        let known = &["token"];
        if let Some(auth) = &socket.auth {
            check_placeholders("socket.auth", auth.placeholders(), known)?;
        }
        for (name, values) in [("headers", &socket.headers), ("query", &socket.query)] {
            for (key, value) in values {
                check_placeholders(&format!("socket.{name}.{key}"), value.placeholders(), known)?;
            }
        }
        Ok(())
    }

    fn check_messages(&self) -> Result<(), Slip> {
        for (number, rule) in self.messages.iter().enumerate() {
            if rule.kind == MessageKind::NewUser && rule.user.is_empty() {
                let reason = "a new user's message does not say where the user is";
                return slip(&format!("messages.{number}.user"), reason);
            }
            if rule.kind != MessageKind::NewUser && rule.text.is_empty() {
                return slip(&format!("messages.{number}.text"), "a message does not say where its text is");
            }
        }
        check_emission("send.announcement", self.send.announcement.as_ref(), OF_SENDING)?;
        check_emission("send.private", self.send.private.as_ref(), OF_SENDING)
    }
}

fn slip(place: &str, reason: &str) -> Result<(), Slip> {
    Err((place.to_owned(), reason.to_owned()))
}

fn check_emission(place: &str, emission: Option<&Emission>, known: &[&str]) -> Result<(), Slip> {
    let Some(emission) = emission else { return Ok(()) };
    let used = emission.arguments.iter().flat_map(super::Body::placeholders);
    check_placeholders(&format!("{place}.arguments"), used, known)
}

/// One that never has a value here would keep the request from ever being sent.
fn check_placeholders<'p>(
    place: &str,
    used: impl IntoIterator<Item = &'p str>,
    known: &[&str],
) -> Result<(), Slip> {
    let unknown: BTreeSet<&str> = used.into_iter().filter(|name| !known.contains(name)).collect();
    match unknown.first() {
        None => Ok(()),
        Some(name) => {
            slip(place, &format!("{{{name}}} never has a value here; these do: {}", known.join(", ")))
        }
    }
}
