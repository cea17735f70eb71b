//! Somebody who is online.

use serde::{Deserialize, Serialize};

/// How somebody who is online can be reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Availability {
    /// There.
    #[default]
    Online,
    /// There, but not at the keyboard.
    Away,
    /// There, but not to be disturbed.
    #[serde(rename = "dnd")]
    DoNotDisturb,
}

impl Availability {
    /// The word on the wire.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Online => "online",
            Self::Away => "away",
            Self::DoNotDisturb => "dnd",
        }
    }

    /// What several devices of one person come to: any "do not disturb" wins, else any online, else away. `None` for
    /// no device at all.
    #[must_use]
    pub fn merged(devices: impl IntoIterator<Item = Self>) -> Option<Self> {
        let rank = |availability: &Self| match availability {
            Self::Away => 0,
            Self::Online => 1,
            Self::DoNotDisturb => 2,
        };
        devices.into_iter().max_by_key(rank)
    }
}

/// How somebody wants to be seen: what others can be told, or nothing at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum OwnAvailability {
    /// As online.
    #[default]
    Online,
    /// As away.
    Away,
    /// As not to be disturbed.
    #[serde(rename = "dnd")]
    DoNotDisturb,
    /// As nobody: others do not see this person, on any device.
    Invisible,
}

impl OwnAvailability {
    /// What others may be told; `None` when they are told nothing.
    #[must_use]
    pub fn shown(self) -> Option<Availability> {
        match self {
            Self::Online => Some(Availability::Online),
            Self::Away => Some(Availability::Away),
            Self::DoNotDisturb => Some(Availability::DoNotDisturb),
            Self::Invisible => None,
        }
    }
}

impl From<Availability> for OwnAvailability {
    fn from(availability: Availability) -> Self {
        match availability {
            Availability::Online => Self::Online,
            Availability::Away => Self::Away,
            Availability::DoNotDisturb => Self::DoNotDisturb,
        }
    }
}

/// Somebody who is online, as everybody may see them.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Row {
    /// Who, as long as the account lives.
    pub id: String,
    /// First name.
    pub first_name: String,
    /// Last name, or nothing.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub last_name: String,
    /// E-mail address, or nothing.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub email: String,
    /// Left out on the wire for those who are simply online.
    #[serde(rename = "a", default, skip_serializing_if = "is_plainly_online")]
    pub availability: Availability,
    /// A line of their own about what they are doing.
    #[serde(rename = "t", default, skip_serializing_if = "String::is_empty")]
    pub status_line: String,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for a reference")]
fn is_plainly_online(availability: &Availability) -> bool {
    *availability == Availability::Online
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may fail by panicking")]

    use super::*;

    #[test]
    fn a_row_says_no_more_than_it_must() {
        let mut row = Row {
            id: "a1".into(),
            first_name: "Ana".into(),
            last_name: String::new(),
            email: String::new(),
            availability: Availability::Online,
            status_line: String::new(),
        };
        assert_eq!(serde_json::to_string(&row).unwrap(), r#"{"id":"a1","firstName":"Ana"}"#);
        row.availability = Availability::DoNotDisturb;
        row.status_line = "in a meeting".into();
        let text = r#"{"id":"a1","firstName":"Ana","a":"dnd","t":"in a meeting"}"#;
        assert_eq!(serde_json::to_string(&row).unwrap(), text);
        assert_eq!(serde_json::from_str::<Row>(text).unwrap(), row);
    }

    #[test]
    fn do_not_disturb_wins_then_online_then_away() {
        use Availability::{Away, DoNotDisturb, Online};
        assert_eq!(Availability::merged([]), None);
        assert_eq!(Availability::merged([Away]), Some(Away));
        assert_eq!(Availability::merged([Away, Online, Away]), Some(Online));
        assert_eq!(Availability::merged([Online, DoNotDisturb, Away]), Some(DoNotDisturb));
    }
}
