//! What is asked of history: for the page of a contact, for the settings, to take away, to forget.

use super::{Controller, HistoryEvent, Remembering, excluded};
use crate::{
    controller::{Notification, Update},
    effects::AccountNumber,
    history::{
        ExportFormat, Exported, HistoryError, HistorySettings, Past, Record, Seen, TimelineSpan, timeline,
        usual,
    },
    model::{Place, Remembered},
    people::PersonKey,
    problem::Problem,
    settings::OpenSession,
    texts::Arg,
    view::{TimelineView, UsualView},
};
use jiff::{SignedDuration, Timestamp};
use std::collections::HashMap;

/// How often what is shown is read again although nothing has happened.
const READ_EVERY: SignedDuration = SignedDuration::from_secs(60);
/// How soon it is read again at the earliest: reading has what waits written.
const READ_GAP: SignedDuration = SignedDuration::from_secs(2);

impl Remembering {
    /// What is shown of it from the start: where it is kept. How much that is is asked at once, so that it is known
    /// before anybody looks: words that come late move what stands below them away from under the pointer.
    pub(in crate::controller) fn introduce(&self) -> Remembered {
        self.measure();
        Remembered { path: Some(self.store.path()), ..Remembered::default() }
    }

    /// Asks how much is kept.
    fn measure(&self) {
        let store = self.store.clone();
        self.spawn(async move { HistoryEvent::Size(store.size().await) });
    }

    /// Forgets what is too old. A file that is not there is not made for that.
    pub(super) fn prune(&self, settings: &HistorySettings, now: Timestamp) {
        let (store, before) = (self.store.clone(), settings.kept_since(now));
        tokio::spawn(async move {
            if store.size().await > 0
                && let Err(error) = store.prune(before).await
            {
                tracing::warn!(%error, "old history was not forgotten");
            }
        });
    }

    /// Asks when the people of an account were online last.
    pub(super) fn recall(&self, number: AccountNumber, account: OpenSession) {
        let store = self.store.clone();
        self.spawn(async move {
            let people = store.last_online(&account).await.unwrap_or_else(|error| {
                tracing::warn!(%error, "it is not known when people were here last");
                HashMap::new()
            });
            HistoryEvent::LastOnline(number, people)
        });
    }

    fn read(&mut self, number: AccountNumber, person: PersonKey, from: Timestamp, now: Timestamp) {
        (self.reading, self.stale, self.read_at) = (true, false, now);
        let (store, recorder) = (self.store.clone(), self.recorder.clone());
        self.spawn(async move {
            recorder.flush().await;
            let past = store.past(&person, from, now).await;
            HistoryEvent::Past(number, person.id, past)
        });
    }
}

impl Controller {
    /// Reads what is shown of the past, where that is due.
    pub(super) fn look_at_past(&mut self, now: Timestamp) {
        let Some(history) = &mut self.remembering else { return };
        let place = match &self.model.place {
            Place::Contact(number, id) => Some((*number, id.clone())),
            Place::Roster | Place::Settings | Place::About => None,
        };
        let remembered = &mut self.model.remembered;
        if remembered.of != place {
            remembered.turn_to(place.clone());
            history.stale = true;
            history.read_at = Timestamp::MIN;
        }
        let age = now.duration_since(history.read_at);
        let due = age.abs() >= READ_EVERY || (history.stale && age.abs() >= READ_GAP);
        if !due || history.reading || !self.attached {
            return;
        }
        if let Some((number, id)) = place {
            if let Some(seat) = self.model.seats.get(&number) {
                let week = timeline::begins(TimelineSpan::Week, now, &self.clock.time_zone());
                let from = usual::begins(now).min(week);
                history.read(number, PersonKey::new(&seat.account.session(), &id), from, now);
            }
        } else if self.model.place == Place::Settings {
            history.read_at = now;
            history.measure();
        }
    }

    pub(super) fn on_past(&mut self, number: AccountNumber, id: &str, past: Result<Past, HistoryError>) {
        let now = self.clock.now();
        let Some(history) = &mut self.remembering else { return };
        history.reading = false;
        if self.model.remembered.of.as_ref().is_none_or(|(of, its)| *of != number || its != id) {
            return;
        }
        match past {
            Ok(past) => {
                let is_watched = history
                    .watching
                    .get(&number)
                    .is_some_and(|account| !excluded(&self.model.settings, account).contains(id));
                self.model.remembered.past = Some(if is_watched { past.up_to(now) } else { past });
                self.put_past_into_words();
            }
            Err(error) => self.notice(Problem::HistoryNotRead { reason: error.reason }),
        }
    }

    /// Makes of what was read what is shown.
    pub(in crate::controller) fn put_past_into_words(&mut self) {
        let (now, zone) = (self.clock.now(), self.clock.time_zone());
        let remembered = &mut self.model.remembered;
        if let Some(past) = &remembered.past {
            let shown = timeline(past, remembered.span, now, &zone);
            remembered.timeline = Some(TimelineView::new(&shown, &zone, &self.texts));
            remembered.usual = Some(UsualView::new(&usual(past, now, &zone), &self.texts));
        }
    }

    /// Shows a day or a week on the page of the contact.
    pub(in crate::controller) fn show_span(&mut self, span: TimelineSpan) {
        self.model.remembered.span = span;
        self.put_past_into_words();
    }

    /// Writes the history of one or of all into a file to take away.
    pub(in crate::controller) fn export_history(
        &mut self,
        format: ExportFormat,
        whom: Option<&(AccountNumber, String)>,
    ) {
        let Some((history, key)) = self.history_of(whom) else { return };
        let (now, zone) = (self.clock.now(), self.clock.time_zone());
        let (store, recorder, folder) =
            (history.store.clone(), history.recorder.clone(), history.exports.clone());
        history.spawn(async move {
            recorder.flush().await;
            HistoryEvent::Exported(store.export(format, key.as_ref(), &folder, now, &zone).await)
        });
    }

    pub(super) fn on_exported(&mut self, result: Result<Exported, HistoryError>) {
        match result {
            Ok(Exported { path, spans }) => {
                let path = path.display().to_string();
                let values = [("count", Arg::Count(spans)), ("path", Arg::from(&path))];
                let notification = Notification {
                    tag: "history-export".to_owned(),
                    title: self.texts.get("history-exported-title"),
                    body: self.texts.with("history-exported", &values),
                    category: "transfer.complete",
                    ..Notification::default()
                };
                self.model.remembered.exported = Some(notification.body.clone());
                self.surface.show(Update::Notify(notification));
            }
            Err(HistoryError { path, reason }) => {
                let path = path.display().to_string();
                self.notice(Problem::HistoryNotExported { path, reason });
            }
        }
    }

    /// Forgets the history of one, or of all.
    pub(in crate::controller) fn forget_history(&mut self, whom: Option<(AccountNumber, String)>) {
        let Some((history, key)) = self.history_of(whom.as_ref()) else { return };
        let (store, recorder) = (history.store.clone(), history.recorder.clone());
        history.spawn(async move {
            // What waits belongs to what is to be forgotten.
            recorder.flush().await;
            HistoryEvent::Forgotten(whom, store.forget(key.as_ref()).await)
        });
    }

    /// What was forgotten is watched anew, if it is watched.
    pub(super) fn on_forgotten(
        &mut self,
        whom: Option<(AccountNumber, String)>,
        result: Result<(), HistoryError>,
    ) {
        let at = self.clock.now();
        if let Err(error) = result {
            return self.notice(Problem::HistoryNotRead { reason: error.reason });
        }
        let Some(history) = &mut self.remembering else { return };
        (history.stale, history.read_at) = (true, Timestamp::MIN);
        match whom {
            None => history.watching.clear(),
            Some((number, id)) => {
                let contact = self.model.seats.get(&number).and_then(|seat| seat.account.roster.contact(&id));
                let account = history.watching.get(&number).cloned();
                if let (Some(contact), Some(account)) = (contact, account)
                    && !excluded(&self.model.settings, &account).contains(id.as_str())
                {
                    history.record(number, Record::Kept { account, at, now: Seen::of(contact) });
                }
            }
        }
    }

    /// History, and the one in it who is meant; nothing where that is nobody.
    fn history_of(
        &self,
        whom: Option<&(AccountNumber, String)>,
    ) -> Option<(&Remembering, Option<PersonKey>)> {
        let history = self.remembering.as_ref()?;
        let key = match whom {
            None => None,
            Some((number, id)) => Some(PersonKey::new(&self.model.seats.get(number)?.account.session(), id)),
        };
        Some((history, key))
    }
}
