//! The store with real databases: what is true of one must be true of the other.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a test that cannot go on has failed"
)]

mod copies;
#[path = "../../tests/server/postgres.rs"]
mod postgres;
mod revoking;
mod trouble;

use std::sync::atomic::{AtomicI64, Ordering};

use super::{sessions::SESSIONS_PER_USER, *};
use crate::{
    config::{Config, Database},
    token::{self, Token},
};

/// A store with one account in it, and a clock to set.
struct Stage {
    store: Store,
    ana: Account,
    time: Arc<AtomicI64>,
    _folder: tempfile::TempDir,
}

/// A stage in SQLite and one in PostgreSQL.
async fn stages() -> [Stage; 2] {
    let server = postgres::new_database().await;
    [stage(Database::Sqlite).await, stage(Database::Postgres(server.into())).await]
}

async fn stage(database: Database) -> Stage {
    let (folder, store, time) = empty(database).await;
    let ana = add(&store, "ana").await;
    Stage { store, ana, time, _folder: folder }
}

async fn empty(database: Database) -> (tempfile::TempDir, Store, Arc<AtomicI64>) {
    let folder = tempfile::tempdir().unwrap();
    let time = Arc::new(AtomicI64::new(1000));
    let clock = Clock::of({
        let time = Arc::clone(&time);
        move || from_seconds(time.load(Ordering::SeqCst))
    });
    let mut config = Config::new("127.0.0.1:0".parse().unwrap(), folder.path());
    config.database = database;
    (folder, Store::connect(&config, clock).await.unwrap(), time)
}

async fn add(store: &Store, name: &str) -> Account {
    let account = Account {
        id: token::new_id(),
        first_name: name.into(),
        last_name: String::new(),
        email: format!("{name}@test.example"),
    };
    let new = NewAccount { account: &account, password_hash: "$argon2id$", verify_code: &token::new_code() };
    assert!(store.create_account(new).await.unwrap());
    account
}

impl Stage {
    async fn session(&self, expires: i64) -> (SessionId, Token) {
        let token = Token::random();
        let (id, _) = self.store.create_session(&self.ana.id, &token, from_seconds(expires)).await.unwrap();
        (id, token)
    }

    fn at(&self, seconds: i64) {
        self.time.store(seconds, Ordering::SeqCst);
    }
}

#[tokio::test]
async fn a_token_is_good_until_its_end_and_its_row_is_removed_after() {
    for stage in stages().await {
        let (store, (_, token)) = (&stage.store, stage.session(2000).await);
        stage.at(1999);
        store.remove_expired().await.unwrap();
        let session = store.session(&token).await.unwrap().unwrap();
        assert_eq!((&session.account, session.signed_in, session.had_socket), (&stage.ana, true, false));
        assert_eq!(store.signed_in_sessions().await.unwrap().len(), 1);
        stage.at(2000);
        assert!(store.session(&token).await.unwrap().is_none());
        assert!(store.signed_in_sessions().await.unwrap().is_empty());
        store.remove_expired().await.unwrap();
        stage.at(1000);
        assert!(store.session(&token).await.unwrap().is_none(), "the row is gone");
    }
}

#[tokio::test]
async fn signing_out_shortens_a_token_and_never_lengthens_it() {
    for stage in stages().await {
        let ((_, long), (_, short)) = (stage.session(9000).await, stage.session(1500).await);
        stage.store.sign_out(&stage.ana.id, from_seconds(2000)).await.unwrap();
        for (token, expires) in [(long, 2000), (short, 1500)] {
            let session = stage.store.session(&token).await.unwrap().unwrap();
            assert_eq!((session.expires, session.signed_in), (from_seconds(expires), false));
        }
    }
}

#[tokio::test]
async fn one_device_signs_out_and_the_others_stay() {
    for stage in stages().await {
        let ((phone, at_phone), (_, at_desk)) = (stage.session(9000).await, stage.session(9000).await);
        stage.store.sign_out_session(phone, from_seconds(2000)).await.unwrap();
        let phone = stage.store.session(&at_phone).await.unwrap().unwrap();
        assert_eq!((phone.signed_in, phone.expires), (false, from_seconds(2000)));
        let desk = stage.store.session(&at_desk).await.unwrap().unwrap();
        assert_eq!((desk.signed_in, desk.expires), (true, from_seconds(9000)));
    }
}

#[tokio::test]
async fn the_oldest_of_too_many_sessions_makes_room() {
    for stage in stages().await {
        let (first_id, first) = stage.session(9000).await;
        let mut removed = Vec::new();
        for _ in 0..SESSIONS_PER_USER {
            let token = Token::random();
            let made = stage.store.create_session(&stage.ana.id, &token, from_seconds(9000)).await;
            removed.extend(made.unwrap().1);
        }
        assert_eq!(removed, [first_id]);
        assert!(stage.store.session(&first).await.unwrap().is_none());
    }
}

#[tokio::test]
async fn a_session_is_renewed_for_180_days_after_its_beginning_and_no_longer() {
    for stage in stages().await {
        let (id, token) = stage.session(2000).await;
        let longest = 1000 + i64::try_from(sessions::LONGEST.as_secs()).unwrap();
        for (wanted, granted) in [(5000, 5000), (longest, longest), (longest + 1, longest)] {
            let end = stage.store.resume_session(id, from_seconds(wanted)).await.unwrap();
            assert_eq!(end, from_seconds(granted));
            assert_eq!(stage.store.session(&token).await.unwrap().unwrap().expires, end);
        }
    }
}

#[tokio::test]
async fn an_address_has_one_account() {
    for stage in stages().await {
        let other = Account { id: token::new_id(), ..stage.ana.clone() };
        let new = NewAccount { account: &other, password_hash: "h", verify_code: "d" };
        assert!(!stage.store.create_account(new).await.unwrap());
        assert_eq!(stage.store.credentials(&other.email).await.unwrap().unwrap().0, stage.ana);
    }
}

#[tokio::test]
async fn choices_come_with_the_account_and_with_each_session() {
    for stage in stages().await {
        let (_, token) = stage.session(9000).await;
        assert_eq!(stage.store.session(&token).await.unwrap().unwrap().choices, Choices::default());
        let chosen = Choices { invisible: true, status_line: "En reunión, vuelvo a las 5".into() };
        stage.store.set_choices(&stage.ana.id, &chosen).await.unwrap();
        assert_eq!(stage.store.session(&token).await.unwrap().unwrap().choices, chosen);
        assert_eq!(stage.store.signed_in_sessions().await.unwrap()[0].choices, chosen);
        assert_eq!(stage.store.login(&stage.ana.email).await.unwrap().unwrap().choices, chosen);
    }
}

#[tokio::test]
async fn who_came_and_left_is_written_down_and_the_last_word_counts() {
    for stage in stages().await {
        let mut people = vec![Arc::clone(&stage.ana.id)];
        // More than fit into one statement, and no multiple of that.
        for number in 0..2 * LIST + 3 {
            people.push(add(&stage.store, &format!("p{number}")).await.id);
        }
        let word =
            |user: &UserId, online, at| Recorded { user: Arc::clone(user), online, at: from_seconds(at) };
        let all: Vec<_> = people.iter().map(|user| word(user, true, 1000)).collect();
        stage.store.record(&all).await.unwrap();
        let mut sorted = people.clone();
        sorted.sort();
        assert_eq!(stage.store.connected_users().await.unwrap(), sorted);
        assert!(stage.store.last_online(&people).await.unwrap().is_empty(), "nobody has left yet");

        let [first, second, third] = [&people[0], &people[1], &people[2]];
        let words = [
            word(first, false, 1100),
            word(second, false, 1200),
            word(third, false, 1300),
            word(third, true, 1400),
        ];
        stage.store.record(&words).await.unwrap();
        stage.store.record(&[]).await.unwrap();
        sorted.retain(|user| user != first && user != second);
        assert_eq!(stage.store.connected_users().await.unwrap(), sorted);
        let seen = stage.store.last_online(&people).await.unwrap();
        let expected = [(Arc::clone(first), from_seconds(1100)), (Arc::clone(second), from_seconds(1200))];
        assert_eq!(seen, expected.into());
    }
}

#[tokio::test]
async fn a_verification_link_is_sent_once_in_a_while_and_not_to_who_has_used_it() {
    for stage in stages().await {
        let pause = Duration::from_secs(600);
        stage.at(1000);
        let code =
            stage.store.verification_to_send(&stage.ana.id, pause).await.unwrap().expect("a first one");
        stage.at(1599);
        assert_eq!(stage.store.verification_to_send(&stage.ana.id, pause).await.unwrap(), None);
        stage.at(1600);
        assert!(stage.store.verification_to_send(&stage.ana.id, pause).await.unwrap().is_some());
        assert!(!stage.store.verify("nonsense").await.unwrap());
        assert!(stage.store.verify(&code).await.unwrap());
        stage.at(9999);
        assert_eq!(stage.store.verification_to_send(&stage.ana.id, pause).await.unwrap(), None);
        assert!(stage.store.login(&stage.ana.email).await.unwrap().unwrap().verified);
    }
}
