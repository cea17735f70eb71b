//! Waiting for something to become true, instead of sleeping and hoping.

use std::time::Duration;

use anyhow::{Result, bail};
use tokio::time::Instant;

/// The longest that the harness itself waits for anything.
pub const PATIENCE: Duration = Duration::from_secs(20);

/// Pause between two looks: short enough not to be felt, long enough to leave the machine to the tested program.
const BETWEEN_LOOKS: Duration = Duration::from_millis(30);

/// Waits until `condition` gives something, and hands it over.
///
/// # Errors
/// After `timeout`, with a sentence that names `what` was awaited.
pub async fn until<T>(
    what: &str,
    timeout: Duration,
    mut condition: impl AsyncFnMut() -> Option<T>,
) -> Result<T> {
    let end = Instant::now() + timeout;
    loop {
        if let Some(found) = condition().await {
            return Ok(found);
        }
        if Instant::now() >= end {
            bail!("waited {timeout:?} in vain for {what}");
        }
        tokio::time::sleep(BETWEEN_LOOKS).await;
    }
}

/// Like [`until`], but `condition` says in its error how things stand, and the last of these is told when time is up.
///
/// # Errors
/// After `timeout`, with `what` was awaited and how things stood then.
pub async fn until_with_state<T>(
    what: &str,
    timeout: Duration,
    mut condition: impl AsyncFnMut() -> Result<T, String>,
) -> Result<T> {
    let end = Instant::now() + timeout;
    loop {
        let state = match condition().await {
            Ok(found) => return Ok(found),
            Err(state) => state,
        };
        if Instant::now() >= end {
            bail!("waited {timeout:?} in vain for {what}; at the end: {state}");
        }
        tokio::time::sleep(BETWEEN_LOOKS).await;
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may fail by panicking")]

    use super::*;

    const MOMENT: Duration = Duration::from_millis(50);

    #[tokio::test]
    async fn what_comes_true_later_is_handed_over() {
        let mut looks = 0;
        let found = until("the third look", PATIENCE, async || {
            looks += 1;
            (looks == 3).then_some("here")
        });
        assert_eq!(found.await.unwrap(), "here");
    }

    #[tokio::test]
    async fn what_never_comes_true_is_named_in_the_error() {
        let error = until::<()>("rain", MOMENT, async || None).await.unwrap_err();
        assert_eq!(error.to_string(), "waited 50ms in vain for rain");
        let error = until_with_state::<()>("rain", MOMENT, async || Err("sunny".to_owned()));
        assert_eq!(error.await.unwrap_err().to_string(), "waited 50ms in vain for rain; at the end: sunny");
    }
}
