//! From what was seen of a socket to which dialect it speaks. Pure.
//!
//! A candidate is *supported* where the roster was read as that dialect has it, *contradicted* where what it promises
//! did not come, and *possible* otherwise. Among those of one standing points decide, then whether it is the user's own.

use super::{Reason, proof::shows_token};
use crate::{
    display_name::clean,
    link::Payload,
    profile::{Meaning, PresenceModel, Profile},
};
use serde_json::value::RawValue;
use std::{cmp::Reverse, sync::Arc};

/// How many events are looked at.
const MAX_EVENTS: usize = 200;
/// How many different events are kept for who wants to learn the dialect.
const MAX_SAMPLES: usize = 50;
/// The longest sample, in characters.
const MAX_SAMPLE_CHARS: usize = 2_000;
/// The longest word of a server that is shown, in characters.
const MAX_MESSAGE_CHARS: usize = 500;

/// How the socket received us without a proof.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Admission {
    /// Not tried yet.
    Untried,
    /// Let in.
    Connected {
        /// The id of our socket.
        sid: Option<String>,
    },
    /// Refused with these words, or thrown out without any.
    Rejected(String),
    /// There is no such namespace.
    NoNamespace,
}

/// How a candidate stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Standing {
    Contradicted,
    Possible,
    Supported,
}

/// A candidate as the evidence has it.
#[derive(Debug, Clone)]
pub(super) struct Ranked {
    pub(super) profile: Arc<Profile>,
    pub(super) standing: Standing,
    pub(super) score: i32,
    /// The user has made it, or changed it.
    pub(super) is_own: bool,
    pub(super) reasons: Vec<Reason>,
    /// Of which socket the evidence is.
    pub(super) scene: usize,
}

/// What one event says in the dialect of one candidate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reading {
    /// A list of so many rows.
    List {
        rows: usize,
        /// The id of our socket is in it.
        has_us: bool,
        /// Names and nothing else.
        bare: bool,
    },
    /// It should be a list, and is none.
    Malformed,
    /// Somebody came, went or changed.
    Change,
    /// A message or a picture.
    Word,
    Nothing,
}

#[derive(Debug)]
struct Candidate {
    profile: Arc<Profile>,
    is_own: bool,
    /// Of each event that was heard.
    readings: Vec<Reading>,
}

#[derive(Debug)]
struct Heard {
    event: String,
    /// Which request came before it.
    after: Option<String>,
}

/// All that was seen of one socket.
#[derive(Debug)]
pub(super) struct Evidence {
    candidates: Vec<Candidate>,
    admission: Admission,
    heard: Vec<Heard>,
    samples: Vec<(String, String)>,
    asked: Vec<String>,
    /// Whatever comes by itself has had its time to come.
    listened: bool,
}

impl Evidence {
    pub(super) fn new(candidates: &[Arc<Profile>]) -> Self {
        let candidate = |profile: &Arc<Profile>| Candidate {
            profile: profile.clone(),
            is_own: !Profile::preset(&profile.name).is_ok_and(|preset| preset == **profile),
            readings: Vec::new(),
        };
        Self {
            candidates: candidates.iter().map(candidate).collect(),
            admission: Admission::Untried,
            heard: Vec::new(),
            samples: Vec::new(),
            asked: Vec::new(),
            listened: false,
        }
    }

    pub(super) fn received(&mut self, admission: Admission) {
        self.admission = admission;
    }

    pub(super) fn admission(&self) -> &Admission {
        &self.admission
    }

    pub(super) fn asked(&mut self, event: &str) {
        self.asked.push(event.to_owned());
    }

    pub(super) fn listened(&mut self) {
        self.listened = true;
    }

    /// Takes note of an event.
    pub(super) fn heard(&mut self, event: &str, payload: &Payload) {
        if self.heard.len() >= MAX_EVENTS {
            return;
        }
        keep_sample(&mut self.samples, event, payload);
        let sid = match &self.admission {
            Admission::Connected { sid } => sid.as_deref(),
            _ => None,
        };
        for candidate in &mut self.candidates {
            candidate.readings.push(Reading::of(&candidate.profile, event, payload, sid));
        }
        self.heard.push(Heard { event: event.to_owned(), after: self.asked.last().cloned() });
    }

    /// The events that came, each with a sample.
    pub(super) fn samples(&self) -> &[(String, String)] {
        &self.samples
    }

    /// Whether something came that no candidate knows.
    pub(super) fn has_strange_events(&self) -> bool {
        (0..self.heard.len()).any(|at| {
            self.candidates.iter().all(|candidate| candidate.readings.get(at) == Some(&Reading::Nothing))
        })
    }

    /// Whether some candidate has read a list.
    pub(super) fn has_list(&self) -> bool {
        let is_list = |reading: &Reading| matches!(reading, Reading::List { .. });
        self.candidates.iter().any(|candidate| candidate.readings.iter().any(is_list))
    }

    /// Whether the last request was answered by a list, as a candidate has it that asks by it.
    pub(super) fn is_answered(&self) -> bool {
        let Some(request) = self.asked.last() else { return false };
        self.candidates.iter().any(|candidate| {
            candidate.profile.roster.request.contains(request)
                && self.lists(candidate).any(|(heard, _)| heard.after.as_ref() == Some(request))
        })
    }

    /// The events that ask for the list, those of the likeliest candidate first; none where the matter is decided.
    pub(super) fn requests(&self) -> Vec<String> {
        let mut requests = Vec::new();
        if self.is_decided() {
            return requests;
        }
        let ranking = self.ranking();
        let open = ranking.iter().filter(|ranked| ranked.standing != Standing::Contradicted);
        for request in open.flat_map(|ranked| &ranked.profile.roster.request) {
            if !requests.contains(request) {
                requests.push(request.clone());
            }
        }
        requests
    }

    /// Whether more would change nothing: the list came by itself, as it should, and is nobody else's.
    pub(super) fn is_decided(&self) -> bool {
        let ranking = self.ranking();
        let Some(best) = ranking.first().filter(|best| best.standing == Standing::Supported) else {
            return false;
        };
        let lists_us = best.reasons.iter().any(|reason| matches!(reason, Reason::ListsOurSocket { .. }));
        let rivals = ranking.iter().skip(1).filter(|other| {
            other.standing == Standing::Supported || (other.is_own && other.standing == Standing::Possible)
        });
        lists_us && rivals.clone().all(|other| !other.is_own)
            || best.profile.roster.request.is_empty() && rivals.count() == 0
    }

    /// All candidates, the likeliest first.
    pub(super) fn ranking(&self) -> Vec<Ranked> {
        let mut ranking: Vec<_> = self.candidates.iter().map(|candidate| self.judge(candidate)).collect();
        sort(&mut ranking);
        ranking
    }

    fn judge(&self, candidate: &Candidate) -> Ranked {
        let profile = &candidate.profile;
        let (list_points, mut reasons) = self.list_evidence(candidate);
        let (other_points, more) = self.other_evidence(candidate);
        reasons.extend(more);
        let changes = candidate.readings.contains(&Reading::Change);
        let shown = list_points > 0 || (profile.roster.snapshot.is_empty() && changes);
        let malformed = candidate.readings.contains(&Reading::Malformed);
        let standing = match &self.admission {
            Admission::NoNamespace => Standing::Contradicted,
            _ if shown => Standing::Supported,
            // It has no token to show.
            Admission::Rejected(_) if !profile.has_accounts() => Standing::Contradicted,
            _ if malformed || self.broke_promise(candidate) => Standing::Contradicted,
            _ => Standing::Possible,
        };
        if let Admission::Rejected(message) = &self.admission {
            reasons.insert(0, Reason::NeedsToken { message: clean(message, MAX_MESSAGE_CHARS) });
        }
        let is_own = candidate.is_own;
        Ranked {
            profile: profile.clone(),
            standing,
            score: list_points + other_points,
            is_own,
            reasons,
            scene: 0,
        }
    }

    /// Where nobody has to sign in, a list that does not come is a list that is not there.
    fn broke_promise(&self, candidate: &Candidate) -> bool {
        let rules = &candidate.profile.roster;
        let asked = rules.request.iter().all(|request| self.asked.contains(request));
        matches!(self.admission, Admission::Connected { .. })
            && self.listened
            && asked
            && !candidate.profile.has_accounts()
            && !rules.snapshot.is_empty()
    }

    /// The best list that was read, in points, and what it says.
    fn list_evidence(&self, candidate: &Candidate) -> (i32, Vec<Reason>) {
        let Profile { roster, presence, .. } = candidate.profile.as_ref();
        let has_accounts = candidate.profile.has_accounts();
        let knows_sid = matches!(&self.admission, Admission::Connected { sid: Some(_) });
        let points = |heard: &Heard, reading: Reading| -> (i32, Option<Reason>) {
            let Reading::List { rows, has_us, bare } = reading else { return (0, None) };
            let event = heard.event.clone();
            let size = if rows > 0 { 2 } else { 0 };
            match &heard.after {
                Some(request) if roster.request.contains(request) => {
                    (6 + size, Some(Reason::Answered { request: request.clone(), event }))
                }
                // What follows a question that this dialect does not know is an answer to somebody who does.
                Some(_) if !roster.request.is_empty() || !has_accounts => (0, None),
                _ if has_us && !has_accounts => (10, Some(Reason::ListsOurSocket { event })),
                _ if has_us => (0, None),
                // Who has just connected has no name yet and is listed by the id, if presence is the connection.
                _ if !has_accounts && bare && knows_sid && presence.by == PresenceModel::Connection => {
                    (size, Some(Reason::Heard { event }))
                }
                // It should have waited to be asked, and may have answered somebody else.
                _ if !roster.request.is_empty() => (1 + size, Some(Reason::Heard { event })),
                _ => (2 + size, Some(Reason::Heard { event })),
            }
        };
        let mut reasons = Vec::new();
        let mut best = 0;
        for (heard, reading) in self.lists(candidate) {
            let (points, reason) = points(heard, reading);
            best = best.max(points);
            reasons.extend(reason.filter(|reason| points > 0 && !reasons.contains(reason)));
        }
        (best, reasons)
    }

    /// What else was heard or should have been, in points, and what of it can be said.
    fn other_evidence(&self, candidate: &Candidate) -> (i32, Vec<Reason>) {
        let mut points = 0;
        let mut reasons = Vec::new();
        let mut seen: Vec<&str> = Vec::new();
        for (heard, reading) in self.heard.iter().zip(&candidate.readings) {
            let worth = match reading {
                Reading::Change => 2,
                Reading::Word => 1,
                Reading::List { .. } | Reading::Malformed | Reading::Nothing => continue,
            };
            if seen.contains(&heard.event.as_str()) {
                continue;
            }
            seen.push(&heard.event);
            points += worth;
            reasons.push(Reason::Heard { event: heard.event.clone() });
        }
        let Profile { socket, roster, .. } = candidate.profile.as_ref();
        points += match &self.admission {
            Admission::Rejected(_) if shows_token(socket) => 1,
            Admission::Connected { .. } if self.listened && self.lists(candidate).next().is_none() => -1,
            _ => 0,
        };
        let answers = |(heard, _): (&Heard, _)| {
            heard.after.as_ref().is_some_and(|after| roster.request.contains(after))
        };
        let asked =
            !roster.request.is_empty() && roster.request.iter().all(|request| self.asked.contains(request));
        if asked && !self.lists(candidate).any(answers) {
            points -= 2;
        }
        (points, reasons)
    }

    fn lists<'c>(&'c self, candidate: &'c Candidate) -> impl Iterator<Item = (&'c Heard, Reading)> {
        let readings = self.heard.iter().zip(candidate.readings.iter().copied());
        readings.filter(|(_, reading)| matches!(reading, Reading::List { .. }))
    }
}

/// The likeliest first; what is equal stays in its order.
pub(super) fn sort(ranking: &mut [Ranked]) {
    ranking.sort_by_key(|ranked| (Reverse(ranked.standing), Reverse(ranked.score), !ranked.is_own));
}

/// Keeps what an event carried, for who wants to learn the dialect: the first of each name.
pub(super) fn keep_sample(samples: &mut Vec<(String, String)>, event: &str, payload: &Payload) {
    if samples.len() >= MAX_SAMPLES || samples.iter().any(|(known, _)| known == event) {
        return;
    }
    let arguments: Vec<&RawValue> = payload.read().unwrap_or_default();
    let text = arguments.into_iter().map(RawValue::get).collect::<Vec<_>>().join(", ");
    samples.push((event.to_owned(), text.chars().take(MAX_SAMPLE_CHARS).collect()));
}

impl Reading {
    fn of(profile: &Profile, event: &str, payload: &Payload, sid: Option<&str>) -> Self {
        match profile.read(event, payload) {
            Meaning::Roster { rows, .. } => Self::List {
                rows: rows.len(),
                has_us: sid.is_some_and(|sid| rows.iter().any(|row| row.id == sid)),
                bare: !rows.is_empty() && rows.iter().all(|row| row.is_bare_name()),
            },
            Meaning::MalformedRoster => Self::Malformed,
            Meaning::Joined(_) | Meaning::Left(_) | Meaning::Renamed(..) => Self::Change,
            Meaning::Message(_) | Meaning::Messages(_) | Meaning::Picture(..) => Self::Word,
            Meaning::Unknown => Self::Nothing,
        }
    }
}

#[cfg(test)]
#[path = "evidence_tests.rs"]
mod tests;
