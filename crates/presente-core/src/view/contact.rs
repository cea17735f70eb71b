//! The page of one contact.

use super::{Shape, TimelineView, UsualView};
use crate::{
    alerts::{Occasion, Often},
    controller::AccountNumber,
    pictures::PictureKey,
};
use serde::Serialize;

/// The page of one contact.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ContactView {
    /// Through which account the contact is known.
    pub account: AccountNumber,
    /// The identity there.
    pub id: String,
    /// The name that is shown: the alias, where there is one.
    pub name: String,
    /// The contact's own name, where an alias is shown.
    pub own_name: Option<String>,
    /// The alias; empty where there is none.
    pub alias: String,
    /// The note.
    pub note: String,
    /// Up to two letters.
    pub initials: String,
    /// The hue of the face, degrees.
    pub hue: u16,
    /// The state.
    pub shape: Shape,
    /// The state in words, and since when.
    pub words: String,
    /// That is not current.
    pub stale: bool,
    /// The picture, where there is one.
    pub picture: Option<PictureKey>,
    /// The e-mail address, where the server tells it.
    pub email: Option<String>,
    /// The server.
    pub server: String,
    /// When the contact was online last, in words; for who is not.
    pub last_online: Option<String>,
    /// Something can be said to this contact alone.
    pub can_whisper: bool,
    /// Stands at the top of the list.
    pub favourite: bool,
    /// The group the contact stands in.
    pub group: Option<String>,
    /// The groups there are.
    pub groups: Vec<String>,
    /// When people are told of the contact.
    pub rule: RuleView,
    /// Who was online when is kept at all.
    pub history_on: bool,
    /// It is kept for this contact.
    pub keep_history: bool,
    /// When the contact was online; `None` until it is read.
    pub timeline: Option<TimelineView>,
    /// When the contact usually is; `None` until it is read.
    pub usual: Option<UsualView>,
}

/// When people are told of a contact or of a group.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RuleView {
    /// How often.
    pub often: Often,
    /// On which occasions.
    pub when: Vec<Occasion>,
    /// By a notification.
    pub notification: bool,
    /// By a sound.
    pub sound: bool,
    /// By running this, one argument a line; empty for nothing.
    pub command: String,
    /// Commands may be run at all.
    pub commands_allowed: bool,
    /// Also in quiet hours and while not to be disturbed.
    pub even_when_quiet: bool,
    /// All of it in a sentence.
    pub words: String,
}
