//! What the server says by itself, in Spanish (the default) and English.

use crate::words::{Arg, Words};

/// A language the server speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Language {
    Spanish,
    English,
}

impl Language {
    /// Its code, as HTML and Fluent name languages.
    pub(crate) fn code(self) -> &'static str {
        match self {
            Self::Spanish => "es",
            Self::English => "en",
        }
    }

    /// The best of ours for an `Accept-Language` header; Spanish when it names neither.
    pub(crate) fn accepted(header: Option<&str>) -> Self {
        let mut best = (0.0, Self::Spanish);
        for item in header.unwrap_or_default().split(',') {
            let mut parts = item.split(';').map(str::trim);
            let primary = parts.next().unwrap_or_default().split(['-', '_']).next().unwrap_or_default();
            let weight = parts.find_map(|p| p.strip_prefix("q=")).map_or(1.0, |q| q.parse().unwrap_or(0.0));
            let language = match primary.to_ascii_lowercase().as_str() {
                "es" => Self::Spanish,
                "en" => Self::English,
                _ => continue,
            };
            // Strictly more: of equals, the first one named wins.
            if weight > best.0 {
                best = (weight, language);
            }
        }
        best.1
    }
}

/// Makes [`Phrase`] out of the names of its phrases and the ids of their messages.
macro_rules! phrases {
    ($($name:ident = $id:literal),* $(,)?) => {
        /// One thing the server says. Its words are the message with its id in `locales/*/server.ftl`.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(crate) enum Phrase {
            $($name),*
        }

        impl Phrase {
            /// Every phrase.
            #[cfg(test)]
            pub(crate) const ALL: &[Self] = &[$(Self::$name),*];

            /// The id of its message.
            pub(crate) fn id(self) -> &'static str {
                match self {
                    $(Self::$name => $id),*
                }
            }
        }
    };
}

phrases! {
    AccountCreated = "account-created",
    SignedIn = "signed-in",
    WrongCredentials = "wrong-credentials",
    EmailTaken = "email-taken",
    BadName = "bad-name",
    BadEmail = "bad-email",
    BadPassword = "bad-password",
    IncompleteRequest = "incomplete-request",
    RequestTooLarge = "request-too-large",
    RequestTooSlow = "request-too-slow",
    NotYourSession = "not-your-session",
    SignInAgain = "sign-in-again",
    TokenMissing = "token-missing",
    Busy = "busy",
    TooManyRequests = "too-many-requests",
    TooManySignUps = "too-many-sign-ups",
    TooManySignIns = "too-many-sign-ins",
    TooManySockets = "too-many-sockets",
    TooManyEvents = "too-many-events",
    TooManyAnnouncements = "too-many-announcements",
    Failure = "failure",
    NotFound = "not-found",
    UnknownCode = "unknown-code",
    AccountCreatedVerify = "account-created-verify",
    AccountDisabled = "account-disabled",
    VerifyFirst = "verify-first",
    WaitBeforeSignIn = "wait-before-sign-in",
    VerifySubject = "verify-subject",
    VerifyLetter = "verify-letter",
    Greeting = "greeting",
    ServerName = "server-name",
    NoClientLibrary = "no-client-library",
    MessageTooLarge = "message-too-large",
    MessageUnreadable = "message-unreadable",
    MessageNotAllowed = "message-not-allowed",
    BadPresence = "bad-presence",
    BadView = "bad-view",
    SomebodyUnnamed = "somebody-unnamed",
}

impl Phrase {
    /// The words in `language`, of a phrase that takes no values.
    pub(crate) fn text(self, language: Language) -> &'static str {
        Words::in_language(language).get(self.id())
    }

    /// The words in `language`, with the values that its message takes.
    pub(crate) fn with(self, language: Language, values: &[(&str, Arg<'_>)]) -> String {
        Words::in_language(language).with(self.id(), values)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_language_is_the_heaviest_of_ours_and_spanish_otherwise() {
        for (header, expected) in [
            (None, Language::Spanish),
            (Some(""), Language::Spanish),
            (Some("fr, de"), Language::Spanish),
            (Some("en"), Language::English),
            (Some("EN-gb"), Language::English),
            (Some("es-MX, en;q=0.8"), Language::Spanish),
            (Some("es;q=0.3, en;q=0.8"), Language::English),
            (Some("fr, en;q=0.5"), Language::English),
            (Some("en, es"), Language::English),
            (Some("en;q=0"), Language::Spanish),
            (Some("en;q=x"), Language::Spanish),
            (Some(";;,,;q="), Language::Spanish),
        ] {
            assert_eq!(Language::accepted(header), expected, "{header:?}");
        }
    }
}
