//! What must not happen: names that become markup, scripts from elsewhere, pages of other sites that listen.

use presente_tests::{
    browser::{Browser, Look, OTHER_SITE},
    node::SeedUser,
};
use serde_json::json;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpListener,
};

use crate::stage::{Page, browser_at, comes, lucia, server, sign_up};

/// The entries of the console that tell of something that was not allowed, or went wrong.
async fn complaints(browser: &Browser) -> Vec<String> {
    let entries = browser.console().await.unwrap();
    entries
        .into_iter()
        .filter(|entry| entry.starts_with("SEVERE") || entry.contains("Content Security Policy"))
        .collect()
}

#[tokio::test]
async fn names_that_look_like_markup_stay_text_and_nothing_breaks_the_pages_own_rules() {
    let server = server(&[lucia()]).await;
    let markup = "<img src=x onerror=alert(1)>";
    let evil = SeedUser::new("evil@example.org", markup, "{count} &lt;b&gt; </body> \"'");
    sign_up(&server, &evil).await;
    let browser = browser_at(&server, Look::default()).await;
    browser.sign_in(&lucia()).await;
    let mut evil = comes(&server, &evil).await;
    browser.says("#people .name", "<img src=x onerror=alert(1)> {count} &lt;b&gt; </body> \"'").await;
    browser.says("#live", markup).await;
    evil.emit("enviar-mensaje", &json!({ "mensaje": markup })).unwrap();
    browser.driver().refresh().await.unwrap();
    browser.says("#people .name", markup).await;
    assert_eq!(
        browser.value("return document.querySelectorAll('img, b:not(#banner-time)').length").await,
        json!(0)
    );
    browser.click("sign-out").await;
    browser.visible("screen-entry").await;
    assert_eq!(complaints(&browser).await, Vec::<String>::new());
}

#[tokio::test]
async fn the_browser_keeps_what_the_page_did_not_bring_from_running() {
    let server = server(&[]).await;
    let browser = browser_at(&server, Look::default()).await;
    assert_eq!(complaints(&browser).await, Vec::<String>::new(), "the page itself is within its rules");
    for (what, script) in [
        (
            "an inline script",
            "const one = document.createElement('script'); one.append('window.ran = 1'); document.head.append(one)",
        ),
        (
            "markup out of a string",
            "try { document.body.insertAdjacentHTML('beforeend', '<i>') } catch (error) { console.error(error.message) }",
        ),
        (
            "a script from elsewhere",
            "const one = document.createElement('link'); one.rel = 'stylesheet'; one.href = 'http://localhost:9/x.css'; document.head.append(one)",
        ),
        ("a word to elsewhere", "fetch('http://localhost:9/').catch(() => {})"),
    ] {
        browser.driver().execute(script, vec![]).await.unwrap();
        let told = presente_tests::wait::until(what, presente_tests::wait::PATIENCE, async || {
            let told = complaints(&browser).await;
            (!told.is_empty()).then_some(told)
        });
        let told = told.await.unwrap().join("\n");
        assert!(told.contains("Content Security Policy") || told.contains("Trusted"), "{what}: {told}");
    }
    assert_eq!(browser.value("return window.ran ?? 0").await, json!(0));
}

#[tokio::test]
async fn a_server_without_the_client_library_says_so_on_its_page() {
    let server = server(&[lucia()]).await;
    let browser = Browser::start(Look::default()).await.unwrap();
    let cdp = browser.driver().cdp();
    cdp.send_raw("Network.enable", json!({})).await.unwrap();
    cdp.send_raw("Network.setBlockedURLs", json!({ "urls": ["*/socket.io/socket.io.js"] })).await.unwrap();
    browser.driver().goto(server.url()).await.unwrap();
    browser.says("#problem", "sin la biblioteca de Socket.IO").await;
    assert_eq!(browser.value("return document.getElementById('submit').ariaDisabled").await, json!("true"));
}

/// A web server with one empty page, which is all that another site needs to try its luck.
async fn empty_site() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                let _ = stream.read(&mut [0; 4096]).await;
                let page = "<!doctype html><title>Empty</title>";
                let head =
                    "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nConnection: close\r\nContent-Length";
                let _ = stream.write_all(format!("{head}: {}\r\n\r\n{page}", page.len()).as_bytes()).await;
            });
        }
    });
    port
}

#[tokio::test]
async fn a_page_of_another_site_gets_neither_requests_nor_sockets_through_and_one_of_this_machine_does() {
    let server = server(&[lucia()]).await;
    let browser = Browser::start(Look::default()).await.unwrap();
    let port = empty_site().await;
    let attempts = "const [url, done] = arguments;
        const posted = fetch(`${url}/api/auth/signOut`, { method: 'POST', headers: { 'x-token': 'x', 'Content-Type': 'application/json' }, body: '{}' })
          .then(() => 'answered', () => 'refused');
        const polled = fetch(`${url}/socket.io/?EIO=4&transport=polling`).then((answer) => answer.text()).then((text) => text[0] === '0' ? 'answered' : 'refused', () => 'refused');
        const opened = new Promise((resolve) => {
          const socket = new WebSocket(`${url.replace('http', 'ws')}/socket.io/?EIO=4&transport=websocket`);
          socket.onopen = () => resolve('answered');
          socket.onerror = () => resolve('refused');
        });
        Promise.all([posted, polled, opened]).then(done);";
    for (host, expected) in [(OTHER_SITE, "refused"), ("localhost", "answered")] {
        browser.driver().goto(format!("http://{host}:{port}/")).await.unwrap();
        let found = browser.driver().execute_async(attempts, vec![json!(server.url())]).await.unwrap();
        assert_eq!(found.json(), &json!([expected, expected, expected]), "from {host}");
    }
}

#[tokio::test]
async fn the_page_is_in_no_frame_of_anybody() {
    let server = server(&[]).await;
    let browser = Browser::start(Look::default()).await.unwrap();
    let port = empty_site().await;
    browser.driver().goto(format!("http://localhost:{port}/")).await.unwrap();
    let frame = "const [url, done] = arguments;
        const frame = document.createElement('iframe');
        frame.onload = () => done(true);
        frame.src = url;
        document.body.append(frame);";
    browser.driver().execute_async(frame, vec![json!(server.url())]).await.unwrap();
    let told = browser.console().await.unwrap().join("\n");
    assert!(told.contains("frame-ancestors"), "{told}");
}
