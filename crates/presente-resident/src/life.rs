//! The app's life: start, into the tray and out of it, and an end that comes whatever happens.

use crate::{
    NO_DISPLAY, OTHER_VERSION, activity,
    application::{self, Claim, Wanted},
    autostart, desktop,
    desktop::TrayHost,
    home::Home,
    link,
    local_server::InProcess,
    notifications::{self, Click, Notifier},
    options::{Options, Raise},
    programs,
    surface::Desktop,
    tray::{Action, TrayIcon},
    window::{Window, WindowEvent},
};
use anyhow::{Context, Result};
use clap::Parser;
use presente_core::{
    Command, Handle, LocalServer, Parts,
    clock::SystemClock,
    controller::{Dialects, LEAVE_WITHIN, Prefill},
    detect::Detector,
    history::SqliteHistory,
    link::own::OwnLink,
    network,
    page::{Ask, process::FromWindow},
    pictures::Pictures,
    problem::Problem,
    profile::Library,
    session::HttpSessions,
    texts::{Arg, Texts},
};
use std::{
    io::{IsTerminal, Write},
    process::{ExitCode, ExitStatus},
    sync::Arc,
    time::Duration,
};
use tokio::{
    sync::{mpsc, oneshot, watch},
    time::timeout,
};
use zbus::Connection;

/// What stopping the server inside the app may take on top of signing out.
const STOP_SERVER_WITHIN: Duration = Duration::from_millis(2_000);

/// Runs the app until it is quit.
pub fn run() -> ExitCode {
    let options = Options::parse();
    log_to_stderr("warn,presente_resident=info,presente_core=info,presente_server=info");
    let outcome = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .context("the app cannot start")
        .and_then(|runtime| runtime.block_on(live(options)));
    match outcome {
        Ok(code) => code,
        Err(error) => {
            // Nobody may be there to read it.
            let _ = writeln!(std::io::stderr(), "{error:#}");
            ExitCode::FAILURE
        }
    }
}

/// Logs what `RUST_LOG` asks for, or by default this. The server's library never logs details: they hold tokens.
pub fn log_to_stderr(by_default: &str) {
    let mut filter = tracing_subscriber::EnvFilter::try_from_default_env()
        .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new(by_default));
    for quiet in ["socketioxide=warn", "engineioxide=warn"] {
        if let Ok(directive) = quiet.parse() {
            filter = filter.add_directive(directive);
        }
    }
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(std::io::stderr().is_terminal())
        .with_writer(std::io::stderr)
        .init();
}

/// What happens to the app from outside of the core.
enum Event {
    Window(WindowEvent),
    Tray(Action),
    Clicked(Click),
    Wanted(Wanted),
    Stopped,
    Quit,
}

async fn live(options: Options) -> Result<ExitCode> {
    let bus = session_bus().await;
    let mut wanted = None;
    if let Some(bus) = bus.as_ref().filter(|_| !options.demo) {
        match application::claim(bus, options.hidden, options.link.as_deref()).await {
            Ok(Claim::First(hears)) => wanted = Some(hears),
            Ok(Claim::Passed) => return Ok(ExitCode::SUCCESS),
            Err(error) => tracing::warn!(%error, "a second start will not be noticed"),
        }
    }
    let pictures = Pictures::default();
    let (window_events, windows) = mpsc::unbounded_channel();
    let window = Window::new(programs::window()?, Vec::new(), pictures.clone(), window_events);
    // First of all: nothing takes longer.
    if !options.hidden {
        window.open(None);
    }
    let (actions, tray_actions) = mpsc::unbounded_channel();
    let tray = TrayIcon::start(move |action| drop(actions.send(action)));
    let (clicks, clicked) = mpsc::unbounded_channel();
    let (stopped, has_stopped) = oneshot::channel();
    let (auto_away, minutes) = watch::channel(0);
    let texts = Texts::of_system();
    window.speak(&texts);
    let notifier = notifier(options.notifications, bus.as_ref(), &texts, clicks)?;
    let (refused, refusals) = mpsc::unbounded_channel();
    let surface =
        Desktop { window: window.clone(), tray, notifier, auto_away, refused, stopped: Some(stopped) };
    let (core, server) = start_core(&options, texts, pictures, surface).await?;
    tokio::spawn(hand_on(refusals, core.clone()));
    activity::watch(minutes, {
        let core = core.clone();
        move |activity| core.tell_now(Command::Activity(activity))
    });
    let tray_host = desktop::watch(bus.clone(), core.clone(), {
        let window = window.clone();
        move || {
            if !window.is_open() {
                window.open(None);
            }
        }
    });
    tokio::spawn(tell_of_desktop(bus, core.clone(), !options.demo));
    let life = Life { core, window, tray_host, server, shown: false };
    if let Some(link) = &options.link {
        life.open_link(link).await;
    }
    life.go_on(windows, tray_actions, clicked, wanted, has_stopped).await
}

/// Hands what the desktop refused to the core, which comes after the desktop.
async fn hand_on(mut refusals: mpsc::UnboundedReceiver<Command>, core: Handle) {
    while let Some(command) = refusals.recv().await {
        core.tell(command).await;
    }
}

/// Tells what diagnostics say of the desktop. Nobody waits for it: who has to be asked may be slow.
async fn tell_of_desktop(bus: Option<Connection>, core: Handle, may_start_at_login: bool) {
    let lines = desktop::facts(bus.as_ref()).await;
    let starts_at_login = may_start_at_login.then(autostart::is_set);
    core.tell(Command::Desktop { lines, starts_at_login }).await;
}

async fn session_bus() -> Option<Connection> {
    match Connection::session().await {
        Ok(bus) => Some(bus),
        Err(error) => {
            tracing::warn!(%error, "there is no session bus");
            None
        }
    }
}

/// Raises notifications for a desktop that has no way to be told.
struct Nowhere;

impl Notifier for Nowhere {
    fn raise(&self, _notification: presente_core::controller::Notification) {}
    fn withdraw(&self, _tag: String) {}
}

fn notifier(
    by: Raise,
    bus: Option<&Connection>,
    texts: &Texts,
    clicks: mpsc::UnboundedSender<Click>,
) -> Result<Box<dyn Notifier>> {
    Ok(match (by, bus) {
        (Raise::Plugin, _) => Box::new(notifications::Plugin::start(programs::window()?, clicks)),
        (Raise::Service, Some(bus)) => {
            Box::new(notifications::Bus::start(bus.clone(), texts.get("notification-open"), clicks))
        }
        (Raise::Service, None) => Box::new(Nowhere),
    })
}

async fn start_core(
    options: &Options,
    texts: Texts,
    pictures: Pictures,
    surface: Desktop,
) -> Result<(Handle, Arc<InProcess>)> {
    let home = Home::new(options.demo)?;
    let server = Arc::new(home.server);
    let prefill = if options.demo { demo(&server, &texts).await? } else { Prefill::default() };
    let no_tls = "the TLS library does not start";
    let sessions = Arc::new(HttpSessions::new(texts.language()).context(no_tls)?);
    let connector = Arc::new(OwnLink::new(texts.language()).context(no_tls)?);
    let detector = Detector::new(sessions.clone(), connector.clone(), texts.language()).context(no_tls)?;
    let (profiles, left_out) = Library::load(home.profiles.as_deref());
    let parts = Parts {
        sessions,
        connector,
        network: network::changes(),
        secrets: home.secrets,
        pictures,
        settings: home.settings,
        history: Some(Arc::new(SqliteHistory::new(home.history))),
        exports: home.downloads,
        local_server: Some(server.clone()),
        clock: Arc::new(SystemClock),
        rng: presente_core::seeded_rng(),
        texts,
        dialects: Dialects::Detected(Box::new(detector), profiles),
        patient: false,
        prefill,
    };
    let core = presente_core::start(parts, surface);
    for profile in left_out {
        core.tell(Command::Notice(Problem::ProfileLeftOut { what: profile.to_string() })).await;
    }
    Ok((core, server))
}

async fn demo(server: &Arc<InProcess>, texts: &Texts) -> Result<Prefill> {
    let address = server.start().await.map_err(anyhow::Error::msg)?;
    let password = presente_server::demo::PASSWORD;
    Ok(Prefill {
        server: address.to_string(),
        email: presente_server::demo::EMAIL.to_owned(),
        hint: Some(texts.with("demo-hint", &[("password", Arg::from(password))])),
    })
}

/// The app while it runs.
struct Life {
    core: Handle,
    window: Window,
    tray_host: TrayHost,
    server: Arc<InProcess>,
    /// A page has been there.
    shown: bool,
}

impl Life {
    async fn go_on(
        mut self,
        mut windows: mpsc::UnboundedReceiver<WindowEvent>,
        mut actions: mpsc::UnboundedReceiver<Action>,
        mut clicked: mpsc::UnboundedReceiver<Click>,
        wanted: Option<mpsc::UnboundedReceiver<Wanted>>,
        mut has_stopped: oneshot::Receiver<()>,
    ) -> Result<ExitCode> {
        // Where nobody can want anything, nobody does.
        let mut wanted = wanted.unwrap_or_else(|| mpsc::unbounded_channel().1);
        let mut quit = Box::pin(quit_by_signal());
        let code = loop {
            let event = tokio::select! {
                Some(event) = windows.recv() => Event::Window(event),
                Some(action) = actions.recv() => Event::Tray(action),
                Some(click) = clicked.recv() => Event::Clicked(click),
                Some(wanted) = wanted.recv() => Event::Wanted(wanted),
                _ = &mut has_stopped => Event::Stopped,
                () = &mut quit => Event::Quit,
            };
            if let Some(code) = self.on(event).await {
                break code;
            }
        };
        self.end(has_stopped).await;
        Ok(code)
    }

    /// Does what an event asks for; the code to end with, where it asks for the end.
    async fn on(&mut self, event: Event) -> Option<ExitCode> {
        match event {
            // As from the tray: the window goes at once, and does not wait until all are signed out.
            Event::Window(WindowEvent::Said(FromWindow::Asked(Ask::Quit, _))) => {
                return Some(ExitCode::SUCCESS);
            }
            Event::Window(WindowEvent::Said(said)) => self.heard(said).await,
            Event::Window(WindowEvent::Gone(status)) => return self.on_window_gone(status).await,
            Event::Tray(Action::Quit) | Event::Quit | Event::Stopped => return Some(ExitCode::SUCCESS),
            Event::Tray(action) => self.on_tray(action).await,
            Event::Clicked(Click { target, token }) => {
                if let Some((account, id)) = target {
                    self.core.tell(Command::OpenContact(account, id)).await;
                }
                self.window.open(token);
            }
            Event::Wanted(Wanted::Activate(token)) => self.window.open(token),
            Event::Wanted(Wanted::Open(link)) => self.open_link(&link).await,
        }
        None
    }

    async fn heard(&mut self, said: FromWindow) {
        match said {
            FromWindow::Asked(ask, change) => {
                self.window.is_used();
                if matches!(ask, Ask::Attach { .. }) {
                    self.shown = true;
                    self.window.page_attached();
                }
                self.core.tell(ask.into()).await;
                if let Some(number) = change {
                    self.core.tell(Command::Heard(number)).await;
                }
            }
            FromWindow::Picture(number) => self.window.send_picture(number),
            FromWindow::Minimised(is_minimised) => self.window.minimised(is_minimised),
            FromWindow::Clicked => {}
        }
    }

    async fn on_tray(&self, action: Action) {
        match action {
            Action::Toggle => self.window.toggle(),
            Action::Open => self.window.open(None),
            Action::StatusLine => {
                self.core.tell(Command::EditStatusLine).await;
                self.window.open(None);
            }
            Action::OpenContact(account, id) => {
                self.core.tell(Command::OpenContact(account, id)).await;
                self.window.open(None);
            }
            Action::State(state) => self.core.tell(Command::SetState(state, None)).await,
            Action::Snooze => self.core.tell(Command::Snooze(Some(60))).await,
            Action::Resume => self.core.tell(Command::Snooze(None)).await,
            Action::Quit => {}
        }
    }

    /// The window is gone: into the tray, or away if nothing would be left of us to see.
    async fn on_window_gone(&mut self, status: Option<ExitStatus>) -> Option<ExitCode> {
        let code = status.and_then(|status| status.code());
        if code == Some(i32::from(OTHER_VERSION)) {
            // Without a window only a notification can say it.
            self.core.tell(Command::SayUpdated).await;
            return (!self.tray_host.is_there()).then_some(ExitCode::FAILURE);
        }
        if !self.shown && code != Some(0) {
            // It has said why, where it could.
            tracing::error!(?status, "the window cannot be shown");
            let no_display = code == Some(i32::from(NO_DISPLAY));
            return (no_display || !self.tray_host.is_there()).then_some(ExitCode::FAILURE);
        }
        if self.tray_host.is_there() {
            self.core.tell(Command::Detach).await;
            return None;
        }
        Some(ExitCode::SUCCESS)
    }

    async fn open_link(&self, link: &str) {
        let command = match link::server_to_add(link) {
            Some(server) => Command::AddServer(server),
            // Whoever made it must not be able to have their words shown, so it is not repeated.
            None => Command::Notice(Problem::LinkUnknown),
        };
        self.core.tell(command).await;
    }

    /// Signs out and ends. Whatever happens, the end comes.
    async fn end(self, has_stopped: oneshot::Receiver<()>) {
        self.window.close();
        if !has_stopped.is_terminated() {
            self.core.tell(Command::Shutdown).await;
            let _ = timeout(LEAVE_WITHIN * 2, has_stopped).await;
        }
        if timeout(STOP_SERVER_WITHIN, self.server.stop()).await.is_err() {
            tracing::warn!("ending without waiting any longer");
        }
    }
}

/// A session that ends sends a signal; so does who starts us from a terminal.
async fn quit_by_signal() {
    use tokio::signal::unix::{SignalKind, signal};
    let kinds = [SignalKind::terminate(), SignalKind::interrupt(), SignalKind::hangup()];
    let signals = kinds.into_iter().filter_map(|kind| {
        let heard = signal(kind).inspect_err(|error| tracing::warn!(%error, "a signal cannot be heard")).ok();
        heard.map(|mut signal| Box::pin(async move { signal.recv().await }))
    });
    let signals: Vec<_> = signals.collect();
    if signals.is_empty() {
        return std::future::pending().await;
    }
    futures_util::future::select_all(signals).await;
}
