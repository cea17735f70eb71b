//! Words as they are compared: without case and accents. And what is searched for.

use compact_str::CompactString;
use unicode_normalization::char::{canonical_combining_class, decompose_compatible};

/// The most characters of a search that are looked at.
const MAX_SEARCH_CHARS: usize = 100;

/// The text without case and accents.
pub(crate) fn folded(text: &str) -> CompactString {
    if text.is_ascii() {
        let mut folded = CompactString::from(text);
        folded.make_ascii_lowercase();
        return folded;
    }
    let mut folded = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_ascii() {
            folded.push(c.to_ascii_lowercase());
            continue;
        }
        // Character by character: what would have to be put in order are the marks, and they go. Vowel signs of scripts
        // that write them as marks are no accents, and have class 0.
        let is_mark = |c: char| canonical_combining_class(c) != 0;
        decompose_compatible(c, |part| {
            if part.is_ascii() {
                folded.push(part.to_ascii_lowercase());
            } else if !is_mark(part) {
                folded.extend(part.to_lowercase().filter(|c| !is_mark(*c)));
            }
        });
    }
    folded.into()
}

/// What is searched for: words that are all to be found somewhere, in any order. None are found in everybody.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Query {
    words: Vec<String>,
}

impl Query {
    pub(super) fn new(text: &str) -> Self {
        let text: String = text.chars().take(MAX_SEARCH_CHARS).collect();
        Self { words: folded(&text).split_whitespace().map(ToOwned::to_owned).collect() }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.words.is_empty()
    }

    /// The words, folded.
    pub(super) fn words(&self) -> impl Iterator<Item = &str> {
        self.words.iter().map(String::as_str)
    }

    /// Whether nobody is found by this who was not found by that.
    pub(super) fn narrows(&self, before: &Self) -> bool {
        let kept = |word: &String| self.words.iter().any(|now| now.contains(word.as_str()));
        !before.is_empty() && before.words.iter().all(kept)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_compared_without_case_and_accents() {
        for (text, same) in [
            ("Ana", "ana"),
            ("José Ñúñez", "jose nunez"),
            ("ÁÉÍÓÚ", "aeiou"),
            ("İstanbul", "istanbul"),
            ("ﬁn", "fin"),
            ("Ａｎａ", "ana"),
            ("𝐀na", "ana"),
            ("हिन्दी", "हिनदी"),
            ("Zoë\u{308}", "zoe"),
            ("Łódź ŒŸſĿ", "łodz œysl·"),
        ] {
            assert_eq!(folded(text), same, "{text}");
            assert_eq!(folded(&folded(text)), same, "{text}, folded twice");
        }
    }

    #[test]
    fn a_search_finds_all_its_words_in_any_order() {
        for (search, text, found) in [
            ("", "ana rios", true),
            ("  ", "ana rios", true),
            ("RÍ an", "ana rios", true),
            ("ana x", "ana rios", false),
            ("anar", "ana rios", false),
        ] {
            let query = Query::new(search);
            assert_eq!(query.words().all(|word| text.contains(word)), found, "{search:?} in {text:?}");
        }
    }

    #[test]
    fn a_search_that_goes_on_narrows_the_one_before() {
        for (now, before, narrows) in [
            ("an", "a", true),
            ("an b", "an", true),
            ("b an", "an", true),
            ("a", "an", false),
            ("ab", "a c", false),
            ("a", "", false),
        ] {
            assert_eq!(Query::new(now).narrows(&Query::new(before)), narrows, "{now:?} after {before:?}");
        }
    }
}
