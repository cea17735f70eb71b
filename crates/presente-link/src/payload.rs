//! What an event or an acknowledgement carries: JSON arguments as they travel, and binary attachments.

use bytes::Bytes;
use engineioxide_core::Str;
use serde::{
    Deserialize, Deserializer, Serialize,
    de::{DeserializeOwned, DeserializeSeed, IgnoredAny, SeqAccess, Visitor, value::SeqAccessDeserializer},
};
use serde_json::value::RawValue;
use socketioxide_core::{Value, parser::Parse};
use socketioxide_parser_common::CommonParser;
use std::{borrow::Cow, fmt, marker::PhantomData};

/// The arguments of an event or of an acknowledgement.
///
/// The JSON text is kept as it came and read only when somebody asks, straight into the types asked for: a list of
/// 100,000 rows is parsed once, and may borrow from the text. That the text is well-formed is therefore known only
/// then; a [`PayloadError`] says that it is not.
#[derive(Clone, PartialEq)]
pub struct Payload {
    /// A JSON array; its first element is the event's name where `named` is set.
    text: Str,
    named: bool,
    attachments: Vec<Bytes>,
}

/// The arguments are not what was asked for, or cannot be written as JSON.
#[derive(Debug, thiserror::Error)]
#[error("the arguments do not fit: {0}")]
pub struct PayloadError(String);

impl PayloadError {
    pub(crate) fn new(error: &impl fmt::Display) -> Self {
        Self(error.to_string())
    }
}

impl Payload {
    /// Writes arguments: a tuple's elements are the arguments, anything else is one argument. Byte buffers (those
    /// that serialise as bytes, such as [`Bytes`]) become binary attachments wherever they stand.
    ///
    /// # Errors
    /// The value cannot be written as JSON.
    pub fn new<T: Serialize + ?Sized>(arguments: &T) -> Result<Self, PayloadError> {
        match CommonParser.encode_value(arguments, None) {
            Ok(Value::Str(text, attachments)) => {
                Ok(Self { text, named: false, attachments: attachments.map(Vec::from).unwrap_or_default() })
            }
            Ok(Value::Bytes(_)) => Err(PayloadError("not text".to_owned())),
            Err(error) => Err(PayloadError(error.to_string())),
        }
    }

    /// No arguments.
    pub fn empty() -> Self {
        Self { text: Str::from("[]"), named: false, attachments: Vec::new() }
    }

    /// Arguments that are JSON already, one element each.
    ///
    /// # Errors
    /// A value cannot be written as JSON.
    pub fn from_values<T: Serialize>(arguments: &[T]) -> Result<Self, PayloadError> {
        let text = serde_json::to_string(arguments).map_err(|error| PayloadError(error.to_string()))?;
        Ok(Self { text: Str::from(text), named: false, attachments: Vec::new() })
    }

    /// Takes the array of an event that came; returns its name too. `None` if it has none.
    pub(crate) fn of_event(text: Str, attachments: Vec<Bytes>) -> Option<(String, Self)> {
        let after_bracket = text.as_str().trim_start().strip_prefix('[')?;
        // Only the name is read here; it ends at its own closing quote.
        let mut values = serde_json::Deserializer::from_str(after_bracket).into_iter::<Cow<'_, str>>();
        let name = values.next()?.ok()?.into_owned();
        Some((name, Self { text, named: true, attachments }))
    }

    /// Takes the array of an acknowledgement that came.
    pub(crate) fn of_ack(text: Str, attachments: Vec<Bytes>) -> Self {
        Self { text, named: false, attachments }
    }

    /// The array with the event's name in front, as it travels.
    pub(crate) fn with_name(&self, name: &str) -> Result<Str, PayloadError> {
        let name = serde_json::to_string(name).map_err(|error| PayloadError(error.to_string()))?;
        let rest = self.own_text()?;
        let rest = rest.trim_start().strip_prefix('[').unwrap_or_default().trim_start();
        let comma = if rest.starts_with(']') { "" } else { "," };
        Ok(Str::from(format!("[{name}{comma}{rest}")))
    }

    /// The array without a name in front: what came with one is written anew.
    pub(crate) fn own_text(&self) -> Result<Cow<'_, str>, PayloadError> {
        if !self.named {
            return Ok(Cow::Borrowed(self.text.as_str()));
        }
        let values: Vec<&RawValue> = self.read()?;
        serde_json::to_string(&values).map(Cow::Owned).map_err(|error| PayloadError(error.to_string()))
    }

    /// Reads the arguments into `T`, a tuple (or a sequence) of them; arguments beyond its length are not looked at.
    /// An attachment shows as its placeholder; see [`Payload::read_binary`].
    ///
    /// # Errors
    /// The text is not JSON, there are too few arguments, or they have other types.
    pub fn read<'a, T: Deserialize<'a>>(&'a self) -> Result<T, PayloadError> {
        self.read_with(PhantomData)
    }

    /// The same by a seed, which is given the sequence of the arguments: for types that are known only at run time.
    ///
    /// # Errors
    /// The text is not JSON, or the seed does not like it.
    pub fn read_with<'a, S: DeserializeSeed<'a>>(&'a self, seed: S) -> Result<S::Value, PayloadError> {
        let mut json = serde_json::Deserializer::from_str(&self.text);
        let arguments = Arguments { named: self.named, seed };
        let read = json.deserialize_seq(arguments).and_then(|read| json.end().map(|()| read));
        read.map_err(|error| PayloadError(error.to_string()))
    }

    /// The same with attachments in their places, for types that take bytes there. Copies what it reads.
    ///
    /// # Errors
    /// As [`Payload::read`]; or an attachment is missing.
    pub fn read_binary<T: DeserializeOwned>(&self) -> Result<T, PayloadError> {
        let attachments = self.attachments.iter().cloned().collect();
        let mut value = Value::Str(self.text.clone(), Some(attachments));
        CommonParser.decode_value(&mut value, self.named).map_err(|error| PayloadError(error.to_string()))
    }

    /// The binary attachments, in the order in which their placeholders count.
    pub fn attachments(&self) -> &[Bytes] {
        &self.attachments
    }

    /// How many bytes it has in memory, about.
    pub fn size(&self) -> usize {
        self.text.len() + self.attachments.iter().map(Bytes::len).sum::<usize>()
    }

    /// The last argument if it is text, without reading the rest: where recovery keeps its offset.
    pub(crate) fn last_text(&self) -> Option<String> {
        let text = self.text.trim_end().strip_suffix(']')?.trim_end();
        let inner = text.strip_suffix('"')?;
        let opening = inner.rmatch_indices('"').map(|(at, _)| at).find(|at| {
            // A quote inside a string has an odd number of backslashes before it.
            let backslashes = inner.bytes().take(*at).rev().take_while(|byte| *byte == b'\\').count();
            backslashes % 2 == 0
        })?;
        let before = text.get(..opening)?.trim_end();
        // The first element is the event's name, never an offset.
        before.ends_with(',').then_some(())?;
        serde_json::from_str(text.get(opening..)?).ok()
    }
}

impl fmt::Debug for Payload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Arguments may be secret or huge; logs need neither.
        f.debug_struct("Payload")
            .field("bytes", &self.text.len())
            .field("attachments", &self.attachments.len())
            .finish()
    }
}

struct Arguments<S> {
    named: bool,
    seed: S,
}

impl<'de, S: DeserializeSeed<'de>> Visitor<'de> for Arguments<S> {
    type Value = S::Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array of arguments")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<S::Value, A::Error> {
        if self.named {
            seq.next_element::<IgnoredAny>()?;
        }
        let read = self.seed.deserialize(SeqAccessDeserializer::new(&mut seq))?;
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may fail by panicking")]

    use super::*;
    use proptest::prelude::*;
    use serde_json::{Value as Json, json};

    fn came(text: &str) -> Option<(String, Payload)> {
        Payload::of_event(Str::from(text.to_owned()), Vec::new())
    }

    #[test]
    fn a_name_is_read_whatever_it_holds_and_the_arguments_wait() {
        for (text, name, arguments) in [
            (r#"["list",[1,2]]"#, "list", json!([[1, 2]])),
            (r#"["a\"b\\ñ\u00e9"]"#, "a\"b\\ñé", json!([])),
            (r#" [ "spaced" , 1 , null ]"#, "spaced", json!([1, null])),
        ] {
            let (read, payload) = came(text).unwrap();
            assert_eq!(read, name);
            assert_eq!(payload.read::<Json>().unwrap(), arguments, "of {text}");
        }
        for text in ["", "[", "[]", "[1]", "{}", "\"x\"", "[\"x"] {
            assert!(came(text).is_none(), "{text} has no name");
        }
    }

    #[test]
    fn arguments_are_read_into_tuples_and_may_borrow() {
        let (_, payload) = came(r#"["e",{"id":"7"},"Ana",3]"#).unwrap();
        #[derive(Deserialize)]
        struct User<'a> {
            id: &'a str,
        }
        let (user, name): (User<'_>, &str) = payload.read().unwrap();
        assert_eq!((user.id, name), ("7", "Ana"));
        assert!(payload.read::<(u8,)>().is_err());
        assert!(came(r#"["e",1] tail"#).unwrap().1.read::<(u8,)>().is_err());
        assert!(came(r#"["e",{"id""#).unwrap().1.read::<Json>().is_err());
    }

    #[test]
    fn what_is_written_is_read_again_with_bytes_in_any_shape() {
        #[derive(Serialize, Deserialize, PartialEq, Debug)]
        struct Picture {
            name: String,
            data: Bytes,
            more: Vec<Bytes>,
        }
        let sent = (
            Picture {
                name: "p".to_owned(),
                data: Bytes::from_static(b"\x1e\0"),
                more: vec![Bytes::new(), Bytes::from_static(b"x")],
            },
            Bytes::from_static(b"last"),
        );
        let payload = Payload::new(&sent).unwrap();
        assert_eq!(payload.attachments().len(), 4);
        let text = payload.with_name("pic").unwrap();
        let (name, came) = Payload::of_event(text, payload.attachments().to_vec()).unwrap();
        assert_eq!(name, "pic");
        assert_eq!(came.read_binary::<(Picture, Bytes)>().unwrap(), sent);
    }

    #[test]
    fn the_offset_is_the_last_argument_if_it_is_text() {
        for (text, offset) in [
            (r#"["e",1,"abc"]"#, Some("abc")),
            (r#"["e","a\"b\\" ] "#, Some("a\"b\\")),
            (r#"["e"]"#, None),
            (r#"["e",["x"]]"#, None),
            (r#"["e",{"x":"y"}]"#, None),
            (r#"["e",1]"#, None),
            (r#""]"#, None),
        ] {
            let payload = Payload { text: Str::from(text.to_owned()), named: true, attachments: Vec::new() };
            assert_eq!(payload.last_text().as_deref(), offset, "of {text}");
        }
    }

    fn any_json() -> impl Strategy<Value = Json> {
        let leaf = prop_oneof![
            Just(Json::Null),
            any::<bool>().prop_map(Json::from),
            any::<i64>().prop_map(Json::from),
            ".*".prop_map(Json::from),
        ];
        leaf.prop_recursive(4, 32, 6, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..6).prop_map(Json::from),
                prop::collection::btree_map(".*", inner, 0..6).prop_map(|map| json!(map)),
            ]
        })
    }

    proptest! {
        #[test]
        fn any_name_and_arguments_survive_the_way(name in ".*", arguments in prop::collection::vec(any_json(), 0..5)) {
            let text = Payload::from_values(&arguments).unwrap().with_name(&name).unwrap();
            let (read, payload) = Payload::of_event(text, Vec::new()).unwrap();
            prop_assert_eq!(read, name);
            prop_assert_eq!(payload.read::<Vec<Json>>().unwrap(), arguments.clone());
            let last = arguments.last().and_then(Json::as_str).map(ToOwned::to_owned);
            prop_assert_eq!(payload.last_text(), last);
        }

        #[test]
        fn no_text_makes_reading_panic(text in ".*") {
            if let Some((_, payload)) = came(&text) {
                let _ = payload.read::<Json>();
                let _ = payload.read_binary::<Json>();
                let _ = payload.last_text();
            }
            if let Some((_, payload)) = came(&format!("[\"e\"{text}")) {
                let _ = payload.read::<Json>();
                let _ = payload.read_binary::<Json>();
                let _ = payload.last_text();
            }
        }
    }
}
