//! Who was online when: what is remembered of it, and what can be said from it.
//!
//! Two things are kept: in which *spans* people were online, and when we *watched*. What lies in no watch is not
//! known; who is in no span of a watch was offline. A connection that is lost ends the watch, so trouble of ours is
//! never somebody's absence.
//!
//! [`timeline`] and [`usual`] are pure; [`store`] is the door to the file, [`recorder`] writes behind through it.

mod export;
mod past;
pub(crate) mod recorder;
mod settings;
#[cfg(test)]
pub(crate) mod shelf;
mod sqlite;
pub mod store;
pub(crate) mod timeline;
pub(crate) mod usual;

pub use export::ExportFormat;
pub use past::{Past, Span, SpanState, Watch};
pub use settings::{HistorySettings, MAX_KEEP_DAYS, MIN_KEEP_DAYS};
pub use sqlite::SqliteHistory;
pub use store::{Exported, HistoryError, HistoryStore, Record, Seen};
pub use timeline::{Day, Segment, SegmentState, Timeline, TimelineSpan, timeline};
pub use usual::{Habit, Hours, USUAL_WEEKS, Usual, usual};
