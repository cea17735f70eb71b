//! Ourselves over all accounts: what is chosen, what is so, and in which shape.

use super::{
    Numbered,
    one_account::{is_connected, own_state, shape},
};
use crate::{
    account::Account,
    connection::State,
    display_name::{hue, initials},
    model::Model,
    roster::Availability,
    settings::Presence,
    texts::{Arg, Texts},
    view::{MeView, Shape},
};
use presente_wire::OwnAvailability;

/// Ourselves over all accounts: the name of the first, and how many there are.
pub(super) fn me(accounts: &[Numbered<'_>], texts: &Texts) -> MeView {
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

/// As several devices of one person come to one state: not to be disturbed anywhere, else online somewhere, else away
/// somewhere. Else somewhere connected, else nowhere.
pub(super) fn sum(accounts: &[Numbered<'_>]) -> Shape {
    let shapes: Vec<Shape> = accounts.iter().map(|(_, account)| shape(account)).collect();
    let order = [Shape::Busy, Shape::Online, Shape::Away, Shape::Offline];
    order.into_iter().find(|shape| shapes.contains(shape)).unwrap_or(Shape::Cut)
}

/// What is chosen, summed up in the same way.
pub(super) fn chosen(accounts: &[Numbered<'_>]) -> OwnAvailability {
    let seen = accounts.iter().filter_map(|(_, account)| account.state().shown());
    Availability::merged(seen).map_or(OwnAvailability::Invisible, OwnAvailability::from)
}

/// Whether some server tells others more than that we are online.
pub(super) fn tells_more(accounts: &[Numbered<'_>]) -> bool {
    accounts.iter().any(|(_, account)| account.tells_more())
}

/// The line that others see beside our name: the first there is.
pub(super) fn status_line(accounts: &[Numbered<'_>]) -> String {
    let lines = accounts.iter().map(|(_, account)| account.status_line());
    lines.filter(|line| !line.is_empty()).map(ToOwned::to_owned).next().unwrap_or_default()
}

/// Whether what is chosen is not yet so.
pub(super) fn is_busy(accounts: &[Numbered<'_>]) -> bool {
    // Who waits for a lost connection is told so elsewhere.
    let waits = |account: &Account| {
        account.is_lost_briefly() || matches!(account.connection(), State::Waiting { .. } | State::Halted)
    };
    accounts.iter().any(|(_, account)| {
        account.is_present() != (account.presence() == Presence::Online) && !waits(account)
    })
}

/// What is so with being away by itself: whether this desktop tells.
pub(super) fn idle_words(model: &Model, texts: &Texts) -> String {
    model.attendance.words(texts)
}

/// What is so with ourselves: in one word where that is so everywhere.
pub(super) fn words(accounts: &[Numbered<'_>], texts: &Texts) -> String {
    let states: Vec<String> = accounts.iter().map(|(_, account)| own_state(account, texts)).collect();
    match states.split_first() {
        Some((first, rest)) if rest.iter().all(|state| state == first) => first.clone(),
        _ => {
            let sum = sum(accounts);
            let id = match sum {
                Shape::Busy => "state-dnd",
                Shape::Away => "state-away",
                Shape::Offline => "state-appearing-offline",
                Shape::Online | Shape::Cut => "state-online",
            };
            let is_so = |account: &Account| is_connected(account) && shape(account) == sum;
            let here = accounts.iter().filter(|(_, account)| is_so(account)).count();
            let (state, here, of) = (texts.get(id), Arg::Count(here), Arg::Count(accounts.len()));
            texts.with("state-at", &[("state", Arg::from(&state)), ("count", here), ("total", of)])
        }
    }
}
