//! From the controller's state to what is shown. Pure.

mod learning;
mod messages;
mod one_account;

use crate::{
    account::Account,
    connection::State,
    display_name::{hue, initials},
    effects::AccountNumber,
    model::Model,
    problem::Problem,
    settings::Presence,
    texts::{Arg, Texts},
    view::{
        AccountView, Group, Local, MeView, Notice, ProblemView, RosterView, Rows, Screen, Sentence, Shape,
        SignIn, Tray, View,
    },
};
use jiff::{Timestamp, tz::TimeZone};
use one_account::{banner, details, is_connected, is_out_of_date, own_state, seconds_until, shape};
use std::time::Duration;

/// After how long something shown is out of date although nothing has happened.
pub(crate) fn refresh_after(model: &Model) -> Duration {
    let counting_down = model.seats.values().any(|seat| seat.account.failures() > 0);
    Duration::from_secs(if counting_down { 1 } else { 20 })
}

/// The page.
pub(crate) fn view(model: &Model, texts: &Texts, now: Timestamp, zone: &TimeZone) -> View {
    let accounts: Vec<_> = model.shown().collect();
    let on_roster = !accounts.is_empty() && !model.adding;
    View {
        revision: 0,
        lang: texts.language(),
        screen: match (&model.learning, on_roster) {
            (Some(_), _) => Screen::Learn,
            (None, true) => Screen::Roster,
            (None, false) => Screen::SignIn,
        },
        sign_in: sign_in(model, texts),
        roster: if on_roster { roster(model, &accounts, texts, now, zone) } else { RosterView::default() },
        learn: model.learning.as_ref().map(|learning| learning::view(learning, texts)),
        notices: model
            .notices
            .iter()
            .map(|problem| Notice { id: problem.code().to_owned(), text: problem.sentence(texts) })
            .collect(),
    }
}

fn sign_in(model: &Model, texts: &Texts) -> SignIn {
    let draft = &model.draft;
    let attempt = model.attempt().map(|(_, account)| account);
    let plain_http = match &draft.problem {
        Some(Problem::Unencrypted { server }) => {
            Some(Sentence { text: texts.with("plain-http", &[("server", Arg::from(server))]) })
        }
        _ => None,
    };
    let waking = !model.waking.is_empty() && model.seats.is_empty();
    let busy = attempt.is_some() || draft.busy || waking;
    let status = match attempt.map(Account::connection) {
        Some(State::Waiting { until }) => {
            Some(texts.with("status-retry", &[("seconds", Arg::Count(seconds_until(until)))]))
        }
        _ if busy => Some(
            draft
                .step
                .clone()
                .unwrap_or_else(|| texts.with("status-trying", &[("server", Arg::from(&draft.server))])),
        ),
        _ => None,
    };
    let problem = attempt.and_then(|account| account.problem.as_ref()).or(draft.problem.as_ref());
    SignIn {
        server: draft.server.clone(),
        email: draft.email.clone(),
        keep: draft.keep,
        can_close: model.shown().next().is_some(),
        busy,
        status,
        problem: problem.map(|problem| ProblemView { code: problem.code(), text: problem.sentence(texts) }),
        can_learn: matches!(draft.problem, Some(Problem::UnknownDialect { .. })),
        plain_http,
        local: Local { running: draft.local_server.is_some() },
        hint: draft.hint.clone(),
    }
}

/// An account under its number.
type Numbered<'a> = (AccountNumber, &'a Account);

fn roster(
    model: &Model,
    accounts: &[Numbered<'_>],
    texts: &Texts,
    now: Timestamp,
    zone: &TimeZone,
) -> RosterView {
    let rows = Rows::new(groups(accounts, texts, zone));
    let (from, len) = model.window;
    let any_list = accounts.iter().any(|(_, account)| account.roster.as_of().is_some());
    let empty =
        (rows.total() == 0).then(|| texts.get(if any_list { "empty-online" } else { "empty-waiting" }));
    let only = match accounts {
        [(_, only)] => Some(*only),
        _ => None,
    };
    // Who waits for a lost connection is told so elsewhere.
    let waits = |account: &Account| matches!(account.connection(), State::Waiting { .. } | State::Halted);
    let busy = |account: &Account| {
        account.is_present() != (account.presence() == Presence::Online) && !waits(account)
    };
    RosterView {
        accounts: accounts.iter().map(|account| account_view(*account, texts)).collect(),
        me: Some(me(accounts, texts)),
        presence: presence(accounts),
        presence_busy: accounts.iter().any(|(_, account)| busy(account)),
        presence_text: presence_text(accounts, texts),
        banner: only.and_then(|account| banner(account, texts, zone)),
        stale: only.is_some_and(is_out_of_date),
        total: rows.total(),
        from,
        rows: rows.window(from, len, now, texts),
        empty,
        footer: footer(accounts, texts),
        details: only.map(|account| details(account, texts, now, zone)).unwrap_or_default(),
        messages: messages::view(model, accounts, texts, now, zone),
    }
}

/// The groups of the list: where there are several, each with a head that says what is so there.
fn groups<'a>(accounts: &[Numbered<'a>], texts: &Texts, zone: &TimeZone) -> Vec<Group<'a>> {
    let several = accounts.len() > 1;
    accounts
        .iter()
        .map(|(number, account)| {
            let mut group = Group::new(*number, account.roster.contacts().map(AsRef::as_ref));
            group.stale = is_out_of_date(account);
            group.can_whisper = account.can_whisper() && is_connected(account);
            group.head = several.then(|| {
                let words = match banner(account, texts, zone) {
                    // How old the list is first: the rest may be cut off.
                    Some(banner) => {
                        [banner.strong, Some(banner.text)].into_iter().flatten().collect::<Vec<_>>().join(" ")
                    }
                    None => own_state(account, texts),
                };
                (account.target.server.label(), shape(account), words)
            });
            group
        })
        .collect()
}

fn account_view((number, account): Numbered<'_>, texts: &Texts) -> AccountView {
    AccountView {
        account: number,
        name: account.me.name.clone(),
        server: account.target.server.label(),
        shape: shape(account),
        words: own_state(account, texts),
        presence: account.presence(),
        can_announce: account.can_announce() && is_connected(account),
    }
}

/// Ourselves over all accounts: the name of the first, and how many there are.
fn me(accounts: &[Numbered<'_>], texts: &Texts) -> MeView {
    let (name, email, server) = accounts.first().map_or_else(Default::default, |(_, account)| {
        (account.me.name.clone(), account.me.email.clone(), account.target.server.label())
    });
    let detail = match accounts.len() {
        0 | 1 => server,
        count => texts.with("count-accounts", &[("count", Arg::Count(count))]),
    };
    MeView {
        initials: initials(&name),
        hue: hue(if email.is_empty() { &name } else { &email }),
        name,
        shape: sum(accounts),
        detail,
    }
}

/// Somewhere present, else somewhere connected, else nowhere.
fn sum(accounts: &[Numbered<'_>]) -> Shape {
    let shapes: Vec<Shape> = accounts.iter().map(|(_, account)| shape(account)).collect();
    let has = |shape| shapes.contains(&shape);
    match (has(Shape::Online), has(Shape::Offline)) {
        (true, _) => Shape::Online,
        (false, true) => Shape::Offline,
        (false, false) => Shape::Cut,
    }
}

fn presence(accounts: &[Numbered<'_>]) -> Presence {
    let online = accounts.iter().any(|(_, account)| account.presence() == Presence::Online);
    if online { Presence::Online } else { Presence::Offline }
}

/// What is so with ourselves: in one word where that is so everywhere.
fn presence_text(accounts: &[Numbered<'_>], texts: &Texts) -> String {
    let states: Vec<String> = accounts.iter().map(|(_, account)| own_state(account, texts)).collect();
    match states.split_first() {
        Some((first, rest)) if rest.iter().all(|state| state == first) => first.clone(),
        _ => {
            let here = accounts.iter().filter(|(_, account)| shape(account) == Shape::Online).count();
            let (here, of) = (Arg::Count(here), Arg::Count(accounts.len()));
            texts.with("state-online-at", &[("count", here), ("total", of)])
        }
    }
}

/// How many are online, over all that are connected; `None` where nothing is.
fn online_count(accounts: &[Numbered<'_>]) -> Option<usize> {
    let connected = accounts.iter().filter(|(_, account)| is_connected(account));
    connected.map(|(_, account)| account.roster.online_count()).reduce(|sum, count| sum + count)
}

fn count_text(accounts: &[Numbered<'_>], texts: &Texts) -> String {
    match online_count(accounts) {
        Some(count) => texts.with("count-online", &[("count", Arg::Count(count))]),
        None => texts.get("footer-not-connected"),
    }
}

fn footer(accounts: &[Numbered<'_>], texts: &Texts) -> String {
    let place = match accounts {
        [(_, only)] => only.target.server.label(),
        several => texts.with("count-accounts", &[("count", Arg::Count(several.len()))]),
    };
    texts.with("footer", &[("server", Arg::from(&place)), ("state", Arg::from(&count_text(accounts, texts)))])
}

/// The tray.
pub(crate) fn tray(model: &Model, texts: &Texts) -> Tray {
    let accounts: Vec<_> = model.shown().collect();
    let title = texts.get("tray-title");
    let is_signed_in = !accounts.is_empty();
    let state = if is_signed_in { presence_text(&accounts, texts) } else { texts.get("state-not-signed-in") };
    let named = |name: &str, state: &str| {
        texts.with("tray-own-state", &[("name", Arg::from(name)), ("state", Arg::from(state))])
    };
    let own_state_line = match accounts.first() {
        Some((_, account)) => named(&account.me.name, &state),
        None => state.clone(),
    };
    let count = count_text(&accounts, texts);
    let lines = accounts.iter().map(|(_, account)| {
        let online = is_connected(account).then(|| account.roster.online_count());
        let state = match online {
            Some(count) => texts.with("count-online", &[("count", Arg::Count(count))]),
            None => own_state(account, texts),
        };
        named(&account.target.server.label(), &state)
    });
    Tray {
        shape: sum(&accounts),
        tooltip: format!("{title}: {state}, {count}"),
        own_state: own_state_line,
        presence: is_signed_in.then(|| presence(&accounts)),
        online: texts.get("state-online"),
        appear_offline: texts.get("state-appear-offline"),
        count,
        accounts: if accounts.len() > 1 { lines.collect() } else { Vec::new() },
        open: texts.get("tray-open"),
        quit: texts.get("tray-quit"),
    }
}
