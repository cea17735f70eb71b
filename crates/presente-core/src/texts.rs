//! The words of the app, from one set of Fluent files for window, tray, notifications, errors and terminal.

use crate::settings::Language;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue, concurrent::FluentBundle};
use std::collections::BTreeMap;
use std::sync::Arc;
use unic_langid::LanguageIdentifier;

/// The language files: Fluent text by language.
const LANGUAGES: [(&str, [&str; 2]); 2] = [
    ("en", [include_str!("../../../locales/en/core.ftl"), include_str!("../../../locales/en/page.ftl")]),
    ("es", [include_str!("../../../locales/es/core.ftl"), include_str!("../../../locales/es/page.ftl")]),
];

/// A value inside a sentence.
#[derive(Debug, Clone, Copy)]
pub enum Arg<'a> {
    /// Text, shown as it is.
    Text(&'a str),
    /// A count, which also chooses the plural.
    Count(usize),
}

impl<'a> From<&'a String> for Arg<'a> {
    fn from(text: &'a String) -> Self {
        Self::Text(text)
    }
}

impl<'a> From<&'a str> for Arg<'a> {
    fn from(text: &'a str) -> Self {
        Self::Text(text)
    }
}

impl From<usize> for Arg<'_> {
    fn from(count: usize) -> Self {
        Self::Count(count)
    }
}

/// The sentences of one language. Cheap to clone.
#[derive(Clone)]
pub struct Texts {
    language: &'static str,
    bundle: Arc<FluentBundle<FluentResource>>,
}

/// Those of one language are the same.
impl PartialEq for Texts {
    fn eq(&self, other: &Self) -> bool {
        self.language == other.language
    }
}

impl std::fmt::Debug for Texts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Texts({})", self.language)
    }
}

impl Texts {
    /// The sentences of the user's language, by the system's settings; English where it is none of ours.
    pub fn of_system() -> Self {
        Self::for_locale(&sys_locale::get_locale().unwrap_or_default())
    }

    /// The sentences of the language that was chosen.
    pub fn chosen(language: Language) -> Self {
        match language {
            Language::System => Self::of_system(),
            Language::En => Self::for_locale("en"),
            Language::Es => Self::for_locale("es"),
        }
    }

    /// The sentences for a locale like `es_MX.UTF-8` or `en-GB`.
    pub fn for_locale(locale: &str) -> Self {
        let language = if locale.to_ascii_lowercase().starts_with("es") { "es" } else { "en" };
        let (language, files) =
            LANGUAGES.into_iter().find(|(known, _)| *known == language).unwrap_or(LANGUAGES[0]);
        // Chooses the plural rules; the default rules are good enough for what does not parse.
        let id: LanguageIdentifier = language.parse().unwrap_or_default();
        let mut bundle = FluentBundle::new_concurrent(vec![id]);
        // Names are isolated by who shows them; addresses in sentences must stay copyable.
        bundle.set_use_isolating(false);
        for file in files {
            // What does parse is used; a test keeps the files free of errors.
            let resource = FluentResource::try_new(file.to_owned()).unwrap_or_else(|(resource, _)| resource);
            bundle.add_resource_overriding(resource);
        }
        Self { language, bundle: Arc::new(bundle) }
    }

    /// The language's code, `en` or `es`.
    pub fn language(&self) -> &'static str {
        self.language
    }

    /// A sentence without values.
    pub fn get(&self, id: &str) -> String {
        self.with(id, &[])
    }

    /// A sentence with values. An id that is missing is shown as it is: visible, never a panic.
    pub fn with(&self, id: &str, values: &[(&str, Arg<'_>)]) -> String {
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

    /// All sentences whose id starts with `prefix`: the static texts of the page.
    pub fn all(&self, prefix: &str) -> BTreeMap<String, String> {
        ids(self.language)
            .filter(|id| id.starts_with(prefix))
            .map(|id| (id.to_owned(), self.get(id)))
            .collect()
    }
}

/// The ids that a language's files define. Each message starts a line with `id = `.
fn ids(language: &str) -> impl Iterator<Item = &'static str> {
    let files = LANGUAGES.into_iter().find(|(known, _)| *known == language).map(|(_, files)| files);
    files.into_iter().flatten().flat_map(str::lines).filter_map(|line| {
        let (id, _) = line.split_once('=')?;
        let id = id.trim_end();
        let message = id.starts_with(|c: char| c.is_ascii_lowercase())
            && id.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
        message.then_some(id)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn both_languages_say_the_same_things() {
        let [en, es]: [BTreeSet<_>; 2] = ["en", "es"].map(|language| ids(language).collect());
        assert_eq!(en.difference(&es).collect::<Vec<_>>(), Vec::<&&str>::new(), "missing in es");
        assert_eq!(es.difference(&en).collect::<Vec<_>>(), Vec::<&&str>::new(), "missing in en");
        assert!(en.len() > 50, "the files were read");
    }

    #[test]
    fn every_file_parses_without_errors_and_uses_the_same_values() {
        let variables = |text: &'static str| -> BTreeMap<&str, BTreeSet<&str>> {
            let mut found = BTreeMap::<_, BTreeSet<_>>::new();
            let mut current = "";
            for line in text.lines() {
                if let Some((id, _)) =
                    line.split_once('=').filter(|(id, _)| id.starts_with(|c: char| c.is_ascii_lowercase()))
                {
                    current = id.trim();
                }
                for part in line.split('$').skip(1) {
                    let name = part.split(|c: char| !c.is_ascii_alphanumeric()).next().unwrap();
                    found.entry(current).or_default().insert(name);
                }
            }
            found
        };
        let [(_, en), (_, es)] = LANGUAGES;
        for (en, es) in en.into_iter().zip(es) {
            for file in [en, es] {
                let errors = FluentResource::try_new(file.to_owned()).err().map(|(_, errors)| errors);
                assert_eq!(errors, None, "in the file that starts {:?}", file.lines().next());
            }
            assert_eq!(variables(en), variables(es));
        }
    }

    #[test]
    fn a_computer_is_called_the_same_everywhere() {
        let (_, es) = LANGUAGES[1];
        for line in es.into_iter().flat_map(str::lines).map(str::to_lowercase) {
            let is_other = ["computador", "ordenador"].iter().any(|word| line.contains(word));
            assert!(!is_other, "“equipo” in both dialects: {line}");
        }
    }

    #[test]
    fn the_language_follows_the_locale() {
        for (locale, language) in
            [("es_MX.UTF-8", "es"), ("es", "es"), ("en_GB", "en"), ("de_DE", "en"), ("C", "en"), ("", "en")]
        {
            assert_eq!(Texts::for_locale(locale).language(), language, "locale {locale:?}");
        }
    }

    #[test]
    fn plurals_follow_the_count() {
        let texts = Texts::for_locale("en");
        assert_ne!(
            texts.with("count-online", &[("count", Arg::Count(1))]),
            texts.with("alert-several", &[("name", Arg::Text("Ana")), ("others", Arg::Count(3))]),
        );
        assert_eq!(
            texts.with("alert-several", &[("name", Arg::Text("Ana")), ("others", Arg::Count(1))]),
            "Ana and 1 other are online"
        );
    }
}
