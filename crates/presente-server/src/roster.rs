//! The roster: the rows of those who are online, and how a list of them is written.

use std::{collections::BTreeMap, sync::Arc};

use serde::Serialize;

use crate::{
    presence::{Change, UserId},
    store::Account,
};

/// Somebody who is online, as everybody may see them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Row {
    #[serde(rename = "_id")]
    id: UserId,
    #[serde(rename = "firstName")]
    first_name: String,
    #[serde(rename = "lastName")]
    last_name: String,
    email: String,
    #[serde(rename = "isConected")]
    is_connected: bool,
}

impl From<&Account> for Row {
    fn from(account: &Account) -> Self {
        Self {
            id: Arc::clone(&account.id),
            first_name: account.first_name.clone(),
            last_name: account.last_name.clone(),
            email: account.email.clone(),
            is_connected: true,
        }
    }
}

/// The whole list, in the envelope of the wire: `{"response":{"user":[…]}}`.
#[derive(Debug, Serialize)]
pub(crate) struct Snapshot {
    response: Users,
}

#[derive(Debug, Serialize)]
struct Users {
    user: Vec<Arc<Row>>,
}

/// Who is online, in a stable order.
#[derive(Debug, Default)]
pub(crate) struct Roster {
    online: BTreeMap<UserId, Arc<Row>>,
}

impl Roster {
    /// Applies what the presence machine said. Only the account that acted can have come online.
    pub(crate) fn apply(&mut self, changes: &[Change], actor: Option<&Account>) {
        for change in changes {
            if !change.online {
                self.online.remove(&change.user);
            } else if let Some(account) = actor.filter(|account| account.id == change.user) {
                self.online.insert(Arc::clone(&change.user), Arc::new(account.into()));
            }
        }
    }

    /// The list as it is now.
    pub(crate) fn snapshot(&self) -> Snapshot {
        Snapshot { response: Users { user: self.online.values().cloned().collect() } }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

    use super::*;

    #[test]
    fn a_snapshot_is_written_as_the_wire_wants_it() {
        let ana = Account {
            id: "a1".into(),
            first_name: "Ana".into(),
            last_name: "Ríos".into(),
            email: "ana@demo.example".into(),
        };
        let came = Change { user: "a1".into(), online: true };
        let left = Change { user: "a1".into(), online: false };
        let mut roster = Roster::default();
        roster.apply(std::slice::from_ref(&came), Some(&ana));
        assert_eq!(
            serde_json::to_string(&roster.snapshot()).unwrap(),
            r#"{"response":{"user":[{"_id":"a1","firstName":"Ana","lastName":"Ríos","email":"ana@demo.example","isConected":true}]}}"#
        );
        roster.apply(&[left], None);
        assert_eq!(serde_json::to_string(&roster.snapshot()).unwrap(), r#"{"response":{"user":[]}}"#);
    }
}
