//! How we want to be seen, at a server that tells nobody more than that somebody is online: what is chosen, what the
//! desktop says of whether anybody is there, and what is left of both after a restart.

use super::*;
use crate::{
    settings::Theme,
    view::{Shape, Tray},
};
use OwnAvailability::{Away, DoNotDisturb, Invisible, Online};

async fn watched(field: &Field) -> Stage {
    let mut stage = signed_in(field).await;
    stage.core.tell(Command::Attach { from: 0, len: 20 }).await;
    stage.view("the roster", |view| view.screen == Screen::Roster).await;
    stage
}

impl Stage {
    /// Waits until we are shown so: in words, in shape, and as chosen.
    async fn is_shown(&mut self, words: &str, shape: Shape, state: OwnAvailability) -> View {
        let fits = |view: &View| {
            let me = view.roster.me.as_ref().map(|me| me.shape);
            view.roster.presence_text == words && me == Some(shape) && view.roster.state == state
        };
        self.view(&format!("{words}, {shape:?}, {state:?}"), fits).await
    }

    async fn tray(&mut self, what: &str, fits: impl Fn(&Tray) -> bool) -> Tray {
        self.next(what, |update| match update {
            Update::Tray(tray) if fits(tray) => Some(tray.as_ref().clone()),
            _ => None,
        })
        .await
    }

    async fn counts_as_away_after(&mut self, minutes: u16) {
        let change = SettingsChange { auto_away_minutes: Some(minutes), ..SettingsChange::default() };
        self.core.tell(Command::ChangeSettings(Box::new(change))).await;
        let told = |update: &Update| (*update == Update::AutoAway(minutes)).then_some(());
        self.next("that the desktop is to be asked", told).await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_view_says_of_which_change_of_the_page_it_knows_and_a_new_page_begins_anew() {
    let field = Field::with_people(&[]);
    let mut stage = watched(&field).await;
    let change = SettingsChange { theme: Some(Theme::Dark), ..SettingsChange::default() };
    stage.core.tell(Command::ChangeSettings(Box::new(change))).await;
    stage.core.tell(Command::Heard(1)).await;
    let view = stage.view("that it is heard", |view| view.heard == 1).await;
    assert_eq!(view.theme, Theme::Dark);
    stage.core.tell(Command::Attach { from: 0, len: 20 }).await;
    stage.view("a view for the new page", |view| view.heard == 0).await;
}

#[tokio::test(start_paused = true)]
async fn each_time_the_line_is_asked_for_the_page_is_offered_it_under_another_number() {
    let field = Field::with_people(&[]);
    let mut stage = watched(&field).await;
    let mut numbers = Vec::new();
    for _ in 0..3 {
        stage.core.tell(Command::EditStatusLine).await;
        let view = stage.view("the offer", |view| view.roster.offers_status_line.is_some()).await;
        numbers.extend(view.roster.offers_status_line);
        stage.core.tell(Command::StatusLineOffered).await;
        stage.view("no offer", |view| view.roster.offers_status_line.is_none()).await;
    }
    numbers.dedup();
    assert_eq!(numbers.len(), 3, "{numbers:?}");
}

#[tokio::test(start_paused = true)]
async fn away_and_do_not_disturb_are_kept_here_and_others_see_us_online() {
    let field = Field::with_people(&["ana@x"]);
    let mut stage = watched(&field).await;
    for (state, words, shape) in [
        (Away, "Away", Shape::Away),
        (DoNotDisturb, "Do not disturb", Shape::Busy),
        (Invisible, "Appearing offline", Shape::Offline),
        (Online, "Online", Shape::Online),
    ] {
        stage.core.tell(Command::SetState(state, None)).await;
        let view = stage.is_shown(words, shape, state).await;
        assert!(!view.roster.tells_more);
        assert_eq!((view.roster.accounts[0].state, view.roster.accounts[0].shape), (state, shape));
        assert_eq!(field.world().online.contains(ME), state != Invisible, "{state:?}");
    }
    assert_eq!(field.asked("sign in"), 2, "once, and after being invisible");
}

#[tokio::test(start_paused = true)]
async fn what_is_chosen_is_so_after_a_restart() {
    let field = Field::with_people(&[]);
    let mut stage = watched(&field).await;
    stage.core.tell(Command::SetState(DoNotDisturb, None)).await;
    stage.core.tell(Command::SetStatusLine("  en\ncasa ".to_owned(), None)).await;
    stage.is_shown("Do not disturb", Shape::Busy, DoNotDisturb).await;
    stage.notified_within(seconds(1)).await;
    stage.crash().await;
    field.closes_sockets();

    let mut stage = field.start();
    stage.core.tell(Command::Attach { from: 0, len: 20 }).await;
    let view = stage.is_shown("Do not disturb", Shape::Busy, DoNotDisturb).await;
    assert_eq!(view.roster.status_line, "en casa");
    stage.core.tell(Command::SetState(Invisible, None)).await;
    stage.is_shown("Appearing offline", Shape::Offline, Invisible).await;
    stage.notified_within(seconds(1)).await;
    stage.crash().await;

    let mut stage = field.start();
    stage.core.tell(Command::Attach { from: 0, len: 20 }).await;
    stage.is_shown("Appearing offline", Shape::Offline, Invisible).await;
    assert_eq!(field.world().settings.availability, DoNotDisturb.shown().unwrap(), "it is what comes after");
}

#[tokio::test(start_paused = true)]
async fn who_leaves_is_away_until_they_are_back_where_they_asked_for_that() {
    let field = Field::with_people(&[]);
    let mut stage = watched(&field).await;
    let idle = |minutes: u64| Command::Activity(Activity::Idle(seconds(minutes * 60)));
    stage.core.tell(idle(60)).await;
    assert_eq!(stage.view_now().await.roster.presence_text, "Online", "nobody asked for it");
    stage.counts_as_away_after(5).await;
    stage.is_shown("Away", Shape::Away, Online).await;
    stage.core.tell(idle(0)).await;
    stage.is_shown("Online", Shape::Online, Online).await;
    stage.core.tell(Command::Activity(Activity::Locked(true))).await;
    stage.is_shown("Away", Shape::Away, Online).await;
    stage.core.tell(Command::Activity(Activity::Locked(false))).await;
    stage.is_shown("Online", Shape::Online, Online).await;
    stage.core.tell(idle(5)).await;
    stage.tray("the icon too", |tray| tray.shape == Shape::Away && tray.state == Some(Online)).await;
    stage.counts_as_away_after(0).await;
    stage.is_shown("Online", Shape::Online, Online).await;
}

#[tokio::test(start_paused = true)]
async fn what_is_chosen_by_hand_is_never_overridden() {
    let field = Field::with_people(&[]);
    let mut stage = watched(&field).await;
    stage.counts_as_away_after(5).await;
    for (state, words) in [(DoNotDisturb, "Do not disturb"), (Invisible, "Appearing offline"), (Away, "Away")]
    {
        stage.core.tell(Command::SetState(state, None)).await;
        stage.view(words, |view| view.roster.presence_text == words).await;
        for idle in [seconds(3600), Duration::ZERO] {
            stage.core.tell(Command::Activity(Activity::Idle(idle))).await;
            let roster = stage.view_now().await.roster;
            assert_eq!((roster.state, roster.presence_text.as_str()), (state, words), "after {idle:?}");
        }
    }
    stage.core.tell(Command::Activity(Activity::Idle(seconds(3600)))).await;
    stage.core.tell(Command::SetState(Online, None)).await;
    stage.is_shown("Online", Shape::Online, Online).await;
}

#[tokio::test(start_paused = true)]
async fn the_tray_says_how_we_are_and_names_favourites_who_are_there() {
    let field = Field::with_people(&["ana@x", "beto@x"]);
    field.comes("ana@x");
    let mut stage = watched(&field).await;
    let view = stage.view_now().await;
    let account = view.roster.accounts[0].account;
    let ids: Vec<String> = stage
        .seen
        .iter()
        .rev()
        .find_map(|update| match update {
            Update::Roster(_, contacts) => {
                Some(contacts.iter().map(|contact| contact.id.to_string()).collect())
            }
            _ => None,
        })
        .unwrap();
    for id in ids {
        stage.core.tell(Command::Note(account, id.clone(), PersonNote::Favourite(true))).await;
        stage.core.tell(Command::Note(account, id, PersonNote::Alias("Anita".to_owned()))).await;
    }
    let tray =
        stage.tray("a favourite", |tray| tray.favourites.iter().any(|it| it.words == "Anita: Online")).await;
    assert_eq!(tray.states, ["Online", "Away", "Do not disturb", "Appear offline"]);
    assert_eq!((tray.state, tray.snoozed, tray.favourites.len()), (Some(Online), false, 1));
    field.goes("ana@x");
    stage.tray("nobody", |tray| tray.favourites.is_empty()).await;
    stage.core.tell(Command::Snooze(Some(30))).await;
    let tray = stage.tray("the pause", |tray| tray.snoozed).await;
    assert_eq!(tray.snooze, "Resume alerts");
    field.world().wall += jiff::SignedDuration::from_mins(31);
    stage.tray("its end", |tray| !tray.snoozed).await;
}
