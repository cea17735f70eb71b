//! The desktop app. Everything is in the library, so that tests can build it too.
#![cfg_attr(not(debug_assertions), windows_subsystem = "windows")]

use std::process::ExitCode;

fn main() -> ExitCode {
    presente_app::run()
}
