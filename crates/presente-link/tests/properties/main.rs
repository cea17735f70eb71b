//! Properties of the protocol: it survives every sequence of inputs, and reads every valid conversation as it was
//! meant.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs,
    unreachable_pub,
    reason = "a test may fail by panicking, and shows nothing to anybody"
)]

mod abuse;
mod conversation;
mod input;
mod targets;

use arbitrary::{Arbitrary, Unstructured};
use input::Input;
use proptest::prelude::*;
use std::{fs, path::Path};

/// Inputs made from bytes; often a session is opened first, so that not all of them meet a closed door.
fn inputs() -> impl Strategy<Value = Vec<Input>> {
    (any::<bool>(), prop::collection::vec(any::<u8>(), 0..2000)).prop_map(|(opened, bytes)| {
        let mut unstructured = Unstructured::new(&bytes);
        let mut inputs = if opened { abuse::opening() } else { Vec::new() };
        while !unstructured.is_empty() {
            let Ok(input) = Input::arbitrary(&mut unstructured) else { break };
            inputs.push(input);
        }
        inputs
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(ProptestConfig::default().cases * 4))]

    #[test]
    fn no_sequence_of_inputs_makes_a_session_panic_grow_or_speak_after_its_end(
        choice in any::<u8>(), inputs in inputs(),
    ) {
        abuse::abuse_session(choice, &inputs);
    }

    #[test]
    fn no_sequence_of_inputs_makes_an_engine_panic_grow_or_speak_after_its_end(
        choice in any::<u8>(), inputs in inputs(),
    ) {
        abuse::abuse_engine(choice, &inputs);
    }

    #[test]
    fn no_bytes_of_a_server_make_a_session_panic(
        choice in any::<u8>(), bytes in prop::collection::vec(any::<u8>(), 0..2000), text in ".*",
    ) {
        abuse::abuse_session(choice, &abuse::raw(&bytes));
        abuse::abuse_session(choice, &abuse::raw(text.as_bytes()));
    }
}

/// Every input that fuzzing has kept for a target.
fn corpus(target: &str) -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus").join(target);
    let entries = fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let kept: Vec<_> = entries.map(|entry| fs::read(entry.unwrap().path()).unwrap()).collect();
    assert!(!kept.is_empty(), "nothing is kept in {}", folder.display());
    kept
}

#[test]
fn what_fuzzing_has_kept_is_survived() {
    corpus("engine_input").iter().for_each(|bytes| targets::engine_input(bytes));
    corpus("socket_input").iter().for_each(|bytes| targets::socket_input(bytes));
}
