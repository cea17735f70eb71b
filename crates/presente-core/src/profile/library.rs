//! The profiles there are: the presets, and the user's own from a folder.

use super::{Mistake, PRESETS, Profile, ProfileError};
use std::{
    ffi::OsStr,
    fmt,
    io::{self, Read, Write},
    path::{Path, PathBuf},
    sync::Arc,
};
use tempfile::NamedTempFile;

/// A profile takes a few kilobytes; what is larger is none.
const MAX_FILE_BYTES: u64 = 1024 * 1024;
/// The longest name of a file that is made of a profile's name, in characters.
const MAX_FILE_NAME_CHARS: usize = 64;
/// Names that are taken are numbered up to this.
const MAX_FILE_NUMBER: usize = 1_000;
/// Names that some systems keep for themselves.
const RESERVED: [&str; 6] = ["con", "prn", "aux", "nul", "com", "lpt"];

/// The profiles there are.
#[derive(Debug, Clone)]
pub struct Library {
    folder: Option<PathBuf>,
    own: Vec<Own>,
    presets: Vec<Arc<Profile>>,
}

/// A profile of the user's and where it is kept.
#[derive(Debug, Clone)]
struct Own {
    profile: Arc<Profile>,
    file: PathBuf,
}

/// A file of the user's that is left out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProfileProblem {
    /// The file, or the folder if that cannot be read.
    pub file: PathBuf,
    /// What is wrong with it: line, field and reason.
    pub mistake: Mistake,
}

impl fmt::Display for ProfileProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.file.display(), self.mistake)
    }
}

/// A profile that was not saved.
#[derive(Debug, thiserror::Error)]
pub enum SaveError {
    /// There is no folder for profiles.
    #[error("there is no folder for profiles")]
    NoFolder,
    /// It is no profile that could be read again.
    #[error(transparent)]
    Profile(#[from] ProfileError),
    /// The file cannot be written.
    #[error("{}: {error}", path.display())]
    File {
        /// The file, or the folder.
        path: PathBuf,
        /// The system's reason.
        error: io::Error,
    },
}

impl Library {
    /// The presets, and the `*.toml` files of a folder, which need not exist. A file that cannot be used is left out
    /// and told of; one with the name of a preset replaces the preset.
    pub fn load(folder: Option<&Path>) -> (Self, Vec<ProfileProblem>) {
        let presets = PRESETS.iter().filter_map(|(_, text)| Profile::from_toml(text).ok()).map(Arc::new);
        let mut library =
            Self { folder: folder.map(Path::to_owned), own: Vec::new(), presets: presets.collect() };
        let mut problems = Vec::new();
        let files = folder.map(files_of).unwrap_or_else(|| Ok(Vec::new())).unwrap_or_else(|error| {
            problems.extend(folder.map(|folder| problem(folder, error.to_string())));
            Vec::new()
        });
        for file in files {
            match read(&file).and_then(|profile| library.is_new(profile)) {
                Ok(profile) => library.own.push(Own { profile: Arc::new(profile), file }),
                Err(mistake) => problems.push(ProfileProblem { file, mistake }),
            }
        }
        (library, problems)
    }

    fn is_new(&self, profile: Profile) -> Result<Profile, Mistake> {
        match self.own.iter().find(|own| own.profile.name == profile.name) {
            None => Ok(profile),
            Some(own) => Err(Mistake {
                line: None,
                field: Some("name".to_owned()),
                reason: format!("{:?} is the name of {} too", profile.name, own.file.display()),
            }),
        }
    }

    /// The profile of that name: the user's own, or else a preset.
    pub fn get(&self, name: &str) -> Option<Arc<Profile>> {
        self.all().find(|profile| profile.name == name).cloned()
    }

    /// All profiles, the user's own first; presets that one of them replaces are left out.
    pub fn all(&self) -> impl Iterator<Item = &Arc<Profile>> {
        let own = self.own.iter().map(|own| &own.profile);
        own.chain(self.presets.iter().filter(|preset| !self.is_own(&preset.name)))
    }

    /// Whether the profile of that name is the user's own.
    pub fn is_own(&self, name: &str) -> bool {
        self.own.iter().any(|own| own.profile.name == name)
    }

    /// Where the user's own profiles are.
    pub fn folder(&self) -> Option<&Path> {
        self.folder.as_deref()
    }

    /// Keeps a profile as the user's own, all or nothing, and returns its file. One of the same name is replaced; the
    /// file of another profile never is, nor one that cannot be read.
    ///
    /// # Errors
    /// There is no folder, it cannot be written, or the profile could not be read again.
    pub fn save(&mut self, profile: &Profile) -> Result<PathBuf, SaveError> {
        let folder = self.folder.clone().ok_or(SaveError::NoFolder)?;
        let text = profile.to_toml()?;
        let profile = Profile::from_toml(&text)?;
        let failed = |path: &Path| {
            let path = path.to_owned();
            move |error| SaveError::File { path, error }
        };
        std::fs::create_dir_all(&folder).map_err(failed(&folder))?;
        let mut written = NamedTempFile::new_in(&folder).map_err(failed(&folder))?;
        let write = written.write_all(text.as_bytes()).and_then(|()| written.as_file().sync_all());
        write.map_err(failed(&folder))?;
        let before = self.own.iter().find(|own| own.profile.name == profile.name).map(|own| own.file.clone());
        // It may have become something else since it was read.
        let before = before.filter(|file| read(file).is_ok_and(|there| there.name == profile.name));
        let file = match before {
            Some(file) => {
                written.persist(&file).map_err(|failure| failed(&file)(failure.error))?;
                file
            }
            None => persist_beside(written, &folder, &file_stem(&profile.name)).map_err(failed(&folder))?,
        };
        self.own.retain(|own| own.profile.name != profile.name);
        self.own.push(Own { profile: Arc::new(profile), file: file.clone() });
        Ok(file)
    }
}

/// Gives a file the first name that is free.
fn persist_beside(mut written: NamedTempFile, folder: &Path, stem: &str) -> io::Result<PathBuf> {
    for number in 1..MAX_FILE_NUMBER {
        let file = folder.join(match number {
            1 => format!("{stem}.toml"),
            number => format!("{stem}-{number}.toml"),
        });
        written = match written.persist_noclobber(&file) {
            Ok(_) => return Ok(file),
            Err(failure) if failure.error.kind() == io::ErrorKind::AlreadyExists => failure.file,
            Err(failure) => return Err(failure.error),
        };
    }
    Err(io::ErrorKind::AlreadyExists.into())
}

/// A name for a file on any system: letters, digits, `-` and `_`.
fn file_stem(name: &str) -> String {
    let mut stem = String::new();
    for c in name.trim().chars().flat_map(char::to_lowercase).take(MAX_FILE_NAME_CHARS) {
        match c {
            c if c.is_alphanumeric() || c == '_' => stem.push(c),
            _ if stem.ends_with('-') => {}
            _ => stem.push('-'),
        }
    }
    let stem = stem.trim_matches('-');
    let is_reserved =
        RESERVED.iter().any(|name| stem.trim_end_matches(|c: char| c.is_ascii_digit()) == *name);
    if stem.is_empty() || is_reserved {
        format!("profile-{stem}").trim_end_matches('-').to_owned()
    } else {
        stem.to_owned()
    }
}

/// The profile files of a folder by name; none if there is no folder.
fn files_of(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let entries = match std::fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries?,
    };
    let mut files = Vec::new();
    for entry in entries {
        let file = entry?.path();
        let is_hidden = file.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.'));
        if file.extension() == Some(OsStr::new("toml")) && !is_hidden && !file.is_dir() {
            files.push(file);
        }
    }
    files.sort();
    Ok(files)
}

fn read(file: &Path) -> Result<Profile, Mistake> {
    let whole = |reason: String| Mistake { line: None, field: None, reason };
    let mut bytes = Vec::new();
    std::fs::File::open(file)
        .and_then(|file| file.take(MAX_FILE_BYTES + 1).read_to_end(&mut bytes))
        .map_err(|error| whole(error.to_string()))?;
    if u64::try_from(bytes.len()).is_ok_and(|length| length > MAX_FILE_BYTES) {
        return Err(whole("it is larger than 1 MiB".to_owned()));
    }
    let text = String::from_utf8(bytes).map_err(|_| whole("it is not UTF-8 text".to_owned()))?;
    Profile::from_toml(&text).map_err(|error| match error {
        ProfileError::Mistaken(mistake) => mistake,
        other => whole(other.to_string()),
    })
}

fn problem(file: &Path, reason: String) -> ProfileProblem {
    ProfileProblem { file: file.to_owned(), mistake: Mistake { line: None, field: None, reason } }
}

#[cfg(test)]
#[path = "library_tests.rs"]
mod tests;
