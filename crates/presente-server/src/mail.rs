//! Mail: the link that verifies an e-mail address, sent in the background.
//!
//! Signing up never waits for mail and never fails because of it. What cannot be sent is tried again a few
//! times, then given up with a line in the log; people get another link when they sign in.

use std::{sync::Arc, time::Duration};

use lettre::{
    AsyncSendmailTransport, AsyncSmtpTransport, AsyncTransport as _, Message, Tokio1Executor,
    message::{Mailbox, header::ContentType},
};
use secrecy::{ExposeSecret as _, SecretString};
use tokio::{sync::mpsc, task::JoinSet};
use tokio_util::sync::CancellationToken;

use crate::{
    config::Config,
    error::StartError,
    messages::{Language, Phrase},
    store::Account,
};

/// Letters that wait; one more is dropped.
const QUEUE: usize = 1000;
/// Letters that are on their way at once, those that are tried again included.
const AT_ONCE: usize = 100;
/// How long the mail server may take for each of its answers.
const PATIENCE: Duration = Duration::from_secs(20);

/// How mail leaves.
enum Transport {
    Smtp(AsyncSmtpTransport<Tokio1Executor>),
    Sendmail(AsyncSendmailTransport<Tokio1Executor>),
}

/// Takes letters.
#[derive(Clone)]
pub(crate) struct LetterBox {
    queue: mpsc::Sender<Message>,
    from: Mailbox,
    public_url: String,
}

/// Brings them.
pub(crate) struct Carrier {
    queue: mpsc::Receiver<Message>,
    transport: Arc<Transport>,
    pauses: Vec<Duration>,
}

/// The two ends of the mail that the settings ask for; `None` when they ask for none.
pub(crate) fn open(config: &Config) -> Result<Option<(LetterBox, Carrier)>, StartError> {
    let wrong = |reason: String| StartError::Mail { reason };
    let Some(how) = &config.mail else { return Ok(None) };
    let transport = transport(how).map_err(wrong)?;
    let from = config.mail_from.as_deref().unwrap_or_default();
    let from: Mailbox = from.parse().map_err(|error| wrong(format!("the sender {from:?}: {error}")))?;
    let public_url = config.public_url.clone().ok_or_else(|| wrong("no public address for links".into()))?;
    let (sender, queue) = mpsc::channel(QUEUE);
    let carrier = Carrier { queue, transport: Arc::new(transport), pauses: config.mail_pauses.clone() };
    Ok(Some((LetterBox { queue: sender, from, public_url }, carrier)))
}

fn transport(how: &SecretString) -> Result<Transport, String> {
    let url = how.expose_secret();
    if url == "sendmail" {
        return Ok(Transport::Sendmail(AsyncSendmailTransport::new()));
    }
    if sends_password_in_the_open(url) {
        return Err("a user and a password would go over the network as they are: write smtps://, or add ?tls=required".into());
    }
    let smtp = AsyncSmtpTransport::<Tokio1Executor>::from_url(url)
        // Not the error itself: it may repeat the address with the password in it.
        .map_err(|_| {
            "its address is not a URL like smtp://host:25 or smtps://user:password@host".to_owned()
        })?;
    Ok(Transport::Smtp(smtp.timeout(Some(PATIENCE)).build()))
}

/// Whether a URL names a user, and neither TLS nor this computer.
fn sends_password_in_the_open(url: &str) -> bool {
    let Some(rest) = url.strip_prefix("smtp://") else { return false };
    let (authority, parameters) = rest.split_once('?').unwrap_or((rest, ""));
    let Some((_, host)) = authority.rsplit_once('@') else { return false };
    let local = ["localhost", "127.", "[::1]"].iter().any(|start| host.starts_with(start));
    !local && !parameters.split('&').any(|parameter| parameter == "tls=required")
}

impl LetterBox {
    /// Takes the letter with the link that verifies the address of `account`. Never waits.
    pub(crate) fn verification(&self, account: &Account, code: &str, language: Language) {
        let letter = match self.letter(account, code, language) {
            Ok(letter) => letter,
            Err(error) => {
                tracing::warn!(%error, user = %account.id, "no letter can be written to an address");
                return;
            }
        };
        if self.queue.try_send(letter).is_err() {
            tracing::warn!(user = %account.id, "too much mail waits to be sent: a letter is dropped");
        }
    }

    fn letter(&self, account: &Account, code: &str, language: Language) -> Result<Message, String> {
        let address = account.email.parse().map_err(|error| format!("{error}"))?;
        let link = format!("{}/api/verify/{code}", self.public_url);
        let text = Phrase::VerifyLetter
            .with(language, &[("name", (&*account.first_name).into()), ("link", (&*link).into())]);
        Message::builder()
            .from(self.from.clone())
            .to(Mailbox::new(Some(account.display_name()), address))
            .subject(Phrase::VerifySubject.text(language))
            .header(ContentType::TEXT_PLAIN)
            .body(format!("{text}\n"))
            .map_err(|error| error.to_string())
    }
}

impl Carrier {
    /// Brings letters until `stop` is cancelled. What is not sent by then is lost.
    pub(crate) async fn run(mut self, stop: CancellationToken) {
        let mut under_way = JoinSet::new();
        loop {
            tokio::select! {
                () = stop.cancelled() => return,
                Some(_) = under_way.join_next() => {}
                Some(letter) = self.queue.recv(), if under_way.len() < AT_ONCE => {
                    under_way.spawn(bring(Arc::clone(&self.transport), letter, self.pauses.clone()));
                }
            }
        }
    }
}

async fn bring(transport: Arc<Transport>, letter: Message, pauses: Vec<Duration>) {
    let mut pauses = pauses.into_iter();
    loop {
        let (reason, for_good) = match send(&transport, letter.clone()).await {
            Ok(()) => return,
            Err(failure) => failure,
        };
        let Some(pause) = pauses.next().filter(|_| !for_good) else {
            tracing::warn!(%reason, "a letter could not be sent and is given up");
            return;
        };
        tracing::debug!(%reason, ?pause, "a letter could not be sent and is tried again");
        tokio::time::sleep(pause).await;
    }
}

/// Sends once. The error says why not, and whether trying again is in vain.
async fn send(transport: &Transport, letter: Message) -> Result<(), (String, bool)> {
    match transport {
        Transport::Smtp(smtp) => {
            smtp.send(letter).await.map(|_| ()).map_err(|error| (error.to_string(), error.is_permanent()))
        }
        Transport::Sendmail(sendmail) => {
            sendmail.send(letter).await.map_err(|error| (error.to_string(), false))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_leaves_this_computer_only_under_tls() {
        for (url, open) in [
            ("smtp://relay.example:25", false),
            ("smtp://u:p@relay.example", true),
            ("smtp://u:p@relay.example?tls=opportunistic", true),
            ("smtp://u:p@relay.example:587?tls=required", false),
            ("smtps://u:p@relay.example", false),
            ("smtp://u:p@localhost:2525", false),
            ("smtp://u:p@127.0.0.1:2525", false),
            ("smtp://u:p%40x@relay.example", true),
        ] {
            assert_eq!(sends_password_in_the_open(url), open, "{url}");
        }
        let refused = transport(&"smtp://u:geheim@relay.example".into()).err().unwrap();
        assert!(refused.contains("tls=required") && !refused.contains("geheim"), "{refused}");
        assert!(transport(&"smtp://u:geheim@:x".into()).is_err_and(|reason| !reason.contains("geheim")));
    }
}
