//! The state that everything shown is made from: the controller changes it, `screen` reads it.

use crate::{
    account::Account,
    controller::ConnectionState,
    effects::AccountNumber,
    feed::Feed,
    form::SignInRequest,
    learn::{Mapping, Observed, Proposal},
    problem::Problem,
    server_url::ServerUrl,
    settings::{KeptAccount, OpenSession, Settings},
};
use std::collections::BTreeMap;

/// The state that everything shown is made from.
pub(crate) struct Model {
    pub(crate) settings: Settings,
    /// By the order in which they came.
    pub(crate) seats: BTreeMap<AccountNumber, Seat>,
    /// Kept accounts whose secret is being fetched.
    pub(crate) waking: BTreeMap<AccountNumber, KeptAccount>,
    pub(crate) draft: Draft,
    /// The form is open although there are accounts.
    pub(crate) adding: bool,
    pub(crate) feed: Feed,
    /// What the assistant has learnt so far, while it is open.
    pub(crate) learning: Option<Learning>,
    pub(crate) notices: Vec<Problem>,
    pub(crate) window: (usize, usize),
}

impl Model {
    /// The accounts that there is a roster for.
    pub(crate) fn shown(&self) -> impl Iterator<Item = (AccountNumber, &Account)> {
        self.seats.iter().map(|(number, seat)| (*number, &seat.account)).filter(|(_, account)| account.known)
    }

    /// The account whose first sign-in is under way.
    pub(crate) fn attempt(&self) -> Option<(AccountNumber, &Account)> {
        let mut seats = self.seats.iter().map(|(number, seat)| (*number, &seat.account));
        seats.find(|(_, account)| !account.known)
    }

    /// Which account has this session.
    pub(crate) fn seat_of(&self, session: &OpenSession) -> Option<AccountNumber> {
        let mut seats = self.seats.iter();
        seats.find(|(_, seat)| seat.account.session() == *session).map(|(number, _)| *number)
    }
}

/// An account and what goes with it beside its own state.
pub(crate) struct Seat {
    pub(crate) account: Account,
    pub(crate) tenure: Tenure,
    /// Where its connection stood when that was told last.
    pub(crate) told: Option<ConnectionState>,
    /// What was wrong beside a standing connection when that was told last.
    pub(crate) told_trouble: Option<Problem>,
}

/// What the assistant has learnt so far.
#[derive(Debug)]
pub(crate) struct Learning {
    pub(crate) number: AccountNumber,
    pub(crate) server: String,
    pub(crate) profile_name: String,
    pub(crate) observed: Observed,
    pub(crate) proposals: Vec<Proposal>,
    pub(crate) chosen: usize,
    /// What somebody has chosen or changed, in place of what is proposed.
    pub(crate) mapping: Option<Mapping>,
    /// Why the server cannot be listened to.
    pub(crate) failed: Option<String>,
}

impl Learning {
    /// How people are read now.
    pub(crate) fn mapping(&self) -> Option<&Mapping> {
        self.mapping.as_ref().or(self.proposals.get(self.chosen).map(|proposal| &proposal.mapping))
    }
}

/// On which terms somebody is signed in.
#[derive(Debug, Clone)]
pub(crate) struct Tenure {
    pub(crate) keep: bool,
    pub(crate) plain_http: bool,
    pub(crate) local: bool,
}

/// The sign-in form as it stands, without the password.
#[derive(Debug, Clone, Default)]
pub(crate) struct Draft {
    pub(crate) server: String,
    pub(crate) email: String,
    pub(crate) keep: bool,
    pub(crate) problem: Option<Problem>,
    pub(crate) hint: Option<String>,
    /// What is being done with it, if anything. What is reported under an earlier number is out of date.
    pub(crate) number: AccountNumber,
    /// The form is being checked, an account is being made, or what the server speaks is being found out.
    pub(crate) busy: bool,
    /// What is being done, in words.
    pub(crate) step: Option<String>,
    pub(crate) local_server: Option<ServerUrl>,
}

impl Draft {
    /// Remembers what was typed, so that nothing is lost when it does not work.
    pub(crate) fn typed(&mut self, request: &SignInRequest) {
        self.server = request.server.trim().to_owned();
        self.email = request.email.trim().to_owned();
        self.keep = request.keep;
        self.problem = None;
        self.step = None;
        self.busy = true;
    }

    /// Nothing is being done with it any more.
    pub(crate) fn rest(&mut self) {
        self.busy = false;
        self.step = None;
    }
}
