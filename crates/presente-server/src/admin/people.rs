//! `user …`: accounts, one at a time.

use std::{collections::BTreeMap, sync::Arc, time::SystemTime};

use super::{Failure, People, secret};
use crate::{
    accounts::SignUp,
    fields,
    password::Passwords,
    presence::UserId,
    store::{Listed, NewAccount, Store},
    token,
};

pub(super) async fn carry_out(order: People, store: &Store) -> Result<String, Failure> {
    match order {
        People::Add { email, first_name, last_name } => add(store, email, first_name, last_name).await,
        People::List => {
            let accounts = store.accounts().await?;
            let ids: Vec<_> = accounts.iter().map(|listed| Arc::clone(&listed.account.id)).collect();
            Ok(list(&accounts, &store.last_online(&ids).await?))
        }
        People::Disable { email } => {
            let email = fields::normalise_email(&email);
            found(store.set_disabled(&email, true).await?, &email)?;
            Ok(format!("{email} is disabled and its sessions end within seconds"))
        }
        People::Enable { email } => {
            let email = fields::normalise_email(&email);
            found(store.set_disabled(&email, false).await?, &email)?;
            Ok(format!("{email} may sign in again"))
        }
        People::ResetPassword { email } => reset_password(store, &fields::normalise_email(&email)).await,
    }
}

async fn add(store: &Store, email: String, first_name: String, last_name: String) -> Result<String, Failure> {
    let mut form = SignUp { first_name, last_name, email, password: String::new() };
    if store.credentials(&fields::normalise_email(&form.email)).await?.is_some() {
        return Err(taken(&form.email));
    }
    form.password = secret::ask_new()?;
    let account = form.account()?;
    let password_hash = Passwords::new()?.hash(form.password).await?;
    let verify_code = token::new_code();
    let new = NewAccount { account: &account, password_hash: &password_hash, verify_code: &verify_code };
    if !store.create_account(new).await? {
        return Err(taken(&account.email));
    }
    // Whoever runs the server knows whose address it is.
    store.verify(&verify_code).await?;
    Ok(format!("{} has an account now", account.email))
}

async fn reset_password(store: &Store, email: &str) -> Result<String, Failure> {
    found(store.credentials(email).await?.is_some(), email)?;
    let password = secret::ask_new()?;
    if !fields::PASSWORD_BYTES.contains(&password.len()) {
        return Err(Failure::Order("the password must have between 8 and 1024 bytes".to_owned()));
    }
    let hash = Passwords::new()?.hash(password).await?;
    found(store.set_password(email, &hash).await?, email)?;
    Ok(format!("{email} has a new password; its sessions end within seconds"))
}

fn taken(email: &str) -> Failure {
    Failure::Order(format!("there is already an account {email}"))
}

fn found(whether: bool, email: &str) -> Result<(), Failure> {
    if whether { Ok(()) } else { Err(Failure::Order(format!("there is no account {email}"))) }
}

/// One account a line: address, name, and what there is to say about it, with tabs between.
fn list(accounts: &[Listed], last_online: &BTreeMap<UserId, SystemTime>) -> String {
    let lines: Vec<_> = accounts
        .iter()
        .map(|listed| {
            let words = [
                (listed.connected, "online"),
                (!listed.verified, "unverified"),
                (listed.disabled, "disabled"),
            ];
            let seen =
                last_online.get(&listed.account.id).filter(|_| !listed.connected).and_then(|at| day(*at));
            let words = words.into_iter().filter(|(so, _)| *so).map(|(_, word)| word.to_owned());
            let said: Vec<_> = words.chain(seen).collect();
            format!("{}\t{}\t{}", listed.account.email, listed.account.display_name(), said.join(", "))
        })
        .collect();
    lines.join("\n")
}

fn day(at: SystemTime) -> Option<String> {
    let at = jiff::Timestamp::try_from(at).ok()?;
    Some(format!("last online {}", at.strftime("%Y-%m-%d %H:%M UTC")))
}
