//! Pictures of people: whatever a server gives is decoded within limits, cut to a small square and encoded anew, so that
//! nothing of what a stranger sent reaches the window.

use crate::profile::PictureSource;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use bytes::Bytes;
use image::{ImageFormat, ImageReader, Limits, imageops::FilterType};
use serde::Serialize;
use std::{
    collections::{HashMap, VecDeque},
    hash::{DefaultHasher, Hash, Hasher},
    io::Cursor,
    num::NonZeroU64,
    sync::{Arc, Mutex, PoisonError},
};

/// The largest picture that is looked at, in bytes.
const MAX_BYTES: usize = 2 * 1024 * 1024;
/// The largest picture that is decoded, in pixels a side.
const MAX_SIDE: u32 = 4096;
/// The most memory that decoding may take, in bytes.
const MAX_ALLOCATION: u64 = 96 * 1024 * 1024;
/// What is kept, in pixels a side: twice what is shown, for screens of high density.
pub const SIDE: u32 = 80;
/// How many pictures are kept; beyond that the oldest goes.
const KEPT: usize = 2_000;

/// By which a picture is asked for. Never used again for another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
pub struct PictureKey(NonZeroU64);

impl PictureKey {
    /// The key as it stands in an address.
    pub fn parse(text: &str) -> Option<Self> {
        text.parse().ok().map(Self)
    }

    /// The number that it is.
    pub fn number(self) -> u64 {
        self.0.get()
    }
}

/// Why a picture is not shown.
#[derive(Debug, thiserror::Error)]
pub enum PictureError {
    /// It is larger than anybody needs.
    #[error("the picture is larger than {MAX_BYTES} bytes")]
    TooLarge,
    /// It is no picture, of no kind that is known, or larger than the limits.
    #[error("the picture cannot be read: {0}")]
    Unreadable(#[from] image::ImageError),
    /// It cannot be read at all.
    #[error("the picture cannot be read: {0}")]
    Broken(#[from] std::io::Error),
}

/// What tells one picture from another before it is decoded; `None` where there is none.
pub(crate) fn fingerprint(source: &PictureSource<'_>, attachments: &[Bytes]) -> Option<u64> {
    let mut hasher = DefaultHasher::new();
    match source {
        PictureSource::Attachment(number) => attachments.get(*number)?.hash(&mut hasher),
        PictureSource::DataUrl(url) => url.hash(&mut hasher),
    }
    Some(hasher.finish())
}

/// The bytes of a picture; `None` where there are none, or too many.
pub(crate) fn bytes(source: &PictureSource<'_>, attachments: &[Bytes]) -> Option<Bytes> {
    let bytes = match source {
        PictureSource::Attachment(number) => attachments.get(*number)?.clone(),
        PictureSource::DataUrl(url) if url.len() > MAX_BYTES * 4 / 3 + 64 => return None,
        PictureSource::DataUrl(url) => STANDARD.decode(url.split_once(";base64,")?.1.trim()).ok()?.into(),
    };
    (!bytes.is_empty() && bytes.len() <= MAX_BYTES).then_some(bytes)
}

/// The pictures that were read. Clones share them.
#[derive(Debug, Clone, Default)]
pub struct Pictures(Arc<Mutex<Kept>>);

#[derive(Debug, Default)]
struct Kept {
    /// How many were read.
    read: u64,
    by_key: HashMap<PictureKey, Bytes>,
    in_order: VecDeque<PictureKey>,
}

impl Pictures {
    /// Reads a picture and keeps a small square of it, as PNG. Takes milliseconds: not for a task that others wait for.
    ///
    /// # Errors
    /// It is no picture that can be shown.
    pub fn read(&self, bytes: &[u8]) -> Result<PictureKey, PictureError> {
        let png = small_square(bytes)?;
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let key = PictureKey(NonZeroU64::MIN.saturating_add(kept.read));
        kept.read += 1;
        kept.by_key.insert(key, png);
        kept.in_order.push_back(key);
        if kept.in_order.len() > KEPT
            && let Some(oldest) = kept.in_order.pop_front()
        {
            kept.by_key.remove(&oldest);
        }
        Ok(key)
    }

    /// A picture as PNG; `None` if it is not kept any more.
    pub fn png(&self, key: PictureKey) -> Option<Bytes> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).by_key.get(&key).cloned()
    }
}

fn small_square(bytes: &[u8]) -> Result<Bytes, PictureError> {
    if bytes.len() > MAX_BYTES {
        return Err(PictureError::TooLarge);
    }
    let mut limits = Limits::default();
    (limits.max_image_width, limits.max_image_height) = (Some(MAX_SIDE), Some(MAX_SIDE));
    limits.max_alloc = Some(MAX_ALLOCATION);
    let mut reader = ImageReader::new(Cursor::new(bytes)).with_guessed_format()?;
    reader.limits(limits);
    let square = reader.decode()?.resize_to_fill(SIDE, SIDE, FilterType::Triangle);
    let mut png = Cursor::new(Vec::new());
    square.to_rgba8().write_to(&mut png, ImageFormat::Png)?;
    Ok(png.into_inner().into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::{Rgba, RgbaImage};
    use proptest::prelude::*;

    fn picture(width: u32, height: u32, format: ImageFormat) -> Vec<u8> {
        let mut bytes = Cursor::new(Vec::new());
        let image = RgbaImage::from_pixel(width, height, Rgba([200, 30, 30, 255]));
        image::DynamicImage::from(image).to_rgb8().write_to(&mut bytes, format).unwrap();
        bytes.into_inner()
    }

    #[test]
    fn a_picture_of_any_kind_and_shape_becomes_a_small_square() {
        let pictures = Pictures::default();
        for format in [ImageFormat::Png, ImageFormat::Jpeg, ImageFormat::Gif, ImageFormat::WebP] {
            for (width, height) in [(1, 1), (300, 20), (20, 300), (1000, 1000)] {
                let key = pictures.read(&picture(width, height, format)).unwrap();
                let png = image::load_from_memory(&pictures.png(key).unwrap()).unwrap();
                assert_eq!((png.width(), png.height()), (SIDE, SIDE), "{format:?} {width} by {height}");
            }
        }
    }

    #[test]
    fn what_is_too_large_is_not_decoded() {
        let pictures = Pictures::default();
        assert!(matches!(pictures.read(&vec![0; MAX_BYTES + 1]), Err(PictureError::TooLarge)));
        let wide = picture(MAX_SIDE + 1, 1, ImageFormat::Png);
        assert!(matches!(pictures.read(&wide), Err(PictureError::Unreadable(_))));
    }

    #[test]
    fn the_oldest_pictures_go_first() {
        let (pictures, tiny) = (Pictures::default(), picture(1, 1, ImageFormat::Png));
        let first = pictures.read(&tiny).unwrap();
        for _ in 0..KEPT {
            pictures.read(&tiny).unwrap();
        }
        assert_eq!(pictures.png(first), None);
        assert_eq!(pictures.0.lock().unwrap().by_key.len(), KEPT);
    }

    #[test]
    fn a_picture_comes_as_an_attachment_or_as_a_data_url() {
        let attachments = [Bytes::from_static(b"one"), Bytes::from_static(b"two")];
        let url = |text: &'static str| PictureSource::DataUrl(text.into());
        for (source, found) in [
            (PictureSource::Attachment(1), Some("two")),
            (PictureSource::Attachment(2), None),
            (url("data:image/png;base64,b25l"), Some("one")),
            (url("data:image/png;base64,"), None),
            (url("data:image/png;base64,%%%"), None),
            (url("data:image/svg+xml,<svg/>"), None),
        ] {
            assert_eq!(bytes(&source, &attachments).as_deref(), found.map(str::as_bytes), "{source:?}");
        }
    }

    proptest! {
        #[test]
        fn no_bytes_make_reading_a_picture_panic(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
            let _ = Pictures::default().read(&bytes);
        }

        #[test]
        fn no_broken_picture_makes_reading_it_panic(at in 0_usize..400, byte in any::<u8>()) {
            let mut broken = picture(20, 20, ImageFormat::Jpeg);
            let at = at % broken.len();
            broken[at] = byte;
            let _ = Pictures::default().read(&broken);
        }
    }
}
