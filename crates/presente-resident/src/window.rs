//! The window's process: started when the window is opened, ended when it is closed. What the page shows goes to it in
//! frames, what the page asks comes back.

use crate::VERSION_FLAG;
use presente_core::{
    page::process::{FromWindow, ToWindow, decode, encode, length_of},
    pictures::{PictureKey, Pictures},
    texts::Texts,
    view::{Frames, Screen, View},
};
use serde::Serialize;
use std::{
    collections::BTreeMap,
    io,
    os::unix::net::UnixStream as StdStream,
    path::PathBuf,
    process::{ExitStatus, Stdio},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{
        UnixStream,
        unix::{OwnedReadHalf, OwnedWriteHalf},
    },
    process::{Child, Command},
    sync::{Notify, mpsc},
    time::{Instant, timeout, timeout_at},
};

/// Views follow each other no faster while somebody does something on the page: it has time for other things.
const VIEW_EVERY: Duration = Duration::from_millis(40);
/// And no faster while nobody does: more often than so the eye does not follow a list, and each view costs.
const UNASKED_VIEW_EVERY: Duration = Duration::from_millis(150);
/// So long after somebody did something, they are taken to go on.
const GOES_ON: Duration = Duration::from_secs(1);
/// How long a window may take to close by itself.
const CLOSE_WITHIN: Duration = Duration::from_millis(500);
/// What the web engine is told, unless somebody has told it otherwise; `docs/decisions/0022-a-small-page.md` has figures.
const ENGINE: [(&str, &str); 4] = [
    // To paint without the graphics card. To get one ready, and to make programs for it, takes longer than to paint a
    // small window a hundred times.
    ("WEBKIT_SKIA_ENABLE_CPU_RENDERING", "1"),
    // To interpret scripts: ours are short, and compiled code takes memory and time that it never gives back.
    ("JSC_useJIT", "0"),
    // To look for garbage after so many bytes already, not after 32 MiB.
    ("JSC_largeHeapSize", "4194304"),
    // To keep no scripts to be run again: each message to the page is one, and no two are alike.
    ("JSC_useCodeCache", "0"),
];

/// What comes from the window.
#[derive(Debug)]
pub(crate) enum WindowEvent {
    /// The window says something.
    Said(FromWindow),
    /// The window is gone: how its process ended, if that is known.
    Gone(Option<ExitStatus>),
}

/// The window, which may be open or not.
#[derive(Clone)]
pub(crate) struct Window {
    shared: Arc<Shared>,
}

struct Shared {
    program: PathBuf,
    arguments: Vec<&'static str>,
    events: mpsc::UnboundedSender<WindowEvent>,
    pictures: Pictures,
    state: Mutex<State>,
    changed: Notify,
    used: Notify,
}

#[derive(Default)]
struct State {
    is_open: bool,
    is_minimised: bool,
    /// The view that the page has to be shown next.
    next: Option<Box<View>>,
    words: Arc<BTreeMap<String, String>>,
    frames: Frames,
    orders: Vec<ToWindow>,
    roster_was_shown: bool,
    /// When the page asked for something last.
    asked: Option<Instant>,
}

/// A view with the words around it.
#[derive(Serialize)]
struct Shown<'a> {
    #[serde(flatten)]
    view: &'a View,
    words: &'a BTreeMap<String, String>,
}

impl Window {
    /// A window that is not open yet.
    pub(crate) fn new(
        program: PathBuf,
        arguments: Vec<&'static str>,
        pictures: Pictures,
        events: mpsc::UnboundedSender<WindowEvent>,
    ) -> Self {
        let (state, changed, used) = (Mutex::default(), Notify::new(), Notify::new());
        Self { shared: Arc::new(Shared { program, arguments, events, pictures, state, changed, used }) }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.shared.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Opens it, or brings the open one to the front.
    pub(crate) fn open(&self, token: Option<String>) {
        let mut state = self.state();
        if state.is_open {
            state.orders.push(ToWindow::Raise);
            drop(state);
            return self.shared.changed.notify_one();
        }
        match self.start(token) {
            Ok((child, stream)) => {
                *state = State { is_open: true, words: state.words.clone(), ..State::default() };
                drop(state);
                tokio::spawn(self.clone().attend(child, stream));
            }
            Err(error) => {
                tracing::error!(%error, program = %self.shared.program.display(), "the window cannot be started");
                let _ = self.shared.events.send(WindowEvent::Gone(None));
            }
        }
    }

    /// Opens it, or closes it if it is on the screen.
    pub(crate) fn toggle(&self) {
        let is_seen = {
            let state = self.state();
            state.is_open && !state.is_minimised
        };
        if is_seen { self.close() } else { self.open(None) }
    }

    pub(crate) fn close(&self) {
        self.order(ToWindow::Close);
    }

    pub(crate) fn is_open(&self) -> bool {
        self.state().is_open
    }

    /// Tells the window something, if it is open.
    pub(crate) fn order(&self, order: ToWindow) {
        let mut state = self.state();
        if state.is_open {
            state.orders.push(order);
            drop(state);
            self.shared.changed.notify_one();
        }
    }

    /// Shows this; what has not been shown by then is not shown any more.
    pub(crate) fn show(&self, view: Box<View>) {
        let mut state = self.state();
        let shows_people = view.screen == Screen::Roster && !view.roster.rows.is_empty();
        if shows_people && !std::mem::replace(&mut state.roster_was_shown, true) {
            tracing::info!("roster shown");
        }
        state.next = Some(view);
        drop(state);
        self.shared.changed.notify_one();
    }

    /// Uses these words from now on.
    pub(crate) fn speak(&self, texts: &Texts) {
        self.state().words = Arc::new(texts.all("page-"));
    }

    /// Somebody does something on the page, and waits for what comes of it.
    pub(crate) fn is_used(&self) {
        self.state().asked = Some(Instant::now());
        self.shared.used.notify_one();
    }

    /// Waits until the page may be shown another view.
    async fn pause(&self) {
        let shown = Instant::now();
        loop {
            let is_used = self.state().asked.is_some_and(|asked| asked.elapsed() < GOES_ON);
            let until = shown + if is_used { VIEW_EVERY } else { UNASKED_VIEW_EVERY };
            if timeout_at(until, self.shared.used.notified()).await.is_err() {
                return;
            }
        }
    }

    /// A page is there, and knows nothing yet.
    pub(crate) fn page_attached(&self) {
        tracing::info!("page attached");
        let mut state = self.state();
        (state.frames, state.next) = (Frames::default(), None);
    }

    pub(crate) fn minimised(&self, is_minimised: bool) {
        self.state().is_minimised = is_minimised;
    }

    /// Sends the picture that the page has asked for.
    pub(crate) fn send_picture(&self, number: String) {
        let png = PictureKey::parse(&number).and_then(|key| self.shared.pictures.png(key));
        self.order(ToWindow::Picture { number, png: png.map(|png| png.to_vec()) });
    }

    fn start(&self, token: Option<String>) -> io::Result<(Child, UnixStream)> {
        let (ours, theirs) = StdStream::pair()?;
        ours.set_nonblocking(true)?;
        let mut command = Command::new(&self.shared.program);
        // Its end of the socket is its standard input; it writes there too.
        command.arg(VERSION_FLAG).arg(env!("CARGO_PKG_VERSION"));
        command.args(&self.shared.arguments).stdin(Stdio::from(std::os::fd::OwnedFd::from(theirs)));
        command.envs(ENGINE.into_iter().filter(|(name, _)| std::env::var_os(name).is_none()));
        if let Some(token) = token {
            command.env("XDG_ACTIVATION_TOKEN", token);
        }
        Ok((command.kill_on_drop(true).spawn()?, UnixStream::from_std(ours)?))
    }

    /// Serves the window until it is gone.
    async fn attend(self, mut child: Child, stream: UnixStream) {
        let (reader, writer) = stream.into_split();
        tokio::select! {
            heard = self.hear(reader) => {
                if let Err(error) = heard {
                    tracing::warn!(%error, "the window is not understood");
                }
            }
            Err(error) = self.tell(writer) => tracing::debug!(%error, "the window does not listen any more"),
        }
        // It has nothing more to say; what does not end by itself is ended.
        let status = match timeout(CLOSE_WITHIN, child.wait()).await {
            Ok(status) => status.ok(),
            Err(_) => {
                let _ = child.start_kill();
                child.wait().await.ok()
            }
        };
        {
            let mut state = self.state();
            *state = State { words: state.words.clone(), ..State::default() };
        }
        let _ = self.shared.events.send(WindowEvent::Gone(status));
    }

    async fn hear(&self, mut reader: OwnedReadHalf) -> io::Result<()> {
        loop {
            let mut length = [0; 4];
            match reader.read_exact(&mut length).await {
                Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(()),
                Err(error) if error.kind() == io::ErrorKind::ConnectionReset => return Ok(()),
                other => other?,
            };
            let mut body = vec![0; length_of(length)?];
            reader.read_exact(&mut body).await?;
            let said = decode(&body)?;
            if self.shared.events.send(WindowEvent::Said(said)).is_err() {
                return Ok(());
            }
        }
    }

    /// Writes what there is to say, one after the other: who reads slowly gets fewer views, not late ones.
    async fn tell(&self, mut writer: OwnedWriteHalf) -> io::Result<()> {
        loop {
            let (orders, view) = {
                let mut state = self.state();
                let orders = std::mem::take(&mut state.orders);
                let view = state.next.take().map(|view| {
                    let words = state.words.clone();
                    state.frames.next(view.revision, &Shown { view: &view, words: &words })
                });
                (orders, view)
            };
            for order in &orders {
                writer.write_all(&encode(order)?).await?;
            }
            let has_view = view.is_some();
            for frame in view.into_iter().flatten() {
                writer.write_all(&encode(&ToWindow::Frame(frame))?).await?;
            }
            if has_view {
                self.pause().await;
            }
            self.shared.changed.notified().await;
        }
    }
}
