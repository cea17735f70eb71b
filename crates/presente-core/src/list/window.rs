//! The rows of the list, in sight of a window into it.

use super::{
    Index, SectionKey,
    entry::{Kind, Noted, Slot},
    section::Section,
};
use crate::{controller::AccountNumber, roster::Contact};
use std::sync::Arc;

/// A row of the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Row<'a> {
    /// The head of an account, where there are several.
    Account(AccountNumber),
    /// The head of a section.
    Heading(Heading<'a>),
    /// Somebody.
    Contact {
        /// By which the row is known.
        slot: Slot,
        /// Through which account.
        account: AccountNumber,
        /// As they are now.
        contact: &'a Arc<Contact>,
        /// What is noted of them, as far as the list shows it.
        noted: Option<&'a Noted>,
    },
}

/// The head of a section.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Heading<'a> {
    /// By which the row is known.
    pub(crate) number: u32,
    /// By which commands name the section.
    pub(crate) section: &'a str,
    /// Which section.
    pub(crate) kind: &'a Kind,
    /// How many of those in it are online.
    pub(crate) online: usize,
    /// How many are in it.
    pub(crate) of: usize,
    /// Those in it are shown.
    pub(crate) expanded: bool,
}

/// Rows that belong together.
enum Block<'a> {
    Account(AccountNumber),
    Section(&'a SectionKey, &'a Section),
}

impl Index {
    /// How many rows there are, heads included.
    pub(crate) fn total(&self) -> usize {
        self.blocks().map(|block| self.rows_of(&block)).sum()
    }

    /// The rows from one on, as many as are asked for.
    pub(crate) fn window(&self, from: usize, len: usize) -> Vec<Row<'_>> {
        let (mut skip, mut rows) = (from, Vec::new());
        for block in self.blocks() {
            let (left, size) = (len - rows.len(), self.rows_of(&block));
            if left == 0 {
                break;
            }
            if skip >= size {
                skip -= size;
                continue;
            }
            match block {
                Block::Account(account) => rows.push(Row::Account(account)),
                Block::Section(key, section) => rows.extend(self.section(key, section, skip, left)),
            }
            skip = 0;
        }
        rows
    }

    fn section<'a>(
        &'a self,
        (_, kind): &'a SectionKey,
        section: &'a Section,
        from: usize,
        len: usize,
    ) -> impl Iterator<Item = Row<'a>> {
        let expanded = self.is_expanded(section);
        let heading = Row::Heading(Heading {
            number: section.number,
            section: &section.id,
            kind,
            online: section.online,
            of: section.rows().len(),
            expanded,
        });
        let rows = if expanded { section.rows() } else { &[] };
        let rows = rows.get(from.saturating_sub(1)..).unwrap_or_default();
        let contacts = rows.iter().filter_map(|slot| {
            let entry = self.entries.get(*slot)?;
            let (account, contact, noted) = (entry.account, &entry.contact, entry.noted.as_deref());
            Some(Row::Contact { slot: *slot, account, contact, noted })
        });
        (from == 0).then_some(heading).into_iter().chain(contacts).take(len)
    }

    fn is_expanded(&self, section: &Section) -> bool {
        !section.folded || self.is_searching()
    }

    fn rows_of(&self, block: &Block<'_>) -> usize {
        match block {
            Block::Account(_) => 1,
            Block::Section(_, section) if self.is_expanded(section) => 1 + section.rows().len(),
            Block::Section(..) => 1,
        }
    }

    fn blocks(&self) -> impl Iterator<Item = Block<'_>> {
        let of = |account| {
            let sections = self.sections.range((account, Kind::Favourites)..=(account, Kind::Offline));
            sections.map(|(key, section)| Block::Section(key, section))
        };
        let accounts = self.accounts.keys().flat_map(move |account| {
            // Who searches wants to see who was found, and not where nobody was.
            let found_some = !self.is_searching() || of(*account).next().is_some();
            let has_head = self.accounts.len() > 1 && found_some;
            has_head.then_some(Block::Account(*account)).into_iter().chain(of(*account))
        });
        of(AccountNumber::NONE).chain(accounts)
    }
}
