//! Any story of a server and a client on a bad way: what is lost, repeated, garbled, begun anew.

use super::*;

/// One thing that happens.
#[derive(Debug, Clone, Copy)]
enum Step {
    /// Somebody comes, changes or goes, and what is said of it arrives, or is lost, or is garbled.
    Change(u8, u8, Arrives),
    /// Something said earlier arrives, perhaps again.
    Late(prop::sample::Index),
    Stale(u64),
    /// What is under way is answered.
    Answer(Answered),
    Wait(u64),
    /// The connection is lost and there is another; whether the server claims to resume.
    Reconnect(bool),
    /// The server starts anew.
    Restart,
    Unreadable,
}

#[derive(Debug, Clone, Copy)]
enum Arrives {
    Well,
    Never,
    Garbled,
}

#[derive(Debug, Clone, Copy)]
enum Answered {
    Well,
    Whole,
    Garbled,
    Not,
}

fn any_step() -> impl Strategy<Value = Step> {
    let arrives =
        prop_oneof![4 => Just(Arrives::Well), 1 => Just(Arrives::Never), 1 => Just(Arrives::Garbled)];
    let answered = prop_oneof![
        4 => Just(Answered::Well), 1 => Just(Answered::Whole), 1 => Just(Answered::Garbled), 1 => Just(Answered::Not)
    ];
    prop_oneof![
        8 => (0_u8..6, 0_u8..3, arrives).prop_map(|(id, line, arrives)| Step::Change(id, line, arrives)),
        2 => any::<prop::sample::Index>().prop_map(Step::Late),
        1 => (0_u64..5_000).prop_map(Step::Stale),
        6 => answered.prop_map(Step::Answer),
        6 => (0_u64..3_000).prop_map(Step::Wait),
        1 => any::<bool>().prop_map(Step::Reconnect),
        1 => Just(Step::Restart),
        1 => Just(Step::Unreadable),
    ]
}

fn garbled(answer: Answer) -> Answer {
    match answer {
        Answer::Snapshot(mut snapshot) => {
            snapshot.rows.push(row(7, 0));
            Answer::Snapshot(snapshot)
        }
        Answer::Delta(mut delta) => {
            delta.j.push(row(7, 0));
            Answer::Delta(delta)
        }
    }
}

/// A play of a server and a client, step by step.
struct Story {
    server: Server,
    client: Client,
    said: Vec<Delta>,
    asked: Option<Option<Position>>,
    runs: u8,
}

impl Story {
    fn goes_on(mut self, step: Step) -> Self {
        match step {
            Step::Change(id, line, arrives) => {
                let mut delta = self.server.changes(id, line);
                self.said.push(delta.clone());
                match arrives {
                    Arrives::Well => self.client.hears(delta),
                    Arrives::Never => {}
                    Arrives::Garbled => {
                        delta.j.push(row(7, 0));
                        self.client.hears(delta);
                    }
                }
            }
            Step::Late(which) if !self.said.is_empty() => self.client.hears(which.get(&self.said).clone()),
            Step::Late(_) => {}
            Step::Stale(jitter) => {
                let stale = self.server.stale(jitter);
                self.client.following.stale(stale, self.client.now, &mut self.client.rng);
            }
            Step::Answer(answered) => {
                if let Some(from) = self.asked.take() {
                    let answer = match answered {
                        Answered::Well => Some(self.server.answer(from)),
                        Answered::Whole => Some(self.server.answer(None)),
                        Answered::Garbled => Some(garbled(self.server.answer(from))),
                        Answered::Not => None,
                    };
                    self.client.is_answered(answer);
                }
            }
            Step::Wait(millis) => self.client.now += Duration::from_millis(millis),
            Step::Reconnect(claims) => {
                self.asked = None;
                let hello = self.server.hello(claims);
                self.client = self.client.comes_back(hello);
            }
            Step::Restart => {
                self.runs += 1;
                self.server = Server { run: self.runs, ..Server::new() };
            }
            Step::Unreadable => {
                let heard = self.client.following.delta(None, self.client.now, &mut self.client.rng);
                self.client.takes(heard);
            }
        }
        if let Some(from) = self.client.wants() {
            assert!(self.asked.is_none(), "one at a time");
            self.asked = Some(from);
        }
        self
    }
}

proptest! {
    #[test]
    fn whatever_is_lost_repeated_or_garbled_a_list_that_is_called_current_is_one_that_the_server_had(
        steps in prop::collection::vec(any_step(), 0..60),
    ) {
        let server = Server::new();
        let client = Client::greeted(server.hello(false));
        let mut story = Story { server, client, said: Vec::new(), asked: None, runs: 1 };
        for step in steps {
            story = story.goes_on(step);
            let following = &story.client.following;
            let here = following.replica().position();
            if following.is_current() && here.is_some_and(|here| here.e == story.server.epoch()) {
                prop_assert_eq!(Some(&story.client.shown), here.and_then(|here| story.server.at(here)));
            }
        }
        // From now on nothing goes wrong: it comes right by itself, unless it was given up before.
        story = story.goes_on(Step::Reconnect(false));
        for _ in 0..3 {
            story = story.goes_on(Step::Answer(Answered::Well));
            story = story.goes_on(Step::Wait(2_000));
        }
        prop_assert!(story.client.shows(&story.server));
    }
}
