//! A week of somebody with twelve people, an office, a school and a laptop, as lines that can be read. What the policy
//! makes of it is kept in `golden/week.txt`; `PRESENTE_BLESS=1` writes that anew, and a person has to read it then.

use super::play::{Act, Play};
use crate::{
    alerts::{Occasion, Often, QuietHours, Rule, Weekday},
    roster::Availability,
};
use jiff::{
    Timestamp,
    civil::{date, time},
    tz::TimeZone,
};
use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write,
    path::Path,
};

const LIFE: &str = include_str!("../golden/life.txt");
const NAMES: [(&str, &str); 12] = [
    ("ana", "Ana Ríos"),
    ("beto", "Beto Paz"),
    ("carla", "Carla Gil"),
    ("dani", "Dani Soto"),
    ("elena", "Elena Cruz"),
    ("fede", "Fede Luna"),
    ("gabi", "Gabi Mora"),
    ("hugo", "Hugo Vidal"),
    ("ines", "Inés Rey"),
    ("jorge", "Jorge Sanz"),
    ("katia", "Katia Pons"),
    ("leo", "Leo Marín"),
];
const DAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];

/// A week of somebody, and what is written of it.
struct Week {
    play: Play,
    written: String,
    /// What has happened while nobody could hear it.
    unheard: Vec<(String, Act)>,
    hears: bool,
    /// The machine sleeps: nothing is done in time.
    asleep: bool,
}

impl Week {
    fn new() -> Self {
        let mut play = Play::new();
        play.zone = TimeZone::get("Europe/Madrid").unwrap();
        play.now = date(2026, 10, 19).at(7, 0, 0, 0).to_zoned(play.zone.clone()).unwrap().timestamp();
        let nights = QuietHours {
            from: time(22, 0, 0, 0),
            until: time(7, 30, 0, 0),
            weekdays: Weekday::ALL.into(),
            enabled: true,
        };
        play.settings.quiet = vec![nights];
        for (id, name) in NAMES {
            play.person(id).alias = name.to_owned();
        }
        play.person("ana").favourite = true;
        for id in ["beto", "carla", "dani"] {
            play.person(id).group = Some("Work".to_owned());
        }
        let both: BTreeSet<_> = [Occasion::Comes, Occasion::Goes].into();
        let work = Rule { often: Often::Always, when: both.clone(), ..Rule::default() };
        play.settings.groups.insert("Work".to_owned(), work.clone());
        play.rule("elena", Rule { even_when_quiet: true, ..work });
        play.often("fede", Often::Never);
        Self { play, written: String::new(), unheard: Vec::new(), hears: false, asleep: true }
    }

    fn write(&mut self, lines: &[String]) {
        let at = self.play.now.to_zoned(self.play.zone.clone()).strftime("%a %H:%M:%S").to_string();
        for line in lines {
            let line = match line.split_once(": ").filter(|_| !line.starts_with('·')) {
                Some((tag, told)) => format!("told       {told:<52} [{tag}]"),
                None => match line.split_once(" goes away") {
                    Some((tag, _)) => format!("withdrawn  [{tag}]"),
                    None => line.clone(),
                },
            };
            writeln!(self.written, "{at}  {line}").unwrap();
        }
        for kept in self.play.kept() {
            let (what, why) = kept.split_once(" · not told: ").unwrap();
            writeln!(self.written, "{at}  kept quiet {what} ({why})").unwrap();
        }
    }

    fn note(&mut self, what: &str) {
        self.write(&[format!("· {what}")]);
    }

    /// Until then, what is due is done in time, unless the machine sleeps.
    fn goes_on_until(&mut self, then: Timestamp) {
        while let Some(due) = self.play.policy.deadline().filter(|due| *due <= then && !self.asleep) {
            self.play.now = self.play.now.max(due);
            let told = self.play.ticks();
            self.write(&told);
        }
        self.play.now = then;
    }

    fn heard(&mut self, silent: bool, acts: &[(String, Act)]) {
        let acts: Vec<_> = acts.iter().map(|(id, act)| (id.as_str(), *act)).collect();
        let told = self.play.hears(silent, &acts);
        self.write(&told);
    }

    fn people(&mut self, acts: Vec<(String, Act)>) {
        if self.hears {
            self.heard(false, &acts);
        } else {
            self.unheard.extend(acts);
        }
    }

    fn happens(&mut self, what: &str) {
        let (verb, rest) = what.split_once(' ').unwrap_or((what, ""));
        let all = |act: Act| rest.split(' ').map(|id| (id.to_owned(), act)).collect::<Vec<_>>();
        match verb {
            "+" => self.people(all(Act::Comes)),
            "-" => self.people(all(Act::Goes)),
            "away" => self.people(all(Act::Is(Availability::Away))),
            "dnd" => self.people(all(Act::Is(Availability::DoNotDisturb))),
            "free" => self.people(all(Act::Is(Availability::Online))),
            "list" => self.list(rest),
            "starts" | "wakes" | "back" => self.is_awake(verb),
            "sleeps" | "cut" => self.is_cut(verb),
            "me" => {
                self.note(if rest == "dnd" { "a meeting: do not disturb" } else { "the meeting is over" });
                self.play.do_not_disturb = rest == "dnd";
                let told = self.play.ticks();
                self.write(&told);
            }
            "snooze" => {
                let minutes: i64 = rest.parse().unwrap();
                self.note(&format!("snoozed for {minutes} minutes"));
                let until = self.play.now + jiff::SignedDuration::from_mins(minutes);
                self.play.settings.snoozed_until = Some(until);
                let told = self.play.ticks();
                self.write(&told);
            }
            "rule" => self.wishes(rest),
            "look" => {
                self.note("the window is opened");
                self.play.policy.looked();
            }
            other => panic!("nothing happens like that: {other}"),
        }
    }

    fn list(&mut self, rest: &str) {
        let mut acts = std::mem::take(&mut self.unheard);
        for word in rest.split(' ').filter(|word| !word.is_empty() && *word != "+") {
            acts.push(match word.split_once(':') {
                Some((_, id)) => (id.to_owned(), Act::Is(Availability::Away)),
                None => (word.to_owned(), Act::Comes),
            });
        }
        self.hears = true;
        // A list tells only how things are at last.
        let last: BTreeMap<_, _> = acts.into_iter().collect();
        let acts: Vec<_> = last.into_iter().collect();
        self.heard(true, &acts);
    }

    fn is_awake(&mut self, verb: &str) {
        self.note(match verb {
            "starts" => "the app starts",
            "wakes" => "the laptop wakes",
            _ => "connected again",
        });
        self.asleep = false;
        let mut told = self.play.loses_connection();
        told.extend(self.play.ticks());
        self.write(&told);
    }

    fn is_cut(&mut self, verb: &str) {
        self.note(if verb == "sleeps" { "the laptop sleeps" } else { "the connection is lost" });
        self.hears = false;
        self.asleep = verb == "sleeps";
        if verb == "cut" {
            let told = self.play.loses_connection();
            self.write(&told);
        }
    }

    fn wishes(&mut self, rest: &str) {
        let words: Vec<_> = rest.split(' ').collect();
        let when = if words.contains(&"free") { Occasion::BecomesFree } else { Occasion::Comes };
        let name = NAMES.iter().find(|(id, _)| *id == words[0]).unwrap().1;
        let what = if when == Occasion::Comes { "comes" } else { "is free" };
        self.note(&format!("tell me the next time {name} {what}"));
        self.play.rule(words[0], Rule { often: Often::Once, when: [when].into(), ..Rule::default() });
    }
}

/// The week, written.
fn lived() -> String {
    let mut week = Week::new();
    let mut day = "";
    for line in LIFE.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
        let mut words = line.splitn(3, ' ');
        let (on, at, what) = (words.next().unwrap(), words.next().unwrap(), words.next().unwrap());
        let days = DAYS.iter().position(|name| *name == on).unwrap();
        let on_day = date(2026, 10, 19 + i8::try_from(days).unwrap());
        let then = on_day.to_datetime(at.parse().unwrap()).to_zoned(week.play.zone.clone()).unwrap();
        week.goes_on_until(then.timestamp());
        if day != on {
            day = on;
            week.written.push('\n');
        }
        week.happens(what);
    }
    week.written.trim_start().to_owned()
}

#[test]
fn a_week_is_told_as_somebody_would_want_it() {
    let lived = lived();
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/alerts/golden/week.txt");
    if std::env::var_os("PRESENTE_BLESS").is_some() {
        std::fs::write(&file, &lived).unwrap();
    }
    let golden = std::fs::read_to_string(&file).expect("the week is kept");
    for (number, (is, was)) in lived.lines().zip(golden.lines()).enumerate() {
        assert_eq!(is, was, "line {} of golden/week.txt", number + 1);
    }
    assert_eq!(lived.lines().count(), golden.lines().count(), "as many lines");
}
