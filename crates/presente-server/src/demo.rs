//! Demo people, so that a new installation has somebody in it: accounts, and a task in which they come and
//! go through the same doors as everybody else.

use std::{sync::Arc, time::Duration};

use rand::{RngExt as _, SeedableRng as _, rngs::StdRng};
use tokio_util::sync::CancellationToken;

use crate::{
    accounts::{Accounts, SignIn},
    error::Refusal,
    messages::Language,
    presence::Rule,
    store::{Account, NewAccount, Store},
    token,
};

/// E-mail of the account that a person who tries the demo signs in to.
pub const EMAIL: &str = "lucia@demo.example";
/// Password of all demo accounts. It is public.
pub const PASSWORD: &str = "presente-demo";

/// First name, last name and e-mail of those who come and go.
const PEOPLE: [(&str, &str, &str); 6] = [
    ("Ana", "Ríos", "ana@demo.example"),
    ("Beto", "Núñez", "beto@demo.example"),
    ("Carla", "Paz", "carla@demo.example"),
    ("Diego", "Soto", "diego@demo.example"),
    ("Elena", "Vidal", "elena@demo.example"),
    ("Fátima", "Ruiz", "fatima@demo.example"),
];

/// Creates the demo accounts that do not exist yet.
pub(crate) async fn seed(accounts: &Accounts) -> Result<(), Refusal> {
    // All have the same public password, so they may share its hash: the start is seven times as quick.
    let mut password_hash = None;
    for (first_name, last_name, email) in PEOPLE.into_iter().chain([("Lucía", "Méndez", EMAIL)]) {
        if accounts.store.credentials(email).await?.is_some() {
            continue;
        }
        let hash = match password_hash.take() {
            Some(hash) => hash,
            None => accounts.passwords.hash(PASSWORD.to_owned()).await?,
        };
        let account = Account {
            id: token::new_id(),
            first_name: first_name.to_owned(),
            last_name: last_name.to_owned(),
            email: email.to_owned(),
        };
        let code = token::new_code();
        let new = NewAccount { account: &account, password_hash: &hash, verify_code: &code };
        accounts.store.create_account(new).await?;
        // Nobody reads mail at these addresses.
        accounts.store.verify(&code).await?;
        password_hash = Some(hash);
    }
    Ok(())
}

/// Removes what an earlier run of the demo has left: its people would be ghosts now.
pub(crate) async fn forget_sessions(store: &Store) -> Result<(), sqlx::Error> {
    for (_, _, email) in PEOPLE {
        store.remove_sessions_of(email).await?;
    }
    Ok(())
}

/// Lets the demo people come and go until `stop` is cancelled, with pauses between the two of `pause`.
pub(crate) async fn run(
    accounts: Arc<Accounts>,
    pause: (Duration, Duration),
    seed: u64,
    stop: CancellationToken,
) {
    let mut rng = StdRng::seed_from_u64(seed);
    let mut here = [false; PEOPLE.len()];
    let mut arrivals = rng.random_range(2..=3);
    loop {
        let chosen = rng.random_range(0..PEOPLE.len());
        let present = here.iter().filter(|&&is_here| is_here).count();
        if let (Some((_, _, email)), Some(is_here)) = (PEOPLE.get(chosen), here.get_mut(chosen)) {
            // Somebody always stays, and somebody is always missing: a full or empty list shows nothing.
            let comes = !*is_here && present + 1 < PEOPLE.len();
            let leaves = *is_here && arrivals == 0 && present > 1;
            if !comes && !leaves {
                continue;
            }
            match step(&accounts, email, comes).await {
                Ok(()) => *is_here = comes,
                Err(error) => tracing::warn!(%error, "a demo person could not come or go"),
            }
        }
        arrivals = usize::saturating_sub(arrivals, 1);
        if arrivals > 0 {
            continue;
        }
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(rng.random_range(pause.0..=pause.1)) => {}
        }
    }
}

async fn step(accounts: &Accounts, email: &str, comes: bool) -> Result<(), Refusal> {
    if comes {
        let (email, password) = (email.to_owned(), PASSWORD.to_owned());
        let form = SignIn { email, password, token: None, address: None, language: Language::Spanish };
        accounts.sign_in(form, Rule::UntilSignOut).await?;
        return Ok(());
    }
    match accounts.store.credentials(email).await? {
        Some((account, _)) => Ok(accounts.register.sign_out_all(&account.id).await?),
        None => Ok(()),
    }
}
