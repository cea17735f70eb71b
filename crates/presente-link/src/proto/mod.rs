//! The protocol without I/O: bytes and time in; packets, events and deadlines out.
//!
//! [`Engine`] is one Engine.IO session with its transports, heartbeat and upgrade; [`Session`] is Socket.IO on top
//! of it: namespaces, acknowledgements, attachments, recovery. Whoever drives a session
//!
//! - carries out the [`Action`]s that [`Session::poll_action`] gives, and reports what came of them;
//! - calls [`Session::tick`] when [`Session::deadline`] has come;
//! - takes the [`Incident`]s that [`Session::poll_incident`] gives.

mod engine;
mod incident;
mod namespace;
mod packet;
mod session;
mod wire;

pub use engine::{Action, Engine, EngineEvent, Plan};
pub use incident::{Emit, Incident, NamespaceId};
pub use namespace::Recovery;
#[cfg(test)]
mod tests;

pub use session::Session;
pub use wire::{Frame, Open};
