//! What was said, as it is shown.

use super::Numbered;
use crate::{
    feed::{Delivery, Said},
    model::Model,
    profile::MessageKind,
    texts::{Arg, Texts},
    view::{MessageView, MessagesView, isolated, moment},
};
use jiff::{Timestamp, tz::TimeZone};

/// How much is shown.
const SHOWN: usize = 20;
/// How much of a text is shown, in characters: what crosses to the page stays small.
const SHOWN_CHARS: usize = 400;

pub(super) fn view(
    model: &Model,
    accounts: &[Numbered<'_>],
    texts: &Texts,
    now: Timestamp,
    zone: &TimeZone,
) -> MessagesView {
    let items = model.feed.last(SHOWN).map(|said| message(said, accounts, texts, now, zone));
    MessagesView { unread: model.feed.unread, items: items.collect() }
}

fn message(
    said: &Said,
    accounts: &[Numbered<'_>],
    texts: &Texts,
    now: Timestamp,
    zone: &TimeZone,
) -> MessageView {
    let account = accounts.iter().find(|(number, _)| *number == said.account).map(|(_, account)| *account);
    let server = account.map(|account| account.target.server.label()).unwrap_or_default();
    let from = isolated(&said.message.from);
    let heading = match (&said.ours, said.message.kind) {
        (Some((_, Some(to))), _) => {
            let contact = account.and_then(|account| account.roster.contact(to));
            let name = isolated(contact.map_or(to.as_str(), |contact| contact.name.as_str()));
            texts.with("message-to", &[("name", Arg::from(&name))])
        }
        (Some((_, None)), _) => texts.with("message-to-all", &[("server", Arg::from(&server))]),
        (None, MessageKind::NewUser) => texts.with("message-joined", &[("name", Arg::from(&from))]),
        (None, MessageKind::Private) => texts.with("message-private", &[("name", Arg::from(&from))]),
        (None, _) if from.is_empty() => server,
        (None, MessageKind::Announcement) => texts.with("message-from", &[("name", Arg::from(&from))]),
        (None, MessageKind::Greeting) => from,
    };
    let code = said.ours.as_ref().map(|(delivery, _)| match delivery {
        Delivery::Sending => "sending",
        Delivery::Delivered => "delivered",
        Delivery::Sent => "sent",
        Delivery::Unconfirmed => "unconfirmed",
        Delivery::Failed => "failed",
        Delivery::NotOffered => "not-offered",
    });
    MessageView {
        key: format!("m-{}", said.number.0),
        ours: said.ours.is_some(),
        heading,
        text: crate::display_name::clean(&said.message.text, SHOWN_CHARS),
        time: moment(said.at, now, zone),
        delivery: code.map(|code| texts.get(&format!("delivery-{code}"))),
        delivery_code: code,
    }
}
