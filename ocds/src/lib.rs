//! The Open Contracting Data Standard, pure: no database, no async, no clock.
//!
//! - [`json`] keeps documents as they were published, digit for digit.
//! - [`split`] cuts a stream of bytes, whatever the publisher put into it, into single releases and records.
//! - [`encoding`] tells how its bytes are encoded, where it is not UTF-8.
//! - [`release`] tells what such a piece is.
//! - [`date`] and [`number`] read the dates and numbers publishers write.
//! - [`repair`] turns what only one thing can be meant by into that.
//! - [`upgrade`] turns releases of OCDS 1.0 into releases of 1.1.
//! - [`rules`] knows which field is merged in which way, and [`merge`] makes one compiled release of many releases, and
//!   their history.
//!
//! ```
//! use ocds::{Rules, Value, compile};
//!
//! let planned = Value::parse(r#"{"ocid":"ocds-1","id":"1","date":"2020-01-01","tag":["planning"],"buyer":{"name":"A"}}"#)?;
//! let awarded = Value::parse(r#"{"ocid":"ocds-1","id":"2","date":"2020-02-01","tag":["award"],"awards":[{"id":7}]}"#)?;
//! let compiled = compile(vec![awarded, planned], Rules::ocds_1_1());
//! assert_eq!(compiled.release.at(&["id"]).and_then(Value::as_str), Some("ocds-1-2020-02-01"));
//! assert_eq!(compiled.release.at(&["awards", "0", "id"]).and_then(Value::as_number), Some("7"));
//! # Ok::<(), ocds::json::ParseError>(())
//! ```

pub mod date;
pub mod encoding;
pub mod json;
pub mod merge;
pub mod number;
pub mod release;
pub mod repair;
pub mod rules;
pub mod split;
pub mod upgrade;

pub use encoding::Encoding;
pub use json::{Object, Value};
pub use merge::{Compiled, Dialect, FieldChange, History, Merger, Published, State, compile};
pub use release::{Kind, kind};
pub use rules::Rules;
pub use split::{Piece, Splitter};
