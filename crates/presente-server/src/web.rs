//! The web page at `/`, and the client library that pages of the field load from `/socket.io/`.
//!
//! Everything is in the program. The page is filled with the words of one language here, so that nothing on it has to
//! wait for a script but the list.

use std::{collections::BTreeMap, fmt::Write as _, sync::LazyLock};

use axum::{
    Router,
    body::Bytes,
    extract::{Path, Query},
    http::{
        HeaderMap, HeaderValue, StatusCode, Uri,
        header::{
            CACHE_CONTROL, CONTENT_LANGUAGE, CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG, IF_NONE_MATCH,
            REFERRER_POLICY, VARY, X_CONTENT_TYPE_OPTIONS,
        },
    },
    response::{IntoResponse, Response},
    routing::get,
};
use serde::Deserialize;
use sha2::{Digest as _, Sha256};

use crate::{
    messages::{Language, Phrase},
    words::{Arg, Words},
};

/// Nothing but what comes from this server, no script or style in the page itself, and no other site's frame around
/// it. Names are only ever set as text; trusted types make the browser refuse anything else.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; \
     base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'";

const HTML: &str = "text/html; charset=utf-8";
const SCRIPT: &str = "text/javascript; charset=utf-8";

/// Name, media type and content of what the page is made of.
const PARTS: [(&str, &str, &str); 10] = [
    // The app's own: the page looks as the app does.
    ("tokens.css", "text/css; charset=utf-8", include_str!("../../../ui/css/tokens.css")),
    ("page.css", "text/css; charset=utf-8", include_str!("../web/page.css")),
    ("page.js", SCRIPT, include_str!("../web/page.js")),
    ("entry.js", SCRIPT, include_str!("../web/entry.js")),
    ("people.js", SCRIPT, include_str!("../web/people.js")),
    ("requests.js", SCRIPT, include_str!("../web/requests.js")),
    ("roll.js", SCRIPT, include_str!("../web/roll.js")),
    ("server.js", SCRIPT, include_str!("../web/server.js")),
    ("words.js", SCRIPT, include_str!("../web/words.js")),
    ("icon.svg", "image/svg+xml", include_str!("../web/icon.svg")),
];

/// The files of `socket.io-client` that pages load; empty when the server was built without them.
const CLIENT: &[(&str, &[u8])] = include!(concat!(env!("OUT_DIR"), "/client.rs"));

/// What the page itself puts into its words, each left there as `{name}`.
const PAGE_VALUES: [&str; 5] = ["count", "name", "server", "status", "time"];

/// A file as it goes out.
struct File {
    media_type: &'static str,
    content: Bytes,
    etag: HeaderValue,
}

impl File {
    fn new(media_type: &'static str, content: Bytes) -> Self {
        let hash = Sha256::digest(&content);
        let mut etag = String::from("\"");
        for byte in hash.iter().take(12) {
            // Writing into a string cannot fail.
            let _ = write!(etag, "{byte:02x}");
        }
        etag.push('"');
        // A header takes hex digits in quotation marks.
        let etag = HeaderValue::from_str(&etag).unwrap_or(HeaderValue::from_static("\"\""));
        Self { media_type, content, etag }
    }

    /// The file, or that the caller has it already.
    fn answer(&self, asked: &HeaderMap) -> Response {
        let mut headers = HeaderMap::new();
        // Kept, and asked about each time: a new version of the server is on the page at once.
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
        headers.insert(ETAG, self.etag.clone());
        headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
        if asked.get_all(IF_NONE_MATCH).iter().any(|known| names(known, &self.etag)) {
            return (StatusCode::NOT_MODIFIED, headers).into_response();
        }
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(self.media_type));
        (headers, self.content.clone()).into_response()
    }
}

/// Whether an `If-None-Match` names this tag. A proxy that compresses makes tags weak; the content is the same.
fn names(known: &HeaderValue, etag: &HeaderValue) -> bool {
    let (Ok(known), Ok(etag)) = (known.to_str(), etag.to_str()) else { return false };
    known.split(',').map(str::trim).any(|one| one == "*" || one.trim_start_matches("W/") == etag)
}

static FILES: LazyLock<BTreeMap<&str, File>> = LazyLock::new(|| {
    let parts =
        PARTS.map(|(name, media_type, content)| (name, media_type, Bytes::from_static(content.as_bytes())));
    let client = CLIENT.iter().map(|(name, content)| (*name, SCRIPT, Bytes::from_static(content)));
    let all = parts.into_iter().chain(client);
    all.map(|(name, media_type, content)| (name, File::new(media_type, content))).collect()
});

static PAGES: LazyLock<[File; 2]> = LazyLock::new(|| {
    [Language::Spanish, Language::English].map(|language| File::new(HTML, filled(language).into()))
});

/// The routes of the page and of the client library. To be merged after the sockets' layer, which takes the rest of
/// `/socket.io/`.
pub(crate) fn routes() -> Router {
    Router::new()
        .route("/", get(page))
        .route("/web/{name}", get(part))
        .route("/socket.io/socket.io.js", get(client))
        .route("/socket.io/socket.io.min.js", get(client))
        .route("/socket.io/socket.io.esm.min.js", get(client))
}

/// What can be asked of the page.
#[derive(Deserialize)]
struct Wish {
    /// A language other than the browser's.
    lang: Option<String>,
}

async fn page(accepted: Language, Query(wish): Query<Wish>, headers: HeaderMap) -> Response {
    let language = match wish.lang.as_deref() {
        Some("es") => Language::Spanish,
        Some("en") => Language::English,
        _ => accepted,
    };
    let [spanish, english] = &*PAGES;
    let file = match language {
        Language::Spanish => spanish,
        Language::English => english,
    };
    let mut response = file.answer(&headers);
    let headers = response.headers_mut();
    headers.insert(CONTENT_LANGUAGE, HeaderValue::from_static(language.code()));
    headers.insert(VARY, HeaderValue::from_static("accept-language"));
    headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    response
}

async fn part(language: Language, Path(name): Path<String>, headers: HeaderMap) -> Response {
    match FILES.get(name.as_str()).filter(|_| PARTS.iter().any(|(part, ..)| *part == name)) {
        Some(file) => file.answer(&headers),
        None => (StatusCode::NOT_FOUND, Phrase::NotFound.text(language)).into_response(),
    }
}

async fn client(language: Language, uri: Uri, headers: HeaderMap) -> Response {
    let name = uri.path().rsplit('/').next().unwrap_or_default();
    library(FILES.get(name), language, &headers)
}

fn library(file: Option<&File>, language: Language, headers: &HeaderMap) -> Response {
    match file {
        Some(file) => file.answer(headers),
        None => (StatusCode::NOT_FOUND, Phrase::NoClientLibrary.text(language)).into_response(),
    }
}

/// The page in a language: every `{{id}}` in it is the message with this id.
fn filled(language: Language) -> String {
    let words = Words::in_language(language);
    let mut page = String::new();
    let mut rest = include_str!("../web/index.html");
    while let Some((before, (id, after))) =
        rest.split_once("{{").and_then(|(before, after)| Some((before, after.split_once("}}")?)))
    {
        page.push_str(before);
        match id {
            "lang" => page.push_str(language.code()),
            "words" => escape(&mut page, &page_words(words)),
            id => escape(&mut page, words.get(id)),
        }
        rest = after;
    }
    page + rest
}

/// The words that the page's scripts say, as JSON.
fn page_words(words: &Words) -> String {
    let left = PAGE_VALUES.map(|name| (name, format!("{{{name}}}")));
    let values: Vec<(&str, Arg<'_>)> =
        left.iter().map(|(name, left)| (*name, left.as_str().into())).collect();
    let all = words.ids().filter(|id| id.starts_with("web-"));
    let said: BTreeMap<&str, String> = all.map(|id| (id, words.with(id, &values))).collect();
    // A map of strings can always be written.
    serde_json::to_string(&said).unwrap_or_default()
}

/// Appends text so that it means itself in an element and in a quoted attribute.
fn escape(page: &mut String, text: &str) {
    for c in text.chars() {
        match c {
            '&' => page.push_str("&amp;"),
            '<' => page.push_str("&lt;"),
            '>' => page.push_str("&gt;"),
            '"' => page.push_str("&quot;"),
            '\'' => page.push_str("&#39;"),
            c => page.push(c),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that cannot go on has failed")]

    use super::*;

    #[test]
    fn no_place_in_the_page_is_left_unfilled_and_no_words_are_missing() {
        for language in [Language::Spanish, Language::English] {
            let page = filled(language);
            assert!(!page.contains("{{") && !page.contains("}}"), "{language:?}");
            // An id that has no words stands where they should.
            for after in page.split('>').skip(1).chain(page.split("=\"").skip(1)) {
                assert!(!after.starts_with("web-"), "{language:?}: {}", &after[..after.len().min(40)]);
            }
        }
    }

    #[test]
    fn every_word_that_the_scripts_ask_for_is_there_and_every_one_that_is_there_is_used() {
        let words = Words::in_language(Language::English);
        let template = include_str!("../web/index.html");
        let scripts: String = PARTS.iter().filter(|part| part.1 == SCRIPT).map(|part| part.2).collect();
        let mut asked: Vec<&str> = scripts
            .split('"')
            .filter(|literal| literal.starts_with("web-"))
            .chain(template.split("{{").skip(1).filter_map(|rest| rest.split_once("}}")).map(|(id, _)| id))
            .filter(|id| id.starts_with("web-"))
            .collect();
        // Put together by the scripts.
        asked.extend(["web-online", "web-away", "web-dnd", "web-count-one", "web-count-other"]);
        asked.extend(["web-came-one", "web-came-other"]);
        asked.retain(|id| !["web-count", "web-came"].contains(id));
        let known: Vec<&str> = words.ids().filter(|id| id.starts_with("web-")).collect();
        for id in &asked {
            assert!(known.contains(id), "{id} has no words");
        }
        for id in &known {
            assert!(asked.contains(id), "{id} is said by nobody");
        }
    }

    #[test]
    fn the_page_fills_in_its_own_values() {
        let words = page_words(Words::in_language(Language::Spanish));
        let words: BTreeMap<String, String> = serde_json::from_str(&words).unwrap();
        assert_eq!(words["web-as-of"], "La lista es de las {time}.");
        assert!(words.values().all(|words| !words.contains('$')), "{words:?}");
    }

    #[test]
    fn text_in_the_page_means_itself() {
        let mut page = String::new();
        escape(&mut page, "<b title=\"x\" id='y'>&");
        assert_eq!(page, "&lt;b title=&quot;x&quot; id=&#39;y&#39;&gt;&amp;");
    }

    #[test]
    fn a_file_that_is_known_is_not_sent_again() {
        let file = File::new(SCRIPT, Bytes::from_static(b"1"));
        let etag = file.etag.to_str().unwrap();
        for (known, status) in [
            (etag.to_owned(), StatusCode::NOT_MODIFIED),
            (format!("W/{etag}"), StatusCode::NOT_MODIFIED),
            (format!("\"other\", {etag}"), StatusCode::NOT_MODIFIED),
            ("*".to_owned(), StatusCode::NOT_MODIFIED),
            ("\"other\"".to_owned(), StatusCode::OK),
        ] {
            let asked = HeaderMap::from_iter([(IF_NONE_MATCH, HeaderValue::from_str(&known).unwrap())]);
            assert_eq!(file.answer(&asked).status(), status, "{known}");
        }
        assert_ne!(file.etag, File::new(SCRIPT, Bytes::from_static(b"2")).etag);
    }

    #[test]
    fn without_the_client_library_its_address_says_so() {
        let answer = library(None, Language::English, &HeaderMap::new());
        assert_eq!(answer.status(), StatusCode::NOT_FOUND);
    }
}
