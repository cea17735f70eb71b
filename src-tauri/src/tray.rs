//! The tray icon: shows the core's [`Tray`] value, and reports what is chosen in its menu.

use crate::window;
use presente_core::{
    Command, Handle,
    settings::Presence,
    view::{Shape, Tray},
};
use std::sync::{Mutex, MutexGuard, PoisonError};
use tauri::{
    AppHandle, Manager, Wry,
    image::Image,
    include_image,
    menu::{CheckMenuItem, IsMenuItem, Menu, MenuEvent, MenuItem, PredefinedMenuItem, Submenu},
    tray::{MouseButton, MouseButtonState, TrayIcon, TrayIconBuilder, TrayIconEvent},
};

const ONLINE: &str = "online";
const APPEAR_OFFLINE: &str = "appear-offline";
const OPEN: &str = "open";
const QUIT: &str = "quit";

/// The icon while there is a place for it, and what it should show.
#[derive(Default)]
pub(crate) struct TrayState {
    inner: Mutex<Inner>,
}

#[derive(Default)]
struct Inner {
    shown: Option<Tray>,
    icon: Option<TrayIcon<Wry>>,
    host: bool,
}

impl TrayState {
    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether somebody shows the icon, so that the window may be closed without losing the app.
    pub(crate) fn is_shown(&self) -> bool {
        let inner = self.lock();
        inner.host && inner.icon.is_some()
    }
}

/// Shows this from now on, as soon as there is a place for it.
pub(crate) fn show(app: &AppHandle, tray: Tray) {
    on_main_thread(app, move |app, inner| {
        inner.shown = Some(tray);
        refresh(app, inner);
    });
}

/// A tray host has come or gone.
pub(crate) fn set_host(app: &AppHandle, present: bool) {
    on_main_thread(app, move |app, inner| {
        inner.host = present;
        refresh(app, inner);
    });
}

fn on_main_thread(app: &AppHandle, act: impl FnOnce(&AppHandle, &mut Inner) + Send + 'static) {
    let handle = app.clone();
    let sent = app.run_on_main_thread(move || act(&handle, &mut handle.state::<TrayState>().lock()));
    if let Err(error) = sent {
        tracing::debug!(%error, "the tray is not updated any more");
    }
}

fn refresh(app: &AppHandle, inner: &mut Inner) {
    let Some(tray) = &inner.shown else { return };
    let done = match &inner.icon {
        Some(icon) => update(app, icon, tray),
        None if inner.host => build(app, tray).map(|icon| inner.icon = Some(icon)),
        None => Ok(()),
    };
    if let Err(error) = done {
        tracing::warn!(%error, "the tray icon cannot be shown");
    }
}

fn build(app: &AppHandle, tray: &Tray) -> tauri::Result<TrayIcon<Wry>> {
    TrayIconBuilder::with_id("presente")
        .icon(icon(tray.shape))
        .title(&tray.tooltip)
        .tooltip(&tray.tooltip)
        .menu(&menu(app, tray)?)
        .show_menu_on_left_click(false)
        .on_menu_event(on_menu)
        .on_tray_icon_event(|icon, event| {
            if let TrayIconEvent::Click {
                button: MouseButton::Left,
                button_state: MouseButtonState::Up,
                ..
            } = event
            {
                window::open(icon.app_handle());
            }
        })
        .build(app)
}

fn update(app: &AppHandle, icon: &TrayIcon<Wry>, tray: &Tray) -> tauri::Result<()> {
    icon.set_icon(Some(self::icon(tray.shape)))?;
    icon.set_title(Some(&tray.tooltip))?;
    icon.set_tooltip(Some(&tray.tooltip))?;
    icon.set_menu(Some(menu(app, tray)?))
}

/// First our own state with what may be chosen, then how many are online and where, the window, and the way out.
fn menu(app: &AppHandle, tray: &Tray) -> tauri::Result<Menu<Wry>> {
    let choice = |id: &str, text: &str, presence: Presence| {
        CheckMenuItem::with_id(app, id, text, true, tray.presence == Some(presence), None::<&str>)
    };
    let count = MenuItem::with_id(app, "count", &tray.count, false, None::<&str>)?;
    let open = MenuItem::with_id(app, OPEN, &tray.open, true, None::<&str>)?;
    let quit = MenuItem::with_id(app, QUIT, &tray.quit, true, None::<&str>)?;
    let line = PredefinedMenuItem::separator(app)?;
    let own: Box<dyn IsMenuItem<Wry>> = if tray.presence.is_some() {
        let online = choice(ONLINE, &tray.online, Presence::Online)?;
        let offline = choice(APPEAR_OFFLINE, &tray.appear_offline, Presence::Offline)?;
        Box::new(Submenu::with_id_and_items(app, "own", &tray.own_state, true, &[&online, &offline])?)
    } else {
        Box::new(MenuItem::with_id(app, "own", &tray.own_state, false, None::<&str>)?)
    };
    let menu = Menu::with_items(app, &[own.as_ref(), &count])?;
    for (number, words) in tray.accounts.iter().enumerate() {
        menu.append(&MenuItem::with_id(app, format!("account-{number}"), words, false, None::<&str>)?)?;
    }
    menu.append_items(&[&line, &open, &quit])?;
    Ok(menu)
}

#[expect(clippy::needless_pass_by_value, reason = "the signature is Tauri's")]
fn on_menu(app: &AppHandle, event: MenuEvent) {
    let core = app.state::<Handle>();
    match event.id().as_ref() {
        ONLINE => core.tell_now(Command::SetPresence(Presence::Online, None)),
        APPEAR_OFFLINE => core.tell_now(Command::SetPresence(Presence::Offline, None)),
        OPEN => window::open(app),
        QUIT => crate::ending::quit(app),
        _ => {}
    }
}

fn icon(shape: Shape) -> Image<'static> {
    match shape {
        Shape::Online => include_image!("icons/tray-online.png"),
        Shape::Away => include_image!("icons/tray-away.png"),
        Shape::Busy => include_image!("icons/tray-busy.png"),
        Shape::Offline => include_image!("icons/tray-offline.png"),
        Shape::Cut => include_image!("icons/tray-disconnected.png"),
    }
}
