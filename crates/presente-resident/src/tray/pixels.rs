//! The icon's picture for each shape.

use ksni::Icon;
use presente_core::view::Shape;
use std::sync::LazyLock;

/// As PNG, for menus.
pub(super) fn png(shape: Shape) -> &'static [u8] {
    match shape {
        Shape::Online => include_bytes!("../../../../icons/tray-online.png"),
        Shape::Away => include_bytes!("../../../../icons/tray-away.png"),
        Shape::Busy => include_bytes!("../../../../icons/tray-busy.png"),
        Shape::Offline => include_bytes!("../../../../icons/tray-offline.png"),
        Shape::Cut => include_bytes!("../../../../icons/tray-disconnected.png"),
    }
}

/// The same as pixels, in the order of bytes that hosts want; `None` only if the picture were broken.
pub(super) fn of(shape: Shape) -> Option<&'static Icon> {
    static ONLINE: LazyLock<Option<Icon>> = LazyLock::new(|| pixels(Shape::Online));
    static AWAY: LazyLock<Option<Icon>> = LazyLock::new(|| pixels(Shape::Away));
    static BUSY: LazyLock<Option<Icon>> = LazyLock::new(|| pixels(Shape::Busy));
    static OFFLINE: LazyLock<Option<Icon>> = LazyLock::new(|| pixels(Shape::Offline));
    static CUT: LazyLock<Option<Icon>> = LazyLock::new(|| pixels(Shape::Cut));
    let icon = match shape {
        Shape::Online => &ONLINE,
        Shape::Away => &AWAY,
        Shape::Busy => &BUSY,
        Shape::Offline => &OFFLINE,
        Shape::Cut => &CUT,
    };
    icon.as_ref()
}

fn pixels(shape: Shape) -> Option<Icon> {
    let picture = image::load_from_memory_with_format(png(shape), image::ImageFormat::Png).ok()?.into_rgba8();
    let (width, height) = (i32::try_from(picture.width()).ok()?, i32::try_from(picture.height()).ok()?);
    let mut data = picture.into_raw();
    // Red, green, blue, alpha becomes alpha, red, green, blue.
    data.chunks_exact_mut(4).for_each(|pixel| pixel.rotate_right(1));
    Some(Icon { width, height, data })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may fail by panicking")]

    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_shape_has_a_picture_of_its_own_with_a_clear_corner() {
        let shapes = [Shape::Online, Shape::Away, Shape::Busy, Shape::Offline, Shape::Cut];
        let icons = shapes.map(|shape| of(shape).unwrap());
        for icon in icons {
            assert_eq!(icon.data.len(), usize::try_from(icon.width * icon.height * 4).unwrap());
            assert_eq!(icon.data[0], 0, "the first byte is how opaque it is");
            assert!(icon.data.chunks(4).any(|pixel| pixel[0] == 255), "something is to be seen");
        }
        assert_eq!(icons.map(|icon| &icon.data).into_iter().collect::<BTreeSet<_>>().len(), shapes.len());
    }
}
