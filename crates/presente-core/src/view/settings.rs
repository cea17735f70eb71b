//! The page of the settings, and the one about the app.

use super::{Detail, RuleView};
use crate::{
    alerts::AlertSettings,
    settings::{Language, Sort, Theme},
};
use serde::Serialize;

/// The page of the settings.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SettingsView {
    /// The language.
    pub language: Language,
    /// The colours.
    pub theme: Theme,
    /// How the list is sorted.
    pub sort: Sort,
    /// Start with the session, in the tray; `None` where the system has no way for that.
    pub start_at_login: Option<bool>,
    /// After how many minutes without a touch we count as away; 0 for never.
    pub auto_away_minutes: u16,
    /// What is so with that, in words: whether this desktop tells.
    pub idle_words: String,
    /// Of whom and when people are told.
    pub alerts: AlertSettings,
    /// Alerts are paused until then, in words.
    pub snoozed: Option<String>,
    /// The groups and their rules.
    pub groups: Vec<GroupView>,
    /// Who was online when is kept.
    pub history_enabled: bool,
    /// For how many days.
    pub keep_days: u32,
    /// How much that is, and where, in words.
    pub history_words: String,
}

/// A group of people, and when people are told of those in it.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct GroupView {
    /// Its name.
    pub group: String,
    /// How many are in it, in words.
    pub count: String,
    /// Its rule.
    pub rule: RuleView,
}

/// The page about the app, with what helps to find out what is wrong.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct AboutView {
    /// The version.
    pub version: String,
    /// What the app is, its licence, in words.
    pub words: Vec<String>,
    /// What is known, by account and of the desktop.
    pub parts: Vec<Part>,
    /// What went wrong lately, the newest first.
    pub errors: Vec<Happening>,
    /// Whom people were told of, or not and why, the newest first.
    pub alerts: Vec<Happening>,
    /// All of that but the alerts as text to copy. It names no person and holds no secret.
    pub text: String,
}

/// A part of what is known.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Part {
    /// Stays the same for the same part.
    pub key: String,
    /// Its title.
    pub title: String,
    /// What is known.
    pub items: Vec<Detail>,
}

/// Something that happened.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Happening {
    /// Stays the same for the same one.
    pub key: String,
    /// When, in words.
    pub time: String,
    /// What.
    pub text: String,
}
