//! Anything at all into a Socket.IO session: a sequence of inputs made from the bytes, and the bytes as they are, as
//! what a server says once it has connected us.

#![no_main]
#![allow(dead_code, reason = "half of what is shared is the other target's")]

#[path = "../../tests/properties/abuse.rs"]
mod abuse;
#[path = "../../tests/properties/input.rs"]
mod input;

use arbitrary::{Arbitrary, Unstructured};
use input::Input;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Some((choice, bytes)) = bytes.split_first() else { return };
    if choice & 0x80 != 0 {
        return abuse::abuse_session(*choice, &abuse::raw(bytes));
    }
    if let Ok(inputs) = Vec::<Input>::arbitrary_take_rest(Unstructured::new(bytes)) {
        abuse::abuse_session(*choice, &inputs);
    }
});
