//! The list against a model of it that is sorted anew after every step.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may fail by panicking")]

use super::{
    tests::{contact, noted, nothing, open, title, unfolded},
    *,
};
use crate::roster::Availability;
use compact_str::CompactString;
use jiff::Timestamp;
use proptest::prelude::*;
use std::collections::BTreeSet;

/// What the list is made of, plainly.
#[derive(Debug, Default)]
struct Plain {
    people: BTreeMap<(u64, String), Known>,
    sort: Sort,
    search: String,
    /// Where pinned ones are held: section, and what they were there.
    held: BTreeMap<(u64, String), Option<Standing>>,
}

/// Somebody, and what is noted of them.
type Known = (Arc<Contact>, Option<Box<Noted>>);

/// What decides where somebody stands: the section, the rest of it within the section.
type Standing = (u64, Kind, u64, i64, CompactString);

impl Plain {
    fn standing(&self, key: &(u64, String)) -> Option<Standing> {
        if let Some(held) = self.held.get(key) {
            return held.clone();
        }
        let (contact, noted) = self.people.get(key)?;
        let alias = noted.as_ref().map_or("", |noted| noted.alias.as_str());
        let email = contact.email.as_deref().unwrap_or_default();
        let text = words::folded(&format!("{}\n{alias}\n{email}", contact.name));
        if !self.search.split_whitespace().all(|word| text.contains(words::folded(word).as_str())) {
            return None;
        }
        let state = match (contact.online, contact.availability) {
            (false, _) => 3,
            (true, Some(Availability::Away)) => 2,
            (true, Some(Availability::DoNotDisturb)) => 1,
            _ => 0,
        };
        let kind = match noted.as_deref() {
            Some(noted) if noted.favourite => Kind::Favourites,
            Some(Noted { group: Some(group), .. }) => Kind::Group(group.clone()),
            _ => [Kind::Online, Kind::Away, Kind::Away, Kind::Offline][state].clone(),
        };
        let rank = match self.sort {
            Sort::State => state,
            _ if kind.is_mixed() => [0, 1, 1, 2][state],
            _ => 0,
        };
        let since = contact.since.map_or(0, Timestamp::as_second);
        let age = if self.sort == Sort::Recent { -since } else { 0 };
        let name = words::folded(if alias.is_empty() { &contact.name } else { alias });
        let account = if kind == Kind::Favourites { 0 } else { key.0 };
        Some((account, kind, u64::try_from(rank).unwrap(), age, name))
    }

    fn rows(&self) -> Vec<String> {
        let mut standing: Vec<_> =
            self.people.keys().filter_map(|key| Some((self.standing(key)?, key))).collect();
        // Identities of the test are numbers of one length.
        standing.sort_by(|(one, a), (other, b)| one.cmp(other).then_with(|| (&a.1, a.0).cmp(&(&b.1, b.0))));
        let mut rows = Vec::new();
        let mut last = None;
        for ((account, kind, ..), key) in &standing {
            if last != Some((*account, kind)) {
                last = Some((*account, kind));
                let there = standing.iter().filter(|(it, _)| (it.0, &it.1) == (*account, kind));
                let online = there.clone().filter(|(_, key)| self.people[*key].0.online).count();
                rows.push(format!("# {} {online}/{}", title(kind), there.count()));
            }
            rows.push(format!("{}/{} {}", key.0, key.1, self.people[*key].0.name));
        }
        rows
    }
}

#[derive(Debug, Clone)]
enum Step {
    Is(u64, u8, u8, u8, u8),
    Gone(u64, u8),
    Replace(u64, Vec<(u8, u8, u8)>),
    Note(u64, u8, bool, u8, u8),
    Sort(u8),
    Search(u8),
    Pin(Vec<(u64, u8)>),
}

const NAMES: [&str; 5] = ["Ana", "ána", "Beto", "Ana María del Carmen Uno", "Ana María del Carmen Dos"];

fn step() -> impl Strategy<Value = Step> {
    let (account, id) = (1_u64..3, 0_u8..60);
    prop_oneof![
        6 => (account.clone(), id.clone(), 0_u8..5, 0_u8..4, 0_u8..4)
            .prop_map(|(account, id, name, state, minute)| Step::Is(account, id, name, state, minute)),
        1 => (account.clone(), id.clone()).prop_map(|(account, id)| Step::Gone(account, id)),
        1 => (account.clone(), prop::collection::vec((id.clone(), 0_u8..5, 0_u8..4), 0..120))
            .prop_map(|(account, list)| Step::Replace(account, list)),
        2 => (account.clone(), id.clone(), any::<bool>(), 0_u8..3, 0_u8..3)
            .prop_map(|(account, id, favourite, group, alias)| Step::Note(account, id, favourite, group, alias)),
        1 => (0_u8..3).prop_map(Step::Sort),
        1 => (0_u8..5).prop_map(Step::Search),
        2 => prop::collection::vec((account, id), 0..3).prop_map(Step::Pin),
    ]
}

fn person(id: u8, name: u8, state: u8, minute: u8) -> Arc<Contact> {
    contact(&format!("{id:02}"), NAMES[usize::from(name)], state, i64::from(minute))
}

fn act(step: Step, index: &mut Index, plain: &mut Plain) {
    match step {
        Step::Is(account, id, name, state, minute) => {
            let contact = person(id, name, state, minute);
            index.touch(AccountNumber(account), Touch::Is(contact.clone()), nothing);
            let noted = plain.people.remove(&(account, contact.id.to_string())).and_then(|(_, noted)| noted);
            plain.people.insert((account, contact.id.to_string()), (contact, noted));
        }
        Step::Gone(account, id) => {
            let id = format!("{id:02}");
            index.touch(AccountNumber(account), Touch::Gone(id.clone()), nothing);
            plain.people.remove(&(account, id.clone()));
            plain.held.remove(&(account, id));
        }
        Step::Replace(account, list) => {
            let list: BTreeMap<_, _> = list
                .into_iter()
                .map(|(id, name, state)| person(id, name, state, 1))
                .map(|contact| (contact.id.to_string(), contact))
                .collect();
            let before = std::mem::take(&mut plain.people);
            for (key, (contact, noted)) in before {
                let now = if key.0 == account { list.get(&key.1).cloned() } else { Some(contact) };
                match now {
                    Some(now) => drop(plain.people.insert(key, (now, noted))),
                    None => drop(plain.held.remove(&key)),
                }
            }
            for (id, contact) in &list {
                plain.people.entry((account, id.clone())).or_insert_with(|| (contact.clone(), None));
            }
            index.replace(AccountNumber(account), list.values(), nothing);
        }
        Step::Note(account, id, favourite, group, alias) => {
            let id = format!("{id:02}");
            let noted = noted(
                favourite,
                ["", "Work", "álgebra"][usize::from(group)],
                ["", "Zoe", "Ana"][usize::from(alias)],
            );
            index.note(AccountNumber(account), &id, noted.clone());
            if let Some(person) = plain.people.get_mut(&(account, id)) {
                person.1 = noted;
            }
        }
        Step::Sort(sort) => {
            let sort = [Sort::Name, Sort::State, Sort::Recent][usize::from(sort)];
            index.sort(sort);
            if std::mem::replace(&mut plain.sort, sort) != sort {
                release(plain);
            }
        }
        Step::Search(search) => {
            let search = ["", "a", "an", "ana m", "1 zoe"][usize::from(search)];
            index.search(search);
            if plain.search != search {
                search.clone_into(&mut plain.search);
                release(plain);
            }
        }
        Step::Pin(pins) => {
            let pins: BTreeSet<_> =
                pins.into_iter().map(|(account, id)| (account, format!("{id:02}"))).collect();
            let slots: Vec<_> =
                pins.iter().filter_map(|(account, id)| index.slot_of(AccountNumber(*account), id)).collect();
            index.pin(slots.into_iter());
            plain.held.retain(|key, _| pins.contains(key));
            for key in pins.into_iter().filter(|key| plain.people.contains_key(key)) {
                let standing = plain.standing(&key);
                plain.held.insert(key, standing);
            }
        }
    }
}

/// Everybody finds their places anew, and those who are pinned are held there.
fn release(plain: &mut Plain) {
    let pins: Vec<_> = std::mem::take(&mut plain.held).into_keys().collect();
    for key in pins {
        let standing = plain.standing(&key);
        plain.held.insert(key, standing);
    }
}

proptest! {
    #[test]
    fn the_list_is_the_same_as_if_it_were_made_anew(steps in prop::collection::vec(step(), 1..40)) {
        let mut index = open(&[1, 2]);
        let mut plain = Plain::default();
        for step in steps {
            let said = format!("{step:?}");
            act(step, &mut index, &mut plain);
            unfolded(&mut index);
            let all = index.window(0, usize::MAX);
            prop_assert_eq!(all.len(), index.total());
            let rows: Vec<_> = all.iter().filter_map(|row| Some(match row {
                Row::Account(_) => return None,
                Row::Heading(Heading { kind, online, of, .. }) => format!("# {} {online}/{of}", title(kind)),
                Row::Contact { account, contact, .. } => format!("{}/{} {}", account.number(), contact.id, contact.name),
            })).collect();
            prop_assert_eq!(rows, plain.rows(), "after {}", said);
            for from in [0, 1, all.len() / 2, all.len().saturating_sub(2), all.len() + 1] {
                let window = index.window(from, 7);
                let part = all.get(from..all.len().min(from + 7)).unwrap_or_default();
                prop_assert_eq!(&window[..], part, "from {}", from);
            }
        }
    }
}
