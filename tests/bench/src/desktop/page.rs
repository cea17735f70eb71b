//! The app's page in the hands of WebDriver.

use anyhow::{Context, Result};
use presente_tests::wait::{PATIENCE, until};
use serde::de::DeserializeOwned;
use serde_json::Value;
use thirtyfour::prelude::*;

/// Fills in the form as a person does, and waits until there are people on the screen.
pub(super) async fn sign_in(page: &WebDriver, server: &str, email: &str, password: &str) -> Result<()> {
    for (field, text) in [("server", server), ("email", email), ("password", password)] {
        let field = visible(page, field).await?;
        field.clear().await?;
        field.send_keys(text).await?;
    }
    visible(page, "submit").await?.click().await?;
    visible(page, "screen-roster").await.map(drop)
}

/// Waits until an element is on the screen.
pub(super) async fn visible(page: &WebDriver, id: &str) -> Result<WebElement> {
    until(&format!("#{id} on the screen"), PATIENCE, async || {
        let element = page.find(By::Id(id)).await.ok()?;
        element.is_displayed().await.ok()?.then_some(element)
    })
    .await
}

/// Runs a script that calls its last argument with an answer.
pub(super) async fn asks<T: DeserializeOwned>(
    page: &WebDriver,
    script: &str,
    arguments: Vec<Value>,
) -> Result<T> {
    let answer = page.execute_async(script, arguments).await.context("a script failed in the page")?;
    Ok(answer.convert()?)
}
