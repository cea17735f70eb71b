//! What stands between a client and its server.

use std::time::Duration;

use anyhow::{Result, ensure};
use serde_json::json;

use super::{
    Need, ON_BOTH, Row, Stage,
    events::{MEGABYTE, serve_patiently, there_and_back},
};
use crate::faults::{Answer, Fault, HttpProxy, SocksProxy};

pub(super) const ROWS: &[Row] = &[
    Row::new(
        "segments-1400",
        "Events of 200 kB arrive whole in segments of 1,400 bytes, both ways.",
        |stage| Box::pin(segments(stage, 1400, 200_000)),
    )
    .on(ON_BOTH),
    Row::new("segments-1", "Events of 20 kB arrive whole byte by byte, both ways.", |stage| {
        Box::pin(segments(stage, 1, 20_000))
    })
    .on(ON_BOTH)
    .weighs(2),
    Row::new(
        "empty-200",
        "While something answers with an empty 200, few requests are made and nobody is online.",
        |stage| Box::pin(not_the_server(stage, Answer::Empty)),
    ),
    Row::new(
        "bad-gateway",
        "While something answers with a 502 and a page, few requests are made and nobody is online.",
        |stage| Box::pin(not_the_server(stage, Answer::BadGateway)),
    ),
    Row::new(
        "captive-portal",
        "While a network sends everybody to its sign-in page, few requests are made and nobody is online.",
        |stage| Box::pin(not_the_server(stage, Answer::CaptivePortal)),
    ),
    Row::new(
        "proxy",
        "Through an HTTP proxy the server is reached by a name that only the proxy knows.",
        |stage| Box::pin(http_proxy(stage, None)),
    )
    .needs(&[Need::Proxy]),
    Row::new("proxy-password", "A proxy that wants a password gets it.", |stage| {
        Box::pin(http_proxy(stage, Some(("ana", "s3cret"))))
    })
    .needs(&[Need::Proxy]),
    Row::new("proxy-socks", "Through a SOCKS5 proxy the server is reached.", |stage| {
        Box::pin(socks_proxy(stage))
    })
    .needs(&[Need::Proxy]),
];

async fn segments(stage: &mut Stage, size: usize, length: u64) -> Result<()> {
    serve_patiently(stage, MEGABYTE).await?;
    stage.proxy().split(size);
    stage.go_online().await?;
    there_and_back(stage, length).await
}

/// In the midst of a connection something else begins to answer, as after a change of networks.
async fn not_the_server(stage: &mut Stage, answer: Answer) -> Result<()> {
    stage.serve(json!({})).await?;
    stage.go_online().await?;
    stage.proxy().set(Fault::Answer(answer));
    stage.proxy().cut();
    let calm = stage.stays_calm(Duration::from_secs(6)).await;
    stage.nothing_since("connected", "this is not the server")?;
    let followed = stage.proxy().redirects_followed();
    if followed > 0 {
        stage.note(format!("followed the redirect {followed} times"));
    }
    calm?;
    stage.proxy().set(Fault::None);
    stage.comes_back_when_kicked().await
}

async fn http_proxy(stage: &mut Stage, credentials: Option<(&str, &str)>) -> Result<()> {
    stage.serve(json!({})).await?;
    let proxy = HttpProxy::start(stage.server_address(), credentials).await?;
    let who = credentials.map(|(name, password)| format!("{name}:{password}@")).unwrap_or_default();
    let options =
        json!({ "url": "http://presence.test", "proxy": format!("http://{who}{}", proxy.address()) });
    stage.go_online_with(&options).await?;
    stage.echoes().await?;
    ensure!(proxy.passed() > 0, "the proxy was not used");
    stage.keep(proxy);
    Ok(())
}

async fn socks_proxy(stage: &mut Stage) -> Result<()> {
    stage.serve(json!({})).await?;
    let proxy = SocksProxy::start(stage.server_address()).await?;
    let options = json!({ "url": "http://presence.test", "proxy": format!("socks5h://{}", proxy.address()) });
    stage.go_online_with(&options).await?;
    stage.echoes().await?;
    ensure!(proxy.passed() > 0, "the proxy was not used");
    stage.keep(proxy);
    Ok(())
}
