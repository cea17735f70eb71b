//! What axe-core finds on a page (WCAG 2.1, levels A and AA).

use anyhow::{Context, Result, bail};
use thirtyfour::WebDriver;

use crate::node;

/// Its findings, one a line: the rule and the elements. Empty when there are none.
///
/// # Errors
/// When the Node packages are not installed, or axe has not looked at the page.
pub async fn findings(driver: &WebDriver) -> Result<String> {
    let axe = std::fs::read_to_string(node::folder().join("node_modules/axe-core/axe.min.js"))
        .context("the Node packages are not installed; `cargo xtask test` does it")?;
    driver.execute(format!("{axe}; window.axe = axe;"), vec![]).await?;
    let run = "const done = arguments[0];
        axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa'] })
           .then(({ violations, passes }) => done({ passes: passes.length,
               violations: violations.map((v) => `${v.id}: ${v.nodes.map((n) => n.html).join(' ')}`) }),
               (error) => done({ violations: [String(error)] }));";
    let found = driver.execute_async(run, vec![]).await?;
    let found = found.json();
    let passes = found.get("passes").and_then(serde_json::Value::as_u64);
    if passes.is_none_or(|passes| passes <= 5) {
        bail!("axe has not looked at the page: {found}");
    }
    let violations =
        found.get("violations").and_then(serde_json::Value::as_array).context("no findings told")?;
    Ok(violations.iter().map(|violation| format!("{violation}\n")).collect())
}
