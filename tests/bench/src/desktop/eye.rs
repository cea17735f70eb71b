//! An eye on a part of a screen: since when it has looked as it looks in the end. It knows nothing of who paints there,
//! so it judges all alike.

use anyhow::{Context, Result};
use std::{
    collections::BTreeSet,
    hash::{DefaultHasher, Hash as _, Hasher as _},
    time::Duration,
};
use tokio::{
    sync::watch,
    task::JoinHandle,
    time::{Instant, sleep, timeout},
};
use x11rb::{
    connection::Connection as _,
    protocol::xproto::{ConnectionExt as _, ImageFormat, Window},
    rust_connection::RustConnection,
};

/// Between two looks.
const LOOK: Duration = Duration::from_millis(4);
/// What has not changed for so long will not.
const SETTLED: Duration = Duration::from_millis(1_500);
/// How long something may take to settle.
const PATIENCE: Duration = Duration::from_secs(30);
/// An empty place has fewer colours.
const COLOURS: usize = 8;

/// A part of the screen, pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Part {
    pub(super) left: i16,
    pub(super) top: i16,
    pub(super) width: u16,
    pub(super) height: u16,
}

/// What is to be seen now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Sight {
    picture: u64,
    colours: usize,
    since: Instant,
}

/// An eye that is open.
#[derive(Debug)]
pub(super) struct Eye {
    sights: watch::Receiver<Vec<Sight>>,
    looking: JoinHandle<Result<()>>,
}

impl Drop for Eye {
    fn drop(&mut self) {
        self.looking.abort();
    }
}

impl Eye {
    /// Looks at this part of the screen from now on.
    pub(super) fn open(display: &str, part: Part) -> Result<Self> {
        let (connection, screen) = RustConnection::connect(Some(display)).context("there is no screen")?;
        let root = connection.setup().roots.get(screen).context("there is no such screen")?.root;
        let (seen, sights) = watch::channel(Vec::new());
        let looking = tokio::spawn(async move {
            loop {
                let pixels = look(&connection, root, part)?;
                let since = Instant::now();
                let picture = number(&pixels);
                let is_other = seen.borrow().last().is_none_or(|last: &Sight| last.picture != picture);
                if is_other {
                    let colours = pixels.chunks_exact(4).collect::<BTreeSet<_>>().len();
                    seen.send_modify(|sights| sights.push(Sight { picture, colours, since }));
                }
                sleep(LOOK).await;
            }
        });
        Ok(Self { sights, looking })
    }

    /// Waits until nothing changes any more; says when it looked like that for the first time.
    pub(super) async fn settles(mut self) -> Result<Instant> {
        timeout(PATIENCE, self.settling())
            .await
            .context("nothing is painted, or something changes all the time")??;
        let sights = self.sights.borrow().clone();
        let last = sights.last().context("nothing was seen")?;
        let first = sights.iter().position(|sight| sight.picture == last.picture);
        let first = first.filter(|at| *at > 0).context("it had been painted before anybody looked")?;
        sights.get(first).map(|sight| sight.since).context("nothing was seen")
    }

    async fn settling(&mut self) -> Result<()> {
        loop {
            let is_full =
                self.sights.borrow_and_update().last().is_some_and(|sight| sight.colours >= COLOURS);
            match timeout(SETTLED, self.sights.changed()).await {
                Ok(changed) => changed.context("the screen cannot be looked at any more")?,
                Err(_) if is_full => return Ok(()),
                Err(_) => {}
            }
        }
    }
}

/// What is to be seen: four bytes a pixel.
fn look(connection: &RustConnection, root: Window, part: Part) -> Result<Vec<u8>> {
    let Part { left, top, width, height } = part;
    let image = connection.get_image(ImageFormat::Z_PIXMAP, root, left, top, width, height, u32::MAX)?;
    Ok(image.reply().context("the screen cannot be looked at")?.data)
}

/// The same number for the same picture.
fn number(pixels: &[u8]) -> u64 {
    let mut hasher = DefaultHasher::new();
    pixels.hash(&mut hasher);
    hasher.finish()
}
