//! Hears what programs say to the notification service and to the tray, and when.

use anyhow::{Context, Result, bail};
use futures_util::StreamExt as _;
use presente_tests::desktop::World;
use std::{collections::HashMap, time::Duration};
use tokio::{sync::mpsc, task::JoinHandle, time::Instant};
use zbus::{MatchRule, Message, MessageStream, fdo::MonitoringProxy, zvariant::OwnedValue};

/// The calls that are listened to.
const CALLS: [&str; 2] = [
    "type='method_call',interface='org.freedesktop.Notifications',member='Notify'",
    "type='method_call',interface='org.kde.StatusNotifierWatcher',member='RegisterStatusNotifierItem'",
];

/// The arguments of `Notify`, as the specification has them.
type Notify = (String, u32, String, String, String, Vec<String>, HashMap<String, OwnedValue>, i32);

/// Something that was said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Said {
    /// A notification with this title was raised.
    Notification(String),
    /// An icon was put into the tray.
    Icon,
}

/// An ear on the bus of a desktop.
#[derive(Debug)]
pub(super) struct Ear {
    heard: mpsc::UnboundedReceiver<(Instant, Said)>,
    listener: JoinHandle<()>,
}

impl Drop for Ear {
    fn drop(&mut self) {
        self.listener.abort();
    }
}

impl Ear {
    /// Begins to listen.
    pub(super) async fn open(world: &World) -> Result<Self> {
        let connection = world.bus().connect().await?;
        // Before it is told anything: what nobody takes is thrown away.
        let mut stream = MessageStream::from(&connection);
        let rules = CALLS.map(MatchRule::try_from).into_iter().collect::<Result<Vec<_>, _>>()?;
        let monitor = MonitoringProxy::new(&connection).await?;
        monitor.become_monitor(&rules, 0).await.context("the bus does not let itself be listened to")?;
        let (sender, heard) = mpsc::unbounded_channel();
        let listener = tokio::spawn(async move {
            while let Some(message) = stream.next().await {
                let at = Instant::now();
                if let Some(said) = message.ok().and_then(|message| understand(&message))
                    && sender.send((at, said)).is_err()
                {
                    return;
                }
            }
        });
        Ok(Self { heard, listener })
    }

    /// What was said so far is forgotten.
    pub(super) fn forget(&mut self) {
        while self.heard.try_recv().is_ok() {}
    }

    /// Waits until something is said that fits; gives the moment.
    pub(super) async fn hears(
        &mut self,
        what: &str,
        within: Duration,
        fits: impl Fn(&Said) -> bool,
    ) -> Result<Instant> {
        let listening = async {
            while let Some((at, said)) = self.heard.recv().await {
                if fits(&said) {
                    return Ok(at);
                }
            }
            bail!("the bus is gone")
        };
        let heard = tokio::time::timeout(within, listening).await;
        heard.with_context(|| format!("{what} was not heard within {within:?}"))?
    }
}

fn understand(message: &Message) -> Option<Said> {
    match message.header().member()?.as_str() {
        "Notify" => {
            let (_, _, _, title, ..) = message.body().deserialize::<Notify>().ok()?;
            Some(Said::Notification(title))
        }
        "RegisterStatusNotifierItem" => Some(Said::Icon),
        _ => None,
    }
}
