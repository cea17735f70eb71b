//! The tray icon: shows the core's [`Tray`] value, and says what is chosen in its menu. It speaks D-Bus itself
//! (StatusNotifierItem), so it needs no toolkit. Who shows icons may come late, go and come back; the icon is there
//! again by itself.

mod menu;
mod pixels;

use ksni::{Category, MenuItem, OfflineReason, ToolTip, TrayMethods};
use menu::entries;
use presente_core::{controller::AccountNumber, view::Tray};
use presente_wire::OwnAvailability;
use std::{sync::Arc, time::Duration};
use tokio::{
    sync::watch,
    time::{Instant, sleep},
};

/// How long to wait before an icon that was refused is offered again, at first and at most.
const OFFER_AGAIN: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(60));

/// What somebody has chosen at the icon.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Action {
    /// Open the window, or close it where it is open.
    Toggle,
    /// Open the window.
    Open,
    /// Open it with the page of this contact.
    OpenContact(AccountNumber, String),
    /// Be seen in this way.
    State(OwnAvailability),
    /// Open the window to change the line beside our name.
    StatusLine,
    /// Pause alerts.
    Snooze,
    /// End the pause.
    Resume,
    /// End the app.
    Quit,
}

type Actions = Arc<dyn Fn(Action) + Send + Sync>;

/// The icon, as long as this lives.
#[derive(Debug)]
pub(crate) struct TrayIcon {
    wanted: watch::Sender<Option<Tray>>,
}

impl TrayIcon {
    /// An icon that appears with the first value that is shown, in a task of the current runtime. `act` must not block.
    pub(crate) fn start(act: impl Fn(Action) + Send + Sync + 'static) -> Self {
        let (wanted, shown) = watch::channel(None);
        tokio::spawn(keep(shown, Arc::new(act)));
        Self { wanted }
    }

    /// Shows this from now on.
    pub(crate) fn show(&self, tray: Tray) {
        self.wanted.send_if_modified(|shown| {
            let is_news = shown.as_ref() != Some(&tray);
            *shown = Some(tray);
            is_news
        });
    }
}

/// Keeps an icon on the bus until nobody wants one any more.
async fn keep(mut wanted: watch::Receiver<Option<Tray>>, act: Actions) {
    let (mut wait, longest) = OFFER_AGAIN;
    loop {
        let Ok(Some(tray)) = wanted.wait_for(Option::is_some).await.map(|tray| tray.clone()) else { return };
        // A host that is not there yet hears of us when it comes.
        let icon = Icon { tray, act: act.clone() }.assume_sni_available(true);
        let since = Instant::now();
        match icon.spawn().await {
            Ok(handle) => {
                if follow(&mut wanted, &handle).await {
                    return handle.shutdown().await;
                }
                tracing::warn!("the tray icon is gone");
            }
            Err(error) => tracing::warn!(%error, "the tray icon cannot be shown"),
        }
        wait = if since.elapsed() > longest { OFFER_AGAIN.0 } else { (wait * 2).min(longest) };
        sleep(wait).await;
    }
}

/// Brings what is wanted to the icon. Says whether it is not wanted any more; else the icon has ended by itself.
async fn follow(wanted: &mut watch::Receiver<Option<Tray>>, handle: &ksni::Handle<Icon>) -> bool {
    while wanted.changed().await.is_ok() {
        let tray = wanted.borrow_and_update().clone();
        let update = |icon: &mut Icon| icon.tray = tray.unwrap_or_else(|| icon.tray.clone());
        if handle.update(update).await.is_none() {
            return false;
        }
    }
    true
}

/// The icon as the bus sees it.
struct Icon {
    tray: Tray,
    act: Actions,
}

impl ksni::Tray for Icon {
    fn id(&self) -> String {
        "presente".to_owned()
    }

    fn category(&self) -> Category {
        Category::Communications
    }

    /// Said aloud by some hosts in place of the tooltip.
    fn title(&self) -> String {
        self.tray.tooltip.clone()
    }

    fn tool_tip(&self) -> ToolTip {
        ToolTip { title: self.tray.tooltip.clone(), ..ToolTip::default() }
    }

    fn icon_pixmap(&self) -> Vec<ksni::Icon> {
        pixels::of(self.tray.shape).cloned().into_iter().collect()
    }

    fn activate(&mut self, _x: i32, _y: i32) {
        (self.act)(Action::Toggle);
    }

    fn menu(&self) -> Vec<MenuItem<Self>> {
        entries(&self.tray).into_iter().map(Into::into).collect()
    }

    fn watcher_offline(&self, reason: OfflineReason) -> bool {
        tracing::debug!(?reason, "nobody shows tray icons");
        true
    }
}
