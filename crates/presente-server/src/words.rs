//! The words of the server and of its web page, from Fluent files that are compiled in.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::LazyLock,
};

use fluent_bundle::{FluentArgs, FluentResource, FluentValue, concurrent::FluentBundle};
use unic_langid::LanguageIdentifier;

use crate::messages::Language;

/// The files of each language: what the server says, and what stands on its page.
const FILES: [(Language, [&str; 2]); 2] = [
    (
        Language::Spanish,
        [include_str!("../../../locales/es/server.ftl"), include_str!("../../../locales/es/web.ftl")],
    ),
    (
        Language::English,
        [include_str!("../../../locales/en/server.ftl"), include_str!("../../../locales/en/web.ftl")],
    ),
];

static WORDS: LazyLock<[Words; 2]> =
    LazyLock::new(|| FILES.map(|(language, files)| Words::of(language, files)));

/// A value inside a sentence.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Arg<'a> {
    /// Text, shown as it is.
    Text(&'a str),
    /// A number, which also chooses the plural.
    Count(u64),
}

impl<'a> From<&'a str> for Arg<'a> {
    fn from(text: &'a str) -> Self {
        Self::Text(text)
    }
}

impl From<u64> for Arg<'_> {
    fn from(count: u64) -> Self {
        Self::Count(count)
    }
}

/// The sentences of one language.
pub(crate) struct Words {
    bundle: FluentBundle<FluentResource>,
    /// Every message as it is without values: most have none, and are said often.
    plain: BTreeMap<String, String>,
}

impl Words {
    /// Those of `language`.
    pub(crate) fn in_language(language: Language) -> &'static Self {
        let [spanish, english] = &*WORDS;
        match language {
            Language::Spanish => spanish,
            Language::English => english,
        }
    }

    fn of(language: Language, files: [&'static str; 2]) -> Self {
        // Chooses the plural rules; the default rules are good enough for what does not parse.
        let id: LanguageIdentifier = language.code().parse().unwrap_or_default();
        let mut bundle = FluentBundle::new_concurrent(vec![id]);
        // Addresses and links in sentences must stay copyable.
        bundle.set_use_isolating(false);
        for file in files {
            // What does parse is used; a test keeps the files free of errors.
            let resource = FluentResource::try_new(file.to_owned()).unwrap_or_else(|(resource, _)| resource);
            bundle.add_resource_overriding(resource);
        }
        let mut words = Self { bundle, plain: BTreeMap::new() };
        let ids: BTreeSet<&str> = files.into_iter().flat_map(ids).collect();
        words.plain = ids.into_iter().map(|id| (id.to_owned(), words.with(id, &[]))).collect();
        words
    }

    /// A sentence without values. An id that is missing is shown as it is: visible, never a panic.
    pub(crate) fn get<'w>(&'w self, id: &'w str) -> &'w str {
        self.plain.get(id).map_or(id, String::as_str)
    }

    /// The ids of all messages.
    pub(crate) fn ids(&self) -> impl Iterator<Item = &str> {
        self.plain.keys().map(String::as_str)
    }

    /// A sentence with values.
    pub(crate) fn with(&self, id: &str, values: &[(&str, Arg<'_>)]) -> String {
        let Some(pattern) = self.bundle.get_message(id).and_then(|message| message.value()) else {
            return id.to_owned();
        };
        let mut args = FluentArgs::new();
        for (name, value) in values {
            let value = match value {
                Arg::Text(text) => FluentValue::from(*text),
                Arg::Count(count) => FluentValue::from(*count),
            };
            args.set(*name, value);
        }
        self.bundle.format_pattern(pattern, Some(&args), &mut Vec::new()).into_owned()
    }
}

/// The ids that a file defines. Each message starts a line with `id = `.
fn ids(file: &str) -> impl Iterator<Item = &str> {
    file.lines().filter_map(|line| {
        let id = line.split_once('=')?.0.trim_end();
        let is_message = id.starts_with(|c: char| c.is_ascii_lowercase())
            && id.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
        is_message.then_some(id)
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

    use super::*;
    use crate::messages::Phrase;

    /// The values that each message of a file takes, by its id.
    fn values(file: &str) -> BTreeMap<&str, BTreeSet<&str>> {
        let mut found = BTreeMap::<_, BTreeSet<_>>::new();
        let mut current = "";
        for line in file.lines().filter(|line| !line.starts_with('#')) {
            current = ids(line).next().unwrap_or(current);
            let taken = found.entry(current).or_default();
            for part in line.split('$').skip(1) {
                taken.insert(part.split(|c: char| !c.is_ascii_alphanumeric() && c != '-').next().unwrap());
            }
        }
        found
    }

    #[test]
    fn both_languages_have_the_same_messages_with_the_same_values() {
        let [(_, spanish), (_, english)] = FILES;
        for (spanish, english) in spanish.into_iter().zip(english) {
            for file in [spanish, english] {
                let errors = FluentResource::try_new(file.to_owned()).err().map(|(_, errors)| errors);
                assert_eq!(errors, None, "in the file that starts {:?}", file.lines().next());
                assert_eq!(ids(file).count(), ids(file).collect::<BTreeSet<_>>().len(), "an id twice");
            }
            assert_eq!(values(spanish), values(english));
        }
    }

    #[test]
    fn every_phrase_has_its_words_and_no_words_are_left_over() {
        let phrases: BTreeSet<&str> = Phrase::ALL.iter().map(|phrase| phrase.id()).collect();
        let [(_, [server, _]), _] = FILES;
        assert_eq!(phrases, ids(server).collect());
    }

    #[test]
    fn what_is_missing_is_shown_by_its_id() {
        let words = Words::in_language(Language::English);
        assert_eq!(
            (words.get("no-such-words"), words.with("no-such-words", &[]).as_str()),
            ("no-such-words", "no-such-words")
        );
    }
}
