//! Slowing down who guesses passwords: per account and per address, never so that a stranger can keep
//! somebody out. Pure: time is passed in.
//!
//! After five wrong passwords the next trial has to wait for 1, 2, 4 … 60 s. An address from which somebody has
//! signed in rightly before is *familiar* for that account: there only its own mistakes count, whatever others
//! do to the account from elsewhere, or from that address to other accounts.

use std::{
    collections::hash_map::RandomState,
    hash::BuildHasher as _,
    net::IpAddr,
    time::{Duration, Instant},
};

use super::generations::Generations;
use crate::address::ClientAddress;

/// Wrong passwords that cost nothing.
const FREE: u32 = 5;
/// Longest wait.
const LONGEST: Duration = Duration::from_secs(60);
/// After so long without a wrong password all of them are forgotten.
const FORGET: Duration = Duration::from_secs(15 * 60);
/// Trials of one account that may run at once, so that nobody gets around the waits by guessing all at once.
const AT_ONCE: u32 = 8;
/// Wait when as many run already.
const SOON: Duration = Duration::from_secs(1);
/// Accounts and addresses that are remembered, each.
const REMEMBERED: usize = 20_000;
/// Familiar addresses that are remembered.
const FAMILIAR: usize = 100_000;

/// The wrong passwords of one account, one address, or one account at one address.
#[derive(Debug, Clone, Copy, Default)]
struct Tries {
    wrong: u32,
    running: u32,
    last_wrong: Option<Instant>,
}

impl Tries {
    /// How long the next trial has to wait; zero when it need not.
    fn wait(&self, now: Instant) -> Duration {
        let Some(last) = self.last_wrong.filter(|last| self.wrong >= FREE && now < *last + FORGET) else {
            return Duration::ZERO;
        };
        let pause =
            Duration::from_secs(1).saturating_mul(2_u32.saturating_pow(self.wrong - FREE)).min(LONGEST);
        (last + pause).saturating_duration_since(now)
    }

    fn crowded(&self) -> Duration {
        if self.running >= AT_ONCE { SOON } else { Duration::ZERO }
    }

    fn wrong(&mut self, now: Instant) {
        if self.last_wrong.is_some_and(|last| now >= last + FORGET) {
            self.wrong = 0;
        }
        self.wrong = self.wrong.saturating_add(1);
        self.last_wrong = Some(now);
    }
}

/// How a trial ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    /// It was the right password.
    Right,
    /// It was not.
    Wrong,
    /// Nobody knows: the server was busy, or the caller has gone.
    Open,
}

/// A trial that may go ahead; it is to be [`Backoff::end`]ed.
#[derive(Debug, Clone, Copy)]
pub(super) struct Trial {
    account: u64,
    address: IpAddr,
    familiar: bool,
}

/// Who has to wait.
#[derive(Debug)]
pub(super) struct Backoff {
    /// Accounts by a keyed hash of their address, known or not: nobody makes a table grow with long names.
    accounts: Generations<u64, Tries>,
    addresses: Generations<IpAddr, Tries>,
    familiar: Generations<(u64, IpAddr), Tries>,
    hash: RandomState,
}

impl Default for Backoff {
    fn default() -> Self {
        Self::with_capacities(REMEMBERED, FAMILIAR)
    }
}

impl Backoff {
    fn with_capacities(remembered: usize, familiar: usize) -> Self {
        Self {
            accounts: Generations::new(remembered),
            addresses: Generations::new(remembered),
            familiar: Generations::new(familiar),
            hash: RandomState::new(),
        }
    }

    /// Somebody at `address` wants to try a password for the account of a normalised e-mail.
    ///
    /// # Errors
    /// They have to wait for so long first; nothing was tried.
    pub(super) fn begin(
        &mut self,
        now: Instant,
        email: &str,
        address: ClientAddress,
    ) -> Result<Trial, Duration> {
        let (account, address) = (self.hash.hash_one(email), address.group().0);
        let familiar = self.familiar.get(&(account, address));
        let wait = match familiar {
            Some(tries) => tries.wait(now).max(tries.crowded()),
            None => {
                let tries = self.accounts.get(&account).unwrap_or_default();
                let here = self.addresses.get(&address).unwrap_or_default();
                tries.wait(now).max(tries.crowded()).max(here.wait(now))
            }
        };
        if !wait.is_zero() {
            return Err(wait);
        }
        let trial = Trial { account, address, familiar: familiar.is_some() };
        self.tries(trial).running += 1;
        Ok(trial)
    }

    /// The trial is over.
    pub(super) fn end(&mut self, now: Instant, trial: Trial, end: End) {
        let tries = self.tries(trial);
        tries.running = tries.running.saturating_sub(1);
        match end {
            End::Open => {}
            End::Wrong => {
                tries.wrong(now);
                // Of this computer itself there are no strangers, only perhaps a proxy that speaks for
                // everybody: its mistakes must not become everybody's.
                if !trial.familiar && !trial.address.is_loopback() {
                    self.addresses.entry(&trial.address).wrong(now);
                }
            }
            End::Right => {
                tries.wrong = 0;
                self.familiar.entry(&(trial.account, trial.address)).wrong = 0;
                if self.addresses.get(&trial.address).is_some() {
                    // Only one: else whoever has an account could clear the way for guessing others' again.
                    let here = self.addresses.entry(&trial.address);
                    here.wrong = here.wrong.saturating_sub(1);
                }
            }
        }
    }

    /// Where the trial is counted.
    fn tries(&mut self, trial: Trial) -> &mut Tries {
        match trial.familiar {
            true => self.familiar.entry(&(trial.account, trial.address)),
            false => self.accounts.entry(&trial.account),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(text: &str) -> ClientAddress {
        ClientAddress(text.parse().unwrap())
    }

    fn guess(backoff: &mut Backoff, now: Instant, email: &str, address: ClientAddress, end: End) -> Duration {
        match backoff.begin(now, email, address) {
            Ok(trial) => {
                backoff.end(now, trial, end);
                Duration::ZERO
            }
            Err(wait) => wait,
        }
    }

    #[test]
    fn five_wrong_passwords_are_free_and_then_each_doubles_the_wait_up_to_a_minute() {
        // Once for an account tried from everywhere, once for an address that tries everybody.
        for of_address in [false, true] {
            let (mut backoff, mut now) = (Backoff::default(), Instant::now());
            let mut waits = Vec::new();
            for step in 1..=13 {
                let (email, address) = match of_address {
                    true => (format!("p{step}@test"), at("203.0.113.7")),
                    false => ("ana@test".to_owned(), at(&format!("203.0.113.{step}"))),
                };
                let wait = guess(&mut backoff, now, &email, address, End::Wrong);
                waits.push(wait.as_secs());
                if !wait.is_zero() {
                    now += wait;
                    assert_eq!(guess(&mut backoff, now, &email, address, End::Wrong), Duration::ZERO);
                }
            }
            assert_eq!(waits, [0, 0, 0, 0, 0, 1, 2, 4, 8, 16, 32, 60, 60]);
        }
    }

    #[test]
    fn what_was_wrong_is_forgotten_after_a_quarter_of_an_hour_and_with_the_right_password() {
        let (mut backoff, now) = (Backoff::default(), Instant::now());
        for _ in 0..5 {
            guess(&mut backoff, now, "ana@test", at("198.51.100.1"), End::Wrong);
        }
        let elsewhere = at("198.51.100.2");
        assert!(!guess(&mut backoff, now, "ana@test", elsewhere, End::Wrong).is_zero());
        let later = now + FORGET;
        assert!(guess(&mut backoff, later, "ana@test", elsewhere, End::Wrong).is_zero());
        for _ in 0..4 {
            guess(&mut backoff, later, "ana@test", at("198.51.100.3"), End::Wrong);
        }
        let at_last = later + Duration::from_secs(1);
        assert!(guess(&mut backoff, at_last, "ana@test", at("198.51.100.4"), End::Right).is_zero());
        assert!(guess(&mut backoff, at_last, "ana@test", at("198.51.100.5"), End::Wrong).is_zero());
    }

    #[test]
    fn a_proxy_on_this_computer_is_not_slowed_for_everybody() {
        let (mut backoff, now) = (Backoff::default(), Instant::now());
        for n in 0..50 {
            let wait = guess(&mut backoff, now, &format!("p{n}@test"), at("127.0.0.1"), End::Wrong);
            assert!(wait.is_zero());
        }
    }

    #[test]
    fn many_guesses_at_once_wait_for_each_other() {
        let (mut backoff, now) = (Backoff::default(), Instant::now());
        let started: Vec<_> =
            (0..100).filter_map(|_| backoff.begin(now, "ana@test", at("127.0.0.1")).ok()).collect();
        assert_eq!(started.len(), 8);
        for trial in started {
            backoff.end(now, trial, End::Open);
        }
        assert!(backoff.begin(now, "ana@test", at("127.0.0.1")).is_ok());
    }

    /// What strangers do: whom they try, from where, how it ends, how long they pause.
    fn strangers() -> impl Strategy<Value = Vec<(u8, u8, bool, u64)>> {
        proptest::collection::vec((0_u8..3, 0_u8..6, any::<bool>(), 0_u64..5), 0..200)
    }

    proptest! {
        #[test]
        fn nobody_keeps_somebody_out_of_where_they_were_before(steps in strangers()) {
            let (mut backoff, mut now) = (Backoff::default(), Instant::now());
            let home = at("2001:db8:1::1");
            prop_assert!(guess(&mut backoff, now, "a0@test", home, End::Right).is_zero());
            for (account, address, _, pause) in steps {
                now += Duration::from_secs(pause);
                // From elsewhere to this account; from its own address, to others.
                let (email, from) = match address {
                    0 => (format!("a{}@test", account + 1), home),
                    n => (format!("a{account}@test"), at(&format!("192.0.2.{n}"))),
                };
                guess(&mut backoff, now, &email, from, End::Wrong);
                prop_assert!(guess(&mut backoff, now, "a0@test", at("2001:db8:1::2"), End::Right).is_zero());
            }
        }

        #[test]
        fn guessing_one_account_from_new_addresses_soon_goes_no_faster_than_once_a_minute(
            pauses in proptest::collection::vec(0_u64..90, 1..300),
        ) {
            let (mut backoff, start) = (Backoff::default(), Instant::now());
            let (mut now, mut tried) = (start, 0_u64);
            for (n, pause) in pauses.into_iter().enumerate() {
                now += Duration::from_secs(pause);
                let from = at(&format!("198.51.{}.{}", n / 200, n % 200));
                tried += u64::from(guess(&mut backoff, now, "ana@test", from, End::Wrong).is_zero());
            }
            prop_assert!(tried <= 5 + 6 + 1 + (now - start).as_secs() / 60);
        }

        #[test]
        fn memory_is_bounded_whoever_comes(steps in strangers()) {
            let (mut backoff, now) = (Backoff::with_capacities(4, 4), Instant::now());
            for (n, (account, address, right, _)) in steps.into_iter().enumerate() {
                let end = if right { End::Right } else { End::Wrong };
                guess(&mut backoff, now, &format!("{account}{n}"), at(&format!("10.0.{address}.{}", n % 250)), end);
                prop_assert!(backoff.accounts.len() <= 8 && backoff.addresses.len() <= 8);
                prop_assert!(backoff.familiar.len() <= 8);
            }
        }
    }
}
