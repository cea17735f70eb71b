//! Passwords: argon2id, off the async threads, and only as many at once as there are cores.
//!
//! A hash takes 19 MiB and about 20 ms of one core, so a storm of sign-ins must queue, and a queue that is
//! too long must say so instead of growing.

use std::sync::Arc;

use argon2::{
    Algorithm, Argon2, Params, Version,
    password_hash::{self, PasswordHasher, PasswordVerifier, phc::PasswordHash},
};
use tokio::{sync::Semaphore, task};

use crate::error::Refusal;

/// Sign-ins that may wait for a core; the next one is told to come back.
const QUEUE: usize = 100;
const MEMORY_KIB: u32 = 19 * 1024;
const PASSES: u32 = 2;
const LANES: u32 = 1;

/// Hashes and checks passwords.
#[derive(Clone)]
pub(crate) struct Passwords {
    /// One permit per core: who holds one is hashing.
    cores: Arc<Semaphore>,
    /// One permit for everybody who hashes or waits.
    places: Arc<Semaphore>,
    /// Checked for unknown people, so that the time an answer takes does not tell who has an account.
    decoy: Arc<str>,
}

impl Passwords {
    /// For as many cores as this computer has.
    pub(crate) fn new() -> Result<Self, Refusal> {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        Self::with_limits(cores, QUEUE)
    }

    fn with_limits(cores: usize, queue: usize) -> Result<Self, Refusal> {
        let decoy = hash_now(&rand::random::<[u8; 16]>())?;
        Ok(Self {
            cores: Arc::new(Semaphore::new(cores)),
            places: Arc::new(Semaphore::new(cores + queue)),
            decoy: decoy.into(),
        })
    }

    /// The PHC string of a new password.
    pub(crate) async fn hash(&self, password: String) -> Result<String, Refusal> {
        self.run(move || hash_now(password.as_bytes())).await
    }

    /// Whether the password fits the stored hash. Without one the same work is done in vain.
    pub(crate) async fn check(&self, password: String, stored: Option<String>) -> Result<bool, Refusal> {
        let known = stored.is_some();
        let stored = stored.unwrap_or_else(|| self.decoy.to_string());
        let fits = self.run(move || check_now(password.as_bytes(), &stored)).await?;
        Ok(known && fits)
    }

    async fn run<T, F>(&self, work: F) -> Result<T, Refusal>
    where
        T: Send + 'static,
        F: FnOnce() -> Result<T, Refusal> + Send + 'static,
    {
        let place = Arc::clone(&self.places).try_acquire_owned().map_err(|_| Refusal::Busy)?;
        let core = Arc::clone(&self.cores).acquire_owned().await.map_err(|_| Refusal::Busy)?;
        task::spawn_blocking(move || {
            // Held by the work, not by the caller: a client that hangs up does not free a core in use.
            let _held = (place, core);
            work()
        })
        .await
        .map_err(|e| Refusal::Hash(e.to_string()))?
    }
}

fn argon2id() -> Result<Argon2<'static>, Refusal> {
    let params = Params::new(MEMORY_KIB, PASSES, LANES, None).map_err(|e| Refusal::Hash(e.to_string()))?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

fn hash_now(password: &[u8]) -> Result<String, Refusal> {
    let salt = rand::random::<[u8; 16]>();
    let hash: PasswordHash = argon2id()?
        .hash_password_with_salt(password, &salt)
        .map_err(|e: password_hash::Error| Refusal::Hash(e.to_string()))?;
    Ok(hash.to_string())
}

fn check_now(password: &[u8], stored: &str) -> Result<bool, Refusal> {
    let stored = PasswordHash::new(stored).map_err(|e| Refusal::Hash(e.to_string()))?;
    match argon2id()?.verify_password(password, &stored) {
        Ok(()) => Ok(true),
        Err(password_hash::Error::PasswordInvalid) => Ok(false),
        Err(e) => Err(Refusal::Hash(e.to_string())),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

    use super::*;

    #[tokio::test]
    async fn only_the_right_password_fits_its_hash() {
        let passwords = Passwords::new().unwrap();
        let hash = passwords.hash("correct horse".into()).await.unwrap();
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
        assert!(passwords.check("correct horse".into(), Some(hash.clone())).await.unwrap());
        for wrong in ["", "correct hors", "Correct horse", "correct horse "] {
            assert!(!passwords.check(wrong.into(), Some(hash.clone())).await.unwrap(), "{wrong:?}");
        }
    }

    #[tokio::test]
    async fn the_same_password_never_has_the_same_hash_twice() {
        let passwords = Passwords::new().unwrap();
        let (one, two) = (
            passwords.hash("sesame12".into()).await.unwrap(),
            passwords.hash("sesame12".into()).await.unwrap(),
        );
        assert_ne!(one, two);
    }

    #[tokio::test]
    async fn nobody_unknown_gets_in_and_a_broken_hash_is_an_error() {
        let passwords = Passwords::new().unwrap();
        assert!(!passwords.check("anything".into(), None).await.unwrap());
        assert!(matches!(passwords.check("x".into(), Some("plain".into())).await, Err(Refusal::Hash(_))));
    }

    #[tokio::test]
    async fn a_full_queue_refuses_instead_of_growing() {
        let passwords = Passwords::with_limits(1, 1).unwrap();
        let core = Arc::clone(&passwords.cores).acquire_owned().await.unwrap();
        let first = tokio::spawn({
            let p = passwords.clone();
            async move { p.hash("12345678".into()).await }
        });
        let second = tokio::spawn({
            let p = passwords.clone();
            async move { p.hash("12345678".into()).await }
        });
        while passwords.places.available_permits() > 0 {
            task::yield_now().await;
        }
        assert!(matches!(passwords.hash("12345678".into()).await, Err(Refusal::Busy)));
        drop(core);
        assert!(
            first.await.unwrap().is_ok() && second.await.unwrap().is_ok(),
            "those who wait get their turn"
        );
        assert!(passwords.hash("12345678".into()).await.is_ok(), "and the queue is free again");
    }
}
