//! When people are told of whom, and what they were told of, in words.

use crate::{
    alerts::{AlertSettings, Occasion, Often, Rule, TellOf},
    effects::AccountNumber,
    model::Model,
    people::{Person, PersonKey},
    texts::{Arg, Texts},
    view::{Happening, RuleView, Telling, moment},
};
use jiff::{Timestamp, tz::TimeZone};

/// The rule of a contact.
pub(super) fn rule_of_contact(model: &Model, number: AccountNumber, id: &str, texts: &Texts) -> RuleView {
    let settings = &model.settings;
    let session = model.seats.get(&number).map(|seat| seat.account.session());
    let key = session.map(|session| PersonKey::new(&session, id));
    let person = key.and_then(|key| settings.person(&key));
    let own = person.and_then(|person| person.rule.as_ref()).filter(|rule| rule.often != Often::Default);
    let (holds, words) = match own {
        Some(own) => (own.clone(), own_words(own, &settings.alerts, texts)),
        None => inherited(person, &settings.alerts, texts),
    };
    let often = own.map_or(Often::Default, |rule| rule.often);
    rule_view(&holds, often, words, &settings.alerts)
}

/// The rule of a group.
pub(super) fn rule_of_group(model: &Model, group: &str, texts: &Texts) -> RuleView {
    let alerts = &model.settings.alerts;
    let own = alerts.groups.get(group).filter(|rule| rule.often != Often::Default);
    let words = match own {
        Some(own) => own_words(own, alerts, texts),
        None => texts.get(match alerts.tell_of {
            TellOf::Everybody => "alert-rule-everybody",
            TellOf::Favourites => "alert-rule-favourites",
            TellOf::Nobody => "alert-rule-nobody",
        }),
    };
    let often = own.map_or(Often::Default, |rule| rule.often);
    rule_view(&own.cloned().unwrap_or_default(), often, words, alerts)
}

/// Until when alerts are paused, if they are.
pub(super) fn snoozed(model: &Model, texts: &Texts, now: Timestamp, zone: &TimeZone) -> Option<String> {
    let until = model.settings.alerts.snoozed_until.filter(|until| now < *until)?;
    Some(Telling { texts, now, zone }.sentence_of("alert-snoozed-until", until))
}

/// Whom people were told of, or not and why, the newest first.
pub(super) fn alert_log(model: &Model, texts: &Texts, now: Timestamp, zone: &TimeZone) -> Vec<Happening> {
    let entries = model.alerts.log().entries().rev();
    let happening = |entry: &crate::alerts::Entry| Happening {
        key: entry.number.to_string(),
        time: moment(entry.at, now, zone),
        text: entry.sentence(texts),
    };
    entries.map(happening).collect()
}

/// What holds for a contact without a rule of its own.
fn inherited(person: Option<&Person>, alerts: &AlertSettings, texts: &Texts) -> (Rule, String) {
    let group = person.and_then(|person| person.group.as_deref());
    let of_group = group.and_then(|group| alerts.groups.get_key_value(group));
    if let Some((group, rule)) = of_group.filter(|(_, rule)| rule.often != Often::Default) {
        let rule_words = own_words(rule, alerts, texts);
        let values = [("group", Arg::from(group)), ("rule", Arg::from(&rule_words))];
        return (rule.clone(), texts.with("alert-rule-of-group", &values));
    }
    let words = match (alerts.tell_of, person.is_some_and(|person| person.favourite)) {
        (TellOf::Everybody, _) => "alert-rule-everybody",
        (TellOf::Favourites, true) => "alert-rule-favourites",
        (TellOf::Favourites, false) => "alert-rule-only-favourites",
        (TellOf::Nobody, _) => "alert-rule-nobody",
    };
    (Rule::default(), texts.get(words))
}

/// A rule that says something as a sentence.
fn own_words(rule: &Rule, alerts: &AlertSettings, texts: &Texts) -> String {
    let id = match rule.often {
        Often::Never => return texts.get("alert-rule-never"),
        Often::Once => "alert-rule-once",
        Often::Always | Often::Default => "alert-rule-always",
    };
    let occasions = [Occasion::Comes, Occasion::Goes, Occasion::BecomesFree, Occasion::IsBack];
    let when = occasions.into_iter().filter(|occasion| rule.is_for(*occasion)).map(|occasion| {
        texts.get(match occasion {
            Occasion::Comes => "alert-when-comes",
            Occasion::Goes => "alert-when-goes",
            Occasion::BecomesFree => "alert-when-free",
            Occasion::IsBack => "alert-when-back",
        })
    });
    let when = when.collect::<Vec<_>>().join(", ");
    let mut words = texts.with(id, &[("when", Arg::from(&when))]);
    for (holds, id) in [
        (rule.notification && rule.sound.unwrap_or(alerts.sound), "alert-rule-sound"),
        (rule.even_when_quiet, "alert-rule-even-when-quiet"),
        (!rule.notification, "alert-rule-no-notification"),
        (rule.command.is_some() && alerts.allow_commands, "alert-rule-command"),
    ] {
        if holds {
            words.push_str(&texts.with("alert-rule-more", &[("more", Arg::from(&texts.get(id)))]));
        }
    }
    words
}

fn rule_view(rule: &Rule, often: Often, words: String, alerts: &AlertSettings) -> RuleView {
    RuleView {
        often,
        when: rule.when.iter().copied().collect(),
        notification: rule.notification,
        sound: rule.sound.unwrap_or(alerts.sound),
        command: rule.command.as_ref().map(|argv| argv.join("\n")).unwrap_or_default(),
        commands_allowed: alerts.allow_commands,
        even_when_quiet: rule.even_when_quiet,
        words,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_is_said_whole() {
        let alerts = AlertSettings { allow_commands: true, ..AlertSettings::default() };
        let rule = Rule {
            often: Often::Always,
            when: [Occasion::Comes, Occasion::Goes].into(),
            sound: Some(true),
            command: Some(vec!["lamp".to_owned()]),
            even_when_quiet: true,
            ..Rule::default()
        };
        for (language, rule, words) in [
            (
                "en",
                rule.clone(),
                "Told each time they come online, go offline; with a sound; also in quiet hours; runs a program",
            ),
            ("en", Rule { often: Often::Never, ..rule.clone() }, "Never told"),
            ("en", Rule { often: Often::Once, ..Rule::default() }, "Told the next time they come online"),
            ("es", Rule { often: Often::Once, ..Rule::default() }, "Se avisa la próxima vez que se conecte"),
        ] {
            assert_eq!(own_words(&rule, &alerts, &Texts::for_locale(language)), words);
        }
    }

    #[test]
    fn without_a_rule_it_is_said_whose_holds() {
        let texts = Texts::for_locale("en");
        let server = crate::server_url::ServerUrl::parse("https://a.example").unwrap();
        let key = PersonKey { server, login: String::new(), id: "7".to_owned() };
        let mut person = Person { group: Some("Work".to_owned()), ..Person::new(key) };
        let mut alerts = AlertSettings { tell_of: TellOf::Favourites, ..AlertSettings::default() };
        let words = |person: &Person, alerts: &AlertSettings| inherited(Some(person), alerts, &texts).1;
        assert_eq!(words(&person, &alerts), "As for everybody: not told, only of favourites");
        person.favourite = true;
        assert_eq!(words(&person, &alerts), "As for favourites: told when they come online");
        let never = Rule { often: Often::Never, ..Rule::default() };
        alerts.groups.insert("Work".to_owned(), never);
        assert_eq!(words(&person, &alerts), "As for the group Work: Never told");
    }
}
