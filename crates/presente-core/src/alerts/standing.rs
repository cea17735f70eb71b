//! What holds for one contact: the contact's own rule, else that of the group, else what is said for everybody.

use super::{AccountNumber, Circumstances, Kind, Occasion, Often, Rule, RuleOf, TellOf, Who};
use crate::{list::folded, roster::Contact};
use compact_str::CompactString;
use std::borrow::Cow;

/// Who is named first: the smaller.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Rank {
    Favourite,
    HasRule,
    Other,
}

/// In the order of names, as in the list: the order in which a server tells of people makes no difference.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct ByName {
    name: CompactString,
    id: String,
}

impl ByName {
    pub(super) fn of(who: &Who) -> Self {
        Self { name: folded(&who.name), id: who.id.clone() }
    }
}

/// What holds for one contact.
pub(super) struct Standing<'a> {
    pub(super) who: Who,
    pub(super) rank: Rank,
    /// The rule that holds; `None` if people are not told of this contact.
    pub(super) rule: Option<Cow<'a, Rule>>,
    /// Whose rule that is, where it is not what is said for everybody.
    pub(super) of: Option<RuleOf>,
}

/// Whether somebody is waiting for this contact to come.
pub(super) fn is_awaited(at: &Circumstances<'_>, account: AccountNumber, contact: &Contact) -> bool {
    // Of nearly everybody nothing is noted, so there is no rule to look for.
    (at.person)(account, &contact.id).is_some() && Standing::of(at, account, contact).is_awaited()
}

impl<'a> Standing<'a> {
    pub(super) fn of(at: &Circumstances<'a>, account: AccountNumber, contact: &Contact) -> Self {
        let person = (at.person)(account, &contact.id);
        let alias = person.map(|person| person.alias.as_str()).filter(|alias| !alias.is_empty());
        let name = alias.unwrap_or(&contact.name).to_owned();
        let who = Who { account, id: contact.id.to_string(), name };
        let is_favourite = person.is_some_and(|person| person.favourite);
        let says = |rule: &&Rule| rule.often != Often::Default;
        let own = person.and_then(|person| person.rule.as_ref()).filter(says);
        let group = person.and_then(|person| person.group.as_deref());
        let of_group = group.and_then(|group| at.settings.groups.get_key_value(group));
        let of_group = of_group.filter(|(_, rule)| says(rule));
        let rank = match (is_favourite, own.is_some() || of_group.is_some()) {
            (true, _) => Rank::Favourite,
            (false, true) => Rank::HasRule,
            (false, false) => Rank::Other,
        };
        let is_told_of = match at.settings.tell_of {
            TellOf::Everybody => true,
            TellOf::Favourites => is_favourite,
            TellOf::Nobody => false,
        };
        let (rule, of) = match (own, of_group) {
            (Some(rule), _) => {
                (Some(Cow::Borrowed(rule)), Some(RuleOf::Contact(account, contact.id.to_string())))
            }
            (None, Some((group, rule))) => (Some(Cow::Borrowed(rule)), Some(RuleOf::Group(group.clone()))),
            (None, None) => (is_told_of.then(|| Cow::Owned(Rule::default())), None),
        };
        Self { who, rank, rule, of }
    }

    /// Somebody is waiting for this contact to come.
    pub(super) fn is_awaited(&self) -> bool {
        self.rule.as_ref().is_some_and(|rule| rule.often == Often::Once && rule.is_for(Occasion::Comes))
    }

    /// Whether people wish to be told of this, or have said that they never do.
    pub(super) fn is_for(&self, kind: Kind) -> bool {
        self.rule.as_ref().is_some_and(|rule| match kind {
            Kind::Here => self.is_awaited(),
            Kind::Missed => rule.often != Often::Never,
            _ => rule.is_for(kind.occasion()),
        })
    }
}
