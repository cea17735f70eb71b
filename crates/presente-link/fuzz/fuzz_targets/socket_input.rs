//! Anything at all into a Socket.IO session: a sequence of inputs made from the bytes, or the bytes as they are, as
//! what a server says.

#![no_main]
#![allow(dead_code, reason = "what is shared is not all used by each target")]

#[path = "../../tests/properties/abuse.rs"]
mod abuse;
#[path = "../../tests/properties/input.rs"]
mod input;
#[path = "../../tests/properties/targets.rs"]
mod targets;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| targets::socket_input(bytes));
