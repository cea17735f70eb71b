//! The menu of the icon: first as plain values, which can be compared, then as the bus wants it.

use super::{Action, Icon, pixels};
use ksni::{
    MenuItem,
    menu::{RadioGroup, RadioItem, StandardItem, SubMenu},
};
use presente_core::view::{Shape, Tray};
use presente_wire::OwnAvailability;

/// The states in the order of the menu's items.
const STATES: [OwnAvailability; 4] = [
    OwnAvailability::Online,
    OwnAvailability::Away,
    OwnAvailability::DoNotDisturb,
    OwnAvailability::Invisible,
];

/// Something in the menu.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Entry {
    /// A line between groups.
    Line,
    /// Words that cannot be chosen.
    Words(String),
    /// Something that can, with a shape beside it.
    Item(String, Option<Shape>, Action),
    /// One of several, with how many come before the one that is so.
    Choice(Vec<(String, Action)>, usize),
    /// A menu below this one.
    Menu(String, Vec<Entry>),
}

/// First our own state with what may be chosen, then who is online and where, alerts, the window, and the way out.
pub(super) fn entries(tray: &Tray) -> Vec<Entry> {
    let item = |words: &String, action| Entry::Item(words.clone(), None, action);
    let mut entries = vec![own(tray), Entry::Words(tray.count.clone())];
    entries.extend(tray.favourites.iter().map(|contact| {
        let action = Action::OpenContact(contact.account, contact.id.clone());
        Entry::Item(contact.words.clone(), Some(contact.shape), action)
    }));
    if !tray.accounts.is_empty() {
        entries.push(Entry::Line);
        entries.extend(tray.accounts.iter().cloned().map(Entry::Words));
    }
    entries.push(Entry::Line);
    if tray.state.is_some() {
        entries.push(item(&tray.snooze, if tray.snoozed { Action::Resume } else { Action::Snooze }));
    }
    entries.extend([item(&tray.open, Action::Open), item(&tray.quit, Action::Quit)]);
    entries
}

/// What we are, and what we may choose to be.
fn own(tray: &Tray) -> Entry {
    let Some(state) = tray.state else { return Entry::Words(tray.own_state.clone()) };
    let choices = tray.states.iter().cloned().zip(STATES.map(Action::State)).collect();
    let chosen = STATES.iter().take_while(|known| **known != state).count();
    let status_line = Entry::Item(tray.status_line.clone(), None, Action::StatusLine);
    Entry::Menu(tray.own_state.clone(), vec![Entry::Choice(choices, chosen), Entry::Line, status_line])
}

/// An underscore would mark the letter after it; two are one that is shown.
fn label(words: &str) -> String {
    words.replace('_', "__")
}

impl From<Entry> for MenuItem<Icon> {
    fn from(entry: Entry) -> Self {
        match entry {
            Entry::Line => Self::Separator,
            Entry::Words(words) => {
                StandardItem { label: label(&words), enabled: false, ..StandardItem::default() }.into()
            }
            Entry::Item(words, shape, action) => StandardItem {
                label: label(&words),
                icon_data: shape.map(|shape| pixels::png(shape).to_vec()).unwrap_or_default(),
                activate: Box::new(move |icon: &mut Icon| (icon.act)(action.clone())),
                ..StandardItem::default()
            }
            .into(),
            Entry::Choice(choices, selected) => {
                let (words, actions): (Vec<_>, Vec<_>) = choices.into_iter().unzip();
                let option = |words: String| RadioItem { label: label(&words), ..RadioItem::default() };
                RadioGroup {
                    selected,
                    options: words.into_iter().map(option).collect(),
                    // What is selected then is what the core says.
                    select: Box::new(move |icon: &mut Icon, at| {
                        if let Some(action) = actions.get(at) {
                            (icon.act)(action.clone());
                        }
                    }),
                }
                .into()
            }
            Entry::Menu(words, entries) => SubMenu {
                label: label(&words),
                submenu: entries.into_iter().map(Into::into).collect(),
                ..SubMenu::default()
            }
            .into(),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(
        clippy::unwrap_used,
        clippy::panic,
        clippy::indexing_slicing,
        reason = "a test may fail by panicking"
    )]

    use super::*;
    use presente_core::{controller::AccountNumber, view::TrayContact};
    use std::sync::{Arc, Mutex};

    fn tray() -> Tray {
        Tray {
            shape: Shape::Online,
            own_state: "Lucía: Online".to_owned(),
            state: Some(OwnAvailability::Online),
            states: ["Online", "Away", "Do not disturb", "Appear offline"].map(ToOwned::to_owned),
            status_line: "Status line…".to_owned(),
            count: "3 online".to_owned(),
            favourites: Vec::new(),
            accounts: Vec::new(),
            snooze: "Pause alerts for an hour".to_owned(),
            snoozed: false,
            open: "Open Presente".to_owned(),
            quit: "Quit".to_owned(),
            tooltip: "Presente: Online, 3 online".to_owned(),
        }
    }

    /// The menu as lines that a person can read.
    fn lines(entries: &[Entry], indent: &str) -> Vec<String> {
        let line = |entry: &Entry| match entry {
            Entry::Line => vec![format!("{indent}-")],
            Entry::Words(words) => vec![format!("{indent}({words})")],
            Entry::Item(words, ..) => vec![format!("{indent}{words}")],
            Entry::Choice(choices, chosen) => {
                let choice = |(at, (words, _)): (usize, &(String, Action))| {
                    format!("{indent}{} {words}", if at == *chosen { "x" } else { "o" })
                };
                choices.iter().enumerate().map(choice).collect()
            }
            Entry::Menu(words, entries) => {
                let below = lines(entries, &format!("{indent}  "));
                std::iter::once(format!("{indent}{words} >")).chain(below).collect()
            }
        };
        entries.iter().flat_map(line).collect()
    }

    #[test]
    fn the_menu_says_what_we_are_who_is_there_and_what_can_be_done() {
        let favourite = TrayContact {
            account: AccountNumber::NONE,
            id: "7".to_owned(),
            words: "Ana: Away".to_owned(),
            shape: Shape::Away,
        };
        let several = Tray {
            state: Some(OwnAvailability::DoNotDisturb),
            favourites: vec![favourite],
            accounts: vec!["a.example: 2 online".to_owned(), "b.example: Reconnecting".to_owned()],
            ..tray()
        };
        let menu = entries(&several);
        let expected = [
            "Lucía: Online >",
            "  o Online",
            "  o Away",
            "  x Do not disturb",
            "  o Appear offline",
            "  -",
            "  Status line…",
            "(3 online)",
            "Ana: Away",
            "-",
            "(a.example: 2 online)",
            "(b.example: Reconnecting)",
            "-",
            "Pause alerts for an hour",
            "Open Presente",
            "Quit",
        ];
        assert_eq!(lines(&menu, ""), expected);
        let contact = Action::OpenContact(AccountNumber::NONE, "7".to_owned());
        assert_eq!(menu[2], Entry::Item("Ana: Away".to_owned(), Some(Shape::Away), contact));
    }

    #[test]
    fn who_is_signed_in_nowhere_can_open_the_window_and_quit() {
        let nobody = Tray { state: None, own_state: "Not signed in".to_owned(), ..tray() };
        assert_eq!(
            lines(&entries(&nobody), ""),
            ["(Not signed in)", "(3 online)", "-", "Open Presente", "Quit"]
        );
    }

    #[test]
    fn a_pause_of_alerts_can_be_ended_where_it_was_begun() {
        let action = |snoozed| match entries(&Tray { snoozed, ..tray() }).remove(3) {
            Entry::Item(_, _, action) => action,
            other => panic!("something else: {other:?}"),
        };
        assert_eq!([action(false), action(true)], [Action::Snooze, Action::Resume]);
    }

    #[test]
    fn what_is_clicked_is_said_and_names_are_shown_as_they_are() {
        let said = Arc::new(Mutex::new(Vec::new()));
        let hears = said.clone();
        let act = Arc::new(move |action| hears.lock().unwrap().push(action));
        let mut icon = Icon { tray: Tray { own_state: "ana_b: Online".to_owned(), ..tray() }, act };
        let menu = ksni::Tray::menu(&icon);
        let MenuItem::SubMenu(own) = &menu[0] else { panic!("no submenu: {menu:?}") };
        assert_eq!(own.label, "ana__b: Online");
        let MenuItem::RadioGroup(states) = &own.submenu[0] else { panic!("no choice: {own:?}") };
        for at in 0..5 {
            (states.select)(&mut icon, at);
        }
        let MenuItem::Standard(quit) = menu.last().unwrap() else { panic!("no item: {menu:?}") };
        (quit.activate)(&mut icon);
        ksni::Tray::activate(&mut icon, 0, 0);
        let states = STATES.map(Action::State).into_iter();
        let expected: Vec<_> = states.chain([Action::Quit, Action::Toggle]).collect();
        assert_eq!(*said.lock().unwrap(), expected);
    }
}
