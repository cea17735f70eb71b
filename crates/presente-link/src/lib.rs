//! A Socket.IO 5 / Engine.IO 4 client.
//!
//! One [`Connection`] is one attempt: it connects, lives and ends once, and says why it ended. It never reconnects by
//! itself, because when to try again is a decision of the application (a person may have to sign in first); what
//! it leaves behind for the next attempt is a [`Recovery`] and what the [`Client`] learnt about transports.
//!
//! The protocol itself is in [`proto`], without I/O, clocks or threads: bytes and time in, packets, events and
//! deadlines out. The rest of the crate drives it with tokio.
//!
//! ```no_run
//! # async fn run() -> Result<(), Box<dyn std::error::Error>> {
//! use presente_link::{Auth, Client, Event, Options, Payload};
//!
//! let client = Client::new(Options::default())?;
//! let connection = client.open(url::Url::parse("https://chat.example")?);
//! let mut chat = connection.namespace("/", Auth::none());
//! chat.emit("hello", &Payload::new(&("Ana", 3))?)?;
//! while let Some(event) = chat.next().await {
//!     match event {
//!         Event::Message { name, payload, ack } => {
//!             let (text,): (&str,) = payload.read()?;
//!             println!("{name}: {text}");
//!             if let Some(ack) = ack {
//!                 ack.answer(&Payload::empty());
//!             }
//!         }
//!         Event::Closed(reason) => println!("closed: {reason}"),
//!         other => println!("{other:?}"),
//!     }
//! }
//! # Ok(())
//! # }
//! ```

mod client;
mod connection;
mod driver;
mod options;
mod payload;
pub mod proto;
mod reason;
mod shared;

pub use client::Client;
pub use connection::{Ack, Auth, Connection, Emitter, Event, Namespace};
pub use driver::SetupError;
pub use options::{Deadlines, Limits, Options, Proxy, Request, Transport, Transports};
pub use payload::{Payload, PayloadError};
pub use proto::Recovery;
pub use reason::{AckError, CloseReason, EmitError, Failure, Stage};
