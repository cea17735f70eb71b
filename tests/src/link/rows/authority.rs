//! TLS: whom to believe.

use std::time::Duration;

use anyhow::{Result, ensure};
use serde_json::json;

use super::{Need, ON_BOTH, Row, Stage};
use crate::{
    faults::{Authority, Certificate, HttpProxy},
    link::stage::SOON,
};

const HOST: &str = "localhost";

pub(super) const ROWS: &[Row] = &[
    Row::new(
        "tls-private-authority",
        "A server with a certificate of a private authority is reached.",
        |stage| Box::pin(trusted(stage)),
    )
    .needs(&[Need::PrivateAuthority]),
    Row::new("tls-unknown-authority", "A server whose authority nobody knows is not spoken to.", |stage| {
        Box::pin(not_trusted(stage, Certificate::Good, false))
    })
    .on(ON_BOTH),
    Row::new("tls-expired", "A server with an expired certificate is not spoken to.", |stage| {
        Box::pin(not_trusted(stage, Certificate::Expired, true))
    })
    .on(ON_BOTH)
    .needs(&[Need::PrivateAuthority]),
    Row::new("tls-wrong-host", "A server with a certificate for another name is not spoken to.", |stage| {
        Box::pin(not_trusted(stage, Certificate::WrongHost, true))
    })
    .on(ON_BOTH)
    .needs(&[Need::PrivateAuthority]),
    Row::new(
        "tls-through-proxy",
        "Through a proxy, TLS reaches to the server and its certificate is looked at.",
        |stage| Box::pin(through_proxy(stage)),
    )
    .needs(&[Need::PrivateAuthority, Need::Proxy]),
];

async fn serve_encrypted(stage: &mut Stage, host: &str, certificate: Certificate) -> Result<Authority> {
    stage.encrypted = true;
    let authority = Authority::create(stage.folder.path())?;
    let (key, cert) = authority.certify(host, certificate)?;
    stage.serve(json!({ "tls": { "key": key, "cert": cert } })).await?;
    Ok(authority)
}

fn address(stage: &Stage) -> String {
    format!("https://{HOST}:{}", stage.proxy().address().port())
}

async fn trusted(stage: &mut Stage) -> Result<()> {
    let authority = serve_encrypted(stage, HOST, Certificate::Good).await?;
    let options = json!({ "url": address(stage), "ca": authority.file() });
    stage.go_online_with(&options).await
}

async fn not_trusted(stage: &mut Stage, certificate: Certificate, with_authority: bool) -> Result<()> {
    let authority = serve_encrypted(stage, HOST, certificate).await?;
    stage.ends_offline = true;
    let mut options = json!({ "url": address(stage) });
    if let Some(options) = options.as_object_mut().filter(|_| with_authority) {
        options.insert("ca".to_owned(), json!(authority.file()));
    }
    stage.launch(&options)?;
    let closed = stage.subject()?.next_of("closed", SOON).await?;
    // Without the moment at which it was looked at, which would change the page each time.
    let said = closed["reason"].as_str().unwrap_or_default();
    stage.note(format!("said: {}", said.split(": verification time").next().unwrap_or(said)));
    stage.stays_calm(Duration::from_secs(3)).await?;
    stage.never("connected", "the certificate is bad")?;
    let counts = stage.counts().await?;
    ensure!(counts["handshakes"] == 0, "the server was spoken to");
    Ok(())
}

async fn through_proxy(stage: &mut Stage) -> Result<()> {
    let name = "presence.test";
    let authority = serve_encrypted(stage, name, Certificate::Good).await?;
    let proxy = HttpProxy::start(stage.server_address(), None).await?;
    let options = json!({
        "url": format!("https://{name}"),
        "ca": authority.file(),
        "proxy": format!("http://{}", proxy.address()),
    });
    stage.go_online_with(&options).await?;
    stage.echoes().await?;
    ensure!(proxy.passed() > 0, "the proxy was not used");
    stage.keep(proxy);
    Ok(())
}
