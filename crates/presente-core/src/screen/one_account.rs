//! What is so with one account.

use crate::{
    account::Account,
    connection::State,
    link::Transport,
    settings::Presence,
    texts::{Arg, Texts},
    view::{Banner, Detail, Shape, Telling, moment},
};
use jiff::{Timestamp, tz::TimeZone};
use presente_wire::OwnAvailability;
use tokio::time::Instant;

/// What is known about the connection, the most asked for first. Of a lost connection only why it was lost.
pub(super) fn details(account: &Account, texts: &Texts, now: Timestamp, zone: &TimeZone) -> Vec<Detail> {
    let known = account.details(now);
    let connected = account.is_online();
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

/// Whether we are connected, as far as people are told: a connection that was lost just now may be back before anybody
/// could look.
pub(super) fn is_connected(account: &Account) -> bool {
    account.is_online() || account.is_lost_briefly()
}

/// Whether we are seen, on the same terms.
fn is_present(account: &Account) -> bool {
    if account.is_lost_briefly() { account.presence() == Presence::Online } else { account.is_present() }
}

pub(super) fn shape(account: &Account) -> Shape {
    match (is_connected(account), is_present(account), account.seen_as()) {
        (false, ..) => Shape::Cut,
        (true, false, _) => Shape::Offline,
        (true, true, OwnAvailability::Away) => Shape::Away,
        (true, true, OwnAvailability::DoNotDisturb) => Shape::Busy,
        // Present, and told to be invisible: until the server has it.
        (true, true, OwnAvailability::Online | OwnAvailability::Invisible) => Shape::Online,
    }
}

/// Whether the list is not, or may not be, as it is at the server now.
pub(super) fn is_out_of_date(account: &Account) -> bool {
    account.roster.as_of().is_some() && (!is_connected(account) || account.list_is_behind())
}

/// What is so with ourselves, in words.
pub(super) fn own_state(account: &Account, texts: &Texts) -> String {
    let connection = if is_connected(account) { None } else { Some(account.connection()) };
    let id = match (connection, account.presence(), is_present(account)) {
        (Some(State::Halted), ..) => "state-offline",
        // Where being connected is being seen.
        (Some(State::Idle), Presence::Offline, _) => "state-appearing-offline",
        (None, Presence::Online, true) => match account.seen_as() {
            OwnAvailability::Away => "state-away",
            OwnAvailability::DoNotDisturb => "state-dnd",
            OwnAvailability::Online | OwnAvailability::Invisible => "state-online",
        },
        (None, Presence::Online, false) => "state-going-online",
        (None, Presence::Offline, true) => "state-going-offline",
        (None, Presence::Offline, false) => "state-appearing-offline",
        _ if account.failures() == 0 && account.roster.as_of().is_none() => "state-connecting",
        _ => "state-reconnecting",
    };
    texts.get(id)
}

pub(super) fn banner(account: &Account, telling: Telling<'_>) -> Option<Banner> {
    let texts = telling.texts;
    let problem = account.problem.as_ref().filter(|_| !account.is_lost_briefly());
    let sentence = problem?.sentence(texts);
    let text = match account.connection() {
        State::Waiting { until } => texts.with(
            "banner-retry",
            &[("problem", Arg::from(&sentence)), ("seconds", Arg::Count(seconds_until(until)))],
        ),
        State::Connecting => texts.with("banner-trying", &[("problem", Arg::from(&sentence))]),
        State::Idle | State::Online { .. } | State::Halted => sentence,
    };
    let as_of = account.roster.as_of().filter(|_| is_out_of_date(account));
    let strong = as_of.map(|at| telling.sentence_of("banner-as-of", at));
    Some(Banner { text, strong })
}

/// Whole seconds left, rounded up: a countdown that shows 0 has come.
pub(super) fn seconds_until(until: Instant) -> usize {
    let left = until.saturating_duration_since(Instant::now());
    usize::try_from(left.as_millis().div_ceil(1000)).unwrap_or(usize::MAX)
}
