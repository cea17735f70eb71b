//! How an account is seen at a server that hears that by an event.

use super::*;
use presente_wire::OwnAvailability;

#[test]
fn appearing_offline_keeps_the_session_and_hides_us_on_all_devices() {
    let mut play = Play::following();
    assert_eq!(play.chooses(Presence::Offline), [r#"set {"a":"invisible"}"#]);
    assert!(play.account.is_present(), "until the server has it");
    play.is_answered(Ok(json!({"success": true, "me": {"a": "invisible"}})));
    assert!(!play.account.is_present() && play.account.is_signed_in());
    // We are gone from the list, and nobody signs in again for that.
    play.hears("presence:delta", &change(6, &[], &["ana"], &[here("beto")]));
    assert_eq!(play.wanted(), [""; 0]);
    play.is_cut_off();
    play.ticks(Duration::from_secs(60));
    assert_eq!(play.wanted(), ["close", "open"], "the session stays through a loss");
    play.connects();
    play.hears("presence:hello", &hello(6, false, Some("invisible")));
    play.wanted();
    assert_eq!(play.chooses(Presence::Online), [r#"set {"a":"online"}"#]);
    play.is_answered(Ok(json!({"success": true, "me": {"a": "online"}})));
    assert!(play.account.is_present());
    play.account.leave(&mut play.fx);
    assert_eq!(play.wanted(), ["sign out"]);
}

#[test]
fn who_cannot_be_hidden_is_signed_out() {
    for answer in [Ok(json!({"success": false, "message": "no"})), Ok(json!("?")), Err(AckError::TimedOut)] {
        let mut play = Play::following();
        play.chooses(Presence::Offline);
        play.is_answered(answer);
        assert_eq!(play.wanted(), ["sign out"]);
    }
    let mut play = Play::following();
    play.chooses(Presence::Offline);
    play.is_cut_off();
    assert_eq!(play.wanted(), ["close", "sign out"], "it may not have been heard");
    let mut play = Play::following();
    play.is_cut_off();
    play.wanted();
    assert_eq!(play.chooses(Presence::Offline), ["sign out"], "while nothing is connected");
}

#[test]
fn who_was_hidden_and_finds_a_server_of_whole_lists_is_signed_out() {
    let mut play = Play::following();
    play.chooses(Presence::Offline);
    play.is_answered(Ok(json!({"success": true, "me": {"a": "invisible"}})));
    play.is_cut_off();
    play.ticks(Duration::from_secs(60));
    play.connects();
    play.wanted();
    play.ticks(Duration::from_secs(2));
    assert_eq!(play.wanted(), ["sign out"]);
}

#[test]
fn what_is_chosen_on_another_device_holds_here() {
    let mut play = Play::following();
    play.hears("presence:me", &json!([{"a": "invisible", "t": ""}]));
    assert_eq!(play.account.presence(), Presence::Offline);
    assert!(matches!(play.reports()[..], [Report::Wished]));
    assert_eq!(play.wanted(), [""; 0], "the session stays");
    play.hears("presence:me", &json!([{"a": "away", "t": ""}]));
    assert_eq!(play.account.presence(), Presence::Online);
    assert!(play.account.is_present());
}

#[test]
fn how_this_device_is_seen_is_said_again_on_every_connection() {
    let mut play = Play::following();
    play.account.set_state(OwnAvailability::Away, &mut play.fx);
    assert_eq!(play.wanted(), [r#"set {"a":"away"}"#]);
    play.account.set_status_line(" in a\nmeeting ", &mut play.fx);
    assert_eq!(play.wanted(), [""; 0], "one thing after the other");
    play.is_answered(Ok(json!({"success": true, "me": {"a": "away"}})));
    assert_eq!(play.wanted(), [r#"set {"a":"away","t":"in a meeting"}"#]);
    play.is_answered(Ok(json!({"success": true, "me": {"a": "away", "t": "in a meeting"}})));
    play.is_cut_off();
    play.ticks(Duration::from_secs(60));
    play.connects();
    play.wanted();
    play.hears("presence:hello", &hello(5, true, Some("online")));
    assert_eq!(play.wanted(), [r#"set {"a":"away"}"#], "the line is the person's, and stays");
}

#[test]
fn a_server_that_knows_no_session_of_ours_is_signed_in_to_again_but_not_for_who_appears_offline() {
    let mut play = Play::at_the_door();
    play.hears("presence:hello", &hello(5, false, None));
    assert_eq!(play.wanted(), ["fetch /api/presence", "sign in"]);
    let mut play = Play::following();
    play.chooses(Presence::Offline);
    play.is_answered(Ok(json!({"success": true, "me": {"a": "invisible"}})));
    play.is_cut_off();
    play.ticks(Duration::from_secs(60));
    play.connects();
    play.wanted();
    play.hears("presence:hello", &hello(5, true, None));
    assert_eq!(play.wanted(), [""; 0]);
    assert!(!play.account.is_signed_in());
    assert_eq!(play.chooses(Presence::Online), ["sign in"]);
    play.signs_in();
    assert_eq!(play.wanted(), [r#"set {"a":"online"}"#], "whatever was chosen before");
}

#[test]
fn who_is_signed_out_and_seen_by_nobody_is_not_signed_in_for_that() {
    let mut play = Play::following();
    play.chooses(Presence::Offline);
    play.is_answered(Err(AckError::TimedOut));
    play.account.on_signed_out(Ok(()), play.now, &mut play.fx);
    play.is_cut_off();
    play.ticks(Duration::from_secs(60));
    play.connects();
    play.wanted();
    play.hears("presence:hello", &hello(5, true, Some("invisible")));
    play.hears("presence:me", &json!([{"a": "invisible"}]));
    assert_eq!(play.wanted(), [""; 0]);
    assert!(!play.account.is_present());
}

#[test]
fn who_wants_to_be_seen_and_is_told_that_this_is_not_possible_signs_in_again_once() {
    let mut play = Play::following();
    play.hears("presence:me", &json!([{"a": "invisible"}]));
    assert_eq!(play.chooses(Presence::Online), [r#"set {"a":"online"}"#]);
    play.is_answered(Ok(json!({"success": false, "message": "not signed in"})));
    assert_eq!(play.wanted(), ["sign in"]);
    play.signs_in();
    assert_eq!(play.wanted(), [r#"set {"a":"online"}"#]);
    play.is_answered(Ok(json!({"success": false, "message": "not signed in"})));
    assert_eq!(play.wanted(), [""; 0], "that is no help");
}

fn told(answer: &str) -> Result<Value, AckError> {
    Ok(json!({"success": true, "me": {"a": answer}}))
}

#[test]
fn a_state_is_one_choice_and_is_seen_as_others_see_it() {
    use OwnAvailability::{Away, DoNotDisturb, Invisible, Online};
    let mut play = Play::following();
    for (state, word) in [(DoNotDisturb, "dnd"), (Invisible, "invisible"), (Away, "away"), (Online, "online")]
    {
        let before = play.account.seen_as();
        play.account.set_state(state, &mut play.fx);
        assert_eq!(play.wanted(), [format!(r#"set {{"a":"{word}"}}"#)]);
        assert_eq!(
            (play.account.state(), play.account.seen_as()),
            (state, before),
            "until the server has it"
        );
        play.is_answered(told(word));
        assert_eq!((play.account.seen_as(), play.account.tells_more()), (state, true));
        assert_eq!(play.account.is_not_to_be_disturbed(), state == DoNotDisturb);
    }
    play.account.set_state(Online, &mut play.fx);
    assert_eq!(play.wanted(), [""; 0], "that is so already");
}

#[test]
fn where_the_server_tells_nobody_the_state_is_kept_here() {
    let mut play = Play::of("usuarios-activos");
    play.signs_in();
    play.connects();
    play.hears("usuarios-activos", &json!([[{"uid": "1", "nombre": "Beto"}]]));
    play.wanted();
    play.account.set_state(OwnAvailability::DoNotDisturb, &mut play.fx);
    assert_eq!(play.wanted(), [""; 0]);
    assert!(play.account.is_present() && play.account.is_not_to_be_disturbed());
    assert_eq!(play.account.seen_as(), OwnAvailability::DoNotDisturb);
    assert!(!play.account.tells_more());
    play.account.set_status_line("de viaje", &mut play.fx);
    assert_eq!(play.wanted(), [""; 0]);
    assert_eq!(play.account.status_line(), "de viaje");
    play.account.set_state(OwnAvailability::Invisible, &mut play.fx);
    assert_eq!(play.wanted(), ["close"]);
    assert!(!play.account.is_not_to_be_disturbed());
}

#[test]
fn who_has_left_is_away_and_comes_back_but_only_who_chose_online() {
    let mut play = Play::following();
    play.account.set_left(true, &mut play.fx);
    assert_eq!(play.wanted(), [r#"set {"a":"away"}"#]);
    assert_eq!(play.account.state(), OwnAvailability::Online, "nothing else was chosen");
    play.is_answered(told("away"));
    play.account.set_left(true, &mut play.fx);
    assert_eq!(play.wanted(), [""; 0], "it is said once");
    play.account.set_left(false, &mut play.fx);
    assert_eq!(play.wanted(), [r#"set {"a":"online"}"#]);
    play.is_answered(told("online"));
    use OwnAvailability::{Away, DoNotDisturb, Invisible};
    for (state, word) in [(Away, "away"), (DoNotDisturb, "dnd"), (Invisible, "invisible")] {
        play.account.set_state(state, &mut play.fx);
        play.wanted();
        play.is_answered(told(word));
        play.account.set_left(true, &mut play.fx);
        play.account.set_left(false, &mut play.fx);
        assert_eq!(play.wanted(), [""; 0], "{state:?} was chosen by hand");
    }
}

#[test]
fn another_device_that_is_online_is_what_others_see_of_who_has_left() {
    let mut play = Play::following();
    play.account.set_left(true, &mut play.fx);
    play.wanted();
    play.is_answered(told("online"));
    assert_eq!(play.account.seen_as(), OwnAvailability::Online);
    play.hears("presence:me", &json!([{"a": "away"}]));
    assert_eq!(play.account.seen_as(), OwnAvailability::Away, "that device has gone");
}

#[test]
fn do_not_disturb_on_another_device_keeps_this_one_quiet() {
    let mut play = Play::following();
    play.hears("presence:me", &json!([{"a": "dnd"}]));
    assert!(play.account.is_not_to_be_disturbed());
    assert_eq!(play.account.state(), OwnAvailability::Online, "it is not ours to change");
    play.hears("presence:me", &json!([{"a": "online"}]));
    assert!(!play.account.is_not_to_be_disturbed());
}

#[test]
fn leaving_and_coming_never_show_who_was_hidden_on_another_device() {
    for chosen in [OwnAvailability::Online, OwnAvailability::Away, OwnAvailability::DoNotDisturb] {
        let mut play = Play::following();
        play.account.set_state(chosen, &mut play.fx);
        play.is_answered(told("away"));
        play.is_cut_off();
        play.account.set_left(true, &mut play.fx);
        play.account.set_left(false, &mut play.fx);
        play.account.set_left(true, &mut play.fx);
        play.ticks(Duration::from_secs(60));
        play.connects();
        play.wanted();
        play.hears("presence:hello", &hello(5, true, Some("invisible")));
        assert_eq!(play.wanted(), [""; 0], "{chosen:?}");
        assert_eq!(play.account.state(), OwnAvailability::Invisible);
    }
}

#[test]
fn that_nobody_sees_who_is_leaving_is_nothing_that_was_chosen() {
    let mut play = Play::following();
    play.account.leave(&mut play.fx);
    play.wanted();
    play.hears("presence:me", &json!([{"a": "invisible"}]));
    assert_eq!(play.account.presence(), Presence::Online, "the next start does not appear offline for it");
    assert!(play.reports().is_empty());
}

/// A start with what was remembered of the last run.
fn started_again(availability: Availability, line: &str) -> Play {
    let mut play = Play::at_the_door();
    play.account.own = Own::new(false, availability);
    play.account.begins_with(line, false);
    play
}

fn hello_with_line(line: &str) -> Value {
    let mut hello = hello(5, false, Some("online"));
    hello[0]["me"]["t"] = json!(line);
    hello
}

#[test]
fn what_was_chosen_in_the_last_run_is_said_again() {
    let mut play = started_again(Availability::DoNotDisturb, "en casa");
    play.hears("presence:hello", &hello_with_line(""));
    assert!(play.wanted().contains(&r#"set {"a":"dnd","t":"en casa"}"#.to_owned()));
    play.is_answered(Ok(json!({"success": true, "me": {"a": "dnd", "t": "en casa"}})));
    play.hears("presence:me", &json!([{"a": "dnd"}]));
    assert_eq!(play.account.status_line(), "", "it was removed on another device, and is not said again");
    assert!(matches!(&play.reports()[..], [.., Report::Lined(line)] if line.is_empty()));
    assert_eq!(play.wanted(), [""; 0]);
}

#[test]
fn a_line_that_was_chosen_on_another_device_meanwhile_holds() {
    let mut play = started_again(Availability::Online, "en casa");
    play.hears("presence:hello", &hello_with_line("en el tren"));
    assert_eq!(play.account.status_line(), "en el tren");
    assert!(matches!(&play.reports()[..], [.., Report::Lined(line)] if line == "en el tren"));
    assert!(!play.wanted().iter().any(|wanted| wanted.starts_with("set")));
}
