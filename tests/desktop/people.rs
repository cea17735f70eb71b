//! The list: who stands where in it, how somebody is found in it, and that nothing moves under the pointer.

use crate::stage::{
    Page, TITLE, crowd, lucia, server_with, settings, sign_in_quietly, sign_out_quietly, world,
};
use presente_tests::{
    desktop::{DrivenApp, World},
    node::{FieldClient, ReferenceServer},
    wait::{PATIENCE, until, until_with_state},
};
use thirtyfour::{By, Key};

/// Waits until the rows are these: headings with their count, names.
async fn rows(app: &DrivenApp, wanted: &[&str]) {
    let rows = "return [...document.querySelectorAll('#rows .row')]
        .sort((a, b) => a.getAttribute('aria-posinset') - b.getAttribute('aria-posinset'))
        .map((row) => row.querySelector('.name, h2').textContent
            + (row.querySelector('.count') ? ' ' + row.querySelector('.count').textContent : ''))";
    until_with_state(&format!("the rows to be {wanted:?}"), PATIENCE, async || {
        let found = app.page().execute(rows, vec![]).await.map_err(|error| error.to_string())?;
        let found: Vec<String> = found.convert().map_err(|error| error.to_string())?;
        if found == wanted { Ok(()) } else { Err(format!("they are {found:?}")) }
    })
    .await
    .unwrap();
}

/// The app with three people and Ana in its list.
async fn three_and_ana(world: &World) -> (DrivenApp, ReferenceServer, FieldClient) {
    let people = crowd(3);
    let (server, mut ana) = server_with(&people).await;
    sign_in_quietly(&server, &people).await;
    ana.list().unwrap();
    let app = world.app().drive().await.unwrap();
    app.sign_in(server.url(), &lucia()).await;
    rows(&app, &["Online 4", "Ana Ríos", "Person 00", "Person 01", "Person 02"]).await;
    (app, server, ana)
}

async fn press(app: &DrivenApp, key: impl Into<thirtyfour::TypingData>) {
    app.active().await.send_keys(key).await.unwrap();
}

#[tokio::test]
async fn somebody_is_found_by_typing_and_escape_brings_everybody_back() {
    let world = world().await;
    let (app, _server, _ana) = three_and_ana(&world).await;
    app.page().find(By::Css("body")).await.unwrap().send_keys("/").await.unwrap();
    app.looks("the field to have the focus", "return document.activeElement.id", "search".into()).await;
    press(&app, "rios").await;
    rows(&app, &["Online 1", "Ana Ríos"]).await;
    press(&app, "x").await;
    app.says("#empty-text", "Nobody is found by “riosx”").await;
    press(&app, Key::Escape).await;
    rows(&app, &["Online 4", "Ana Ríos", "Person 00", "Person 01", "Person 02"]).await;
    press(&app, "02").await;
    rows(&app, &["Online 1", "Person 02"]).await;
    press(&app, Key::Enter).await;
    app.says("#contact-name", "Person 02").await;
}

#[tokio::test]
async fn favourites_come_first_then_groups_and_what_is_noted_is_kept() {
    let world = world().await;
    let (app, _server, _ana) = three_and_ana(&world).await;

    // A favourite by the key `f` on the row.
    let row =
        app.page().find(By::XPath("//div[contains(@class,'contact')][contains(., 'Person 02')]//button"));
    app.page().execute("arguments[0].focus()", vec![row.await.unwrap().to_json().unwrap()]).await.unwrap();
    press(&app, "f").await;
    // What has the focus does not move away under it.
    app.visible("search").await.click().await.unwrap();
    app.points_elsewhere().await;
    rows(&app, &["Favourites 1 of 1", "Person 02", "Online 3", "Ana Ríos", "Person 00", "Person 01"]).await;
    world.tray().await.unwrap().wait_for_label("Person 02: Online").await.unwrap();

    app.open_contact("Person 01").await;
    app.fill("alias", "Jefa").await;
    press(&app, Key::Enter).await;
    app.says("#contact-name", "Jefa").await;
    app.says("#contact-own-name", "Person 01").await;
    app.fill("group", "Escuela").await;
    press(&app, Key::Enter).await;
    app.fill("note", "Llega los lunes").await;
    press(&app, Key::Enter).await;
    app.back().await;
    rows(
        &app,
        &["Favourites 1 of 1", "Person 02", "Escuela 1 of 1", "Jefa", "Online 2", "Ana Ríos", "Person 00"],
    )
    .await;
    let kept = std::fs::read_to_string(settings(&world)).unwrap();
    for words in ["alias = \"Jefa\"", "group = \"Escuela\"", "note = \"Llega los lunes\"", "favourite = true"]
    {
        assert!(kept.contains(words), "{words} in {kept}");
    }
    world.tray().await.unwrap().click_menu("Person 02: Online").await.unwrap();
    app.says("#contact-name", "Person 02").await;
}

#[tokio::test]
async fn a_rule_of_its_own_is_a_drawing_in_the_row_with_words_for_who_listens_or_points_at_it() {
    let world = world().await;
    let (app, _server, _ana) = three_and_ana(&world).await;
    let rules = [
        ("Ana Ríos", "always", "Always told of", ""),
        ("Person 00", "never", "Never told of", ""),
        ("Person 01", "once", "Told of once", "Once"),
    ];
    let mut drawings = Vec::new();
    for (name, often, words, seen) in rules {
        app.open_contact(name).await;
        app.choose("rule-often", often).await;
        app.back().await;
        let row = format!(
            "const row = [...document.querySelectorAll('#rows .contact')]
                 .find((one) => one.querySelector('.name').textContent === '{name}');
             const bell = row.querySelector('.bell');"
        );
        let heard = "return row.querySelector('.main').getAttribute('aria-labelledby').split(' ')
            .map((id) => document.getElementById(id).textContent).join(' | ')";
        let heard = format!("{row} {heard}");
        app.looks("the row to be heard", &heard, format!("{name} | Online | {words}").into()).await;
        let what = format!(
            "{row} const {{ left, top, width, height }} = bell.getBoundingClientRect();
             const pointed = document.elementFromPoint(left + width / 2, top + height / 2);
             return [pointed.closest('[title]')?.title ?? '', bell.lastElementChild.textContent,
                 bell.lastElementChild.offsetWidth > 0]"
        );
        assert_eq!(app.look(&what).await, serde_json::json!([words, seen, !seen.is_empty()]), "{name}");
        drawings
            .push(app.look(&format!("{row} return bell.querySelector('use').getAttribute('href')")).await);
    }
    for (at, drawing) in drawings.iter().enumerate() {
        assert!(!drawings[..at].contains(drawing), "another shape for each: {drawings:?}");
    }
    let room = "return Math.max(...[...document.querySelectorAll('.bell:not([hidden])')]
        .filter((bell) => bell.lastElementChild.textContent === '').map((bell) => bell.offsetWidth))";
    assert!(app.look(room).await.as_f64().unwrap() <= 24.0, "the name keeps its room");

    // A click on it is one on the row.
    let bell = "//div[contains(@class,'contact')][contains(., 'Person 00')]//span[contains(@class,'bell')]";
    app.page().find(By::XPath(bell)).await.unwrap().click().await.unwrap();
    app.says("#contact-name", "Person 00").await;
}

#[tokio::test]
async fn the_list_is_sorted_and_its_sections_folded_as_people_like_it() {
    let people = crowd(3);
    let (world, (server, mut ana)) = (world().await, server_with(&people).await);
    let app = world.app().drive().await.unwrap();
    app.sign_in(server.url(), &lucia()).await;
    rows(&app, &["Online 1", "Ana Ríos"]).await;
    for one in people.iter().rev() {
        sign_in_quietly(&server, std::slice::from_ref(one)).await;
        ana.list().unwrap();
        app.says("#list", &one.first_name).await;
    }
    rows(&app, &["Online 4", "Ana Ríos", "Person 00", "Person 01", "Person 02"]).await;
    app.visible("sort").await.click().await.unwrap();
    app.visible("sort-recent").await.click().await.unwrap();
    app.points_elsewhere().await;
    rows(&app, &["Online 4", "Person 00", "Person 01", "Person 02", "Ana Ríos"]).await;
    sign_out_quietly(&server, &people[..1]).await;
    ana.list().unwrap();
    rows(&app, &["Online 3", "Person 01", "Person 02", "Ana Ríos", "Offline 1"]).await;

    let heading = app.page().find(By::Css(".heading button")).await.unwrap();
    heading.click().await.unwrap();
    app.visible("search").await.click().await.unwrap();
    app.points_elsewhere().await;
    rows(&app, &["Online 3", "Offline 1"]).await;
    let offline = app.page().find_all(By::Css(".heading button")).await.unwrap().pop().unwrap();
    offline.click().await.unwrap();
    app.visible("search").await.click().await.unwrap();
    app.points_elsewhere().await;
    rows(&app, &["Online 3", "Offline 1", "Person 00"]).await;
    sign_in_quietly(&server, &people[..1]).await;
    ana.list().unwrap();
    rows(&app, &["Online 4"]).await;
    assert!(std::fs::read_to_string(settings(&world)).unwrap().contains("sort = \"recent\""));
}

/// Where on the page the row of this person is, from its top.
async fn top_of(app: &DrivenApp, name: &str) -> Option<f64> {
    let script = format!(
        "const row = [...document.querySelectorAll('.row.contact')].find((row) => row.textContent.includes('{name}'));
         return row ? row.getBoundingClientRect().top : null"
    );
    app.look(&script).await.as_f64()
}

#[tokio::test]
async fn a_row_stays_under_the_pointer_while_others_come_and_go() {
    let people = crowd(14);
    let (world, (server, mut ana)) = (world().await, server_with(&people).await);
    let (there, others): (Vec<_>, Vec<_>) = people.iter().cloned().enumerate().partition(|(i, _)| i % 2 == 0);
    let [there, others] =
        [there, others].map(|people| people.into_iter().map(|(_, who)| who).collect::<Vec<_>>());
    sign_in_quietly(&server, &there).await;
    ana.list().unwrap();
    let app = world.app().drive().await.unwrap();
    app.sign_in(server.url(), &lucia()).await;
    app.says("#footer", "8 online").await;
    app.says("#list", "Person 08").await;

    // The real pointer, on the middle of the row.
    let window = world.display().window(TITLE).await.unwrap();
    let (left, top, ..) = world.display().place(&window).await.unwrap();
    let before = top_of(&app, "Person 08").await.unwrap();
    #[allow(clippy::cast_possible_truncation, reason = "pixels of a small screen")]
    let middle = before as i32 + 24;
    world.display().point_at(left + 120, top + middle).await.unwrap();
    let hovered = "return document.querySelector('.row:hover')?.textContent.includes('Person 08') ?? false";
    app.looks("the pointer to be on the row", hovered, true.into()).await;

    for (come, count) in [(true, "15 online"), (false, "8 online")] {
        match come {
            true => sign_in_quietly(&server, &others).await,
            false => sign_out_quietly(&server, &others).await,
        }
        ana.list().unwrap();
        app.says("#footer", count).await;
        let after = top_of(&app, "Person 08").await;
        assert_eq!(after, Some(before), "with {count}");
        app.looks("the pointer to be on the row", hovered, true.into()).await;
    }
    // The pointer leaves: the list is as it would have been.
    world.display().point_at(5, 5).await.unwrap();
    until("the list to be in order again", PATIENCE, async || {
        (top_of(&app, "Person 08").await? <= before + 7.0 * 48.0).then_some(())
    })
    .await
    .unwrap();
}
