//! The rows of sources: made when something is first loaded, and told by packages who publishes and under which licence.
//!
//! The newest package that says so counts; what the operator says stands in columns of its own and is not touched here.

use std::collections::HashMap;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use entities::{package, source};
use sea_orm::prelude::Uuid;
use sea_orm::sea_query::{NullOrdering, Order, Query};
use sea_orm::{ColumnTrait, EntityTrait, FromQueryResult, QueryFilter, QueryOrder, QuerySelect, QueryTrait};

use super::connection::Transaction;
use super::packages::{self, newness};
use crate::Error;
use crate::source::Source;
use crate::source_rules::SourceRules;

/// Makes the row of the source if it is new.
pub(super) async fn ensure(transaction: &mut Transaction, source: &Source) -> Result<source::Model, Error> {
    if let Some(row) = find(transaction, source.key()).await? {
        return Ok(row);
    }
    let row = empty(source);
    transaction.insert::<source::Entity>(std::slice::from_ref(&row)).await?;
    Ok(row)
}

/// The row of a source, if there is one.
pub(super) async fn find(transaction: &mut Transaction, key: Uuid) -> Result<Option<source::Model>, Error> {
    let statement = source::Entity::find().filter(source::Column::Id.eq(key)).into_query();
    Ok(transaction.fetch(&statement).await?.pop())
}

/// By which rules the releases of sources are merged.
pub(super) async fn rules(transaction: &mut Transaction) -> Result<SourceRules, Error> {
    #[derive(FromQueryResult)]
    struct Said {
        id: Uuid,
        merge_overrides: String,
    }
    let statement = source::Entity::find()
        .select_only()
        .columns([source::Column::Id, source::Column::MergeOverrides])
        .filter(source::Column::MergeOverrides.is_not_null())
        .into_query();
    let said: Vec<Said> = transaction.fetch(&statement).await?;
    Ok(SourceRules::new(
        said.into_iter().map(|said| (said.id, said.merge_overrides)),
    ))
}

/// Brings the row of the source up to date after something was loaded: the time, and what the packages say that were
/// added with it.
pub(super) async fn touch(
    transaction: &mut Transaction,
    source: &Source,
    now: DateTime<Utc>,
    added: &[Arc<package::Model>],
) -> Result<(), Error> {
    let row = ensure(transaction, source).await?;
    let counted: Vec<Uuid> = [row.publisher_package_id, row.license_package_id]
        .into_iter()
        .flatten()
        .collect();
    let counted = packages::find(transaction, &counted).await?;
    let (publisher_package_id, package_publisher) = PUBLISHER
        .newest(
            transaction,
            &row,
            (row.publisher_package_id, &row.package_publisher),
            &counted,
            added,
        )
        .await?;
    let (license_package_id, package_license) = LICENSE
        .newest(
            transaction,
            &row,
            (row.license_package_id, &row.package_license),
            &counted,
            added,
        )
        .await?;
    let statement = Query::update()
        .table(source::Entity)
        .values([
            (source::Column::LastIngestedAt, now.into()),
            (source::Column::PublisherPackageId, publisher_package_id.into()),
            (source::Column::PackagePublisher, package_publisher.into()),
            (source::Column::LicensePackageId, license_package_id.into()),
            (source::Column::PackageLicense, package_license.into()),
        ])
        .and_where(source::Column::Id.eq(row.id))
        .to_owned();
    transaction.execute(&statement).await
}

/// Something that packages say about their source.
struct Word {
    column: package::Column,
    of: fn(&package::Model) -> Option<&String>,
}

const PUBLISHER: Word = Word {
    column: package::Column::Publisher,
    of: |package| package.publisher.as_ref(),
};
const LICENSE: Word = Word {
    column: package::Column::License,
    of: |package| package.license.as_ref(),
};

/// Those of the packages that can count: of each word the newest that says it.
pub(super) fn telling(packages: &[Arc<package::Model>]) -> Vec<Arc<package::Model>> {
    let newest = [PUBLISHER, LICENSE].map(|word| word.newest_of(packages));
    newest.into_iter().flatten().cloned().collect()
}

/// A package, and what it says.
type Said = (Option<Uuid>, Option<String>);

impl Word {
    /// The newest of the packages that says it.
    fn newest_of<'p>(
        &self,
        packages: impl IntoIterator<Item = &'p Arc<package::Model>>,
    ) -> Option<&'p Arc<package::Model>> {
        let packages = packages.into_iter().filter(|package| (self.of)(package).is_some());
        packages.max_by_key(|package| newness(package))
    }

    /// What the newest package says that says anything, from what counted before and the packages that were added.
    async fn newest(
        &self,
        transaction: &mut Transaction,
        source: &source::Model,
        (id, word): (Option<Uuid>, &Option<String>),
        counted: &HashMap<Uuid, Arc<package::Model>>,
        added: &[Arc<package::Model>],
    ) -> Result<Said, Error> {
        let before = id.and_then(|id| counted.get(&id));
        if id.is_some() && before.is_none() {
            return self.ask(transaction, source.id).await;
        }
        let newest = self.newest_of(added.iter().chain(before));
        Ok(newest.map_or_else(
            || (id, word.clone()),
            |package| (Some(package.id), (self.of)(package).cloned()),
        ))
    }

    /// The same from the database, when the package that counted is gone.
    async fn ask(&self, transaction: &mut Transaction, source: Uuid) -> Result<Said, Error> {
        let statement = package::Entity::find()
            .filter(package::Column::SourceId.eq(source))
            .filter(self.column.is_not_null())
            .order_by_with_nulls(package::Column::PublishedAt, Order::Desc, NullOrdering::Last)
            .order_by_asc(package::Column::Id)
            .limit(1)
            .into_query();
        let newest: Option<package::Model> = transaction.fetch(&statement).await?.pop();
        Ok((
            newest.as_ref().map(|package| package.id),
            newest.as_ref().and_then(self.of).cloned(),
        ))
    }
}

/// The row of a source of which only the slug is known.
pub(crate) fn empty(source: &Source) -> source::Model {
    source::Model {
        id: source.key(),
        slug: source.slug().to_owned(),
        name: None,
        publisher: None,
        country: None,
        license: None,
        url: None,
        format: Some("ocds".to_owned()),
        language: None,
        last_ingested_at: None,
        schedule: None,
        merge_overrides: None,
        package_publisher: None,
        package_license: None,
        publisher_package_id: None,
        license_package_id: None,
    }
}
