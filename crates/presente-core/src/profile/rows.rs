//! Reads the rows of a list straight from its text, in one pass: of each row only the fields that the profile names,
//! borrowed from the text where they stand there as they are shown. So a list of 100,000 people takes tens of
//! milliseconds.

use super::{
    Field, MAX_ID_BYTES, PictureSource, Pointer, Row, UserFields,
    any_json::{AnyJson, Reading, Scalar, skip_array},
    reading::is_data_url,
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

impl<'a> List<'a> {
    fn take(&mut self, row: Option<Row<'a>>) {
        match row {
            Some(row) => self.rows.push(row),
            None => self.unreadable += 1,
        }
    }
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
    pub(super) fn new(pointers: &[Pointer], user: &'p UserFields) -> Option<Self> {
        let mut places = Vec::new();
        for (rank, pointer) in pointers.iter().enumerate() {
            let mut fields = pointer.fields();
            if fields.iter().any(|field| field.parse::<usize>().is_ok()) {
                return None;
            }
            fields.reverse();
            places.push(Place { rank, fields });
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
        let cells = Cells::of(&self.columns);
        let mut search = Search { columns: &self.columns, cells, found: Vec::new() };
        let argument = Reading(Node { places: self.places, search: &mut search });
        arguments.next_element_seed(argument)?.ok_or_else(|| A::Error::invalid_length(0, &"an argument"))?;
        Ok(search.found.into_iter().min_by_key(|(rank, _)| *rank).map(|(_, list)| list))
    }
}

/// What one pass over the text carries along.
struct Search<'s, 'de> {
    columns: &'s Columns<'s>,
    /// The row that is being read.
    cells: Cells<'de>,
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
        let mut reading = true;
        while reading {
            let row = RowReader { columns, cells: &mut *cells, list: &mut list };
            reading = array.next_element_seed(Reading(row))?.is_some();
        }
        found.push((place.rank, list));
        Ok(())
    }
}

/// What a row has in each column; of fields for the same one the last counts.
struct Cells<'a>(Vec<Option<Scalar<'a>>>);

impl<'a> Cells<'a> {
    fn of(columns: &Columns<'_>) -> Self {
        Self(vec![None; columns.count])
    }

    fn clear(&mut self) {
        self.0.fill(None);
    }

    fn set(&mut self, column: usize, value: Scalar<'a>) {
        if let Some(cell) = self.0.get_mut(column) {
            *cell = Some(value);
        }
    }

    fn get(&self, column: usize) -> Option<&Scalar<'a>> {
        self.0.get(column)?.as_ref()
    }
}

/// Which fields of a row are wanted: each is a column.
struct Columns<'f> {
    /// What is wanted of the row itself.
    wanted: Branch<'f>,
    /// How many columns there are.
    count: usize,
    id: Vec<usize>,
    name: Vec<Vec<usize>>,
    email: Vec<usize>,
    online: Vec<usize>,
    picture: Vec<usize>,
}

/// What is wanted of an object.
#[derive(Debug, Default)]
struct Branch<'f> {
    names: Vec<&'f str>,
    wanted: Vec<Wanted<'f>>,
}

/// What is wanted of a field's value.
#[derive(Debug, Default)]
struct Wanted<'f> {
    /// The column that it goes to itself.
    column: Option<usize>,
    /// What of it goes to others.
    inside: Branch<'f>,
}

impl<'f> Columns<'f> {
    fn new(user: &'f UserFields) -> Self {
        let (mut count, mut wanted) = (0, Branch::default());
        let mut columns = |fields: &'f [Field]| {
            fields.iter().map(|field| wanted.column(field.path(), &mut count)).collect()
        };
        let (id, email, online, picture) =
            (columns(&user.id), columns(&user.email), columns(&user.online), columns(&user.picture));
        let name = user.name.iter().map(|parts| columns(parts)).collect();
        Self { wanted, count, id, name, email, online, picture }
    }

    fn row<'a>(&self, cells: &Cells<'a>) -> Option<Row<'a>> {
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
        let picture = self.picture.iter().find_map(|column| match cells.get(*column)? {
            Scalar::Attachment(number) => Some(Box::new(PictureSource::Attachment(*number))),
            Scalar::Text(url) if is_data_url(url) => Some(Box::new(PictureSource::DataUrl(url.clone()))),
            _ => None,
        });
        (!name.is_empty()).then_some(Row {
            id,
            name,
            email,
            online: !says_offline,
            availability: None,
            status_line: None,
            picture,
        })
    }
}

impl<'f> Branch<'f> {
    /// The column for what stands at the end of this path.
    fn column(&mut self, path: &'f [String], count: &mut usize) -> usize {
        let Some((name, rest)) = path.split_first() else { return 0 };
        let at = self.names.iter().position(|known| known == name).unwrap_or_else(|| {
            self.names.push(name);
            self.wanted.push(Wanted::default());
            self.names.len() - 1
        });
        let Some(wanted) = self.wanted.get_mut(at) else { return 0 };
        if !rest.is_empty() {
            return wanted.inside.column(rest, count);
        }
        *wanted.column.get_or_insert_with(|| {
            *count += 1;
            *count - 1
        })
    }

    /// Reads those fields of an object that are wanted.
    fn read<'de, A: MapAccess<'de>>(&self, mut object: A, cells: &mut Cells<'de>) -> Result<(), A::Error> {
        while let Some(at) = object.next_key_seed(NameReader(&self.names))? {
            match at.and_then(|at| self.wanted.get(at)) {
                None => drop(object.next_value::<IgnoredAny>()?),
                Some(Wanted { column: Some(column), inside }) if inside.names.is_empty() => {
                    let cell = object.next_value_seed(Reading(()))?;
                    cells.set(*column, cell);
                }
                Some(wanted) => object.next_value_seed(Reading(Inside { wanted, cells: &mut *cells }))?,
            }
        }
        Ok(())
    }
}

/// A field whose value has wanted fields of its own.
struct Inside<'i, 'f, 'de> {
    wanted: &'i Wanted<'f>,
    cells: &'i mut Cells<'de>,
}

impl<'de> AnyJson<'de> for Inside<'_, '_, 'de> {
    type Out = ();

    fn scalar(self, scalar: Scalar<'de>) {
        if let Some(column) = self.wanted.column {
            self.cells.set(column, scalar);
        }
    }

    fn object<A: MapAccess<'de>>(self, object: A) -> Result<(), A::Error> {
        self.wanted.inside.read(object, self.cells)
    }

    fn array<A: SeqAccess<'de>>(self, array: A) -> Result<(), A::Error> {
        skip_array(array)
    }
}

/// Reads one row into the list.
struct RowReader<'r, 'de> {
    columns: &'r Columns<'r>,
    cells: &'r mut Cells<'de>,
    list: &'r mut List<'de>,
}

impl<'de> AnyJson<'de> for RowReader<'_, 'de> {
    type Out = ();

    fn scalar(self, scalar: Scalar<'de>) {
        self.list.take(bare_name(&scalar));
    }

    fn object<A: MapAccess<'de>>(self, object: A) -> Result<(), A::Error> {
        self.cells.clear();
        self.columns.wanted.read(object, self.cells)?;
        self.list.take(self.columns.row(self.cells));
        Ok(())
    }

    fn array<A: SeqAccess<'de>>(self, array: A) -> Result<(), A::Error> {
        self.list.take(None);
        skip_array(array)
    }
}

/// A bare name is all that some servers send.
fn bare_name<'a>(scalar: &Scalar<'a>) -> Option<Row<'a>> {
    let id = scalar.text().filter(|id| id.len() <= MAX_ID_BYTES)?;
    let name = clean_name(id.clone());
    (!name.is_empty()).then_some(Row {
        id,
        name,
        email: None,
        online: true,
        availability: None,
        status_line: None,
        picture: None,
    })
}

/// Reads the name of a field as its place among those wanted, without keeping it.
struct NameReader<'n>(&'n [&'n str]);

impl<'de> DeserializeSeed<'de> for NameReader<'_> {
    type Value = Option<usize>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Option<usize>, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for NameReader<'_> {
    type Value = Option<usize>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the name of a field")
    }

    fn visit_str<E: Error>(self, name: &str) -> Result<Option<usize>, E> {
        Ok(self.0.iter().position(|wanted| *wanted == name))
    }
}

impl UserFields {
    /// Reads one row; `None` where nothing identifies it.
    pub fn read<'a>(&self, user: &'a serde_json::Value) -> Option<Row<'a>> {
        let mut list = List::default();
        let columns = Columns::new(self);
        let reader = RowReader { columns: &columns, cells: &mut Cells::of(&columns), list: &mut list };
        Reading(reader).deserialize(user).ok()?;
        list.rows.pop()
    }
}
