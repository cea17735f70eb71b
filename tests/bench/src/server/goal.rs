//! What listeners wait to see.

use presente_wire::{Applied, Change, Replica};
use serde::{Deserialize, de::IgnoredAny};

/// How a list of the dialect begins.
const LIST: &str = r#"["usersConected","#;

/// What is to be seen, and its number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Goal {
    /// Goals follow each other.
    pub number: u64,
    /// What.
    pub sight: Sight,
}

/// Something that a list can show.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sight {
    /// Nothing is looked for.
    Nothing,
    /// A list of so many people, which is so long on the wire of the dialect.
    Everybody {
        /// How many.
        count: usize,
        /// Bytes.
        length: usize,
    },
    /// The person of this address.
    Here(String),
    /// All but the person of this address.
    Gone(String),
}

#[derive(Deserialize)]
struct List {
    response: Users,
}

#[derive(Deserialize)]
struct Users {
    user: Vec<IgnoredAny>,
}

impl Sight {
    /// Whether an event shows it, as a client that gets whole lists reads it.
    pub fn in_event(&self, event: &str) -> bool {
        if !event.starts_with(LIST) {
            return false;
        }
        match self {
            Self::Nothing => false,
            // Reading each of them would cost more than the servers' work; too short a list cannot be it.
            Self::Everybody { count, length } => {
                event.len() >= *length
                    && serde_json::from_str::<(IgnoredAny, List)>(event)
                        .is_ok_and(|(_, list)| list.response.user.len() == *count)
            }
            Self::Here(email) => shows(event, email),
            Self::Gone(email) => !shows(event, email),
        }
    }

    /// Whether a copy that has just changed shows it.
    pub fn in_copy(&self, copy: &Replica, applied: &Applied) -> bool {
        let Applied::Changed(changes) = applied else {
            return *applied == Applied::Replaced && self.in_rows(copy);
        };
        match self {
            Self::Here(email) => {
                changes.iter().any(|change| matches!(change, Change::Is(row) if row.email == *email))
            }
            // Who left is told by the id alone.
            Self::Gone(_) if !changes.iter().any(|change| matches!(change, Change::Left(_))) => false,
            Self::Nothing | Self::Everybody { .. } | Self::Gone(_) => self.in_rows(copy),
        }
    }

    fn in_rows(&self, copy: &Replica) -> bool {
        let is_there = |email: &String| copy.rows().any(|row| row.email == *email);
        match self {
            Self::Nothing => false,
            Self::Everybody { count, .. } => copy.rows().len() == *count,
            Self::Here(email) => is_there(email),
            Self::Gone(email) => !is_there(email),
        }
    }
}

/// Whether a list has this address in it; an address that only ends so is another one.
fn shows(event: &str, email: &str) -> bool {
    event.match_indices(email).any(|(at, _)| event.get(..at).is_some_and(|before| before.ends_with('"')))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_shows_who_is_in_it_and_nobody_whose_address_only_looks_like_it() {
        let event = r#"["usersConected",{"response":{"user":[{"email":"ba@test.example"},{"email":"c@test.example"}]}}]"#;
        let (a, c) = ("a@test.example".to_owned(), "c@test.example".to_owned());
        assert!(Sight::Here(c.clone()).in_event(event) && !Sight::Gone(c.clone()).in_event(event));
        assert!(Sight::Gone(a.clone()).in_event(event) && !Sight::Here(a).in_event(event));
        let everybody = |count, length| Sight::Everybody { count, length }.in_event(event);
        assert!(everybody(2, event.len()) && !everybody(3, event.len()) && !everybody(2, event.len() + 1));
        assert!(!Sight::Here(c).in_event(&event.replace("usersConected", "enviar-mensaje")));
    }
}
