//! The back-off at the door: a trial is over when its request is, however that ends.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Instant,
};

use super::backoff::{Backoff, End, Trial};
use crate::{address::ClientAddress, error::Refusal};

/// What all requests share.
#[derive(Debug, Clone, Default)]
pub(super) struct Guesses(Arc<Mutex<Backoff>>);

/// A trial that is under way.
#[derive(Debug)]
pub(super) struct Trying {
    guesses: Guesses,
    trial: Option<Trial>,
    end: End,
}

impl Guesses {
    /// Lets somebody try a password for the account of a normalised e-mail. Without an address nothing is
    /// counted.
    pub(super) fn begin(&self, email: &str, address: Option<ClientAddress>) -> Result<Trying, Refusal> {
        let trial = match address {
            Some(address) => {
                Some(self.lock().begin(Instant::now(), email, address).map_err(Refusal::Slowed)?)
            }
            None => None,
        };
        Ok(Trying { guesses: self.clone(), trial, end: End::Open })
    }

    /// A panic elsewhere leaves nothing half done in here, so a poisoned lock is as good as any.
    fn lock(&self) -> MutexGuard<'_, Backoff> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Trying {
    /// How it ended; who hangs up before has ended nothing.
    pub(super) fn end(&mut self, end: End) {
        self.end = end;
    }
}

impl Drop for Trying {
    fn drop(&mut self) {
        if let Some(trial) = self.trial {
            self.guesses.lock().end(Instant::now(), trial, self.end);
        }
    }
}
