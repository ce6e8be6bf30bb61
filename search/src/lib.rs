//! The search index beside the database: built from the tables, asked by the read wing.
//!
//! It is never the truth. It may be deleted at any time, and is built anew: by the server, which starts without waiting
//! for it, or by [`reindex`]. A [`Keeper`] follows the changes of the tables; everyone else asks an [`Index`] for its
//! newest [`Snapshot`], which answers with keys, in the order asked for, and leaves the rows to the database.
//!
//! - what is typed: [`Text`]; which tenders are wanted: [`Filter`], whose claims mean what the database's conditions mean;
//! - the way in: tables (`read`), documents (`document`, `fields`), whole (`build`) or by changes (`follow`);
//! - the way out: what stands for a word (`matching`), what has it (`remembered`, `ranking`), one walk over all that matches
//!   (`collect`, `tenders`, `organizations`, `everything`), and where it was found (`highlight`).

mod build;
mod collect;
mod document;
mod error;
mod everything;
mod fields;
mod filter;
mod folder;
mod follow;
mod highlight;
mod index;
mod keeper;
mod language;
mod matching;
mod news;
mod ordinals;
mod organizations;
mod ranking;
mod read;
mod remembered;
mod snapshot;
mod tenders;
mod text;
mod tokenizer;
mod volume;
mod words;

use std::num::NonZeroUsize;
use std::path::Path;

use sea_orm::DatabaseConnection;

pub use build::Built;
pub use collect::{Page, Place};
pub use error::{Error, Result};
pub use everything::{Kind, Suggestion, Thing, ThingPlace, Things};
pub use fields::Dimension;
pub use filter::{Filter, Span};
pub use highlight::{Excerpt, Highlighter};
pub use index::{Index, Status};
pub use keeper::Keeper;
pub use snapshot::Snapshot;
pub use tenders::{Found, FoundTender, Question, SortBy};
pub use text::{Text, TextError};

/// Builds the index in a folder anew from the tables, on so many threads. A server that uses the folder goes over to it.
///
/// `report` is told how far it has come.
///
/// # Errors
/// If another process is building there, or the database or the disk fails.
pub async fn reindex(
    path: &Path,
    database: &DatabaseConnection,
    threads: NonZeroUsize,
    report: &(dyn Fn(Built) + Sync),
) -> Result<Built> {
    build::build(&folder::Folder::new(path), database, threads, report).await
}
