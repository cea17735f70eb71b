//! The server's Socket.IO: who is connected, what it says and asks, and what it hears and is answered.

use super::{Packet, Server, Session};
use crate::context::{Context, Micros, Timer};
use rand::RngExt;
use serde_json::Value as Json;

impl Server {
    /// Ends the namespace; the session stays until the client closes it.
    pub fn disconnect(&mut self, id: u64, cx: &mut Context) {
        self.say(id, "41", cx);
        if let Some(session) = self.sessions.get_mut(&id) {
            session.connected = false;
        }
    }

    /// The session that is connected, if there is one.
    pub fn connected(&self) -> Option<(u64, &Session)> {
        self.sessions.iter().rev().find(|(_, session)| session.connected).map(|(id, session)| (*id, session))
    }

    pub(super) fn emit(&mut self, id: u64, cx: &mut Context) {
        let burst = if cx.chance(0.1) { cx.rng.random_range(10..40) } else { 1 };
        for _ in 0..burst {
            let (asks, binary) = (cx.chance(0.2), cx.chance(0.1));
            let Some(session) = self.sessions.get_mut(&id) else { return };
            let number = session.said;
            session.said += 1;
            let ack = if asks { number.to_string() } else { String::new() };
            if asks {
                session.asked.insert(number, number);
            }
            let packets = match binary {
                true => vec![
                    Packet::Text(format!(r#"451-{ack}["n",{number},{{"_placeholder":true,"num":0}}]"#)),
                    Packet::Binary(vec![0x1e; 3]),
                ],
                false => vec![Packet::Text(format!(r#"42{ack}["n",{number}]"#))],
            };
            self.send(id, packets, cx);
        }
    }

    pub(super) fn attachment(&mut self, id: u64, cx: &mut Context) {
        let packet = self.sessions.get_mut(&id).and_then(|session| session.incomplete.take());
        match packet {
            Some(packet) => self.message(id, &packet, cx),
            None => cx.judge.holds(false, || "(3) an attachment of nothing".to_owned()),
        }
    }

    pub(super) fn message(&mut self, id: u64, message: &str, cx: &mut Context) {
        let Some(session) = self.sessions.get_mut(&id) else { return };
        if let Some(packet) = message.strip_prefix("51-") {
            session.incomplete = Some(format!("2{packet}"));
            return;
        }
        let Some((kind, rest)) = message.split_at_checked(1) else { return };
        match kind {
            "0" => self.connect(id, rest, cx),
            "1" => self.close(id, "the client says so", cx),
            _ => {
                let at = rest.find('[').unwrap_or(rest.len());
                let (ack, array) = rest.split_at(at);
                let array: Json = serde_json::from_str(array).unwrap_or(Json::Null);
                let (ack, link) = (ack.parse::<u64>().ok(), session.link);
                if kind == "3" {
                    let asked = ack.and_then(|ack| session.asked.remove(&ack));
                    let right = asked.is_some() && asked == array[0].as_u64();
                    cx.judge.holds(right, || format!("(3) link {link} answers {ack:?} with {array}"));
                    return;
                }
                let expected = session.heard;
                session.heard += 1;
                let came = array[1].as_u64();
                cx.judge.holds(came == Some(expected), || {
                    format!("(3) the server heard {array} of link {link} in place of number {expected}")
                });
                if let Some(ack) = ack {
                    self.send(id, [Packet::Text(format!("43{ack}[{expected}]"))], cx);
                }
            }
        }
    }

    fn connect(&mut self, id: u64, auth: &str, cx: &mut Context) {
        let auth: Json = serde_json::from_str(auth).unwrap_or(Json::Null);
        let good = cx.now >= self.refuses_until && auth["token"].as_u64() == Some(u64::from(cx.token));
        cx.note(|| format!("server: session {id} asks to be connected, good: {good}"));
        let Some(session) = self.sessions.get_mut(&id) else { return };
        let answer = match good {
            true => format!(r#"40{{"sid":"socket{id}"}}"#),
            false => {
                cx.judge.harm(session.link, Micros::MAX);
                r#"44{"message":"no"}"#.to_owned()
            }
        };
        session.connected = good;
        self.send(id, [Packet::Text(answer)], cx);
        if good {
            let wait = cx.about(cx.scenario.pace);
            self.time(id, Timer::Emit, wait, cx);
        }
    }
}
