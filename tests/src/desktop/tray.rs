//! One icon in the tray: what it shows, what its menu says, and the clicks on both.

use std::{
    collections::HashMap,
    hash::{DefaultHasher, Hash, Hasher},
};

use anyhow::{Context, Result, bail};
use zbus::{
    Connection, Proxy,
    proxy::CacheProperties,
    zvariant::{OwnedObjectPath, OwnedValue, Value},
};

use crate::wait::{PATIENCE, until_with_state};

/// `(id, properties, children)`, as `com.canonical.dbusmenu` sends a menu.
type Layout = (i32, HashMap<String, OwnedValue>, Vec<OwnedValue>);

/// `(width, height, ARGB bytes)`
pub(super) type Pixmap = (i32, i32, Vec<u8>);

/// `(icon, pixels, title, text)`
pub(super) type ToolTip = (String, Vec<Pixmap>, String, String);

/// What an icon looks like: equal looks are equal values.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Icon {
    /// By a name in the icon theme, or a path.
    Name(String),
    /// By pixels.
    Pixels {
        /// In pixels, of the largest picture.
        width: i32,
        /// In pixels, of the largest picture.
        height: i32,
        /// Of all its bytes, the same in every run.
        digest: u64,
    },
}

/// One row of the menu.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MenuItem {
    /// Its number for D-Bus.
    pub id: i32,
    /// What it says, without the marks for shortcuts; a separator says nothing.
    pub label: String,
    /// Whether it can be chosen.
    pub enabled: bool,
    /// Whether it is shown.
    pub visible: bool,
    /// `Some` when it can be ticked.
    pub ticked: Option<bool>,
    /// Its submenu.
    pub children: Vec<MenuItem>,
}

/// An icon in the tray. It is asked anew every time.
#[derive(Debug, Clone)]
pub struct Tray {
    connection: Connection,
    bus_name: String,
    path: String,
}

impl Tray {
    pub(crate) fn new(connection: Connection, bus_name: String, path: String) -> Self {
        Self { connection, bus_name, path }
    }

    /// Its title, which screen readers say.
    ///
    /// # Errors
    /// When the icon is gone.
    pub async fn title(&self) -> Result<String> {
        self.property("Title").await
    }

    /// Its tooltip: title and text, on two lines when there are both.
    ///
    /// # Errors
    /// When the icon is gone, or has no tooltip.
    pub async fn tooltip(&self) -> Result<String> {
        let (_, _, title, text): ToolTip = self.property("ToolTip").await?;
        Ok([title, text].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("\n"))
    }

    /// What it looks like.
    ///
    /// # Errors
    /// When the icon is gone.
    pub async fn icon(&self) -> Result<Icon> {
        let name: String = self.property("IconName").await.unwrap_or_default();
        if !name.is_empty() {
            return Ok(Icon::Name(name));
        }
        let pixmaps: Vec<Pixmap> = self.property("IconPixmap").await?;
        let mut hasher = DefaultHasher::new();
        pixmaps.hash(&mut hasher);
        let (width, height, _) =
            pixmaps.iter().max().context("the tray's icon has neither name nor pixels")?;
        Ok(Icon::Pixels { width: *width, height: *height, digest: hasher.finish() })
    }

    /// Waits until it looks otherwise than `before`.
    ///
    /// # Errors
    /// When it stays as it is.
    pub async fn icon_other_than(&self, before: &Icon) -> Result<Icon> {
        until_with_state("another icon in the tray", PATIENCE, async || match self.icon().await {
            Ok(icon) if icon != *before => Ok(icon),
            other => Err(format!("{other:?}")),
        })
        .await
    }

    /// A left click.
    ///
    /// # Errors
    /// When the icon is gone or takes no clicks.
    pub async fn activate(&self) -> Result<()> {
        self.item().await?.call_method("Activate", &(5_i32, 5_i32)).await?;
        Ok(())
    }

    /// The menu as it is now, separators and invisible rows too.
    ///
    /// # Errors
    /// When the icon is gone or has no menu.
    pub async fn menu(&self) -> Result<Vec<MenuItem>> {
        let menu = self.menu_proxy().await?;
        // Menus may be filled in only when they are about to be shown.
        let _ = menu.call_method("AboutToShow", &0_i32).await;
        let reply = menu.call_method("GetLayout", &(0_i32, -1_i32, Vec::<String>::new())).await?;
        let (_revision, (_, _, children)): (u32, Layout) = reply.body().deserialize()?;
        children.into_iter().map(MenuItem::read).collect()
    }

    /// What the visible rows say, from top to bottom, submenus below their row; separators left out.
    ///
    /// # Errors
    /// As [`menu`](Self::menu).
    pub async fn labels(&self) -> Result<Vec<String>> {
        let menu = self.menu().await?;
        Ok(flat(&menu).into_iter().map(|item| item.label.clone()).collect())
    }

    /// Waits for a visible row that says exactly this.
    ///
    /// # Errors
    /// When none comes in time; with those that are there.
    pub async fn wait_for_label(&self, label: &str) -> Result<MenuItem> {
        self.wait_for_item(&format!("the menu row {label:?}"), |item| item.label == label).await
    }

    /// Waits for a visible row that `fits`.
    ///
    /// # Errors
    /// When none comes in time; with those that are there.
    pub async fn wait_for_item(&self, what: &str, fits: impl Fn(&MenuItem) -> bool) -> Result<MenuItem> {
        until_with_state(what, PATIENCE, async || {
            let menu = self.menu().await.map_err(|error| format!("{error:#}"))?;
            let rows = flat(&menu);
            let found = rows.iter().find(|item| fits(item)).map(|item| (*item).clone());
            found.ok_or_else(|| format!("{:?}", rows.iter().map(|item| &item.label).collect::<Vec<_>>()))
        })
        .await
    }

    /// Chooses the row that says exactly this.
    ///
    /// # Errors
    /// When there is none in time, or it cannot be chosen.
    pub async fn click_menu(&self, label: &str) -> Result<()> {
        let item = self.wait_for_label(label).await?;
        if !item.enabled {
            bail!("the menu row {label:?} cannot be chosen: it is greyed out");
        }
        let menu = self.menu_proxy().await?;
        menu.call_method("Event", &(item.id, "clicked", Value::I32(0), 0_u32)).await?;
        Ok(())
    }

    async fn property<T>(&self, name: &str) -> Result<T>
    where
        T: TryFrom<OwnedValue>,
        T::Error: Into<zbus::Error>,
    {
        self.item().await?.get_property(name).await.with_context(|| format!("the tray's {name}"))
    }

    async fn item(&self) -> Result<Proxy<'static>> {
        self.proxy(self.path.clone(), "org.kde.StatusNotifierItem").await
    }

    async fn menu_proxy(&self) -> Result<Proxy<'static>> {
        let path: OwnedObjectPath = self.property("Menu").await?;
        self.proxy(path.to_string(), "com.canonical.dbusmenu").await
    }

    async fn proxy(&self, path: String, interface: &'static str) -> Result<Proxy<'static>> {
        let proxy = zbus::proxy::Builder::new(&self.connection)
            .destination(self.bus_name.clone())?
            .path(path)?
            .interface(interface)?
            // A cache would show what was, and this is asked what is.
            .cache_properties(CacheProperties::No);
        Ok(proxy.build().await?)
    }
}

impl MenuItem {
    fn read(value: OwnedValue) -> Result<Self> {
        let (id, properties, children) = Layout::try_from(value).context("a menu row of another kind")?;
        let text = |name: &str| properties.get(name).and_then(|value| String::try_from(value.clone()).ok());
        let flag = |name: &str| properties.get(name).and_then(|value| bool::try_from(value).ok());
        let ticked = properties.get("toggle-state").and_then(|value| i32::try_from(value).ok());
        let can_be_ticked = text("toggle-type").is_some_and(|kind| !kind.is_empty());
        Ok(Self {
            id,
            label: without_marks(&text("label").unwrap_or_default()),
            enabled: flag("enabled").unwrap_or(true),
            visible: flag("visible").unwrap_or(true),
            ticked: can_be_ticked.then_some(ticked == Some(1)),
            children: children.into_iter().map(Self::read).collect::<Result<_>>()?,
        })
    }
}

/// An underscore marks the letter of the shortcut; a real one is written twice.
fn without_marks(label: &str) -> String {
    label.split("__").map(|part| part.replace('_', "")).collect::<Vec<_>>().join("_")
}

/// The rows that a person can read, submenus below their row.
fn flat(items: &[MenuItem]) -> Vec<&MenuItem> {
    let shown = items.iter().filter(|item| item.visible && !item.label.is_empty());
    shown.flat_map(|item| std::iter::once(item).chain(flat(&item.children))).collect()
}

#[cfg(test)]
mod tests {
    use super::without_marks;

    #[test]
    fn shortcut_marks_go_and_real_underscores_stay() {
        assert_eq!(without_marks("_Quit"), "Quit");
        assert_eq!(without_marks("ana__b is _here"), "ana_b is here");
    }
}
