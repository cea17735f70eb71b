//! How people want to be seen: told to one account or to all, and remembered.

use super::Controller;
use crate::{
    account::{Account, Effect},
    effects::AccountNumber,
    settings::Presence,
};

impl Controller {
    pub(super) fn set_presence(&mut self, presence: Presence, account: Option<AccountNumber>) {
        for number in self.shown(account) {
            self.with_account(number, |account, fx, _| account.set_presence(presence, fx));
            self.note_presence(number, presence);
        }
        if account.is_none() {
            self.model.settings.presence = presence;
        }
        self.save_settings();
    }

    /// One of the accounts that are shown, or all of them.
    fn shown(&self, account: Option<AccountNumber>) -> Vec<AccountNumber> {
        let numbers = self.model.shown().map(|(number, _)| number);
        numbers.filter(|number| account.is_none_or(|only| only == *number)).collect()
    }

    /// Lets one of the accounts that are shown act, or all of them.
    pub(super) fn with_shown(
        &mut self,
        account: Option<AccountNumber>,
        act: impl Fn(&mut Account, &mut Vec<Effect>),
    ) {
        for number in self.shown(account) {
            self.with_account(number, |account, fx, _| act(account, fx));
        }
    }

    fn note_presence(&mut self, number: AccountNumber, presence: Presence) {
        let session = self.model.seats.get(&number).map(|seat| seat.account.session());
        for kept in &mut self.model.settings.accounts {
            if Some(kept.session()) == session {
                kept.presence = presence;
            }
        }
    }

    /// It was chosen on another device of the same person.
    pub(super) fn on_wished(&mut self, number: AccountNumber, presence: Presence) {
        self.note_presence(number, presence);
        self.save_settings();
    }
}
