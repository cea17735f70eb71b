//! Passwords: argon2id, off the async threads, and only as many at once as there are cores.
//!
//! A hash takes 19 MiB and about 20 ms of one core, so a storm of sign-ins must queue, and a queue that is
//! too long must say so instead of growing.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use argon2::{
    Algorithm, Argon2, Block, Params, Version,
    password_hash::{
        self,
        phc::{Output, ParamsString, PasswordHash, Salt},
    },
};
use tokio::{sync::Semaphore, task};

use crate::error::Refusal;

/// Sign-ins that may wait for a core; the next one is told to come back.
const QUEUE: usize = 100;
const MEMORY_KIB: u32 = 19 * 1024;
const PASSES: u32 = 2;
const LANES: u32 = 1;
/// Blocks of 1 KiB that are reserved at least. glibc gives memory back to the system for certain when it
/// was more than 32 MiB; of less it may keep some for every thread that ever hashed, and a storm of
/// sign-ins left 400 MiB behind. What is reserved and not used takes no memory.
const RESERVED: usize = 33 * 1024;

/// What one hash is worked out in.
type Memory = Vec<Block>;

/// Hashes and checks passwords.
#[derive(Clone)]
pub(crate) struct Passwords {
    /// One permit per core: who holds one is hashing.
    cores: Arc<Semaphore>,
    /// One permit for everybody who hashes or waits.
    places: Arc<Semaphore>,
    /// How many of each there are.
    all: (usize, usize),
    /// Memory of hashes that are done, for those who wait; given back when nobody does.
    spare: Arc<Mutex<Vec<Memory>>>,
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
        let decoy = hash_now(&rand::random::<[u8; 16]>(), &mut Memory::new())?;
        Ok(Self {
            cores: Arc::new(Semaphore::new(cores)),
            places: Arc::new(Semaphore::new(cores + queue)),
            all: (cores, cores + queue),
            spare: Arc::default(),
            decoy: decoy.into(),
        })
    }

    /// The PHC string of a new password.
    pub(crate) async fn hash(&self, password: String) -> Result<String, Refusal> {
        self.run(move |memory| hash_now(password.as_bytes(), memory)).await
    }

    /// Whether the password fits the stored hash. Without one the same work is done in vain.
    pub(crate) async fn check(&self, password: String, stored: Option<String>) -> Result<bool, Refusal> {
        let known = stored.is_some();
        let stored = stored.unwrap_or_else(|| self.decoy.to_string());
        let fits = self.run(move |memory| check_now(password.as_bytes(), &stored, memory)).await?;
        Ok(known && fits)
    }

    /// How many passwords are being worked on or wait for it.
    pub(crate) fn in_hand(&self) -> usize {
        let (_, places) = self.all;
        places.saturating_sub(self.places.available_permits())
    }

    /// Nothing in here can be left half done, so a poisoned lock is as good as any.
    fn spare(&self) -> MutexGuard<'_, Vec<Memory>> {
        self.spare.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn run<T, F>(&self, work: F) -> Result<T, Refusal>
    where
        T: Send + 'static,
        F: FnOnce(&mut Memory) -> Result<T, Refusal> + Send + 'static,
    {
        let place = Arc::clone(&self.places).try_acquire_owned().map_err(|_| Refusal::Busy)?;
        let core = Arc::clone(&self.cores).acquire_owned().await.map_err(|_| Refusal::Busy)?;
        let this = self.clone();
        task::spawn_blocking(move || {
            let mut memory = this.spare().pop().unwrap_or_default();
            let done = work(&mut memory);
            let mut spare = this.spare();
            let (cores, _) = this.all;
            if this.in_hand() > cores {
                spare.push(memory);
            } else {
                spare.clear();
                drop(memory);
            }
            drop(spare);
            // Held by the work, not by the caller: a client that hangs up does not free a core in use.
            drop((place, core));
            done
        })
        .await
        .map_err(|e| Refusal::Hash(e.to_string()))?
    }
}

fn hash_now(password: &[u8], memory: &mut Memory) -> Result<String, Refusal> {
    let mut hash = || -> password_hash::Result<PasswordHash> {
        let params = Params::new(MEMORY_KIB, PASSES, LANES, None)?;
        let salt = Salt::new(&rand::random::<[u8; 16]>())?;
        let (algorithm, version) = (Algorithm::Argon2id, Version::V0x13);
        let output = work_out(password, &salt, algorithm, version, &params, memory)?;
        Ok(PasswordHash {
            algorithm: algorithm.ident(),
            version: Some(version.into()),
            params: ParamsString::try_from(&params)?,
            salt: Some(salt),
            hash: Some(output),
        })
    };
    Ok(hash().map_err(|e| Refusal::Hash(e.to_string()))?.to_string())
}

fn check_now(password: &[u8], stored: &str, memory: &mut Memory) -> Result<bool, Refusal> {
    let mut check = || -> password_hash::Result<bool> {
        let stored = PasswordHash::new(stored)?;
        let (Some(salt), Some(hash)) = (&stored.salt, &stored.hash) else {
            return Err(password_hash::Error::EncodingInvalid);
        };
        let algorithm = Algorithm::try_from(stored.algorithm.as_str())?;
        let version = stored.version.map(Version::try_from).transpose()?.unwrap_or_default();
        let params = Params::try_from(&stored)?;
        // Outputs are compared in constant time.
        Ok(work_out(password, salt, algorithm, version, &params, memory)? == *hash)
    };
    check().map_err(|e| Refusal::Hash(e.to_string()))
}

/// What argon2 makes of a password.
fn work_out(
    password: &[u8],
    salt: &Salt,
    algorithm: Algorithm,
    version: Version,
    params: &Params,
    memory: &mut Memory,
) -> password_hash::Result<Output> {
    let blocks = params.block_count();
    if memory.len() < blocks {
        memory.reserve_exact(blocks.max(RESERVED).saturating_sub(memory.len()));
        memory.resize(blocks, Block::new());
    }
    let length = params.output_len().unwrap_or(Params::DEFAULT_OUTPUT_LEN);
    let argon2 = Argon2::new(algorithm, version, params.clone());
    let mut buffer = [0; Output::MAX_LENGTH];
    let out = buffer.get_mut(..length).ok_or(password_hash::Error::OutputSize)?;
    argon2.hash_password_into_with_memory(password, salt, out, memory)?;
    Ok(Output::new(out)?)
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
    async fn a_hash_of_anybody_elses_argon2_is_read() {
        // From the tests of the reference implementation.
        let hash = "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc";
        let passwords = Passwords::new().unwrap();
        assert!(passwords.check("password".into(), Some(hash.into())).await.unwrap());
        assert!(!passwords.check("passwore".into(), Some(hash.into())).await.unwrap());
    }

    #[tokio::test]
    async fn memory_is_handed_on_while_others_wait_and_given_back_when_nobody_does() {
        let passwords = Passwords::with_limits(2, 10).unwrap();
        let all: Vec<_> = (0..10)
            .map(|_| {
                let passwords = passwords.clone();
                tokio::spawn(async move { passwords.hash("12345678".into()).await })
            })
            .collect();
        for one in all {
            one.await.unwrap().unwrap();
            assert!(passwords.spare().len() <= 2);
        }
        assert_eq!((passwords.spare().len(), passwords.in_hand()), (0, 0));
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
