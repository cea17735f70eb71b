//! Reading JSON of which it is not known beforehand whether it is an object, an array or a single value.

use serde::{
    Deserializer,
    de::{DeserializeSeed, Error, IgnoredAny, MapAccess, SeqAccess, Visitor},
};
use serde_json::Number;
use std::{borrow::Cow, fmt};

/// A value that is neither an object nor an array; these are `Other`, as `null` is.
#[derive(Debug, Clone, Default)]
pub(super) enum Scalar<'a> {
    #[default]
    Other,
    Text(Cow<'a, str>),
    Number(Number),
    Bool(bool),
    /// The place of one of the event's attachments.
    Attachment(usize),
}

impl<'a> Scalar<'a> {
    /// Text or a number as text, not empty.
    pub(super) fn text(&self) -> Option<Cow<'a, str>> {
        match self {
            Self::Text(text) => (!text.trim_start().is_empty()).then(|| text.clone()),
            Self::Number(number) => Some(Cow::Owned(number.to_string())),
            Self::Bool(_) | Self::Attachment(_) | Self::Other => None,
        }
    }
}

/// Takes whatever comes.
pub(super) trait AnyJson<'de>: Sized {
    /// What it makes of it.
    type Out;

    fn scalar(self, scalar: Scalar<'de>) -> Self::Out;

    fn object<A: MapAccess<'de>>(self, object: A) -> Result<Self::Out, A::Error>;

    fn array<A: SeqAccess<'de>>(self, array: A) -> Result<Self::Out, A::Error>;
}

/// Reads past the elements of an array.
pub(super) fn skip_array<'de, A: SeqAccess<'de>>(mut array: A) -> Result<(), A::Error> {
    while array.next_element::<IgnoredAny>()?.is_some() {}
    Ok(())
}

/// A value becomes itself as a scalar; so does the place of an attachment.
impl<'de> AnyJson<'de> for () {
    type Out = Scalar<'de>;

    fn scalar(self, scalar: Scalar<'de>) -> Scalar<'de> {
        scalar
    }

    fn object<A: MapAccess<'de>>(self, mut object: A) -> Result<Scalar<'de>, A::Error> {
        let (mut is_placeholder, mut number) = (false, None);
        while let Some(name) = object.next_key::<String>()? {
            match name.as_str() {
                "_placeholder" => {
                    is_placeholder = matches!(object.next_value_seed(Reading(()))?, Scalar::Bool(true));
                }
                "num" => {
                    let Scalar::Number(value) = object.next_value_seed(Reading(()))? else { continue };
                    number = value.as_u64().and_then(|number| usize::try_from(number).ok());
                }
                _ => drop(object.next_value::<IgnoredAny>()?),
            }
        }
        Ok(number.filter(|_| is_placeholder).map_or(Scalar::Other, Scalar::Attachment))
    }

    fn array<A: SeqAccess<'de>>(self, array: A) -> Result<Scalar<'de>, A::Error> {
        skip_array(array).map(|()| Scalar::Other)
    }
}

/// Hands what is deserialised to an [`AnyJson`].
pub(super) struct Reading<T>(pub(super) T);

impl<'de, T: AnyJson<'de>> DeserializeSeed<'de> for Reading<T> {
    type Value = T::Out;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<T::Out, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de, T: AnyJson<'de>> Visitor<'de> for Reading<T> {
    type Value = T::Out;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E: Error>(self) -> Result<T::Out, E> {
        Ok(self.0.scalar(Scalar::Other))
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<T::Out, E> {
        Ok(self.0.scalar(Scalar::Bool(value)))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<T::Out, E> {
        Ok(self.0.scalar(Scalar::Number(value.into())))
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<T::Out, E> {
        Ok(self.0.scalar(Scalar::Number(value.into())))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<T::Out, E> {
        Ok(self.0.scalar(Number::from_f64(value).map_or(Scalar::Other, Scalar::Number)))
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<T::Out, E> {
        Ok(self.0.scalar(Scalar::Text(Cow::Owned(value.to_owned()))))
    }

    fn visit_borrowed_str<E: Error>(self, value: &'de str) -> Result<T::Out, E> {
        Ok(self.0.scalar(Scalar::Text(Cow::Borrowed(value))))
    }

    fn visit_map<A: MapAccess<'de>>(self, object: A) -> Result<T::Out, A::Error> {
        self.0.object(object)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, array: A) -> Result<T::Out, A::Error> {
        self.0.array(array)
    }
}
