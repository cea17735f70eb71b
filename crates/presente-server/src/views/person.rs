//! Somebody in a list that is looked at in parts: their row, their place, and the words that find them.

use std::sync::Arc;

use presente_wire::{Row, Sort};
use unicode_normalization::{UnicodeNormalization as _, char::is_combining_mark};

/// Somebody who is online.
#[derive(Debug)]
pub(super) struct Person {
    pub(super) row: Arc<Row>,
    name: Arc<str>,
    email: Box<str>,
}

/// Where somebody stands in a list: what comes first counts first.
pub(super) type Place<'p> = (u8, &'p str, &'p str);

/// A place that outlives the person.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Key {
    rank: u8,
    name: Arc<str>,
    id: Box<str>,
}

/// What a client looks for: lists of equal queries are the same.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Query {
    sort: Sort,
    /// All of them have to be found; sorted, because their order makes no difference.
    words: Vec<Box<str>>,
}

impl Person {
    pub(super) fn new(row: Arc<Row>) -> Self {
        let name = fold(format!("{} {}", row.first_name, row.last_name).trim());
        Self { name: name.into(), email: fold(&row.email).into(), row }
    }

    /// The place in lists of this order.
    pub(super) fn place(&self, sort: Sort) -> Place<'_> {
        (self.rank(sort), &self.name, &self.row.id)
    }

    /// The same, to keep.
    pub(super) fn key(&self, sort: Sort) -> Key {
        Key { rank: self.rank(sort), name: Arc::clone(&self.name), id: self.row.id.as_str().into() }
    }

    fn rank(&self, sort: Sort) -> u8 {
        match sort {
            Sort::Name => 0,
            Sort::Availability => self.row.availability as u8,
        }
    }
}

impl Key {
    pub(super) fn place(&self) -> Place<'_> {
        (self.rank, &self.name, &self.id)
    }
}

impl Query {
    pub(super) fn new(sort: Sort, text: &str) -> Self {
        let mut words: Vec<Box<str>> = fold(text).split_whitespace().map(Box::from).collect();
        words.sort_unstable();
        words.dedup();
        Self { sort, words }
    }

    /// Everybody in this order.
    pub(super) fn everybody(sort: Sort) -> Self {
        Self { sort, words: Vec::new() }
    }

    pub(super) fn sort(&self) -> Sort {
        self.sort
    }

    pub(super) fn finds(&self, person: &Person) -> bool {
        self.words.iter().all(|word| person.name.contains(&**word) || person.email.contains(&**word))
    }
}

/// The text without what makes no difference: letters lose their marks (Unicode's compatibility decomposition without
/// its combining marks) and become small. "Ñandú" is "nandu"; a letter that is not made of parts, as "ø", stays.
pub(super) fn fold(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    text.nfkd().filter(|c| !is_combining_mark(*c)).flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_and_accents_make_no_difference() {
        for (text, folded) in [
            ("Ana", "ana"),
            ("ÁNGELA Núñez", "angela nunez"),
            ("A\u{301}ngela", "angela"),
            ("Ｆｕｌｌ", "full"),
            ("İpek", "ipek"),
            ("Øystein", "øystein"),
            ("Ζωή", "ζωη"),
            ("王", "王"),
        ] {
            assert_eq!(fold(text), folded);
        }
    }

    #[test]
    fn every_word_has_to_be_found_in_the_name_or_the_address() {
        let ana = Person::new(Arc::new(Row {
            id: "1".into(),
            first_name: "Ana María".into(),
            last_name: "Ríos".into(),
            email: "amr@a.example".into(),
            availability: Default::default(),
            status_line: "at work".into(),
        }));
        let finds = |text: &str| Query::new(Sort::Name, text).finds(&ana);
        for text in ["", "  ", "ANA", "rios ana", "mar\u{ed}a  r\u{ed}os", "aMr@ R\u{ed}", "example"] {
            assert!(finds(text), "{text:?}");
        }
        for text in ["ana z", "work", "anamar", "anariosx"] {
            assert!(!finds(text), "{text:?}");
        }
        assert_eq!(Query::new(Sort::Name, " Ríos ana ana"), Query::new(Sort::Name, "ANA rios"));
    }
}
