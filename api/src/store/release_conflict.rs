//! Which releases of a process get in each other's way: under one id, or at one moment.
//!
//! Only individual releases are compared with individual ones, and snapshots with snapshots. A release that several sources
//! give in the same words is one release.

use std::collections::{HashMap, HashSet};
use std::hash::Hash;

use async_graphql::dataloader::Loader;
use chrono::{DateTime, Utc};
use entities::key;
use tokio::task::spawn_blocking;
use uuid::Uuid;

use super::dialect::is_any_of;
use super::keyset::columns_with;
use super::release::{ReleaseRow, TextOfRelease};
use super::{Shown, Store};
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
        let releases = self.releases_of(&tenders).await?;
        let text = |release: &ReleaseRow| TextOfRelease {
            tender: release.tender_id,
            id: release.id,
        };
        let doubtful: Vec<TextOfRelease> = groups(releases.iter(), name)
            .into_values()
            .filter(|group| group.len() > 1)
            .flatten()
            .map(text)
            .collect();
        let contents = self.contents(&doubtful).await?;
        let with_id = releases.iter().filter(|release| release.release_id().is_some());
        let by_id = conflicting(groups(with_id, name), &contents);
        let by_date = conflicting(groups(releases.iter(), moment), &contents);
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

/// What releases have in common that can be the same: their id, or if they have none their date.
fn name(release: &ReleaseRow) -> (Uuid, &str, Option<&str>, Option<DateTime<Utc>>) {
    let id = release.release_id();
    (
        release.tender_id,
        release.kind(),
        id,
        id.is_none().then_some(release.date),
    )
}

fn moment(release: &ReleaseRow) -> (Uuid, &str, DateTime<Utc>) {
    (release.tender_id, release.kind(), release.date)
}

/// Releases by something that they have in common.
fn groups<'r, K: Eq + Hash>(
    releases: impl Iterator<Item = &'r ReleaseRow>,
    common: impl Fn(&'r ReleaseRow) -> K,
) -> HashMap<K, Vec<&'r ReleaseRow>> {
    let mut groups: HashMap<K, Vec<&ReleaseRow>> = HashMap::new();
    for release in releases {
        groups.entry(common(release)).or_default().push(release);
    }
    groups
}

/// Releases that have something in common with others that say something else.
fn conflicting<K>(groups: HashMap<K, Vec<&ReleaseRow>>, contents: &HashMap<Uuid, Uuid>) -> HashSet<Uuid> {
    let content = |release: &&ReleaseRow| contents.get(&release.id).copied().unwrap_or(release.id);
    let conflicts = groups.into_values().filter(|group| {
        let contents: HashSet<Uuid> = group.iter().map(content).collect();
        contents.len() > 1
    });
    conflicts.flatten().map(|release| release.id).collect()
}

impl Store {
    /// The releases of these processes, as far as they can have something in common.
    async fn releases_of(&self, tenders: &[Uuid]) -> Result<Vec<ReleaseRow>> {
        let shown = Shown::named::<ReleaseRow>(&["release_id", "kind"]);
        let select = columns_with::<ReleaseRow>(shown)
            .from("release")
            .and_where(is_any_of(self.backend(), ("release", "tender_id"), tenders))
            .take();
        self.fetch_with(&select, shown).await
    }

    /// A key for what each of these releases says, the same for those that say the same.
    async fn contents(&self, releases: &[TextOfRelease]) -> Result<HashMap<Uuid, Uuid>> {
        if releases.is_empty() {
            return Ok(HashMap::new());
        }
        let texts = self.load(releases).await?;
        let contents = spawn_blocking(move || {
            let contents = texts.iter().map(|(release, text)| {
                let value = ocds::Value::parse(text).map_err(|error| Error::Unreadable(error.to_string()))?;
                // Spaces between words of JSON make no other release.
                let content = key::release(Uuid::nil(), Uuid::nil(), "", value.to_json().as_bytes());
                Ok((release.id, content))
            });
            contents.collect::<Result<_>>()
        });
        contents.await.map_err(|error| Error::Unreadable(error.to_string()))?
    }
}
