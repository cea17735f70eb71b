//! The assistant that learns how a server speaks: listens to it, proposes, and keeps what a person confirms.

use super::{Controller, Dialects, dialect::Stranger};
use crate::{
    effects::AccountNumber,
    learn::{ListenError, Mapping, Observed, known_requests, propose},
    model::Learning,
    problem::Problem,
    profile::Field,
    session::{Target, link_request},
};
use std::sync::Arc;

impl Controller {
    /// Begins to listen to the server of the form, which speaks in no way that is known.
    pub(super) fn learn(&mut self) {
        let (Some(stranger), Dialects::Detected(_, library)) = (&self.stranger, &self.dialects) else {
            return;
        };
        let server = stranger.form.server.clone();
        let nobody = Arc::new(Mapping::default().profile("", None));
        let profile = stranger.found.as_ref().map_or(nobody, |found| found.profile.clone());
        let token = stranger.found.as_ref().and_then(|found| found.session.as_ref()?.token.clone());
        let target = Target { server: server.clone(), profile };
        let requests = known_requests(library.all().map(AsRef::as_ref));
        self.stop_learning();
        let number = self.next_number();
        self.model.learning = Some(Learning {
            number,
            server: server.label(),
            profile_name: server.host().to_owned(),
            observed: Observed::default(),
            proposals: Vec::new(),
            chosen: 0,
            mapping: None,
            failed: None,
        });
        self.listening = Some(self.effects.listen(number, link_request(&target, token.as_ref()), requests));
    }

    pub(super) fn on_overheard(&mut self, number: AccountNumber, observed: Observed) {
        let Some(learning) = self.model.learning.as_mut().filter(|learning| learning.number == number) else {
            return;
        };
        learning.observed = observed;
        let chosen = learning.proposals.get(learning.chosen).map(|proposal| proposal.mapping.clone());
        learning.proposals = propose(&learning.observed);
        // What somebody has chosen stays chosen, wherever it stands now.
        if let Some(chosen) = chosen.filter(|_| learning.mapping.is_some()) {
            let same = |mapping: &Mapping| (&mapping.event, &mapping.list) == (&chosen.event, &chosen.list);
            let at = learning.proposals.iter().position(|proposal| same(&proposal.mapping));
            learning.chosen = at.unwrap_or(0);
        }
    }

    pub(super) fn on_listened(&mut self, number: AccountNumber, result: Result<(), ListenError>) {
        let learning = self.model.learning.as_mut().filter(|learning| learning.number == number);
        if let (Some(learning), Err(error)) = (learning, result)
            && learning.proposals.is_empty()
        {
            learning.failed = Some(error.to_string());
        }
    }

    pub(super) fn choose_proposal(&mut self, proposal: usize) {
        if let Some(learning) = &mut self.model.learning
            && let Some(chosen) = learning.proposals.get(proposal)
        {
            learning.chosen = proposal;
            learning.mapping = Some(chosen.mapping.clone());
        }
    }

    /// Reads people by other fields; one that is none is left as it was.
    pub(super) fn map_fields(&mut self, id: String, name: Vec<String>, email: Option<String>) {
        let Some(learning) = &mut self.model.learning else { return };
        let Some(mut mapping) = learning.mapping().cloned() else { return };
        let field = |text: String| Field::try_from(text).ok();
        if !id.is_empty() {
            mapping.id = field(id).or(mapping.id);
        }
        mapping.name = name.into_iter().filter_map(field).collect();
        mapping.email = email.and_then(field);
        learning.mapping = Some(mapping);
    }

    /// Keeps what was learnt, and goes on with the form.
    pub(super) fn keep_profile(&mut self, name: &str) {
        let learnt = self.model.learning.as_ref().and_then(Learning::mapping).cloned();
        let (Some(mapping), Some(stranger)) = (learnt, self.stranger.take()) else { return };
        let Stranger { request, form, found } = stranger;
        let base = found.as_ref().map(|found| found.profile.clone());
        let profile = mapping.profile(name, base.as_deref());
        if let Dialects::Detected(_, library) = &mut self.dialects
            && let Err(error) = library.save(&profile)
        {
            tracing::warn!(%error, "the profile was not saved");
            self.stranger = Some(Stranger { request, form, found });
            return self.notice(Problem::ProfileNotSaved { reason: error.to_string() });
        }
        self.stop_learning();
        self.remember(&form.server, &profile);
        self.model.draft.typed(&request);
        self.model.draft.number = self.next_number();
        let target = Target { server: form.server.clone(), profile: Arc::new(profile) };
        let session = found.and_then(|found| found.session);
        self.go_on(request, form, target, session);
    }

    pub(super) fn stop_learning(&mut self) {
        self.model.learning = None;
        if let Some(listening) = self.listening.take() {
            listening.abort();
        }
    }
}
