//! The app beside a plain page in a browser, at the same server and in the same run; and the app with very many contacts.
//!
//! [`rest`], [`start`], [`alert`] and [`many`] are what is measured, each on a private desktop of its own ([`stage`]);
//! [`run`] does it in turns, and [`tables`] shows it.

pub mod alert;
mod browser;
mod bus;
mod crowd;
mod eye;
mod family;
pub mod many;
mod page;
mod presente;
pub mod rest;
pub mod run;
mod site;
mod stage;
pub mod start;
pub mod tables;

use clap::ValueEnum;

/// A program that tells who is online.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
pub enum Subject {
    /// A page in Chromium, which the others are compared with.
    Chromium,
    /// The app as it is.
    Presente,
    /// The app, with notifications by Tauri's plug-in.
    Plugin,
}

impl Subject {
    /// All; the one that the others are compared with first.
    pub const ALL: [Self; 3] = [Self::Chromium, Self::Presente, Self::Plugin];

    /// What people call it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Chromium => "a page in Chromium",
            Self::Presente => "presente",
            Self::Plugin => "presente, notifications by Tauri's plug-in",
        }
    }
}
