//! The page of one contact.

use super::{alerting, one_account, remembering};
use crate::{
    display_name::{hue, initials},
    effects::AccountNumber,
    model::Model,
    people::{Person, PersonKey},
    texts::Texts,
    view::{ContactView, Telling, shape_of},
};
use jiff::{Timestamp, tz::TimeZone};
use std::collections::BTreeSet;

/// The page of a contact; nothing where the contact is not known any more.
pub(super) fn view(
    model: &Model,
    number: AccountNumber,
    id: &str,
    texts: &Texts,
    now: Timestamp,
    zone: &TimeZone,
) -> Option<ContactView> {
    let account = &model.seats.get(&number).filter(|seat| seat.account.known)?.account;
    let contact = account.roster.contact(id)?;
    let key = PersonKey::new(&account.session(), id);
    let blank = Person::new(key.clone());
    let person = model.settings.person(&key).unwrap_or(&blank);
    let has_alias = !person.alias.is_empty();
    let name = if has_alias { person.alias.as_str() } else { contact.name.as_str() };
    let telling = Telling { texts, now, zone };
    let (timeline, usual) = remembering::timeline_and_usual(model);
    Some(ContactView {
        account: number,
        id: id.to_owned(),
        name: name.to_owned(),
        own_name: has_alias.then(|| contact.name.to_string()),
        alias: person.alias.clone(),
        note: person.note.clone(),
        initials: initials(name),
        hue: hue(id),
        shape: shape_of(contact),
        words: telling.state(contact),
        stale: one_account::is_out_of_date(account),
        picture: contact.picture,
        email: contact.email.as_ref().map(ToString::to_string),
        server: account.target.server.label(),
        last_online: contact.since.filter(|_| !contact.online).map(|last| telling.last_online(last)),
        can_whisper: account.can_whisper() && one_account::is_connected(account) && contact.online,
        favourite: person.favourite,
        group: person.group.clone(),
        groups: groups(model),
        rule: alerting::rule_of_contact(model, number, id, texts),
        history_on: model.settings.history.enabled,
        keep_history: !person.no_history,
        timeline,
        usual,
    })
}

/// The groups there are, by name.
pub(super) fn groups(model: &Model) -> Vec<String> {
    let people = model.settings.people.iter().filter_map(|person| person.group.clone());
    people.chain(model.settings.alerts.groups.keys().cloned()).collect::<BTreeSet<_>>().into_iter().collect()
}
