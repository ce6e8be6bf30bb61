//! A data feed: who publishes, under which licence, in which form.

use sea_orm::entity::prelude::*;

/// One source, known by its slug.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "source")]
pub struct Model {
    /// [`crate::key::source`] of the slug.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// Short name in lower case, as given to `--source`; unique.
    pub slug: String,
    /// What to call it in a list.
    pub name: Option<String>,
    /// Who publishes it, as the operator says.
    pub publisher: Option<String>,
    /// ISO 3166-1 alpha-2 code of the country it is about.
    pub country: Option<String>,
    /// URL of the licence, as the operator says.
    pub license: Option<String>,
    /// Where it is fetched from.
    pub url: Option<String>,
    /// The form it comes in, such as `ocds`.
    pub format: Option<String>,
    /// ISO 639-1 code of the language its texts are in, where releases do not say.
    pub language: Option<String>,
    /// When a load from it last committed something.
    pub last_ingested_at: Option<DateTimeUtc>,
    /// When it is fetched, such as `6h` or `daily 03:00`; never by itself where nothing is said.
    pub schedule: Option<String>,
    /// How some of its arrays are merged, against the rules of the standard: a JSON object of paths, each with `append` or
    /// `position`.
    pub merge_overrides: Option<String>,
    /// Who publishes it, as the newest of its packages says that says so. Shown where the operator says nothing.
    pub package_publisher: Option<String>,
    /// URL of the licence, as the newest of its packages says that says so. Shown where the operator says nothing.
    pub package_license: Option<String>,
    /// The package that `package_publisher` stands in.
    pub publisher_package_id: Option<Uuid>,
    /// The package that `package_license` stands in.
    pub license_package_id: Option<Uuid>,
    /// The processes whose newest release came from it.
    #[sea_orm(has_many)]
    pub tenders: HasMany<super::tender::Entity>,
    /// The packages read from it.
    #[sea_orm(has_many)]
    pub packages: HasMany<super::package::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}
