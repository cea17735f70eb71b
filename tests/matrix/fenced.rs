//! `rust_socketio` in its fence.

use presente_tests::link::Client;

/// Rows that it offers and fails, and why.
pub(crate) const KNOWN_TO_FAIL: &[&str] = &[
    // Its reader dies of a panic, which nobody is told of.
    "cut-off-attachment",
    // A write that hangs holds up the heartbeat; the fence ends it after 5 s.
    "silent-while-emitting",
    // The fence's queue of 256 events overflows, over and over.
    "burst",
    // `open`, `close`, `error` and `message` run into its own handlers.
    "names-of-the-engine",
    // As `cut-off-attachment`.
    "garbage",
    // It takes a second CONNECT for a new connection.
    "fuzz",
];

crate::plays! {
    Client::RustSocketio;
    "killed" a_killed_server_is_noticed_at_once_and_found_again
    "killed-then-kicked" a_kick_brings_the_connection_back_when_the_server_is
    "clean-end" a_server_that_ends_orderly_is_noticed_and_found_again
    "thrown-out" whoever_is_thrown_out_comes_back
    "namespace-taken-away" whoever_loses_the_namespace_comes_back_over_one_connection
    "engine-closed" a_connection_dropped_without_a_word_is_replaced
    "reset" a_reset_connection_is_replaced
    "accept-then-close" a_server_that_accepts_and_closes_is_asked_once_a_second_at_most
    "greet-then-close" a_server_that_greets_and_closes_is_asked_once_a_second_at_most
    "later-server" a_server_that_starts_later_is_found
    "stopped-while-waiting" whoever_is_stopped_while_waiting_never_connects
    "stopped-while-online" whoever_is_stopped_is_gone_from_the_server
    "kicked-often" many_kicks_end_in_one_connection
    "idle" a_quiet_connection_lives_on_its_first_handshake
    "silent-server" a_hung_server_is_noticed_by_its_heartbeat
    "half-open" a_half_open_connection_is_noticed_and_replaced
    "suspended" after_sleep_the_connection_is_given_up_and_replaced
    "slow-consumer" a_slow_consumer_holds_up_no_heartbeat_and_loses_nothing
    "refused" a_refusal_is_told_in_the_servers_words
    "refused-with-data" a_refusals_data_is_told
    "refused-then-accepted" whoever_was_refused_tries_again
    "fresh-token" every_attempt_shows_the_token_of_its_moment
    "expired-token" a_refused_token_is_followed_by_the_next
    "path-and-namespace" another_path_and_namespace_work
    "hung-handshake" hung_handshakes_are_few_and_a_kick_helps
    "hung-handshake-given-up" a_hung_handshake_is_given_up
    "websocket-only-server" a_server_with_websocket_alone_is_reached
    "segments-1400" events_arrive_whole_in_small_segments
    "segments-1" events_arrive_whole_byte_by_byte
    "empty-200" an_empty_200_makes_no_storm
    "bad-gateway" a_502_makes_no_storm
    "captive-portal" a_captive_portal_makes_no_storm
    "tls-unknown-authority" an_unknown_authority_is_not_trusted
    "event-1-mb" events_of_a_megabyte_arrive_whole
    "event-10-mb" events_of_ten_megabytes_arrive_whole
    "over-the-servers-limit" an_event_too_large_for_the_server_costs_at_most_the_connection
    "no-arguments" events_without_arguments_keep_their_name
    "names-of-the-library" events_named_like_library_things_mean_nothing_else
    "texts" all_texts_arrive_as_sent
    "deep-nesting" deep_nesting_does_not_end_the_process
    "broken-frames" bytes_that_are_no_frames_end_the_connection_only
    "long-outage" a_long_outage_makes_no_storm
}
