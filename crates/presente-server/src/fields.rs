//! What people may write into a form: names, addresses, passwords. Pure.

use std::ops::RangeInclusive;

/// Most characters of a first or last name.
const NAME_CHARS: usize = 128;
/// Most bytes of an e-mail address.
const EMAIL_BYTES: usize = 254;
/// Bytes a new password may have. The upper end keeps hashing cheap, not people from long sentences.
pub(crate) const PASSWORD_BYTES: RangeInclusive<usize> = 8..=1024;

/// Whether `c` changes how the text around it is laid out without being seen itself.
fn is_bidi_control(c: char) -> bool {
    matches!(c, '\u{061c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// The name without control and bidi control characters and outer spaces; `None` when it is too long.
pub(crate) fn clean_name(name: &str) -> Option<String> {
    let clean: String = name.chars().filter(|&c| !c.is_control() && !is_bidi_control(c)).collect();
    let clean = clean.trim();
    (clean.chars().count() <= NAME_CHARS).then(|| clean.to_owned())
}

/// The address as it is stored and compared: trimmed, lower case.
pub(crate) fn normalise_email(email: &str) -> String {
    email.trim().to_lowercase()
}

/// The normalised address, or `None` when it cannot be one. Only the shape is checked.
pub(crate) fn valid_email(email: &str) -> Option<String> {
    let email = normalise_email(email);
    let (local, domain) = email.split_once('@')?;
    let strange = |c: char| c.is_control() || c.is_whitespace() || c == '@' || is_bidi_control(c);
    let plain = |part: &str| !part.is_empty() && !part.contains(strange);
    (email.len() <= EMAIL_BYTES && plain(local) && plain(domain)).then_some(email)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_lose_what_cannot_be_seen_and_are_refused_when_too_long() {
        assert_eq!(clean_name("  Ana\u{202e}\n Ríos\u{0} ").as_deref(), Some("Ana Ríos"));
        assert_eq!(clean_name("\u{2066}\u{200f}").as_deref(), Some(""));
        assert_eq!(clean_name(&"ñ".repeat(128)), Some("ñ".repeat(128)));
        assert_eq!(clean_name(&"ñ".repeat(129)), None);
    }

    #[test]
    fn addresses_are_compared_in_one_spelling() {
        assert_eq!(valid_email(" Ana@Demo.Example ").as_deref(), Some("ana@demo.example"));
        assert_eq!(valid_email("ana@localhost").as_deref(), Some("ana@localhost"));
        for bad in ["", "ana", "@demo", "ana@", "a@b@c", "a b@c", "a@b\nc", "a\u{202e}@b"] {
            assert_eq!(valid_email(bad), None, "{bad:?}");
        }
        assert_eq!(valid_email(&format!("{}@b.c", "a".repeat(251))), None);
    }
}
