//! What people note of those they know, how they want the list, and what they are spared.

use super::*;
use crate::{
    settings::Sort,
    view::{RowView, Shape},
};

fn rows(view: &View) -> Vec<String> {
    let row = |row: &RowView| match row {
        RowView::Account { name, .. } => format!("## {name}"),
        RowView::Heading { text, count, .. } => format!("# {text} {count}"),
        RowView::Contact { name, .. } => name.clone(),
    };
    view.roster.rows.iter().map(row).collect()
}

/// Waits until the list reads like this.
async fn reads(stage: &mut Stage, expected: &[&str]) -> View {
    stage.view(&format!("{expected:?}"), |view| rows(view) == expected).await
}

/// The key and the identity of somebody in sight.
fn row_of(view: &View, name: &str) -> (String, AccountNumber, String) {
    let mut rows = view.roster.rows.iter();
    let row = rows.find_map(|row| match row {
        RowView::Contact { key, account, id, name: of, .. } if of == name => {
            Some((key.clone(), *account, id.clone()))
        }
        _ => None,
    });
    row.unwrap_or_else(|| panic!("{name} is not in {:#?}", view.roster.rows))
}

async fn with_three(field: &Field) -> Stage {
    for email in ["ana@x", "beto@x", "zoe@x"] {
        field.comes(email);
    }
    let mut stage = signed_in(field).await;
    stage.core.tell(Command::Attach { from: 0, len: 60 }).await;
    stage.view("everybody", |view| view.roster.total == 4).await;
    stage
}

fn people() -> Field {
    Field::with_people(&["ana@x", "beto@x", "zoe@x"])
}

#[tokio::test(start_paused = true)]
async fn what_is_noted_of_somebody_is_shown_and_kept() {
    let field = people();
    let mut stage = with_three(&field).await;
    let (_, account, zoe) = row_of(&stage.view_now().await, "zoe");
    for note in [
        PersonNote::Favourite(true),
        PersonNote::Alias("  Tía\u{202E} Zoe ".to_owned()),
        PersonNote::Note("likes\n\tchess ".to_owned()),
    ] {
        stage.core.tell(Command::Note(account, zoe.clone(), note)).await;
    }
    let view = reads(&mut stage, &["# Favourites 1 of 1", "Tía Zoe", "# Online 2", "ana", "beto"]).await;
    assert!(matches!(view.roster.rows[1], RowView::Contact { favourite: true, .. }));
    stage.core.tell(Command::Search("CHESS".to_owned())).await;
    reads(&mut stage, &["# Favourites 1 of 1", "Tía Zoe"]).await;
    let kept = field.world().settings.people.clone();
    assert_eq!((kept.len(), kept[0].note.as_str()), (1, "likes\nchess"));
    for note in
        [PersonNote::Favourite(false), PersonNote::Alias(String::new()), PersonNote::Note(" ".to_owned())]
    {
        stage.core.tell(Command::Note(account, zoe.clone(), note)).await;
    }
    stage.core.tell(Command::Note(account, "nobody".to_owned(), PersonNote::Favourite(true))).await;
    stage.core.tell(Command::Search(String::new())).await;
    reads(&mut stage, &["# Online 3", "ana", "beto", "zoe"]).await;
    assert_eq!(field.world().settings.people, [], "nothing is kept of whom nothing is noted");
}

#[tokio::test(start_paused = true)]
async fn a_search_that_finds_nobody_says_so_and_is_over_when_the_window_is_closed() {
    let field = people();
    let mut stage = with_three(&field).await;
    stage.core.tell(Command::Search("nadie".to_owned())).await;
    let view = reads(&mut stage, &[]).await;
    assert_eq!(view.roster.empty.as_deref(), Some("Nobody is found by “nadie”."));
    stage.core.tell(Command::Detach).await;
    field.goes("beto@x");
    stage.core.tell(Command::Attach { from: 0, len: 60 }).await;
    let view = reads(&mut stage, &["# Online 2", "ana", "zoe", "# Offline 1"]).await;
    assert_eq!(view.roster.search, "");
}

#[tokio::test(start_paused = true)]
async fn how_the_list_is_sorted_and_folded_is_kept() {
    let field = people();
    let mut stage = with_three(&field).await;
    field.goes("beto@x");
    let view = stage.view("somebody gone", |view| rows(view).contains(&"# Offline 1".to_owned())).await;
    let section = |view: &View, title: &str| {
        let mut rows = view.roster.rows.iter();
        rows.find_map(|row| match row {
            RowView::Heading { text, section, expanded, .. } if text == title => {
                Some((section.clone(), *expanded))
            }
            _ => None,
        })
        .unwrap()
    };
    let ((offline, false), (online, true)) = (section(&view, "Offline"), section(&view, "Online")) else {
        panic!("folded otherwise: {view:#?}")
    };
    stage.core.tell(Command::Fold { section: offline.clone(), folded: false }).await;
    stage.core.tell(Command::Fold { section: online.clone(), folded: true }).await;
    stage.core.tell(Command::Fold { section: "nothing of the kind".to_owned(), folded: true }).await;
    stage.core.tell(Command::Sort(Sort::Recent)).await;
    let is_sorted = |view: &View| view.roster.sort == Sort::Recent;
    let view = stage.view("sorted otherwise", is_sorted).await;
    assert_eq!(rows(&view), ["# Online 2", "# Offline 1", "beto"]);
    let kept = field.world().settings.list.clone();
    assert_eq!(kept.sort, Sort::Recent);
    assert_eq!((kept.unfolded, kept.folded), ([offline.clone()].into(), [online].into()));
    stage.core.tell(Command::Fold { section: offline, folded: true }).await;
    stage.view("folded", |view| rows(view).len() == 2).await;
    assert!(field.world().settings.list.unfolded.is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_row_under_the_pointer_stays_where_it_is_until_the_pointer_goes() {
    let field = people();
    let mut stage = with_three(&field).await;
    let (key, ..) = row_of(&stage.view_now().await, "beto");
    stage.core.tell(Command::Look { from: 0, len: 60, pins: vec![key.clone()] }).await;
    field.goes("beto@x");
    let is_gone = |view: &View| {
        view.roster.rows.iter().any(|row| matches!(row, RowView::Contact { shape: Shape::Offline, .. }))
    };
    let view = stage.view("his going", is_gone).await;
    assert_eq!(rows(&view), ["# Online 3", "ana", "beto", "zoe"]);
    assert_eq!(row_of(&view, "beto").0, key);
    stage.core.tell(Command::Look { from: 0, len: 60, pins: vec!["h0".to_owned(), "c".to_owned()] }).await;
    stage.view("him in his place", |view| rows(view) == ["# Online 2", "ana", "zoe", "# Offline 1"]).await;
}

/// What was shown so far that told of trouble.
fn trouble(stage: &Stage) -> Vec<&Update> {
    let tells = |update: &&Update| match update {
        Update::View(view) => view.roster.stale || view.roster.banner.is_some() || view.roster.presence_busy,
        Update::Tray(tray) => tray.shape == Shape::Cut,
        _ => false,
    };
    stage.seen.iter().filter(tells).collect()
}

#[tokio::test(start_paused = true)]
async fn a_connection_that_is_back_within_two_seconds_was_never_away() {
    let field = people();
    let mut stage = with_three(&field).await;
    stage.seen.clear();
    let began = Instant::now();
    field.closes_sockets();
    stage.roster().await;
    let took = began.elapsed();
    assert!(took > seconds(1) && took < seconds(2), "the test needs a short loss, not {took:?}");
    stage.notified_within(seconds(5)).await;
    assert_eq!(trouble(&stage), Vec::<&Update>::new());
}

#[tokio::test(start_paused = true)]
async fn a_longer_loss_is_shown_after_two_seconds_in_window_and_tray() {
    let field = people();
    let mut stage = with_three(&field).await;
    stage.seen.clear();
    field.world().down = true;
    field.closes_sockets();
    stage.notified_within(Duration::from_millis(1_900)).await;
    assert_eq!(trouble(&stage), Vec::<&Update>::new());
    stage.notified_within(Duration::from_millis(200)).await;
    let (views, trays): (Vec<_>, Vec<_>) =
        trouble(&stage).into_iter().partition(|update| matches!(update, Update::View(_)));
    let Some(Update::View(view)) = views.last() else { panic!("no view of it: {trays:?}") };
    assert!(view.roster.stale && view.roster.banner.is_some(), "{:?}", view.roster);
    assert_eq!(trays.len(), 1);
}
