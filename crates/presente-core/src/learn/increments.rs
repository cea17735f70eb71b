//! Which other events tell of one who came or went: their argument is somebody's identity or row, and their name or
//! the lists before and after say which of the two.

use super::{
    Mapping, Observed, Sample, Seen,
    propose::list_at,
    words::{About, about, came, is_speech},
};
use crate::profile::{Field, Increment, Place, Pointer};
use serde_json::Value;
use std::collections::BTreeSet;

/// The events that tell of one who came, and of one who went.
pub(super) fn find(observed: &Observed, mapping: &Mapping) -> (Vec<Increment>, Vec<Increment>) {
    let lists = Lists::new(observed, mapping);
    let (mut joined, mut left) = (Vec::new(), Vec::new());
    for seen in observed.events().iter().filter(|seen| seen.name != mapping.event) {
        if let Some((is_arrival, place)) = lists.meaning(seen) {
            let increment = Increment { event: seen.name.clone(), user: vec![place] };
            if is_arrival { joined.push(increment) } else { left.push(increment) }
        }
    }
    (joined, left)
}

/// The lists there were, in their order.
struct Lists<'m> {
    mapping: &'m Mapping,
    lists: Vec<List>,
    /// Whether identities are numbers.
    numbers: bool,
}

struct List {
    moment: u64,
    ids: BTreeSet<String>,
    /// Some of the rows are not known.
    cut: bool,
}

/// What the lists say of one who is told of in between.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Around {
    before: Option<bool>,
    after: Option<bool>,
}

impl<'m> Lists<'m> {
    fn new(observed: &Observed, mapping: &'m Mapping) -> Self {
        let samples = observed.event(&mapping.event).map(|seen| seen.samples.as_slice()).unwrap_or_default();
        let (mut lists, mut numbers) = (Vec::new(), false);
        for sample in samples {
            let Some(rows) = list_at(sample, &mapping.list) else { continue };
            let values: Vec<&Value> = rows.iter().filter_map(|row| id_of(row, mapping.id.as_ref())).collect();
            numbers |= values.iter().any(|value| value.is_number());
            let ids = values.into_iter().filter_map(text).collect();
            lists.push(List { moment: sample.moment, ids, cut: sample.cut });
        }
        Self { mapping, lists, numbers }
    }

    /// Whether an event tells of one who came (`true`) or went, and where it names that one.
    fn meaning(&self, seen: &Seen) -> Option<(bool, Place)> {
        if about(&seen.name) == About::Things || seen.samples.iter().any(|sample| sample.arguments.len() != 1)
        {
            return None;
        }
        let first = seen.samples.first()?.arguments.first()?;
        let mut places: Vec<Vec<&str>> = vec![Vec::new()];
        let fields = first.as_object().into_iter().flatten().filter(|(_, value)| !value.is_array());
        places.extend(fields.map(|(name, _)| vec![name.as_str()]));
        places.into_iter().find_map(|path| {
            let place = Place::try_from(String::from(Pointer::to(&path))).ok()?;
            Some((self.meaning_at(seen, &place)?, place))
        })
    }

    fn meaning_at(&self, seen: &Seen, place: &Place) -> Option<bool> {
        let told: Vec<Around> =
            seen.samples.iter().map(|sample| self.around(sample, place)).collect::<Option<_>>()?;
        let came_since = |around: &&Around| around.before == Some(false) && around.after == Some(true);
        let went_since = |around: &&Around| around.before == Some(true) && around.after == Some(false);
        let (arrivals, departures) =
            (told.iter().filter(came_since).count(), told.iter().filter(went_since).count());
        // Of what may be somebody's word the name is not enough: `new` may be a message.
        let name_says = if seen.samples.iter().any(has_words) { None } else { came(&seen.name) };
        match name_says {
            // Who comes is not gone afterwards, and the other way round; what the lists do not say the name does.
            Some(true) => {
                (told.iter().any(|around| around.after != Some(false)) && departures == 0).then_some(true)
            }
            Some(false) => {
                (told.iter().any(|around| around.after != Some(true)) && arrivals == 0).then_some(false)
            }
            None if arrivals == told.len() => Some(true),
            None if departures == told.len() => Some(false),
            None => None,
        }
    }

    /// What the lists before and after say of the one who is named; `None` if nobody is.
    fn around(&self, sample: &Sample, place: &Place) -> Option<Around> {
        let value = place.get(&sample.arguments)?;
        let id = self.somebody(value)?;
        let is_in = |list: &List| (list.ids.contains(&id) || !list.cut).then(|| list.ids.contains(&id));
        let before = self.lists.iter().rev().find(|list| list.moment < sample.moment).and_then(is_in);
        let after = self.lists.iter().find(|list| list.moment > sample.moment).and_then(is_in);
        Some(Around { before, after })
    }

    /// The identity that a value is, or that it has as a row.
    fn somebody(&self, value: &Value) -> Option<String> {
        if value.is_object() {
            return text(id_of(value, Some(self.mapping.id.as_ref()?))?);
        }
        let id = text(value)?;
        // Ids do not turn from numbers into text, nor into sentences.
        let is_alike = value.is_number() == self.numbers && id.len() <= 256;
        let is_known = || self.lists.iter().any(|list| list.ids.contains(&id));
        let is_sentence = id.split_whitespace().count() > 3;
        (is_alike && (!is_sentence || is_known())).then_some(id)
    }
}

/// Whether an event carries a record with a field of somebody's words.
fn has_words(sample: &Sample) -> bool {
    let mut records = sample.arguments.iter().filter_map(Value::as_object);
    records.any(|record| record.keys().any(|name| is_speech(name)))
}

fn id_of<'v>(row: &'v Value, id: Option<&Field>) -> Option<&'v Value> {
    match id {
        None => (!row.is_object()).then_some(row),
        Some(id) => id.path().iter().try_fold(row, |value, name| value.as_object()?.get(name)),
    }
}

fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) if !text.trim().is_empty() => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}
