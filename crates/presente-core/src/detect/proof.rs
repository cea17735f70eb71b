//! Where a socket may show its token, and how much a socket that shows it there is told.

use super::{
    DetectError, Found, Reason, Step,
    ear::{Ear, Entry, Word},
    evidence::{Admission, Ranked, Standing, keep_sample},
    look::Scene,
    search::Search,
};
use crate::{
    display_name::clean,
    link::{Payload, Transport},
    profile::{Body, Meaning, PresenceModel, Profile, Row, Socket, Template},
    session::{SignedIn, Target, link_request},
};
use serde_json::json;
use std::{sync::Arc, time::Duration};
use tokio::time::{Instant, timeout};

/// How long all places together may take.
const ALL_WITHIN: Duration = Duration::from_secs(7);
/// How long letting us in may take.
const ENTRY_WITHIN: Duration = Duration::from_secs(4);
/// How long the list may take to come once we are in, for the first way to ask for it and for each further one.
const LIST_WITHIN: [Duration; 2] = [Duration::from_millis(1500), Duration::from_secs(1)];
/// How long a list that lacks us may take to be followed by one that has us.
const SECOND_LIST_WITHIN: Duration = Duration::from_millis(500);
/// How long a sign-out may take after a sign-in that was in vain.
const SIGN_OUT_WITHIN: Duration = Duration::from_secs(3);

/// Where the token is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum TokenPlace {
    /// Where the profile says.
    Own,
    /// In the payload of CONNECT, as `token`.
    Auth,
    /// In the header `x-token` of the handshake.
    XToken,
    /// In the header `Authorization` of the handshake, as `Bearer`.
    Bearer,
    /// In the address, as `token`. Servers and proxies write addresses into their logs, so this comes last.
    Query,
}

impl TokenPlace {
    /// The places besides the profile's own, in the order in which they are tried.
    pub(super) const OTHERS: [Self; 4] = [Self::Auth, Self::XToken, Self::Bearer, Self::Query];

    /// A name for it that stays the same.
    pub fn code(self) -> &'static str {
        match self {
            Self::Own => "own",
            Self::Auth => "auth",
            Self::XToken => "x-token",
            Self::Bearer => "bearer",
            Self::Query => "query",
        }
    }

    /// The socket with the token in this place and in no other; `None` where that is no change.
    pub(super) fn put(self, socket: &Socket) -> Option<Socket> {
        let mut moved = socket.clone();
        if self != Self::Own {
            moved.auth = moved.auth.filter(|auth| !auth.placeholders().contains(&TOKEN));
            moved.headers.retain(|_, value| !has_token(value));
            moved.query.retain(|_, value| !has_token(value));
        }
        let template = |text: &str| Template::try_from(text.to_owned()).ok();
        match self {
            Self::Own => return Some(moved),
            Self::Auth => {
                let auth = Body::try_from(json!({ "token": "{token}" })).ok()?;
                // What else the profile puts there stays where it can.
                moved.auth = Some(moved.auth.and_then(|kept| kept.merged(&auth)).unwrap_or(auth));
            }
            Self::XToken => moved.headers.extend([("x-token".to_owned(), template("{token}")?)]),
            Self::Bearer => moved.headers.extend([("Authorization".to_owned(), template("Bearer {token}")?)]),
            Self::Query => moved.query.extend([(TOKEN.to_owned(), template("{token}")?)]),
        }
        let is_own = moved == *socket;
        (!is_own).then_some(moved)
    }
}

const TOKEN: &str = "token";

fn has_token(template: &Template) -> bool {
    template.placeholders().any(|name| name == TOKEN)
}

/// Whether a socket of this dialect shows a token at all.
pub(super) fn shows_token(socket: &Socket) -> bool {
    let mut fields = socket.headers.values().chain(socket.query.values());
    socket.auth.as_ref().is_some_and(|auth| auth.placeholders().contains(&TOKEN)) || fields.any(has_token)
}

/// How much a socket was told: the more, the better the place.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Reception {
    /// It was refused or thrown out.
    Rejected,
    /// It was let in and told nothing.
    Silence,
    /// Something that means nothing in the dialect.
    Strange,
    /// Something that does.
    Words,
    /// The list, without us.
    List,
    /// The list, and we are in it; by this event.
    ListsUs(String),
}

/// Whether a reception is as good as it can get in a dialect where `presence` is the connection or is not, for
/// somebody whose record is known or is not.
pub(super) fn is_enough(reception: &Reception, profile: &Profile, knows_us: bool) -> bool {
    let must_list_us = knows_us && profile.presence.by == PresenceModel::Connection;
    match reception {
        Reception::ListsUs(_) => true,
        Reception::List => !must_list_us,
        _ => false,
    }
}

/// What came of showing the token in one place.
struct Shown {
    reception: Reception,
    place: TokenPlace,
    profile: Arc<Profile>,
    transport: Option<Transport>,
}

impl Search<'_> {
    /// Finds out where the socket wants the token, and what it says to who has shown one.
    pub(super) async fn prove(
        &mut self,
        ranked: Ranked,
        session: SignedIn,
        scene: &Scene,
    ) -> Result<Found, DetectError> {
        let was_let_in = matches!(scene.evidence.admission(), Admission::Connected { .. });
        let is_shown = ranked.standing == Standing::Supported;
        let by_connection = ranked.profile.presence.by == PresenceModel::Connection;
        let mut samples = scene.evidence.samples().to_vec();
        if was_let_in && (session.token.is_none() || (is_shown && !by_connection)) {
            let is_unknown = !is_shown && scene.evidence.has_strange_events();
            let found = scene.found(ranked, scene.transport, Some(session), Vec::new());
            return settle(found, is_unknown, samples);
        }
        let mut words = String::new();
        let Some(best) =
            self.try_places(&ranked.profile, &session, was_let_in, &mut samples, &mut words).await
        else {
            self.sign_out_again(&ranked.profile, &session).await;
            return Err(DetectError::SocketRefused { profile: ranked.profile, message: clean(&words, 500) });
        };
        let is_strange = best.reception == Reception::Strange
            || (best.reception == Reception::Silence && scene.evidence.has_strange_events());
        let is_unknown = is_strange && !is_shown;
        let mut reasons = Vec::new();
        if !was_let_in || best.reception >= Reception::List {
            reasons.push(Reason::TokenBy { place: best.place });
        }
        if let Reception::ListsUs(event) = best.reception {
            reasons.push(Reason::ListsUs { event });
        }
        let ranked = Ranked { profile: best.profile, ..ranked };
        let found = scene.found(ranked, best.transport.or(scene.transport), Some(session), reasons);
        settle(found, is_unknown, samples)
    }

    /// The best place; `None` where the socket is refused in all of them.
    async fn try_places(
        &mut self,
        profile: &Arc<Profile>,
        session: &SignedIn,
        was_let_in: bool,
        samples: &mut Vec<(String, String)>,
        words: &mut String,
    ) -> Option<Shown> {
        let until = Instant::now() + ALL_WITHIN;
        let mut best: Option<Shown> = None;
        // Where the profile shows no token at all, that has been tried.
        let own = (was_let_in || shows_token(&profile.socket)).then_some(TokenPlace::Own);
        for place in own.into_iter().chain(TokenPlace::OTHERS) {
            let Some(socket) = place.put(&profile.socket) else { continue };
            if Instant::now() > until || session.token.is_none() {
                break;
            }
            (self.steps)(Step::ShowingToken { place });
            let profile = Arc::new(Profile { socket, ..profile.as_ref().clone() });
            let (reception, transport) = self.show_token(&profile, session, samples, words).await;
            tracing::debug!(place = place.code(), ?reception, "the token was shown");
            let enough = is_enough(&reception, &profile, session.me.is_some());
            let is_better = best.as_ref().is_none_or(|best| reception > best.reception);
            if reception > Reception::Rejected && is_better {
                best = Some(Shown { reception, place, profile, transport });
            }
            if enough || (place == TokenPlace::Bearer && best.as_ref().is_some_and(is_list)) {
                break;
            }
        }
        best
    }

    /// Opens a socket with the token and asks it who is there.
    async fn show_token(
        &mut self,
        profile: &Arc<Profile>,
        session: &SignedIn,
        samples: &mut Vec<(String, String)>,
        words: &mut String,
    ) -> (Reception, Option<Transport>) {
        let target = Target { server: self.server.clone(), profile: profile.clone() };
        let request = link_request(&target, session.token.as_ref());
        let mut ear = Ear::open(self.detector.connector.as_ref(), request);
        match ear.entry(Instant::now() + ENTRY_WITHIN).await {
            Entry::Connected { .. } => {}
            Entry::Refused(message) => {
                *words = message;
                return (Reception::Rejected, None);
            }
            Entry::Closed(_) | Entry::TooSlow => return (Reception::Rejected, None),
        }
        let mut reception = Reception::Silence;
        let requests = profile.roster.request.iter().map(Some);
        // Where nobody has to ask there is one turn without a question.
        let nobody_asks = profile.roster.request.is_empty().then_some(None);
        for (turn, request) in requests.chain(nobody_asks).enumerate() {
            let [first, further] = LIST_WITHIN;
            request.into_iter().for_each(|request| ear.ask(request));
            let mut until = Instant::now() + if turn == 0 { first } else { further };
            while let Some(word) = ear.next(until).await {
                let Word::Event(event, payload) = word else {
                    let kept = if reception >= Reception::List { reception } else { Reception::Rejected };
                    return (kept, ear.transport());
                };
                keep_sample(samples, &event, &payload);
                reception = reception.max(received(profile, session.me.as_ref(), &event, &payload));
                if is_enough(&reception, profile, session.me.is_some()) {
                    return (reception, ear.transport());
                }
                if reception == Reception::List {
                    until = until.min(Instant::now() + SECOND_LIST_WITHIN);
                }
            }
            if reception >= Reception::List {
                break;
            }
        }
        (reception, ear.transport())
    }

    /// A session that nobody will use would show the person as present.
    async fn sign_out_again(&mut self, profile: &Arc<Profile>, session: &SignedIn) {
        let Some(who) = self.who.filter(|_| profile.leaves_ghosts()) else { return };
        let target = Target { server: self.server.clone(), profile: profile.clone() };
        let sign_out = self.detector.sessions.sign_out(&target, &who.email, session.token.as_ref());
        if !matches!(timeout(SIGN_OUT_WITHIN, sign_out).await, Ok(Ok(()))) {
            tracing::warn!("the session that was opened to look was not closed");
        }
    }
}

/// A sign-in that worked makes a dialect; unless all that the socket says is of another.
fn settle(found: Found, is_unknown: bool, heard: Vec<(String, String)>) -> Result<Found, DetectError> {
    match is_unknown {
        true => Err(DetectError::Unknown { heard, session: Some(Box::new(found)) }),
        false => Ok(found),
    }
}

fn is_list(shown: &Shown) -> bool {
    shown.reception >= Reception::List
}

/// What an event tells somebody with this record.
fn received(profile: &Profile, me: Option<&Row<'_>>, event: &str, payload: &Payload) -> Reception {
    match profile.read(event, payload) {
        Meaning::Roster { rows, .. } => {
            let is_me = |row: &Row<'_>| {
                me.is_some_and(|me| row.id == me.id || (row.email.is_some() && row.email == me.email))
            };
            match rows.iter().any(is_me) {
                true => Reception::ListsUs(event.to_owned()),
                false => Reception::List,
            }
        }
        Meaning::MalformedRoster | Meaning::Unknown => Reception::Strange,
        _ => Reception::Words,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn socket(preset: &str) -> Socket {
        Profile::preset(preset).unwrap().socket
    }

    #[test]
    fn a_place_takes_the_token_out_of_all_others() {
        let own = socket("usuarios-activos");
        for (place, auth, headers, query) in [
            (TokenPlace::Auth, true, &[][..], &[][..]),
            (TokenPlace::Bearer, false, &["Authorization"], &[]),
            (TokenPlace::Query, false, &[], &["token"]),
        ] {
            let moved = place.put(&own).unwrap();
            assert_eq!(moved.auth.is_some(), auth, "{place:?}");
            assert_eq!(moved.headers.keys().collect::<Vec<_>>(), headers, "{place:?}");
            assert_eq!(moved.query.keys().collect::<Vec<_>>(), query, "{place:?}");
        }
    }

    #[test]
    fn the_place_of_the_profile_is_not_tried_twice() {
        assert_eq!(TokenPlace::XToken.put(&socket("usuarios-activos")), None);
        assert_eq!(TokenPlace::Auth.put(&socket("usersconected")), None);
    }

    #[test]
    fn what_is_no_token_stays_where_the_profile_has_it() {
        let mut own = socket("usersconected");
        own.headers.insert("x-app".to_owned(), Template::try_from("presente".to_owned()).unwrap());
        own.auth = Some(Body::try_from(json!({ "app": 1 })).unwrap());
        let moved = TokenPlace::Auth.put(&own).unwrap();
        assert!(moved.headers.contains_key("x-app"));
        assert_eq!(serde_json::Value::from(moved.auth.unwrap()), json!({ "app": 1, "token": "{token}" }));
    }
}
