//! What people note of those they know, and how they want the list: kept at once, shown at once.

use super::{Controller, PersonNote};
use crate::{
    alerts::Rule,
    display_name::clean,
    effects::AccountNumber,
    list::{Noted, Slot},
    people::{MAX_ALIAS_CHARS, MAX_NOTE_CHARS, Person, PersonKey},
    settings::Sort,
};

/// The longest search that is remembered, in characters.
const MAX_SEARCH_CHARS: usize = 100;

impl Controller {
    /// The page shows other rows now, and some of them are not to move.
    pub(super) fn look(&mut self, from: usize, len: usize, pins: &[String]) {
        self.model.window = (from, len);
        if let Some(list) = &mut self.model.list {
            let slots = pins.iter().filter_map(|key| key.strip_prefix('c')?.parse::<Slot>().ok());
            list.pin(slots);
        }
    }

    /// Shows those of whom these words are true.
    pub(super) fn search(&mut self, words: &str) {
        self.model.search = words.chars().take(MAX_SEARCH_CHARS).collect();
        if let Some(list) = &mut self.model.list {
            list.search(&self.model.search);
        }
        // What was in sight is not there any more.
        self.model.window.0 = 0;
    }

    /// Sorts the list in another way.
    pub(super) fn sort(&mut self, by: Sort) {
        if self.model.settings.list.sort != by {
            self.model.settings.list.sort = by;
            if let Some(list) = &mut self.model.list {
                list.sort(by);
            }
            self.save_settings();
        }
    }

    /// Folds a section of the list, or unfolds it.
    pub(super) fn fold(&mut self, section: String, folded: bool) {
        let Some(list) = &mut self.model.list else { return };
        let Some(by_itself) = list.folds_by_itself(&section) else { return };
        let settings = &mut self.model.settings.list;
        settings.folded.remove(&section);
        settings.unfolded.remove(&section);
        match (by_itself, folded) {
            (true, false) => settings.unfolded.insert(section),
            (false, true) => settings.folded.insert(section),
            (true, true) | (false, false) => false,
        };
        list.fold(settings);
        self.save_settings();
    }

    /// Notes something of a contact.
    pub(super) fn note_of(&mut self, account: AccountNumber, id: &str, note: PersonNote) {
        let Some(seat) = self.model.seats.get(&account) else { return };
        if seat.account.roster.contact(id).is_none() {
            return;
        }
        let key = PersonKey::new(&seat.account.session(), id);
        let settings = &mut self.model.settings;
        let keep_history = if let PersonNote::History(keep) = note { Some(keep) } else { None };
        settings.note_of(&key, |person| take_down(person, note));
        let noted = settings.person(&key).and_then(Noted::of);
        if let Some(list) = &mut self.model.list {
            list.note(account, id, noted);
        }
        if let Some(keep) = keep_history {
            self.keep_history(account, id, keep);
        }
        self.save_settings();
    }
}

fn take_down(person: &mut Person, note: PersonNote) {
    match note {
        PersonNote::Favourite(favourite) => person.favourite = favourite,
        PersonNote::Group(group) => {
            person.group = Some(clean(&group, MAX_ALIAS_CHARS)).filter(|group| !group.is_empty());
        }
        PersonNote::Alias(alias) => person.alias = clean(&alias, MAX_ALIAS_CHARS),
        PersonNote::Note(note) => {
            let lines: Vec<_> = note.lines().map(|line| clean(line, MAX_NOTE_CHARS)).collect();
            person.note = lines.join("\n").trim().chars().take(MAX_NOTE_CHARS).collect();
        }
        PersonNote::Rule(rule) => {
            let before = person.rule.take().unwrap_or_default();
            person.rule = rule.map(|rule| rule.in_place_of(&before)).filter(|rule| !Rule::is_default(rule));
        }
        PersonNote::History(keep) => person.no_history = !keep,
    }
}
