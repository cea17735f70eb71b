//! What was said: by servers, by others, by ourselves; the last of it. Pure.

use crate::{
    account::MessageNumber,
    effects::AccountNumber,
    profile::{Message, MessageKind},
};
use jiff::Timestamp;
use std::collections::VecDeque;

/// How much of what was said is remembered.
const KEPT: usize = 200;

/// What became of a message of ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Delivery {
    /// It is on its way.
    Sending,
    /// The server has confirmed that it has it.
    Delivered,
    /// It was sent; this server confirms nothing.
    Sent,
    /// It was sent, and the server has not confirmed it in time.
    Unconfirmed,
    /// It was not sent.
    Failed,
    /// It was not sent: the server has nothing of the kind, as far as its profile says.
    NotOffered,
}

/// Something that was said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Said {
    pub(crate) number: MessageNumber,
    pub(crate) account: AccountNumber,
    pub(crate) message: Message,
    pub(crate) at: Timestamp,
    /// Of ours: what became of it, and to whom it is, if not to everybody.
    pub(crate) ours: Option<(Delivery, Option<String>)>,
}

/// The last of what was said, in the order in which it was.
#[derive(Debug, Default)]
pub(crate) struct Feed {
    said: VecDeque<Said>,
    last: u64,
    /// How much of it nobody has seen.
    pub(crate) unread: usize,
}

impl Feed {
    /// Somebody said something.
    pub(crate) fn heard(&mut self, account: AccountNumber, message: Message, at: Timestamp) {
        // A greeting comes on every connect and asks for nothing.
        self.unread += usize::from(message.kind != MessageKind::Greeting);
        self.push(account, message, at, None);
    }

    /// We say something; by its number it is told what became of it.
    pub(crate) fn say(
        &mut self,
        account: AccountNumber,
        text: String,
        to: Option<String>,
        at: Timestamp,
    ) -> MessageNumber {
        let kind = if to.is_some() { MessageKind::Private } else { MessageKind::Announcement };
        let message = Message { kind, from: String::new(), text };
        self.push(account, message, at, Some((Delivery::Sending, to)))
    }

    /// What became of a message of ours; the message, if it is remembered.
    pub(crate) fn became(&mut self, number: MessageNumber, delivery: Delivery) -> Option<&Said> {
        let said = self.said.iter_mut().find(|said| said.number == number)?;
        said.ours.iter_mut().for_each(|(now, _)| *now = delivery);
        Some(said)
    }

    /// An account is gone, and what was said there with it.
    pub(crate) fn forget(&mut self, account: AccountNumber) {
        self.said.retain(|said| said.account != account);
        self.unread = self.unread.min(self.said.len());
    }

    /// The last things said, the newest last.
    pub(crate) fn last(&self, count: usize) -> impl Iterator<Item = &Said> {
        self.said.iter().skip(self.said.len().saturating_sub(count))
    }

    fn push(
        &mut self,
        account: AccountNumber,
        message: Message,
        at: Timestamp,
        ours: Option<(Delivery, Option<String>)>,
    ) -> MessageNumber {
        self.last += 1;
        let number = MessageNumber(self.last);
        if self.said.len() == KEPT {
            self.said.pop_front();
        }
        self.said.push_back(Said { number, account, message, at, ours });
        number
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn word(text: &str) -> Message {
        Message { kind: MessageKind::Announcement, from: "Ana".to_owned(), text: text.to_owned() }
    }

    #[test]
    fn the_last_things_said_are_remembered_in_order() {
        let mut feed = Feed::default();
        for number in 0..KEPT + 5 {
            feed.heard(AccountNumber::default(), word(&number.to_string()), Timestamp::UNIX_EPOCH);
        }
        let last: Vec<_> = feed.last(2).map(|said| said.message.text.clone()).collect();
        assert_eq!(last, ["203", "204"]);
        assert_eq!(feed.last(usize::MAX).count(), KEPT);
    }

    #[test]
    fn what_becomes_of_ours_is_told_of_the_right_one() {
        let mut feed = Feed::default();
        let account = AccountNumber::default();
        let one = feed.say(account, "one".to_owned(), None, Timestamp::UNIX_EPOCH);
        let two = feed.say(account, "two".to_owned(), Some("7".to_owned()), Timestamp::UNIX_EPOCH);
        assert_ne!(one, two);
        assert_eq!(feed.became(two, Delivery::Delivered).unwrap().message.text, "two");
        let states: Vec<_> = feed.last(9).map(|said| said.ours.clone().unwrap().0).collect();
        assert_eq!(states, [Delivery::Sending, Delivery::Delivered]);
        assert_eq!(feed.unread, 0, "our own words need no reading");
        feed.forget(account);
        assert_eq!(feed.became(one, Delivery::Failed), None);
    }
}
