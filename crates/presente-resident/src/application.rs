//! One instance per session: the first start owns a name on the session bus and hears what later ones want, as
//! `org.freedesktop.Application` has it, so that the desktop can speak to us in the same words.

use std::collections::HashMap;
use tokio::sync::mpsc;
use zbus::{
    Connection,
    fdo::{RequestNameFlags, RequestNameReply},
    interface, proxy,
    zvariant::OwnedValue,
};

const NAME: &str = "app.presente.Presente";
const PATH: &str = "/app/presente/Presente";

/// What another start, or the desktop, wants.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Wanted {
    /// The window.
    Activate(Option<String>),
    /// A link to be opened.
    Open(String),
}

/// Whether we are the first.
pub(crate) enum Claim {
    /// We are, and hear what others want.
    First(mpsc::UnboundedReceiver<Wanted>),
    /// Another one runs, and has been told.
    Passed,
}

struct Application {
    wanted: mpsc::UnboundedSender<Wanted>,
}

/// What the desktop says about where a request comes from.
type PlatformData = HashMap<String, OwnedValue>;

fn token(data: &PlatformData) -> Option<String> {
    data.get("activation-token").and_then(|token| String::try_from(token.clone()).ok())
}

#[expect(clippy::needless_pass_by_value, reason = "the arguments are those of the interface")]
#[interface(name = "org.freedesktop.Application")]
impl Application {
    fn activate(&self, platform_data: PlatformData) {
        let _ = self.wanted.send(Wanted::Activate(token(&platform_data)));
    }

    fn open(&self, uris: Vec<String>, platform_data: PlatformData) {
        let _ = self.wanted.send(Wanted::Activate(token(&platform_data)));
        for uri in uris {
            let _ = self.wanted.send(Wanted::Open(uri));
        }
    }

    fn activate_action(&self, _name: String, _parameter: Vec<OwnedValue>, platform_data: PlatformData) {
        let _ = self.wanted.send(Wanted::Activate(token(&platform_data)));
    }
}

#[proxy(interface = "org.freedesktop.Application", default_path = "/app/presente/Presente")]
trait Running {
    fn activate(&self, platform_data: HashMap<&str, zbus::zvariant::Value<'_>>) -> zbus::Result<()>;
    fn open(
        &self,
        uris: &[&str],
        platform_data: HashMap<&str, zbus::zvariant::Value<'_>>,
    ) -> zbus::Result<()>;
}

/// Claims to be the first; where another one runs, passes on what this start was for.
///
/// # Errors
/// The bus does not play along.
pub(crate) async fn claim(bus: &Connection, hidden: bool, link: Option<&str>) -> zbus::Result<Claim> {
    let (wanted, hears) = mpsc::unbounded_channel();
    // First, so that whoever finds the name finds somebody who listens.
    bus.object_server().at(PATH, Application { wanted }).await?;
    match bus.request_name_with_flags(NAME, RequestNameFlags::DoNotQueue.into()).await {
        Ok(RequestNameReply::PrimaryOwner | RequestNameReply::AlreadyOwner) => {
            return Ok(Claim::First(hears));
        }
        Ok(_) | Err(zbus::Error::NameTaken) => {}
        Err(error) => return Err(error),
    }
    let running = RunningProxy::builder(bus).destination(NAME)?.build().await?;
    let token = std::env::var("XDG_ACTIVATION_TOKEN").ok();
    let data: HashMap<&str, zbus::zvariant::Value<'_>> =
        token.iter().map(|token| ("activation-token", token.as_str().into())).collect();
    match link {
        Some(link) => running.open(&[link], data).await?,
        None if hidden => {}
        None => running.activate(data).await?,
    }
    Ok(Claim::Passed)
}
