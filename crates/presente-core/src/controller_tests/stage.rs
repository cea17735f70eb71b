//! A core under test: what it is told, and what it has told so far.

use super::field::{ME, SERVER};
use crate::{Command, Handle, SignInRequest, Update, problem::Problem, view::View};
use secrecy::SecretString;
use std::time::Duration;
use tokio::{sync::mpsc, task::JoinHandle, time::timeout};

/// A core under test and what it has told so far.
pub(super) struct Stage {
    pub(super) core: Handle,
    pub(super) task: JoinHandle<()>,
    pub(super) updates: mpsc::UnboundedReceiver<Update>,
    pub(super) seen: Vec<Update>,
}

pub(super) fn request(password: &str) -> SignInRequest {
    SignInRequest {
        server: SERVER.to_owned(),
        email: ME.to_owned(),
        password: SecretString::from(password),
        keep: true,
        plain_http: false,
        new_person: None,
    }
}

impl Stage {
    /// Ends the core as `kill -9` would: without a word to anybody.
    pub(super) async fn crash(self) {
        self.task.abort();
        let _ = self.task.await;
    }

    pub(super) async fn sign_in(&mut self, password: &str) {
        self.core.tell(Command::SignIn(Box::new(request(password)))).await;
    }

    /// The next update that fits; time goes on by itself as far as is needed, up to an hour.
    pub(super) async fn next<T>(&mut self, what: &str, fits: impl Fn(&Update) -> Option<T>) -> T {
        let search = async {
            while let Some(update) = self.updates.recv().await {
                let found = fits(&update);
                self.seen.push(update);
                if let Some(found) = found {
                    return found;
                }
            }
            panic!("the core ended before: {what}")
        };
        match timeout(Duration::from_secs(3600), search).await {
            Ok(found) => found,
            Err(_) => panic!(
                "never came: {what}; the last were {:#?}",
                self.seen.iter().rev().take(3).collect::<Vec<_>>()
            ),
        }
    }

    pub(super) async fn roster(&mut self) -> Vec<String> {
        self.next("a roster", |update| match update {
            Update::Roster(_, contacts) => {
                Some(contacts.iter().map(|contact| contact.name.to_string()).collect())
            }
            _ => None,
        })
        .await
    }

    pub(super) async fn view(&mut self, what: &str, fits: impl Fn(&View) -> bool) -> View {
        self.next(what, |update| match update {
            Update::View(view) if fits(view) => Some(view.as_ref().clone()),
            _ => None,
        })
        .await
    }

    /// The page as it is now.
    pub(super) async fn view_now(&mut self) -> View {
        self.core.tell(Command::Look { from: 0, len: 60, pins: Vec::new() }).await;
        self.view("a view", |_| true).await
    }

    pub(super) async fn rejected(&mut self) -> Problem {
        self.next("a rejection", |update| match update {
            Update::Rejected { problem, .. } => Some(problem.clone()),
            _ => None,
        })
        .await
    }

    /// Lets everything happen that happens within this time, and returns the titles of all notifications so far.
    pub(super) async fn notified_within(&mut self, time: Duration) -> Vec<String> {
        let end = tokio::time::Instant::now() + time;
        while let Ok(Some(update)) = tokio::time::timeout_at(end, self.updates.recv()).await {
            self.seen.push(update);
        }
        let title = |update: &Update| match update {
            Update::Notify(notification) => Some(notification.title.clone()),
            _ => None,
        };
        self.seen.iter().filter_map(title).collect()
    }
}
