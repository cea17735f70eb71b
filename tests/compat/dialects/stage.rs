//! One variant: its server, our client, the other one, and what they do one after the other.

use super::{
    driver::{Core, Home, ana, remembered},
    peer::Peer,
    server::Server,
    variants::Variant,
};
use crate::watch::{Watch, at_home};
use anyhow::{Context, Result, ensure};
use presente_core::{
    Command, Update,
    controller::AccountNumber,
    feed::Delivery,
    profile::MessageKind,
    view::{Screen, View},
};
use presente_tests::{
    binaries::{self, binary},
    node::Dialect,
    process::Signal,
    wait::{PATIENCE, until_with_state},
};
use presente_wire::OwnAvailability;
use serde_json::Value;

/// What is done, in this order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    Finds,
    Sees,
    IsSeen,
    Says,
    Hears,
    Whispers,
    Hides,
    Leaves,
    Terminal,
}

impl Step {
    pub(super) const ALL: [Self; 9] = [
        Self::Finds,
        Self::Sees,
        Self::IsSeen,
        Self::Says,
        Self::Hears,
        Self::Whispers,
        Self::Hides,
        Self::Leaves,
        Self::Terminal,
    ];

    pub(super) fn heading(self) -> &'static str {
        match self {
            Self::Finds => "signs in",
            Self::Sees => "sees",
            Self::IsSeen => "is seen",
            Self::Says => "says",
            Self::Hears => "hears",
            Self::Whispers => "private",
            Self::Hides => "hides",
            Self::Leaves => "leaves",
            Self::Terminal => "terminal",
        }
    }

    pub(super) fn meaning(self) -> &'static str {
        match self {
            Self::Finds => {
                "finds out what the server speaks, remembers it, signs in where one does, gets the list"
            }
            Self::Sees => "shows the other coming, going and coming back",
            Self::IsSeen => "the other is told that we are there",
            Self::Says => "an announcement is acknowledged by the server and reaches the other",
            Self::Hears => "an announcement of the other arrives, with its sender",
            Self::Whispers => "a private message reaches the other, and one of the other's arrives",
            Self::Hides => {
                "appears offline: the other is told that we are gone; online again: that we are back"
            }
            Self::Leaves => {
                "signs out: no ghost, no socket, nothing remembered as open; the server still runs"
            }
            Self::Terminal => {
                "`presente-cli watch --json` does all of it again: lists, sees going and coming, says and hears, leaves"
            }
        }
    }
}

pub(super) struct Stage {
    variant: Variant,
    server: Server,
    home: Home,
    core: Core,
    account: AccountNumber,
    /// From the second step on.
    peer: Option<Peer>,
}

impl Stage {
    pub(super) async fn open(variant: Variant) -> Result<Self> {
        let server = Server::start(&variant).await?;
        let home = Home::new();
        if let Some(own) = &variant.own {
            home.add_profile(own);
        }
        let core = home.start();
        Ok(Self { variant, server, home, core, account: AccountNumber::NONE, peer: None })
    }

    /// Whether the dialect has it.
    pub(super) async fn take(&mut self, step: Step) -> Result<bool> {
        match step {
            Step::Finds => self.finds().await?,
            Step::Sees => self.sees().await?,
            Step::IsSeen => self.is_seen().await?,
            Step::Says => self.says().await?,
            Step::Hears => self.hears().await?,
            Step::Whispers if self.variant.dialect == Dialect::UsuariosActivos => self.whispers().await?,
            Step::Whispers => return Ok(false),
            Step::Hides => self.hides().await?,
            Step::Leaves => self.leaves().await?,
            Step::Terminal => self.terminal().await?,
        }
        Ok(true)
    }

    fn peer(&mut self) -> Result<&mut Peer> {
        self.peer.as_mut().context("the other is not there yet")
    }

    async fn finds(&mut self) -> Result<()> {
        let (login, password) = match (self.variant.dialect, self.variant.us) {
            (Dialect::Nickname, us) => (us.unwrap_or_default().to_owned(), String::new()),
            _ => (ana().email, ana().password),
        };
        self.core.sign_in(self.server.url(), &login, &password).await;
        self.account = self.core.roster().await?;
        let found = remembered(&self.home)?;
        ensure!(found == self.variant.profile(), "found {found:?}");
        Ok(())
    }

    async fn sees(&mut self) -> Result<()> {
        self.peer = Some(Peer::come(&self.variant, self.server.url()).await?);
        self.core.shows_person("Beto", true).await?;
        self.peer()?.go().await?;
        self.core.shows_person("Beto", false).await?;
        self.peer()?.come_back().await?;
        self.core.shows_person("Beto", true).await?;
        Ok(())
    }

    async fn is_seen(&mut self) -> Result<()> {
        let us = self.variant.us;
        self.peer()?.sees(us, true).await
    }

    async fn says(&mut self) -> Result<()> {
        self.say("¿Café a las diez?", None).await?;
        let event = self.announcement();
        self.peer()?.hears(event, "¿Café a las diez?").await
    }

    async fn say(&mut self, text: &str, to: Option<String>) -> Result<()> {
        let (account, text) = (self.account, text.to_owned());
        self.core.tell(Command::Say { account, text: text.clone(), to }).await;
        let what = format!("what became of {text:?}");
        let delivery = self.core.next(&what, |update| match update {
            Update::Delivery { text: said, delivery, .. } if *said == text => Some(*delivery),
            _ => None,
        });
        let delivery = delivery.await?;
        ensure!(delivery == Delivery::Delivered, "{text:?} became {delivery:?}");
        Ok(())
    }

    /// The event that brings announcements.
    fn announcement(&self) -> &'static str {
        match self.variant.dialect {
            Dialect::UsuariosActivos => "recibir-mensajes",
            Dialect::Friendly => "said",
            _ => "enviar-mensaje",
        }
    }

    async fn hears(&mut self) -> Result<()> {
        self.peer()?.say("A las once")?;
        self.is_told("A las once", MessageKind::Announcement).await
    }

    async fn is_told(&mut self, text: &str, kind: MessageKind) -> Result<()> {
        let of_message = |update: &Update| match update {
            Update::Message(_, message) if message.text == text => Some(message.clone()),
            _ => None,
        };
        let message = self.core.next(&format!("{text:?}"), of_message).await?;
        ensure!(message.kind == kind && message.from.starts_with("Beto"), "{message:?}");
        Ok(())
    }

    async fn whispers(&mut self) -> Result<()> {
        let to = self.core.shows_person("Beto", true).await?.id;
        ensure!(self.peer()?.uid() == Some(&to), "the list has another identity: {to}");
        self.say("Entre nosotros", Some(to)).await?;
        self.peer()?.hears("mensaje-privado", "Entre nosotros").await?;
        let our_id = self.server.our_id().await?;
        self.peer()?.tell(&our_id, "De acuerdo")?;
        self.is_told("De acuerdo", MessageKind::Private).await
    }

    async fn hides(&mut self) -> Result<()> {
        let us = self.variant.us;
        for (state, here) in [(OwnAvailability::Invisible, false), (OwnAvailability::Online, true)] {
            self.core.tell(Command::SetState(state, Some(self.account))).await;
            self.peer()?.sees(us, here).await.with_context(|| format!("{state:?}"))?;
        }
        // The list is right again, too, where it was gone meanwhile.
        let is_live = |view: &View| !view.roster.stale && !view.roster.presence_busy;
        self.core.shows("a list that is not of before", |view| is_live(view).then_some(())).await?;
        self.core.shows_person("Beto", true).await?;
        Ok(())
    }

    async fn leaves(&mut self) -> Result<()> {
        self.core.tell(Command::SignOut(Some(self.account))).await;
        self.core.shows("the form", |view| (view.screen == Screen::SignIn).then_some(())).await?;
        let us = self.variant.us;
        self.peer()?.sees(us, false).await?;
        self.server.is_rid_of_us().await?;
        let settings = self.home.settings();
        ensure!(settings.open_sessions.is_empty(), "still open: {:?}", settings.open_sessions);
        ensure!(settings.accounts.is_empty(), "still kept: {:?}", settings.accounts);
        self.server.still_runs()
    }

    async fn terminal(&mut self) -> Result<()> {
        let mut watch = self.watch();
        let is_online = |line: &Value| line["event"] == "connection" && line["state"] == "online";
        watch.try_next("the connection", is_online).await?;
        let is_beto = |contact: &Value| contact["name"].as_str().is_some_and(|name| name.starts_with("Beto"));
        let listed = |line: &Value| line["event"] == "roster" && line["contacts"].as_array().is_some();
        let line = watch.try_next("the list", listed).await?;
        let contacts = line["contacts"].as_array().context("no list")?;
        ensure!(contacts.iter().any(|contact| is_beto(contact) && contact["online"] == true), "{line}");
        let line = find(&watch, "delivery", "Desde la terminal").await?;
        ensure!(line["state"] == "delivered", "{line}");
        let (event, us) = (self.announcement(), self.variant.us);
        let peer = self.peer()?;
        peer.hears(event, "Desde la terminal").await?;
        peer.sees(us, true).await?;
        peer.say("Hola, terminal")?;
        let line = find(&watch, "message", "Hola, terminal").await?;
        ensure!(line["kind"] == "announcement", "{line}");
        peer.go().await?;
        let left = |line: &Value| line["event"] == "offline" && is_beto(&line["contact"]);
        watch.try_next("the other going", left).await?;
        peer.come_back().await?;
        // Who has come and has no nickname yet is called by the id of the socket.
        let nameless = self.variant.dialect == Dialect::Nickname;
        let came = |line: &Value| line["event"] == "online" && (nameless || is_beto(&line["contact"]));
        watch.try_next("the other coming back", came).await?;
        watch.signal(Signal::Term);
        let status = watch.ended().await?;
        ensure!(status.success(), "{status}: {}", watch.complaints());
        self.peer()?.sees(us, false).await?;
        self.server.is_rid_of_us().await?;
        self.server.still_runs()
    }

    fn watch(&self) -> Watch {
        let mut command = std::process::Command::new(binary(binaries::CLI).unwrap());
        command.args(["watch", "--json", "--say", "Desde la terminal", "--server", self.server.url()]);
        command.env("LC_ALL", "en_GB.UTF-8");
        match (self.variant.dialect, self.variant.us) {
            (Dialect::Nickname, None) => {}
            (Dialect::Nickname, Some(us)) => drop(command.args(["--nickname", us])),
            _ => drop(command.args(["--email", &ana().email]).env("PRESENTE_PASSWORD", ana().password)),
        }
        let home = at_home(&mut command);
        if let Some(own) = &self.variant.own {
            let folder = home.join(".config/presente/profiles");
            std::fs::create_dir_all(&folder).unwrap();
            std::fs::write(folder.join("own.toml"), own.to_toml().unwrap()).unwrap();
        }
        Watch::launch(&mut command)
    }
}

/// The line that tells of a text, wherever it stands: answers and lists overtake each other.
async fn find(watch: &Watch, event: &str, text: &str) -> Result<Value> {
    until_with_state(&format!("a {event} with {text:?}"), PATIENCE, async || {
        let lines = watch.lines();
        let mut read = lines.iter().filter_map(|line| serde_json::from_str::<Value>(line).ok());
        let found = read.find(|line| line["event"] == event && line["text"] == text);
        found.ok_or_else(|| format!("{}\n{}", lines.join("\n"), watch.complaints()))
    })
    .await
}
