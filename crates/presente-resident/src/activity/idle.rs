//! For how long nobody has touched the machine. It is asked when that may have become long enough, and then every few
//! seconds, to notice who is back; or the desktop tells by itself, where it can.

use super::{Tell, mutter::Mutter, notifier::Notifier, x11::X11};
use presente_core::controller::Activity;
use std::{env, time::Duration};
use tokio::{sync::watch, time::sleep};

/// How soon after they are back people are back.
const BACK_WITHIN: Duration = Duration::from_secs(3);
/// Touches shortly before the time is over must not make us ask in a frenzy.
const LEAST: Duration = Duration::from_secs(1);
/// How long to wait before a desktop that does not tell, or has stopped to, is asked again: at login it may start later
/// than we do.
const AGAIN: Duration = Duration::from_secs(60);

/// Who tells.
enum Source {
    /// An X server.
    X11(X11),
    /// A Wayland compositor, by itself.
    Notifier(Box<Notifier>),
    /// GNOME.
    Mutter(Mutter),
}

/// Who can be asked for how long nobody has touched the machine.
pub(super) trait Ask {
    /// For how long; `None` when there is nobody to be asked any more.
    fn idle(&self) -> impl Future<Output = Option<Duration>> + Send;
}

/// Why it is not followed any more.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum End {
    /// The minutes are others.
    Changed,
    /// Nobody wants to know any more.
    Unwanted,
    /// The source is gone.
    Lost,
}

/// Follows it until nobody wants to know any more.
pub(super) async fn follow(mut minutes: watch::Receiver<u16>, tell: Tell) {
    loop {
        let Ok(long) = minutes.wait_for(|minutes| *minutes > 0).await.map(|minutes| *minutes) else { return };
        minutes.mark_unchanged();
        let long = Duration::from_secs(u64::from(long) * 60);
        let end = match Source::find().await {
            Some(Source::X11(x11)) => poll(&x11, long, &mut minutes, &tell).await,
            Some(Source::Mutter(mutter)) => poll(&mutter, long, &mut minutes, &tell).await,
            Some(Source::Notifier(notifier)) => notifier.follow(long, &mut minutes, &tell).await,
            None => End::Lost,
        };
        match end {
            End::Changed => {}
            End::Unwanted => return,
            End::Lost => {
                tell(Activity::Unknown);
                tokio::select! {
                    changed = minutes.changed() => if changed.is_err() { return },
                    () = sleep(AGAIN) => {}
                }
            }
        }
    }
}

impl Source {
    /// Who tells here. In a Wayland session an X server knows only what its own windows hear.
    async fn find() -> Option<Self> {
        let is_set = |name| env::var_os(name).is_some_and(|value| !value.is_empty());
        if is_set("WAYLAND_DISPLAY") {
            if let Some(notifier) = Notifier::connect().await {
                return Some(Self::Notifier(Box::new(notifier)));
            }
        } else if is_set("DISPLAY")
            && let Some(x11) = X11::connect().await
        {
            return Some(Self::X11(x11));
        }
        Mutter::connect().await.map(Self::Mutter)
    }
}

/// Asks for it whenever the answer may be of interest.
async fn poll(source: &impl Ask, long: Duration, minutes: &mut watch::Receiver<u16>, tell: &Tell) -> End {
    let mut was_long = None;
    loop {
        let Some(idle) = source.idle().await else { return End::Lost };
        if was_long.replace(idle >= long) != Some(idle >= long) {
            tell(Activity::Idle(idle));
        }
        tokio::select! {
            changed = minutes.changed() => return if changed.is_ok() { End::Changed } else { End::Unwanted },
            () = sleep(look_again(idle, long)) => {}
        }
    }
}

/// When the answer may be of interest again: when the time may be over, or somebody may be back.
fn look_again(idle: Duration, long: Duration) -> Duration {
    match long.checked_sub(idle) {
        None | Some(Duration::ZERO) => BACK_WITHIN,
        Some(left) => left.max(LEAST),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may fail by panicking")]

    use super::*;
    use std::sync::{Arc, Mutex};
    use tokio::time::Instant;

    const MINUTE: Duration = Duration::from_secs(60);

    #[test]
    fn it_is_asked_when_the_time_may_be_over_and_often_only_while_it_is() {
        let second = Duration::from_secs(1);
        let table = [
            (Duration::ZERO, MINUTE * 5),
            (MINUTE * 3, MINUTE * 2),
            (MINUTE * 5 - Duration::from_millis(1), second),
            (MINUTE * 5, BACK_WITHIN),
            (MINUTE * 500, BACK_WITHIN),
        ];
        for (idle, wait) in table {
            assert_eq!(look_again(idle, MINUTE * 5), wait, "{idle:?}");
        }
    }

    /// A machine that is touched at these moments, in seconds, and is there for so long.
    struct Machine {
        start: Instant,
        touches: Vec<u64>,
        until: u64,
        asked: Mutex<usize>,
    }

    impl Machine {
        fn new(touches: &[u64], until: u64) -> Self {
            Self { start: Instant::now(), touches: touches.to_vec(), until, asked: Mutex::default() }
        }
    }

    impl Ask for Machine {
        async fn idle(&self) -> Option<Duration> {
            *self.asked.lock().unwrap() += 1;
            let now = self.start.elapsed();
            let touches = self.touches.iter().map(|at| Duration::from_secs(*at)).filter(|at| *at <= now);
            (now < Duration::from_secs(self.until)).then(|| now - touches.max().unwrap_or_default())
        }
    }

    /// How often it is asked, and what is told: when, and whether nobody is there.
    async fn looks(touches: &[u64], until: u64) -> (usize, Vec<(u64, bool)>) {
        let machine = Machine::new(touches, until);
        let start = machine.start;
        let told = Arc::new(Mutex::new(Vec::new()));
        let hears = told.clone();
        let tell: Tell = Arc::new(move |activity| {
            if let Activity::Idle(idle) = activity {
                hears.lock().unwrap().push((start.elapsed().as_secs(), idle >= MINUTE));
            }
        });
        let (_keep, mut minutes) = watch::channel(1);
        assert_eq!(poll(&machine, MINUTE, &mut minutes, &tell).await, End::Lost);
        let told = told.lock().unwrap().clone();
        (*machine.asked.lock().unwrap(), told)
    }

    #[tokio::test(start_paused = true)]
    async fn who_leaves_and_comes_back_is_told_of_once_each() {
        let (_, told) = looks(&[30, 200], 250).await;
        assert_eq!(told, [(0, false), (90, true), (201, false)]);
    }

    #[tokio::test(start_paused = true)]
    async fn who_works_is_hardly_looked_at() {
        let touches: Vec<u64> = (0..3600).step_by(10).collect();
        let (asked, told) = looks(&touches, 3600).await;
        assert_eq!(told, [(0, false)]);
        assert!(asked <= 75, "asked {asked} times in an hour");
    }

    #[tokio::test(start_paused = true)]
    async fn other_minutes_are_heard_at_once() {
        let (change, mut minutes) = watch::channel(1);
        let tell: Tell = Arc::new(|_| {});
        let machine = Machine::new(&[], 3600);
        let end = tokio::spawn(async move { poll(&machine, MINUTE, &mut minutes, &tell).await });
        tokio::task::yield_now().await;
        change.send_replace(5);
        assert_eq!(end.await.unwrap(), End::Changed);
    }
}
