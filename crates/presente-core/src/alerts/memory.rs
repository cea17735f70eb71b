//! What the policy remembers of single contacts, and only of those of whom there is something to remember: who has gone
//! lately, who is away, of whom people were told lately.

use super::{AccountNumber, Key, Occasion};
use crate::roster::{Availability, Contact};
use jiff::{SignedDuration, Timestamp};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

/// Who was merely not seen, because our own connection or the server was down, and is seen again within this time has
/// not come.
pub(super) const UNSEEN: SignedDuration = SignedDuration::from_secs(60);

/// What is remembered of one contact.
#[derive(Debug, Default)]
pub(super) struct Memory {
    /// How the contact can be reached, while that is less than well.
    pub(super) reach: Option<Availability>,
    pub(super) gone: Option<Gone>,
    /// Came back so soon that nobody was told: until then it is likely to happen again.
    pub(super) unsteady_until: Option<Timestamp>,
    /// When people were told of what.
    pub(super) told: Vec<(Occasion, Timestamp)>,
}

/// Somebody who is not there.
#[derive(Debug)]
pub(super) struct Gone {
    pub(super) at: Timestamp,
    /// Until then this does not count.
    pub(super) held_until: Option<Timestamp>,
    /// That was found out after we had not been able to see.
    pub(super) unseen: bool,
    pub(super) contact: Arc<Contact>,
}

impl Memory {
    /// Whether people were told of this within the time.
    pub(super) fn was_told(&self, occasion: Occasion, within: SignedDuration, now: Timestamp) -> bool {
        self.told.iter().any(|(of, at)| *of == occasion && now.duration_since(*at) < within)
    }

    pub(super) fn is_told(&mut self, occasion: Occasion, now: Timestamp) {
        self.told.retain(|(of, _)| *of != occasion);
        self.told.push((occasion, now));
    }
}

/// What is remembered of all contacts.
#[derive(Debug, Default)]
pub(super) struct Memories {
    contacts: BTreeMap<Key, Memory>,
    /// Who has gone, and when that counts.
    holds: BTreeSet<(Timestamp, Key)>,
}

impl Memories {
    pub(super) fn get(&self, key: &Key) -> Option<&Memory> {
        self.contacts.get(key)
    }

    pub(super) fn of(&mut self, key: &Key) -> &mut Memory {
        self.contacts.entry(key.clone()).or_default()
    }

    /// Somebody has gone, which counts then.
    pub(super) fn hold(&mut self, key: &Key, contact: &Arc<Contact>, now: Timestamp, until: Timestamp) {
        let gone = Gone { at: now, held_until: Some(until), unseen: false, contact: contact.clone() };
        self.of(key).gone = Some(gone);
        self.holds.insert((until, key.clone()));
    }

    /// Somebody is there; what was known of the absence.
    pub(super) fn is_there(&mut self, key: &Key) -> Option<Gone> {
        let gone = self.contacts.get_mut(key)?.gone.take()?;
        if let Some(until) = gone.held_until {
            self.holds.remove(&(until, key.clone()));
        }
        Some(gone)
    }

    /// When the next absence counts.
    pub(super) fn next(&self) -> Option<Timestamp> {
        self.holds.first().map(|(until, _)| *until)
    }

    /// The next whose absence counts now; since when it should have.
    pub(super) fn due(&mut self, now: Timestamp) -> Option<(Timestamp, Key, Arc<Contact>)> {
        let (until, key) = self.holds.first().filter(|(until, _)| *until <= now).cloned()?;
        let contact = self.counts(&(until, key.clone()))?;
        Some((until, key, contact))
    }

    /// The absences of an account that do not count yet: now they do.
    pub(super) fn held_of(&mut self, account: AccountNumber) -> Vec<Key> {
        let held: Vec<_> = self.holds.iter().filter(|(_, key)| key.0 == account).cloned().collect();
        held.into_iter().filter(|hold| self.counts(hold).is_some()).map(|(_, key)| key).collect()
    }

    fn counts(&mut self, hold: &(Timestamp, Key)) -> Option<Arc<Contact>> {
        self.holds.remove(hold);
        let gone = self.contacts.get_mut(&hold.1)?.gone.as_mut()?;
        gone.held_until = None;
        Some(gone.contact.clone())
    }

    /// Somebody is known by another identity now.
    pub(super) fn rename(&mut self, was: &Key, is: &Key) {
        let Some(memory) = self.contacts.remove(was) else { return };
        if let Some(until) = memory.gone.as_ref().and_then(|gone| gone.held_until) {
            self.holds.remove(&(until, was.clone()));
            self.holds.insert((until, is.clone()));
        }
        self.contacts.insert(is.clone(), memory);
    }

    pub(super) fn forget(&mut self, account: AccountNumber) {
        self.contacts.retain(|key, _| key.0 != account);
        self.holds.retain(|(_, key)| key.0 != account);
    }

    /// Forgets what makes no difference any more.
    pub(super) fn prune(&mut self, now: Timestamp, absence: SignedDuration, cool_down: SignedDuration) {
        let absence = absence.max(UNSEEN);
        self.contacts.retain(|_, memory| {
            memory.told.retain(|(_, at)| now.duration_since(*at) < cool_down);
            memory.gone.take_if(|gone| gone.held_until.is_none() && now.duration_since(gone.at) >= absence);
            memory.unsteady_until.take_if(|until| *until <= now);
            let is_known = memory.reach.is_some() || memory.gone.is_some();
            is_known || memory.unsteady_until.is_some() || !memory.told.is_empty()
        });
    }

    /// The clock was put back by so much: what was a while ago is still that while ago.
    pub(super) fn put_back(&mut self, by: SignedDuration) {
        for memory in self.contacts.values_mut() {
            for (_, at) in &mut memory.told {
                *at = earlier(*at, by);
            }
            memory.unsteady_until = memory.unsteady_until.map(|until| earlier(until, by));
            if let Some(gone) = &mut memory.gone {
                gone.at = earlier(gone.at, by);
                gone.held_until = gone.held_until.map(|until| earlier(until, by));
            }
        }
        let holds = std::mem::take(&mut self.holds);
        self.holds = holds.into_iter().map(|(until, key)| (earlier(until, by), key)).collect();
    }
}

/// A moment before another one, as far as time goes.
fn earlier(at: Timestamp, by: SignedDuration) -> Timestamp {
    at.checked_sub(by).unwrap_or(Timestamp::MIN)
}
