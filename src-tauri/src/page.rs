//! The page's end of the wire: the channel of the window that is open now, if one is.

use presente_core::view::View;
use std::sync::{Mutex, MutexGuard, PoisonError};
use tauri::ipc::Channel;

/// The channel to the page. Replaced whenever a page attaches, dropped when its window goes.
#[derive(Default)]
pub(crate) struct Page {
    channel: Mutex<Option<Channel<View>>>,
}

impl Page {
    fn channel(&self) -> MutexGuard<'_, Option<Channel<View>>> {
        self.channel.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn attach(&self, channel: Channel<View>) {
        tracing::info!("page attached");
        *self.channel() = Some(channel);
    }

    pub(crate) fn detach(&self) {
        *self.channel() = None;
    }

    pub(crate) fn send(&self, view: View) {
        if let Some(channel) = self.channel().as_ref()
            && let Err(error) = channel.send(view)
        {
            tracing::debug!(%error, "the page is gone");
        }
    }
}
