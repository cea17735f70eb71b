//! Unmodified clients of the field, and the protocol's own suites, at our server. What came of it is written to
//! docs/CONFORMANCE.md.

mod clients;
mod document;
mod people;
mod stage;
mod steps;
mod suites;
mod table;
