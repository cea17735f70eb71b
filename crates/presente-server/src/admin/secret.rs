//! Asking for a password: on the terminal without showing it, or from the standard input. Never from the
//! command line, where everybody on the computer could read it.

use std::io::{self, IsTerminal as _};

use super::Failure;

/// A new password. On a terminal it is asked for twice.
pub(super) fn ask_new() -> Result<String, Failure> {
    let failed = |source| Failure::Io { what: "the password cannot be read".to_owned(), source };
    if !io::stdin().is_terminal() {
        let mut line = String::new();
        io::stdin().read_line(&mut line).map_err(failed)?;
        return Ok(line.trim_end_matches(['\r', '\n']).to_owned());
    }
    let password = rpassword::prompt_password("New password: ").map_err(failed)?;
    if rpassword::prompt_password("The same again: ").map_err(failed)? != password {
        return Err(Failure::Order("these were two different passwords: nothing was changed".to_owned()));
    }
    Ok(password)
}
