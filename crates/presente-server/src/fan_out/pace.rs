//! When the next of something that must not come too often is due. Pure.

use std::time::Duration;

use tokio::time::Instant;

/// What comes right after the first of several is gathered this long, so that it goes along with it.
const GATHER: Duration = Duration::from_millis(15);

/// Keeps things a window apart: the first goes out at once, what follows at the end of its window.
#[derive(Debug, Default)]
pub(super) struct Pace {
    last: Option<Instant>,
    due: Option<Instant>,
}

impl Pace {
    /// There is something to send, or not; `window` is the time between two.
    pub(super) fn expect(&mut self, is_something: bool, now: Instant, window: Duration) {
        if !is_something {
            self.due = None;
        } else if self.due.is_none() {
            let soon = now + GATHER.min(window);
            self.due = Some(self.last.map_or(soon, |last| soon.max(last + window)));
        }
    }

    /// When the next one goes out.
    pub(super) fn due(&self) -> Option<Instant> {
        self.due
    }

    /// Whether it goes out now.
    pub(super) fn take(&mut self, now: Instant) -> bool {
        let is_due = self.due.is_some_and(|due| due <= now);
        if is_due {
            (self.due, self.last) = (None, Some(now));
        }
        is_due
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_goes_out_at_once_and_the_next_at_the_end_of_the_window() {
        let (start, window) = (Instant::now(), Duration::from_millis(250));
        let mut pace = Pace::default();
        pace.expect(true, start, window);
        assert_eq!(pace.due(), Some(start + GATHER));
        assert!(!pace.take(start));
        assert!(pace.take(start + GATHER));
        pace.expect(true, start + GATHER * 2, window);
        assert_eq!(pace.due(), Some(start + GATHER + window));
        pace.expect(false, start + GATHER * 3, window);
        assert_eq!(pace.due(), None, "what was to be said has become nothing");
        pace.expect(true, start + window * 9, window);
        assert_eq!(pace.due(), Some(start + window * 9 + GATHER), "after a pause it is the first again");
    }
}
