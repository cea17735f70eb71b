//! A store for tests: it keeps what it is handed, and fails when it is told to.

#![allow(clippy::unwrap_used, reason = "a test may fail by panicking")]

use super::{ExportFormat, Exported, HistoryError, HistoryStore, Past, Record};
use crate::{people::PersonKey, settings::OpenSession};
use async_trait::async_trait;
use jiff::{Timestamp, tz::TimeZone};
use std::{
    collections::HashMap,
    path::{Path, PathBuf},
    sync::{
        Mutex,
        atomic::{AtomicBool, Ordering},
    },
};

/// A store for tests.
#[derive(Default)]
pub(crate) struct Shelf {
    /// What was written, batch by batch.
    pub(crate) written: Mutex<Vec<Vec<Record>>>,
    /// Whether everything fails.
    pub(crate) fails: AtomicBool,
    /// The file that could not be read, if that is to be told.
    pub(crate) aside: Mutex<Option<PathBuf>>,
    /// What else was asked, in words.
    pub(crate) asked: Mutex<Vec<String>>,
    /// When people were online last.
    pub(crate) last_online: Mutex<HashMap<String, Timestamp>>,
    /// What is known of everybody.
    pub(crate) past: Mutex<Past>,
}

impl Shelf {
    /// How many records were written together.
    pub(crate) fn batches(&self) -> Vec<usize> {
        self.written.lock().unwrap().iter().map(Vec::len).collect()
    }

    /// All that was written.
    pub(crate) fn records(&self) -> Vec<Record> {
        self.written.lock().unwrap().concat()
    }

    fn answer<T>(&self, question: String, answer: T) -> Result<T, HistoryError> {
        self.asked.lock().unwrap().push(question);
        match self.fails.load(Ordering::Relaxed) {
            true => Err(HistoryError { path: self.path(), reason: "the disk is full".to_owned() }),
            false => Ok(answer),
        }
    }
}

fn name(whom: Option<&PersonKey>) -> String {
    whom.map_or("all".to_owned(), |person| person.id.clone())
}

#[async_trait]
impl HistoryStore for Shelf {
    async fn record(&self, records: &[Record]) -> Result<(), HistoryError> {
        self.answer("record".to_owned(), ())?;
        self.written.lock().unwrap().push(records.to_vec());
        Ok(())
    }

    async fn past(&self, person: &PersonKey, _: Timestamp, _: Timestamp) -> Result<Past, HistoryError> {
        let past = self.past.lock().unwrap().clone();
        self.answer(format!("past {}", person.id), past)
    }

    async fn last_online(&self, _: &OpenSession) -> Result<HashMap<String, Timestamp>, HistoryError> {
        let people = self.last_online.lock().unwrap().clone();
        self.answer("last online".to_owned(), people)
    }

    async fn forget(&self, whom: Option<&PersonKey>) -> Result<(), HistoryError> {
        self.answer(format!("forget {}", name(whom)), ())
    }

    async fn prune(&self, before: Timestamp) -> Result<(), HistoryError> {
        self.answer(format!("prune {before}"), ())
    }

    async fn export(
        &self,
        format: ExportFormat,
        whom: Option<&PersonKey>,
        folder: &Path,
        _: Timestamp,
        _: &TimeZone,
    ) -> Result<Exported, HistoryError> {
        self.answer(
            format!("export {format:?} {}", name(whom)),
            Exported { path: folder.join("file"), spans: 2 },
        )
    }

    async fn size(&self) -> u64 {
        2_500_000
    }

    fn path(&self) -> PathBuf {
        PathBuf::from("/history.sqlite")
    }

    fn set_aside(&self) -> Option<PathBuf> {
        self.aside.lock().unwrap().take()
    }

    async fn close(&self) {
        self.asked.lock().unwrap().push("close".to_owned());
    }
}
