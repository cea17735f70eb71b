//! Looking at a server without showing anything: is it Socket.IO, and what does the socket say to a stranger?

use super::{
    DetectError, Found, Handshake, Reason, Step,
    ear::{Ear, Entry, Word},
    evidence::{Admission, Evidence, Ranked},
    search::Search,
};
use crate::{
    link::{LinkRequest, Transport, Transports as LinkTransports},
    profile::{Profile, Transports},
    server_url::ServerUrl,
    session::{SessionError, SignedIn, Target, link_request},
};
use std::{cmp::Reverse, sync::Arc, time::Duration};
use tokio::time::Instant;

/// After this time no further way in is tried.
const LOOK_WITHIN: Duration = Duration::from_secs(6);
/// How long letting us in may take.
const ENTRY_WITHIN: Duration = Duration::from_secs(6);
/// How long something that comes by itself may take to come.
const LISTEN: Duration = Duration::from_millis(1500);
/// How long it is listened on once a list has come.
const LISTEN_ON: Duration = Duration::from_millis(300);
/// How long the answer to a request may take.
const ANSWER_WITHIN: Duration = Duration::from_secs(1);
/// What our link says of a server that is too old, where it is not known by its handshake: without polling.
const OLD_SERVER: &str = "Socket.IO 2";
/// What Socket.IO says where there is no such namespace.
const NO_NAMESPACE: &str = "Invalid namespace";

/// What was seen of one socket.
pub(super) struct Scene {
    pub(super) evidence: Evidence,
    pub(super) transport: Option<Transport>,
    handshake: Handshake,
    /// Where Engine.IO is.
    path: String,
}

/// Candidates that open their sockets in the same way as long as they have no token.
struct Entrance {
    request: LinkRequest,
    candidates: Vec<Arc<Profile>>,
}

impl Scene {
    /// The candidate as this server wants it.
    pub(super) fn adapt(&self, profile: &Arc<Profile>, transport: Option<Transport>) -> Arc<Profile> {
        let mut adapted = profile.as_ref().clone();
        adapted.socket.path.clone_from(&self.path);
        if let Some(only) = self.only_transport(transport)
            && adapted.socket.transports == Transports::Auto
        {
            adapted.socket.transports = match only {
                Transport::Polling => Transports::Polling,
                Transport::WebSocket => Transports::WebSocket,
            };
        }
        Arc::new(adapted)
    }

    /// The only transport that gets through, if it is known that the other one does not.
    fn only_transport(&self, transport: Option<Transport>) -> Option<Transport> {
        match (&self.handshake, transport) {
            (Handshake::Open { upgrades }, Some(Transport::Polling)) if !offers_websocket(upgrades) => {
                Some(Transport::Polling)
            }
            (Handshake::PollingOff, Some(Transport::WebSocket)) | (Handshake::Nothing { .. }, _) => {
                Some(Transport::WebSocket)
            }
            _ => None,
        }
    }

    pub(super) fn found(
        &self,
        ranked: Ranked,
        transport: Option<Transport>,
        session: Option<SignedIn>,
        more: Vec<Reason>,
    ) -> Found {
        let transports = match &self.handshake {
            Handshake::Open { upgrades } if offers_websocket(upgrades) => {
                vec![Transport::Polling, Transport::WebSocket]
            }
            Handshake::Open { .. } => vec![Transport::Polling],
            Handshake::PollingOff | Handshake::Nothing { .. } => vec![Transport::WebSocket],
            Handshake::Forbidden | Handshake::Old => Vec::new(),
        };
        let mut reasons = vec![Reason::Handshake { transports }];
        reasons.extend(ranked.reasons);
        if session.is_some()
            && let Some(request) = &ranked.profile.sign_in
        {
            reasons.push(Reason::SignedIn { path: request.path.as_str().to_owned() });
        }
        reasons.extend(more);
        reasons.extend(self.only_transport(transport).map(|transport| Reason::OnlyBy { transport }));
        Found { profile: self.adapt(&ranked.profile, transport), session, reasons }
    }
}

fn offers_websocket(upgrades: &[String]) -> bool {
    upgrades.iter().any(|name| name == Transport::WebSocket.name())
}

impl Search<'_> {
    /// Looks at every way in that some candidate has. What only some of them find counts.
    pub(super) async fn look_around(
        &mut self,
        candidates: &[Arc<Profile>],
    ) -> Result<Vec<Scene>, DetectError> {
        let mut scenes = Vec::new();
        let mut first_error = None;
        let until = Instant::now() + LOOK_WITHIN;
        for entrance in self.entrances(candidates) {
            match self.look(entrance).await {
                Ok(scene) => scenes.push(scene),
                Err(error) => {
                    let error = first_error.get_or_insert(error);
                    if matches!(error, DetectError::Session(error) if is_about_server(error)) {
                        break;
                    }
                }
            }
            if Instant::now() > until {
                break;
            }
        }
        match first_error {
            Some(error) if scenes.is_empty() => Err(error),
            _ => Ok(scenes),
        }
    }

    /// The ways in, those that most candidates have first.
    fn entrances(&self, candidates: &[Arc<Profile>]) -> Vec<Entrance> {
        let mut entrances: Vec<Entrance> = Vec::new();
        for profile in candidates {
            let target = Target { server: self.server.clone(), profile: profile.clone() };
            let request = link_request(&target, None);
            let is_same = |known: &LinkRequest| {
                (&known.path, &known.namespace, &known.proof)
                    == (&request.path, &request.namespace, &request.proof)
            };
            match entrances.iter_mut().find(|entrance| is_same(&entrance.request)) {
                Some(entrance) => {
                    if entrance.request.transports != request.transports {
                        entrance.request.transports = None;
                    }
                    entrance.candidates.push(profile.clone());
                }
                None => entrances.push(Entrance { request, candidates: vec![profile.clone()] }),
            }
        }
        entrances.sort_by_key(|entrance| Reverse(entrance.candidates.len()));
        entrances
    }

    async fn look(&mut self, entrance: Entrance) -> Result<Scene, DetectError> {
        let Entrance { mut request, candidates } = entrance;
        (self.steps)(Step::Handshake);
        let (path, handshake) = self.find_engine(&request.path).await?;
        request.path.clone_from(&path);
        let mut scene = Scene { evidence: Evidence::new(&candidates), transport: None, handshake, path };
        let nothing = match scene.handshake {
            Handshake::Forbidden => {
                scene.evidence.received(Admission::Rejected(String::new()));
                return Ok(scene);
            }
            // What answers plain requests may be something else than what answers WebSockets.
            Handshake::Nothing { status } => {
                request.transports = Some(LinkTransports::WebSocketOnly);
                Some(status)
            }
            _ => None,
        };
        let mut ear = Ear::open(self.detector.connector.as_ref(), request);
        (self.steps)(Step::Listening);
        let entry = ear.entry(Instant::now() + ENTRY_WITHIN).await;
        scene.transport = ear.transport();
        scene.evidence.received(admission(entry, nothing)?);
        if matches!(scene.evidence.admission(), Admission::Connected { .. }) {
            let hung_up = self.listen(&mut ear, &mut scene.evidence).await.is_over();
            if hung_up && !scene.evidence.has_list() {
                scene.evidence.received(Admission::Rejected(String::new()));
            }
            scene.transport = ear.transport();
        }
        Ok(scene)
    }

    /// Finds Engine.IO: below the server's address, or at the root of its host.
    async fn find_engine(&mut self, path: &str) -> Result<(String, Handshake), DetectError> {
        let mut other: Option<Result<(String, Handshake), SessionError>> = None;
        for path in [Some(path.to_owned()), at_root(self.server, path)].into_iter().flatten() {
            let answer = self.detector.handshakes.ask(self.server, &path).await;
            match answer {
                Ok(Handshake::Old) => return Err(DetectError::OldEngine),
                Ok(handshake @ Handshake::Nothing { .. }) => drop(other.get_or_insert(Ok((path, handshake)))),
                Ok(handshake) => return Ok((path, handshake)),
                Err(error) if is_about_server(&error) => return Err(error.into()),
                Err(error) => drop(other.get_or_insert(Err(error))),
            }
        }
        Ok(other.unwrap_or(Err(SessionError::NotCompatible))?)
    }

    /// Listens, and asks who is there where that is still of use.
    async fn listen(&mut self, ear: &mut Ear, evidence: &mut Evidence) -> Heard {
        let mut until = Instant::now() + LISTEN;
        while !evidence.is_decided() {
            match ear.next(until).await {
                None => break,
                Some(Word::Over) => return Heard::Over,
                Some(Word::Event(event, payload)) => evidence.heard(&event, &payload),
            }
            if evidence.has_list() {
                until = until.min(Instant::now() + LISTEN_ON);
            }
        }
        evidence.listened();
        for request in evidence.requests() {
            (self.steps)(Step::Asking { event: request.clone() });
            evidence.asked(&request);
            ear.ask(&request);
            let until = Instant::now() + ANSWER_WITHIN;
            while !evidence.is_answered() {
                match ear.next(until).await {
                    None => break,
                    Some(Word::Over) => return Heard::Over,
                    Some(Word::Event(event, payload)) => evidence.heard(&event, &payload),
                }
            }
            if evidence.is_answered() {
                break;
            }
        }
        Heard::Enough
    }
}

/// How we were received; `nothing` is the HTTP status of what is no Engine.IO.
fn admission(entry: Entry, nothing: Option<u16>) -> Result<Admission, DetectError> {
    match (entry, nothing) {
        (Entry::Connected { sid }, _) => Ok(Admission::Connected { sid }),
        (Entry::Refused(message), _) if message == NO_NAMESPACE => Ok(Admission::NoNamespace),
        (Entry::Refused(message), _) => Ok(Admission::Rejected(message)),
        (Entry::Closed(reason), _) if reason.contains(OLD_SERVER) => Err(DetectError::OldEngine),
        (Entry::Closed(_) | Entry::TooSlow, Some(status)) => Err(DetectError::NoSocketIo { status }),
        (Entry::Closed(_), None) => Ok(Admission::Rejected(String::new())),
        (Entry::TooSlow, None) => Err(SessionError::Timeout.into()),
    }
}

/// How listening ended.
enum Heard {
    Enough,
    /// The server hung up.
    Over,
}

impl Heard {
    fn is_over(&self) -> bool {
        matches!(self, Self::Over)
    }
}

/// Whether an error would be the same at any other path.
fn is_about_server(error: &SessionError) -> bool {
    matches!(error, SessionError::Unreachable | SessionError::Timeout | SessionError::Untrusted)
}

/// The same path at the root of the host, for servers whose other routes have a base path.
fn at_root(server: &ServerUrl, path: &str) -> Option<String> {
    let base = server.with_path("/");
    let depth = base.path().split('/').filter(|part| !part.is_empty()).count();
    (depth > 0).then(|| format!("/{}{}", "../".repeat(depth), path.trim_start_matches('/')))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_root_of_the_host_is_reached_from_any_base_path() {
        for (server, url) in [
            ("https://a.example", None),
            ("https://a.example/base", Some("https://a.example/socket.io/")),
            ("https://a.example/some/base", Some("https://a.example/socket.io/")),
        ] {
            let server = ServerUrl::parse(server).unwrap();
            let found = at_root(&server, "/socket.io/").map(|path| server.with_path(&path).to_string());
            assert_eq!(found.as_deref(), url, "{server}");
        }
    }
}
