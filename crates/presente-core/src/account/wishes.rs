//! What is wished for and what is so, by what makes somebody present at this server.

use super::{Account, DOUBTS, Effect, Report};
use crate::{
    link::Payload,
    profile::{Emission, Fill, PresenceModel},
    settings::Presence,
};
use secrecy::ExposeSecret;

impl Account {
    /// Whether others see us there, as far as we know.
    pub(crate) fn is_present(&self) -> bool {
        let profile = &self.target.profile;
        match profile.presence.by {
            PresenceModel::Http => self.signed_in && !self.own.hidden,
            PresenceModel::Connection => self.is_online(),
            PresenceModel::Event => self.is_online() && self.presence == Presence::Online,
        }
    }

    /// Whether a session at the server is wished for.
    pub(super) fn wants_session(&self) -> bool {
        let profile = &self.target.profile;
        let wanted = match profile.presence.by {
            PresenceModel::Http => self.presence == Presence::Online || self.is_hidden(),
            PresenceModel::Connection => self.presence == Presence::Online,
            PresenceModel::Event => true,
        };
        profile.has_accounts() && wanted && !self.leaving
    }

    /// Whether a connection is wished for: where it is presence itself, only who wants to be seen has one.
    pub(super) fn wants_link(&self) -> bool {
        let by_connection = self.target.profile.presence.by == PresenceModel::Connection;
        let hidden = by_connection && self.presence == Presence::Offline;
        !(self.leaving || hidden)
    }

    /// Tells the server by event whether we are there, where that is how it learns.
    pub(super) fn say_presence(&self, fx: &mut Vec<Effect>) {
        let rules = &self.target.profile.presence;
        let said = match (self.presence, rules.by) {
            (Presence::Online, _) => rules.online.as_ref(),
            (Presence::Offline, PresenceModel::Event) => rules.offline.as_ref(),
            (Presence::Offline, _) => None,
        };
        fx.extend(said.and_then(|emission| self.emission(emission, &Fill::new())));
    }

    /// An event of the profile's, with what is known of ourselves; `None` while something is missing.
    fn emission(&self, emission: &Emission, more: &Fill<'_>) -> Option<Effect> {
        let arguments = emission.fill(&self.values(more))?;
        Some(Effect::Emit(emission.event.clone(), Payload::from_values(&arguments).ok()?))
    }

    pub(super) fn values<'v>(&'v self, more: &Fill<'v>) -> Fill<'v> {
        let mut values = more.clone();
        let nickname = if self.me.name.is_empty() { self.login.as_str() } else { self.me.name.as_str() };
        let token = self.token.as_ref().map(ExposeSecret::expose_secret);
        let known = [
            ("email", Some(self.login.as_str())),
            ("nickname", Some(nickname)),
            ("self", self.me.id.as_deref()),
            ("token", token),
        ];
        values.extend(
            known
                .into_iter()
                .filter_map(|(name, value)| Some((name, value.filter(|value| !value.is_empty())?))),
        );
        values
    }

    /// Something did not fit the dialect. Once may be an accident.
    pub(super) fn doubt_dialect(&mut self, fx: &mut Vec<Effect>) {
        self.doubts += 1;
        if self.doubts == DOUBTS {
            self.doubts = 0;
            fx.push(Effect::Report(Report::DialectDoubted));
        }
    }
}
