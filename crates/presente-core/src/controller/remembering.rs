//! Remembers who was online when: hands over what happens to be written, and knows what was watched.
//!
//! An account is watched while it is connected, its list is right, and history is on. What ends that ends all spans of
//! the account, at the last moment of which we know; when it is so again, whoever is online then is told anew.

mod asked;

use super::Controller;
use crate::{
    account::Account,
    effects::{AccountNumber, Event},
    history::{
        Exported, HistoryError, HistorySettings, HistoryStore, MAX_KEEP_DAYS, MIN_KEEP_DAYS, Past, Record,
        Seen,
        recorder::{News, Recorder},
    },
    people::PersonKey,
    problem::Problem,
    roster::{Change, Contact},
    server_url::ServerUrl,
    settings::{OpenSession, Settings},
};
use jiff::{SignedDuration, Timestamp};
use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    path::PathBuf,
    sync::Arc,
    time::Duration,
};
use tokio::{sync::mpsc, time::timeout};

/// How often it is written that a watch goes on: what a crash may cost.
const GOES_ON_EVERY: SignedDuration = SignedDuration::from_secs(60);
/// The controller looks at the time every few seconds. When it has not for so long, the machine slept.
const GAP: SignedDuration = SignedDuration::from_secs(30);
/// How often what is too old is forgotten.
const PRUNE_EVERY: SignedDuration = SignedDuration::from_hours(24);
/// How long the end may take.
const CLOSE_WITHIN: Duration = Duration::from_secs(1);

/// What came of something that was asked of the store.
#[derive(Debug)]
pub(crate) enum HistoryEvent {
    News(News),
    LastOnline(AccountNumber, HashMap<String, Timestamp>),
    Past(AccountNumber, String, Result<Past, HistoryError>),
    Forgotten(Option<(AccountNumber, String)>, Result<(), HistoryError>),
    Exported(Result<Exported, HistoryError>),
    Size(u64),
}

/// What goes with remembering.
pub(super) struct Remembering {
    store: Arc<dyn HistoryStore>,
    recorder: Recorder,
    /// Where files to take away are written.
    exports: PathBuf,
    events: mpsc::Sender<Event>,
    /// The accounts that are watched.
    watching: BTreeMap<AccountNumber, OpenSession>,
    /// The accounts whose list has come since they were connected.
    listed: BTreeSet<AccountNumber>,
    /// The accounts of which it has been asked when their people were online last, and the answers that have not been
    /// of use yet.
    recalled: BTreeMap<AccountNumber, HashMap<String, Timestamp>>,
    /// When the time was looked at last.
    alive_at: Option<Timestamp>,
    /// When it was written last that watches go on.
    went_on_at: Timestamp,
    pruned_at: Option<Timestamp>,
    /// What is shown is to be read again.
    stale: bool,
    /// It is being read.
    reading: bool,
    read_at: Timestamp,
}

impl Remembering {
    pub(super) fn new(store: Arc<dyn HistoryStore>, exports: PathBuf, events: mpsc::Sender<Event>) -> Self {
        let news = events.clone();
        let tell = move |told| {
            let news = news.clone();
            // The queue may be full, and writing does not wait for it.
            tokio::spawn(async move { news.send(Event::History(HistoryEvent::News(told))).await });
        };
        Self {
            recorder: Recorder::start(store.clone(), tell),
            store,
            exports,
            events,
            watching: BTreeMap::new(),
            listed: BTreeSet::new(),
            recalled: BTreeMap::new(),
            alive_at: None,
            went_on_at: Timestamp::MIN,
            pruned_at: None,
            stale: false,
            reading: false,
            read_at: Timestamp::MIN,
        }
    }

    /// Hands something over; what is not taken makes the account one that is to be begun anew.
    fn record(&mut self, number: AccountNumber, record: Record) {
        if !self.recorder.record(record) {
            self.watching.remove(&number);
        }
    }

    /// Nothing of an account is known from then on.
    fn end(&mut self, number: AccountNumber, at: Timestamp) {
        if let Some(account) = self.watching.remove(&number) {
            // If that finds no room, it is ended by the next beginning.
            let _ = self.recorder.record(Record::Ended { account, at });
        }
    }

    fn end_all(&mut self, at: Timestamp) {
        while let Some(number) = self.watching.keys().next().copied() {
            self.end(number, at);
        }
    }

    /// Does something in a task of its own, and reports what came of it.
    fn spawn(&self, work: impl Future<Output = HistoryEvent> + Send + 'static) {
        let events = self.events.clone();
        tokio::spawn(async move { events.send(Event::History(work.await)).await });
    }
}

fn is_right(account: &Account) -> bool {
    account.is_online() && !account.list_is_behind()
}

impl Controller {
    /// Looks at what is watched, and does what is due.
    pub(super) fn keep_watch(&mut self) {
        let now = self.clock.now();
        let settings = &self.model.settings;
        let Some(history) = &mut self.remembering else { return };
        let alive_at = history.alive_at.replace(now).unwrap_or(now);
        if now.duration_since(alive_at) > GAP {
            history.end_all(alive_at);
            history.listed.clear();
        }
        let seats = &self.model.seats;
        let is_gone = |number: &AccountNumber| !seats.get(number).is_some_and(|seat| is_right(&seat.account));
        let gone: Vec<AccountNumber> = history.listed.iter().copied().filter(is_gone).collect();
        for number in gone {
            history.listed.remove(&number);
            history.end(number, now);
        }
        history.recalled.retain(|number, _| seats.contains_key(number));
        if history.pruned_at.is_none_or(|at| now.duration_since(at) >= PRUNE_EVERY) {
            history.pruned_at = Some(now);
            history.prune(&settings.history, now);
        }
        if settings.history.enabled {
            self.watch(now);
        }
        self.look_at_past(now);
    }

    /// Begins to watch what is not watched, and has written that the rest goes on.
    fn watch(&mut self, now: Timestamp) {
        let Some(history) = &mut self.remembering else { return };
        for (number, seat) in &self.model.seats {
            let account = seat.account.session();
            if !history.recalled.contains_key(number) {
                history.recalled.insert(*number, HashMap::new());
                history.recall(*number, account.clone());
            }
            let listed = history.listed.contains(number);
            if listed && !history.watching.contains_key(number) && history.recorder.has_room() {
                let excluded = excluded(&self.model.settings, &account);
                let people = seat.account.roster.contacts();
                let online =
                    people.filter(|contact| contact.online && !excluded.contains(contact.id.as_str()));
                let online = online.map(Seen::of).collect();
                history.watching.insert(*number, account.clone());
                history.record(*number, Record::Began { account, at: now, online });
                history.stale = true;
            }
        }
        // Also when the clock was set back.
        if now.duration_since(history.went_on_at).abs() >= GOES_ON_EVERY {
            history.went_on_at = now;
            for (number, account) in history.watching.clone() {
                history.record(number, Record::GoesOn { account, at: now });
            }
        }
    }

    /// A list, or what has changed in it.
    pub(super) fn remember_list(&mut self, number: AccountNumber, is_first: bool, changes: &[Change]) {
        let now = self.clock.now();
        let Some(history) = &mut self.remembering else { return };
        if is_first {
            history.end(number, now);
        }
        history.listed.insert(number);
        if let Some(account) = history.watching.get(&number).cloned() {
            let excluded = excluded(&self.model.settings, &account);
            let kept = changes.iter().filter(|change| !excluded.contains(change.contact.id.as_str()));
            let people: Vec<Seen> = kept.map(|change| Seen::of(&change.contact)).collect();
            history.stale |= self.model.remembered.is_of(number, &people);
            if !people.is_empty() {
                history.record(number, Record::Changed { account, at: now, people });
            }
        }
        self.apply_recalled(number);
    }

    /// Somebody has another identity now.
    pub(super) fn remember_as(&mut self, number: AccountNumber, was: &str, contact: &Arc<Contact>) {
        let now = self.clock.now();
        let Some(account) = self.model.seats.get(&number).map(|seat| seat.account.session()) else { return };
        let key = PersonKey::new(&account, was);
        if self.model.settings.person(&key).is_some_and(|person| person.no_history) {
            let key = PersonKey::new(&account, &contact.id);
            self.model.settings.note_of(&key, |person| person.no_history = true);
            self.save_settings();
        } else if let Some(history) = &mut self.remembering
            && history.watching.contains_key(&number)
        {
            let now_is = Seen::of(contact);
            history.record(number, Record::Renamed { account, at: now, was: was.to_owned(), now: now_is });
        }
    }

    /// Somebody's history is kept from now on, or not any more.
    pub(super) fn keep_history(&mut self, number: AccountNumber, id: &str, keep: bool) {
        let at = self.clock.now();
        let Some(history) = &mut self.remembering else { return };
        let contact = self.model.seats.get(&number).and_then(|seat| seat.account.roster.contact(id));
        if let (Some(account), Some(contact)) = (history.watching.get(&number).cloned(), contact) {
            let record = match keep {
                true => Record::Kept { account, at, now: Seen::of(contact) },
                false => Record::Changed { account, at, people: vec![Seen::hidden(contact)] },
            };
            history.record(number, record);
            history.stale = true;
        }
    }

    /// The server of this computer is at another address now.
    pub(super) fn history_moved(&mut self, before: &ServerUrl, now: &ServerUrl) {
        if let Some(history) = self.remembering.as_mut().filter(|_| before != now) {
            // What finds no room stays under the address of before.
            let _ = history.recorder.record(Record::Moved { before: before.clone(), now: now.clone() });
        }
    }

    /// Takes over whether and for how long history is kept.
    pub(super) fn change_history(&mut self, new: HistorySettings) {
        let now = self.clock.now();
        let keep_days = new.keep_days.clamp(MIN_KEEP_DAYS, MAX_KEEP_DAYS);
        self.model.settings.history = HistorySettings { keep_days, ..new };
        if let Some(history) = &mut self.remembering {
            if !new.enabled {
                history.end_all(now);
                history.recalled.clear();
            }
            history.pruned_at = None;
        }
    }

    /// Tells contacts who are offline when they were here last, where an earlier run saw it.
    fn apply_recalled(&mut self, number: AccountNumber) {
        let Some(history) = self.remembering.as_mut() else { return };
        let Some(recalled) = history.recalled.get_mut(&number) else { return };
        let Some(seat) = self.model.seats.get_mut(&number).filter(|_| history.listed.contains(&number))
        else {
            return;
        };
        for (id, at) in std::mem::take(recalled) {
            seat.account.roster.recall(&id, at);
        }
    }

    pub(super) fn on_history(&mut self, event: HistoryEvent) {
        match event {
            HistoryEvent::News(news) => self.on_history_news(news),
            HistoryEvent::LastOnline(number, people) => {
                if let Some(recalled) =
                    self.remembering.as_mut().and_then(|all| all.recalled.get_mut(&number))
                {
                    *recalled = people;
                    self.apply_recalled(number);
                }
            }
            HistoryEvent::Past(number, id, past) => self.on_past(number, &id, past),
            HistoryEvent::Forgotten(whom, result) => self.on_forgotten(whom, result),
            HistoryEvent::Exported(result) => self.on_exported(result),
            HistoryEvent::Size(bytes) => self.model.remembered.bytes = Some(bytes),
        }
    }

    fn on_history_news(&mut self, news: News) {
        match news {
            News::Trouble(HistoryError { path, reason }) => {
                let path = path.display().to_string();
                self.notice(Problem::HistoryNotKept { path, reason });
            }
            News::Recovered => {
                self.model.notices.retain(|notice| !matches!(notice, Problem::HistoryNotKept { .. }));
            }
            News::SetAside(path) => {
                self.notice(Problem::HistorySetAside { path: path.display().to_string() });
                if let Some(history) = &mut self.remembering {
                    history.watching.clear();
                    history.stale = true;
                }
            }
        }
    }

    /// Writes what waits and closes the file.
    pub(super) async fn end_remembering(&mut self) {
        let now = self.clock.now();
        if let Some(mut history) = self.remembering.take() {
            history.end_all(now);
            let end = async {
                history.recorder.flush().await;
                history.store.close().await;
            };
            if timeout(CLOSE_WITHIN, end).await.is_err() {
                tracing::warn!("the last of history was not written in time");
            }
        }
    }
}

/// Whose history is not kept, of the people of an account.
fn excluded<'a>(settings: &'a Settings, account: &OpenSession) -> BTreeSet<&'a str> {
    let excluded = settings.people_of(account).filter(|person| person.no_history);
    excluded.map(|person| person.key.id.as_str()).collect()
}
