//! `enviar-mensaje`: announcements and their receipts.

use std::time::Duration;

use serde_json::json;

use crate::harness::Server;

#[tokio::test]
async fn an_announcement_is_acknowledged_and_reaches_the_others_under_the_senders_own_name() {
    let server = Server::start().await;
    let ana = server.join("ana").await;
    let beto = server.join("beto").await;
    let (mut ana, mut beto) = (server.socket(&ana).await, server.socket(&beto).await);
    let forged = json!({ "mensaje": "hola", "id": "m-1", "emisor": "Jefe", "nombre": "Jefe", "uid": "1",
                         "extra": [1, 2] });
    let receipt = ana.ask("enviar-mensaje", forged).await;
    assert_eq!(receipt["id"], json!("m-1"));
    assert!(receipt["processID"].is_u64() && receipt["date"].as_str().unwrap().ends_with('Z'), "{receipt}");
    let heard = beto.next("enviar-mensaje").await;
    assert_eq!(
        (&heard["mensaje"], &heard["emisor"], &heard["id"], &heard["extra"]),
        (&json!("hola"), &json!("ana Test"), &json!("m-1"), &json!([1, 2]))
    );
    assert!(heard.get("nombre").is_none() && heard["uid"].as_str().unwrap().len() == 24, "{heard}");

    let receipt = beto.ask("enviar-mensaje", json!("solo texto")).await;
    assert_eq!(receipt["id"].as_str().unwrap().len(), 24, "an id of the server's own");
    assert_eq!(ana.next("enviar-mensaje").await["mensaje"], json!("solo texto"));
}

#[tokio::test]
async fn a_message_that_is_too_long_or_nothing_is_refused_and_reaches_nobody() {
    let server = Server::start().await;
    let token = server.join("ana").await;
    let (mut sender, mut other) = (server.socket(&token).await, server.socket(&token).await);
    for bad in [json!({ "mensaje": "x".repeat(5000) }), json!(7), json!([1]), json!(null)] {
        assert_eq!(sender.ask("enviar-mensaje", bad).await["success"], json!(false));
    }
    sender.emit("enviar-mensaje", None).await;
    let heard = tokio::time::timeout(Duration::from_millis(200), other.next("enviar-mensaje")).await;
    assert!(heard.is_err());
}

#[tokio::test]
async fn without_a_session_a_sender_has_no_name() {
    let server = Server::open().await;
    let (mut one, mut two) =
        (server.connect(json!({})).await.unwrap(), server.connect(json!({})).await.unwrap());
    one.ask("enviar-mensaje", json!({ "mensaje": "hola", "emisor": "Ana" })).await;
    let heard = two.next("enviar-mensaje").await;
    assert_eq!(heard["emisor"], json!("Anónimo"));
    assert!(heard.get("uid").is_none());
}
