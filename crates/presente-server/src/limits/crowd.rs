//! How many at once: in all, and from one address.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use crate::address::ClientAddress;

/// Counts those who are here. Its memory is bounded by the most that it lets in.
#[derive(Debug, Clone)]
pub(crate) struct Crowd {
    in_all: usize,
    of_one: usize,
    present: Arc<Mutex<Present>>,
}

#[derive(Debug, Default)]
struct Present {
    total: usize,
    of: HashMap<ClientAddress, usize>,
}

/// Why there is no room.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Full {
    /// For anybody.
    ForAll,
    /// For this address.
    ForOne,
}

/// Somebody's place in the crowd; dropping it frees it.
#[derive(Debug)]
pub(crate) struct Place {
    crowd: Crowd,
    of: Option<ClientAddress>,
}

impl Crowd {
    /// Room for `in_all`, and for `of_one` from each address.
    pub(crate) fn new(in_all: usize, of_one: usize) -> Self {
        Self { in_all, of_one, present: Arc::default() }
    }

    /// Takes a place. `None` as the address counts for nobody but all, as a proxy's connections do.
    ///
    /// # Errors
    /// There is no room.
    pub(crate) fn enter(&self, address: Option<ClientAddress>) -> Result<Place, Full> {
        let of = address.map(ClientAddress::group);
        let mut present = self.present();
        if present.total >= self.in_all {
            return Err(Full::ForAll);
        }
        if let Some(of) = of {
            let count = present.of.entry(of).or_default();
            // Never reached with a count of 0, so a refused address leaves no entry behind.
            if *count >= self.of_one.max(1) {
                return Err(Full::ForOne);
            }
            *count += 1;
        }
        present.total += 1;
        drop(present);
        Ok(Place { crowd: self.clone(), of })
    }

    /// How many are here.
    pub(crate) fn len(&self) -> usize {
        self.present().total
    }

    /// How many addresses are counted.
    #[cfg(test)]
    pub(crate) fn addresses(&self) -> usize {
        self.present().of.len()
    }

    /// Nothing in here can be left half done, so a poisoned lock is as good as any.
    fn present(&self) -> MutexGuard<'_, Present> {
        self.present.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut present = self.crowd.present();
        present.total = present.total.saturating_sub(1);
        if let Some(of) = self.of
            && let Some(count) = present.of.get_mut(&of)
        {
            *count = count.saturating_sub(1);
            if *count == 0 {
                present.of.remove(&of);
            }
        }
    }
}
