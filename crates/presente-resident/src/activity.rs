//! Whether somebody is at the machine, as far as the desktop tells: for how long nobody has touched it, whether its
//! screen is locked, whether it goes to sleep. Nothing is asked and nothing is listened to before somebody wants to count
//! as away by it.

mod idle;
mod mutter;
mod notifier;
mod session;
mod x11;

use presente_core::controller::Activity;
use std::sync::Arc;
use tokio::sync::watch;

/// Whom to tell; must not block.
type Tell = Arc<dyn Fn(Activity) + Send + Sync>;

/// Tells of it for as long as the minutes are given, after which nobody there is away; 0 is never.
pub(crate) fn watch(minutes: watch::Receiver<u16>, tell: impl Fn(Activity) + Send + Sync + 'static) {
    let tell: Tell = Arc::new(tell);
    tokio::spawn(idle::follow(minutes.clone(), tell.clone()));
    tokio::spawn(session::follow(minutes, tell));
}
