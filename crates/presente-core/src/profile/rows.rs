//! Reads the rows of a list straight from its text, in one pass: of each row only the fields that the profile names,
//! borrowed from the text where they stand there as they are shown. So a list of 100,000 people takes tens of
//! milliseconds.

use super::{
    MAX_ID_BYTES, Row, UserFields,
    any_json::{AnyJson, Reading, Scalar, skip_array},
};
use crate::display_name::clean_name;
use serde::{
    Deserializer,
    de::{DeserializeSeed, Error, IgnoredAny, MapAccess, SeqAccess, Visitor},
};
use std::fmt;

/// What stands at a place where a list may be.
#[derive(Debug, Default)]
pub(super) struct List<'a> {
    pub(super) rows: Vec<Row<'a>>,
    /// Rows without an identity.
    pub(super) unreadable: usize,
}

/// Looks for the list in the first of an event's arguments: at the first of the places that is an array.
pub(super) struct FirstArgument<'p> {
    places: Vec<Place>,
    columns: Columns<'p>,
}

/// The way to a place.
#[derive(Debug, Clone)]
struct Place {
    /// How early it stands among the places.
    rank: usize,
    /// The fields that are still to be entered, the next one last.
    fields: Vec<String>,
}

impl<'p> FirstArgument<'p> {
    /// `None` if one of the pointers may lead into an array.
    pub(super) fn new(pointers: &[String], user: &'p UserFields) -> Option<Self> {
        let mut places = Vec::new();
        for (rank, pointer) in pointers.iter().enumerate() {
            let mut fields: Vec<String> =
                pointer.split('/').map(|field| field.replace("~1", "/").replace("~0", "~")).collect();
            if fields.iter().any(|field| field.parse::<usize>().is_ok()) {
                return None;
            }
            // What does not begin with a slash is no pointer, and leads nowhere.
            if fields.remove(0).is_empty() {
                fields.reverse();
                places.push(Place { rank, fields });
            }
        }
        Some(Self { places, columns: Columns::new(user) })
    }
}

impl<'de> DeserializeSeed<'de> for FirstArgument<'_> {
    type Value = Option<List<'de>>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for FirstArgument<'_> {
    type Value = Option<List<'de>>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an event's arguments")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut arguments: A) -> Result<Self::Value, A::Error> {
        let mut search = Search { columns: &self.columns, cells: Vec::new(), found: Vec::new() };
        let argument = Reading(Node { places: self.places, search: &mut search });
        arguments.next_element_seed(argument)?.ok_or_else(|| A::Error::invalid_length(0, &"an argument"))?;
        Ok(search.found.into_iter().min_by_key(|(rank, _)| *rank).map(|(_, list)| list))
    }
}

/// What one pass over the text carries along.
struct Search<'s, 'de> {
    columns: &'s Columns<'s>,
    /// The wanted fields of the row that is being read.
    cells: Vec<Scalar<'de>>,
    /// The lists there are, with the rank of their place.
    found: Vec<(usize, List<'de>)>,
}

/// A value on the way to places, or at one.
struct Node<'n, 's, 'de> {
    places: Vec<Place>,
    search: &'n mut Search<'s, 'de>,
}

impl<'de> AnyJson<'de> for Node<'_, '_, 'de> {
    type Out = ();

    fn scalar(self, _: Scalar<'de>) {}

    fn object<A: MapAccess<'de>>(self, mut object: A) -> Result<(), A::Error> {
        while let Some(name) = object.next_key::<String>()? {
            let mut places = self.places.clone();
            places.retain_mut(|place| place.fields.pop_if(|next| *next == name).is_some());
            if places.is_empty() {
                object.next_value::<IgnoredAny>()?;
            } else {
                // Of fields with the same name the last one counts.
                self.search.found.retain(|(rank, _)| places.iter().all(|place| place.rank != *rank));
                object.next_value_seed(Reading(Node { places, search: &mut *self.search }))?;
            }
        }
        Ok(())
    }

    fn array<A: SeqAccess<'de>>(self, mut array: A) -> Result<(), A::Error> {
        let Some(place) = self.places.iter().find(|place| place.fields.is_empty()) else {
            return skip_array(array);
        };
        let mut list = List::default();
        let Search { columns, cells, found } = self.search;
        while let Some(row) = array.next_element_seed(Reading(RowReader { columns, cells: &mut *cells }))? {
            match row {
                Some(row) => list.rows.push(row),
                None => list.unreadable += 1,
            }
        }
        found.push((place.rank, list));
        Ok(())
    }
}

/// Which fields of a row are wanted: each by its place among the cells.
struct Columns<'f> {
    names: Vec<&'f str>,
    id: Vec<usize>,
    name: Vec<Vec<usize>>,
    email: Vec<usize>,
    online: Vec<usize>,
}

impl<'f> Columns<'f> {
    fn new(user: &'f UserFields) -> Self {
        let mut names: Vec<&'f str> = Vec::new();
        let mut columns = |fields: &'f [String]| -> Vec<usize> {
            let column = |field: &'f String| {
                names.iter().position(|name| name == field).unwrap_or_else(|| {
                    names.push(field);
                    names.len() - 1
                })
            };
            fields.iter().map(column).collect()
        };
        let (id, email, online) = (columns(&user.id), columns(&user.email), columns(&user.online));
        let name = user.name.iter().map(|parts| columns(parts)).collect();
        Self { names, id, name, email, online }
    }

    fn row<'a>(&self, cells: &[Scalar<'a>]) -> Option<Row<'a>> {
        let text = |column: &usize| cells.get(*column).and_then(Scalar::text);
        let id = self.id.iter().find_map(text).filter(|id| id.len() <= MAX_ID_BYTES)?;
        let name = |parts: &Vec<usize>| {
            let mut parts = parts.iter().filter_map(text);
            let first = parts.next()?;
            let joined = parts.fold(first, |mut joined, part| {
                let all = joined.to_mut();
                all.push(' ');
                all.push_str(&part);
                joined
            });
            Some(clean_name(joined)).filter(|name| !name.is_empty())
        };
        let name = self.name.iter().find_map(name).unwrap_or_else(|| clean_name(id.clone()));
        let says_offline =
            self.online.iter().any(|column| matches!(cells.get(*column), Some(Scalar::Bool(false))));
        let email = self.email.iter().find_map(text).map(clean_name);
        (!name.is_empty()).then_some(Row { id, name, email, online: !says_offline })
    }
}

/// Reads one row; `None` where nothing identifies it.
struct RowReader<'r, 'de> {
    columns: &'r Columns<'r>,
    cells: &'r mut Vec<Scalar<'de>>,
}

impl<'de> AnyJson<'de> for RowReader<'_, 'de> {
    type Out = Option<Row<'de>>;

    /// A bare name is all that some servers send.
    fn scalar(self, scalar: Scalar<'de>) -> Option<Row<'de>> {
        let id = scalar.text().filter(|id| id.len() <= MAX_ID_BYTES)?;
        let name = clean_name(id.clone());
        (!name.is_empty()).then_some(Row { id, name, email: None, online: true })
    }

    fn object<A: MapAccess<'de>>(self, mut object: A) -> Result<Option<Row<'de>>, A::Error> {
        self.cells.clear();
        self.cells.resize_with(self.columns.names.len(), Scalar::default);
        while let Some(column) = object.next_key_seed(ColumnReader(self.columns))? {
            match column.and_then(|column| self.cells.get_mut(column)) {
                Some(cell) => *cell = object.next_value_seed(Reading(()))?,
                None => drop(object.next_value::<IgnoredAny>()?),
            }
        }
        Ok(self.columns.row(self.cells))
    }

    fn array<A: SeqAccess<'de>>(self, array: A) -> Result<Option<Row<'de>>, A::Error> {
        skip_array(array).map(|()| None)
    }
}

/// Reads the name of a field as the column it is, without keeping it.
struct ColumnReader<'c>(&'c Columns<'c>);

impl<'de> DeserializeSeed<'de> for ColumnReader<'_> {
    type Value = Option<usize>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Option<usize>, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for ColumnReader<'_> {
    type Value = Option<usize>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the name of a field")
    }

    fn visit_str<E: Error>(self, name: &str) -> Result<Option<usize>, E> {
        Ok(self.0.names.iter().position(|wanted| *wanted == name))
    }
}

impl UserFields {
    /// Reads one row; `None` where nothing identifies it.
    pub fn read<'a>(&self, user: &'a serde_json::Value) -> Option<Row<'a>> {
        let reader = RowReader { columns: &Columns::new(self), cells: &mut Vec::new() };
        Reading(reader).deserialize(user).ok().flatten()
    }
}
