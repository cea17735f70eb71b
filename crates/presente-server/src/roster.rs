//! The roster: who is online on all nodes, and how the whole list is written for clients of the field.

use std::{collections::BTreeMap, sync::Arc};

use presente_wire::Row;
use serde::Serialize;
use serde_json::value::{RawValue, to_raw_value};

use crate::{cluster::Merged, presence::UserId};

/// Somebody who is online, in the words of the field.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct PlainRow<'r> {
    #[serde(rename = "_id")]
    id: &'r str,
    first_name: &'r str,
    last_name: &'r str,
    email: &'r str,
    #[serde(rename = "isConected")]
    is_connected: bool,
}

/// The whole list, in the envelope of the wire: `{"response":{"user":[…]}}`.
#[derive(Debug, Serialize)]
struct PlainList<'r> {
    response: Users<'r>,
}

#[derive(Debug, Serialize)]
struct Users<'r> {
    user: Vec<PlainRow<'r>>,
}

/// Who is online, in a stable order.
#[derive(Debug, Default)]
pub(crate) struct Roster {
    online: BTreeMap<UserId, Arc<Row>>,
    /// The list as it was written last, while it is still right.
    written: Option<Arc<RawValue>>,
}

impl Roster {
    /// Applies changes; whether they make a difference to clients of the field, which know of no more than online.
    pub(crate) fn apply(&mut self, changes: &[Merged]) -> bool {
        let mut differs = false;
        for Merged { user, row } in changes {
            let before = match row {
                Some(row) => self.online.insert(Arc::clone(user), Arc::clone(row)),
                None => self.online.remove(user),
            };
            differs |= before.as_deref().map(PlainRow::from) != row.as_deref().map(PlainRow::from);
        }
        if differs {
            self.written = None;
        }
        differs
    }

    /// Whether somebody is online.
    pub(crate) fn is_online(&self, user: &UserId) -> bool {
        self.online.contains_key(user)
    }

    /// How many are online.
    pub(crate) fn count(&self) -> usize {
        self.online.len()
    }

    /// Ids of those who are online.
    pub(crate) fn ids(&self) -> impl Iterator<Item = &UserId> {
        self.online.keys()
    }

    /// Whether the list is written as it is now.
    #[cfg(test)]
    pub(crate) fn is_written(&self) -> bool {
        self.written.is_some()
    }

    /// The list as clients of the field get it; written once, however many ask.
    pub(crate) fn list(&mut self) -> Result<Arc<RawValue>, serde_json::Error> {
        if let Some(written) = &self.written {
            return Ok(Arc::clone(written));
        }
        let user = self.online.values().map(|row| PlainRow::from(&**row)).collect();
        let written: Arc<RawValue> = to_raw_value(&PlainList { response: Users { user } })?.into();
        self.written = Some(Arc::clone(&written));
        Ok(written)
    }
}

impl<'r> From<&'r Row> for PlainRow<'r> {
    fn from(row: &'r Row) -> Self {
        Self {
            id: &row.id,
            first_name: &row.first_name,
            last_name: &row.last_name,
            email: &row.email,
            is_connected: true,
        }
    }
}

impl PartialEq for PlainRow<'_> {
    fn eq(&self, other: &Self) -> bool {
        (self.id, self.first_name, self.last_name, self.email)
            == (other.id, other.first_name, other.last_name, other.email)
    }
}

#[cfg(test)]
pub(crate) mod tests {
    #![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

    use presente_wire::Availability;

    use super::*;

    /// Somebody who is online.
    pub(crate) fn ana() -> Row {
        Row {
            id: "a1".into(),
            first_name: "Ana".into(),
            last_name: "Ríos".into(),
            email: "ana@demo.example".into(),
            availability: Availability::Online,
            status_line: String::new(),
        }
    }

    #[test]
    fn the_list_is_written_as_the_wire_wants_it_and_only_anew_when_it_differs() {
        let ana = ana();
        let away = Row { availability: Availability::Away, ..ana.clone() };
        let change = |row: Option<Row>| [Merged { user: "a1".into(), row: row.map(Arc::new) }];
        let mut roster = Roster::default();
        assert!(roster.apply(&change(Some(ana))));
        let list = roster.list().unwrap();
        assert_eq!(
            list.get(),
            r#"{"response":{"user":[{"_id":"a1","firstName":"Ana","lastName":"Ríos","email":"ana@demo.example","isConected":true}]}}"#
        );
        assert!(!roster.apply(&change(Some(away))), "away is online to those who know no more");
        assert!(Arc::ptr_eq(&list, &roster.list().unwrap()));
        assert!(roster.apply(&change(None)));
        assert_eq!(roster.list().unwrap().get(), r#"{"response":{"user":[]}}"#);
    }
}
