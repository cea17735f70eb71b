//! Tokens and ids: how they are made, and the only form in which a token is stored.

use std::{fmt, fmt::Write as _, sync::Arc};

use sha2::{Digest, Sha256};

/// A session's token: 32 random bytes in hex. Whoever holds it is the session, so it is never logged.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Token(String);

impl Token {
    /// A new token from the system's secure randomness.
    pub(crate) fn random() -> Self {
        Self(hex(&rand::random::<[u8; 32]>()))
    }

    /// What a client presented; `None` when it is empty, which clients send for "no token".
    pub(crate) fn presented(text: &str) -> Option<Self> {
        let text = text.trim();
        (!text.is_empty()).then(|| Self(text.to_owned()))
    }

    /// The form that is stored: SHA-256. A slow hash is not needed, as a token cannot be guessed.
    pub(crate) fn hash(&self) -> Vec<u8> {
        Sha256::digest(self.0.as_bytes()).to_vec()
    }

    /// The token itself, for the one answer that hands it out.
    pub(crate) fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(…)")
    }
}

/// A new id of 24 hex digits, the shape that clients of the field expect.
pub(crate) fn new_id() -> Arc<str> {
    hex(&rand::random::<[u8; 12]>()).into()
}

/// A new unguessable code for a verification link.
pub(crate) fn new_code() -> String {
    hex(&rand::random::<[u8; 16]>())
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_long_random_and_does_not_print_itself() {
        let (one, two) = (Token::random(), Token::random());
        assert_eq!(one.reveal().len(), 64);
        assert_ne!(one, two);
        assert_ne!(one.hash(), two.hash());
        assert!(!format!("{one:?}").contains(one.reveal()));
        assert_eq!(new_id().len(), 24);
    }

    #[test]
    fn an_empty_token_is_no_token() {
        assert_eq!(Token::presented("  "), None);
        assert_eq!(Token::presented(" a ").as_ref().map(Token::reveal), Some("a"));
    }
}
