//! GNOME, whose compositor says by D-Bus when anything was touched last.

use super::idle::Ask;
use std::time::Duration;
use zbus::{Connection, Proxy, proxy};

/// GNOME's word for it.
pub(super) struct Mutter {
    monitor: Proxy<'static>,
}

impl Mutter {
    /// Finds it; `None` where it does not answer.
    pub(super) async fn connect() -> Option<Self> {
        let bus = Connection::session().await.ok()?;
        let monitor = proxy::Builder::new(&bus)
            .destination("org.gnome.Mutter.IdleMonitor")
            .and_then(|builder| builder.path("/org/gnome/Mutter/IdleMonitor/Core"))
            .and_then(|builder| builder.interface("org.gnome.Mutter.IdleMonitor"))
            .ok()?
            .cache_properties(proxy::CacheProperties::No);
        let mutter = Self { monitor: monitor.build().await.ok()? };
        mutter.idle().await.map(|_| mutter)
    }
}

impl Ask for Mutter {
    async fn idle(&self) -> Option<Duration> {
        let millis: u64 = self.monitor.call("GetIdletime", &()).await.ok()?;
        Some(Duration::from_millis(millis))
    }
}
