//! Alerts as sentences.

use super::{Alert, Kind, Who};
use crate::{
    controller::AccountNumber,
    texts::{Arg, Texts},
    view::isolated,
};

/// How many are named beside the first.
const MAX_OTHERS: usize = 4;

impl Alert {
    /// One line: who is named, how many there are beside, and what has become of them.
    pub fn title(&self, texts: &Texts) -> String {
        title(self.kind, &self.who, self.others, texts)
    }

    /// One line: of one, the server; of several, who else it is. `server` names the server of an account.
    pub fn body(&self, server: impl Fn(AccountNumber) -> String) -> String {
        let Some((first, rest)) = self.who.split_first() else { return String::new() };
        if self.others == 0 {
            return server(first.account);
        }
        let mut names: Vec<_> = rest.iter().take(MAX_OTHERS).map(|who| isolated(&who.name)).collect();
        if names.len() < self.others {
            names.push("…".to_owned());
        }
        names.join(", ")
    }
}

/// A sentence about these people.
pub(super) fn title(kind: Kind, who: &[Who], others: usize, texts: &Texts) -> String {
    let (one, several) = match kind {
        Kind::Came => ("alert-one", "alert-several"),
        Kind::Here => ("alert-here-one", "alert-here-several"),
        Kind::Went => ("alert-went-one", "alert-went-several"),
        Kind::Free => ("alert-free-one", "alert-free-several"),
        Kind::Back => ("alert-back-one", "alert-back-several"),
        Kind::Missed => ("alert-missed-one", "alert-missed-several"),
    };
    let name = who.first().map(|who| isolated(&who.name)).unwrap_or_default();
    match others {
        0 => texts.with(one, &[("name", Arg::from(&name))]),
        others => texts.with(several, &[("name", Arg::from(&name)), ("others", Arg::Count(others))]),
    }
}
