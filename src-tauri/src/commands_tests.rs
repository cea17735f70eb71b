//! The page's commands on Tauri's mock runtime, with the real access rules.

use super::*;
use presente_core::{
    Parts, Update,
    clock::SystemClock,
    controller::{Dialects, Prefill},
    link::own::OwnLink,
    network,
    profile::Profile,
    secrets::MemorySecrets,
    session::HttpSessions,
    settings::MemorySettings,
};
use serde_json::{Value, json};
use std::sync::Arc;
use tauri::{
    App, WebviewUrl, WebviewWindow, WebviewWindowBuilder,
    ipc::{CallbackFn, InvokeBody},
    test::{INVOKE_KEY, MockRuntime, get_ipc_response, mock_builder},
    webview::InvokeRequest,
};
use tokio::sync::mpsc;

struct Shell {
    _app: App<MockRuntime>,
    window: WebviewWindow<MockRuntime>,
    updates: mpsc::UnboundedReceiver<Update>,
}

#[expect(
    clippy::disallowed_methods,
    reason = "Tauri's macro ends the process where its own context is broken"
)]
fn shell(label: &str) -> Shell {
    let (sender, updates) = mpsc::unbounded_channel();
    let parts = Parts {
        sessions: Arc::new(HttpSessions::new("en").unwrap()),
        connector: Arc::new(OwnLink::new("en").unwrap()),
        network: network::unchanging(),
        secrets: Arc::new(MemorySecrets::default()),
        pictures: Pictures::default(),
        settings: Box::new(MemorySettings),
        local_server: None,
        clock: Arc::new(SystemClock),
        rng: presente_core::seeded_rng(),
        texts: Texts::for_locale("en"),
        dialects: Dialects::Fixed(Arc::new(Profile::preset("usersconected").unwrap())),
        patient: false,
        prefill: Prefill::default(),
    };
    let core = tauri::async_runtime::block_on(async { presente_core::start(parts, sender) });
    let app = builder(mock_builder(), Texts::for_locale("en"), Pictures::default())
        .manage(core)
        .build(tauri::generate_context!())
        .unwrap();
    let window =
        WebviewWindowBuilder::new(&app, label, WebviewUrl::App("index.html".into())).build().unwrap();
    Shell { _app: app, window, updates }
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

    fn next_update(&mut self, wanted: impl Fn(&Update) -> bool) -> Update {
        tauri::async_runtime::block_on(async {
            let search = async {
                while let Some(update) = self.updates.recv().await {
                    if wanted(&update) {
                        return update;
                    }
                }
                panic!("the core ended without saying it")
            };
            tokio::time::timeout(std::time::Duration::from_secs(5), search).await.unwrap()
        })
    }
}

#[test]
fn the_page_gets_its_texts() {
    let texts = shell("main").invoke("texts", json!({})).unwrap();
    assert_eq!(texts["lang"], "en");
    assert!(texts["texts"].as_object().unwrap().keys().all(|id| id.starts_with("page-")), "{texts}");
}

#[test]
fn attaching_brings_a_view_and_a_bad_form_its_problem() {
    let mut shell = shell("main");
    shell.invoke("attach", json!({"channel": "__CHANNEL__:7", "from": 0, "len": 20})).unwrap();
    let Update::View(view) = shell.next_update(|update| matches!(update, Update::View(_))) else {
        unreachable!()
    };
    assert_eq!(view.sign_in.problem, None);
    let form = json!({"server": "http://a.example", "email": "a@x", "password": "p", "keep": true, "plainHttp": false});
    shell.invoke("sign_in", json!({ "request": form })).unwrap();
    let rejected = shell.next_update(|update| matches!(update, Update::Rejected { .. }));
    let Update::Rejected { problem, .. } = rejected else { unreachable!() };
    assert_eq!(problem.code(), "unencrypted");
}

#[test]
fn a_form_with_missing_parts_is_refused_and_does_not_show_the_password() {
    let error = shell("main")
        .invoke("sign_in", json!({"request": {"server": 5, "password": "secreto"}}))
        .unwrap_err();
    assert!(!error.to_string().contains("secreto"), "{error}");
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
    let error = shell.invoke("texts", json!({})).unwrap_err();
    assert!(error.to_string().contains("not allowed"), "{error}");
}
