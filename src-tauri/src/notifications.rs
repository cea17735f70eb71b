//! Native notifications. The title may hold a stranger's name, and only titles are plain text on every desktop:
//! bodies may be read as markup, so what is put there is escaped where it could be mistaken for it.

use crate::window;
use presente_core::controller::Notification;
use tauri::{AppHandle, Runtime};
use tauri_plugin_notification::NotificationExt;

/// Makes a click on a notification open the window.
pub(crate) fn listen<R: Runtime>(app: &AppHandle<R>) {
    let handle = app.clone();
    let listening = app.notification().on_action(move |_| window::open(&handle));
    if let Err(error) = listening {
        tracing::warn!(%error, "clicks on notifications are not heard");
    }
}

/// Raises a notification.
pub(crate) fn raise<R: Runtime>(app: &AppHandle<R>, notification: Notification) {
    let Notification { title, body } = notification;
    let shown = app.notification().builder().title(title).body(without_markup(&body)).show();
    match shown {
        Ok(()) => tracing::info!("notification raised"),
        Err(error) => tracing::warn!(%error, "a notification was not shown"),
    }
}

/// Notification services differ in whether they read markup; characters that look alike are read as text by all.
fn without_markup(text: &str) -> String {
    text.chars()
        .map(|c| match c {
            '<' => '‹',
            '>' => '›',
            '&' => '＆',
            c => c,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_holds_no_markup() {
        assert_eq!(without_markup("<b>a & b</b>"), "‹b›a ＆ b‹/b›");
        assert_eq!(without_markup("escuela.example"), "escuela.example");
    }
}
