//! Anything at all into an Engine.IO session: a sequence of inputs made from the bytes, and the bytes as they are,
//! as a handshake and as a polling body.

#![no_main]
#![allow(dead_code, reason = "half of what is shared is the other target's")]

#[path = "../../tests/properties/abuse.rs"]
mod abuse;
#[path = "../../tests/properties/input.rs"]
mod input;

use arbitrary::{Arbitrary, Unstructured};
use input::Input;
use libfuzzer_sys::fuzz_target;
use presente_link::proto::Open;

fuzz_target!(|bytes: &[u8]| {
    let Some((choice, bytes)) = bytes.split_first() else { return };
    if choice & 0x80 != 0 {
        let inputs = abuse::raw(bytes);
        let _ = std::str::from_utf8(bytes).map(Open::parse);
        return abuse::abuse_engine(*choice, &inputs);
    }
    if let Ok(inputs) = Vec::<Input>::arbitrary_take_rest(Unstructured::new(bytes)) {
        abuse::abuse_engine(*choice, &inputs);
    }
});
