//! Whether the screen is locked and whether the machine goes to sleep: the session's own word (logind) and that of the
//! desktop's screen saver. Either bus may be missing.

use super::Tell;
use futures_util::{
    StreamExt,
    stream::{self, BoxStream, select_all},
};
use presente_core::controller::Activity;
use std::{
    collections::{BTreeSet, HashMap},
    env, iter,
    time::Duration,
};
use tokio::{sync::watch, time::sleep};
use zbus::{
    Connection, MatchRule, Message, MessageStream, Proxy,
    zvariant::{OwnedFd, OwnedObjectPath, Value},
};

const LOGIN: &str = "org.freedesktop.login1";
const MANAGER: &str = "org.freedesktop.login1.Manager";
const SESSION: &str = "org.freedesktop.login1.Session";
const LOCKED_HINT: &str = "LockedHint";
/// Screen savers, each with where it is.
const SAVERS: [(&str, &str); 3] = [
    ("org.freedesktop.ScreenSaver", "/org/freedesktop/ScreenSaver"),
    ("org.gnome.ScreenSaver", "/org/gnome/ScreenSaver"),
    ("org.cinnamon.ScreenSaver", "/org/cinnamon/ScreenSaver"),
];
/// How long sleep is held up so that others hear that we are away.
const LAST_WORD: Duration = Duration::from_millis(400);

/// Something that was said.
#[derive(Debug, PartialEq, Eq)]
enum Said {
    /// By somebody: the screen is locked, or not any more.
    Locked(String, bool),
    /// The machine goes to sleep, or has woken.
    Asleep(bool),
}

/// Follows it until nobody wants to know any more.
pub(super) async fn follow(mut minutes: watch::Receiver<u16>, tell: Tell) {
    if minutes.wait_for(|minutes| *minutes > 0).await.is_err() {
        return;
    }
    let mut locks = Locks::default();
    let (login, savers) = (login().await, savers().await);
    let mut delay = Delay::default();
    let mut said = Vec::new();
    if let Some((login, sayings)) = login {
        delay = Delay::of(&login).await;
        said.push(sayings);
    }
    said.extend(savers);
    let mut said = select_all(said);
    loop {
        let said = tokio::select! {
            // An error is nobody left to be told.
            gone = minutes.changed() => if gone.is_err() { return } else { continue },
            Some(said) = said.next() => said,
            else => return,
        };
        match said {
            Said::Locked(by, locked) => {
                if let Some(locked) = locks.heard(by, locked) {
                    tell(Activity::Locked(locked));
                }
            }
            Said::Asleep(asleep) => {
                tell(Activity::Asleep(asleep));
                delay.on_sleep(asleep).await;
            }
        }
    }
}

/// Who says that the screen is locked.
#[derive(Debug, Default)]
struct Locks(BTreeSet<String>);

impl Locks {
    /// Takes in what one of them says; gives what is so now, where that is news.
    fn heard(&mut self, by: String, locked: bool) -> Option<bool> {
        let was = !self.0.is_empty();
        if locked {
            self.0.insert(by);
        } else {
            self.0.remove(&by);
        }
        let is = !self.0.is_empty();
        (was != is).then_some(is)
    }
}

/// What holds sleep up for a moment, where the system allows that.
#[derive(Default)]
struct Delay {
    manager: Option<Proxy<'static>>,
    held: Option<OwnedFd>,
}

impl Delay {
    async fn of(login: &Connection) -> Self {
        let manager = Proxy::new(login, LOGIN, "/org/freedesktop/login1", MANAGER).await.ok();
        let mut delay = Self { manager, held: None };
        delay.on_sleep(false).await;
        delay
    }

    /// Lets the machine sleep once the word is out; takes hold again when it has woken.
    async fn on_sleep(&mut self, asleep: bool) {
        if asleep {
            sleep(LAST_WORD).await;
            self.held = None;
        } else if let Some(manager) = &self.manager {
            let why = ("sleep", "Presente", "Tells others that you are away", "delay");
            self.held = manager.call("Inhibit", &why).await.ok();
        }
    }
}

type Sayings = BoxStream<'static, Said>;

/// What the system says of our session; `None` where it has no logind.
async fn login() -> Option<(Connection, Sayings)> {
    let bus = Connection::system().await.ok()?;
    let session = session_path(&bus).await;
    let sleeps = format!("type='signal',sender='{LOGIN}',interface='{MANAGER}',member='PrepareForSleep'");
    let mut streams = vec![listen(&bus, &sleeps).await?];
    if let Some(path) = &session {
        // The signals Lock and Unlock only ask somebody to lock; the hint says that it is so.
        let hints = format!(
            "type='signal',sender='{LOGIN}',path='{}',interface='org.freedesktop.DBus.Properties',member='PropertiesChanged'",
            path.as_str()
        );
        streams.extend(listen(&bus, &hints).await);
    }
    let now = match session {
        Some(path) => locked_hint(&bus, path).await,
        None => None,
    };
    let now = now.map(|locked| Said::Locked(LOGIN.to_owned(), locked));
    let said = select_all(streams).filter_map(async |message| read(&message));
    Some((bus, stream::iter(now).chain(said).boxed()))
}

/// Our session; one started by the user's service manager belongs to none and is told that of the display.
async fn session_path(bus: &Connection) -> Option<OwnedObjectPath> {
    let manager = Proxy::new(bus, LOGIN, "/org/freedesktop/login1", MANAGER).await.ok()?;
    let id = env::var("XDG_SESSION_ID").unwrap_or_else(|_| "auto".to_owned());
    manager.call("GetSession", &id).await.ok()
}

async fn locked_hint(bus: &Connection, path: OwnedObjectPath) -> Option<bool> {
    Proxy::new(bus, LOGIN, path, SESSION).await.ok()?.get_property(LOCKED_HINT).await.ok()
}

/// What screen savers say. Those that are not there are not started for it.
async fn savers() -> Vec<Sayings> {
    let Ok(bus) = Connection::session().await else { return Vec::new() };
    let mut streams = Vec::new();
    for (name, path) in SAVERS {
        let rule = format!("type='signal',interface='{name}',member='ActiveChanged'");
        let Some(active) = listen(&bus, &rule).await else { continue };
        let now = is_active(&bus, name, path).await.map(|active| Said::Locked(name.to_owned(), active));
        let goes =
            format!("type='signal',sender='org.freedesktop.DBus',member='NameOwnerChanged',arg0='{name}'");
        let streams_of_it = iter::once(active).chain(listen(&bus, &goes).await);
        let said = select_all(streams_of_it).filter_map(async |message| read(&message));
        streams.push(stream::iter(now).chain(said).boxed());
    }
    streams
}

async fn is_active(bus: &Connection, name: &str, path: &str) -> Option<bool> {
    let names = zbus::fdo::DBusProxy::new(bus).await.ok()?;
    if !names.name_has_owner(name.try_into().ok()?).await.ok()? {
        return None;
    }
    Proxy::new(bus, name.to_owned(), path.to_owned(), name.to_owned())
        .await
        .ok()?
        .call("GetActive", &())
        .await
        .ok()
}

async fn listen(bus: &Connection, rule: &str) -> Option<BoxStream<'static, Message>> {
    let rule = MatchRule::try_from(rule).ok()?.to_owned();
    let stream = MessageStream::for_match_rule(rule, bus, None).await.ok()?;
    Some(stream.filter_map(async |message| message.ok()).boxed())
}

/// What a signal says, if it is one of those.
fn read(message: &Message) -> Option<Said> {
    let header = message.header();
    let (interface, member) = (header.interface()?.as_str(), header.member()?.as_str());
    let body = message.body();
    match (interface, member) {
        (MANAGER, "PrepareForSleep") => body.deserialize().ok().map(Said::Asleep),
        (_, "PropertiesChanged") => {
            let (of, changed, _): (String, HashMap<String, Value<'_>>, Vec<String>) =
                body.deserialize().ok()?;
            let locked = changed.get(LOCKED_HINT).filter(|_| of == SESSION)?;
            Some(Said::Locked(LOGIN.to_owned(), bool::try_from(locked).ok()?))
        }
        // One that has ended locks nothing any more.
        (_, "NameOwnerChanged") => {
            let (name, _, owner): (String, String, String) = body.deserialize().ok()?;
            owner.is_empty().then_some(Said::Locked(name, false))
        }
        (saver, "ActiveChanged") => Some(Said::Locked(saver.to_owned(), body.deserialize().ok()?)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may fail by panicking")]

    use super::*;

    fn signal<B: serde::Serialize + zbus::zvariant::DynamicType>(
        interface: &str,
        member: &str,
        body: &B,
    ) -> Message {
        Message::signal("/somewhere", interface, member).unwrap().build(body).unwrap()
    }

    #[test]
    fn the_words_of_the_session_and_of_screen_savers_are_understood() {
        let asleep = read(&signal(MANAGER, "PrepareForSleep", &true));
        assert_eq!(asleep, Some(Said::Asleep(true)));
        let saver = "org.freedesktop.ScreenSaver";
        let active = read(&signal(saver, "ActiveChanged", &true));
        assert_eq!(active, Some(Said::Locked(saver.to_owned(), true)));
        let owned_by =
            |owner: &str| read(&signal("org.freedesktop.DBus", "NameOwnerChanged", &(saver, ":1.7", owner)));
        assert_eq!(owned_by(""), Some(Said::Locked(saver.to_owned(), false)), "it has ended");
        assert_eq!(owned_by(":1.9"), None);
        let properties = |interface: &str, name: &str, value: Value<'static>| {
            let changed = HashMap::from([(name.to_owned(), value)]);
            let body = (interface.to_owned(), changed, Vec::<String>::new());
            read(&signal("org.freedesktop.DBus.Properties", "PropertiesChanged", &body))
        };
        assert_eq!(
            properties(SESSION, LOCKED_HINT, false.into()),
            Some(Said::Locked(LOGIN.to_owned(), false))
        );
        assert_eq!(properties(SESSION, "IdleHint", true.into()), None);
        assert_eq!(properties(MANAGER, LOCKED_HINT, true.into()), None);
        assert_eq!(properties(SESSION, LOCKED_HINT, "yes".into()), None, "of another type");
        assert_eq!(read(&signal(MANAGER, "PrepareForSleep", &"soon")), None, "of another type");
        assert_eq!(read(&signal(MANAGER, "SessionNew", &true)), None);
    }

    #[test]
    fn the_screen_is_locked_while_anybody_says_so_and_each_change_is_told_once() {
        let mut locks = Locks::default();
        let mut heard = |by: &str, locked| locks.heard(by.to_owned(), locked);
        assert_eq!(heard(LOGIN, false), None);
        assert_eq!(heard("saver", true), Some(true));
        assert_eq!(heard(LOGIN, true), None);
        assert_eq!(heard("saver", false), None);
        assert_eq!(heard(LOGIN, true), None);
        assert_eq!(heard(LOGIN, false), Some(false));
    }
}
