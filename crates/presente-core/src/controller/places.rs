//! Moves between the pages that lie over the roster, and takes over changed settings at once.

use super::{Controller, SettingsChange, Update};
use crate::{
    effects::AccountNumber, history::HistorySettings, model::Place, settings::Language, texts::Texts,
};

impl Controller {
    /// Opens the page of a contact, wherever one is; of one that is not known, the list.
    pub(super) fn open_contact(&mut self, account: AccountNumber, id: String) {
        let seat = self.model.seats.get(&account).filter(|seat| seat.account.known);
        let is_known = seat.is_some_and(|seat| seat.account.roster.contact(&id).is_some());
        self.model.adding = false;
        self.go_to(if is_known { Place::Contact(account, id) } else { Place::Roster });
    }

    /// Goes to a page.
    pub(super) fn go_to(&mut self, place: Place) {
        self.model.place = place;
    }

    /// A link asks for an account at this server: the form waits for the rest. Nothing is sent by itself.
    pub(super) fn add_server(&mut self, server: &str) {
        if self.model.draft.busy || self.model.attempt().is_some() {
            return;
        }
        self.model.draft.server = crate::display_name::clean(server, 300);
        self.model.draft.email.clear();
        self.model.draft.problem = None;
        self.model.adding = true;
    }

    /// Takes over what is changed, keeps it, and lets everything that depends on it know.
    pub(super) fn change_settings(&mut self, change: SettingsChange) {
        let settings = &mut self.model.settings;
        if let Some(theme) = change.theme {
            settings.theme = theme;
        }
        if let Some(minutes) = change.auto_away_minutes {
            settings.auto_away_minutes = minutes.min(24 * 60);
            self.on_auto_away_changed();
        }
        if let Some(alerts) = change.alerts {
            self.change_alerts(alerts);
        }
        let history = &self.model.settings.history;
        let new = HistorySettings {
            enabled: change.history_enabled.unwrap_or(history.enabled),
            keep_days: change.keep_days.unwrap_or(history.keep_days),
        };
        if new != *history {
            self.change_history(new);
        }
        if let (Some(start), Some(starts)) = (change.start_at_login, &mut self.model.desktop.starts_at_login)
        {
            *starts = start;
            self.surface.show(Update::StartAtLogin(start));
        }
        if let Some(language) = change.language {
            self.speak(language);
        }
        self.save_settings();
    }

    /// Speaks this language from now on.
    fn speak(&mut self, language: Language) {
        self.model.settings.language = language;
        self.texts = Texts::chosen(language);
        self.surface.show(Update::Words(self.texts.clone()));
        self.put_past_into_words();
    }
}
