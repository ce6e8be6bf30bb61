//! Reading releases, and the compiled release of a process as one document.

use std::collections::HashMap;
use std::sync::Arc;

use async_graphql::dataloader::Loader;
use chrono::{DateTime, Utc};
use sea_orm::sea_query::{Expr, ExprTrait, Query};
use uuid::Uuid;

use super::dialect::is_any_of;
use super::keyset::{Column, Keyset, Kind, Page, Placed, at, columns, instant, next_by_key};
use super::nested::grouped;
use super::reading::Reading;
use super::row::row;
use super::window::Window;
use super::{Row, Shown, Store};
use crate::criteria::{Cursor, OrderDirection, PageRequest};
use crate::error::{Error, Result};

row! {
    /// A release, without its text.
    ReleaseRow from "release" {
        /// Key of its process.
        tender_id: Uuid,
        /// Its key.
        id: Uuid,
        /// Key of its source.
        source_id: Uuid,
        /// Key of the package it came in.
        package_id: Option<Uuid>,
        /// Its date.
        date: DateTime<Utc>,
        /// When the hub took it in.
        retrieved_at: DateTime<Utc>,
    } if shown {
        /// The publisher's id.
        release_id: Option<&str>,
        /// Its tags, separated by commas.
        tags: &str,
        /// Code of what it is: an individual release or a snapshot.
        kind: &str,
    }
}

impl ReleaseRow {
    /// Its tags, one by one.
    #[must_use]
    pub fn tag(&self) -> Vec<&str> {
        self.tags().split(',').filter(|tag| !tag.is_empty()).collect()
    }
}

impl Placed for ReleaseRow {
    fn place(&self, _column: Column) -> Cursor {
        at(instant(self.date), &[self.id])
    }
}

row! {
    /// The compressed text of a release.
    ReleaseText from "release" {
        /// Its key.
        id: Uuid,
        /// The text, compressed.
        body: Vec<u8>,
    }
}

row! {
    /// The compressed text of a compiled release.
    CompiledText from "compiled_release" {
        /// Key of its process.
        tender_id: Uuid,
        /// The text, compressed.
        body: Vec<u8>,
    }
}

/// The keyset of releases: newest first.
#[must_use]
pub fn keyset() -> Keyset {
    Keyset {
        list: "releases",
        value: ("release", "date"),
        kind: Kind::Instant,
        nullable: false,
        keys: &[("release", "id")],
        direction: OrderDirection::Desc,
    }
}

/// Asks for a page of the releases about a process, newest first.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ReleasesOfTender {
    /// The process.
    pub tender: Uuid,
    /// Which page.
    pub page: PageRequest,
}

impl Loader<ReleasesOfTender> for Store {
    type Value = Arc<Page<ReleaseRow>>;
    type Error = Error;

    async fn load(&self, keys: &[ReleasesOfTender]) -> Result<HashMap<ReleasesOfTender, Self::Value>> {
        let mut pages = HashMap::with_capacity(keys.len());
        let reading = Reading::alone(columns::<ReleaseRow>().from("release").take(), Shown::ALL);
        let parent = ("release", "tender_id");
        for (page, tenders) in grouped(keys, |key| (key.page.clone(), key.tender)) {
            let found = self.pages(&reading, &keyset(), &page, parent, &tenders).await?;
            pages.extend(found.into_iter().map(|(tender, rows)| {
                (
                    ReleasesOfTender {
                        tender,
                        page: page.clone(),
                    },
                    Arc::new(rows),
                )
            }));
        }
        Ok(pages)
    }
}

/// Asks how many releases there are about a process.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ReleaseCountOfTender(pub Uuid);

impl Loader<ReleaseCountOfTender> for Store {
    type Value = i64;
    type Error = Error;

    async fn load(&self, keys: &[ReleaseCountOfTender]) -> Result<HashMap<ReleaseCountOfTender, i64>> {
        let tenders: Vec<Uuid> = keys.iter().map(|key| key.0).collect();
        let counts = self
            .counts(
                Query::select().from("release").take(),
                ("release", "tender_id"),
                &tenders,
            )
            .await?;
        Ok(counts
            .into_iter()
            .map(|(tender, count)| (ReleaseCountOfTender(tender), count))
            .collect())
    }
}

/// Asks for the text of a release, as published.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct TextOfRelease {
    /// Its process.
    pub tender: Uuid,
    /// The release.
    pub id: Uuid,
}

impl Loader<TextOfRelease> for Store {
    type Value = Arc<str>;
    type Error = Error;

    async fn load(&self, keys: &[TextOfRelease]) -> Result<HashMap<TextOfRelease, Arc<str>>> {
        let tenders: Vec<Uuid> = keys.iter().map(|key| key.tender).collect();
        let ids: Vec<Uuid> = keys.iter().map(|key| key.id).collect();
        let select = columns::<ReleaseText>()
            .from("release")
            .and_where(is_any_of(self.backend(), ("release", "tender_id"), &tenders))
            .and_where(is_any_of(self.backend(), ("release", "id"), &ids))
            .take();
        let mut texts: HashMap<Uuid, Arc<str>> = HashMap::with_capacity(keys.len());
        for row in self.fetch::<ReleaseText>(&select).await? {
            texts.insert(row.id, unpack(&row.body)?);
        }
        Ok(keys
            .iter()
            .filter_map(|key| Some((*key, texts.get(&key.id)?.clone())))
            .collect())
    }
}

/// Asks for the compiled release of a process, as JSON text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct CompiledReleaseOf(pub Uuid);

impl Loader<CompiledReleaseOf> for Store {
    type Value = Arc<str>;
    type Error = Error;

    async fn load(&self, keys: &[CompiledReleaseOf]) -> Result<HashMap<CompiledReleaseOf, Arc<str>>> {
        let tenders: Vec<Uuid> = keys.iter().map(|key| key.0).collect();
        let select = columns::<CompiledText>()
            .from("compiled_release")
            .and_where(is_any_of(self.backend(), ("compiled_release", "tender_id"), &tenders))
            .take();
        let rows = self.fetch::<CompiledText>(&select).await?;
        rows.into_iter()
            .map(|row| Ok((CompiledReleaseOf(row.tender_id), unpack(&row.body)?)))
            .collect()
    }
}

/// The compiled release of a process.
#[derive(Clone, Debug)]
pub struct CompiledRelease {
    /// Key of its process.
    pub tender_id: Uuid,
    /// The process's ocid.
    pub ocid: String,
    /// The document, digit for digit as it was published.
    pub text: Arc<str>,
}

/// The compiled releases of the next processes by key that are in the window, for streaming all of them.
///
/// # Errors
/// [`Error::Store`] if the database fails, [`Error::Unreadable`] if a document cannot be unpacked.
pub async fn compiled_after(
    store: &Store,
    window: &Window,
    after: Option<Uuid>,
    limit: u64,
) -> Result<Vec<CompiledRelease>> {
    let mut select = columns::<CompiledText>();
    select
        .column(("tender", "ocid"))
        .from("compiled_release")
        .inner_join(
            "tender",
            Expr::col(("tender", "id")).equals(("compiled_release", "tender_id")),
        )
        .cond_where(window.condition.clone());
    let keys = [("compiled_release", "tender_id")];
    let rows = store
        .rows(next_by_key(&mut select, &keys, after.as_slice(), limit))
        .await?;
    rows.iter()
        .map(|row| {
            let CompiledText { tender_id, body } = CompiledText::read(row, 0, Shown::ALL)?;
            Ok(CompiledRelease {
                tender_id,
                ocid: row.columns_after(CompiledText::width(Shown::ALL)).take()?,
                text: unpack(&body)?,
            })
        })
        .collect()
}

/// The text of a stored document.
pub(super) fn unpack<T: From<String>>(body: &[u8]) -> Result<T> {
    let bytes = zstd::stream::decode_all(body).map_err(|error| Error::Unreadable(error.to_string()))?;
    String::from_utf8(bytes)
        .map(Into::into)
        .map_err(|error| Error::Unreadable(error.to_string()))
}
