//! What the fuzzing targets do with their bytes; the corpus that is kept is played by a test too.

use crate::{abuse, input::Input};
use arbitrary::{Arbitrary, Unstructured};
use presente_link::proto::Open;

/// With this bit the bytes are what a server says, and not a sequence of inputs.
const AS_THEY_ARE: u8 = 0x80;

/// Anything into an Engine.IO session, and as a handshake.
pub fn engine_input(bytes: &[u8]) {
    if let Some((choice, inputs)) = inputs(bytes) {
        let _ = std::str::from_utf8(bytes).map(Open::parse);
        abuse::abuse_engine(choice, &inputs);
    }
}

/// Anything into a Socket.IO session.
pub fn socket_input(bytes: &[u8]) {
    if let Some((choice, inputs)) = inputs(bytes) {
        abuse::abuse_session(choice, &inputs);
    }
}

fn inputs(bytes: &[u8]) -> Option<(u8, Vec<Input>)> {
    let (choice, bytes) = bytes.split_first()?;
    let inputs = match choice & AS_THEY_ARE {
        0 => Vec::<Input>::arbitrary_take_rest(Unstructured::new(bytes)).ok()?,
        _ => abuse::raw(bytes),
    };
    Some((*choice, inputs))
}
