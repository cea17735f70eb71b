//! A Wayland compositor that says by itself when nobody has touched anything for so long, and when somebody does again
//! (`ext-idle-notify-v1`: KDE, Sway, Hyprland and others). While a film plays, which asks not to be dimmed, nobody
//! counts as gone.

use super::{Tell, idle::End};
use presente_core::controller::Activity;
use std::{io, mem, time::Duration};
use tokio::{io::Interest, net::UnixStream, sync::watch, task::spawn_blocking};
use wayland_client::{
    Connection, Dispatch, EventQueue, Proxy, QueueHandle,
    backend::WaylandError,
    delegate_noop,
    globals::{GlobalListContents, registry_queue_init},
    protocol::{wl_registry::WlRegistry, wl_seat::WlSeat},
};
use wayland_protocols::ext::idle_notify::v1::client::{
    ext_idle_notification_v1::{Event, ExtIdleNotificationV1},
    ext_idle_notifier_v1::ExtIdleNotifierV1,
};

/// A connection to a compositor that tells.
pub(super) struct Notifier {
    connection: Connection,
    queue: EventQueue<Heard>,
    notifier: ExtIdleNotifierV1,
    seat: WlSeat,
}

/// What it has said and we have not passed on: whether nobody is there.
#[derive(Debug, Default)]
struct Heard(Vec<bool>);

impl Notifier {
    /// Connects; `None` where there is no compositor, or it does not tell.
    pub(super) async fn connect() -> Option<Self> {
        spawn_blocking(|| Self::over(Connection::connect_to_env().ok()?)).await.ok()?
    }

    fn over(connection: Connection) -> Option<Self> {
        let (globals, queue) = registry_queue_init::<Heard>(&connection).ok()?;
        let handle = queue.handle();
        let notifier = globals.bind(&handle, 1..=1, ()).ok()?;
        let seat = globals.bind(&handle, 1..=1, ()).ok()?;
        Some(Self { connection, queue, notifier, seat })
    }

    /// Passes on what it says, for as long as that is the time after which nobody is there.
    pub(super) async fn follow(
        mut self: Box<Self>,
        long: Duration,
        minutes: &mut watch::Receiver<u16>,
        tell: &Tell,
    ) -> End {
        let millis = u32::try_from(long.as_millis()).unwrap_or(u32::MAX);
        self.notifier.get_idle_notification(millis, &self.seat, &self.queue.handle(), ());
        tokio::select! {
            // It ends only with an error.
            error = self.listen(long, tell) => {
                tracing::debug!(?error, "the compositor does not tell any more");
                End::Lost
            }
            changed = minutes.changed() => if changed.is_ok() { End::Changed } else { End::Unwanted },
        }
    }

    async fn listen(&mut self, long: Duration, tell: &Tell) -> io::Result<()> {
        let socket = self.connection.backend().poll_fd().try_clone_to_owned()?;
        let socket: std::os::unix::net::UnixStream = socket.into();
        socket.set_nonblocking(true)?;
        let socket = UnixStream::from_std(socket)?;
        // Until it says otherwise somebody is there.
        tell(Activity::Idle(Duration::ZERO));
        let mut heard = Heard::default();
        loop {
            self.queue.dispatch_pending(&mut heard).map_err(io::Error::other)?;
            for is_left in mem::take(&mut heard.0) {
                tell(Activity::Idle(if is_left { long } else { Duration::ZERO }));
            }
            self.queue.flush().map_err(io::Error::other)?;
            socket.readable().await?;
            let Some(reading) = self.queue.prepare_read() else { continue };
            match socket.try_io(Interest::READABLE, || reading.read().map_err(as_io)) {
                Err(error) if error.kind() != io::ErrorKind::WouldBlock => return Err(error),
                _ => {}
            }
        }
    }
}

fn as_io(error: WaylandError) -> io::Error {
    match error {
        WaylandError::Io(error) => error,
        other => io::Error::other(other),
    }
}

impl Drop for Notifier {
    fn drop(&mut self) {
        self.notifier.destroy();
        // With the connection it is over in any case.
        let _ = self.connection.flush();
    }
}

impl Dispatch<ExtIdleNotificationV1, ()> for Heard {
    fn event(
        state: &mut Self,
        _: &ExtIdleNotificationV1,
        event: Event,
        (): &(),
        _: &Connection,
        _: &QueueHandle<Self>,
    ) {
        match event {
            Event::Idled => state.0.push(true),
            Event::Resumed => state.0.push(false),
            _ => {}
        }
    }
}

impl Dispatch<WlRegistry, GlobalListContents> for Heard {
    fn event(
        _: &mut Self,
        _: &WlRegistry,
        _: <WlRegistry as Proxy>::Event,
        _: &GlobalListContents,
        _: &Connection,
        _: &QueueHandle<Self>,
    ) {
    }
}

delegate_noop!(Heard: ExtIdleNotifierV1);
delegate_noop!(Heard: ignore WlSeat);

#[cfg(test)]
#[path = "notifier_tests.rs"]
mod tests;
