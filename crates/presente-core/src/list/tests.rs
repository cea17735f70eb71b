//! What the list does, by example.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may fail by panicking")]

use super::*;
use crate::{
    people::{Person, PersonKey},
    roster::Availability,
    server_url::ServerUrl,
};
use jiff::{Timestamp, ToSpan};
use std::collections::BTreeSet;

const ONE: AccountNumber = AccountNumber(1);

fn session(account: AccountNumber) -> OpenSession {
    let server = ServerUrl::parse(&format!("http://localhost:{}", account.number())).unwrap();
    OpenSession { server, email: "a@x".to_owned() }
}

/// How somebody is: offline, online, away or busy; since that minute.
pub(super) fn contact(id: &str, name: &str, state: u8, minute: i64) -> Arc<Contact> {
    Arc::new(Contact {
        id: id.into(),
        name: name.into(),
        email: Some(format!("{id}@school.example").into()),
        online: state > 0,
        availability: match state {
            2 => Some(Availability::Away),
            3 => Some(Availability::DoNotDisturb),
            _ => None,
        },
        status_line: None,
        since: (minute > 0).then(|| Timestamp::UNIX_EPOCH + minute.minutes()),
        picture: None,
    })
}

pub(super) fn noted(favourite: bool, group: &str, alias: &str) -> Option<Box<Noted>> {
    let mut person = Person::new(PersonKey::new(&session(ONE), ""));
    person.favourite = favourite;
    person.group = Some(group.to_owned());
    person.alias = alias.to_owned();
    Noted::of(&person)
}

pub(super) fn nothing(_: &str) -> Option<Box<Noted>> {
    None
}

pub(super) fn open(accounts: &[u64]) -> Index {
    let mut index = Index::new(&ListSettings::default());
    for account in accounts {
        let account = AccountNumber(*account);
        assert!(index.open(account, || session(account)));
    }
    index
}

pub(super) fn unfolded(index: &mut Index) {
    let unfolded = index.sections.values().map(|section| section.id.clone()).collect();
    index.fold(&ListSettings { unfolded, ..ListSettings::default() });
}

pub(super) fn title(kind: &Kind) -> String {
    match kind {
        Kind::Group(name) => name.as_str().to_owned(),
        other => format!("{other:?}"),
    }
}

fn lines(index: &Index) -> Vec<String> {
    let rows = index.window(0, usize::MAX);
    assert_eq!(rows.len(), index.total());
    rows.into_iter()
        .map(|row| match row {
            Row::Account(account) => format!("## {}", account.number()),
            Row::Heading(Heading { kind, online, of, .. }) => format!("# {} {online}/{of}", title(kind)),
            Row::Contact { contact, .. } => contact.name.to_string(),
        })
        .collect()
}

fn is(index: &mut Index, contact: Arc<Contact>) {
    index.touch(ONE, Touch::Is(contact), nothing);
}

fn slot(index: &Index, id: &str) -> Slot {
    index.slot_of(ONE, id).unwrap()
}

#[test]
fn favourites_win_over_groups_and_groups_over_states() {
    let mut index = open(&[1, 2]);
    for (id, name, state) in [("1", "Ana", 1), ("2", "beto", 0), ("3", "Óscar", 2), ("4", "Carla", 1)] {
        is(&mut index, contact(id, name, state, 0));
    }
    index.touch(AccountNumber(2), Touch::Is(contact("1", "Zoe", 0, 0)), nothing);
    unfolded(&mut index);
    let by_state =
        ["## 1", "# Online 2/2", "Ana", "Carla", "# Away 1/1", "Óscar", "# Offline 0/1", "beto", "## 2"];
    assert_eq!(lines(&index)[..9], by_state);
    index.note(ONE, "2", noted(true, "work", ""));
    index.note(ONE, "3", noted(false, "work", ""));
    index.note(ONE, "4", noted(false, "Aikido", ""));
    index.note(AccountNumber(2), "1", noted(true, "", ""));
    assert_eq!(
        lines(&index),
        [
            "# Favourites 0/2",
            "beto",
            "Zoe",
            "## 1",
            "# Aikido 1/1",
            "Carla",
            "# work 1/1",
            "Óscar",
            "# Online 1/1",
            "Ana",
            "## 2",
        ]
    );
    index.keep_accounts(|account| account == ONE);
    assert_eq!(lines(&index)[..3], ["# Favourites 0/1", "beto", "# Aikido 1/1"], "no head for the only one");
}

#[test]
fn each_way_to_sort_does_what_it_says() {
    let mut index = open(&[1]);
    for (id, name, state, minute) in
        [("9", "Ana", 3, 5), ("10", "ana", 2, 9), ("a", "Élan", 2, 0), ("b", "Zoe", 3, 7), ("c", "Eva", 1, 1)]
    {
        is(&mut index, contact(id, name, state, minute));
    }
    index.note(ONE, "c", noted(false, "g", ""));
    index.note(ONE, "b", noted(false, "g", ""));
    for (sort, listed) in [
        (Sort::Name, ["# g 2/2", "Eva", "Zoe", "# Away 3/3", "Ana", "ana", "Élan"]),
        (Sort::State, ["# g 2/2", "Eva", "Zoe", "# Away 3/3", "Ana", "ana", "Élan"]),
        (Sort::Recent, ["# g 2/2", "Eva", "Zoe", "# Away 3/3", "ana", "Ana", "Élan"]),
    ] {
        index.sort(sort);
        assert_eq!(lines(&index), listed, "{sort:?}");
    }
    is(&mut index, contact("d", "Aaa", 2, 8));
    index.sort(Sort::State);
    assert_eq!(lines(&index)[4..], ["Ana", "Aaa", "ana", "Élan"], "who is busy stands before who is away");
}

#[test]
fn folded_sections_keep_their_heading_and_a_search_shows_everybody_it_finds() {
    let mut index = open(&[1]);
    is(&mut index, contact("1", "Ana Ríos", 1, 0));
    is(&mut index, contact("2", "Beto", 0, 0));
    is(&mut index, contact("3", "Susana", 0, 0));
    assert_eq!(lines(&index), ["# Online 1/1", "Ana Ríos", "# Offline 0/2"]);
    let online = index.sections.values().next().unwrap().id.clone();
    assert_eq!(index.folds_by_itself(&online), Some(false));
    assert_eq!(index.folds_by_itself("nothing"), None);
    let folded = BTreeSet::from([online]);
    index.fold(&ListSettings { folded, ..ListSettings::default() });
    assert_eq!(lines(&index), ["# Online 1/1", "# Offline 0/2"]);
    index.search("ana");
    assert_eq!(lines(&index), ["# Online 1/1", "Ana Ríos", "# Offline 0/1", "Susana"]);
    index.search("rios ÁN");
    assert_eq!(lines(&index), ["# Online 1/1", "Ana Ríos"]);
    index.search("@school 2");
    assert_eq!(lines(&index), ["# Offline 0/1", "Beto"], "by the address");
    is(&mut index, contact("22", "Zoe", 1, 0));
    index.note(ONE, "1", noted(false, "", "2 friends"));
    assert_eq!(lines(&index), ["# Online 2/2", "Ana Ríos", "Zoe", "# Offline 0/1", "Beto"], "and who comes");
    index.search("nobody at all");
    assert_eq!((index.total(), lines(&index).len()), (0, 0));
    index.search("  ");
    assert_eq!(lines(&index), ["# Online 2/2", "# Offline 0/2"]);
}

#[test]
fn who_is_pinned_stays_in_place_whatever_becomes_of_them() {
    let mut index = open(&[1]);
    for (id, name) in [("1", "Ana"), ("2", "Beto"), ("3", "Carla")] {
        is(&mut index, contact(id, name, 1, 0));
    }
    index.pin([slot(&index, "2")].into_iter());
    is(&mut index, contact("2", "Beto", 0, 5));
    assert_eq!(lines(&index), ["# Online 2/3", "Ana", "Beto", "Carla"]);
    is(&mut index, contact("2", "Zoe", 0, 5));
    index.note(ONE, "2", noted(true, "", ""));
    assert_eq!(lines(&index), ["# Online 2/3", "Ana", "Zoe", "Carla"], "the words change");
    let pinned = slot(&index, "2");
    index.touch(ONE, Touch::Renamed("2".to_owned(), contact("9", "Zoe", 1, 6)), nothing);
    assert_eq!(
        (slot(&index, "9"), lines(&index)),
        (pinned, ["# Online 3/3", "Ana", "Zoe", "Carla"].map(str::to_owned).to_vec())
    );
    index.pin(std::iter::empty());
    assert_eq!(lines(&index), ["# Favourites 1/1", "Zoe", "# Online 2/2", "Ana", "Carla"]);
    index.pin([99, slot(&index, "1")].into_iter());
    index.touch(ONE, Touch::Gone("1".to_owned()), nothing);
    assert_eq!(lines(&index), ["# Favourites 1/1", "Zoe", "# Online 1/1", "Carla"], "who is gone is gone");
}

#[test]
fn who_is_found_stays_in_sight_while_pinned() {
    let mut index = open(&[1]);
    is(&mut index, contact("1", "Ana", 1, 0));
    is(&mut index, contact("2", "Beto", 1, 0));
    index.search("ana");
    index.pin([slot(&index, "1")].into_iter());
    is(&mut index, contact("1", "Zoe", 0, 0));
    assert_eq!(lines(&index), ["# Online 0/1", "Zoe"]);
    index.pin(std::iter::empty());
    assert_eq!(index.total(), 0);
    index.pin([slot(&index, "2")].into_iter());
    is(&mut index, contact("2", "Anabel", 1, 0));
    assert_eq!(index.total(), 0, "what is not in sight does not come while pinned");
    index.search("anab");
    assert_eq!(lines(&index), ["# Online 1/1", "Anabel"], "but with the next search");
}

#[test]
fn who_is_renamed_keeps_the_row_and_takes_the_place_of_a_namesake() {
    let mut index = open(&[1]);
    is(&mut index, contact("ana", "ana", 1, 0));
    is(&mut index, contact("zoe", "zoe", 0, 0));
    let row = slot(&index, "ana");
    index.touch(ONE, Touch::Renamed("ana".to_owned(), contact("zoe", "zoe", 1, 0)), nothing);
    assert_eq!((lines(&index).join(" "), slot(&index, "zoe")), ("# Online 1/1 zoe".to_owned(), row));
    index.touch(ONE, Touch::Renamed("unknown".to_owned(), contact("eva", "eva", 1, 0)), nothing);
    assert_eq!(lines(&index), ["# Online 2/2", "eva", "zoe"]);
}

#[test]
fn a_whole_list_touches_only_whom_it_changes() {
    let mut index = open(&[1]);
    let mut people: Vec<_> = (1000..1200).map(|id: u32| contact(&id.to_string(), "Ana", 1, 0)).collect();
    index.replace(ONE, people.iter(), nothing);
    let before: Vec<_> = people.iter().map(|contact| slot(&index, &contact.id)).collect();
    for contact in people.iter_mut().step_by(3) {
        Arc::make_mut(contact).online = false;
    }
    let gone = people.remove(100);
    index.replace(ONE, people.iter(), nothing);
    assert_eq!(index.slot_of(ONE, &gone.id), None);
    assert_eq!((slot(&index, "1000"), slot(&index, "1199")), (before[0], before[199]), "rows are the same");
    let offline = people.iter().filter(|contact| !contact.online).count();
    let online = people.len() - offline;
    let headings = [format!("# Online {online}/{online}"), format!("# Offline 0/{offline}")];
    let lines = lines(&index);
    assert_eq!([&lines[0], lines.last().unwrap()], [&headings[0], &headings[1]]);
}

#[test]
fn many_who_come_together_stand_as_if_they_had_come_one_by_one() {
    let alike = "Ana María del Carmen ".repeat(3);
    let name = |id: u32| match id % 4 {
        0 => alike.clone(),
        1 => format!("{alike}{}", id % 5),
        2 => "Ana".to_owned(),
        _ => format!("Ana{}", " b".repeat(usize::try_from(id % 7).unwrap())),
    };
    let people: Vec<_> = (1000..1400).map(|id| contact(&id.to_string(), &name(id), 1, 0)).collect();
    let (mut together, mut one_by_one) = (open(&[1]), open(&[1]));
    together.replace(ONE, people.iter(), nothing);
    people.iter().rev().for_each(|contact| is(&mut one_by_one, contact.clone()));
    let ids = |index: &Index| -> Vec<String> {
        let rows = index.window(1, usize::MAX).into_iter();
        rows.filter_map(|row| match row {
            Row::Contact { contact, .. } => Some(contact.id.to_string()),
            _ => None,
        })
        .collect()
    };
    assert_eq!(ids(&together), ids(&one_by_one));
}

#[test]
fn somebody_is_found_by_everything_that_is_known_of_them() {
    let mut index = open(&[1]);
    let mut ana = contact("1", "Ana Ríos", 1, 0);
    Arc::make_mut(&mut ana).status_line = Some("En clase".into());
    is(&mut index, ana);
    let mut person = Person::new(PersonKey::new(&session(ONE), "1"));
    (person.alias, person.note) = ("Jefa".to_owned(), "Firma los viernes".to_owned());
    index.note(ONE, "1", Noted::of(&person));
    for (search, found) in [
        ("jefa", true),
        ("rios", true),
        ("@SCHOOL", true),
        ("clase", true),
        ("viernes", true),
        ("jefa viernes rios", true),
        ("jefa lunes", false),
    ] {
        index.search(search);
        assert_eq!(index.total() > 0, found, "{search}");
    }
}
