//! What a desktop tells of whether somebody is at the machine, where a test decides it: a screen saver that locks, and a
//! clock of idleness as GNOME has one.

use std::sync::{
    Arc,
    atomic::{AtomicBool, AtomicU64, Ordering},
};

use anyhow::Result;
use zbus::Connection;

pub(crate) const SAVER_PATH: &str = "/org/freedesktop/ScreenSaver";
const SAVER: &str = "org.freedesktop.ScreenSaver";
pub(crate) const IDLE_PATH: &str = "/org/gnome/Mutter/IdleMonitor/Core";
const IDLE: &str = "org.gnome.Mutter.IdleMonitor";

/// What is so; shared with the D-Bus side.
#[derive(Debug, Clone, Default)]
pub(crate) struct Machine {
    locked: Arc<AtomicBool>,
    idle_seconds: Arc<AtomicU64>,
}

/// The screen saver on D-Bus.
pub(crate) struct Saver(pub(crate) Machine);

#[zbus::interface(name = "org.freedesktop.ScreenSaver")]
impl Saver {
    fn get_active(&self) -> bool {
        self.0.locked.load(Ordering::Relaxed)
    }
}

/// The clock of idleness on D-Bus.
pub(crate) struct IdleMonitor(pub(crate) Machine);

#[zbus::interface(name = "org.gnome.Mutter.IdleMonitor")]
impl IdleMonitor {
    /// In milliseconds.
    fn get_idletime(&self) -> u64 {
        self.0.idle_seconds.load(Ordering::Relaxed) * 1_000
    }
}

/// Whether somebody is at the machine, in a test's hands.
#[derive(Debug)]
pub struct Attendance {
    machine: Machine,
    connection: Connection,
}

impl Attendance {
    pub(crate) fn new(machine: Machine, connection: Connection) -> Self {
        Self { machine, connection }
    }

    /// A screen saver appears on the bus.
    ///
    /// # Errors
    /// When it is there already.
    pub async fn screen_saver_appears(&self) -> Result<()> {
        Ok(self.connection.request_name(SAVER).await?)
    }

    /// The screen is locked, or unlocked.
    ///
    /// # Errors
    /// When the bus is gone.
    pub async fn lock(&self, locked: bool) -> Result<()> {
        self.machine.locked.store(locked, Ordering::Relaxed);
        Ok(self.connection.emit_signal(None::<&str>, SAVER_PATH, SAVER, "ActiveChanged", &locked).await?)
    }

    /// GNOME's clock of idleness appears on the bus. It is asked only by programs that see no other display.
    ///
    /// # Errors
    /// When it is there already.
    pub async fn idle_monitor_appears(&self) -> Result<()> {
        Ok(self.connection.request_name(IDLE).await?)
    }

    /// For so many seconds nobody has touched anything, as that clock has it.
    pub fn nobody_touched_for(&self, seconds: u64) {
        self.machine.idle_seconds.store(seconds, Ordering::Relaxed);
    }
}
