//! A server in memory: what it says to a socket, and to a sign-in; and all that it was told.

use crate::{
    detect::{Detector, Handshake, Handshakes},
    link::{AckError, Connector, EmitError, Link, LinkEvent, LinkRequest, Payload, Proof, Transport},
    profile::Fill,
    server_url::ServerUrl,
    session::{Credentials, NewPerson, SessionError, Sessions, SignedIn, Target},
};
use async_trait::async_trait;
use futures_util::future::BoxFuture;
use presente_wire::{Answer, Position};
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;
use std::{
    sync::{Arc, Mutex},
    time::Duration,
};
use tokio::sync::mpsc;

/// What the server was told, in order.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Told {
    Handshake(String),
    /// A socket that shows its token there.
    Open(&'static str),
    Asked(String),
    SignIn(String, Value),
    SignOut(String),
    HungUp,
}

type Opens = dyn Fn(&str) -> Result<Handshake, SessionError> + Send + Sync;
type Says = dyn Fn(&Proof) -> Vec<LinkEvent> + Send + Sync;
type Answers = dyn Fn(&str) -> Vec<LinkEvent> + Send + Sync;
type LetsIn = dyn Fn(&str) -> Result<SignedIn, SessionError> + Send + Sync;

/// A server in memory. As it is made it is Socket.IO that says nothing and has no routes.
#[derive(Clone)]
pub(super) struct Server {
    pub(super) handshake: Arc<Opens>,
    pub(super) says: Arc<Says>,
    pub(super) answers: Arc<Answers>,
    pub(super) lets_in: Arc<LetsIn>,
    pub(super) told: Arc<Mutex<Vec<Told>>>,
}

pub(super) fn connected() -> LinkEvent {
    connected_by(Transport::WebSocket)
}

pub(super) fn connected_by(transport: Transport) -> LinkEvent {
    LinkEvent::Connected { sid: Some("our-socket".to_owned()), transport, recovered: false }
}

pub(super) fn event(name: &str, argument: &Value) -> LinkEvent {
    let payload = Payload::from_values(&[argument]).unwrap();
    LinkEvent::Event { name: name.to_owned(), payload, ack: None }
}

pub(super) fn closed() -> LinkEvent {
    LinkEvent::Closed { reason: "the server ended the namespace".to_owned() }
}

impl Default for Server {
    fn default() -> Self {
        Self {
            handshake: Arc::new(|_| Ok(Handshake::Open { upgrades: vec!["websocket".to_owned()] })),
            says: Arc::new(|_| vec![connected()]),
            answers: Arc::new(|_| Vec::new()),
            lets_in: Arc::new(|_| Err(SessionError::NoSuchRoute)),
            told: Arc::default(),
        }
    }
}

impl Server {
    pub(super) fn detector(&self) -> Detector {
        let this = Arc::new(self.clone());
        Detector { sessions: this.clone(), connector: this.clone(), handshakes: this }
    }

    pub(super) fn told(&self) -> Vec<Told> {
        self.told.lock().unwrap().clone()
    }

    pub(super) fn signed_in_at(&self) -> Vec<String> {
        let paths = self.told().into_iter().filter_map(|told| match told {
            Told::SignIn(path, _) => Some(path),
            _ => None,
        });
        paths.collect()
    }

    pub(super) fn shown(&self) -> Vec<&'static str> {
        let places = self.told().into_iter().filter_map(|told| match told {
            Told::Open(place) => Some(place),
            _ => None,
        });
        places.collect()
    }

    fn note(&self, told: Told) {
        self.told.lock().unwrap().push(told);
    }
}

/// Where a proof has the token.
pub(super) fn place(proof: &Proof) -> &'static str {
    let header = |name: &str| proof.headers.iter().any(|(known, _)| known == name);
    match proof {
        Proof { auth: Some(_), .. } => "auth",
        _ if header("x-token") => "x-token",
        _ if header("Authorization") => "bearer",
        Proof { query, .. } if !query.is_empty() => "query",
        _ => "none",
    }
}

#[async_trait]
impl Handshakes for Server {
    async fn ask(&self, server: &ServerUrl, path: &str) -> Result<Handshake, SessionError> {
        let url = server.with_path(path).to_string();
        self.note(Told::Handshake(url.clone()));
        (self.handshake)(&url)
    }
}

struct Socket {
    server: Server,
    events: mpsc::Sender<LinkEvent>,
}

impl Connector for Server {
    fn open(&self, request: LinkRequest, events: mpsc::Sender<LinkEvent>) -> Box<dyn Link> {
        self.note(Told::Open(place(&request.proof)));
        (self.says)(&request.proof).into_iter().for_each(|event| events.try_send(event).unwrap());
        Box::new(Socket { server: self.clone(), events })
    }
}

impl Link for Socket {
    fn emit(&self, event: &str, payload: Payload) -> Result<(), EmitError> {
        assert_eq!(payload, Payload::empty(), "a question of a stranger has no arguments");
        self.server.note(Told::Asked(event.to_owned()));
        (self.server.answers)(event).into_iter().for_each(|event| self.events.try_send(event).unwrap());
        Ok(())
    }

    fn emit_with_ack(
        &self,
        _: &str,
        _: Payload,
        _: Duration,
    ) -> BoxFuture<'static, Result<Payload, AckError>> {
        panic!("nothing is said that wants an answer")
    }

    fn check(&self, _: Duration) {}
}

impl Drop for Socket {
    fn drop(&mut self) {
        self.server.note(Told::HungUp);
    }
}

#[async_trait]
impl Sessions for Server {
    async fn sign_in(
        &self,
        target: &Target,
        who: &Credentials,
        token: Option<&SecretString>,
    ) -> Result<SignedIn, SessionError> {
        assert!(token.is_none(), "there is no token yet");
        let request = target.profile.sign_in.as_ref().ok_or(SessionError::NotOffered)?;
        let values = Fill::from([("email", who.email.as_str()), ("password", who.password.expose_secret())]);
        let body = request.body.as_ref().unwrap().fill(&values).ok_or(SessionError::NotOffered)?;
        let path = request.path.as_str().to_owned();
        self.note(Told::SignIn(path.clone(), body));
        (self.lets_in)(&path)
    }

    async fn sign_out(
        &self,
        _: &Target,
        email: &str,
        token: Option<&SecretString>,
    ) -> Result<(), SessionError> {
        assert!(token.is_some(), "whose session it is can be seen");
        self.note(Told::SignOut(email.to_owned()));
        Ok(())
    }

    async fn sign_up(&self, _: &Target, _: &Credentials, _: &NewPerson) -> Result<(), SessionError> {
        panic!("nobody has asked for an account")
    }

    async fn fetch_list(
        &self,
        _: &Target,
        _: &str,
        _: Option<Position>,
        _: Option<&SecretString>,
    ) -> Result<Answer, SessionError> {
        panic!("nobody has granted changes")
    }
}
