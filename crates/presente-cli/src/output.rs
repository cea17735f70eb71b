//! What is written: lines for people, or one JSON object a line for scripts and status bars.

use jiff::Timestamp;
use presente_core::{
    controller::{ConnectionState, Update},
    feed::Delivery,
    link::Transport,
    profile::MessageKind,
    roster::{Availability, Contact},
};
use serde::Serialize;
use std::{
    io::{self, Write},
    sync::Arc,
};

/// One line of `--json`. Its names are a contract.
#[derive(Debug, Serialize)]
#[serde(tag = "event", rename_all = "lowercase")]
enum Line<'a> {
    Connection {
        state: &'static str,
        #[serde(skip_serializing_if = "Option::is_none")]
        reason: Option<&'a str>,
        at: Timestamp,
        #[serde(skip_serializing_if = "Option::is_none")]
        transport: Option<&'static str>,
        attempts: u32,
        since: Timestamp,
        #[serde(skip_serializing_if = "Option::is_none")]
        round_trip_ms: Option<u64>,
    },
    Roster {
        contacts: Vec<Person<'a>>,
        at: Timestamp,
    },
    Online {
        contact: Person<'a>,
        at: Timestamp,
    },
    Offline {
        contact: Person<'a>,
        at: Timestamp,
    },
    Changed {
        contact: Person<'a>,
        at: Timestamp,
    },
    Renamed {
        was: &'a str,
        contact: Person<'a>,
        at: Timestamp,
    },
    Message {
        kind: &'static str,
        from: &'a str,
        text: &'a str,
        at: Timestamp,
    },
    Problem {
        code: &'static str,
        text: &'a str,
        at: Timestamp,
    },
    Delivery {
        text: &'a str,
        state: &'static str,
        at: Timestamp,
    },
}

#[derive(Debug, Serialize)]
struct Person<'a> {
    id: &'a str,
    name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    email: Option<&'a str>,
    online: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    availability: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<&'a str>,
}

impl<'a> From<&'a Arc<Contact>> for Person<'a> {
    fn from(contact: &'a Arc<Contact>) -> Self {
        Self {
            id: &contact.id,
            name: &contact.name,
            email: contact.email.as_deref(),
            online: contact.online,
            availability: contact.availability.map(availability_name),
            status: contact.status_line.as_deref(),
        }
    }
}

impl<'a> Line<'a> {
    /// The line for an update; `None` where the update is none of a terminal's business.
    fn of(update: &'a Update, at: Timestamp) -> Option<Self> {
        Some(match update {
            Update::Connection { state, reason, details, .. } => Line::Connection {
                state: state_name(*state),
                reason: reason.as_deref(),
                at,
                transport: details.transport.map(Transport::name),
                attempts: details.attempts,
                since: details.since,
                round_trip_ms: details.round_trip.and_then(|time| u64::try_from(time.as_millis()).ok()),
            },
            Update::Roster(_, contacts) => {
                Line::Roster { contacts: contacts.iter().map(Person::from).collect(), at }
            }
            Update::Presence(_, contact) if contact.online => Line::Online { contact: contact.into(), at },
            Update::Presence(_, contact) => Line::Offline { contact: contact.into(), at },
            Update::Changed(_, contact) => Line::Changed { contact: contact.into(), at },
            Update::Renamed { was, contact, .. } => Line::Renamed { was, contact: contact.into(), at },
            Update::Message(_, message) => {
                Line::Message { kind: kind_name(message.kind), from: &message.from, text: &message.text, at }
            }
            Update::Trouble { problem, sentence, .. } => {
                Line::Problem { code: problem.code(), text: sentence, at }
            }
            Update::Delivery { text, delivery, .. } => {
                Line::Delivery { text, state: delivery_name(*delivery), at }
            }
            _ => return None,
        })
    }

    fn for_people(&self, out: &mut impl Write) -> io::Result<()> {
        let person = |person: &Person<'_>| {
            let mut words = match person.email {
                Some(email) if email != person.name => format!("{} <{email}>", person.name),
                _ => person.name.to_owned(),
            };
            for more in person.availability.filter(|word| *word != "online").into_iter().chain(person.status)
            {
                words.push_str(" · ");
                words.push_str(more);
            }
            words
        };
        match self {
            Self::Connection { state, reason: Some(reason), .. } => writeln!(out, "-- {state}: {reason}"),
            Self::Connection { state, reason: None, .. } => writeln!(out, "-- {state}"),
            Self::Roster { contacts, .. } => {
                let online: Vec<_> = contacts.iter().filter(|contact| contact.online).collect();
                writeln!(out, "-- {} online", online.len())?;
                online.into_iter().try_for_each(|contact| writeln!(out, "   {}", person(contact)))
            }
            Self::Online { contact, .. } => writeln!(out, "+  {}", person(contact)),
            Self::Offline { contact, .. } => writeln!(out, "-  {}", person(contact)),
            Self::Changed { contact, .. } => writeln!(out, "~  {}", person(contact)),
            Self::Renamed { was, contact, .. } => writeln!(out, "=  {was} is {} now", person(contact)),
            Self::Message { kind: "new_user", from, .. } => writeln!(out, "*  {from}"),
            Self::Message { from, text, .. } => writeln!(out, "\"  {from}: {text}"),
            Self::Problem { text, .. } => writeln!(out, "!  {text}"),
            Self::Delivery { text, state, .. } => writeln!(out, ">  {text} ({state})"),
        }
    }
}

fn availability_name(availability: Availability) -> &'static str {
    match availability {
        Availability::Online => "online",
        Availability::Away => "away",
        Availability::DoNotDisturb => "dnd",
    }
}

fn kind_name(kind: MessageKind) -> &'static str {
    match kind {
        MessageKind::Greeting => "greeting",
        MessageKind::Announcement => "announcement",
        MessageKind::Private => "private",
        MessageKind::NewUser => "new_user",
    }
}

fn delivery_name(delivery: Delivery) -> &'static str {
    match delivery {
        Delivery::Sending => "sending",
        Delivery::Delivered => "delivered",
        Delivery::Sent => "sent",
        Delivery::Unconfirmed => "unconfirmed",
        Delivery::Failed => "failed",
        Delivery::NotOffered => "not_offered",
    }
}

fn state_name(state: ConnectionState) -> &'static str {
    match state {
        ConnectionState::Connecting => "connecting",
        ConnectionState::Online => "online",
        ConnectionState::Offline => "offline",
    }
}

/// Writes an update and flushes, so that a reader at the other end of a pipe has it at once.
pub(crate) fn write(update: &Update, json: bool, at: Timestamp, out: &mut impl Write) -> io::Result<()> {
    let Some(line) = Line::of(update, at) else { return Ok(()) };
    if json {
        serde_json::to_writer(&mut *out, &line)?;
        writeln!(out)?;
    } else {
        line.for_people(out)?;
    }
    out.flush()
}

/// Says a sentence on standard error; one that is closed is no reason to fail.
pub(crate) fn complain(sentence: &str) {
    let _ = writeln!(io::stderr(), "{sentence}");
}

#[cfg(test)]
mod tests {
    use super::*;
    use presente_core::{connection::ConnectionDetails, controller::AccountNumber, profile::Message};
    use std::time::Duration;

    const ACCOUNT: AccountNumber = AccountNumber::NONE;

    fn written(update: &Update, json: bool) -> String {
        let mut out = Vec::new();
        write(update, json, Timestamp::UNIX_EPOCH, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    fn ana(online: bool, email: Option<&str>) -> Arc<Contact> {
        Arc::new(Contact {
            id: "1".into(),
            name: "Ana".into(),
            email: email.map(Into::into),
            online,
            availability: None,
            status_line: None,
            since: None,
            picture: None,
        })
    }

    fn away() -> Arc<Contact> {
        let mut away = ana(true, None).as_ref().clone();
        away.availability = Some(Availability::Away);
        away.status_line = Some("back at four".into());
        Arc::new(away)
    }

    fn connection(state: ConnectionState, reason: Option<&str>, transport: Option<Transport>) -> Update {
        let details = ConnectionDetails {
            since: Timestamp::UNIX_EPOCH,
            transport,
            round_trip: transport.map(|_| Duration::from_millis(12)),
            attempts: 2,
            last_reason: Some("for logs".to_owned()),
        };
        Update::Connection { account: ACCOUNT, state, reason: reason.map(ToOwned::to_owned), details }
    }

    #[test]
    fn json_lines_keep_their_contract() {
        let message = Message { kind: MessageKind::Greeting, from: "S".to_owned(), text: "Hola".to_owned() };
        for (update, line) in [
            (
                connection(ConnectionState::Offline, Some("why"), None),
                r#"{"event":"connection","state":"offline","reason":"why","at":"1970-01-01T00:00:00Z","attempts":2,"since":"1970-01-01T00:00:00Z"}"#,
            ),
            (
                connection(ConnectionState::Online, None, Some(Transport::Polling)),
                r#"{"event":"connection","state":"online","at":"1970-01-01T00:00:00Z","transport":"polling","attempts":2,"since":"1970-01-01T00:00:00Z","round_trip_ms":12}"#,
            ),
            (
                Update::Roster(ACCOUNT, Arc::new(vec![ana(true, Some("a@x")), ana(false, None)])),
                r#"{"event":"roster","contacts":[{"id":"1","name":"Ana","email":"a@x","online":true},{"id":"1","name":"Ana","online":false}],"at":"1970-01-01T00:00:00Z"}"#,
            ),
            (
                Update::Presence(ACCOUNT, ana(true, None)),
                r#"{"event":"online","contact":{"id":"1","name":"Ana","online":true},"at":"1970-01-01T00:00:00Z"}"#,
            ),
            (
                Update::Presence(ACCOUNT, ana(false, None)),
                r#"{"event":"offline","contact":{"id":"1","name":"Ana","online":false},"at":"1970-01-01T00:00:00Z"}"#,
            ),
            (
                Update::Changed(ACCOUNT, away()),
                r#"{"event":"changed","contact":{"id":"1","name":"Ana","online":true,"availability":"away","status":"back at four"},"at":"1970-01-01T00:00:00Z"}"#,
            ),
            (
                Update::Message(ACCOUNT, message),
                r#"{"event":"message","kind":"greeting","from":"S","text":"Hola","at":"1970-01-01T00:00:00Z"}"#,
            ),
        ] {
            assert_eq!(written(&update, true), format!("{line}\n"));
        }
        assert_eq!(written(&Update::Stopped, true), "");
    }

    #[test]
    fn people_read_one_short_line_for_each_thing() {
        assert_eq!(
            written(
                &Update::Roster(ACCOUNT, Arc::new(vec![ana(true, Some("a@x")), ana(false, None)])),
                false
            ),
            "-- 1 online\n   Ana <a@x>\n"
        );
        assert_eq!(written(&Update::Presence(ACCOUNT, ana(false, None)), false), "-  Ana\n");
    }
}
