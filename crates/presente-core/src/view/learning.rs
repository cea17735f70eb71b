//! The assistant that learns how a server speaks, as it is shown.

use serde::Serialize;

/// What the assistant shows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct LearnView {
    /// The server.
    pub server: String,
    /// How far it is.
    pub phase: LearnPhase,
    /// The same in words.
    pub status: String,
    /// What the server has said, by event.
    pub events: Vec<LearntEvent>,
    /// What may be the list of people, the most likely first.
    pub proposals: Vec<LearnProposal>,
    /// Which of them is chosen.
    pub chosen: usize,
    /// The fields that a row of it has.
    pub fields: Vec<LearnField>,
    /// The field that is the identity.
    pub id: String,
    /// The fields that make the name, in order.
    pub name: Vec<String>,
    /// The field that is the e-mail address, if one is.
    pub email: Option<String>,
    /// The first people, as they are read by that.
    pub preview: Vec<LearnPerson>,
    /// How many are read in all.
    pub people: usize,
    /// What is proposed as the profile's name.
    pub profile_name: String,
}

/// How far the assistant is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum LearnPhase {
    /// It listens, and nothing that could be a list of people has come.
    Listening,
    /// There is something to choose from; it goes on listening.
    Choosing,
    /// The server cannot be listened to.
    Failed,
}

/// An event that the server has sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct LearntEvent {
    /// Its name.
    pub name: String,
    /// How often it came.
    pub count: usize,
    /// What it carried last, cut.
    pub sample: String,
}

/// What may be the list of people.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct LearnProposal {
    /// A line for the choice: the event, and where in it the list is.
    pub label: String,
    /// Why, in words.
    pub reasons: String,
}

/// A field that a row has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct LearnField {
    /// The field, as it stands in a profile.
    pub path: String,
    /// What it holds in one row, cut.
    pub sample: String,
}

/// Somebody, as the mapping reads them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct LearnPerson {
    /// The identity.
    pub id: String,
    /// The name.
    pub name: String,
    /// The e-mail address.
    pub email: Option<String>,
}
