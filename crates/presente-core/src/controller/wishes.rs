//! How people want to be seen: told to one account or to all, and remembered. What the desktop says of whether anybody
//! is at the machine belongs here too.

use super::{Activity, Controller, Update};
use crate::{
    account::{Account, Effect},
    display_name::clean,
    effects::AccountNumber,
    roster::MAX_STATUS_CHARS,
    settings::{KeptAccount, Presence},
};
use presente_wire::OwnAvailability;

impl Controller {
    pub(super) fn set_state(&mut self, state: OwnAvailability, account: Option<AccountNumber>) {
        for number in self.shown(account) {
            self.with_account(number, |account, fx, _| account.set_state(state, fx));
            self.note_state(number);
        }
        if account.is_none() {
            let settings = &mut self.model.settings;
            settings.presence = state.shown().map_or(Presence::Offline, |_| Presence::Online);
            settings.availability = state.shown().unwrap_or(settings.availability);
        }
        self.save_settings();
        // Whoever chooses something is there.
        self.model.attendance.is_touched();
        self.tell_attendance();
    }

    pub(super) fn set_status_line(&mut self, line: &str, account: Option<AccountNumber>) {
        let line = clean(line, MAX_STATUS_CHARS);
        let is_everywhere = account.is_none() || self.shown(None).len() == 1;
        self.with_shown(account, |account, fx| account.set_status_line(&line, fx));
        if is_everywhere {
            self.model.settings.status_line = line;
            self.save_settings();
        }
    }

    /// The desktop says whether somebody is at the machine.
    pub(super) fn on_activity(&mut self, activity: Activity) {
        self.model.attendance.note(activity);
        self.tell_attendance();
    }

    /// After another time we count as away, or never any more.
    pub(super) fn on_auto_away_changed(&mut self) {
        self.surface.show(Update::AutoAway(self.model.settings.auto_away_minutes));
        self.tell_attendance();
    }

    fn tell_attendance(&mut self) {
        let is_left = self.model.is_left();
        self.with_accounts(|account, fx, _| account.set_left(is_left, fx));
    }

    /// One of the accounts that are shown, or all of them.
    fn shown(&self, account: Option<AccountNumber>) -> Vec<AccountNumber> {
        let numbers = self.model.shown().map(|(number, _)| number);
        numbers.filter(|number| account.is_none_or(|only| only == *number)).collect()
    }

    /// Lets one of the accounts that are shown act, or all of them.
    fn with_shown(&mut self, account: Option<AccountNumber>, act: impl Fn(&mut Account, &mut Vec<Effect>)) {
        for number in self.shown(account) {
            self.with_account(number, |account, fx, _| act(account, fx));
        }
    }

    /// Notes what is chosen with an account that is kept.
    fn note_state(&mut self, number: AccountNumber) {
        let Some(account) = self.model.seats.get(&number).map(|seat| &seat.account) else { return };
        let (session, presence, availability) =
            (account.session(), account.presence(), account.availability());
        let kept = self.model.settings.accounts.iter_mut().find(|kept| kept.session() == session);
        if let Some(KeptAccount { presence: was, availability: how, .. }) = kept {
            (*was, *how) = (presence, availability);
        }
    }

    /// It was chosen on another device of the same person.
    pub(super) fn on_wished(&mut self, number: AccountNumber) {
        self.note_state(number);
        self.save_settings();
    }

    /// The line was chosen on another device. Where there are several accounts it is that of one of them only, and its
    /// server remembers it.
    pub(super) fn on_lined(&mut self, line: String) {
        if self.shown(None).len() == 1 {
            self.model.settings.status_line = line;
            self.save_settings();
        }
    }
}
