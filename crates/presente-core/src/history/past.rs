//! What is known of one person: when they were online, and when that was watched.

use crate::roster::{Availability, Contact};
use jiff::Timestamp;

/// How somebody was online. Who was not has no span.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SpanState {
    /// To be reached.
    Online,
    /// Signed in, and not at the machine.
    Away,
    /// Not to be disturbed.
    Busy,
}

impl SpanState {
    /// The state of a contact; `None` for who is offline.
    pub fn of(contact: &Contact) -> Option<Self> {
        match (contact.online, contact.availability) {
            (false, _) => None,
            (true, Some(Availability::Away)) => Some(Self::Away),
            (true, Some(Availability::DoNotDisturb)) => Some(Self::Busy),
            (true, Some(Availability::Online) | None) => Some(Self::Online),
        }
    }

    /// Whether that is somebody who is there: a machine that nobody is at is not.
    pub fn is_here(self) -> bool {
        self != Self::Away
    }
}

/// A time in which somebody was online in one way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    /// In which way.
    pub state: SpanState,
    /// Since when.
    pub from: Timestamp,
    /// Until when; `None` for one that nobody has seen end.
    pub until: Option<Timestamp>,
}

/// A time in which we were connected and had a list that was right.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Watch {
    /// Since when.
    pub from: Timestamp,
    /// Until when.
    pub until: Timestamp,
}

/// What is known of one person.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Past {
    /// When they were online.
    pub spans: Vec<Span>,
    /// When we watched. What lies in no watch is not known.
    pub watched: Vec<Watch>,
}

impl Past {
    /// The last watch goes on: it is written once a minute, and this is the time since.
    #[must_use]
    pub fn up_to(mut self, now: Timestamp) -> Self {
        if let Some(last) = self.watched.iter_mut().max_by_key(|watch| watch.until) {
            last.until = last.until.max(now);
        }
        self
    }

    /// The spans with their ends: one that nobody has seen end is known until the last watch did.
    pub(super) fn ended_spans(&self) -> impl Iterator<Item = (SpanState, Interval)> + '_ {
        let last = self.watched.iter().map(|watch| watch.until).max();
        self.spans.iter().filter_map(move |span| {
            let until = span.until.or(last)?;
            (span.from < until).then_some((span.state, (span.from, until)))
        })
    }
}

/// From a moment until another, which is no part of it.
pub(super) type Interval = (Timestamp, Timestamp);

/// The same times, in order and without overlaps.
pub(super) fn merged(mut intervals: Vec<Interval>) -> Vec<Interval> {
    intervals.retain(|(from, until)| from < until);
    intervals.sort_unstable();
    intervals.dedup_by(|later, earlier| {
        let meet = later.0 <= earlier.1;
        if meet {
            earlier.1 = earlier.1.max(later.1);
        }
        meet
    });
    intervals
}

/// The times that are in both, of two lists that are in order and without overlaps.
pub(super) fn common(ones: &[Interval], others: &[Interval]) -> Vec<Interval> {
    let (mut ones, mut others) = (ones.iter().peekable(), others.iter().peekable());
    let mut both = Vec::new();
    while let (Some(one), Some(other)) = (ones.peek(), others.peek()) {
        let (from, until) = (one.0.max(other.0), one.1.min(other.1));
        if from < until {
            both.push((from, until));
        }
        if one.1 <= other.1 {
            ones.next().map(drop)
        } else {
            others.next().map(drop)
        };
    }
    both
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::ToSpan;
    use proptest::prelude::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::UNIX_EPOCH + second.seconds()
    }

    fn interval((from, until): (i64, i64)) -> Interval {
        (at(from), at(until))
    }

    proptest! {
        #[test]
        fn any_moment_is_in_what_is_merged_and_common_as_it_was_before(
            ones in prop::collection::vec((0_i64..40, 0_i64..40), 0..8),
            others in prop::collection::vec((0_i64..40, 0_i64..40), 0..8),
        ) {
            let [ones, others]: [Vec<Interval>; 2] = [ones, others].map(|list| list.into_iter().map(interval).collect());
            let (tidy_ones, tidy_others) = (merged(ones.clone()), merged(others.clone()));
            let both = common(&tidy_ones, &tidy_others);
            let is_in = |list: &[Interval], moment| list.iter().any(|(from, until)| (*from..*until).contains(&moment));
            for second in 0..40 {
                let moment = at(second);
                prop_assert_eq!(is_in(&ones, moment), is_in(&tidy_ones, moment));
                prop_assert_eq!(is_in(&ones, moment) && is_in(&others, moment), is_in(&both, moment));
            }
            prop_assert!(tidy_ones.is_sorted_by(|one, next| one.1 < next.0));
        }
    }

    #[test]
    fn a_span_that_nobody_saw_end_is_known_until_the_last_watch_ended() {
        let span = |until| Span { state: SpanState::Online, from: at(10), until };
        let watched = vec![Watch { from: at(0), until: at(60) }];
        let past = Past { spans: vec![span(None), span(Some(at(20))), span(Some(at(10)))], watched };
        let ends = |past: &Past| past.ended_spans().map(|(_, (_, until))| until).collect::<Vec<_>>();
        assert_eq!(ends(&past), [at(60), at(20)]);
        assert_eq!(ends(&past.up_to(at(95))), [at(95), at(20)], "the watch goes on");
        assert_eq!(ends(&Past { spans: vec![span(None)], watched: vec![] }), []);
    }
}
