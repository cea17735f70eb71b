//! The web page and the client library, as a browser gets them.

use reqwest::{Method, StatusCode, header::HeaderMap};

use crate::harness::Server;

async fn get(server: &Server, path: &str, language: &str) -> (StatusCode, HeaderMap, String) {
    let request = server.http.get(format!("{}{path}", server.base)).header("accept-language", language);
    let answer = request.send().await.unwrap();
    (answer.status(), answer.headers().clone(), answer.text().await.unwrap())
}

#[tokio::test]
async fn the_page_comes_in_the_language_of_the_browser_or_the_one_that_is_asked_for() {
    let server = Server::start().await;
    for (path, language, expected, words) in [
        ("/", "es-MX", "es", "Iniciar sesión"),
        ("/", "en", "en", "Sign in"),
        ("/", "fr", "es", "Iniciar sesión"),
        ("/?lang=en", "es", "en", "Sign in"),
        ("/?lang=es", "en", "es", "Iniciar sesión"),
        ("/?lang=xx", "en", "en", "Sign in"),
    ] {
        let (status, headers, page) = get(&server, path, language).await;
        assert_eq!(
            (status, headers["content-language"].to_str().unwrap()),
            (StatusCode::OK, expected),
            "{path}"
        );
        assert_eq!(
            (&headers["content-type"], &headers["vary"]),
            (&"text/html; charset=utf-8".parse().unwrap(), &"accept-language".parse().unwrap())
        );
        assert!(
            page.contains(words) && page.contains(&format!("<html lang=\"{expected}\">")),
            "{path} {language}"
        );
    }
}

#[tokio::test]
async fn the_page_brings_no_script_or_style_of_its_own_and_allows_none() {
    let server = Server::start().await;
    let (_, headers, page) = get(&server, "/", "es").await;
    let policy = headers["content-security-policy"].to_str().unwrap();
    for rule in [
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
    ] {
        assert!(policy.contains(rule), "{policy}");
    }
    assert!(!policy.contains("unsafe"), "{policy}");
    assert_eq!(
        (&headers["x-content-type-options"], &headers["referrer-policy"]),
        (&"nosniff".parse().unwrap(), &"no-referrer".parse().unwrap())
    );
    let scripts: Vec<&str> = page.split("<script").skip(1).collect();
    assert_eq!(scripts.len(), 2);
    assert!(scripts.iter().all(|script| script.contains("src=\"/") && script.contains("></script>")));
    let inline = page.split_whitespace().find(|word| {
        word.starts_with("<style")
            || (word.starts_with("on") || word.starts_with("style")) && word.contains("=\"")
    });
    assert_eq!(inline, None);
}

#[tokio::test]
async fn everything_that_the_page_names_is_there_and_is_sent_once() {
    let server = Server::start().await;
    let (_, _, page) = get(&server, "/", "es").await;
    let mut paths: Vec<String> = page
        .split('"')
        .filter(|value| value.starts_with("/web/") || value.starts_with("/socket.io/"))
        .map(str::to_owned)
        .collect();
    assert!(paths.len() >= 4, "{paths:?}");
    let (_, _, script) = get(&server, "/web/page.js", "es").await;
    paths.extend(
        script.split('"').filter_map(|name| name.strip_prefix("./")).map(|name| format!("/web/{name}")),
    );
    paths.extend(["/", "/socket.io/socket.io.min.js", "/socket.io/socket.io.esm.min.js"].map(str::to_owned));
    for path in paths {
        let (status, headers, body) = get(&server, &path, "es").await;
        assert_eq!((status, body.is_empty()), (StatusCode::OK, false), "{path}");
        assert_eq!(headers["x-content-type-options"], "nosniff", "{path}");
        let url = format!("{}{path}", server.base);
        let known =
            server.http.get(&url).header("if-none-match", &headers["etag"]).header("accept-language", "es");
        let known = known.send().await.unwrap();
        assert_eq!(
            (known.status(), &known.headers()["etag"]),
            (StatusCode::NOT_MODIFIED, &headers["etag"]),
            "{path}"
        );
        let head =
            server.http.request(Method::HEAD, &url).header("accept-language", "es").send().await.unwrap();
        assert_eq!(head.headers()["content-length"], body.len().to_string().as_str(), "{path}");
    }
    assert_eq!(get(&server, "/web/../Cargo.toml", "es").await.0, StatusCode::NOT_FOUND);
    assert_eq!(get(&server, "/web/socket.io.js", "es").await.0, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn pages_of_the_field_get_the_client_library_where_they_expect_it_and_sockets_still_work() {
    let server = Server::start().await;
    for name in ["socket.io.js", "socket.io.min.js", "socket.io.esm.min.js"] {
        let (status, headers, body) = get(&server, &format!("/socket.io/{name}"), "es").await;
        assert_eq!(status, StatusCode::OK, "{name}: the server was built without the library");
        assert!(headers["content-type"].to_str().unwrap().starts_with("text/javascript"));
        assert!(body.starts_with("/*!") && body.contains("Socket.IO v4."), "{name}");
    }
    let (status, _, opened) = get(&server, "/socket.io/?EIO=4&transport=polling", "es").await;
    assert!(status == StatusCode::OK && opened.starts_with("0{"), "{opened}");
}
