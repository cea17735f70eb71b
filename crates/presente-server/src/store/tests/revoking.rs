//! Sessions that are taken away.

use super::*;

#[tokio::test]
async fn signing_out_everywhere_takes_all_tokens_of_that_person_away() {
    for stage in stages().await {
        let ((one, at_one), (two, at_two)) = (stage.session(9000).await, stage.session(9000).await);
        let beto = add(&stage.store, "beto").await;
        let others = Token::random();
        stage.store.create_session(&beto.id, &others, from_seconds(9000)).await.unwrap();
        let mut taken = stage.store.sign_out_everywhere(&stage.ana.id).await.unwrap();
        taken.sort();
        assert_eq!(taken, [one, two]);
        for token in [at_one, at_two] {
            assert!(stage.store.session(&token).await.unwrap().is_none());
        }
        assert!(stage.store.session(&others).await.unwrap().is_some());
    }
}

#[tokio::test]
async fn a_disabled_account_has_no_sessions_and_enabling_it_brings_none_back() {
    for stage in stages().await {
        let (id, token) = stage.session(9000).await;
        let email = &stage.ana.email;
        let before = stage.store.revocations().await.unwrap();
        assert!(stage.store.set_disabled(email, true).await.unwrap());
        assert_eq!(stage.store.revocations().await.unwrap(), before + 1);
        assert!(stage.store.login(email).await.unwrap().unwrap().disabled);
        assert!(stage.store.stored_of(&[id]).await.unwrap().is_empty());
        // One that was begun while the account was being disabled.
        let (late, late_token) = stage.session(9000).await;
        assert!(stage.store.session(&late_token).await.unwrap().is_none());
        assert!(stage.store.signed_in_sessions().await.unwrap().is_empty());
        assert!(stage.store.stored_of(&[late]).await.unwrap().is_empty());

        assert!(stage.store.set_disabled(email, false).await.unwrap());
        assert!(!stage.store.login(email).await.unwrap().unwrap().disabled);
        assert!(stage.store.session(&token).await.unwrap().is_none());
        assert!(!stage.store.set_disabled("nobody@test.example", true).await.unwrap());
    }
}

#[tokio::test]
async fn another_password_ends_the_sessions_of_its_account_only() {
    for stage in stages().await {
        let (id, token) = stage.session(9000).await;
        let beto = add(&stage.store, "beto").await;
        let (other, _) =
            stage.store.create_session(&beto.id, &Token::random(), from_seconds(9000)).await.unwrap();
        let before = stage.store.revocations().await.unwrap();
        assert!(stage.store.set_password(&stage.ana.email, "another hash").await.unwrap());
        assert_eq!(stage.store.revocations().await.unwrap(), before + 1);
        assert_eq!(stage.store.credentials(&stage.ana.email).await.unwrap().unwrap().1, "another hash");
        assert!(stage.store.session(&token).await.unwrap().is_none());
        let stored = stage.store.stored_of(&[id, other]).await.unwrap();
        assert_eq!(stored.iter().map(|session| session.id).collect::<Vec<_>>(), [other]);
        assert!(!stage.store.set_password("nobody@test.example", "h").await.unwrap());
    }
}

#[tokio::test]
async fn of_many_sessions_those_that_live_are_told() {
    for stage in stages().await {
        let (living, _) = stage.session(9000).await;
        let asked: Vec<_> = (0..250).map(|gone| SessionId(1_000_000 + gone)).chain([living]).collect();
        let stored = stage.store.stored_of(&asked).await.unwrap();
        assert_eq!(stored.iter().map(|session| session.id).collect::<Vec<_>>(), [living]);
        assert!(stage.store.stored_of(&[]).await.unwrap().is_empty());
    }
}
