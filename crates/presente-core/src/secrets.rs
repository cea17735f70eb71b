//! Where secrets are kept between runs: behind a trait, so that the shell can bring the system's keyring.

use secrecy::{ExposeSecret, SecretString};
use std::{collections::BTreeMap, sync::Mutex};

/// The store cannot be used now (none is running, locked, refused). The words are for the log.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("no secret store: {reason}")]
pub struct SecretStoreError {
    /// The store's own words; never a secret.
    pub reason: String,
}

/// Keeps secrets by account. Calls may block; the core makes them off its own task.
pub trait SecretStore: Send + Sync {
    /// The secret of an account, if one is kept.
    ///
    /// # Errors
    /// The store cannot be used.
    fn load(&self, account: &str) -> Result<Option<SecretString>, SecretStoreError>;
    /// Keeps a secret, in place of an earlier one.
    ///
    /// # Errors
    /// The store cannot be used.
    fn save(&self, account: &str, secret: &SecretString) -> Result<(), SecretStoreError>;
    /// Forgets; forgetting what is not there is fine.
    ///
    /// # Errors
    /// The store cannot be used.
    fn delete(&self, account: &str) -> Result<(), SecretStoreError>;
}

/// Keeps secrets until the process ends: for the terminal and for tests.
#[derive(Debug, Default)]
pub struct MemorySecrets {
    kept: Mutex<BTreeMap<String, SecretString>>,
}

impl MemorySecrets {
    fn kept(&self) -> std::sync::MutexGuard<'_, BTreeMap<String, SecretString>> {
        self.kept.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

impl SecretStore for MemorySecrets {
    fn load(&self, account: &str) -> Result<Option<SecretString>, SecretStoreError> {
        Ok(self.kept().get(account).cloned())
    }

    fn save(&self, account: &str, secret: &SecretString) -> Result<(), SecretStoreError> {
        self.kept().insert(account.to_owned(), secret.clone());
        Ok(())
    }

    fn delete(&self, account: &str) -> Result<(), SecretStoreError> {
        self.kept().remove(account);
        Ok(())
    }
}

/// What is kept of an account: the password, because going online again needs it on some servers, and the
/// token, because watching while appearing offline needs it on others.
#[derive(Debug, Clone)]
pub struct AccountSecret {
    /// The password.
    pub password: SecretString,
    /// The session token, if there is one.
    pub token: Option<SecretString>,
}

impl AccountSecret {
    /// As one text for a [`SecretStore`].
    pub fn to_text(&self) -> SecretString {
        let token = self.token.as_ref().map(ExposeSecret::expose_secret);
        let json = serde_json::json!({ "password": self.password.expose_secret(), "token": token });
        SecretString::from(json.to_string())
    }

    /// Reads what [`Self::to_text`] wrote; `None` if it is something else.
    pub fn from_text(text: &SecretString) -> Option<Self> {
        let json: serde_json::Value = serde_json::from_str(text.expose_secret()).ok()?;
        let field = |name: &str| json.get(name)?.as_str().map(SecretString::from);
        Some(Self { password: field("password")?, token: field("token") })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_survives_the_store_and_foreign_text_is_no_secret() {
        for token in [None, Some(SecretString::from("t\"0"))] {
            let secret = AccountSecret { password: SecretString::from("p\"w\\"), token: token.clone() };
            let read = AccountSecret::from_text(&secret.to_text()).unwrap();
            assert_eq!(read.password.expose_secret(), "p\"w\\");
            assert_eq!(
                read.token.map(|t| t.expose_secret().to_owned()),
                token.map(|t| t.expose_secret().to_owned())
            );
        }
        for foreign in ["", "hunter2", "{}", "{\"password\":1}"] {
            assert!(AccountSecret::from_text(&SecretString::from(foreign)).is_none(), "{foreign:?}");
        }
    }
}
