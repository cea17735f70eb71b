//! All accounts as a whole.

use super::*;

#[tokio::test]
async fn accounts_move_from_sqlite_to_postgresql_and_back_with_all_there_is_to_them() {
    let [from, occupied] = stages().await;
    let chosen = Choices { invisible: true, status_line: "fuera de la oficina".into() };
    from.store.set_choices(&from.ana.id, &chosen).await.unwrap();
    let code = from.store.verification_to_send(&from.ana.id, Duration::ZERO).await.unwrap().unwrap();
    from.store.verify(&code).await.unwrap();
    let beto = add(&from.store, "beto").await;
    from.store.set_disabled(&beto.email, true).await.unwrap();
    let left = Recorded { user: Arc::clone(&beto.id), online: false, at: from_seconds(1500) };
    from.store.record(&[left]).await.unwrap();
    let all = from.store.all_accounts().await.unwrap();
    assert_eq!(all.len(), 2);

    let server = postgres::new_database().await;
    let (_folder, to, _) = empty(Database::Postgres(server.into())).await;
    assert!(to.restore_accounts(&all).await.unwrap());
    assert_eq!(to.all_accounts().await.unwrap(), all);
    let (_folder, back, _) = empty(Database::Sqlite).await;
    assert!(back.restore_accounts(&all).await.unwrap());
    assert_eq!(back.all_accounts().await.unwrap(), all);

    for stage in [&from, &occupied] {
        let before = stage.store.all_accounts().await.unwrap();
        assert!(!stage.store.restore_accounts(&all).await.unwrap(), "it has accounts already");
        assert_eq!(stage.store.all_accounts().await.unwrap(), before);
    }
}

#[tokio::test]
async fn a_copy_with_one_account_twice_changes_nothing() {
    for stage in stages().await {
        let all = stage.store.all_accounts().await.unwrap();
        let (_folder, to, _) = empty(Database::Sqlite).await;
        assert!(!to.restore_accounts(&[all[0].clone(), all[0].clone()]).await.unwrap());
        assert!(to.all_accounts().await.unwrap().is_empty());
    }
}

#[tokio::test]
async fn accounts_are_listed_by_address() {
    for stage in stages().await {
        add(&stage.store, "aaron").await;
        stage.store.set_disabled("aaron@test.example", true).await.unwrap();
        let listed = stage.store.accounts().await.unwrap();
        let said: Vec<_> =
            listed.iter().map(|it| (&*it.account.email, it.disabled, it.verified, it.connected)).collect();
        assert_eq!(
            said,
            [("aaron@test.example", true, false, false), ("ana@test.example", false, false, false)]
        );
    }
}
