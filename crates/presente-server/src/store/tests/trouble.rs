//! Databases that go away, hostile texts, strange paths, several servers at once.

use std::time::Instant;

use super::*;

#[tokio::test]
async fn a_database_that_goes_away_costs_an_error_in_time_and_comes_back_by_itself() {
    let mut server = postgres::Postgres::own().await;
    let (_folder, store, _) = empty(Database::Postgres(server.new_database().await.into())).await;
    let ana = add(&store, "ana").await;
    let token = Token::random();
    let (id, _) = store.create_session(&ana.id, &token, from_seconds(9000)).await.unwrap();
    server.stop();
    let start = Instant::now();
    let word = Recorded { user: Arc::clone(&ana.id), online: true, at: from_seconds(1000) };
    let (session, answers, recorded, signed_out) = tokio::join!(
        store.session(&token),
        store.answers(),
        store.record(std::slice::from_ref(&word)),
        store.sign_out_session(id, from_seconds(2000)),
    );
    assert!(session.is_err() && answers.is_err() && recorded.is_err() && signed_out.is_err());
    assert!(start.elapsed() < Duration::from_secs(5), "{:?}", start.elapsed());

    server.start_again().await;
    assert_eq!(store.session(&token).await.unwrap().unwrap().account, ana);
    store.record(&[word]).await.unwrap();
    assert_eq!(store.connected_users().await.unwrap(), [Arc::clone(&ana.id)]);
}

#[tokio::test]
async fn several_servers_open_one_empty_database_at_once() {
    let database = Database::Postgres(postgres::new_database().await.into());
    let (one, two, three) =
        tokio::join!(empty(database.clone()), empty(database.clone()), empty(database.clone()));
    let ana = add(&one.1, "ana").await;
    for store in [&two.1, &three.1] {
        assert_eq!(store.credentials(&ana.email).await.unwrap().unwrap().0, ana);
    }
}

#[tokio::test]
async fn what_looks_like_sql_is_text_and_what_no_database_takes_is_nobodys() {
    for stage in stages().await {
        let hostile = "'; DROP TABLE users; --";
        let chosen = Choices { invisible: false, status_line: format!("{hostile}\0") };
        stage.store.set_choices(&stage.ana.id, &chosen).await.unwrap();
        let login = stage.store.login(&stage.ana.email).await.unwrap().unwrap();
        assert_eq!(login.choices.status_line, hostile);
        for nobody in [hostile, "' OR 1=1 --", "\0", "a\0@b", "%", "_", "\u{fffd}", "ana@test.example\0"] {
            assert!(stage.store.login(nobody).await.unwrap().is_none(), "{nobody:?}");
            assert!(!stage.store.verify(nobody).await.unwrap(), "{nobody:?}");
        }
        assert!(!stage.store.login(&stage.ana.email).await.unwrap().unwrap().verified);
    }
}

#[tokio::test]
async fn a_file_is_where_its_path_says_whatever_is_in_the_path() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["año 100%.db", "a?b#c.db", "a%20b.db", "sqlite:x.db", "&=+.db"] {
        let path = folder.path().join(name);
        let store = Store::open(&path, Clock::system()).await.unwrap();
        add(&store, "ana").await;
        store.close().await;
        assert!(path.metadata().unwrap().len() > 0, "{name}");
    }
}

#[tokio::test]
async fn a_database_server_that_is_not_there_is_told_without_its_address() {
    let mut config = Config::new("127.0.0.1:0".parse().unwrap(), "");
    config.database = Database::Postgres("postgres://u:geheim@127.0.0.1:1/x".into());
    let error = Store::connect(&config, Clock::system()).await.unwrap_err();
    let said = format!("{error} {error:?} {config:?}");
    assert!(said.contains("see that it runs") && !said.contains("geheim"), "{said}");
}
