//! The way to the process that has the core.

use presente_core::page::process::{self, FromWindow, ToWindow};
use std::{
    collections::HashMap,
    io,
    os::unix::net::UnixStream,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};
use tauri::ipc::Channel;

/// Takes a picture, or that there is none.
pub(crate) type TakesPicture = Box<dyn FnOnce(Option<Vec<u8>>) + Send>;

/// The process that has the core, as the window knows it.
#[derive(Clone)]
pub struct Resident {
    shared: Arc<Shared>,
}

struct Shared {
    writer: Mutex<UnixStream>,
    /// The channel to the page, once it has attached.
    page: Mutex<Option<Channel<String>>>,
    /// Who waits for a picture, by its number.
    waiting: Mutex<HashMap<String, Vec<TakesPicture>>>,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Resident {
    /// Speaks through this socket.
    ///
    /// # Errors
    /// It cannot be used from two threads.
    pub fn new(socket: UnixStream) -> io::Result<Self> {
        let writer = Mutex::new(socket);
        Ok(Self { shared: Arc::new(Shared { writer, page: Mutex::default(), waiting: Mutex::default() }) })
    }

    /// Views go to this page from now on.
    pub(crate) fn attach(&self, page: Channel<String>) {
        *lock(&self.shared.page) = Some(page);
    }

    /// Tells it something.
    ///
    /// # Errors
    /// It is gone.
    pub(crate) fn tell(&self, word: &FromWindow) -> Result<(), String> {
        process::write(&mut *lock(&self.shared.writer), word).map_err(|error| error.to_string())
    }

    /// Asks for a picture.
    pub(crate) fn picture(&self, number: String, takes: TakesPicture) {
        let is_first = {
            let mut waiting = lock(&self.shared.waiting);
            let takers = waiting.entry(number.clone()).or_default();
            takers.push(takes);
            takers.len() == 1
        };
        if is_first && self.tell(&FromWindow::Picture(number.clone())).is_err() {
            self.hear(ToWindow::Picture { number, png: None });
        }
    }

    /// Passes on what it says to the page, or to who waits for it. What is for the window comes back.
    pub(crate) fn hear(&self, word: ToWindow) -> Option<ToWindow> {
        match word {
            ToWindow::Frame(frame) => {
                if let Some(page) = lock(&self.shared.page).as_ref()
                    && let Err(error) = page.send(frame)
                {
                    tracing::debug!(%error, "the page is gone");
                }
                None
            }
            ToWindow::Picture { number, png } => {
                let takers = lock(&self.shared.waiting).remove(&number);
                for takes in takers.into_iter().flatten() {
                    takes(png.clone());
                }
                None
            }
            word => Some(word),
        }
    }
}
