use super::*;
use jiff::ToSpan;
use proptest::prelude::*;
use rand::{SeedableRng, rngs::StdRng};

const WHY: &str = "why";

fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

#[test]
fn the_wait_grows_to_its_cap_and_never_beyond() {
    let mut rng = StdRng::seed_from_u64(1);
    for failures in 1..200 {
        for _ in 0..50 {
            let wait = backoff(failures, &mut rng);
            assert!((BACKOFF_MIN..=BACKOFF_MAX).contains(&wait), "after {failures} failures: {wait:?}");
        }
    }
    let longest = (0..100).map(|_| backoff(1, &mut rng)).max().unwrap();
    assert!(longest <= seconds(2), "the first wait is short: {longest:?}");
}

#[test]
fn only_a_stable_connection_forgives_earlier_failures() {
    let mut rng = StdRng::seed_from_u64(2);
    for (held, failures) in [(seconds(5), 4), (STABLE_AFTER, 1)] {
        let mut now = Instant::now();
        let mut supervisor = Supervisor::new(now);
        supervisor.start(now);
        for i in 0..3 {
            supervisor.failed(WHY, now, &mut rng);
            now += BACKOFF_MAX;
            assert!(supervisor.tick(now), "attempt {i} is due");
        }
        supervisor.opened(Transport::WebSocket, now);
        supervisor.failed(WHY, now + held, &mut rng);
        assert_eq!(supervisor.failures(), failures, "after holding {held:?}");
    }
}

#[test]
fn a_halted_connection_waits_for_a_person() {
    let mut rng = StdRng::seed_from_u64(3);
    let now = Instant::now();
    let mut supervisor = Supervisor::new(now);
    supervisor.start(now);
    supervisor.halt(WHY, now);
    supervisor.kick(WHY, now);
    supervisor.again(WHY, now);
    supervisor.failed(WHY, now, &mut rng);
    assert!(!supervisor.tick(now + BACKOFF_MAX));
    assert_eq!((supervisor.state(), supervisor.deadline()), (State::Halted, None));
    supervisor.start(now + BACKOFF_MAX);
    assert_eq!(supervisor.state(), State::Connecting);
}

#[test]
fn a_kick_that_comes_too_early_waits_for_the_rest_of_the_second() {
    let began = Instant::now();
    let mut supervisor = Supervisor::new(began);
    supervisor.start(began);
    supervisor.opened(Transport::Polling, began);
    supervisor.kick(WHY, began + Duration::from_millis(300));
    assert_eq!(supervisor.state(), State::Waiting { until: began + ATTEMPT_GAP });
    assert!(!supervisor.tick(began + Duration::from_millis(999)));
    assert!(supervisor.tick(began + ATTEMPT_GAP));
    supervisor.kick(WHY, began + seconds(3));
    assert_eq!(supervisor.state(), State::Connecting, "later it does not wait");
}

#[test]
fn what_is_known_of_a_connection_is_told() {
    let mut rng = StdRng::seed_from_u64(4);
    let (began, wall) = (Instant::now(), Timestamp::from_second(1_000_000).unwrap());
    let told = |supervisor: &Supervisor, after: u64| {
        let details =
            supervisor.details(began + seconds(after), wall + i64::try_from(after).unwrap().seconds());
        let since = details.since.as_second() - wall.as_second();
        (since, details.transport, details.round_trip, details.attempts, details.last_reason)
    };
    let reason = |reason: &str| Some(reason.to_owned());
    let (quick, slow) = (Duration::from_millis(20), Duration::from_millis(900));

    let mut supervisor = Supervisor::new(began);
    supervisor.start(began);
    supervisor.failed("nobody there", began + seconds(1), &mut rng);
    assert!(supervisor.tick(began + seconds(10)));
    assert_eq!(
        told(&supervisor, 11),
        (0, None, None, 2, reason("nobody there")),
        "not connected since the start"
    );

    supervisor.opened(Transport::Polling, began + seconds(20));
    supervisor.transport_changed(Transport::WebSocket);
    supervisor.answered(quick, began + seconds(21));
    supervisor.answered(slow, began + seconds(22));
    let online = (20, Some(Transport::WebSocket), Some(quick), 2, reason("nobody there"));
    assert_eq!(told(&supervisor, 60), online, "the second round trip came too soon to be shown");
    supervisor.answered(slow, began + seconds(26));

    supervisor.failed("gone", began + seconds(100), &mut rng);
    let lost = (100, Some(Transport::WebSocket), Some(slow), 0, reason("gone"));
    assert_eq!(told(&supervisor, 100), lost, "what was lost is still told of");
    assert!(supervisor.tick(began + seconds(200)));
    assert_eq!(told(&supervisor, 200), (100, None, None, 1, reason("gone")));
}

#[test]
fn sleep_is_noticed_and_a_clock_set_back_is_not_sleep() {
    let (wall, monotonic) = (Timestamp::UNIX_EPOCH, Instant::now());
    for (wall_moves, monotonic_moves, slept) in
        [(5, 5, false), (14, 5, false), (3600, 5, true), (-3600, 5, false), (3600, 3600, false)]
    {
        let mut watch = SleepWatch::new(wall + 10_000.seconds(), monotonic);
        let woke =
            watch.woke(wall + 10_000.seconds() + wall_moves.seconds(), monotonic + seconds(monotonic_moves));
        assert_eq!(woke, slept, "wall {wall_moves} s, monotonic {monotonic_moves} s");
    }
}

proptest! {
    #[test]
    fn whatever_happens_generations_only_grow_and_no_minute_has_more_than_60_attempts(
        steps in prop::collection::vec((0_u8..9, prop_oneof![0_u64..50, 0_u64..1_500, 0_u64..40_000]), 1..400),
        seed: u64,
    ) {
        let mut rng = StdRng::seed_from_u64(seed);
        let mut now = Instant::now();
        let mut supervisor = Supervisor::new(now);
        let mut attempts: Vec<Instant> = Vec::new();
        for (step, millis) in steps {
            now += Duration::from_millis(millis);
            let before = supervisor.generation();
            match step {
                0 | 1 => supervisor.start(now),
                2 => supervisor.opened(Transport::WebSocket, now),
                3 => supervisor.failed(WHY, now, &mut rng),
                4 => { supervisor.tick(now); }
                5 => supervisor.halt(WHY, now),
                6 => supervisor.kick(WHY, now),
                7 => supervisor.again(WHY, now),
                _ => supervisor.stop(now),
            }
            let after = supervisor.generation();
            prop_assert!(after >= before);
            if after > before && supervisor.state() == State::Connecting {
                attempts.push(now);
            }
        }
        for (i, began) in attempts.iter().enumerate() {
            let minute = attempts[i..].iter().take_while(|at| **at < *began + seconds(60)).count();
            prop_assert!(minute <= 60, "{minute} attempts in a minute");
        }
        prop_assert!(attempts.windows(2).all(|pair| pair[1] - pair[0] >= ATTEMPT_GAP));
    }
}
