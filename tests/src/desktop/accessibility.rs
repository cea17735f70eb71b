//! What a screen reader is told: the tree of names and roles on the accessibility bus (AT-SPI).

use std::path::Path;

use anyhow::{Context, Result};
use zbus::{Connection, Proxy, connection, proxy::CacheProperties, zvariant::OwnedObjectPath};

use super::World;
use crate::{
    process::Process,
    wait::{PATIENCE, until},
};

/// Where systems keep the program that makes the bus.
const LAUNCHERS: [&str; 3] = [
    "/usr/libexec/at-spi-bus-launcher",
    "/usr/lib/at-spi2-core/at-spi-bus-launcher",
    "/usr/lib/at-spi-bus-launcher",
];
const ACCESSIBLE: &str = "org.a11y.atspi.Accessible";
/// Deeper than any page.
const DEEPEST: usize = 60;

/// Roles by their numbers: web engines leave it to the reader to name them.
const ROLES: [(u32, &str); 33] = [
    (7, "check box"),
    (11, "combo box"),
    (20, "filler"),
    (23, "frame"),
    (27, "image"),
    (29, "label"),
    (31, "list"),
    (32, "list item"),
    (33, "menu"),
    (35, "menu item"),
    (39, "panel"),
    (40, "password text"),
    (43, "button"),
    (44, "radio button"),
    (45, "radio menu item"),
    (49, "scroll pane"),
    (50, "separator"),
    (54, "status bar"),
    (55, "table"),
    (61, "text"),
    (62, "toggle button"),
    (71, "header"),
    (72, "footer"),
    (73, "paragraph"),
    (79, "entry"),
    (83, "heading"),
    (85, "section"),
    (87, "form"),
    (95, "document web"),
    (99, "grouping"),
    (101, "notification"),
    (110, "landmark"),
    (116, "static"),
];

/// What programs must have in their environment to speak to it, in a world that otherwise does without.
pub const VARIABLES: [(&str, &str); 3] =
    [("NO_AT_BRIDGE", "0"), ("GTK_A11Y", "atspi"), ("GTK_MODULES", "gail:atk-bridge")];

/// An accessibility bus with somebody who reads what is on it.
#[derive(Debug)]
pub struct Accessibility {
    connection: Connection,
    _launcher: Process,
}

/// An object: who has it, and where.
type Address = (String, OwnedObjectPath);

impl Accessibility {
    /// Starts the bus of this world. Programs that start later find it.
    ///
    /// # Errors
    /// When at-spi2-core is not installed, or does not start.
    pub async fn start(world: &World) -> Result<Self> {
        let launcher = LAUNCHERS.into_iter().find(|path| Path::new(path).is_file());
        let launcher = launcher.context("at-spi2-core is not installed")?;
        let mut command = world.command(launcher);
        command.args(["--launch-immediately", "--a11y=1", "--screen-reader=1"]);
        let launcher = Process::start("at-spi-bus-launcher", &mut command)?;
        let session = world.bus().connect().await?;
        let address = until("the accessibility bus", PATIENCE, async || {
            let proxy = Proxy::new(&session, "org.a11y.Bus", "/org/a11y/bus", "org.a11y.Bus").await.ok()?;
            proxy.call::<_, _, String>("GetAddress", &()).await.ok().filter(|address| !address.is_empty())
        })
        .await?;
        let connection = connection::Builder::address(address.as_str())?.build().await?;
        Ok(Self { connection, _launcher: launcher })
    }

    /// What there is below the frame of this title, an object a line, indented: role, name, and the states that matter.
    ///
    /// # Errors
    /// When no program has such a frame, or it goes while it is read.
    pub async fn tree(&self, title: &str) -> Result<Vec<String>> {
        let root = (
            "org.a11y.atspi.Registry".to_owned(),
            OwnedObjectPath::try_from("/org/a11y/atspi/accessible/root")?,
        );
        for program in self.children(&root).await? {
            for frame in self.children(&program).await.unwrap_or_default() {
                if self.name(&frame).await.is_ok_and(|name| name == title) {
                    return self.read(frame).await;
                }
            }
        }
        anyhow::bail!("no program on the accessibility bus has a window called {title:?}")
    }

    async fn read(&self, frame: Address) -> Result<Vec<String>> {
        let mut lines = Vec::new();
        let mut left = vec![(0, frame)];
        while let Some((depth, object)) = left.pop() {
            let role: u32 = self.proxy(&object).await?.call("GetRole", &()).await?;
            let known = ROLES.iter().find(|(number, _)| *number == role);
            let role = known.map_or_else(|| format!("role {role}"), |(_, name)| (*name).to_owned());
            let name = self.name(&object).await?;
            let states = self.states(&object).await?;
            lines.push(format!("{}{role} {name:?}{states}", "  ".repeat(depth)));
            if depth < DEEPEST {
                let children = self.children(&object).await?;
                left.extend(children.into_iter().rev().map(|child| (depth + 1, child)));
            }
        }
        Ok(lines)
    }

    async fn proxy(&self, (owner, path): &Address) -> Result<Proxy<'static>> {
        let builder =
            zbus::proxy::Builder::new(&self.connection).destination(owner.clone())?.path(path.clone())?;
        Ok(builder.interface(ACCESSIBLE)?.cache_properties(CacheProperties::No).build().await?)
    }

    async fn children(&self, object: &Address) -> Result<Vec<Address>> {
        let proxy = self.proxy(object).await?;
        let count: i32 = proxy.get_property("ChildCount").await?;
        let mut children = Vec::new();
        // One by one: asked for all at once, what a web engine has plugged in from another process is left out.
        for at in 0..count {
            children.push(proxy.call("GetChildAtIndex", &at).await?);
        }
        Ok(children)
    }

    async fn name(&self, object: &Address) -> Result<String> {
        Ok(self.proxy(object).await?.get_property("Name").await?)
    }

    async fn states(&self, object: &Address) -> Result<String> {
        /// Bits of AT-SPI's states that a reader says.
        const SAID: [(u32, &str); 5] =
            [(4, "checked"), (9, "expandable"), (10, "expanded"), (12, "focused"), (42, "has popup")];
        let states: Vec<u32> = self.proxy(object).await?.call("GetState", &()).await?;
        let is_set = |bit: u32| {
            let word = usize::try_from(bit / 32).ok().and_then(|at| states.get(at));
            word.is_some_and(|word| word & (1 << (bit % 32)) != 0)
        };
        let said: Vec<&str> = SAID.iter().filter(|(bit, _)| is_set(*bit)).map(|(_, word)| *word).collect();
        Ok(if said.is_empty() { String::new() } else { format!(" ({})", said.join(", ")) })
    }
}
