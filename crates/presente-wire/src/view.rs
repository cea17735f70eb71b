//! A part of a list that is too large to be held: what a client asks to see of it, and what it is told about that.

use serde::{Deserialize, Serialize};

use crate::{digest::Epoch, row::Row};

/// Most rows of a window.
pub const VIEW_ROWS: usize = 100;
/// Most people who are watched.
pub const VIEW_WATCHED: usize = 200;
/// Most characters of what is searched for.
pub const VIEW_QUERY_CHARS: usize = 64;
/// Most bytes of an id of somebody who is watched.
const ID_BYTES: usize = 128;

/// In which order a list is looked at. In both, people of the same name are in the order of their ids.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Sort {
    /// By name, first name first; case and accents make no difference.
    #[default]
    Name,
    /// Who is online, then who is away, then who is not to be disturbed; each by name.
    Availability,
}

/// `presence:view`: what a client wants to see from now on, in place of what it has asked for before.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct View {
    /// The order.
    #[serde(default)]
    pub sort: Sort,
    /// Words, each of which is somewhere in the name or the e-mail address; case and accents make no difference.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub q: String,
    /// How many of those who match come before the window.
    #[serde(default)]
    pub from: u64,
    /// Rows of the window, at most [`VIEW_ROWS`].
    pub len: usize,
    /// Ids of people who are watched wherever they are in the list, at most [`VIEW_WATCHED`].
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ids: Vec<String>,
}

impl View {
    /// Whether it asks for no more than a server gives.
    #[must_use]
    pub fn is_allowed(&self) -> bool {
        self.len <= VIEW_ROWS
            && self.ids.len() <= VIEW_WATCHED
            && self.ids.iter().all(|id| id.len() <= ID_BYTES)
            && self.q.chars().nth(VIEW_QUERY_CHARS).is_none()
    }
}

/// The server's answer to a [`View`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Viewed {
    /// True; a refusal has a `message` in place of all else.
    pub success: bool,
    /// The window as it is now.
    pub window: Window,
    /// Those of the watched who are online.
    #[serde(default)]
    pub watched: Vec<Row>,
    /// Whether changes of the window will be told. If not, the client has to ask again; the watched are told anyhow.
    #[serde(default = "yes", skip_serializing_if = "is_so")]
    pub live: bool,
}

/// A window of the list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Window {
    /// The run of the server.
    pub e: Epoch,
    /// How many match.
    pub n: u64,
    /// How many are online.
    pub c: u64,
    /// How many of those who match come before the window.
    pub from: u64,
    /// Who is in it, in order.
    pub rows: Vec<Row>,
}

/// `presence:window`: what has changed in the window or about somebody who is watched.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WindowChange {
    /// The run of the server.
    pub e: Epoch,
    /// How many are online.
    pub c: u64,
    /// How many match.
    pub n: u64,
    /// How many of those who match come before the window.
    pub from: u64,
    /// Who is in the window now, in order; left out when these are the same as before, in the same order.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ids: Option<Vec<String>>,
    /// Rows that have changed or are new in the window.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rows: Vec<Row>,
    /// Watched people who came, or whose row is another one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub w: Vec<Row>,
    /// Ids of watched people who left.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub g: Vec<String>,
}

fn yes() -> bool {
    true
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for a reference")]
fn is_so(is: &bool) -> bool {
    *is
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may fail by panicking")]

    use super::*;

    #[test]
    fn a_view_is_read_with_what_it_leaves_out_and_refused_when_it_asks_for_too_much() {
        let view = |text: &str| serde_json::from_str::<View>(text);
        assert_eq!(view(r#"{"len":60}"#).unwrap(), View { len: 60, ..View::default() });
        let whole = view(r#"{"sort":"availability","q":"áé","from":9,"len":100,"ids":["a"],"x":1}"#).unwrap();
        assert_eq!((whole.sort, whole.from, whole.is_allowed()), (Sort::Availability, 9, true));
        for text in ["{}", "null", "[]", r#"{"len":-1}"#, r#"{"len":1.5}"#, r#"{"len":1,"sort":"age"}"#] {
            assert!(view(text).is_err(), "{text}");
        }
        let query = |chars| View { q: "ñ".repeat(chars), ..View::default() };
        assert!(query(64).is_allowed() && !query(65).is_allowed());
        assert!(!View { len: 101, ..View::default() }.is_allowed());
        assert!(!View { ids: vec![String::new(); 201], ..View::default() }.is_allowed());
        assert!(!View { ids: vec!["x".repeat(129)], ..View::default() }.is_allowed());
    }

    #[test]
    fn a_change_says_no_more_than_it_must() {
        let change = WindowChange {
            e: Epoch::new([0; 16]),
            c: 7,
            n: 5,
            from: 0,
            ids: None,
            rows: Vec::new(),
            w: Vec::new(),
            g: Vec::new(),
        };
        let text = r#"{"e":"00000000000000000000000000000000","c":7,"n":5,"from":0}"#;
        assert_eq!(serde_json::to_string(&change).unwrap(), text);
        assert_eq!(serde_json::from_str::<WindowChange>(text).unwrap(), change);
    }
}
