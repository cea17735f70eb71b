//! What the page asks, on Tauri's mock runtime, with the real access rules.

use super::*;
use presente_core::page::process::{self, ToWindow};
use serde_json::{Value, json};
use std::{os::unix::net::UnixStream, time::Duration};
use tauri::{
    App, WebviewUrl, WebviewWindow, WebviewWindowBuilder,
    ipc::{CallbackFn, InvokeBody},
    test::{INVOKE_KEY, MockRuntime, get_ipc_response, mock_builder},
    webview::InvokeRequest,
};

struct Shell {
    _app: App<MockRuntime>,
    window: WebviewWindow<MockRuntime>,
    other_end: UnixStream,
}

#[expect(
    clippy::disallowed_methods,
    reason = "Tauri's macro ends the process where its own context is broken"
)]
fn shell(label: &str) -> Shell {
    let (ours, other_end) = UnixStream::pair().unwrap();
    other_end.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
    let app =
        builder(mock_builder(), Resident::new(ours).unwrap()).build(tauri::generate_context!()).unwrap();
    let window =
        WebviewWindowBuilder::new(&app, label, WebviewUrl::App("index.html".into())).build().unwrap();
    Shell { _app: app, window, other_end }
}

impl Shell {
    fn invoke(&self, command: &str, arguments: Value) -> Result<Value, Value> {
        let request = InvokeRequest {
            cmd: command.to_owned(),
            callback: CallbackFn(0),
            error: CallbackFn(1),
            url: "tauri://localhost".parse().unwrap(),
            body: InvokeBody::Json(arguments),
            headers: tauri::http::HeaderMap::default(),
            invoke_key: INVOKE_KEY.to_owned(),
        };
        get_ipc_response(&self.window, request).map(|body| body.deserialize().unwrap())
    }

    fn told(&mut self) -> FromWindow {
        process::read(&mut self.other_end).unwrap().unwrap()
    }
}

#[test]
fn what_the_page_asks_is_handed_on() {
    let mut shell = shell("main");
    shell.invoke("attach", json!({"channel": "__CHANNEL__:7", "from": 0, "len": 20})).unwrap();
    assert!(matches!(shell.told(), FromWindow::Asked(Ask::Attach { from: 0, len: 20 }, None)));
    shell.invoke("ask", json!({"ask": {"ask": "search", "text": "ana"}})).unwrap();
    assert!(matches!(shell.told(), FromWindow::Asked(Ask::Search { ref text }, None) if text == "ana"));
    let change = json!({"ask": "set_group_rule", "group": "Family", "rule": null});
    shell.invoke("ask", json!({"ask": change, "change": 3})).unwrap();
    assert!(matches!(shell.told(), FromWindow::Asked(Ask::SetGroupRule { .. }, Some(3))));
}

#[test]
fn that_the_window_is_to_close_is_its_own_affair_and_that_the_app_is_to_end_is_handed_on() {
    let mut shell = shell("main");
    shell.invoke("ask", json!({"ask": {"ask": "close_window"}})).unwrap();
    shell.invoke("ask", json!({"ask": {"ask": "quit"}})).unwrap();
    assert!(matches!(shell.told(), FromWindow::Asked(Ask::Quit, None)));
}

#[test]
fn what_is_no_word_of_the_page_is_refused_and_shows_no_password() {
    let shell = shell("main");
    for ask in [
        json!({"ask": "shutdown"}),
        json!({"ask": "attach", "from": 0, "len": 1}),
        json!({"ask": "sign_in", "request": {"server": 5, "password": "secreto"}}),
        json!({}),
    ] {
        let error = shell.invoke("ask", json!({ "ask": ask })).unwrap_err();
        assert!(!error.to_string().contains("secreto"), "{error}");
    }
}

#[test]
fn where_the_app_is_gone_the_page_is_told() {
    let Shell { _app, window, other_end } = shell("main");
    drop(other_end);
    let shell = Shell { _app, window, other_end: UnixStream::pair().unwrap().0 };
    assert!(shell.invoke("ask", json!({"ask": {"ask": "seen"}})).is_err());
}

#[test]
fn the_page_may_ask_for_nothing_but_the_apps_own_commands() {
    let shell = shell("main");
    for command in
        ["plugin:event|listen", "plugin:event|emit", "plugin:window|close", "plugin:app|version", "nope"]
    {
        let answer = shell.invoke(command, json!({}));
        assert!(answer.is_err(), "{command} was allowed: {answer:?}");
    }
}

#[test]
fn a_window_that_the_rules_do_not_name_gets_nothing() {
    let shell = shell("other");
    let error = shell.invoke("ask", json!({"ask": {"ask": "seen"}})).unwrap_err();
    assert!(error.to_string().contains("not allowed"), "{error}");
}

#[test]
fn a_picture_goes_to_who_has_asked_for_it() {
    let (ours, mut other_end) = UnixStream::pair().unwrap();
    let resident = Resident::new(ours).unwrap();
    let (sender, receiver) = std::sync::mpsc::channel();
    resident.picture("7".to_owned(), Box::new(move |png| sender.send(png).unwrap()));
    assert!(
        matches!(process::read(&mut other_end).unwrap(), Some(FromWindow::Picture(number)) if number == "7")
    );
    for number in ["8", "7"] {
        resident.hear(ToWindow::Picture { number: number.to_owned(), png: Some(vec![1]) });
    }
    assert_eq!(receiver.recv_timeout(Duration::from_secs(5)).unwrap(), Some(vec![1]));
    assert!(receiver.recv().is_err(), "it is answered once");
}
