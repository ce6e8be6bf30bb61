//! Whole lists as files, streamed in constant memory: the same rows as the API's lists, under the same filters.
//!
//! [`Export`] says what is wanted, [`Export::stream`] gives the file piece by piece. What the columns are stands in
//! [`table`], how they are written in [`jsonl`], [`csv`] and [`parquet`], how rows are read in `rows`.

mod csv;
mod filter;
mod gzip;
mod jsonl;
mod parquet;
mod rows;
mod table;

use std::io;
use std::str::FromStr;
use std::sync::Arc;

pub use gzip::gzip;
pub use ocds::Dialect;

pub use crate::store::merged::Way;

use actix_web::web::Bytes;
use futures_util::stream::{self, Stream};

use crate::criteria::{AwardFilter, OrganizationFilter, TenderFilter};
use crate::error::{Error, Result};
use crate::store::Store;
use rows::Rows;
use table::Row;

/// What can be exported.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Contracting processes.
    Tenders,
    /// Awards.
    Awards,
    /// Organisations that awards name as suppliers.
    Suppliers,
    /// Organisations that tenders name as buyers.
    Buyers,
    /// OCDS compiled releases, digit for digit as published.
    Releases,
}

/// The form of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// One JSON document a line.
    Jsonl,
    /// Comma-separated values with a line of names, for spreadsheets.
    Csv,
    /// Apache Parquet, for analysis.
    Parquet,
}

impl Format {
    /// The media type of such a file.
    #[must_use]
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Jsonl => "application/jsonl",
            Self::Csv => "text/csv; charset=utf-8",
            Self::Parquet => "application/vnd.apache.parquet",
        }
    }
}

/// The name is none of those that are known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("unknown; {0}")]
pub struct Unknown(&'static str);

impl FromStr for Kind {
    type Err = Unknown;

    fn from_str(name: &str) -> Result<Self, Unknown> {
        Ok(match name {
            "tenders" => Self::Tenders,
            "awards" => Self::Awards,
            "suppliers" => Self::Suppliers,
            "buyers" => Self::Buyers,
            "releases" => Self::Releases,
            _ => return Err(Unknown("ask for tenders, awards, suppliers, buyers or releases")),
        })
    }
}

impl FromStr for Format {
    type Err = Unknown;

    fn from_str(name: &str) -> Result<Self, Unknown> {
        Ok(match name {
            "jsonl" => Self::Jsonl,
            "csv" => Self::Csv,
            "parquet" => Self::Parquet,
            _ => return Err(Unknown("ask for jsonl, csv or parquet")),
        })
    }
}

/// Which rows of which list, with the filter of that list in the API.
#[derive(Clone, Debug)]
enum Selection {
    Tenders(Box<TenderFilter>),
    Awards(Box<AwardFilter>),
    Suppliers(OrganizationFilter),
    Buyers(OrganizationFilter),
    Releases(Box<TenderFilter>),
    /// Releases merged on the way out.
    Merged(Box<TenderFilter>, Way),
}

/// A file that is wanted.
#[derive(Clone, Debug)]
pub struct Export {
    selection: Selection,
    format: Format,
}

impl Export {
    /// A file of this kind and form, with the rows that match `filter`: JSON, exactly as the API's list takes it in a
    /// variable. All rows if there is none.
    ///
    /// # Errors
    /// [`Error::BadUserInput`] if the filter is not JSON, or not a filter of that list.
    pub fn new(kind: Kind, format: Format, filter: Option<&str>) -> Result<Self> {
        let selection = match kind {
            Kind::Tenders => Selection::Tenders(Box::new(filter::read(filter)?)),
            Kind::Awards => Selection::Awards(Box::new(filter::read(filter)?)),
            Kind::Suppliers => Selection::Suppliers(filter::read(filter)?),
            Kind::Buyers => Selection::Buyers(filter::read(filter)?),
            Kind::Releases => Selection::Releases(Box::new(filter::read(filter)?)),
        };
        Ok(Self { selection, format })
    }

    /// The same file with what the stored releases come to when they are merged this way, instead of the compiled
    /// releases that the hub holds. A process of which nothing can be made that way is left out.
    ///
    /// # Errors
    /// [`Error::BadUserInput`] if it is a file of something else than releases.
    pub fn merged(self, way: Way) -> Result<Self> {
        let Selection::Releases(filter) = self.selection else {
            return Err(Error::bad_input("merge", "only releases are merged"));
        };
        Ok(Self {
            selection: Selection::Merged(filter, way),
            format: self.format,
        })
    }

    /// Whether its filter asks for words, which takes the search index.
    #[must_use]
    pub fn searches(&self) -> bool {
        match &self.selection {
            Selection::Tenders(filter) | Selection::Releases(filter) | Selection::Merged(filter, _) => {
                filter.searches()
            }
            Selection::Awards(filter) => filter.searches(),
            Selection::Suppliers(_) | Selection::Buyers(_) => false,
        }
    }

    /// The file, piece by piece, with its rows in the order of their keys.
    ///
    /// Rows are read as the pieces are taken, so what is committed meanwhile may be in later pieces. The stream ends
    /// after its first error: [`Error::BadUserInput`] if a value of the filter makes no sense, [`Error::Store`] if the
    /// database fails, [`Error::Unreadable`] if a stored document cannot be unpacked.
    pub fn stream(self, store: Store) -> impl Stream<Item = Result<Bytes>> + Send {
        let encoder = Encoder::new(self.format, &self.selection);
        let start = (Rows::new(store, self.selection), encoder);
        stream::try_unfold(Some(start), |state| async move {
            let Some((mut rows, mut encoder)) = state else {
                return Ok(None);
            };
            let batch = rows.next().await?;
            if batch.is_empty() {
                return Ok(Some((encoder.finish()?, None)));
            }
            Ok(Some((encoder.write(batch)?, Some((rows, encoder)))))
        })
    }
}

/// Writes rows in the form that was asked for.
enum Encoder {
    Jsonl(jsonl::Encoder),
    Csv(csv::Encoder),
    Parquet(Box<parquet::Encoder>),
}

impl Encoder {
    fn new(format: Format, selection: &Selection) -> Self {
        let columns = rows::columns(selection);
        match format {
            Format::Jsonl => Self::Jsonl(jsonl::Encoder::new(columns)),
            Format::Csv => Self::Csv(csv::Encoder::new(columns)),
            Format::Parquet => Self::Parquet(parquet::Encoder::new(columns).into()),
        }
    }

    /// The next piece of the file, which may be empty.
    fn write(&mut self, rows: Vec<Row>) -> Result<Bytes> {
        match self {
            Self::Jsonl(encoder) => Ok(encoder.write(&rows)),
            Self::Csv(encoder) => encoder.write(&rows).map_err(output),
            Self::Parquet(encoder) => encoder.write(rows).map_err(output),
        }
    }

    /// The end of the file.
    fn finish(self) -> Result<Bytes> {
        match self {
            Self::Jsonl(_) => Ok(Bytes::new()),
            Self::Csv(mut encoder) => encoder.write(&[]).map_err(output),
            Self::Parquet(encoder) => encoder.finish().map_err(output),
        }
    }
}

fn output(error: impl std::error::Error + Send + Sync + 'static) -> Error {
    Error::Output(Arc::new(io::Error::other(error)))
}
