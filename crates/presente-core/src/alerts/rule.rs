//! What people wish to be told of a contact, or of a group of contacts.

use serde::{Deserialize, Deserializer, Serialize};
use std::collections::BTreeSet;

/// The longest command that is one, in words.
const MAX_WORDS: usize = 64;
/// The longest word of a command, in bytes.
const MAX_WORD_BYTES: usize = 4_096;

/// What happens to somebody that people may be told of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Occasion {
    /// Comes online.
    Comes,
    /// Goes offline.
    Goes,
    /// Can be reached: was away or not to be disturbed, and is available.
    BecomesFree,
    /// Was away, and is available.
    IsBack,
}

/// How often people are told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Often {
    /// Whenever it happens, whomever people are told of otherwise.
    Always,
    /// As the contact's group says, or as is said for everybody. The rest of the rule is not looked at.
    #[default]
    Default,
    /// Not at all.
    Never,
    /// The next time; then the rule is again what it was before.
    Once,
}

/// What people wish to be told of a contact or of a group. A contact's rule wins over that of the group, and that over
/// what is said for everybody.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", default)]
pub struct Rule {
    /// How often.
    pub often: Often,
    /// Of what; nothing is read as coming online.
    #[serde(deserialize_with = "occasions")]
    pub when: BTreeSet<Occasion>,
    /// Whether a notification is shown. Without one, only the command is run.
    pub notification: bool,
    /// Whether the notification makes a sound; as is said for everybody, if nothing is said here.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sound: Option<bool>,
    /// A program with its arguments that is run, without a shell, if commands are allowed at all.
    #[serde(deserialize_with = "command", skip_serializing_if = "Option::is_none")]
    pub command: Option<Vec<String>>,
    /// People are told although the hours are quiet, alerts are snoozed or they are not to be disturbed.
    pub even_when_quiet: bool,
    /// Of a rule that holds once: what it was before.
    #[serde(deserialize_with = "one_before", skip_serializing_if = "Option::is_none")]
    pub before: Option<Box<Self>>,
}

impl Default for Rule {
    fn default() -> Self {
        Self {
            often: Often::Default,
            when: BTreeSet::from([Occasion::Comes]),
            notification: true,
            sound: None,
            command: None,
            even_when_quiet: false,
            before: None,
        }
    }
}

impl Rule {
    /// Says nothing of its own, so it need not be kept.
    pub fn is_default(&self) -> bool {
        *self == Self::default()
    }

    /// Whether people are told of this.
    pub fn is_for(&self, occasion: Occasion) -> bool {
        self.when.contains(&occasion) || (self.when.is_empty() && occasion == Occasion::Comes)
    }

    /// This rule in place of another: one that holds once remembers the other.
    #[must_use]
    pub fn in_place_of(mut self, other: &Self) -> Self {
        self.before = match (self.often, other.often) {
            (Often::Once, Often::Once) => other.before.clone(),
            (Often::Once, _) if !other.is_default() => Some(Box::new(other.clone())),
            _ => None,
        };
        self.before.take_if(|before| before.often == Often::Once);
        self
    }

    /// What the rule is once people have been told.
    #[must_use]
    pub fn after_telling(&self) -> Self {
        match self.often {
            Often::Once => self.before.as_deref().cloned().unwrap_or_default(),
            Often::Always | Often::Default | Often::Never => self.clone(),
        }
    }
}

/// Occasions; without any, that of coming online.
fn occasions<'de, D: Deserializer<'de>>(reader: D) -> Result<BTreeSet<Occasion>, D::Error> {
    let occasions = BTreeSet::deserialize(reader)?;
    Ok(if occasions.is_empty() { Rule::default().when } else { occasions })
}

/// A command that can be one.
fn command<'de, D: Deserializer<'de>>(reader: D) -> Result<Option<Vec<String>>, D::Error> {
    let words = Option::<Vec<String>>::deserialize(reader)?;
    let fits = |words: &Vec<String>| {
        words.first().is_some_and(|program| !program.is_empty())
            && words.len() <= MAX_WORDS
            && words.iter().all(|word| word.len() <= MAX_WORD_BYTES && !word.contains('\0'))
    };
    Ok(words.filter(fits))
}

/// A rule that holds once comes after one that does not, and that after none.
fn one_before<'de, D: Deserializer<'de>>(reader: D) -> Result<Option<Box<Rule>>, D::Error> {
    let before = Option::<Box<Rule>>::deserialize(reader)?;
    Ok(before
        .filter(|before| before.often != Often::Once)
        .map(|before| Box::new(Rule { before: None, ..*before })))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may fail by panicking")]

    use super::*;

    fn rule(often: Often) -> Rule {
        Rule { often, ..Rule::default() }
    }

    #[test]
    fn a_rule_that_holds_once_goes_back_to_what_it_was() {
        let once = rule(Often::Once);
        for (before, after) in [
            (rule(Often::Default), rule(Often::Default)),
            (rule(Often::Never), rule(Often::Never)),
            (
                Rule { sound: Some(true), ..rule(Often::Always) },
                Rule { sound: Some(true), ..rule(Often::Always) },
            ),
            (once.clone().in_place_of(&rule(Often::Never)), rule(Often::Never)),
        ] {
            assert_eq!(once.clone().in_place_of(&before).after_telling(), after, "in place of {before:?}");
        }
        let never = rule(Often::Never).in_place_of(&once);
        assert_eq!(never.after_telling(), never, "another rule stays");
    }

    #[test]
    fn a_rule_comes_back_as_it_was_written_and_what_makes_no_sense_is_put_right() {
        let command = Some(vec!["notify".to_owned(), "%s".to_owned()]);
        let written = Rule { command, ..rule(Often::Once) }.in_place_of(&rule(Often::Never));
        let text = toml::to_string(&written).unwrap();
        assert_eq!(toml::from_str::<Rule>(&text).unwrap(), written, "{text}");
        assert_eq!(toml::from_str::<Rule>("").unwrap(), Rule::default());
        let odd = "often = \"once\"\nwhen = []\ncommand = []\n[before]\noften = \"once\"\n";
        assert_eq!(toml::from_str::<Rule>(odd).unwrap(), rule(Often::Once));
        let nul = Rule { command: Some(vec!["a\0b".to_owned()]), ..Rule::default() };
        assert_eq!(serde_json::from_value::<Rule>(serde_json::to_value(nul).unwrap()).unwrap().command, None);
    }
}
