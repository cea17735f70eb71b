//! The window of the app. Everything is in the library, so that tests can build it too.

use std::process::ExitCode;

fn main() -> ExitCode {
    presente_app::run()
}
