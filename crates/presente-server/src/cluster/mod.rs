//! Several nodes seen as one: what every node says of its own people, merged into one list.
//!
//! Pure: time is passed in, and what nodes say comes in as [`Envelope`]s. Every node numbers what it says, so a gap is
//! found by the next thing it says, at the latest by its next beat, and mended by asking it for everything. A node that
//! is silent while we hear ourselves is dropped with its people; while we do not, it is the bus that is away, and
//! everybody is kept as they were last known.

mod said;
#[cfg(test)]
mod tests;

pub(crate) use said::{Envelope, NodeId, Said};

use std::{
    cmp::Ordering,
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::{Duration, Instant},
};

use presente_wire::{Availability, Row};

use crate::presence::{Change, UserId};

/// How often a node says that it lives.
pub(crate) const BEAT: Duration = Duration::from_secs(1);
/// How long a node may be silent, as seen from our own last beat, before its people are taken to be gone.
pub(crate) const SILENCE: Duration = Duration::from_millis(2500);
/// Not hearing ourselves for this long means that the bus is away.
const DEAF: Duration = Duration::from_millis(2500);
/// Not hearing ourselves for longer than this means that the bus stood still, however briefly. It may reach one node
/// again a beat sooner than the other, so how long that one has been silent is counted anew.
const HITCH: Duration = Duration::from_millis(1500);
/// How long an answer to a question for everything may take before it is asked again.
const PATIENCE: Duration = Duration::from_secs(1);

/// Somebody in the merged list is another, or no longer there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Merged {
    pub(crate) user: UserId,
    pub(crate) row: Option<Arc<Row>>,
}

/// What came of something that a node said.
#[derive(Debug, Default)]
pub(crate) struct Heard {
    /// How the merged list has changed.
    pub(crate) changes: Vec<Merged>,
    /// A node that is to be asked for everything.
    pub(crate) ask: Option<NodeId>,
    /// We are asked for everything ourselves.
    pub(crate) asked: bool,
    /// Something of that node may have been missed, commands included.
    pub(crate) gap: bool,
}

/// Another node as far as it is known.
#[derive(Debug)]
struct Node {
    heard: Instant,
    /// The number that it will say next; `None` while not everything of it is known.
    next: Option<u64>,
    /// When it was last asked for everything.
    asked: Option<Instant>,
    /// What has come of everything so far, while it comes in parts.
    parts: Option<Parts>,
    people: BTreeSet<UserId>,
}

#[derive(Debug)]
struct Parts {
    next: u64,
    rows: Vec<Row>,
}

/// Where something stands in what a node says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Order {
    /// It is what was to come.
    Next,
    /// It has come before.
    Known,
    /// Something before it is missing.
    Gap,
    /// Not everything before it is known, and that is known.
    Unknown,
}

/// Somebody as the nodes see them, the latest word last.
#[derive(Debug, Default)]
struct Person {
    by: Vec<(NodeId, Arc<Row>)>,
    merged: Option<Arc<Row>>,
}

/// All nodes together.
#[derive(Debug)]
pub(crate) struct Members {
    me: NodeId,
    nodes: BTreeMap<NodeId, Node>,
    people: BTreeMap<UserId, Person>,
    heard_myself: Instant,
    /// Since when we have heard ourselves beat by beat.
    up_since: Instant,
}

impl Members {
    /// Only ourselves, with nobody.
    pub(crate) fn new(me: NodeId, now: Instant) -> Self {
        let (nodes, people) = (BTreeMap::new(), BTreeMap::new());
        Self { me, nodes, people, heard_myself: now, up_since: now }
    }

    /// What our own presence machine said.
    pub(crate) fn local(&mut self, changes: &[Change]) -> Vec<Merged> {
        let me = self.me.clone();
        let merged = changes.iter().filter_map(|change| self.say(&me, &change.account.id, row_of(change)));
        merged.collect()
    }

    /// What a node said; ourselves included.
    pub(crate) fn hear(&mut self, now: Instant, envelope: &Envelope) -> Heard {
        if envelope.node == self.me {
            if now.duration_since(self.heard_myself) > HITCH {
                self.up_since = now;
            }
            self.heard_myself = now;
            return Heard::default();
        }
        let is_us = |who: &Option<NodeId>| who.as_ref().is_none_or(|who| *who == self.me);
        let asked = matches!(&envelope.said, Said::Tell { who } if is_us(who));
        let mut heard = Heard { asked, ..Heard::default() };
        if matches!(envelope.said, Said::Leave) {
            heard.changes = self.drop_node(&envelope.node);
            heard.gap = true;
            return heard;
        }
        heard.gap = !self.nodes.contains_key(&envelope.node);
        let node = self.nodes.entry(envelope.node.clone()).or_insert_with(|| Node::new(now));
        node.heard = now;
        if let Said::Whole { part, last, rows } = &envelope.said {
            // What was missed until here, commands too, was not all noticed when it was.
            heard.gap |= node.next.is_none_or(|next| next < envelope.number);
            if node.take_part(envelope.number, *part, rows) && *last {
                let rows = node.parts.take().map(|parts| parts.rows).unwrap_or_default();
                node.next = Some(envelope.number + 1);
                node.asked = None;
                heard.changes = self.replace(&envelope.node, &rows);
            }
        } else {
            let order = node.order(envelope);
            heard.gap |= order == Order::Gap;
            if let (Order::Next, Said::Changed { is, left }) = (order, &envelope.said) {
                heard.changes = self.change(&envelope.node, is, left);
            }
        }
        heard.ask = self.question(now, &envelope.node);
        heard
    }

    /// Drops nodes that have fallen silent. What they said last may have been missed, as nothing after it can show it.
    pub(crate) fn tick(&mut self, now: Instant) -> Heard {
        let mut heard = Heard::default();
        if !self.is_bus_up(now) {
            return heard;
        }
        // By when we last heard ourselves and not by now: if nothing comes since then, it is the bus that stands still.
        let silence =
            |node: &Node| self.heard_myself.saturating_duration_since(node.heard.max(self.up_since));
        let silent = |node: &Node| silence(node) > SILENCE;
        let gone: Vec<NodeId> =
            self.nodes.iter().filter(|(_, node)| silent(node)).map(|(id, _)| id.clone()).collect();
        heard.gap = !gone.is_empty();
        heard.changes = gone.iter().flat_map(|id| self.drop_node(id)).collect();
        heard
    }

    /// Whether we hear what we say ourselves.
    pub(crate) fn is_bus_up(&self, now: Instant) -> bool {
        now.duration_since(self.heard_myself) <= DEAF
    }

    /// Whether it is on us to write down who is connected: the node with the least name does.
    pub(crate) fn is_leader(&self) -> bool {
        self.nodes.keys().next().is_none_or(|first| self.me < *first)
    }

    /// The nodes that are known, ourselves included.
    pub(crate) fn count(&self) -> usize {
        self.nodes.len() + 1
    }

    /// How somebody is seen, all nodes together.
    pub(crate) fn shown(&self, user: &str) -> Option<&Arc<Row>> {
        self.people.get(user)?.merged.as_ref()
    }

    /// Whether another node than ourselves says that somebody is here.
    pub(crate) fn is_elsewhere(&self, user: &str) -> bool {
        self.people.get(user).is_some_and(|person| person.by.iter().any(|(node, _)| *node != self.me))
    }

    /// Everybody, all nodes together.
    #[cfg(test)]
    pub(crate) fn everybody(&self) -> impl Iterator<Item = &Arc<Row>> {
        self.people.values().filter_map(|person| person.merged.as_ref())
    }

    /// The node to ask for everything, unless it was just asked.
    fn question(&mut self, now: Instant, id: &NodeId) -> Option<NodeId> {
        let node = self.nodes.get_mut(id)?;
        let waits = node.asked.is_some_and(|at| now.duration_since(at) < PATIENCE);
        if node.next.is_some() || waits {
            return None;
        }
        node.asked = Some(now);
        Some(id.clone())
    }

    fn change(&mut self, node: &NodeId, is: &[Row], left: &[String]) -> Vec<Merged> {
        let mut merged = Vec::new();
        for row in is {
            merged.extend(self.say(node, &UserId::from(row.id.as_str()), Some(Arc::new(row.clone()))));
        }
        for id in left {
            merged.extend(self.say(node, &UserId::from(id.as_str()), None));
        }
        merged
    }

    /// Everything of a node is now this.
    fn replace(&mut self, node: &NodeId, rows: &[Row]) -> Vec<Merged> {
        let is: BTreeSet<UserId> = rows.iter().map(|row| UserId::from(row.id.as_str())).collect();
        let was = self.nodes.get(node).map(|node| node.people.clone()).unwrap_or_default();
        let left: Vec<String> = was.difference(&is).map(ToString::to_string).collect();
        self.change(node, rows, &left)
    }

    fn drop_node(&mut self, id: &NodeId) -> Vec<Merged> {
        let Some(node) = self.nodes.get(id) else { return Vec::new() };
        let people = node.people.clone();
        let merged = people.iter().filter_map(|user| self.say(id, user, None)).collect();
        self.nodes.remove(id);
        merged
    }

    /// A node sees somebody like this; `None`: no longer.
    fn say(&mut self, node: &NodeId, user: &UserId, row: Option<Arc<Row>>) -> Option<Merged> {
        if let Some(known) = self.nodes.get_mut(node) {
            match row {
                Some(_) => known.people.insert(Arc::clone(user)),
                None => known.people.remove(user),
            };
        }
        let person = self.people.entry(Arc::clone(user)).or_default();
        person.by.retain(|(by, _)| by != node);
        person.by.extend(row.map(|row| (node.clone(), row)));
        let merged = person.merge();
        let is_news = merged != person.merged;
        person.merged.clone_from(&merged);
        if person.by.is_empty() {
            self.people.remove(user);
        }
        is_news.then(|| Merged { user: Arc::clone(user), row: merged })
    }
}

impl Person {
    /// All nodes taken together; of the line, the latest word counts.
    fn merge(&self) -> Option<Arc<Row>> {
        let (_, latest) = self.by.last()?;
        let availability = Availability::merged(self.by.iter().map(|(_, row)| row.availability))?;
        if latest.availability == availability {
            return Some(Arc::clone(latest));
        }
        Some(Arc::new(Row { availability, ..Row::clone(latest) }))
    }
}

impl Node {
    fn new(now: Instant) -> Self {
        Self { heard: now, next: None, asked: None, parts: None, people: BTreeSet::new() }
    }

    /// Where this stands in what the node says. After a gap not everything of the node is known any more.
    fn order(&mut self, envelope: &Envelope) -> Order {
        let Some(next) = self.next else { return Order::Unknown };
        if !envelope.said.is_numbered() {
            // It repeats the number of what was said last.
            return if envelope.number < next { Order::Known } else { self.gap() };
        }
        match envelope.number.cmp(&next) {
            Ordering::Less => Order::Known,
            Ordering::Equal => {
                self.next = Some(next + 1);
                Order::Next
            }
            Ordering::Greater => self.gap(),
        }
    }

    fn gap(&mut self) -> Order {
        (self.next, self.parts) = (None, None);
        Order::Gap
    }

    /// Takes a part of everything; whether it fits to those before it.
    fn take_part(&mut self, number: u64, part: u32, rows: &[Row]) -> bool {
        match self.next {
            Some(next) if number < next => return false,
            Some(next) if number == next => self.next = Some(next + 1),
            _ => self.next = None,
        }
        if part == 0 {
            self.parts = Some(Parts { next: number, rows: Vec::new() });
        }
        match &mut self.parts {
            Some(parts) if parts.next == number => {
                parts.next += 1;
                parts.rows.extend_from_slice(rows);
                true
            }
            _ => {
                self.gap();
                false
            }
        }
    }
}

/// Somebody as others see them.
fn row_of(change: &Change) -> Option<Arc<Row>> {
    let (account, shown) = (&change.account, change.shown.as_ref()?);
    Some(Arc::new(Row {
        id: account.id.to_string(),
        first_name: account.first_name.clone(),
        last_name: account.last_name.clone(),
        email: account.email.clone(),
        availability: shown.availability,
        status_line: shown.status_line.to_string(),
    }))
}
