//! Which releases of a process get in each other's way: under one id, or at one moment.
//!
//! Only individual releases are compared with individual ones, and snapshots with snapshots. A release that several sources
//! give in the same words is one release.

use std::collections::{HashMap, HashSet};
use std::hash::Hash;

use async_graphql::dataloader::Loader;
use chrono::{DateTime, Utc};
use entities::key;
use sea_orm::sea_query::Query;
use tokio::task::spawn_blocking;
use uuid::Uuid;

use super::Store;
use super::dialect::is_any_of;
use super::release::unpack;
use crate::error::{Error, Result};

/// Asks what a release has in common with others of its process that are not the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ConflictOfRelease {
    /// The process.
    pub tender: Uuid,
    /// The release.
    pub id: Uuid,
}

/// What a release has in common with others that are not the same.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ReleaseConflict {
    /// Its id in the publisher's data.
    pub by_id: bool,
    /// Its date.
    pub by_date: bool,
}

impl Loader<ConflictOfRelease> for Store {
    type Value = ReleaseConflict;
    type Error = Error;

    async fn load(&self, keys: &[ConflictOfRelease]) -> Result<HashMap<ConflictOfRelease, ReleaseConflict>> {
        let tenders: HashSet<Uuid> = keys.iter().map(|key| key.tender).collect();
        let tenders: Vec<Uuid> = tenders.into_iter().collect();
        let heads = self.heads(&tenders).await?;
        let doubtful: Vec<Uuid> = groups(heads.iter(), Head::name)
            .into_values()
            .filter(|group| group.len() > 1)
            .flatten()
            .map(|head| head.id)
            .collect();
        let contents = self.contents(&tenders, &doubtful).await?;
        let with_id = heads.iter().filter(|head| head.release_id.is_some());
        let by_id = conflicting(groups(with_id, Head::name), &contents);
        let by_date = conflicting(groups(heads.iter(), Head::moment), &contents);
        let found = keys.iter().map(|&key| {
            let conflict = ReleaseConflict {
                by_id: by_id.contains(&key.id),
                by_date: by_date.contains(&key.id),
            };
            (key, conflict)
        });
        Ok(found.collect())
    }
}

/// What is known of a release without its text.
struct Head {
    tender: Uuid,
    id: Uuid,
    release_id: Option<String>,
    date: DateTime<Utc>,
    kind: String,
}

impl Head {
    /// What releases have in common that can be the same: their id, or if they have none their date.
    fn name(&self) -> (Uuid, &str, Option<&str>, Option<DateTime<Utc>>) {
        let id = self.release_id.as_deref();
        (self.tender, &self.kind, id, id.is_none().then_some(self.date))
    }

    fn moment(&self) -> (Uuid, &str, DateTime<Utc>) {
        (self.tender, &self.kind, self.date)
    }
}

/// Releases by something that they have in common.
fn groups<'h, K: Eq + Hash>(
    heads: impl Iterator<Item = &'h Head>,
    common: impl Fn(&'h Head) -> K,
) -> HashMap<K, Vec<&'h Head>> {
    let mut groups: HashMap<K, Vec<&Head>> = HashMap::new();
    for head in heads {
        groups.entry(common(head)).or_default().push(head);
    }
    groups
}

/// Releases that have something in common with others that say something else.
fn conflicting<K>(groups: HashMap<K, Vec<&Head>>, contents: &HashMap<Uuid, Uuid>) -> HashSet<Uuid> {
    let content = |head: &&Head| contents.get(&head.id).copied().unwrap_or(head.id);
    let conflicts = groups.into_values().filter(|group| {
        let contents: HashSet<Uuid> = group.iter().map(content).collect();
        contents.len() > 1
    });
    conflicts.flatten().map(|head| head.id).collect()
}

impl Store {
    async fn heads(&self, tenders: &[Uuid]) -> Result<Vec<Head>> {
        let mut select = Query::select();
        select
            .columns(["tender_id", "id", "release_id", "date", "kind"].map(|column| ("release", column)))
            .from("release")
            .and_where(is_any_of(self.backend(), ("release", "tender_id"), tenders));
        let rows = self.rows(&select).await?;
        let heads = rows.iter().map(|row| {
            let mut columns = row.columns_after(0);
            Ok(Head {
                tender: columns.take()?,
                id: columns.take()?,
                release_id: columns.take()?,
                date: columns.take()?,
                kind: columns.take()?,
            })
        });
        heads.collect()
    }

    /// A key for what each of these releases says, the same for those that say the same.
    async fn contents(&self, tenders: &[Uuid], releases: &[Uuid]) -> Result<HashMap<Uuid, Uuid>> {
        if releases.is_empty() {
            return Ok(HashMap::new());
        }
        let mut select = Query::select();
        select
            .columns([("release", "id"), ("release", "body")])
            .from("release")
            .and_where(is_any_of(self.backend(), ("release", "tender_id"), tenders))
            .and_where(is_any_of(self.backend(), ("release", "id"), releases));
        let rows = self.rows(&select).await?;
        let bodies = rows.iter().map(|row| {
            let mut columns = row.columns_after(0);
            Ok((columns.take()?, columns.take()?))
        });
        let bodies: Vec<(Uuid, Vec<u8>)> = bodies.collect::<Result<_>>()?;
        let contents = spawn_blocking(move || {
            let contents = bodies.iter().map(|(id, body)| {
                let text: String = unpack(body)?;
                let value = ocds::Value::parse(&text).map_err(|error| Error::Unreadable(error.to_string()))?;
                // Spaces between words of JSON make no other release.
                Ok((
                    *id,
                    key::release(Uuid::nil(), Uuid::nil(), "", value.to_json().as_bytes()),
                ))
            });
            contents.collect::<Result<_>>()
        });
        contents.await.map_err(|error| Error::Unreadable(error.to_string()))?
    }
}
