//! `presente-cli watch`: follow a roster until told to stop, then sign out.

use crate::{
    arguments::{LinkKind, Watch},
    known_servers::KnownServers,
    output, profiles,
};
use anyhow::{Context, Result};
use presente_core::{
    Command, Handle, Parts, SignInRequest, Update,
    clock::{Clock, SystemClock},
    controller::{ConnectionState, Dialects, Prefill},
    detect::Detector,
    link::{Connector, own::OwnLink},
    network,
    pictures::Pictures,
    problem::Problem,
    secrets::MemorySecrets,
    session::HttpSessions,
    texts::Texts,
};
use secrecy::SecretString;
use std::{io::BufRead, path::PathBuf, sync::Arc, time::Duration};
use tokio::{
    signal::unix::{SignalKind, signal},
    sync::mpsc,
};

/// Watching ended before it was told to.
#[derive(Debug, thiserror::Error)]
pub(crate) enum GivenUp {
    /// What was asked for cannot be done as it was asked.
    #[error("{0}")]
    Usage(String),
    /// A person must act; a refusal carries the server's own words.
    #[error("{sentence}")]
    Rejected {
        /// What is wrong.
        problem: Problem,
        /// The same in words.
        sentence: String,
    },
}

impl GivenUp {
    /// The exit code of the contract.
    pub(crate) fn exit_code(&self) -> u8 {
        match self {
            Self::Usage(_) => 2,
            Self::Rejected { problem: Problem::Refused { .. }, .. } => 3,
            Self::Rejected {
                problem: Problem::InvalidAddress { .. } | Problem::Unencrypted { .. } | Problem::MissingField,
                ..
            } => 2,
            Self::Rejected { .. } => 1,
        }
    }
}

/// Watches until a signal, the end of `--for`, or a refusal.
pub(crate) async fn watch(options: Watch) -> Result<()> {
    let password = password(&options)?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    let mut hang_up = signal(SignalKind::hangup())?;
    let (sender, mut updates) = mpsc::unbounded_channel();
    let texts = Texts::of_system();
    let connector = connector(options.link, texts.language())?;
    let handle = start(options.profile.as_deref(), connector, texts, sender)?;
    let server = options.server.clone();
    let request = SignInRequest {
        server: options.server,
        email: options.email.or(options.nickname).unwrap_or_default(),
        password,
        keep: false,
        plain_http: options.accept_unencrypted,
        new_person: None,
    };
    handle.tell(Command::SignIn(Box::new(request))).await;
    let time_is_up = async {
        match options.seconds {
            Some(seconds) => tokio::time::sleep(Duration::from_secs(seconds)).await,
            None => std::future::pending().await,
        }
    };
    tokio::pin!(time_is_up);
    let mut to_say = options.say;
    let mut leaving = false;
    let mut given_up = None;
    loop {
        let stop = tokio::select! {
            update = updates.recv() => match update {
                None | Some(Update::Stopped) => {
                    return given_up.map_or(Ok(()), |given_up| Err(anyhow::Error::from(given_up)));
                }
                // The server may hold a session all the same; it is signed out before the end.
                Some(Update::Rejected { problem, mut sentence }) => {
                    if matches!(problem, Problem::UnknownDialect { .. }) {
                        sentence = format!("{sentence} Try: presente-cli learn {server}");
                    }
                    given_up = Some(GivenUp::Rejected { problem, sentence });
                    true
                }
                // A reader that has gone away wants nothing more.
                Some(update) => {
                    if let Update::Connection { account, state: ConnectionState::Online, .. } = &update {
                        for text in to_say.drain(..) {
                            handle.tell(Command::Say { account: *account, text, to: None }).await;
                        }
                    }
                    output::write(&update, options.json, SystemClock.now(), &mut std::io::stdout()).is_err()
                }
            },
            _ = interrupt.recv() => true,
            _ = terminate.recv() => true,
            _ = hang_up.recv() => true,
            () = &mut time_is_up, if !leaving => true,
        };
        if stop && !std::mem::replace(&mut leaving, true) {
            handle.tell(Command::Shutdown).await;
        }
    }
}

fn start(
    profile: Option<&str>,
    connector: Arc<dyn Connector>,
    texts: Texts,
    updates: mpsc::UnboundedSender<Update>,
) -> Result<Handle> {
    let sessions = Arc::new(HttpSessions::new(texts.language()).context("the TLS library does not start")?);
    let library = profiles::library();
    let dialects = match profile {
        Some(profile) => Dialects::Fixed(profiles::named(profile, &library)?),
        None => {
            let detector = Detector::new(sessions.clone(), connector.clone(), texts.language())
                .context("the TLS library does not start")?;
            Dialects::Detected(Box::new(detector), library)
        }
    };
    let parts = Parts {
        sessions,
        connector,
        network: network::changes(),
        secrets: Arc::new(MemorySecrets::default()),
        pictures: Pictures::default(),
        settings: Box::new(KnownServers::of_user()),
        history: None,
        exports: PathBuf::new(),
        local_server: None,
        clock: Arc::new(SystemClock),
        rng: presente_core::seeded_rng(),
        texts,
        dialects,
        patient: true,
        prefill: Prefill::default(),
    };
    Ok(presente_core::start(parts, updates))
}

fn connector(kind: LinkKind, language: &'static str) -> Result<Arc<dyn Connector>> {
    match kind {
        LinkKind::Own => Ok(Arc::new(OwnLink::new(language).context("the TLS library does not start")?)),
        #[cfg(feature = "rust_socketio")]
        LinkKind::RustSocketio => Ok(Arc::new(presente_core::link::rust_socketio::RustSocketio { language })),
        #[cfg(not(feature = "rust_socketio"))]
        LinkKind::RustSocketio => {
            let sentence = "--link rust-socketio: this build has only its own link. Build presente-cli with \
                            `--features rust_socketio` to have the other too.";
            Err(GivenUp::Usage(sentence.to_owned()).into())
        }
    }
}

fn password(options: &Watch) -> Result<SecretString> {
    let password = if options.password_stdin {
        let mut line = String::new();
        std::io::stdin().lock().read_line(&mut line).context("the password cannot be read")?;
        line.trim_end_matches(['\r', '\n']).to_owned()
    } else {
        std::env::var("PRESENTE_PASSWORD").unwrap_or_default()
    };
    if password.is_empty() && options.email.is_some() {
        let sentence = "There is no password: set PRESENTE_PASSWORD, or give it by --password-stdin.";
        return Err(GivenUp::Usage(sentence.to_owned()).into());
    }
    Ok(SecretString::from(password))
}
