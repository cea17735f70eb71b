//! Where our own programs are. An update puts new files in the place of those that run, and the system then tells their
//! path with a remark behind it.

use anyhow::{Context, Result};
use std::{
    ffi::OsStr,
    os::unix::ffi::OsStrExt,
    path::{Path, PathBuf},
};

/// The program that runs, or what has come in its place.
///
/// # Errors
/// The system does not tell.
pub(crate) fn own() -> Result<PathBuf> {
    std::env::current_exe().map(|path| without_remark(&path)).context("our own program is not known")
}

/// The program of the window, which stands beside our own.
///
/// # Errors
/// The system does not tell.
pub(crate) fn window() -> Result<PathBuf> {
    own().map(|own| own.with_file_name("presente-window"))
}

fn without_remark(path: &Path) -> PathBuf {
    let bytes = path.as_os_str().as_bytes();
    PathBuf::from(OsStr::from_bytes(bytes.strip_suffix(b" (deleted)").unwrap_or(bytes)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_that_was_replaced_while_it_runs_is_found_where_it_was() {
        for path in ["/usr/bin/presente", "/usr/bin/presente (deleted)"] {
            assert_eq!(without_remark(Path::new(path)), Path::new("/usr/bin/presente"), "{path}");
        }
    }
}
