//! What stays of the app in the tray; the window is `presente-window`, beside it.

use std::process::ExitCode;

fn main() -> ExitCode {
    presente_resident::run()
}
