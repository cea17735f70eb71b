//! The timer of a connection.

use std::{pin::Pin, time::Instant};
use tokio::time::{Sleep, sleep_until};

/// A timer that is set only when it has to ring earlier than it would anyway: deadlines mostly move away from us, and
/// setting it anew with each of them costs more than ringing once too early.
#[derive(Debug, Default)]
pub(super) struct Alarm {
    sleep: Option<Pin<Box<Sleep>>>,
    rings_at: Option<Instant>,
}

impl Alarm {
    /// Waits no longer than until `deadline`, and perhaps only until one that was asked for before; for ever where
    /// neither is. Dropping the future loses nothing.
    pub(super) async fn rings(&mut self, deadline: Option<Instant>) {
        let earlier = |at: &Instant| self.rings_at.is_none_or(|rings_at| *at < rings_at);
        if let Some(at) = deadline.filter(earlier) {
            self.rings_at = Some(at);
            match &mut self.sleep {
                Some(sleep) => sleep.as_mut().reset(at.into()),
                None => self.sleep = Some(Box::pin(sleep_until(at.into()))),
            }
        }
        match &mut self.sleep {
            Some(sleep) if self.rings_at.is_some() => sleep.as_mut().await,
            _ => std::future::pending().await,
        }
        self.rings_at = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;
    use tokio::time::{Instant as Now, timeout};

    async fn rang_after(alarm: &mut Alarm, start: Now, deadline: Option<u64>) -> Option<u64> {
        let deadline = deadline.map(|seconds| (start + Duration::from_secs(seconds)).into_std());
        let rang = timeout(Duration::from_secs(1000), alarm.rings(deadline)).await;
        rang.ok().map(|()| start.elapsed().as_secs())
    }

    #[tokio::test(start_paused = true)]
    async fn it_rings_at_a_deadline_again_and_again_but_not_without_one() {
        let (mut alarm, start) = (Alarm::default(), Now::now());
        assert_eq!(rang_after(&mut alarm, start, Some(3)).await, Some(3));
        assert_eq!(rang_after(&mut alarm, start, Some(5)).await, Some(5));
        assert_eq!(rang_after(&mut alarm, start, Some(4)).await, Some(5), "it is over already");
        assert_eq!(rang_after(&mut alarm, start, None).await, None);
    }

    #[tokio::test(start_paused = true)]
    async fn an_earlier_deadline_counts_whichever_was_asked_for_first() {
        let (mut alarm, start) = (Alarm::default(), Now::now());
        let at = |seconds| Some((start + Duration::from_secs(seconds)).into_std());
        assert!(timeout(Duration::from_secs(1), alarm.rings(at(20))).await.is_err());
        assert_eq!(rang_after(&mut alarm, start, Some(10)).await, Some(10));
        assert!(timeout(Duration::from_secs(1), alarm.rings(at(20))).await.is_err());
        assert_eq!(rang_after(&mut alarm, start, Some(30)).await, Some(20), "too early once");
        assert_eq!(rang_after(&mut alarm, start, Some(30)).await, Some(30));
    }
}
