//! Polling for clients of Engine.IO 3: mends the packets of bytes that engineioxide 0.17.9 writes for them.
//!
//! Version 3 has the type of a packet before its bytes, `b4` and base64 in a body. What the library sends along with
//! an event (`Permit::emit_many` in its `socket.rs`) it writes as version 4 has it: `b` and base64. A client of
//! version 3 throws such a packet away, waits for the attachment for ever, and breaks at the next event.

use axum::{
    body::{Body, to_bytes},
    extract::Request,
    http::{
        HeaderValue, StatusCode, Uri,
        header::{CONTENT_LENGTH, CONTENT_TYPE},
    },
    middleware::Next,
    response::{IntoResponse, Response},
};
use bytes::Bytes;

/// Where Socket.IO is found.
const PATH: &str = "/socket.io/";
/// Ends the length of a packet in a body of text, and in one of bytes.
const TEXT_MARK: char = ':';
const BYTES_MARK: u8 = 0xff;
/// A packet of text in a body of bytes.
const TEXT: u8 = 0;

/// The layer: has the answer to a poll of version 3 mended.
pub(crate) async fn mend(request: Request, next: Next) -> Response {
    let is_poll = is_poll(request.uri());
    let response = next.run(request).await;
    if !is_poll || response.status() != StatusCode::OK {
        return response;
    }
    let (mut parts, body) = response.into_parts();
    // The library has it whole already.
    let Ok(body) = to_bytes(body, usize::MAX).await else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    let is_text = parts
        .headers
        .get(CONTENT_TYPE)
        .is_some_and(|kind| kind.to_str().is_ok_and(|kind| kind.starts_with("text/")));
    let body = if is_text { mended_text(&body) } else { mended_bytes(&body) }.map_or(body, Bytes::from);
    parts.headers.insert(CONTENT_LENGTH, HeaderValue::from(body.len()));
    Response::from_parts(parts, Body::from(body))
}

fn is_poll(uri: &Uri) -> bool {
    let has = |wanted: &str| uri.query().is_some_and(|query| query.split('&').any(|pair| pair == wanted));
    uri.path() == PATH && has("EIO=3") && has("transport=polling")
}

/// A body of `length:packet`, lengths in units of UTF-16; `None` when there is nothing to mend, or it is no such body.
fn mended_text(body: &[u8]) -> Option<Vec<u8>> {
    let mut rest = std::str::from_utf8(body).ok()?;
    let (mut mended, mut is_mended) = (String::with_capacity(body.len() + 8), false);
    while !rest.is_empty() {
        let (length, after) = rest.split_once(TEXT_MARK)?;
        let length = length.parse().ok()?;
        let (packet, others) = split_utf16(after, length)?;
        match packet.strip_prefix('b') {
            Some(base64) => {
                is_mended = true;
                mended.push_str(&format!("{}{TEXT_MARK}b4{base64}", length + 1));
            }
            None => mended.push_str(&format!("{length}{TEXT_MARK}{packet}")),
        }
        rest = others;
    }
    is_mended.then(|| mended.into_bytes())
}

/// Splits after so many units of UTF-16.
fn split_utf16(text: &str, units: usize) -> Option<(&str, &str)> {
    let mut left = units;
    for (at, letter) in text.char_indices() {
        if left == 0 {
            return text.split_at_checked(at);
        }
        left = left.checked_sub(letter.len_utf16())?;
    }
    (left == 0).then_some((text, ""))
}

/// A body of packets, each with its kind, the digits of its length, and a mark before it.
fn mended_bytes(mut rest: &[u8]) -> Option<Vec<u8>> {
    let (mut mended, mut is_mended) = (Vec::with_capacity(rest.len() + 8), false);
    while let Some((&kind, after)) = rest.split_first() {
        let mark = after.iter().position(|byte| *byte == BYTES_MARK)?;
        let digits = after.get(..mark)?;
        let length = digits.iter().try_fold(0_usize, |length, digit| {
            length.checked_mul(10)?.checked_add(usize::from(*digit)).filter(|_| *digit < 10)
        })?;
        let (packet, others) = after.get(mark + 1..)?.split_at_checked(length)?;
        match packet.strip_prefix(b"b") {
            Some(base64) if kind == TEXT => {
                is_mended = true;
                mended.push(TEXT);
                mended.extend((length + 1).to_string().bytes().map(|digit| digit - b'0'));
                mended.push(BYTES_MARK);
                mended.extend_from_slice(b"b4");
                mended.extend_from_slice(base64);
            }
            _ => {
                mended.push(kind);
                mended.extend_from_slice(digits);
                mended.push(BYTES_MARK);
                mended.extend_from_slice(packet);
            }
        }
        rest = others;
    }
    is_mended.then_some(mended)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

    use super::*;
    use proptest::prelude::*;

    #[test]
    fn attachments_get_their_type_and_everything_else_stays() {
        let body = "11:451-[\"año\"]5:bAQID3:4𝕊6:4bAQID";
        let mended = mended_text(body.as_bytes()).unwrap();
        // Lengths are counted in units of UTF-16: one for ñ, two for 𝕊.
        assert_eq!(String::from_utf8(mended).unwrap(), "11:451-[\"año\"]6:b4AQID3:4𝕊6:4bAQID");
    }

    #[test]
    fn a_body_of_bytes_is_mended_too() {
        let body =
            [&[0, 2, 255][..], b"40", &[0, 1, 3, 255], b"bAQIDBAUGBwg=", &[1, 3, 255, 4, b'b', 1]].concat();
        let mended =
            [&[0, 2, 255][..], b"40", &[0, 1, 4, 255], b"b4AQIDBAUGBwg=", &[1, 3, 255, 4, b'b', 1]].concat();
        assert_eq!(mended_bytes(&body).unwrap(), mended);
    }

    #[test]
    fn what_needs_no_mending_or_is_no_such_body_stays_as_it_is() {
        for body in ["", "2:40", "1:6", "ok", "5:bAQ", ":b", "9999999999999999999999:b", "1:𝕊"] {
            assert_eq!(mended_text(body.as_bytes()), None, "{body}");
            assert_eq!(mended_bytes(body.as_bytes()), None, "{body}");
        }
    }

    #[test]
    fn only_polls_of_version_3_are_looked_at() {
        for (uri, expected) in [
            ("/socket.io/?EIO=3&transport=polling&sid=x&b64=1", true),
            ("/socket.io/?transport=polling&EIO=3", true),
            ("/socket.io/?EIO=4&transport=polling&sid=x", false),
            ("/socket.io/?EIO=3&transport=websocket", false),
            ("/engine.io/?EIO=3&transport=polling", false),
            ("/socket.io/", false),
        ] {
            assert_eq!(is_poll(&uri.parse().unwrap()), expected, "{uri}");
        }
    }

    proptest! {
        #[test]
        fn no_body_breaks_it(body in proptest::collection::vec(any::<u8>(), 0..64)) {
            let _ = (mended_text(&body), mended_bytes(&body));
        }
    }
}
