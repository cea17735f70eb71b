//! Reasons in the user's language.

use super::Reason;
use crate::texts::{Arg, Texts};

impl Reason {
    /// The same for people.
    pub fn sentence(&self, texts: &Texts) -> String {
        let id = format!("learn-reason-{}", self.code().replace('_', "-"));
        match self {
            Self::Rows { count } | Self::Repeated { count } => {
                texts.with(&id, &[("count", Arg::Count(*count))])
            }
            Self::SoundsLikePeople { name: what }
            | Self::SoundsLikeThings { name: what }
            | Self::BareNames { example: what }
            | Self::Identity { field: what }
            | Self::Email { field: what }
            | Self::Online { field: what }
            | Self::LooksLikeMessages { field: what }
            | Self::Answered { request: what }
            | Self::TellsWhoCame { event: what }
            | Self::TellsWhoWent { event: what } => texts.with(&id, &[("what", Arg::from(what))]),
            Self::Name { field, example } => {
                texts.with(&id, &[("what", Arg::from(field)), ("example", Arg::from(example))])
            }
            Self::BareNumbers | Self::NoName => texts.get(&id),
        }
    }
}
