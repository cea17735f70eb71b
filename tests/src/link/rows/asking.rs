//! Acknowledgements, both ways.

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};

use super::{Need, ON_BOTH, Row, Stage};
use crate::link::stage::SOON;

pub(super) const ROWS: &[Row] = &[
    Row::new("server-asks", "A question of the server (`emitWithAck`) is answered.", |stage| {
        Box::pin(server_asks(stage, json!(["how", { "are": "you" }])))
    })
    .on(ON_BOTH)
    .needs(&[Need::Answering]),
    Row::new(
        "server-asks-with-bytes",
        "A question of the server with bytes in it is answered with bytes.",
        |stage| Box::pin(server_asks(stage, json!([{ "$binary": "AAEC" }, "x", { "$binary": "" }]))),
    )
    .on(ON_BOTH)
    .needs(&[Need::Answering, Need::Binary]),
    Row::new("client-asks", "A question of the client is answered.", |stage| {
        Box::pin(client_asks(stage, json!(["how", { "are": "you" }])))
    })
    .on(ON_BOTH)
    .needs(&[Need::Asking]),
    Row::new(
        "client-asks-with-bytes",
        "A question of the client with bytes in it is answered with bytes.",
        |stage| Box::pin(client_asks(stage, json!([{ "$binary": "AAEC" }, "x", { "$binary": "" }]))),
    )
    .on(ON_BOTH)
    .needs(&[Need::Asking, Need::Binary]),
    Row::new("both-ask-at-once", "Fifty questions each way at once each get their own answer.", |stage| {
        Box::pin(both_ask_at_once(stage))
    })
    .on(ON_BOTH)
    .needs(&[Need::Asking, Need::Answering]),
    Row::new(
        "no-answer",
        "A question that is not answered fails when its time is over, and harms nothing.",
        |stage| Box::pin(no_answer(stage)),
    )
    .on(ON_BOTH)
    .needs(&[Need::Asking]),
];

/// The answer to question `id` is its own arguments.
fn check(answer: &Value, args: &Value) -> Result<()> {
    let mut expected = vec![answer["id"].clone()];
    expected.extend(args.as_array().cloned().unwrap_or_default());
    ensure!(answer["args"] == json!(expected), "answered was {answer}");
    Ok(())
}

async fn server_asks(stage: &mut Stage, args: Value) -> Result<()> {
    stage.serve(json!({})).await?;
    stage.go_online().await?;
    stage.server()?.order("ask", json!({ "event": "question", "args": args, "count": 3 }))?;
    for _ in 0..3 {
        let asked = stage.event("question").await?;
        ensure!(asked["wantsAck"] == true, "it came as {asked}");
        check(&stage.server()?.next_of("ack", SOON).await?, &args)?;
    }
    Ok(())
}

async fn client_asks(stage: &mut Stage, args: Value) -> Result<()> {
    stage.serve(json!({})).await?;
    stage.go_online().await?;
    stage.subject()?.order("ask", json!({ "event": "question", "args": args, "count": 3 }))?;
    for _ in 0..3 {
        check(&stage.subject()?.next_of("ack", SOON).await?, &args)?;
    }
    Ok(())
}

async fn both_ask_at_once(stage: &mut Stage) -> Result<()> {
    const COUNT: usize = 50;
    let args = json!([]);
    stage.serve(json!({})).await?;
    stage.go_online().await?;
    let question = json!({ "event": "question", "args": args, "count": COUNT });
    stage.subject()?.order("ask", question.clone())?;
    stage.server()?.order("ask", question)?;
    for _ in 0..COUNT {
        check(&stage.subject()?.next_of("ack", SOON).await.context("to the client")?, &args)?;
        check(&stage.server()?.next_of("ack", SOON).await.context("to the server")?, &args)?;
    }
    Ok(())
}

async fn no_answer(stage: &mut Stage) -> Result<()> {
    stage.serve(json!({})).await?;
    stage.go_online().await?;
    stage.subject()?.order("ask", json!({ "event": "unanswered", "timeout": 500 }))?;
    let word = stage.subject()?.next_of("ack", SOON).await?;
    ensure!(word["error"].is_string(), "told was {word}");
    stage.subject()?.order("ask", json!({ "event": "question" }))?;
    check(&stage.subject()?.next_of("ack", SOON).await?, &json!([]))?;
    stage.never("closed", "the connection broke off")
}
