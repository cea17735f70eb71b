//! A machine of its own for a client, joined to this one by a cable that can be cut: a network namespace and a pair of
//! virtual interfaces. Once cut, nothing comes through any more and nobody says goodbye.

#![allow(clippy::print_stderr, reason = "a test that cannot be made has to say so")]

use std::{
    net::Ipv4Addr,
    process::{Command, id},
    sync::atomic::{AtomicU8, Ordering},
};

use anyhow::{Context, Result, bail};

use super::{is_root, output, program};
use crate::process::Process;

/// What each cable has for its two ends: networks that are for measurements and nobody's (198.18.0.0/15).
const NETWORK: [u8; 2] = [198, 18];

/// Says whether cables can be laid here, and if not, what it takes.
///
/// # Errors
/// When they cannot.
pub fn possible() -> Result<()> {
    if !is_root()? {
        bail!("laying a cable needs root: run this under `unshare --user --map-root-user --net`");
    }
    let tried = output(Command::new(program("unshare")).args(["--net", "true"]));
    tried.map(drop).context("this system allows no network namespaces, which takes CAP_SYS_ADMIN")
}

/// Whether a test may lay cables where it runs. Who is not root but may have a name space of its own runs `test` (its
/// whole name) once more in there, and the verdict is that one's.
///
/// # Errors
/// When that one fails; when cables cannot be laid as root; and with `CI` set, when they cannot be laid at all.
pub async fn here_or_alone(test: &str) -> Result<bool> {
    if is_root()? {
        return possible().map(|()| true);
    }
    let alone = |command: &[&str]| {
        let mut unshare = Command::new(program("unshare"));
        unshare.args(["--user", "--map-root-user", "--net"]).args(command);
        tokio::task::spawn_blocking(move || output(&mut unshare))
    };
    if let Err(error) = alone(&["true"]).await? {
        if std::env::var_os("CI").is_some() {
            return Err(error.context("a cable takes root, or a name space of one's own"));
        }
        eprintln!("{test}: not tested, because a cable takes root, or a name space of one's own ({error:#})");
        return Ok(false);
    }
    let me = std::env::current_exe()?;
    let again = r#"ip link set lo up && exec "$0" --exact "$1" --include-ignored --nocapture"#;
    alone(&["sh", "-c", again, &me.to_string_lossy(), test]).await?.map(|_| false)
}

/// Another machine at the end of a cable. Both are gone when this is dropped.
#[derive(Debug)]
pub struct Machine {
    /// Lives in the namespace, which lasts as long as anybody does.
    holder: Process,
    cable: String,
    number: u8,
}

impl Machine {
    /// Lays a cable to a new machine.
    ///
    /// # Errors
    /// When this is not allowed, see [`possible`].
    pub async fn start() -> Result<Self> {
        possible()?;
        let (number, cable) = plug()?;
        // Says when the namespace is there, and stays until its input is closed.
        let mut unshare = Command::new(program("unshare"));
        unshare.args(["--net", "sh", "-c", "echo here; exec cat >/dev/null"]);
        let mut holder = Process::start("a network namespace", &mut unshare)?;
        holder.first_line().await?;
        let machine = Self { holder, cable, number };
        machine.join()?;
        Ok(machine)
    }

    fn join(&self) -> Result<()> {
        let here = self.cable.as_str();
        let pid = self.holder.pid().to_string();
        ip(&["link", "set", &format!("{here}b"), "netns", &pid])?;
        ip(&["address", "add", &format!("{}/30", self.this_end()), "dev", here])?;
        ip(&["link", "set", here, "up"])?;
        let inside =
            |args: &[&str]| output(self.command(&program("ip").to_string_lossy()).args(args)).map(drop);
        inside(&["link", "set", &format!("{here}b"), "name", "cable"])?;
        inside(&["address", "add", &format!("{}/30", self.address()), "dev", "cable"])?;
        inside(&["link", "set", "lo", "up"])?;
        inside(&["link", "set", "cable", "up"])?;
        inside(&["route", "add", "default", "via", &self.this_end().to_string()])
    }

    /// The address of this machine on the cable: where a server must listen to be reached from the other one. Other
    /// machines reach it too.
    #[must_use]
    pub fn this_end(&self) -> Ipv4Addr {
        self.end(1)
    }

    /// The address of the other machine.
    #[must_use]
    pub fn address(&self) -> Ipv4Addr {
        self.end(2)
    }

    fn end(&self, end: u8) -> Ipv4Addr {
        let [first, second] = NETWORK;
        Ipv4Addr::new(first, second, self.number, end)
    }

    /// A command that is to run on the other machine.
    #[must_use]
    pub fn command(&self, program_name: &str) -> Command {
        let mut command = Command::new(program("nsenter"));
        command.arg(format!("--net=/proc/{}/ns/net", self.holder.pid())).arg("--").arg(program_name);
        command
    }

    /// The same command, but run on the other machine.
    #[must_use]
    pub fn moved(&self, command: &Command) -> Command {
        let mut moved = self.command(&command.get_program().to_string_lossy());
        moved.args(command.get_args());
        for (name, value) in command.get_envs() {
            match value {
                Some(value) => moved.env(name, value),
                None => moved.env_remove(name),
            };
        }
        if let Some(folder) = command.get_current_dir() {
            moved.current_dir(folder);
        }
        moved
    }

    /// Cuts the cable at the other machine: this one is told nothing.
    ///
    /// # Errors
    /// When the namespace is gone.
    pub fn cut(&self) -> Result<()> {
        self.set_cable("down")
    }

    /// Mends the cable.
    ///
    /// # Errors
    /// When the namespace is gone.
    pub fn mend(&self) -> Result<()> {
        self.set_cable("up")?;
        // A route goes with its interface.
        let mut route = self.command(&program("ip").to_string_lossy());
        output(route.args(["route", "replace", "default", "via", &self.this_end().to_string()])).map(drop)
    }

    fn set_cable(&self, state: &str) -> Result<()> {
        let mut ip = self.command(&program("ip").to_string_lossy());
        output(ip.args(["link", "set", "cable", state])).map(drop)
    }
}

impl Drop for Machine {
    fn drop(&mut self) {
        // The namespace may outlive its programs by a moment; the cable must not.
        let _ = ip(&["link", "delete", &self.cable]);
        self.holder.close_input();
    }
}

/// Makes a cable with a number that nobody uses, also not another program of tests.
fn plug() -> Result<(u8, String)> {
    static NEXT: AtomicU8 = AtomicU8::new(0);
    let first = u8::try_from(id() % 256)?;
    for _ in 0..=u8::MAX {
        let number = first.wrapping_add(NEXT.fetch_add(1, Ordering::Relaxed));
        let cable = format!("presente{number}");
        // Names are given once: whoever has made it, has it.
        let added = ip(&["link", "add", &cable, "type", "veth", "peer", "name", &format!("{cable}b")]);
        match added {
            Ok(()) => return Ok((number, cable)),
            Err(error) if !error.to_string().contains("File exists") => {
                return Err(error.context("no virtual cable can be made"));
            }
            Err(_) => {}
        }
    }
    bail!("256 cables lie here already")
}

fn ip(args: &[&str]) -> Result<()> {
    output(Command::new(program("ip")).args(args)).map(drop)
}
