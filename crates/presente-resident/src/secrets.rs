//! Secrets in the system's keyring.

use keyring::{Entry, Error};
use presente_core::secrets::{SecretStore, SecretStoreError};
use secrecy::{ExposeSecret, SecretString};

/// By which the keyring groups our entries.
const SERVICE: &str = "presente";

/// The keyring of the desktop: Secret Service, Keychain or Credential Manager.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Keyring;

fn unavailable(error: &Error) -> SecretStoreError {
    SecretStoreError { reason: error.to_string() }
}

impl SecretStore for Keyring {
    fn load(&self, account: &str) -> Result<Option<SecretString>, SecretStoreError> {
        match Entry::new(SERVICE, account).and_then(|entry| entry.get_password()) {
            Ok(secret) => Ok(Some(SecretString::from(secret))),
            Err(Error::NoEntry) => Ok(None),
            Err(error) => Err(unavailable(&error)),
        }
    }

    fn save(&self, account: &str, secret: &SecretString) -> Result<(), SecretStoreError> {
        Entry::new(SERVICE, account)
            .and_then(|entry| entry.set_password(secret.expose_secret()))
            .map_err(|error| unavailable(&error))
    }

    fn delete(&self, account: &str) -> Result<(), SecretStoreError> {
        match Entry::new(SERVICE, account).and_then(|entry| entry.delete_credential()) {
            Ok(()) | Err(Error::NoEntry) => Ok(()),
            Err(error) => Err(unavailable(&error)),
        }
    }
}
