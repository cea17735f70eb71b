//! The app's life: start, close to the tray; `ending` is its end.

use crate::{
    commands, desktop, ending, local_server::InProcess, notifications, options, options::Options, page::Page,
    secrets::Keyring, surface::Desktop, tray, window,
};
use anyhow::{Context, Result};
use clap::Parser;
use directories::ProjectDirs;
use presente_core::{
    Command, Handle, LocalServer, Parts,
    clock::SystemClock,
    controller::{Dialects, Prefill},
    detect::Detector,
    link::own::OwnLink,
    network,
    pictures::Pictures,
    problem::Problem,
    profile::Library,
    secrets::{MemorySecrets, SecretStore},
    session::HttpSessions,
    settings::{FileSettings, MemorySettings, SettingsStore},
    texts::{Arg, Texts},
};
use std::{
    io::{IsTerminal, Write},
    path::PathBuf,
    process::ExitCode,
    sync::Arc,
};
use tauri::{App, AppHandle, Manager, RunEvent, WindowEvent};

/// Runs the app until it is quit.
pub fn run() -> ExitCode {
    let options = Options::parse();
    let texts = Texts::of_system();
    log_to_stderr();
    let outcome = desktop::check_display(&texts)
        .map_err(anyhow::Error::msg)
        .and_then(|()| build(options, texts).map(|app| app.run_return(on_run_event)));
    match outcome {
        Ok(code) => ExitCode::from(u8::try_from(code).unwrap_or(1)),
        Err(error) => {
            // Nobody may be there to read it.
            let _ = writeln!(std::io::stderr(), "{error:#}");
            ExitCode::FAILURE
        }
    }
}

/// Whatever `RUST_LOG` asks for, the server's library never logs details: they hold tokens.
fn log_to_stderr() {
    let mut filter = tracing_subscriber::EnvFilter::try_from_default_env().unwrap_or_else(|_| {
        tracing_subscriber::EnvFilter::new("warn,presente_app=info,presente_core=info,presente_server=info")
    });
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

#[expect(
    clippy::disallowed_methods,
    reason = "Tauri's macro ends the process where its own context is broken"
)]
fn build(options: Options, texts: Texts) -> Result<App> {
    let mut builder = tauri::Builder::default();
    if !options.demo {
        // First, so that a second start ends before it has done anything.
        builder = builder.plugin(tauri_plugin_single_instance::init(|app, arguments, _| {
            if options::wants_window(&arguments) {
                window::open(app);
            }
        }));
    }
    let pictures = Pictures::default();
    commands::builder(builder, texts.clone(), pictures.clone())
        .plugin(tauri_plugin_notification::init())
        .manage(tray::TrayState::default())
        .on_window_event(|window, event| {
            if matches!(event, WindowEvent::Destroyed) {
                on_window_gone(window.app_handle());
            }
        })
        .setup(move |app| Ok(set_up(app.handle(), &options, texts, pictures)?))
        .build(tauri::generate_context!())
        .context("the app cannot start")
}

fn set_up(app: &AppHandle, options: &Options, texts: Texts, pictures: Pictures) -> Result<()> {
    let home = Home::new(options.demo)?;
    let local_server = Arc::new(home.server);
    let prefill = if options.demo { demo(&local_server, &texts)? } else { Prefill::default() };
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
        local_server: Some(local_server.clone()),
        clock: Arc::new(SystemClock),
        rng: presente_core::seeded_rng(),
        texts,
        dialects: Dialects::Detected(Box::new(detector), profiles),
        patient: false,
        prefill,
    };
    let surface = Desktop::new(app.clone());
    let core = tauri::async_runtime::block_on(async { presente_core::start(parts, surface) });
    for profile in left_out {
        core.tell_now(Command::Notice(Problem::ProfileLeftOut { what: profile.to_string() }));
    }
    app.manage(core);
    app.manage(local_server);
    notifications::listen(app);
    desktop::watch(app);
    ending::quit_on_signal(app);
    if !options.hidden {
        window::open(app);
    }
    Ok(())
}

/// Where things are kept; for a demo, nowhere that lasts.
struct Home {
    secrets: Arc<dyn SecretStore>,
    settings: Box<dyn SettingsStore>,
    server: InProcess,
    /// Where the user's own profiles are.
    profiles: Option<PathBuf>,
}

impl Home {
    fn new(demo: bool) -> Result<Self> {
        if demo {
            let folder = tempfile::tempdir().context("no temporary folder can be made for the demo")?;
            return Ok(Self {
                secrets: Arc::new(MemorySecrets::default()),
                settings: Box::new(MemorySettings),
                server: InProcess::demo(folder),
                profiles: None,
            });
        }
        let folders = ProjectDirs::from("", "", "presente")
            .context("there is no home folder to keep settings in: set HOME and start again")?;
        Ok(Self {
            secrets: Arc::new(Keyring),
            settings: Box::new(FileSettings::new(folders.config_dir().join("settings.toml"))),
            server: InProcess::new(folders.data_dir().join("server")),
            profiles: Some(folders.config_dir().join("profiles")),
        })
    }
}

fn demo(local_server: &Arc<InProcess>, texts: &Texts) -> Result<Prefill> {
    let server = tauri::async_runtime::block_on(local_server.start()).map_err(anyhow::Error::msg)?;
    let password = presente_server::demo::PASSWORD;
    Ok(Prefill {
        server: server.to_string(),
        email: presente_server::demo::EMAIL.to_owned(),
        hint: Some(texts.with("demo-hint", &[("password", Arg::from(password))])),
    })
}

/// The window is gone: into the tray, or away if nothing would be left of us to see.
fn on_window_gone(app: &AppHandle) {
    app.state::<Page>().detach();
    if app.state::<tray::TrayState>().is_shown() {
        app.state::<Handle>().tell_now(Command::Detach);
    } else {
        ending::quit(app);
    }
}

fn on_run_event(_app: &AppHandle, event: RunEvent) {
    // The last window closing is no reason to end; only `ending` is.
    if let RunEvent::ExitRequested { code: None, api, .. } = event {
        api.prevent_exit();
    }
}
