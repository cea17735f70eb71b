//! The small words of a profile: where something stands in JSON, and texts with `{placeholders}`. Each is checked when
//! the file is read, so that a slip is told with its line and never met later.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::{borrow::Cow, collections::BTreeMap};

/// The placeholders there are.
pub const PLACEHOLDERS: [&str; 10] =
    ["email", "password", "first_name", "last_name", "token", "nickname", "self", "to", "text", "message_id"];

/// Values for the `{placeholders}` of a request or an event. Short-lived: it may hold a password.
pub type Fill<'a> = BTreeMap<&'a str, &'a str>;

/// A JSON pointer (RFC 6901): `/response/user`, or empty for the whole.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(try_from = "String", into = "String")]
#[cfg_attr(test, schemars(extend("pattern" = r"^(/[\s\S]*)?$")))]
pub struct Pointer(String);

impl Pointer {
    /// The pointer to the whole.
    pub fn whole() -> Self {
        Self(String::new())
    }

    /// The pointer that leads through these fields.
    pub fn to(path: &[impl AsRef<str>]) -> Self {
        let step = |name: &str| format!("/{}", name.replace('~', "~0").replace('/', "~1"));
        Self(path.iter().map(|name| step(name.as_ref())).collect())
    }

    /// What stands there.
    pub fn get<'v>(&self, value: &'v Value) -> Option<&'v Value> {
        value.pointer(&self.0)
    }

    /// The fields on the way, unescaped.
    pub fn fields(&self) -> Vec<String> {
        let fields = self.0.split('/').skip(1);
        fields.map(|field| field.replace("~1", "/").replace("~0", "~")).collect()
    }
}

impl TryFrom<String> for Pointer {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        match text.is_empty() || text.starts_with('/') {
            true => Ok(Self(text)),
            false => Err(format!("{text:?} is no JSON pointer: it begins with \"/\", or is empty")),
        }
    }
}

impl From<Pointer> for String {
    fn from(pointer: Pointer) -> Self {
        pointer.0
    }
}

/// A place in an event's arguments: a JSON pointer into the first of them, or with a number before it into another:
/// `/nombre`, `2`, `2/name`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(try_from = "String", into = "String")]
#[cfg_attr(test, schemars(with = "String", extend("pattern" = r"^([1-9][0-9]*)?(/[\s\S]*)?$")))]
pub struct Place {
    /// Which argument, from 0.
    argument: usize,
    pointer: Pointer,
}

impl Place {
    /// What stands there.
    pub fn get<'v>(&self, arguments: &'v [Value]) -> Option<&'v Value> {
        self.pointer.get(arguments.get(self.argument)?)
    }
}

impl TryFrom<String> for Place {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let (number, pointer) = text.split_at(text.find('/').unwrap_or(text.len()));
        let argument = match number {
            "" => 0,
            number => number.parse::<usize>().ok().and_then(|number| number.checked_sub(1)).ok_or(format!(
                "{text:?} is no place: it is a JSON pointer, with the number of the argument before it (from 1) if \
                 that is not the first, as in \"2/name\""
            ))?,
        };
        Ok(Self { argument, pointer: Pointer(pointer.to_owned()) })
    }
}

impl From<Place> for String {
    fn from(place: Place) -> Self {
        match place.argument {
            0 => place.pointer.0,
            argument => format!("{}{}", argument + 1, place.pointer.0),
        }
    }
}

/// A field of a row: its name, or a JSON pointer where it lies deeper (`/profile/display`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(try_from = "String", into = "String")]
#[cfg_attr(test, schemars(with = "String", extend("pattern" = r"^([^/][\s\S]*|(/[^/]+)+)$")))]
pub struct Field(Vec<String>);

impl Field {
    /// The field at the end of this path; `None` where a name is missing.
    pub fn at(path: &[impl AsRef<str>]) -> Option<Self> {
        let path: Vec<String> = path.iter().map(|name| name.as_ref().to_owned()).collect();
        (!path.is_empty() && path.iter().all(|name| !name.is_empty())).then_some(Self(path))
    }

    /// The names on the way to it; at least one.
    pub fn path(&self) -> &[String] {
        &self.0
    }
}

impl TryFrom<String> for Field {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let path = match text.starts_with('/') {
            true => Pointer(text.clone()).fields(),
            false => vec![text.clone()],
        };
        match path.iter().any(String::is_empty) {
            true => Err(format!(
                "{text:?} is no field: it is a name, or a JSON pointer as in \"/profile/display\""
            )),
            false => Ok(Self(path)),
        }
    }
}

impl From<Field> for String {
    fn from(field: Field) -> Self {
        match field.0.as_slice() {
            [name] if !name.starts_with('/') => name.clone(),
            path => Pointer::to(path).0,
        }
    }
}

/// A text with `{placeholders}`: email, password, first_name, last_name, token, nickname, self, to, text, message_id.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(try_from = "String", into = "String")]
pub struct Template(String);

impl Template {
    /// The text with values in it; `None` where one is missing: nothing incomplete is ever sent.
    pub fn fill<'t>(&'t self, values: &Fill<'_>) -> Option<Cow<'t, str>> {
        self.fill_with(|name| values.get(name).map(|value| Cow::Borrowed(*value)))
    }

    /// The same for a part of a URL's path: values are percent-encoded.
    pub fn fill_path(&self, values: &Fill<'_>) -> Option<Cow<'_, str>> {
        self.fill_with(|name| {
            let value = values.get(name)?;
            Some(Cow::Owned(
                url::form_urlencoded::byte_serialize(value.as_bytes())
                    .collect::<String>()
                    .replace('+', "%20"),
            ))
        })
    }

    fn fill_with<'v>(&self, value: impl Fn(&str) -> Option<Cow<'v, str>>) -> Option<Cow<'_, str>> {
        if placeholders(&self.0).next().is_none() {
            return Some(Cow::Borrowed(&self.0));
        }
        let mut filled = String::new();
        let mut rest = self.0.as_str();
        while let Some((before, name, after)) = next_placeholder(rest) {
            filled.push_str(before);
            filled.push_str(&value(name)?);
            rest = after;
        }
        filled.push_str(rest);
        Some(Cow::Owned(filled))
    }

    /// Which placeholders stand in it.
    pub fn placeholders(&self) -> impl Iterator<Item = &str> {
        placeholders(&self.0)
    }

    /// The text as it is written.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Template {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        check_placeholders(&text)?;
        Ok(Self(text))
    }
}

impl From<Template> for String {
    fn from(template: Template) -> Self {
        template.0
    }
}

/// JSON with `{placeholders}` in its texts. A value stays inside the text that it is put into.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(try_from = "Value", into = "Value")]
pub struct Body(Value);

impl Body {
    /// The JSON with values in it; `None` where one is missing: nothing incomplete is ever sent.
    pub fn fill(&self, values: &Fill<'_>) -> Option<Value> {
        fill_value(&self.0, values)
    }

    /// Both in one, for a server of which it is not known which of the two it wants. `None` where they contradict.
    pub fn merged(&self, other: &Self) -> Option<Self> {
        merge(&self.0, &other.0).map(Self)
    }

    /// Which placeholders stand in it.
    pub fn placeholders(&self) -> Vec<&str> {
        let mut found = Vec::new();
        collect_placeholders(&self.0, &mut found);
        found
    }
}

impl TryFrom<Value> for Body {
    type Error = String;

    fn try_from(value: Value) -> Result<Self, String> {
        let mut texts = Vec::new();
        collect_texts(&value, &mut texts);
        texts.into_iter().try_for_each(check_placeholders)?;
        Ok(Self(value))
    }
}

impl From<Body> for Value {
    fn from(body: Body) -> Self {
        body.0
    }
}

fn fill_value(template: &Value, values: &Fill<'_>) -> Option<Value> {
    Some(match template {
        Value::String(text) => Value::String(Template(text.clone()).fill(values)?.into_owned()),
        Value::Array(items) => {
            Value::Array(items.iter().map(|item| fill_value(item, values)).collect::<Option<_>>()?)
        }
        Value::Object(fields) => Value::Object(
            fields
                .iter()
                .map(|(key, value)| Some((key.clone(), fill_value(value, values)?)))
                .collect::<Option<_>>()?,
        ),
        other => other.clone(),
    })
}

fn merge(one: &Value, other: &Value) -> Option<Value> {
    match (one, other) {
        (Value::Object(one), Value::Object(other)) => {
            let mut both = one.clone();
            for (key, value) in other {
                let merged = match both.get(key) {
                    Some(mine) => merge(mine, value)?,
                    None => value.clone(),
                };
                both.insert(key.clone(), merged);
            }
            Some(Value::Object(both))
        }
        (one, other) => (one == other).then(|| one.clone()),
    }
}

fn collect_texts<'v>(value: &'v Value, found: &mut Vec<&'v str>) {
    match value {
        Value::String(text) => found.push(text),
        Value::Array(items) => items.iter().for_each(|item| collect_texts(item, found)),
        Value::Object(fields) => fields.values().for_each(|value| collect_texts(value, found)),
        _ => {}
    }
}

fn collect_placeholders<'v>(value: &'v Value, found: &mut Vec<&'v str>) {
    let mut texts = Vec::new();
    collect_texts(value, &mut texts);
    found.extend(texts.into_iter().flat_map(placeholders));
}

/// What stands before the next placeholder, its name, and what comes after it.
fn next_placeholder(text: &str) -> Option<(&str, &str, &str)> {
    let mut from = 0;
    while let Some(start) = text.get(from..)?.find('{').map(|at| from + at) {
        let inside = text.get(start + 1..)?;
        let length = inside.find(|c: char| !c.is_ascii_lowercase() && c != '_').unwrap_or(inside.len());
        if length > 0 && inside.get(length..)?.starts_with('}') {
            return Some((text.get(..start)?, inside.get(..length)?, inside.get(length + 1..)?));
        }
        from = start + 1;
    }
    None
}

fn placeholders(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let (_, name, after) = next_placeholder(rest)?;
        rest = after;
        Some(name)
    })
}

fn check_placeholders(text: &str) -> Result<(), String> {
    match placeholders(text).find(|name| !PLACEHOLDERS.contains(name)) {
        None => Ok(()),
        Some(name) => {
            Err(format!("there is no placeholder {{{name}}}; there is: {}", PLACEHOLDERS.join(", ")))
        }
    }
}
