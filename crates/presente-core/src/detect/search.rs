//! The search: look, rank, sign in where that is of use, prove the session to the socket.

use super::{
    DetectError, Detector, Found, Step,
    evidence::{Admission, Ranked, Standing, sort},
    look::Scene,
    sign_in::{Door, door, is_same_place},
};
use crate::{
    profile::{Profile, Request},
    server_url::ServerUrl,
    session::{Credentials, SessionError, SignedIn, Target},
};
use secrecy::ExposeSecret;
use std::{sync::Arc, time::Duration};
use tokio::time::{Instant, timeout};

/// After this time nothing new is begun.
const BEGIN_WITHIN: Duration = Duration::from_secs(20);
/// How long a sign-in may take.
const SIGN_IN_WITHIN: Duration = Duration::from_secs(10);

/// One search.
pub(super) struct Search<'s> {
    pub(super) detector: &'s Detector,
    pub(super) server: &'s ServerUrl,
    /// Complete credentials, if any.
    pub(super) who: Option<&'s Credentials>,
    pub(super) steps: &'s mut (dyn FnMut(Step) + Send),
    /// After this nothing new is begun.
    pub(super) until: Instant,
}

/// What came of a sign-in.
enum Entered {
    /// It worked, as this candidate does it.
    In(Ranked, SignedIn),
    /// This is not how one signs in here; where something went wrong, that.
    Not(Option<SessionError>),
}

impl<'s> Search<'s> {
    pub(super) fn new(
        detector: &'s Detector,
        server: &'s ServerUrl,
        who: Option<&'s Credentials>,
        steps: &'s mut (dyn FnMut(Step) + Send),
    ) -> Self {
        let is_complete =
            |who: &&Credentials| !who.email.trim().is_empty() && !who.password.expose_secret().is_empty();
        let until = Instant::now() + BEGIN_WITHIN;
        Self { detector, server, who: who.filter(is_complete), steps, until }
    }

    pub(super) async fn run(&mut self, candidates: &[Arc<Profile>]) -> Result<Found, DetectError> {
        let scenes = self.look_around(candidates).await?;
        let mut ranking = rank(&scenes);
        for ranked in &ranking {
            let Ranked { profile, standing, score, .. } = ranked;
            tracing::debug!(profile = profile.name, ?standing, score, "a candidate");
        }
        ranking.retain(|ranked| ranked.standing != Standing::Contradicted);
        let mut tried: Vec<Request> = Vec::new();
        let mut trouble = None;
        for (at, ranked) in ranking.iter().enumerate() {
            let Some(request) = &ranked.profile.sign_in else {
                match (ranked.standing, scenes.get(ranked.scene)) {
                    (Standing::Supported, Some(scene)) => {
                        return Ok(scene.found(ranked.clone(), scene.transport, None, Vec::new()));
                    }
                    _ => continue,
                }
            };
            let Some(who) = self.who else { return Err(without_credentials(&ranking, &scenes)) };
            if tried.iter().any(|known| is_same_place(known, request)) {
                continue;
            }
            tried.push(request.clone());
            let Some(door) = door(ranking.get(at..).unwrap_or_default()) else { continue };
            match self.enter(door, who).await? {
                Entered::In(ranked, session) => {
                    let Some(scene) = scenes.get(ranked.scene) else { continue };
                    return self.prove(ranked, session, scene).await;
                }
                Entered::Not(error) => trouble = trouble.or(error),
            }
        }
        match trouble {
            Some(error) => Err(error.into()),
            None => Err(unknown(&scenes)),
        }
    }

    /// Signs in as the candidates of one door do. A refusal is the answer of a server that knows the request: the
    /// password goes nowhere else then.
    async fn enter(&mut self, door: Door, who: &Credentials) -> Result<Entered, DetectError> {
        for (ranked, with_body) in door.members {
            if Instant::now() > self.until {
                return Err(SessionError::Timeout.into());
            }
            (self.steps)(Step::SigningIn { profile: ranked.profile.clone() });
            let target = Target { server: self.server.clone(), profile: with_body };
            let sign_in = self.detector.sessions.sign_in(&target, who, None);
            let error = match timeout(SIGN_IN_WITHIN, sign_in).await.unwrap_or(Err(SessionError::Timeout)) {
                Ok(session) => {
                    (self.steps)(Step::SignedIn { profile: ranked.profile.clone() });
                    return Ok(Entered::In(ranked, session));
                }
                Err(error) => error,
            };
            tracing::debug!(profile = ranked.profile.name, %error, "the sign-in did not work");
            match error {
                SessionError::Refused { message } => {
                    return Err(DetectError::Refused { profile: ranked.profile, message });
                }
                // The next candidate reads the answer in another way.
                SessionError::NotCompatible | SessionError::NotOffered => {}
                SessionError::NoSuchRoute => break,
                SessionError::Redirected { .. } => return Ok(Entered::Not(Some(error))),
                SessionError::ServerFailed { status } if may_be_the_route(status, &ranked) => {
                    return Ok(Entered::Not(Some(error)));
                }
                SessionError::ServerFailed { .. }
                | SessionError::Unreachable
                | SessionError::Timeout
                | SessionError::Untrusted => return Err(error.into()),
            }
        }
        Ok(Entered::Not(None))
    }
}

/// Whether a failure may come from asking for what is not there, rather than from a server in trouble.
fn may_be_the_route(status: u16, ranked: &Ranked) -> bool {
    ranked.standing != Standing::Supported && !matches!(status, 408 | 429 | 502..=504)
}

/// All candidates, the likeliest first, as each of the sockets has them.
fn rank(scenes: &[Scene]) -> Vec<Ranked> {
    let mut all = Vec::new();
    for (at, scene) in scenes.iter().enumerate() {
        all.extend(scene.evidence.ranking().into_iter().map(|ranked| Ranked {
            profile: scene.adapt(&ranked.profile, scene.transport),
            scene: at,
            ..ranked
        }));
    }
    sort(&mut all);
    all
}

/// What is to be said to somebody without an account, where candidates are left that have accounts.
fn without_credentials(ranking: &[Ranked], scenes: &[Scene]) -> DetectError {
    let with_accounts = || ranking.iter().filter(|ranked| ranked.profile.has_accounts());
    let profiles = |list: &mut dyn Iterator<Item = &Ranked>| -> Vec<Arc<Profile>> {
        list.map(|ranked| ranked.profile.clone()).collect()
    };
    let supported = profiles(&mut with_accounts().filter(|ranked| ranked.standing == Standing::Supported));
    if !supported.is_empty() {
        return DetectError::CredentialsNeeded { profiles: supported };
    }
    let lets_nobody_in = |scene: &Scene| matches!(scene.evidence.admission(), Admission::Rejected(_));
    match scenes.iter().any(|scene| !lets_nobody_in(scene) && scene.evidence.has_strange_events()) {
        true => unknown(scenes),
        false => DetectError::CredentialsNeeded { profiles: profiles(&mut with_accounts()) },
    }
}

fn unknown(scenes: &[Scene]) -> DetectError {
    let mut heard: Vec<(String, String)> = Vec::new();
    for (event, sample) in scenes.iter().flat_map(|scene| scene.evidence.samples()) {
        if !heard.iter().any(|(known, _)| known == event) {
            heard.push((event.clone(), sample.clone()));
        }
    }
    DetectError::Unknown { heard, session: None }
}
