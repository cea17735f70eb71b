//! What the process that stays and the process of the window tell each other, over a socket that only the two hold:
//! messages in MessagePack, each behind its length as four bytes, least significant first.

use super::Ask;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use std::io::{self, Read, Write};

/// The longest message in bytes. Pictures are the longest: 80 pixels square.
const MAX_MESSAGE: u32 = 1 << 20;

/// What the window is told.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum ToWindow {
    /// A frame for the page ([`crate::view::Frames`]).
    Frame(String),
    /// The picture that was asked for, as PNG; nothing where there is none.
    Picture {
        /// By which it was asked for.
        number: String,
        /// The picture.
        png: Option<Vec<u8>>,
    },
    /// Come to the front.
    Raise,
    /// Close.
    Close,
    /// Raise this notification by the plug-in.
    Notify {
        /// The title.
        title: String,
        /// The body.
        body: String,
    },
}

/// What the window tells.
#[derive(Debug, Serialize, Deserialize)]
pub enum FromWindow {
    /// The page asks for something. What somebody has changed on it comes with a number: it counts its changes.
    Asked(Ask, Option<u64>),
    /// The page wants to show a picture.
    Picture(String),
    /// The window is on the screen, or minimised.
    Minimised(bool),
    /// A notification that was raised by the plug-in was clicked.
    Clicked,
}

/// Writes a message.
///
/// # Errors
/// The other end is gone.
pub fn write(to: &mut impl Write, message: &impl Serialize) -> io::Result<()> {
    to.write_all(&encode(message)?)
}

/// A message as it travels.
///
/// # Errors
/// It is longer than any message may be.
pub fn encode(message: &impl Serialize) -> io::Result<Vec<u8>> {
    let body = rmp_serde::to_vec_named(message).map_err(io::Error::other)?;
    let length = u32::try_from(body.len()).ok().filter(|length| *length <= MAX_MESSAGE);
    let length = length.ok_or_else(too_long)?;
    let mut bytes = length.to_le_bytes().to_vec();
    bytes.extend(body);
    Ok(bytes)
}

/// Reads the next message; nothing at the end.
///
/// # Errors
/// The other end breaks off, or says something else.
pub fn read<T: DeserializeOwned>(from: &mut impl Read) -> io::Result<Option<T>> {
    let mut length = [0; 4];
    match from.read_exact(&mut length) {
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(None),
        other => other?,
    }
    let mut body = vec![0; length_of(length)?];
    from.read_exact(&mut body)?;
    decode(&body).map(Some)
}

/// How long the message is that stands behind these bytes.
///
/// # Errors
/// No message may be as long.
pub fn length_of(bytes: [u8; 4]) -> io::Result<usize> {
    let length = Some(u32::from_le_bytes(bytes)).filter(|length| *length <= MAX_MESSAGE);
    let length = length.and_then(|length| usize::try_from(length).ok());
    length.ok_or_else(too_long)
}

fn too_long() -> io::Error {
    io::Error::other("a message is too long")
}

/// A message from what stands behind its length.
///
/// # Errors
/// It is none.
pub fn decode<T: DeserializeOwned>(body: &[u8]) -> io::Result<T> {
    rmp_serde::from_slice(body).map_err(io::Error::other)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{io::Cursor, os::unix::net::UnixStream};

    #[test]
    fn messages_come_out_as_they_went_in_and_the_end_is_no_error() {
        let (mut one, mut other) = UnixStream::pair().unwrap();
        let messages = [
            ToWindow::Frame(".{}".to_owned()),
            ToWindow::Picture { number: "7".to_owned(), png: Some(vec![0, 255, 1]) },
            ToWindow::Close,
        ];
        for message in &messages {
            write(&mut one, message).unwrap();
        }
        drop(one);
        for message in messages {
            assert_eq!(read::<ToWindow>(&mut other).unwrap(), Some(message));
        }
        assert_eq!(read::<ToWindow>(&mut other).unwrap(), None);
    }

    #[test]
    fn what_the_page_asks_arrives() {
        let ask: Ask = serde_json::from_str(
            r#"{"ask": "note", "account": 2, "id": "7", "note": {"rule": {"often": "once"}}}"#,
        )
        .unwrap();
        let bytes = encode(&FromWindow::Asked(ask, Some(3))).unwrap();
        let read = read::<FromWindow>(&mut Cursor::new(bytes)).unwrap().unwrap();
        assert!(
            matches!(read, FromWindow::Asked(Ask::Note { ref id, .. }, Some(3)) if id == "7"),
            "{read:?}"
        );
    }

    #[test]
    fn a_message_that_is_too_long_or_none_is_an_error_and_asks_for_no_memory() {
        assert!(read::<FromWindow>(&mut Cursor::new(u32::MAX.to_le_bytes())).is_err());
        assert!(read::<FromWindow>(&mut Cursor::new([2, 0, 0, 0, 0xC1, 0xC1])).is_err());
        assert!(read::<FromWindow>(&mut Cursor::new([9, 0, 0, 0, 1])).is_err(), "it breaks off");
    }
}
