//! What each measurement has to itself: a server with people who stay as they are, a desktop, and one program that is
//! signed in there.

use super::{
    Subject,
    browser::Chromium,
    eye::Part,
    presente::{Presente, Raise},
};
use anyhow::{Context, Result};
use presente_tests::{
    desktop::World,
    node::{ReferenceServer, SeedUser},
    process::Process,
};
use std::net::SocketAddr;

/// Whom the program under measurement belongs to.
fn owner() -> SeedUser {
    SeedUser::new("lucia@example.org", "Lucía", "Méndez")
}

/// Somebody who stays.
fn resident(number: usize) -> SeedUser {
    SeedUser::new(&format!("p{number}@example.org"), "Persona", &format!("{number:02}"))
}

/// Somebody who comes and goes; no name is the beginning of another one.
pub(super) fn guest(number: usize) -> SeedUser {
    SeedUser::new(&format!("visita{number:03}@example.org"), "Visita", &format!("{number:03}"))
}

/// Where a window stands on the screen. The face of each row is near its left edge, and nothing there tells the time.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place {
    left: i32,
    top: i32,
}

impl Place {
    /// The part of the screen where the faces of some rows are.
    pub(super) fn faces(self) -> Result<Part> {
        let (left, top) = (i16::try_from(self.left + 8)?, i16::try_from(self.top + 230)?);
        Ok(Part { left, top, width: 56, height: 330 })
    }
}

/// A program of the stage.
#[derive(Debug)]
enum Program {
    Presente(Presente),
    Chromium(Chromium),
}

/// A stage.
#[derive(Debug)]
pub(super) struct Stage {
    // In the order in which they end.
    program: Program,
    pub(super) world: World,
    pub(super) server: ReferenceServer,
}

impl Stage {
    /// A stage with so many people online, and so many guests who are not. The program has been there before.
    pub(super) async fn set(subject: Subject, people: usize, guests: usize) -> Result<Self> {
        let residents: Vec<_> = (0..people).map(resident).collect();
        let guests = (0..guests).map(guest);
        let all: Vec<_> = std::iter::once(owner()).chain(residents.clone()).chain(guests).collect();
        let server = ReferenceServer::start(&all).await?;
        for resident in residents {
            server.join(&resident.email).await?;
        }
        let world = World::builder().env("LC_ALL", "en_GB.UTF-8").start().await?;
        // Nothing is to light up because it is under the pointer.
        world.display().point_at(1270, 790).await?;
        let program = match subject {
            Subject::Chromium => Program::Chromium(Chromium::set_up(&world, server.url(), &owner()).await?),
            Subject::Presente => {
                Program::Presente(Presente::set_up(&world, server.url(), &owner(), Raise::Service).await?)
            }
            Subject::Plugin => {
                Program::Presente(Presente::set_up(&world, server.url(), &owner(), Raise::Plugin).await?)
            }
        };
        Ok(Self { program, world, server })
    }

    /// Starts the program, with its window.
    pub(super) fn start(&self) -> Result<Running<'_>> {
        let process = match &self.program {
            Program::Presente(presente) => presente.start(&self.world)?,
            Program::Chromium(chromium) => chromium.start(&self.world)?,
        };
        Ok(Running { stage: self, process })
    }

    fn title(&self) -> &'static str {
        match &self.program {
            Program::Presente(_) => super::presente::TITLE,
            Program::Chromium(_) => super::browser::TITLE,
        }
    }

    /// Where the server listens.
    pub(super) fn address(&self) -> Result<SocketAddr> {
        let address = self.server.url().strip_prefix("http://").context("an address without http://")?;
        Ok(address.parse()?)
    }
}

/// The program while it runs.
#[derive(Debug)]
pub(super) struct Running<'s> {
    stage: &'s Stage,
    process: Process,
}

impl Running<'_> {
    /// Its number.
    pub(super) fn pid(&self) -> u32 {
        self.process.pid()
    }

    /// Waits until it believes that people are on the screen.
    pub(super) async fn shows_people(&mut self) -> Result<()> {
        let shown = match &self.stage.program {
            Program::Presente(_) => Presente::shows_people(&self.process).await,
            Program::Chromium(chromium) => chromium.shows_people().await,
        };
        shown.with_context(|| format!("it wrote: {}", self.process.stderr().text()))
    }

    /// Where its window is.
    pub(super) async fn place(&self) -> Result<Place> {
        let display = self.stage.world.display();
        let (left, top, ..) = display.place(&display.window(self.stage.title()).await?).await?;
        Ok(Place { left, top })
    }

    /// Puts its window out of sight, as people do: into the tray; and where there is none, it is minimised.
    pub(super) async fn out_of_sight(&self) -> Result<()> {
        let display = self.stage.world.display();
        match &self.stage.program {
            Program::Presente(_) => display.close_window(super::presente::TITLE).await,
            Program::Chromium(_) => super::browser::minimise(&self.stage.world).await,
        }
    }

    /// Ends it, and waits for that.
    pub(super) async fn stop(mut self) -> Result<()> {
        self.process.stop().await.map(drop)
    }
}
