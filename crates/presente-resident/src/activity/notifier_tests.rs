//! The notifier against a compositor without a screen, in a thread of the test.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may fail by panicking")]

use super::*;
use std::{
    os::unix::net::UnixStream as Socket,
    sync::{Arc, mpsc},
    thread,
};
use tokio::{sync::mpsc as told, time::timeout};
use wayland_protocols::ext::idle_notify::v1::server::{
    ext_idle_notification_v1::{self, ExtIdleNotificationV1 as Notification},
    ext_idle_notifier_v1::{self, ExtIdleNotifierV1 as IdleNotifier},
};
use wayland_server::{
    Client, DataInit, Display, DisplayHandle, GlobalDispatch, New, Resource,
    backend::ClientData,
    protocol::wl_seat::{self, WlSeat as Seat},
};

/// How often the compositor looks at its sockets.
const LOOK: Duration = Duration::from_millis(2);

/// It knows who wants to be told, and after how many milliseconds.
#[derive(Default)]
struct Compositor(Vec<(u32, Notification)>);

struct NoData;

impl ClientData for NoData {}

impl<R: Resource + 'static> GlobalDispatch<R, ()> for Compositor
where
    Self: wayland_server::Dispatch<R, ()>,
{
    fn bind(
        _: &mut Self,
        _: &DisplayHandle,
        _: &Client,
        new: New<R>,
        (): &(),
        init: &mut DataInit<'_, Self>,
    ) {
        init.init(new, ());
    }
}

impl wayland_server::Dispatch<IdleNotifier, ()> for Compositor {
    fn request(
        state: &mut Self,
        _: &Client,
        _: &IdleNotifier,
        request: ext_idle_notifier_v1::Request,
        (): &(),
        _: &DisplayHandle,
        init: &mut DataInit<'_, Self>,
    ) {
        if let ext_idle_notifier_v1::Request::GetIdleNotification { id, timeout, .. } = request {
            let notification = init.init(id, ());
            state.0.push((timeout, notification));
        }
    }
}

impl wayland_server::Dispatch<Notification, ()> for Compositor {
    fn request(
        _: &mut Self,
        _: &Client,
        _: &Notification,
        _: ext_idle_notification_v1::Request,
        (): &(),
        _: &DisplayHandle,
        _: &mut DataInit<'_, Self>,
    ) {
    }
}

impl wayland_server::Dispatch<Seat, ()> for Compositor {
    fn request(
        _: &mut Self,
        _: &Client,
        _: &Seat,
        _: wl_seat::Request,
        (): &(),
        _: &DisplayHandle,
        _: &mut DataInit<'_, Self>,
    ) {
    }
}

/// Runs one for this client, which offers to tell or not; it says what the words from the test are until there are no more.
fn compositor(socket: Socket, tells: bool, words: &mpsc::Receiver<bool>) {
    let mut display = Display::<Compositor>::new().unwrap();
    let mut handle = display.handle();
    handle.create_global::<Compositor, Seat, ()>(1, ());
    if tells {
        handle.create_global::<Compositor, IdleNotifier, ()>(1, ());
    }
    handle.insert_client(socket, Arc::new(NoData)).unwrap();
    let mut state = Compositor::default();
    loop {
        display.dispatch_clients(&mut state).unwrap();
        display.flush_clients().unwrap();
        match words.recv_timeout(LOOK) {
            Ok(idled) => {
                for (millis, notification) in &state.0 {
                    assert_eq!(*millis, 300_000, "the time it was asked for");
                    if idled { notification.idled() } else { notification.resumed() }
                }
            }
            Err(mpsc::RecvTimeoutError::Timeout) => {}
            Err(mpsc::RecvTimeoutError::Disconnected) => return,
        }
    }
}

async fn connected(tells: bool) -> (Option<Notifier>, mpsc::Sender<bool>) {
    let (ours, its) = Socket::pair().unwrap();
    let (say, words) = mpsc::channel();
    thread::spawn(move || compositor(its, tells, &words));
    let notifier = spawn_blocking(|| Notifier::over(Connection::from_socket(ours).ok()?));
    (notifier.await.unwrap(), say)
}

#[tokio::test]
async fn it_is_passed_on_who_has_left_and_who_is_back_until_the_compositor_goes() {
    const LONG: Duration = Duration::from_secs(300);
    let (notifier, compositor) = connected(true).await;
    let (tell, mut told) = told::unbounded_channel();
    let tell: Tell = Arc::new(move |activity| tell.send(activity).unwrap());
    let (_keep, mut minutes) = watch::channel(5);
    let end =
        tokio::spawn(async move { Box::new(notifier.unwrap()).follow(LONG, &mut minutes, &tell).await });
    let mut next = async || timeout(Duration::from_secs(10), told.recv()).await.unwrap().unwrap();
    assert_eq!(next().await, Activity::Idle(Duration::ZERO), "until it says otherwise");
    // The compositor may not have been asked yet, and says nothing then.
    let idled = loop {
        compositor.send(true).unwrap();
        if let Ok(activity) = timeout(Duration::from_millis(20), next()).await {
            break activity;
        }
    };
    assert_eq!(idled, Activity::Idle(LONG));
    compositor.send(false).unwrap();
    let mut heard = next().await;
    while heard == Activity::Idle(LONG) {
        heard = next().await;
    }
    assert_eq!(heard, Activity::Idle(Duration::ZERO));
    drop(compositor);
    assert_eq!(timeout(Duration::from_secs(10), end).await.unwrap().unwrap(), End::Lost);
}

#[tokio::test]
async fn a_compositor_that_does_not_tell_is_known_as_such() {
    let (notifier, _compositor) = connected(false).await;
    assert!(notifier.is_none());
}
