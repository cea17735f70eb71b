//! From the controller's state to what is shown. Pure.

mod about;
mod alerting;
mod contact;
mod learning;
mod messages;
mod one_account;
mod ourselves;
mod remembering;
mod settings;
mod tray;

pub(crate) use tray::tray;

use crate::{
    account::Account,
    alerts::Rule,
    connection::State,
    effects::AccountNumber,
    list::Index,
    model::{Model, Place},
    problem::Problem,
    texts::{Arg, Texts},
    view::{
        AccountView, AccountWords, Local, Notice, ProblemView, RosterView, Rows, Screen, Sentence, SignIn,
        Telling, View,
    },
};
use jiff::{Timestamp, tz::TimeZone};
use one_account::{banner, details, is_connected, is_out_of_date, own_state, seconds_until, shape};
use ourselves::idle_words;
use std::{collections::HashMap, time::Duration};

/// After how long something shown is out of date although nothing has happened.
pub(crate) fn refresh_after(model: &Model) -> Duration {
    let counting_down = model.seats.values().any(|seat| seat.account.failures() > 0);
    Duration::from_secs(if counting_down { 1 } else { 20 })
}

/// The page.
pub(crate) fn view(model: &Model, texts: &Texts, now: Timestamp, zone: &TimeZone) -> View {
    let accounts: Vec<_> = model.shown().collect();
    let on_roster = !accounts.is_empty() && !model.adding;
    let contact = match &model.place {
        Place::Contact(number, id) if on_roster => contact::view(model, *number, id, texts, now, zone),
        _ => None,
    };
    View {
        revision: 0,
        heard: 0,
        lang: texts.language(),
        theme: model.settings.theme,
        screen: match (&model.learning, &model.place) {
            (Some(_), _) => Screen::Learn,
            _ if !on_roster && model.adding => Screen::SignIn,
            (None, Place::Settings) => Screen::Settings,
            (None, Place::About) => Screen::About,
            _ if !on_roster => Screen::SignIn,
            (None, Place::Contact(..)) if contact.is_some() => Screen::Contact,
            (None, Place::Contact(..) | Place::Roster) => Screen::Roster,
        },
        sign_in: sign_in(model, texts),
        roster: if on_roster { roster(model, &accounts, texts, now, zone) } else { RosterView::default() },
        contact,
        settings: (model.place == Place::Settings).then(|| settings::view(model, texts, now, zone)),
        about: (model.place == Place::About).then(|| about::view(model, texts, now, zone)),
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
    let telling = Telling { texts, now, zone };
    let about = accounts.iter().map(|one| (one.0, account_words(*one, telling))).collect();
    let rules = rules(model, accounts);
    let rule = |number, id: &str| rules.get(&(number, id)).copied();
    let rows = Rows { accounts: &about, rule: &rule, telling };
    let (from, len) = model.window;
    let total = model.list.as_ref().map_or(0, Index::total);
    let people = accounts.iter().map(|(_, account)| account.roster.contacts().len()).sum();
    let any_list = accounts.iter().any(|(_, account)| account.roster.as_of().is_some());
    let empty = (total == 0).then(|| match (model.search.trim(), any_list) {
        ("", true) => texts.get("empty-online"),
        ("", false) => texts.get("empty-waiting"),
        (search, _) => texts.with("empty-search", &[("search", Arg::from(search))]),
    });
    let only = match accounts {
        [(_, only)] => Some(*only),
        _ => None,
    };
    RosterView {
        accounts: accounts.iter().map(|account| account_view(*account, texts)).collect(),
        me: Some(ourselves::me(accounts, texts)),
        state: ourselves::chosen(accounts),
        tells_more: ourselves::tells_more(accounts),
        status_line: ourselves::status_line(accounts),
        offers_status_line: model.offers_status_line,
        presence_busy: ourselves::is_busy(accounts),
        presence_text: ourselves::words(accounts, texts),
        banner: only.and_then(|account| banner(account, telling)),
        stale: only.is_some_and(is_out_of_date),
        snoozed: alerting::snoozed(model, texts, now, zone),
        search: model.search.clone(),
        search_hint: texts.with("search-hint", &[("count", Arg::Count(people))]),
        sort: model.settings.list.sort,
        total,
        from,
        rows: model.list.as_ref().map(|list| rows.window(list, from, len)).unwrap_or_default(),
        empty,
        footer: footer(accounts, texts),
        details: only.map(|account| details(account, texts, now, zone)).unwrap_or_default(),
        messages: messages::view(model, accounts, texts, now, zone),
    }
}

/// What the rows say of an account, and its head where there are several.
fn account_words((_, account): Numbered<'_>, telling: Telling<'_>) -> AccountWords {
    let words = match banner(account, telling) {
        // How old the list is first: the rest may be cut off.
        Some(banner) => {
            [banner.strong, Some(banner.text)].into_iter().flatten().collect::<Vec<_>>().join(" ")
        }
        None => own_state(account, telling.texts),
    };
    AccountWords {
        name: account.target.server.label(),
        shape: shape(account),
        words,
        stale: is_out_of_date(account),
        can_whisper: account.can_whisper() && is_connected(account),
    }
}

/// The rules that contacts have of their own, by account and identity.
fn rules<'a>(model: &'a Model, accounts: &[Numbered<'_>]) -> HashMap<(AccountNumber, &'a str), &'a Rule> {
    let mut rules = HashMap::new();
    for (number, account) in accounts {
        let session = account.session();
        let people = model.settings.people_of(&session);
        rules.extend(
            people.filter_map(|person| Some(((*number, person.key.id.as_str()), person.rule.as_ref()?))),
        );
    }
    rules
}

fn account_view((number, account): Numbered<'_>, texts: &Texts) -> AccountView {
    AccountView {
        account: number,
        name: account.me.name.clone(),
        server: account.target.server.label(),
        shape: shape(account),
        words: own_state(account, texts),
        state: account.state(),
        can_announce: account.can_announce() && is_connected(account),
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
