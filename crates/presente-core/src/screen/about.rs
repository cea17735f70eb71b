//! The page about the app, and what helps to find out what is wrong. What can be copied names no person.

use super::{alerting, one_account};
use crate::{
    model::Model,
    texts::Texts,
    view::{AboutView, Detail, Happening, Part, moment},
};
use jiff::{Timestamp, tz::TimeZone};
use std::fmt::Write;

pub(super) fn view(model: &Model, texts: &Texts, now: Timestamp, zone: &TimeZone) -> AboutView {
    let version = env!("CARGO_PKG_VERSION").to_owned();
    let parts = parts(model, texts, now, zone);
    let errors: Vec<Happening> = model
        .errors
        .iter()
        .rev()
        .map(|error| Happening {
            key: format!("e{}", error.number),
            time: moment(error.at, now, zone),
            text: error.sentence.clone(),
        })
        .collect();
    AboutView {
        words: ["about-what", "about-licence", "about-privacy"].map(|id| texts.get(id)).to_vec(),
        text: copied(&version, &parts, model, now, zone),
        alerts: alerting::alert_log(model, texts, now, zone),
        version,
        parts,
        errors,
    }
}

fn parts(model: &Model, texts: &Texts, now: Timestamp, zone: &TimeZone) -> Vec<Part> {
    let accounts = model.shown().map(|(number, account)| {
        let profile = Detail {
            id: "profile",
            label: texts.get("detail-profile"),
            value: account.target.profile.name.clone(),
        };
        let people = Detail {
            id: "people",
            label: texts.get("detail-people"),
            value: account.roster.contacts().len().to_string(),
        };
        let mut items = one_account::details(account, texts, now, zone);
        items.extend([profile, people]);
        Part { key: format!("a{}", number.number()), title: account.target.server.label(), items }
    });
    let desktop = model.desktop.lines.iter().map(|(label, value)| Detail {
        id: "desktop",
        label: texts.get(&format!("fact-{label}")),
        value: value.clone(),
    });
    let desktop =
        Part { key: "desktop".to_owned(), title: texts.get("about-desktop"), items: desktop.collect() };
    accounts.chain([desktop].into_iter().filter(|part| !part.items.is_empty())).collect()
}

/// What is known as text. Of what went wrong it has the kinds: a server's own words could name somebody.
fn copied(version: &str, parts: &[Part], model: &Model, now: Timestamp, zone: &TimeZone) -> String {
    let mut text =
        format!("Presente {version}\n{}\n", now.to_zoned(zone.clone()).strftime("%Y-%m-%d %H:%M %:z"));
    for part in parts {
        let _ = write!(text, "\n{}\n", part.title);
        for Detail { label, value, .. } in &part.items {
            let _ = writeln!(text, "  {label}: {value}");
        }
    }
    if !model.errors.is_empty() {
        let _ = writeln!(text);
    }
    for error in model.errors.iter().rev() {
        let _ = writeln!(text, "{} {}", moment(error.at, now, zone), error.code);
    }
    text
}
