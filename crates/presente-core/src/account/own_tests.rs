//! How an account is seen at a server that hears that by an event.

use super::*;

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
    assert!(matches!(play.reports()[..], [Report::Wished(Presence::Offline)]));
    assert_eq!(play.wanted(), [""; 0], "the session stays");
    play.hears("presence:me", &json!([{"a": "away", "t": ""}]));
    assert_eq!(play.account.presence(), Presence::Online);
    assert!(play.account.is_present());
}

#[test]
fn how_this_device_is_seen_is_said_again_on_every_connection() {
    let mut play = Play::following();
    play.account.set_availability(Availability::Away, &mut play.fx);
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
