//! Those who come within a short time, in one alert.

use super::{
    Key, Kind, MAX_NAMED, Who,
    standing::{ByName, Rank},
};
use jiff::{SignedDuration, Timestamp};

/// How soon somebody must follow to be told of together with who came before, and how long it can go on like this.
const COMING: (SignedDuration, SignedDuration) =
    (SignedDuration::from_millis(1_500), SignedDuration::from_secs(5));
/// The same of those who go: that is less urgent, and at the end of a day they go one after the other.
const GOING: (SignedDuration, SignedDuration) =
    (SignedDuration::from_secs(10), SignedDuration::from_secs(30));

/// Those who come within a short time.
#[derive(Debug)]
pub(super) struct Gather {
    /// The tag of the alert that tells of them.
    pub(super) tag: String,
    /// Who is named first comes first: of those of the same rank who was told of first, so that the name on an alert that
    /// grows stays.
    who: Vec<((Rank, Timestamp, ByName), Who)>,
    count: usize,
    follows_within: SignedDuration,
    lasts: SignedDuration,
    opened: Timestamp,
    last: Timestamp,
    /// The sound has been made.
    pub(super) sounded: bool,
}

impl Gather {
    pub(super) fn new(kind: Kind, tag: String, now: Timestamp) -> Self {
        let (follows_within, lasts) = if kind == Kind::Went { GOING } else { COMING };
        Self { tag, who: Vec::new(), count: 0, follows_within, lasts, opened: now, last: now, sounded: false }
    }

    /// Whether who comes now belongs to it.
    pub(super) fn is_open(&self, now: Timestamp) -> bool {
        let since = |then: Timestamp| now.duration_since(then);
        self.count > 0 && since(self.last) <= self.follows_within && since(self.opened) <= self.lasts
    }

    pub(super) fn add(&mut self, rank: Rank, who: Who, now: Timestamp) {
        self.last = now;
        if self.who.iter().any(|(_, there)| there.account == who.account && there.id == who.id) {
            return;
        }
        self.count += 1;
        let place = (rank, now, ByName::of(&who));
        let at = self.who.partition_point(|(other, _)| *other <= place);
        if at < MAX_NAMED {
            self.who.insert(at, (place, who));
            self.who.truncate(MAX_NAMED);
        }
    }

    /// Somebody of them is not there any more.
    pub(super) fn remove(&mut self, key: &Key) {
        let before = self.who.len();
        self.who.retain(|(_, who)| who.account != key.0 || who.id != key.1);
        self.count -= before - self.who.len();
    }

    /// Those who are known by name, and how many there are beside the first.
    pub(super) fn told(&self) -> (Vec<Who>, usize) {
        (self.who.iter().map(|(_, who)| who.clone()).collect(), self.count.saturating_sub(1))
    }
}
