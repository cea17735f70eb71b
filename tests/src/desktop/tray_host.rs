//! The tray's place on the bus: icons register here. It can be there from the start, come later, and go.

use std::sync::{
    Arc, Mutex, MutexGuard, PoisonError,
    atomic::{AtomicBool, Ordering},
};

use anyhow::Result;
use zbus::{Connection, message::Header, object_server::SignalEmitter};

use super::{bus::has_owner, tray::Tray};
use crate::wait::{PATIENCE, until};

pub(crate) const PATH: &str = "/StatusNotifierWatcher";
const NAME: &str = "org.kde.StatusNotifierWatcher";

/// Where an icon is: `(bus name, object path)`.
type Address = (String, String);

/// What is registered; shared with the D-Bus side.
#[derive(Debug, Clone)]
pub(crate) struct Registry {
    items: Arc<Mutex<Vec<Address>>>,
    has_host: Arc<AtomicBool>,
}

impl Default for Registry {
    fn default() -> Self {
        Self { items: Arc::default(), has_host: Arc::new(AtomicBool::new(true)) }
    }
}

impl Registry {
    fn lock(&self) -> MutexGuard<'_, Vec<Address>> {
        self.items.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The D-Bus side.
pub(crate) struct Watcher(pub(crate) Registry);

#[zbus::interface(name = "org.kde.StatusNotifierWatcher")]
impl Watcher {
    async fn register_status_notifier_item(
        &self,
        service: String,
        #[zbus(header)] header: Header<'_>,
        #[zbus(signal_emitter)] emitter: SignalEmitter<'_>,
    ) -> zbus::fdo::Result<()> {
        // libayatana names an object path, ksni a bus name.
        let (bus_name, path) = if service.starts_with('/') {
            (header.sender().map(ToString::to_string).unwrap_or_default(), service)
        } else {
            (service, "/StatusNotifierItem".to_owned())
        };
        let full = format!("{bus_name}{path}");
        let address = (bus_name, path);
        {
            let mut items = self.0.lock();
            items.retain(|item| *item != address);
            items.push(address);
        }
        Self::status_notifier_item_registered(&emitter, &full).await?;
        Ok(())
    }

    #[allow(clippy::needless_pass_by_value, reason = "D-Bus hands over owned values")]
    fn register_status_notifier_host(&self, _service: String) {}

    #[zbus(property)]
    fn registered_status_notifier_items(&self) -> Vec<String> {
        self.0.lock().iter().map(|(bus_name, path)| format!("{bus_name}{path}")).collect()
    }

    #[zbus(property)]
    fn is_status_notifier_host_registered(&self) -> bool {
        self.0.has_host.load(Ordering::Relaxed)
    }

    #[zbus(property)]
    fn protocol_version(&self) -> i32 {
        0
    }

    #[zbus(signal)]
    async fn status_notifier_item_registered(emitter: &SignalEmitter<'_>, item: &str) -> zbus::Result<()>;

    #[zbus(signal)]
    async fn status_notifier_item_unregistered(emitter: &SignalEmitter<'_>, item: &str) -> zbus::Result<()>;

    #[zbus(signal)]
    async fn status_notifier_host_registered(emitter: &SignalEmitter<'_>) -> zbus::Result<()>;

    #[zbus(signal)]
    async fn status_notifier_host_unregistered(emitter: &SignalEmitter<'_>) -> zbus::Result<()>;
}

/// What a test sees of the tray's place.
#[derive(Debug)]
pub struct TrayHost {
    registry: Registry,
    connection: Connection,
}

impl TrayHost {
    pub(crate) fn new(registry: Registry, connection: Connection) -> Self {
        Self { registry, connection }
    }

    /// It appears on the bus, as when a desktop's panel starts late.
    ///
    /// # Errors
    /// When it is there already.
    pub async fn appear(&self) -> Result<()> {
        Ok(self.connection.request_name(NAME).await?)
    }

    /// It goes, and forgets who was registered, as when a panel crashes.
    ///
    /// # Errors
    /// When the bus is gone.
    pub async fn leave(&self) -> Result<()> {
        self.connection.release_name(NAME).await?;
        self.registry.lock().clear();
        Ok(())
    }

    /// Whether it says that somebody shows the icons: a watcher may be there without a panel.
    ///
    /// # Errors
    /// When the bus is gone.
    pub async fn set_shows_icons(&self, shows: bool) -> Result<()> {
        self.registry.has_host.store(shows, Ordering::Relaxed);
        let watcher = self.connection.object_server().interface::<_, Watcher>(PATH).await?;
        let emitter = watcher.signal_emitter();
        if shows {
            Watcher::status_notifier_host_registered(emitter).await?;
        } else {
            Watcher::status_notifier_host_unregistered(emitter).await?;
        }
        Ok(())
    }

    /// The icons whose programs are still there, in the order in which they came.
    ///
    /// # Errors
    /// When the bus is gone.
    pub async fn trays(&self) -> Result<Vec<Tray>> {
        let items = self.registry.lock().clone();
        let mut there = Vec::new();
        for (bus_name, path) in items {
            if has_owner(&self.connection, &bus_name).await? {
                there.push(Tray::new(self.connection.clone(), bus_name, path));
            }
        }
        Ok(there)
    }

    /// Waits for an icon; of several, the latest.
    ///
    /// # Errors
    /// When none comes in time.
    pub async fn tray(&self) -> Result<Tray> {
        until("an icon in the tray", PATIENCE, async || self.trays().await.ok()?.pop()).await
    }
}
