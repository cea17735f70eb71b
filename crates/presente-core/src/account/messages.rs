//! What people say: which of the repeated messages are new, and ours on their way out.

use super::{Account, Effect, Report};
use crate::{
    link::Payload,
    profile::{Fill, Message, MessageKind},
};
use std::collections::HashMap;

/// Tells our messages apart: never used again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct MessageNumber(pub(crate) u64);

/// The last messages as an event that repeats them told them last.
#[derive(Debug, Default)]
pub(super) struct Messages {
    repeated: HashMap<String, Vec<Message>>,
}

impl Messages {
    /// Those that were not told before, in the order in which they were told now. What an event says first is what
    /// was said before we came.
    fn unheard(&mut self, event: &str, now: Vec<Message>) -> Vec<Message> {
        let Some(before) = self.repeated.insert(event.to_owned(), now.clone()) else { return Vec::new() };
        let mut before: Vec<Option<Message>> = before.into_iter().map(Some).collect();
        let was_told = |message: &Message, before: &mut Vec<Option<Message>>| {
            let known = before.iter_mut().find(|known| known.as_ref() == Some(message));
            known.and_then(Option::take).is_some()
        };
        now.into_iter().filter(|message| !was_told(message, &mut before)).collect()
    }
}

impl Account {
    /// Whether people may say something to everybody here.
    pub(crate) fn can_announce(&self) -> bool {
        self.target.profile.send.announcement.is_some()
    }

    /// Whether people may say something to one.
    pub(crate) fn can_whisper(&self) -> bool {
        self.target.profile.send.private.is_some()
    }

    /// Sends a message: to one of the contacts, or to everybody.
    pub(crate) fn say(&mut self, number: MessageNumber, text: &str, to: Option<&str>, fx: &mut Vec<Effect>) {
        let rules = &self.target.profile.send;
        let emission = if to.is_some() { rules.private.as_ref() } else { rules.announcement.as_ref() };
        let message_id = number.0.to_string();
        let mut values = Fill::from([("text", text), ("message_id", message_id.as_str())]);
        values.extend(to.map(|to| ("to", to)));
        let sent = emission.filter(|_| self.is_online()).and_then(|emission| {
            let arguments = emission.fill(&self.values(&values))?;
            let payload = Payload::from_values(&arguments).ok()?;
            Some(Effect::Send(number, emission.event.clone(), payload, emission.ack))
        });
        fx.push(sent.unwrap_or(Effect::Report(Report::NotSent(number, emission.is_some()))));
    }

    pub(super) fn on_message(&self, message: Message, fx: &mut Vec<Effect>) {
        // Some servers send what we said back to us too.
        let is_ours = matches!(message.kind, MessageKind::Announcement | MessageKind::NewUser)
            && !message.from.is_empty()
            && (message.from == self.me.name || Some(&message.from) == self.me.id.as_ref());
        if !is_ours {
            fx.push(Effect::Report(Report::Message(message)));
        }
    }

    pub(super) fn on_messages(&mut self, event: &str, messages: Vec<Message>, fx: &mut Vec<Effect>) {
        for message in self.messages.unheard(event, messages) {
            self.on_message(message, fx);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(texts: &[&str]) -> Vec<Message> {
        let message = |text: &&str| Message {
            kind: MessageKind::Announcement,
            from: "Ana".to_owned(),
            text: (*text).to_owned(),
        };
        texts.iter().map(message).collect()
    }

    #[test]
    fn of_repeated_messages_only_the_new_ones_are_told() {
        let mut messages = Messages::default();
        for (now, new) in [
            (&["b", "a"][..], &[][..]),
            (&["c", "b", "a"], &["c"]),
            (&["c", "b", "a"], &[]),
            (&["c", "c", "b"], &["c"]),
            (&["e", "d", "c"], &["e", "d"]),
            (&[], &[]),
            (&["f"], &["f"]),
        ] {
            assert_eq!(messages.unheard("last ten", said(now)), said(new), "now {now:?}");
        }
    }
}
