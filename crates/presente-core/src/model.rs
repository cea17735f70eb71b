//! The state that everything shown is made from: the controller changes it, `screen` reads it.

use crate::{
    account::Account, form::SignInRequest, problem::Problem, server_url::ServerUrl, settings::Settings,
};

/// The state that everything shown is made from.
pub(crate) struct Model {
    pub(crate) settings: Settings,
    pub(crate) account: Option<Account>,
    pub(crate) tenure: Tenure,
    pub(crate) draft: Draft,
    pub(crate) notices: Vec<Problem>,
    pub(crate) window: (usize, usize),
}

/// What goes with the account beside its own state.
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
    /// The form is being checked, or the kept account is being prepared.
    pub(crate) busy: bool,
    /// An account is being made.
    pub(crate) signing_up: bool,
    pub(crate) local_server: Option<ServerUrl>,
}

impl Draft {
    /// Remembers what was typed, so that nothing is lost when it does not work.
    pub(crate) fn typed(&mut self, request: &SignInRequest) {
        self.server = request.server.trim().to_owned();
        self.email = request.email.trim().to_owned();
        self.keep = request.keep;
        self.problem = None;
        self.busy = true;
    }
}
