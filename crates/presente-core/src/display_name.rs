//! Names come from strangers: what is shown of them is one line of visible text that cannot reorder its
//! surroundings.

use std::borrow::Cow;

/// The longest name that is shown, in characters.
pub const MAX_NAME_CHARS: usize = 128;

/// Makes a name fit to be shown: control characters and bidirectional controls go, white space runs become
/// one space, and what is longer than [`MAX_NAME_CHARS`] is cut with an ellipsis.
pub fn clean_name<'a>(raw: impl Into<Cow<'a, str>>) -> Cow<'a, str> {
    let raw = raw.into();
    if is_clean(&raw) { raw } else { Cow::Owned(clean(&raw, MAX_NAME_CHARS)) }
}

/// Whether [`clean`] would leave a name as it is; nearly all names are such.
fn is_clean(name: &str) -> bool {
    if name.len() <= MAX_NAME_CHARS && is_plain(name) {
        return true;
    }
    let (mut chars, mut gap) = (0, true);
    for c in name.chars() {
        chars += 1;
        let is_space = c == ' ';
        let goes =
            if is_space { gap } else { c.is_whitespace() || c.is_control() || is_invisible_control(c) };
        if goes {
            return false;
        }
        gap = is_space;
    }
    chars <= MAX_NAME_CHARS && (!gap || name.is_empty())
}

/// Whether a text has nothing but printable ASCII and characters from U+00C0 to U+05FF (Latin, Greek, Cyrillic,
/// Armenian, Hebrew), among which nothing is to be cleaned, with single spaces inside. A lookup for each byte, without
/// a branch, takes less than half the time of looking at each character.
fn is_plain(text: &str) -> bool {
    let (mut found, mut before) = (0, SPACE);
    for byte in text.bytes() {
        let kind = BYTES.get(usize::from(byte)).copied().unwrap_or(OTHER);
        // A space is one too many only after another one, or at the start.
        found |= kind & (OTHER | before);
        before = kind;
    }
    found == 0 && before & SPACE == 0
}

/// The kinds of bytes in UTF-8: of a character that stays, a space, and of one that has to be looked at.
#[expect(clippy::indexing_slicing, reason = "evaluated by the compiler, which would complain")]
const BYTES: [u8; 256] = {
    let mut kinds = [OTHER; 256];
    let mut byte = 0;
    while byte < kinds.len() {
        match byte {
            0x20 => kinds[byte] = SPACE,
            0x21..=0x7E | 0x80..=0xBF | 0xC3..=0xD7 => kinds[byte] = 0,
            _ => {}
        }
        byte += 1;
    }
    kinds
};
const SPACE: u8 = 1;
const OTHER: u8 = 2;

/// The same for a message of somebody, at most `max_chars` characters long.
pub fn clean(raw: &str, max_chars: usize) -> String {
    let mut clean = String::with_capacity(raw.len().min(max_chars * 4));
    let mut chars = 0;
    let mut gap = false;
    for c in raw.chars() {
        if c.is_whitespace() || c.is_control() {
            gap = !clean.is_empty();
            continue;
        }
        if is_invisible_control(c) {
            continue;
        }
        if chars + usize::from(gap) >= max_chars {
            clean.push('…');
            break;
        }
        if gap {
            clean.push(' ');
            chars += 1;
            gap = false;
        }
        clean.push(c);
        chars += 1;
    }
    clean
}

/// Characters that change how their neighbours are ordered or that show nothing at all.
/// Joiners (U+200C, U+200D) stay: several scripts cannot be written without them.
fn is_invisible_control(c: char) -> bool {
    matches!(c,
        '\u{061C}' | '\u{200B}' | '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{FEFF}' | '\u{FFF9}'..='\u{FFFB}'
        | '\u{E0000}'..='\u{E007F}')
}

/// Up to two letters that stand for a name where there is no picture.
pub fn initials(name: &str) -> String {
    let mut words = name.split_whitespace().filter_map(|word| word.chars().find(|c| c.is_alphanumeric()));
    let first = words.next();
    let last = words.next_back();
    let letters: String = first.into_iter().chain(last).flat_map(char::to_uppercase).take(2).collect();
    if letters.is_empty() { "?".to_owned() } else { letters }
}

/// A hue in degrees that stays the same for the same identity (FNV-1a), so that a face keeps its colour.
pub fn hue(identity: &str) -> u16 {
    let hash = identity.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    u16::try_from(hash % 360).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn names_are_shown_as_one_line_without_tricks() {
        for (raw, shown) in [
            ("Ana Ríos", "Ana Ríos"),
            ("  Ana \n\t Ríos ", "Ana Ríos"),
            ("\u{202E}gpj.exe", "gpj.exe"),
            ("a\u{2066}b\u{2069}c\u{0000}d", "abc d"),
            ("<img src=x onerror=alert(1)>", "<img src=x onerror=alert(1)>"),
            ("عمر \u{200F}خالد", "عمر خالد"),
            ("\u{200B}", ""),
        ] {
            assert_eq!(clean_name(raw), shown, "raw {raw:?}");
        }
    }

    #[test]
    fn initials_take_the_first_and_the_last_word() {
        for (name, letters) in [
            ("Ana Ríos", "AR"),
            ("Beto", "B"),
            ("María del Carmen Ñúñez", "MÑ"),
            ("<img src=x onerror=alert(1)>", "IO"),
            ("…", "?"),
            ("", "?"),
        ] {
            assert_eq!(initials(name), letters, "name {name:?}");
        }
    }

    #[test]
    fn a_name_with_any_character_is_clean_exactly_if_cleaning_leaves_it_as_it_is() {
        for c in '\0'..=char::MAX {
            for name in [format!("a{c}b"), format!("{c}")] {
                assert_eq!(is_clean(&name), clean(&name, MAX_NAME_CHARS) == name, "U+{:04X}", u32::from(c));
            }
        }
    }

    proptest! {
        #[test]
        fn a_shown_name_is_short_and_visible(raw in "\\PC*|.*|[a \u{2009}\u{200B}]{0,140}") {
            let shown = clean_name(&raw);
            prop_assert_eq!(&shown, &clean(&raw, MAX_NAME_CHARS));
            prop_assert!(shown.chars().count() <= MAX_NAME_CHARS + 1);
            prop_assert!(!shown.chars().any(|c| c.is_control() || is_invisible_control(c)));
            prop_assert!(hue(&shown) < 360);
            prop_assert!(initials(&shown).chars().count() <= 2);
        }
    }
}
