//! The page of the settings.

use super::{alerting, contact::groups, remembering};
use crate::{
    model::Model,
    texts::{Arg, Texts},
    view::{GroupView, SettingsView},
};
use jiff::{Timestamp, tz::TimeZone};

pub(super) fn view(model: &Model, texts: &Texts, now: Timestamp, zone: &TimeZone) -> SettingsView {
    let settings = &model.settings;
    SettingsView {
        language: settings.language,
        theme: settings.theme,
        sort: settings.list.sort,
        start_at_login: model.desktop.starts_at_login,
        auto_away_minutes: settings.auto_away_minutes,
        idle_words: super::idle_words(model, texts),
        alerts: settings.alerts.clone(),
        snoozed: alerting::snoozed(model, texts, now, zone),
        groups: groups(model).into_iter().map(|group| group_view(model, group, texts)).collect(),
        history_enabled: settings.history.enabled,
        keep_days: settings.history.keep_days,
        history_words: remembering::history_words(model, texts),
    }
}

fn group_view(model: &Model, group: String, texts: &Texts) -> GroupView {
    let people = model.settings.people.iter();
    let count = people.filter(|person| person.group.as_deref() == Some(group.as_str())).count();
    GroupView {
        count: texts.with("count-people", &[("count", Arg::Count(count))]),
        rule: alerting::rule_of_group(model, &group, texts),
        group,
    }
}
