//! What a server is asked that tells its list in changes.

use super::{AccountNumber, CONFIRM_WITHIN, Effects, Event};
use crate::{
    connection::Generation,
    link::{AckError, Link, Payload},
    session::{SessionError, Target},
};
use futures_util::{FutureExt, future::ready};
use presente_wire::{Answer, Position, SetPresence, event};
use secrecy::SecretString;
use std::time::Duration;

/// How long the list may take to come by socket: it is not compressed there.
const FETCH_WITHIN: Duration = Duration::from_secs(30);

impl Effects {
    /// Fetches the list of a server that tells it in changes.
    pub(crate) fn fetch_list(
        &self,
        number: AccountNumber,
        generation: Generation,
        target: Target,
        path: String,
        from: Option<Position>,
        token: Option<SecretString>,
    ) {
        let this = self.clone();
        tokio::spawn(async move {
            let result = this.sessions.fetch_list(&target, &path, from, token.as_ref()).await;
            this.report(Event::ListFetched(number, generation, result)).await;
        });
    }

    /// Asks for the list over a link.
    pub(crate) fn fetch_by_socket(
        &self,
        link: Option<&dyn Link>,
        number: AccountNumber,
        generation: Generation,
        from: Option<Position>,
    ) {
        let answer = match (link, Payload::from_values(&[from])) {
            (Some(link), Ok(payload)) => link.emit_with_ack(event::FETCH, payload, FETCH_WITHIN),
            _ => ready(Err(AckError::Closed)).boxed(),
        };
        let this = self.clone();
        tokio::spawn(async move {
            let result = match answer.await {
                Ok(payload) => {
                    payload.read::<(Answer,)>().map(|(list,)| list).map_err(|_| SessionError::NotCompatible)
                }
                Err(AckError::TimedOut) => Err(SessionError::Timeout),
                Err(_) => Err(SessionError::Unreachable),
            };
            this.report(Event::ListFetched(number, generation, result)).await;
        });
    }

    /// Says over a link how we want to be seen, and reports what the server says to it.
    pub(crate) fn set_presence(
        &self,
        link: Option<&dyn Link>,
        number: AccountNumber,
        generation: Generation,
        set: &SetPresence,
    ) {
        let answer = match (link, Payload::from_values(&[set])) {
            (Some(link), Ok(payload)) => link.emit_with_ack(event::SET, payload, CONFIRM_WITHIN),
            _ => ready(Err(AckError::Closed)).boxed(),
        };
        let this = self.clone();
        tokio::spawn(async move {
            this.report(Event::PresenceSet(number, generation, answer.await)).await;
        });
    }
}
