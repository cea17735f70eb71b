//! `backup` and `restore`: all accounts in a file, one JSON object a line under a head line.
//!
//! The file has password hashes in it, so it is for its owner only. Sessions are not in it: after a restore
//! people sign in again.

use std::{
    fs::{File, OpenOptions},
    io::{self, BufRead as _, BufReader, BufWriter, Write},
    path::Path,
};

use serde::{Deserialize, Serialize};

use super::Failure;
use crate::{
    fields,
    store::{Account, Choices, FullAccount, Store},
};

/// The version of the file's form.
const VERSION: u32 = 1;

/// The first line.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Head {
    presente_accounts: u32,
    /// How many lines follow, so that a file that was cut off is recognised.
    count: usize,
}

/// Every other line.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Line {
    id: String,
    email: String,
    first_name: String,
    last_name: String,
    password_hash: String,
    verify_code: String,
    verified: bool,
    disabled: bool,
    invisible: bool,
    status_line: String,
    created_at: i64,
    last_online: Option<i64>,
}

/// Writes all accounts to a new file.
pub(super) async fn back_up(store: &Store, path: &Path) -> Result<String, Failure> {
    let failed = |source| Failure::Io { what: format!("{} cannot be written", path.display()), source };
    let accounts = store.all_accounts().await?;
    let file = create_private(path).map_err(failed)?;
    if let Err(error) = write(file, &accounts) {
        // Half a copy is worse than none.
        let _ = std::fs::remove_file(path);
        return Err(failed(error));
    }
    Ok(format!("{}: {}", path.display(), counted(accounts.len(), "written")))
}

/// Reads all accounts from a file into a database that has none.
pub(super) async fn restore(store: &Store, path: &Path) -> Result<String, Failure> {
    let accounts = read(path)?;
    if store.restore_accounts(&accounts).await? {
        Ok(format!("{}: {}", path.display(), counted(accounts.len(), "restored")))
    } else {
        Err(Failure::Order(
            "this database has accounts already, or the file has one twice: nothing was changed".to_owned(),
        ))
    }
}

fn counted(accounts: usize, done: &str) -> String {
    if accounts == 1 { format!("1 account {done}") } else { format!("{accounts} accounts {done}") }
}

fn create_private(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(0o600);
    }
    options.open(path)
}

fn write(file: File, accounts: &[FullAccount]) -> io::Result<()> {
    let mut file = BufWriter::new(file);
    line(&mut file, &Head { presente_accounts: VERSION, count: accounts.len() })?;
    for account in accounts {
        line(&mut file, &Line::from(account))?;
    }
    file.into_inner().map_err(io::IntoInnerError::into_error)?.sync_all()
}

fn line(to: &mut impl Write, value: &impl Serialize) -> io::Result<()> {
    serde_json::to_writer(&mut *to, value)?;
    to.write_all(b"\n")
}

fn read(path: &Path) -> Result<Vec<FullAccount>, Failure> {
    let failed = |source| Failure::Io { what: format!("{} cannot be read", path.display()), source };
    let wrong = |number: usize, what: &str| {
        Failure::Order(format!("{}, line {number}: {what}: nothing was changed", path.display()))
    };
    let mut lines = BufReader::new(File::open(path).map_err(failed)?).lines();
    let head = lines.next().transpose().map_err(failed)?.unwrap_or_default();
    let head: Head =
        serde_json::from_str(&head).map_err(|_| wrong(1, "this is no copy of accounts from `backup`"))?;
    if head.presente_accounts != VERSION {
        return Err(wrong(1, "a newer version of presente-server has written this copy"));
    }
    let mut accounts = Vec::new();
    for (text, number) in lines.zip(2..) {
        let line: Line =
            serde_json::from_str(&text.map_err(failed)?).map_err(|_| wrong(number, "this is no account"))?;
        accounts.push(line.account().ok_or_else(|| wrong(number, "this is no account that could be used"))?);
    }
    if accounts.len() != head.count {
        let what = format!("{} accounts should follow, and there are {}", head.count, accounts.len());
        return Err(wrong(1, &what));
    }
    Ok(accounts)
}

impl From<&FullAccount> for Line {
    fn from(full: &FullAccount) -> Self {
        Self {
            id: full.account.id.to_string(),
            email: full.account.email.clone(),
            first_name: full.account.first_name.clone(),
            last_name: full.account.last_name.clone(),
            password_hash: full.password_hash.clone(),
            verify_code: full.verify_code.clone(),
            verified: full.verified,
            disabled: full.disabled,
            invisible: full.choices.invisible,
            status_line: full.choices.status_line.clone(),
            created_at: full.created_at,
            last_online: full.last_online,
        }
    }
}

impl Line {
    /// The account, if it is one that the server itself could have made.
    fn account(self) -> Option<FullAccount> {
        let hex = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        let sound = hex(&self.id)
            && hex(&self.verify_code)
            && fields::valid_email(&self.email).as_deref() == Some(&*self.email)
            && fields::clean_name(&self.first_name).as_deref() == Some(&*self.first_name)
            && fields::clean_name(&self.last_name).as_deref() == Some(&*self.last_name)
            && self.password_hash.starts_with("$argon2id$")
            && !self.password_hash.contains('\0')
            && !self.status_line.contains('\0');
        sound.then(|| FullAccount {
            account: Account {
                id: self.id.into(),
                first_name: self.first_name,
                last_name: self.last_name,
                email: self.email,
            },
            choices: Choices { invisible: self.invisible, status_line: self.status_line },
            password_hash: self.password_hash,
            verify_code: self.verify_code,
            verified: self.verified,
            disabled: self.disabled,
            created_at: self.created_at,
            last_online: self.last_online,
        })
    }
}
