//! Arguments of events as lines can carry them: bytes are `{"$binary": base64}`, `{"$text": n}` is a text of n
//! characters, and what is large is told by its length and a hash. The same as `lib/arguments.mjs`.

use anyhow::Result;
use base64::{Engine, prelude::BASE64_STANDARD};
use presente_core::link::Payload;
use serde::{
    Serialize, Serializer,
    ser::{SerializeMap, SerializeSeq, SerializeTuple},
};
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

const LARGE: usize = 4096;
const PATTERN: &str = "0123456789abcdef";

/// What is to be sent.
pub(crate) fn to_send(arguments: &[Value]) -> Result<Payload> {
    match arguments {
        [] => Ok(Payload::empty()),
        some => Ok(Payload::new(&Arguments(some))?),
    }
}

struct Arguments<'a>(&'a [Value]);

impl Serialize for Arguments<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut tuple = serializer.serialize_tuple(self.0.len())?;
        self.0.iter().try_for_each(|value| tuple.serialize_element(&Argument(value)))?;
        tuple.end()
    }
}

struct Argument<'a>(&'a Value);

impl Serialize for Argument<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            Value::Object(fields) => match special(fields) {
                Some(Special::Bytes(bytes)) => serializer.serialize_bytes(&bytes),
                Some(Special::Text(text)) => serializer.serialize_str(&text),
                None => {
                    let mut map = serializer.serialize_map(Some(fields.len()))?;
                    fields
                        .iter()
                        .try_for_each(|(name, value)| map.serialize_entry(name, &Argument(value)))?;
                    map.end()
                }
            },
            Value::Array(values) => {
                let mut list = serializer.serialize_seq(Some(values.len()))?;
                values.iter().try_for_each(|value| list.serialize_element(&Argument(value)))?;
                list.end()
            }
            other => other.serialize(serializer),
        }
    }
}

enum Special {
    Bytes(Vec<u8>),
    Text(String),
}

fn special(fields: &Map<String, Value>) -> Option<Special> {
    if let Some(base64) = fields.get("$binary") {
        return BASE64_STANDARD.decode(base64.as_str()?).ok().map(Special::Bytes);
    }
    let length = usize::try_from(fields.get("$text")?.as_u64()?).ok()?;
    Some(Special::Text(PATTERN.chars().cycle().take(length).collect()))
}

/// What came, as fields of a line.
pub(crate) fn to_tell(payload: &Payload) -> Value {
    let arguments: Vec<Value> = match payload.read() {
        Ok(arguments) => arguments,
        Err(error) => return json!({ "unreadable": error.to_string() }),
    };
    let arguments = arguments.into_iter().map(|argument| with_bytes(argument, payload)).collect();
    let text = Value::Array(arguments);
    let json = text.to_string();
    if json.len() <= LARGE {
        return json!({ "args": text });
    }
    let hash: String = Sha256::digest(&json).iter().map(|byte| format!("{byte:02x}")).collect();
    json!({ "size": json.len(), "sha256": hash })
}

/// Attachments in the places of their placeholders.
fn with_bytes(value: Value, payload: &Payload) -> Value {
    match value {
        Value::Array(values) => values.into_iter().map(|value| with_bytes(value, payload)).collect(),
        Value::Object(fields) if fields.get("_placeholder") == Some(&Value::Bool(true)) => {
            let number =
                fields.get("num").and_then(Value::as_u64).and_then(|number| usize::try_from(number).ok());
            let bytes = number.and_then(|number| payload.attachments().get(number));
            json!({ "$binary": bytes.map(|bytes| BASE64_STANDARD.encode(bytes)) })
        }
        Value::Object(fields) => Value::Object(
            fields.into_iter().map(|(name, value)| (name, with_bytes(value, payload))).collect(),
        ),
        other => other,
    }
}
