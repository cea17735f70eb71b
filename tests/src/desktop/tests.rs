//! The private desktop itself: what is asked for is there and recorded, what is left out is not there.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may fail by panicking")]

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
};

use zbus::zvariant::{OwnedObjectPath, OwnedValue, Value};

use super::{
    Icon, World,
    bus::has_owner,
    tray::{Pixmap, ToolTip},
};
use crate::{
    process::Process,
    wait::{PATIENCE, until},
};

const SECRETS: &str = "org.freedesktop.secrets";
const NOTIFICATIONS: &str = "org.freedesktop.Notifications";
const TRAY: &str = "org.kde.StatusNotifierWatcher";

#[tokio::test]
async fn a_world_with_everything_records_a_notification_and_clicks_it() {
    let world = World::builder().start().await.unwrap();
    let connection = world.bus().connect().await.unwrap();
    for name in [SECRETS, NOTIFICATIONS, TRAY] {
        assert!(has_owner(&connection, name).await.unwrap(), "{name} is not there");
    }
    let mut gdbus = world.command("gdbus");
    let gdbus = gdbus.args(["monitor", "--session", "--dest", NOTIFICATIONS]);
    let monitor = Process::start("gdbus monitor", gdbus).unwrap();
    monitor.stdout().wait_for("owned by", PATIENCE).await.unwrap();

    let hints: HashMap<&str, Value<'_>> = HashMap::from([("urgency", Value::U8(1))]);
    let body = ("Presente", 0_u32, "", "Ana is here", "since now", vec!["default", "Show"], hints, -1_i32);
    let path = "/org/freedesktop/Notifications";
    let reply = connection.call_method(Some(NOTIFICATIONS), path, Some(NOTIFICATIONS), "Notify", &body).await;
    let id: u32 = reply.unwrap().body().deserialize().unwrap();

    let note = world.notifications().wait_for("of Ana", |note| note.summary == "Ana is here").await.unwrap();
    assert_eq!((note.id, note.body.as_str(), note.hints), (id, "since now", vec!["urgency".to_owned()]));
    assert_eq!(note.actions, [("default".to_owned(), "Show".to_owned())]);
    assert_eq!((note.urgency, note.category, note.silent, note.replaces), (Some(1), None, false, 0));

    world.notifications().click(id).await.unwrap();
    let signal = monitor.stdout().wait_for("ActionInvoked", PATIENCE).await.unwrap();
    assert!(signal.contains(&format!("uint32 {id}, 'default'")), "{signal}");
    assert_eq!(world.notifications().on_screen(), [], "a click closes it");
}

#[tokio::test]
async fn a_notification_in_the_place_of_another_is_the_one_on_the_screen_until_it_is_taken_back() {
    let world = World::builder().with_keyring(false).start().await.unwrap();
    let connection = world.bus().connect().await.unwrap();
    let path = "/org/freedesktop/Notifications";
    let mut id = 0_u32;
    for summary in ["Ana is here", "Ana and Beto are here"] {
        let hints: HashMap<&str, Value<'_>> = HashMap::from([("category", Value::from("presence.online"))]);
        let body = ("Presente", id, "", summary, "", Vec::<&str>::new(), hints, -1_i32);
        let reply =
            connection.call_method(Some(NOTIFICATIONS), path, Some(NOTIFICATIONS), "Notify", &body).await;
        id = reply.unwrap().body().deserialize().unwrap();
        let shown = world.notifications().show(&[summary]).await.unwrap();
        assert_eq!(shown[0].category.as_deref(), Some("presence.online"));
    }
    assert_eq!(world.notifications().all().len(), 2);
    connection
        .call_method(Some(NOTIFICATIONS), path, Some(NOTIFICATIONS), "CloseNotification", &id)
        .await
        .unwrap();
    assert_eq!(world.notifications().on_screen(), []);
}

#[tokio::test]
async fn a_screen_is_locked_and_nobody_is_at_the_machine_when_a_test_says_so() {
    let world = World::builder().with_keyring(false).start().await.unwrap();
    let connection = world.bus().connect().await.unwrap();
    world.attendance().screen_saver_appears().await.unwrap();
    world.attendance().idle_monitor_appears().await.unwrap();
    world.attendance().lock(true).await.unwrap();
    world.attendance().nobody_touched_for(61);
    let (saver, idle) = ("org.freedesktop.ScreenSaver", "org.gnome.Mutter.IdleMonitor");
    let path = "/org/freedesktop/ScreenSaver";
    let locked = connection.call_method(Some(saver), path, Some(saver), "GetActive", &()).await.unwrap();
    assert!(locked.body().deserialize::<bool>().unwrap());
    let path = "/org/gnome/Mutter/IdleMonitor/Core";
    let time = connection.call_method(Some(idle), path, Some(idle), "GetIdletime", &()).await.unwrap();
    assert_eq!(time.body().deserialize::<u64>().unwrap(), 61_000);
}

#[tokio::test]
async fn a_bare_world_has_no_services_whatever_is_installed_on_the_machine() {
    let world = World::builder().with_keyring(false).with_tray_host(false).with_notifications(false);
    let world = world.start().await.unwrap();
    let connection = world.bus().connect().await.unwrap();
    for name in [SECRETS, NOTIFICATIONS, TRAY] {
        // A call is what would start an installed service.
        assert!(connection.call_method(Some(name), "/", None::<&str>, "Hello", &()).await.is_err());
        assert!(!has_owner(&connection, name).await.unwrap(), "{name} is there");
    }
    world.tray_host().appear().await.unwrap();
    assert!(has_owner(&connection, TRAY).await.unwrap());
    world.tray_host().leave().await.unwrap();
    assert!(!has_owner(&connection, TRAY).await.unwrap());
}

#[tokio::test]
async fn a_window_is_found_typed_into_pictured_and_closed() {
    let world = World::builder().with_keyring(false).start().await.unwrap();
    let display = world.display();
    assert!(!display.has_window("A terminal").await.unwrap());
    let dialog =
        Process::start("xmessage", world.command("xmessage").args(["-title", "A window", "Hello"])).unwrap();
    let id = display.window("A window").await.unwrap();
    until("the window to have the focus", PATIENCE, async || {
        display.has_focus(&id).await.ok()?.then_some(())
    })
    .await
    .unwrap();
    let picture = world.home().join("pictures/screen.png");
    display.screenshot(&picture).await.unwrap();
    assert!(picture.metadata().unwrap().len() > 500, "a picture of something");
    display.close_window("A window").await.unwrap();
    drop(dialog);
}

#[tokio::test]
async fn an_icon_in_the_tray_is_read_and_its_menu_is_clicked() {
    let world = World::builder().with_keyring(false).start().await.unwrap();
    let clicked = Clicked::default();
    let app = world.bus().connect().await.unwrap();
    app.object_server().at("/StatusNotifierItem", Item(clicked.clone())).await.unwrap();
    app.object_server().at("/MenuBar", Menu(clicked.clone())).await.unwrap();
    let own_name = app.unique_name().unwrap().as_str();
    let call = "RegisterStatusNotifierItem";
    app.call_method(Some(TRAY), "/StatusNotifierWatcher", Some(TRAY), call, &own_name).await.unwrap();

    let tray = world.tray().await.unwrap();
    assert_eq!(tray.title().await.unwrap(), "Presente");
    assert_eq!(tray.tooltip().await.unwrap(), "Presente\n2 online");
    let icon = tray.icon().await.unwrap();
    assert!(matches!(icon, Icon::Pixels { width: 1, height: 1, .. }), "{icon:?}");
    assert_eq!(tray.labels().await.unwrap(), ["Away", "More", "Help", "Old"]);
    assert_eq!(tray.wait_for_label("Away").await.unwrap().ticked, Some(true));

    tray.activate().await.unwrap();
    tray.click_menu("Help").await.unwrap();
    assert!(tray.click_menu("Old").await.is_err(), "it is greyed out");
    assert_eq!(clicked.0.lock().unwrap().as_slice(), ["activate", "menu 3"]);
    assert_ne!(tray.icon_other_than(&icon).await.unwrap(), icon, "a click changes its colour");

    app.close().await.unwrap();
    let gone = async || world.tray_host().trays().await.ok()?.is_empty().then_some(());
    until("the icon to go with its program", PATIENCE, gone).await.unwrap();
}

/// What was clicked, in order.
#[derive(Debug, Clone, Default)]
struct Clicked(Arc<Mutex<Vec<String>>>);

struct Item(Clicked);

#[zbus::interface(name = "org.kde.StatusNotifierItem")]
impl Item {
    fn activate(&self, _x: i32, _y: i32) {
        self.0.0.lock().unwrap().push("activate".to_owned());
    }

    #[zbus(property)]
    fn title(&self) -> &str {
        "Presente"
    }

    #[zbus(property)]
    fn icon_name(&self) -> &str {
        ""
    }

    #[zbus(property)]
    fn icon_pixmap(&self) -> Vec<Pixmap> {
        let clicks = u8::try_from(self.0.0.lock().unwrap().len()).unwrap();
        vec![(1, 1, vec![255, clicks, 0, 0])]
    }

    #[zbus(property)]
    fn tool_tip(&self) -> ToolTip {
        (String::new(), Vec::new(), "Presente".to_owned(), "2 online".to_owned())
    }

    #[zbus(property)]
    fn menu(&self) -> OwnedObjectPath {
        OwnedObjectPath::try_from("/MenuBar").unwrap()
    }
}

type Row = (i32, HashMap<String, OwnedValue>, Vec<OwnedValue>);

fn row<const N: usize>(id: i32, properties: [(&str, Value<'static>); N], children: Vec<Row>) -> Row {
    let owned = |value: Value<'static>| OwnedValue::try_from(value).unwrap();
    let properties = properties.into_iter().map(|(name, value)| (name.to_owned(), owned(value))).collect();
    (id, properties, children.into_iter().map(|child| owned(Value::from(child))).collect())
}

struct Menu(Clicked);

#[zbus::interface(name = "com.canonical.dbusmenu")]
impl Menu {
    #[allow(clippy::needless_pass_by_value, reason = "D-Bus hands over owned values")]
    fn get_layout(&self, _parent: i32, _depth: i32, _names: Vec<String>) -> (u32, Row) {
        let tick = [
            ("label", Value::from("_Away")),
            ("toggle-type", Value::from("checkmark")),
            ("toggle-state", Value::I32(1)),
        ];
        let rows = vec![
            row(1, tick, vec![]),
            row(5, [("type", Value::from("separator"))], vec![]),
            row(2, [("label", Value::from("More"))], vec![row(3, [("label", Value::from("Help"))], vec![])]),
            row(4, [("label", Value::from("Old")), ("enabled", Value::Bool(false))], vec![]),
            row(6, [("label", Value::from("Hidden")), ("visible", Value::Bool(false))], vec![]),
        ];
        (1, row(0, [], rows))
    }

    #[allow(clippy::needless_pass_by_value, reason = "D-Bus hands over owned values")]
    fn event(&self, id: i32, _kind: String, _data: OwnedValue, _time: u32) {
        self.0.0.lock().unwrap().push(format!("menu {id}"));
    }
}
