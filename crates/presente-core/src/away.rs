//! Whether nobody is at the machine, and what becomes of how we want to be seen then. Pure: it is told what the desktop
//! says, and asked.
//!
//! People have to ask for it: while the minutes are 0, neither idleness nor a locked screen nor sleep counts. Only who
//! chose to be online is away then. Whoever chose anything else by hand stays as they chose.

use crate::{controller::Activity, roster::Availability, texts::Texts};
use std::time::Duration;

/// What the desktop has said of whether somebody is at the machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Attendance {
    /// For how long nobody had touched it, when that was said last.
    idle: Option<Duration>,
    /// The desktop has said that it does not tell.
    is_unknown: bool,
    locked: bool,
    asleep: bool,
}

impl Attendance {
    /// Takes in what the desktop says.
    pub(crate) fn note(&mut self, activity: Activity) {
        match activity {
            Activity::Idle(idle) => {
                self.idle = Some(idle);
                self.is_unknown = false;
            }
            Activity::Unknown => {
                self.idle = None;
                self.is_unknown = true;
            }
            // Who unlocks a screen touches something.
            Activity::Locked(locked) => {
                self.locked = locked;
                self.is_touched();
            }
            // Who wakes the machine may be its clock: what was said before holds until something newer is said.
            Activity::Asleep(asleep) => self.asleep = asleep,
        }
    }

    /// Somebody has just done something with the app itself.
    pub(crate) fn is_touched(&mut self) {
        self.idle = None;
    }

    /// Whether nobody is there, where people count as away after so many minutes; 0 is never.
    pub(crate) fn is_left(&self, minutes: u16) -> bool {
        let long = Duration::from_secs(u64::from(minutes) * 60);
        minutes > 0 && (self.locked || self.asleep || self.idle.is_some_and(|idle| idle >= long))
    }

    /// Whether this desktop tells, as a sentence.
    pub(crate) fn words(&self, texts: &Texts) -> String {
        texts.get(if self.is_unknown { "away-not-told" } else { "away-how" })
    }
}

/// How this device is to be seen: as chosen, but for who chose to be online and has left.
pub(crate) fn effective(chosen: Availability, is_left: bool) -> Availability {
    match chosen {
        Availability::Online if is_left => Availability::Away,
        chosen => chosen,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const MINUTE: Duration = Duration::from_secs(60);

    fn after(activities: &[Activity]) -> Attendance {
        let mut attendance = Attendance::default();
        activities.iter().for_each(|activity| attendance.note(*activity));
        attendance
    }

    #[test]
    fn who_has_left_is_told_from_who_is_there() {
        use Activity::{Asleep, Idle, Locked, Unknown};
        let table: [(&str, &[Activity], bool); 14] = [
            ("nothing is known", &[], false),
            ("the desktop does not tell", &[Unknown], false),
            ("not long enough", &[Idle(MINUTE * 5 - Duration::from_millis(1))], false),
            ("long enough", &[Idle(MINUTE * 5)], true),
            ("somebody is back", &[Idle(MINUTE * 5), Idle(Duration::ZERO)], false),
            ("the desktop stopped telling", &[Idle(MINUTE * 5), Unknown], false),
            ("locked", &[Locked(true)], true),
            ("locked, and a touch that did not unlock", &[Locked(true), Idle(Duration::ZERO)], true),
            ("locked where idleness is not told", &[Unknown, Locked(true)], true),
            ("unlocked, before it is said how idle", &[Idle(MINUTE * 9), Locked(true), Locked(false)], false),
            ("asleep", &[Asleep(true)], true),
            ("woken to a locked screen", &[Locked(true), Asleep(true), Asleep(false)], true),
            ("woken", &[Asleep(true), Asleep(false)], false),
            ("woken by its clock", &[Idle(MINUTE * 9), Asleep(true), Asleep(false)], true),
        ];
        for (what, activities, is_left) in table {
            assert_eq!(after(activities).is_left(5), is_left, "{what}");
            assert!(!after(activities).is_left(0), "{what}, and nobody asked for it");
        }
    }

    #[test]
    fn choosing_something_by_hand_is_a_touch() {
        let mut attendance = after(&[Activity::Idle(MINUTE * 9)]);
        attendance.is_touched();
        assert!(!attendance.is_left(5));
    }

    #[test]
    fn only_who_chose_online_becomes_away() {
        use Availability::{Away, DoNotDisturb, Online};
        for (chosen, seen) in [(Online, Away), (Away, Away), (DoNotDisturb, DoNotDisturb)] {
            assert_eq!(effective(chosen, true), seen);
            assert_eq!(effective(chosen, false), chosen);
        }
    }

    fn any_activity() -> impl Strategy<Value = Activity> {
        prop_oneof![
            (0_u64..1200).prop_map(|seconds| Activity::Idle(Duration::from_secs(seconds))),
            Just(Activity::Unknown),
            any::<bool>().prop_map(Activity::Locked),
            any::<bool>().prop_map(Activity::Asleep),
        ]
    }

    proptest! {
        #[test]
        fn a_touch_on_an_open_and_waking_machine_always_ends_it(
            before in prop::collection::vec(any_activity(), 0..20),
            minutes in any::<u16>(),
        ) {
            let mut attendance = after(&before);
            for activity in [Activity::Locked(false), Activity::Asleep(false), Activity::Idle(Duration::ZERO)] {
                attendance.note(activity);
            }
            prop_assert!(!attendance.is_left(minutes));
        }
    }
}
