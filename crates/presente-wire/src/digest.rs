//! The digest of a list: a number that two lists share only when they are the same.

use std::{fmt, hash::Hasher as _, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};
use siphasher::sip::SipHasher24;

use crate::row::Row;

/// One run of one server, written as 32 hex digits. Sequences of different epochs have nothing to do with each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Epoch([u8; 16]);

/// What was to be an epoch is not 32 hex digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an epoch has 32 hex digits")]
pub struct EpochError;

impl Epoch {
    /// The epoch of these bytes, which should be random.
    #[must_use]
    pub fn new(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }
}

impl fmt::Display for Epoch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl FromStr for Epoch {
    type Err = EpochError;

    fn from_str(text: &str) -> Result<Self, EpochError> {
        if text.len() != 32 || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Err(EpochError);
        }
        u128::from_str_radix(text, 16).map(|number| Self(number.to_be_bytes())).map_err(|_| EpochError)
    }
}

impl Serialize for Epoch {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Epoch {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
    }
}

/// The digest of a list: the sum of the hashes of its rows, so that a change of one row costs one row. The hash is
/// keyed by the epoch: nobody can choose names that make two lists look the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Digest(u64);

impl Digest {
    /// The digest of a whole list.
    #[must_use]
    pub fn of<'r>(epoch: &Epoch, rows: impl IntoIterator<Item = &'r Row>) -> Self {
        let mut digest = Self::default();
        rows.into_iter().for_each(|row| digest.add(epoch, row));
        digest
    }

    /// A row has come.
    pub fn add(&mut self, epoch: &Epoch, row: &Row) {
        self.0 = self.0.wrapping_add(hash(epoch, row));
    }

    /// A row has gone.
    pub fn remove(&mut self, epoch: &Epoch, row: &Row) {
        self.0 = self.0.wrapping_sub(hash(epoch, row));
    }
}

fn hash(epoch: &Epoch, row: &Row) -> u64 {
    let mut hasher = SipHasher24::new_with_key(&epoch.0);
    let fields =
        [&row.id, &row.first_name, &row.last_name, &row.email, row.availability.word(), &row.status_line];
    for field in fields {
        // With its length, so that no two rows run together to the same bytes. No field comes near 4 GiB.
        hasher.write(&u32::try_from(field.len()).unwrap_or(u32::MAX).to_le_bytes());
        hasher.write(field.as_bytes());
    }
    hasher.finish()
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

impl Serialize for Digest {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Digest {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let is_hex = text.len() == 16 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        let number = if is_hex { u64::from_str_radix(&text, 16).ok() } else { None };
        number.map(Self).ok_or_else(|| D::Error::custom("a digest has 16 hex digits"))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may fail by panicking")]

    use super::*;
    use crate::row::Availability;

    fn row(id: &str, first_name: &str) -> Row {
        Row {
            id: id.into(),
            first_name: first_name.into(),
            last_name: String::new(),
            email: String::new(),
            availability: Availability::Online,
            status_line: String::new(),
        }
    }

    #[test]
    fn the_order_does_not_matter_and_everything_else_does() {
        let epoch = Epoch::new([7; 16]);
        let (ana, beto) = (row("a", "Ana"), row("b", "Beto"));
        let both = Digest::of(&epoch, [&ana, &beto]);
        assert_eq!(both, Digest::of(&epoch, [&beto, &ana]));
        assert_ne!(both, Digest::of(&epoch, [&ana]));
        assert_ne!(both, Digest::of(&Epoch::new([8; 16]), [&ana, &beto]), "other epochs, other digests");
        assert_ne!(Digest::of(&epoch, [&row("ab", "c")]), Digest::of(&epoch, [&row("a", "bc")]));
        let away = Row { availability: Availability::Away, ..ana.clone() };
        assert_ne!(Digest::of(&epoch, [&away]), Digest::of(&epoch, [&ana]));
        let mut changed = both;
        changed.remove(&epoch, &beto);
        assert_eq!(changed, Digest::of(&epoch, [&ana]));
    }

    #[test]
    fn a_client_in_another_language_can_check_itself_against_this() {
        let epoch: Epoch = "000102030405060708090a0b0c0d0e0f".parse().unwrap();
        assert_eq!(epoch.to_string(), "000102030405060708090a0b0c0d0e0f");
        assert_eq!(Digest::of(&epoch, [&row("a1", "Ana")]).to_string(), "6b5539cb7d443390");
    }

    #[test]
    fn epochs_and_digests_that_are_none_are_refused() {
        for text in ["", "00", "+0102030405060708090a0b0c0d0e0f0", "zz0102030405060708090a0b0c0d0e0f"] {
            assert_eq!(text.parse::<Epoch>(), Err(EpochError), "{text:?}");
        }
        assert!(serde_json::from_str::<Digest>(r#""0""#).is_err());
        assert!(serde_json::from_str::<Digest>(r#""+123456789abcdef""#).is_err());
    }
}
