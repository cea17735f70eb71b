//! Announcements: what somebody says to everybody, and what the server adds to it.
//!
//! The payload is kept as the client made it, bytes included; only who has sent it is the server's to say. Pure.

use rmpv::Value;
use serde_json::json;

use crate::{messages::Phrase, store::Account, token};

/// The event that carries one, in both directions.
pub(crate) const EVENT: &str = "enviar-mensaje";
/// Most bytes of an announcement without its attachment, as JSON: it goes to everybody.
const BYTES: usize = 4 * 1024;
/// Most bytes of its attachment.
const ATTACHMENT_BYTES: usize = 64 * 1024;
/// How deep it may be nested.
const DEPTH: usize = 16;
/// Most characters of an id that a client may give its announcement.
const ID_CHARS: usize = 64;
/// Keys under which clients look for the sender: nobody may fill them in but the server.
const SENDER_KEYS: [&str; 12] = [
    "emisor", "nombre", "de", "uid", "_id", "email", "correo", "from", "user", "usuario", "sender",
    "userData",
];

/// Who is speaking.
#[derive(Debug)]
pub(crate) enum Sender<'a> {
    /// Somebody with an account.
    Person(&'a Account),
    /// A listener of open mode, under this name.
    Nameless(&'a str),
}

/// The announcement as others get it, and the receipt for the sender.
///
/// # Errors
/// What is wrong with it, as it is told to the sender.
pub(crate) fn compose(
    data: Value,
    sender: &Sender<'_>,
    date: &str,
) -> Result<(Value, serde_json::Value), Phrase> {
    let mut fields = match data {
        Value::Map(fields) => fields,
        text @ (Value::String(_) | Value::Binary(_)) => vec![("mensaje".into(), text)],
        _ => return Err(Phrase::MessageUnreadable),
    };
    let mut size = Size::default();
    fields.iter().try_for_each(|(key, value)| size.add(key, 0).and_then(|()| size.add(value, 0)))?;
    let id = fields.iter().find(|(key, value)| key.as_str() == Some("id") && is_id(value));
    let id = id.map_or_else(|| Value::from(&*token::new_id()), |(_, id)| id.clone());
    let is_ours = |key: &Value| {
        key.as_str().is_some_and(|key| key == "id" || key == "date" || SENDER_KEYS.contains(&key))
    };
    fields.retain(|(key, _)| !is_ours(key));
    fields.push(("id".into(), id.clone()));
    fields.push(("date".into(), date.into()));
    match sender {
        Sender::Person(account) => {
            fields.push(("emisor".into(), account.display_name().into()));
            fields.push(("uid".into(), (&*account.id).into()));
        }
        Sender::Nameless(name) => fields.push(("emisor".into(), (*name).into())),
    }
    let receipt = json!({ "id": id, "processID": std::process::id(), "date": date });
    Ok((Value::Map(fields), receipt))
}

/// How much there is of a payload so far.
#[derive(Debug, Default)]
struct Size {
    bytes: usize,
    attached: usize,
}

impl Size {
    fn add(&mut self, value: &Value, depth: usize) -> Result<(), Phrase> {
        // Every value costs something, or an endless list of nothing would be free.
        self.bytes += 2;
        match value {
            Value::String(text) => self.bytes += text.as_bytes().len(),
            Value::Binary(bytes) => self.attached += bytes.len(),
            Value::Array(items) if depth < DEPTH => {
                items.iter().try_for_each(|item| self.add(item, depth + 1))?;
            }
            Value::Map(fields) if depth < DEPTH => {
                fields.iter().try_for_each(|(key, value)| {
                    self.add(key, depth).and_then(|()| self.add(value, depth + 1))
                })?;
            }
            Value::Array(_) | Value::Map(_) | Value::Ext(..) => return Err(Phrase::MessageUnreadable),
            Value::Nil | Value::Boolean(_) | Value::Integer(_) | Value::F32(_) | Value::F64(_) => {
                self.bytes += 6;
            }
        }
        let fits = self.bytes <= BYTES && self.attached <= ATTACHMENT_BYTES;
        if fits { Ok(()) } else { Err(Phrase::MessageTooLarge) }
    }
}

/// Whether a client's id for its announcement is fit to be repeated.
fn is_id(id: &Value) -> bool {
    match id {
        Value::String(text) => {
            text.as_str().is_some_and(|text| !text.is_empty() && text.chars().count() <= ID_CHARS)
        }
        Value::Integer(_) => true,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

    use super::*;

    fn ana() -> Account {
        Account {
            id: "a1".into(),
            first_name: "Ana".into(),
            last_name: "Ríos".into(),
            email: "ana@demo.example".into(),
        }
    }

    fn field<'v>(value: &'v Value, name: &str) -> Option<&'v Value> {
        value.as_map()?.iter().find(|(key, _)| key.as_str() == Some(name)).map(|(_, value)| value)
    }

    fn map(fields: &[(&str, Value)]) -> Value {
        Value::Map(fields.iter().map(|(key, value)| ((*key).into(), value.clone())).collect())
    }

    #[test]
    fn only_the_server_says_who_has_sent_it() {
        let lie = map(&[
            ("mensaje", "hola".into()),
            ("emisor", "the boss".into()),
            ("uid", 7.into()),
            ("id", 9.into()),
        ]);
        let (sent, receipt) = compose(lie, &Sender::Person(&ana()), "now").unwrap();
        let text = |name| field(&sent, name).and_then(Value::as_str);
        assert_eq!(
            (text("emisor"), text("uid"), text("mensaje")),
            (Some("Ana Ríos"), Some("a1"), Some("hola"))
        );
        assert_eq!((field(&sent, "id"), &receipt["id"]), (Some(&9.into()), &json!(9)));
        let (sent, _) = compose("hola".into(), &Sender::Nameless("Somebody"), "now").unwrap();
        assert_eq!(field(&sent, "emisor").and_then(Value::as_str), Some("Somebody"));
        assert_eq!(field(&sent, "uid"), None);
    }

    #[test]
    fn bytes_stay_bytes_and_too_much_is_refused() {
        let picture = Value::Binary(vec![1, 2, 3]);
        let (sent, _) = compose(map(&[("foto", picture.clone())]), &Sender::Person(&ana()), "now").unwrap();
        assert_eq!(field(&sent, "foto"), Some(&picture));
        let refused = |data| compose(data, &Sender::Person(&ana()), "now").err();
        assert_eq!(refused("x".repeat(BYTES + 1).as_str().into()), Some(Phrase::MessageTooLarge));
        assert_eq!(refused(Value::Binary(vec![0; ATTACHMENT_BYTES + 1])), Some(Phrase::MessageTooLarge));
        assert_eq!(refused(map(&[("a", vec![Value::Nil; BYTES].into())])), Some(Phrase::MessageTooLarge));
        assert_eq!(refused(Value::Nil), Some(Phrase::MessageUnreadable));
        let deep = (0..100).fold(Value::Nil, |inner, _| Value::Array(vec![inner]));
        assert_eq!(refused(map(&[("a", deep)])), Some(Phrase::MessageUnreadable));
    }
}
