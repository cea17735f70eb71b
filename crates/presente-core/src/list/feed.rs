//! How the list follows the rosters: while a page is there, and as far as accounts are shown.

use super::{Index, Noted};
use crate::{model::Model, people::Person, roster::Touched};
use std::collections::HashMap;

impl Model {
    /// Brings the list up to date, which is made where there is none.
    pub(crate) fn feed_list(&mut self) {
        let Self { list, seats, settings, search, .. } = self;
        let list = list.get_or_insert_with(|| Index::new(&settings.list));
        list.search(search);
        list.keep_accounts(|number| seats.get(&number).is_some_and(|seat| seat.account.known));
        for (number, seat) in seats.iter_mut().filter(|(_, seat)| seat.account.known) {
            let account = &mut seat.account;
            let is_new = list.open(*number, || account.session());
            match account.roster.take_touched() {
                Touched::These(touches) if !is_new => {
                    if touches.is_empty() {
                        continue;
                    }
                    let session = account.session();
                    for touch in touches {
                        let noted = |id: &str| {
                            settings
                                .people_of(&session)
                                .find(|person| person.key.id == id)
                                .and_then(Noted::of)
                        };
                        list.touch(*number, touch, noted);
                    }
                }
                Touched::These(_) | Touched::Everything => {
                    let session = account.session();
                    let people: HashMap<&str, &Person> =
                        settings.people_of(&session).map(|person| (person.key.id.as_str(), person)).collect();
                    let noted = |id: &str| people.get(id).and_then(|person| Noted::of(person));
                    list.replace(*number, account.roster.contacts(), noted);
                }
            }
        }
    }

    /// Nobody looks at the list any more: it is made anew when somebody does.
    pub(crate) fn forget_list(&mut self) {
        self.list = None;
        self.search.clear();
        for seat in self.seats.values_mut() {
            seat.account.roster.unfollowed();
        }
    }
}
