//! Where the window is to be so that it is seen: a monitor may have been pulled out since it was last looked at.

use tauri::{PhysicalPosition, PhysicalSize, Runtime, WebviewWindow};

/// A rectangle in pixels: left, top, width, height.
type Area = (i64, i64, i64, i64);

/// Brings a window of which most is out of sight to where it is seen.
pub(crate) fn bring_into<R: Runtime>(window: &WebviewWindow<R>) -> tauri::Result<()> {
    let monitors = window.available_monitors()?;
    let monitors: Vec<Area> =
        monitors.iter().map(|monitor| area(*monitor.position(), *monitor.size())).collect();
    let place = area(window.outer_position()?, window.outer_size()?);
    match place_in_sight(place, &monitors) {
        Some((left, top)) => window.set_position(PhysicalPosition::new(left, top)),
        None => Ok(()),
    }
}

fn area(position: PhysicalPosition<i32>, size: PhysicalSize<u32>) -> Area {
    (position.x.into(), position.y.into(), size.width.into(), size.height.into())
}

/// Where to move a window to; `None` where half of it is seen, or there is nothing to see it on.
fn place_in_sight(window: Area, monitors: &[Area]) -> Option<(f64, f64)> {
    let (left, top, width, height) = window;
    let seen: i64 = monitors.iter().map(|monitor| common(window, *monitor)).sum();
    if seen * 2 >= width * height {
        return None;
    }
    let (m_left, m_top, m_width, m_height) =
        *monitors.iter().max_by_key(|monitor| common(window, **monitor))?;
    // What is larger than the monitor shows its top left corner, where its title is.
    let along = |at: i64, size: i64, from: i64, room: i64| at.min(from + room - size).max(from);
    let place = (along(left, width, m_left, m_width), along(top, height, m_top, m_height));
    let pixels = |at: i64| i32::try_from(at).ok().map(f64::from);
    Some((pixels(place.0)?, pixels(place.1)?))
}

/// How many pixels two areas have in common.
fn common((left, top, width, height): Area, (m_left, m_top, m_width, m_height): Area) -> i64 {
    let along = |at: i64, size: i64, from: i64, room: i64| (at + size).min(from + room) - at.max(from);
    along(left, width, m_left, m_width).max(0) * along(top, height, m_top, m_height).max(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_of_which_most_is_out_of_sight_is_brought_to_a_monitor_and_others_stay() {
        let (one, other) = ((0, 0, 640, 800), (640, 0, 640, 800));
        for (window, monitors, place) in [
            ((100, 100, 360, 640), vec![one], None),
            ((900, 100, 360, 640), vec![one, other], None),
            ((500, 100, 360, 640), vec![one, other], None),
            ((460, 100, 360, 640), vec![one], None),
            ((900, 100, 360, 640), vec![one], Some((280.0, 100.0))),
            ((606, 140, 360, 640), vec![one], Some((280.0, 140.0))),
            ((-300, -900, 360, 640), vec![one], Some((0.0, 0.0))),
            ((1200, 700, 360, 640), vec![one, other], Some((920.0, 160.0))),
            ((900, 100, 3600, 640), vec![one], Some((0.0, 100.0))),
            ((900, 100, 360, 640), vec![], None),
        ] {
            assert_eq!(place_in_sight(window, &monitors), place, "{window:?} on {monitors:?}");
        }
    }
}
