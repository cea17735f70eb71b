//! What the tray shows.

use super::{
    Numbered, count_text,
    one_account::{is_connected, own_state},
    ourselves::{chosen, sum, words},
};
use crate::{
    model::Model,
    roster::{Availability, Contact},
    texts::{Arg, Texts},
    view::{Shape, Tray, TrayContact, isolated},
};
use jiff::Timestamp;

/// How many favourites the menu names.
const FAVOURITES: usize = 8;

/// The tray.
pub(crate) fn tray(model: &Model, texts: &Texts, now: Timestamp) -> Tray {
    let accounts: Vec<_> = model.shown().collect();
    let title = texts.get("tray-title");
    let is_signed_in = !accounts.is_empty();
    let state = if is_signed_in { words(&accounts, texts) } else { texts.get("state-not-signed-in") };
    let own_state = match accounts.first() {
        Some((_, account)) => named(&account.me.name, &state, texts),
        None => state.clone(),
    };
    let count = count_text(&accounts, texts);
    let is_snoozed = model.settings.alerts.snoozed_until.is_some_and(|until| now < until);
    Tray {
        shape: sum(&accounts),
        tooltip: format!("{title}: {state}, {count}"),
        own_state,
        state: is_signed_in.then(|| chosen(&accounts)),
        states: ["state-online", "state-away", "state-dnd", "state-appear-offline"].map(|id| texts.get(id)),
        status_line: texts.get("tray-status-line"),
        count,
        favourites: favourites(model, &accounts, texts),
        accounts: if accounts.len() > 1 { lines(&accounts, texts) } else { Vec::new() },
        snooze: texts.get(if is_snoozed { "tray-resume" } else { "tray-snooze" }),
        snoozed: is_snoozed,
        open: texts.get("tray-open"),
        quit: texts.get("tray-quit"),
    }
}

fn named(name: &str, state: &str, texts: &Texts) -> String {
    texts.with("tray-own-state", &[("name", Arg::from(name)), ("state", Arg::from(state))])
}

/// A line for each account.
fn lines(accounts: &[Numbered<'_>], texts: &Texts) -> Vec<String> {
    let line = |(_, account): &Numbered<'_>| {
        let state = if is_connected(account) {
            texts.with("count-online", &[("count", Arg::Count(account.roster.online_count()))])
        } else {
            own_state(account, texts)
        };
        named(&account.target.server.label(), &state, texts)
    };
    accounts.iter().map(line).collect()
}

/// Favourites who are online, those first who can be reached, then by name.
fn favourites(model: &Model, accounts: &[Numbered<'_>], texts: &Texts) -> Vec<TrayContact> {
    let mut found = Vec::new();
    for (number, account) in accounts.iter().filter(|(_, account)| is_connected(account)) {
        let session = account.session();
        for person in model.settings.people_of(&session).filter(|person| person.favourite) {
            let id = &person.key.id;
            let contact = account.roster.contact(id).filter(|contact| contact.online);
            if let Some(contact) = contact {
                let name =
                    if person.alias.is_empty() { contact.name.as_str() } else { person.alias.as_str() };
                let (shape, state) = state_of(contact);
                let words = named(&isolated(name), &texts.get(state), texts);
                found.push((
                    shape != Shape::Online,
                    name.to_lowercase(),
                    TrayContact { account: *number, id: id.clone(), words, shape },
                ));
            }
        }
    }
    found.sort_by(|one, other| (one.0, &one.1, &one.2.id).cmp(&(other.0, &other.1, &other.2.id)));
    found.into_iter().take(FAVOURITES).map(|(_, _, contact)| contact).collect()
}

fn state_of(contact: &Contact) -> (Shape, &'static str) {
    match contact.availability {
        Some(Availability::Away) => (Shape::Away, "state-away"),
        Some(Availability::DoNotDisturb) => (Shape::Busy, "state-dnd"),
        Some(Availability::Online) | None => (Shape::Online, "state-online"),
    }
}
