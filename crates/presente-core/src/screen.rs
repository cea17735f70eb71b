//! From the controller's state to what is shown. Pure.

use crate::{
    account::Account,
    connection::State,
    display_name::{hue, initials},
    link::Transport,
    model::Model,
    problem::Problem,
    settings::Presence,
    texts::{Arg, Texts},
    view::{
        Banner, Detail, Local, MeView, Notice, ProblemView, RosterView, Rows, Screen, Sentence, Shape,
        SignIn, Tray, View, moment, time_of_day,
    },
};
use jiff::{Timestamp, tz::TimeZone};
use std::time::Duration;
use tokio::time::Instant;

/// After how long something shown is out of date although nothing has happened.
pub(crate) fn refresh_after(model: &Model) -> Duration {
    let counting_down = model.account.as_ref().is_some_and(|account| account.failures() > 0);
    Duration::from_secs(if counting_down { 1 } else { 20 })
}

/// The account, once it is one to show a roster for.
fn shown_account(model: &Model) -> Option<&Account> {
    model.account.as_ref().filter(|account| account.known)
}

/// The page.
pub(crate) fn view(model: &Model, texts: &Texts, now: Timestamp, zone: &TimeZone) -> View {
    let account = shown_account(model);
    View {
        revision: 0,
        lang: texts.language(),
        screen: if account.is_some() { Screen::Roster } else { Screen::SignIn },
        sign_in: sign_in(model, texts),
        roster: account.map(|account| roster(model, account, texts, now, zone)).unwrap_or_default(),
        notices: model
            .notices
            .iter()
            .map(|problem| Notice { id: problem.code().to_owned(), text: problem.sentence(texts) })
            .collect(),
    }
}

fn sign_in(model: &Model, texts: &Texts) -> SignIn {
    let draft = &model.draft;
    let attempt = model.account.as_ref().filter(|account| !account.known);
    let plain_http = match &draft.problem {
        Some(Problem::Unencrypted { server }) => {
            Some(Sentence { text: texts.with("plain-http", &[("server", Arg::from(server))]) })
        }
        _ => None,
    };
    let busy = attempt.is_some() || draft.busy || draft.signing_up;
    let status = match attempt.map(Account::connection) {
        Some(State::Waiting { until }) => {
            Some(texts.with("status-retry", &[("seconds", Arg::Count(seconds_until(until)))]))
        }
        _ if busy => Some(texts.with("status-trying", &[("server", Arg::from(&draft.server))])),
        _ => None,
    };
    let problem = attempt.and_then(|account| account.problem.as_ref()).or(draft.problem.as_ref());
    SignIn {
        server: draft.server.clone(),
        email: draft.email.clone(),
        keep: draft.keep,
        busy,
        status,
        problem: problem.map(|problem| ProblemView { code: problem.code(), text: problem.sentence(texts) }),
        plain_http,
        local: Local { running: draft.local_server.is_some() },
        hint: draft.hint.clone(),
    }
}

fn roster(model: &Model, account: &Account, texts: &Texts, now: Timestamp, zone: &TimeZone) -> RosterView {
    let server = account.target.server.label();
    let connected = is_connected(account);
    let rows = Rows::new(account.roster.contacts().map(AsRef::as_ref));
    let (from, len) = model.window;
    let presence_text = own_state(account, texts);
    let state = if connected {
        texts.with("count-online", &[("count", Arg::Count(account.roster.online_count()))])
    } else {
        texts.get("footer-not-connected")
    };
    let empty = (rows.total() == 0)
        .then(|| texts.get(if account.roster.as_of().is_some() { "empty-online" } else { "empty-waiting" }));
    RosterView {
        me: Some(MeView {
            name: account.me.name.clone(),
            initials: initials(&account.me.name),
            hue: hue(&account.me.email),
            shape: shape(account),
            detail: server.clone(),
        }),
        presence: account.presence(),
        presence_busy: account.is_signed_in() != (account.presence() == Presence::Online),
        presence_text,
        banner: banner(account, texts, zone),
        stale: !connected && account.roster.as_of().is_some(),
        total: rows.total(),
        from,
        rows: rows.window(from, len, now, texts),
        empty,
        footer: texts.with("footer", &[("server", Arg::from(&server)), ("state", Arg::from(&state))]),
        details: details(account, texts, now, zone),
    }
}

/// What is known about the connection, the most asked for first. Of a lost connection only why it was lost.
fn details(account: &Account, texts: &Texts, now: Timestamp, zone: &TimeZone) -> Vec<Detail> {
    let known = account.details(now);
    let connected = is_connected(account);
    let state = match account.connection() {
        State::Online { .. } => "detail-connected",
        State::Connecting => "detail-connecting",
        State::Waiting { .. } => "detail-waiting",
        State::Idle | State::Halted => "detail-not-connected",
    };
    let transport = known.transport.filter(|_| connected).map(|transport| match transport {
        Transport::WebSocket => texts.get("detail-websocket"),
        Transport::Polling => texts.get("detail-polling"),
    });
    let round_trip = known.round_trip.filter(|_| connected).map(|round_trip| {
        let millis = usize::try_from(round_trip.as_millis()).unwrap_or(usize::MAX);
        texts.with("detail-milliseconds", &[("count", Arg::Count(millis))])
    });
    let attempts = if connected { "detail-attempts-taken" } else { "detail-attempts" };
    [
        ("state", "detail-state", Some(texts.get(state))),
        ("since", "detail-since", Some(moment(known.since, now, zone))),
        ("transport", "detail-transport", transport),
        ("round-trip", "detail-round-trip", round_trip),
        ("attempts", attempts, Some(known.attempts.to_string())),
        ("reason", "detail-reason", known.last_reason),
    ]
    .into_iter()
    .filter_map(|(id, label, value)| Some(Detail { id, label: texts.get(label), value: value? }))
    .collect()
}

fn is_connected(account: &Account) -> bool {
    matches!(account.connection(), State::Online { .. })
}

fn shape(account: &Account) -> Shape {
    match (is_connected(account), account.is_signed_in()) {
        (false, _) => Shape::Cut,
        (true, true) => Shape::Online,
        (true, false) => Shape::Offline,
    }
}

/// What is so with ourselves, in words.
fn own_state(account: &Account, texts: &Texts) -> String {
    let id = match (account.connection(), account.presence(), account.is_signed_in()) {
        (State::Halted, ..) => "state-offline",
        (State::Online { .. }, Presence::Online, true) => "state-online",
        (State::Online { .. }, Presence::Online, false) => "state-going-online",
        (State::Online { .. }, Presence::Offline, true) => "state-going-offline",
        (State::Online { .. }, Presence::Offline, false) => "state-appearing-offline",
        _ if account.failures() == 0 && account.roster.as_of().is_none() => "state-connecting",
        _ => "state-reconnecting",
    };
    texts.get(id)
}

fn banner(account: &Account, texts: &Texts, zone: &TimeZone) -> Option<Banner> {
    let sentence = account.problem.as_ref()?.sentence(texts);
    let text = match account.connection() {
        State::Waiting { until } => texts.with(
            "banner-retry",
            &[("problem", Arg::from(&sentence)), ("seconds", Arg::Count(seconds_until(until)))],
        ),
        State::Connecting => texts.with("banner-trying", &[("problem", Arg::from(&sentence))]),
        State::Idle | State::Online { .. } | State::Halted => sentence,
    };
    let as_of = account.roster.as_of().filter(|_| !is_connected(account));
    let strong = as_of.map(|at| texts.with("banner-as-of", &[("time", Arg::from(&time_of_day(at, zone)))]));
    Some(Banner { text, strong })
}

/// Whole seconds left, rounded up: a countdown that shows 0 has come.
fn seconds_until(until: Instant) -> usize {
    let left = until.saturating_duration_since(Instant::now());
    usize::try_from(left.as_millis().div_ceil(1000)).unwrap_or(usize::MAX)
}

/// The tray.
pub(crate) fn tray(model: &Model, texts: &Texts) -> Tray {
    let account = shown_account(model);
    let title = texts.get("tray-title");
    let own_state_words =
        account.map_or_else(|| texts.get("state-not-signed-in"), |account| own_state(account, texts));
    let own_state = match account {
        Some(account) => texts.with(
            "tray-own-state",
            &[("name", Arg::from(&account.me.name)), ("state", Arg::from(&own_state_words))],
        ),
        None => own_state_words.clone(),
    };
    let online = account.filter(|account| is_connected(account)).map(|account| account.roster.online_count());
    let count = match online {
        Some(count) => texts.with("count-online", &[("count", Arg::Count(count))]),
        None => texts.get("footer-not-connected"),
    };
    Tray {
        shape: account.map_or(Shape::Cut, shape),
        tooltip: format!("{title}: {own_state_words}, {count}"),
        own_state,
        presence: account.map(Account::presence),
        online: texts.get("state-online"),
        appear_offline: texts.get("state-appear-offline"),
        count,
        open: texts.get("tray-open"),
        quit: texts.get("tray-quit"),
    }
}
