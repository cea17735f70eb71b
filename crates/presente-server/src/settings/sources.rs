//! File and environment, read as if they were flags.

use std::{ffi::OsString, path::Path};

use clap::{
    Args as _, Command, FromArgMatches as _,
    error::{ContextKind, ContextValue},
};
use secrecy::SecretString;

use super::{Mistake, Settings};

/// What the variables `PRESENTE_…` say. One that is set but empty says nothing.
pub(super) fn environment(variable: &impl Fn(&str) -> Option<OsString>) -> Result<Settings, Mistake> {
    let mut flags = Vec::new();
    for name in names() {
        let in_environment = format!("PRESENTE_{}", name.replace('-', "_").to_uppercase());
        if let Some(value) = variable(&in_environment).filter(|value| !value.is_empty()) {
            flags.push(flag(&name, value));
        }
    }
    read(flags).map_err(|reason| Mistake(format!("the environment: {reason}")))
}

/// What the TOML file says. Paths in it are meant from its folder.
pub(super) fn file(path: &Path) -> Result<Settings, Mistake> {
    let mistake = |reason: &str| Mistake(format!("{}: {reason}", path.display()));
    let text = std::fs::read_to_string(path).map_err(|error| mistake(&error.to_string()))?;
    let table: toml::Table = text.parse().map_err(|error: toml::de::Error| {
        // Not the error as it prints itself: that shows the line, which may hold a password.
        let before = error.span().and_then(|span| text.get(..span.start)).unwrap_or_default();
        mistake(&format!("line {}: {}", before.matches('\n').count() + 1, error.message()))
    })?;
    let mut flags = Vec::new();
    for (name, value) in table {
        // The file does not name another file, and no setting has a name of its own in capitals.
        if name == "config" || !names().contains(&name) {
            return Err(mistake(&unknown(&name)));
        }
        let values = match value {
            toml::Value::Array(values) => values,
            value => vec![value],
        };
        for value in values {
            let value = match value {
                toml::Value::String(text) => text,
                toml::Value::Integer(number) => number.to_string(),
                toml::Value::Boolean(whether) => whether.to_string(),
                _ => return Err(mistake(&format!("`{name}` is a text, a number, true or false, or a list"))),
            };
            flags.push(flag(&name, value.into()));
        }
    }
    let mut settings = read(flags).map_err(|reason| mistake(&reason))?;
    let folder = path.parent().unwrap_or(Path::new(""));
    for path in [
        &mut settings.place.data,
        &mut settings.place.database_file,
        &mut settings.redis_file,
        &mut settings.mail_file,
        &mut settings.metrics_token_file,
    ]
    .into_iter()
    .flatten()
    {
        *path = folder.join(&*path);
    }
    Ok(settings)
}

/// The secret that a file holds, without the end of its line.
pub(super) fn secret(file: &Path) -> Result<SecretString, Mistake> {
    match std::fs::read_to_string(file) {
        Ok(text) => Ok(SecretString::from(text.trim())),
        Err(error) => Err(Mistake(format!("the secret in {} cannot be read: {error}", file.display()))),
    }
}

/// The names of all settings.
pub(super) fn names() -> Vec<String> {
    command().get_arguments().filter_map(|argument| argument.get_long().map(str::to_owned)).collect()
}

fn command() -> Command {
    Settings::augment_args(Command::new("settings").no_binary_name(true).disable_help_flag(true))
}

fn flag(name: &str, value: OsString) -> OsString {
    let mut flag = OsString::from(format!("--{name}="));
    flag.push(value);
    flag
}

fn read(flags: Vec<OsString>) -> Result<Settings, String> {
    let sentence = |error: clap::Error| {
        let text = error.to_string();
        let first = text.lines().next().unwrap_or_default();
        first.strip_prefix("error: ").unwrap_or(first).to_owned()
    };
    let matches = command().try_get_matches_from(flags).map_err(sentence)?;
    Settings::from_arg_matches(&matches).map_err(sentence)
}

/// Says that there is no setting of this name, and which one may be meant.
fn unknown(name: &str) -> String {
    let nearest = command().try_get_matches_from([format!("--{name}")]).err().and_then(|error| {
        match error.get(ContextKind::SuggestedArg) {
            Some(ContextValue::String(nearest)) => Some(nearest.trim_start_matches('-').to_owned()),
            _ => None,
        }
    });
    match nearest.filter(|nearest| nearest != "config") {
        Some(nearest) => format!("there is no setting `{name}`; `{nearest}` is one"),
        None => format!("there is no setting `{name}`; `presente-server --help` lists them all"),
    }
}
