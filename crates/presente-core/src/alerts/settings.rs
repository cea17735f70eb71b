//! What people wish about alerts as a whole. What is out of range is brought into it when it is read.

use super::Rule;
use jiff::{Timestamp, civil::Time};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};
use std::collections::{BTreeMap, BTreeSet};

/// The longest hold, seconds.
pub const MAX_HOLD: u32 = 60;
/// The longest absence that may be asked for, seconds.
pub const MAX_ABSENCE: u32 = 3_600;
/// The longest cool-down, seconds.
pub const MAX_COOL_DOWN: u32 = 24 * 3_600;
/// The most quiet hours that are kept.
pub const MAX_QUIET: usize = 32;

/// Whom people are told of where no rule says otherwise.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TellOf {
    /// Everybody.
    #[default]
    Everybody,
    /// Favourites.
    Favourites,
    /// Nobody.
    Nobody,
}

/// A day of the week.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Weekday {
    /// Monday.
    Mon,
    /// Tuesday.
    Tue,
    /// Wednesday.
    Wed,
    /// Thursday.
    Thu,
    /// Friday.
    Fri,
    /// Saturday.
    Sat,
    /// Sunday.
    Sun,
}

impl Weekday {
    /// The whole week, from Monday on.
    pub const ALL: [Self; 7] = [Self::Mon, Self::Tue, Self::Wed, Self::Thu, Self::Fri, Self::Sat, Self::Sun];
}

impl From<jiff::civil::Weekday> for Weekday {
    fn from(day: jiff::civil::Weekday) -> Self {
        use jiff::civil::Weekday as Day;
        match day {
            Day::Monday => Self::Mon,
            Day::Tuesday => Self::Tue,
            Day::Wednesday => Self::Wed,
            Day::Thursday => Self::Thu,
            Day::Friday => Self::Fri,
            Day::Saturday => Self::Sat,
            Day::Sunday => Self::Sun,
        }
    }
}

/// Hours in which nobody is told of anything.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub struct QuietHours {
    /// When they begin, `HH:MM` in the user's time zone.
    #[serde(deserialize_with = "time", serialize_with = "hh_mm")]
    pub from: Time,
    /// When they end, `HH:MM`; on the next day if that is not after `from`. The same time is a whole day.
    #[serde(deserialize_with = "time", serialize_with = "hh_mm")]
    pub until: Time,
    /// The days on which they begin.
    #[serde(default = "whole_week")]
    pub weekdays: BTreeSet<Weekday>,
    /// Whether they hold.
    #[serde(default = "yes")]
    pub enabled: bool,
}

/// What people wish about alerts as a whole.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", default)]
pub struct AlertSettings {
    /// Whom people are told of where no rule says otherwise.
    pub tell_of: TellOf,
    /// Whether notifications make a sound where no rule says otherwise.
    pub sound: bool,
    /// How long somebody must be gone before that counts, seconds.
    #[serde(deserialize_with = "hold")]
    pub hold: u32,
    /// How long somebody must have been gone for their coming to be told, seconds.
    #[serde(deserialize_with = "absence")]
    pub absence: u32,
    /// How long nothing is told again of the same contact and occasion, seconds.
    #[serde(deserialize_with = "cool_down")]
    pub cool_down: u32,
    /// Hours in which nobody is told of anything.
    #[serde(deserialize_with = "quiet")]
    pub quiet: Vec<QuietHours>,
    /// What was missed while alerts were quiet is told in one sentence afterwards.
    pub summary: bool,
    /// Rules may run commands.
    pub allow_commands: bool,
    /// Nobody is told of anything until then.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub snoozed_until: Option<Timestamp>,
    /// The rules of groups, by the group's name.
    pub groups: BTreeMap<String, Rule>,
}

impl Default for AlertSettings {
    fn default() -> Self {
        Self {
            tell_of: TellOf::Everybody,
            sound: false,
            hold: 8,
            absence: 60,
            cool_down: 300,
            quiet: Vec::new(),
            summary: true,
            allow_commands: false,
            snoozed_until: None,
            groups: BTreeMap::new(),
        }
    }
}

impl AlertSettings {
    /// The same, with what is out of range brought into it.
    #[must_use]
    pub fn within_bounds(mut self) -> Self {
        self.hold = self.hold.min(MAX_HOLD);
        self.absence = self.absence.min(MAX_ABSENCE);
        self.cool_down = self.cool_down.min(MAX_COOL_DOWN);
        self.quiet.truncate(MAX_QUIET);
        self
    }
}

/// Seconds between nothing and a maximum, whatever number is written.
fn seconds<'de, D: Deserializer<'de>>(reader: D, max: u32) -> Result<u32, D::Error> {
    let written = i64::deserialize(reader)?;
    Ok(u32::try_from(written.max(0)).unwrap_or(max).min(max))
}

fn hold<'de, D: Deserializer<'de>>(reader: D) -> Result<u32, D::Error> {
    seconds(reader, MAX_HOLD)
}

fn absence<'de, D: Deserializer<'de>>(reader: D) -> Result<u32, D::Error> {
    seconds(reader, MAX_ABSENCE)
}

fn cool_down<'de, D: Deserializer<'de>>(reader: D) -> Result<u32, D::Error> {
    seconds(reader, MAX_COOL_DOWN)
}

fn quiet<'de, D: Deserializer<'de>>(reader: D) -> Result<Vec<QuietHours>, D::Error> {
    let mut quiet = Vec::<QuietHours>::deserialize(reader)?;
    quiet.truncate(MAX_QUIET);
    Ok(quiet)
}

fn whole_week() -> BTreeSet<Weekday> {
    BTreeSet::from(Weekday::ALL)
}

fn yes() -> bool {
    true
}

fn time<'de, D: Deserializer<'de>>(reader: D) -> Result<Time, D::Error> {
    let written = String::deserialize(reader)?;
    let time = Time::strptime("%H:%M", &written).or_else(|_| Time::strptime("%H:%M:%S", &written));
    time.map_err(D::Error::custom)
}

fn hh_mm<S: Serializer>(time: &Time, writer: S) -> Result<S::Ok, S::Error> {
    writer.collect_str(&time.strftime("%H:%M"))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may fail by panicking")]

    use super::*;
    use jiff::civil::time;

    #[test]
    fn what_is_out_of_range_is_brought_into_it_and_what_is_missing_is_as_usual() {
        let read = |text: &str| toml::from_str::<AlertSettings>(text).unwrap();
        assert_eq!(read(""), AlertSettings::default());
        let odd = read("hold = 9999999999\nabsence = -5\ncool_down = 86401\n");
        assert_eq!((odd.hold, odd.absence, odd.cool_down), (MAX_HOLD, 0, MAX_COOL_DOWN));
        let odd =
            AlertSettings { hold: 61, absence: u32::MAX, cool_down: u32::MAX, ..AlertSettings::default() };
        let put_right = odd.within_bounds();
        assert_eq!((put_right.hold, put_right.absence, put_right.cool_down), (60, 3_600, 86_400));
    }

    #[test]
    fn settings_come_back_as_they_were_written() {
        let nights = QuietHours {
            from: time(22, 0, 0, 0),
            until: time(7, 30, 0, 0),
            weekdays: [Weekday::Sun, Weekday::Mon].into(),
            enabled: false,
        };
        let mut settings = AlertSettings { quiet: vec![nights], ..AlertSettings::default() };
        settings.snoozed_until = Some(Timestamp::UNIX_EPOCH);
        settings.groups.insert("School".to_owned(), Rule::default());
        let text = toml::to_string(&settings).unwrap();
        assert!(text.contains("from = \"22:00\"") && text.contains("until = \"07:30\""), "{text}");
        assert_eq!(toml::from_str::<AlertSettings>(&text).unwrap(), settings, "{text}");
        let short: QuietHours = toml::from_str("from = \"22:00\"\nuntil = \"07:30:00\"").unwrap();
        assert_eq!((short.weekdays.len(), short.enabled), (7, true));
    }
}
