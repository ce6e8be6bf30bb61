//! The contracting process as users meet it, keyed by its ocid: the columns that lists show, filter and sort by.

use sea_orm::entity::prelude::*;

use crate::Amount;

/// One contracting process. Fields with no other source come from the tender section of its compiled release.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "tender")]
pub struct Model {
    /// [`crate::key::tender`] of the ocid.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// Open contracting id: the publisher's prefix and a local identifier.
    pub ocid: String,
    /// The source of its newest release.
    pub source_id: Uuid,
    /// Date of its earliest release.
    pub published_at: DateTimeUtc,
    /// Date of its newest release.
    pub updated_at: DateTimeUtc,
    /// Data revision at which it last changed.
    pub revision: i64,
    /// Whether it has at least one award.
    pub has_awards: bool,
    /// `numberOfTenderers`.
    pub number_of_tenderers: Option<i32>,
    /// The organisation behind `buyer`.
    pub buyer_id: Option<Uuid>,
    /// The organisation behind `tender/procuringEntity`.
    pub procuring_entity_id: Option<Uuid>,
    /// A [`crate::value::code::TenderStatus`].
    pub status: Option<String>,
    /// A [`crate::value::code::ProcurementCategory`].
    pub main_procurement_category: Option<String>,
    /// A [`crate::value::code::ProcurementMethod`].
    pub procurement_method: Option<String>,
    /// `value/amount`.
    pub value_amount: Option<Amount>,
    /// `value/currency`, ISO 4217.
    pub value_currency: Option<String>,
    /// `tenderPeriod/startDate`.
    pub tender_start: Option<DateTimeUtc>,
    /// `tenderPeriod/endDate`: the deadline for submissions.
    pub tender_end: Option<DateTimeUtc>,
    /// `enquiryPeriod/startDate`.
    pub enquiry_start: Option<DateTimeUtc>,
    /// `enquiryPeriod/endDate`.
    pub enquiry_end: Option<DateTimeUtc>,
    /// `awardPeriod/startDate`.
    pub award_start: Option<DateTimeUtc>,
    /// `awardPeriod/endDate`.
    pub award_end: Option<DateTimeUtc>,
    /// `contractPeriod/startDate`.
    pub contract_start: Option<DateTimeUtc>,
    /// `contractPeriod/endDate`.
    pub contract_end: Option<DateTimeUtc>,
    /// The release's `language`, ISO 639-1.
    pub language: Option<String>,
    /// `title`.
    pub title: Option<String>,
    /// `procurementMethodDetails`.
    pub procurement_method_details: Option<String>,
    /// `description`.
    pub description: Option<String>,
    /// The source of its newest release.
    #[sea_orm(belongs_to, from = "source_id", to = "id")]
    pub source: BelongsTo<super::source::Entity>,
    /// The organisation that buys.
    #[sea_orm(belongs_to, from = "buyer_id", to = "id")]
    pub buyer: BelongsTo<Option<super::buyer::Entity>>,
    /// Its present state as one document.
    #[sea_orm(has_one)]
    pub compiled_release: HasOne<super::compiled_release::Entity>,
    /// What was published about it.
    #[sea_orm(has_many)]
    pub releases: HasMany<super::release::Entity>,
    /// Its lots.
    #[sea_orm(has_many)]
    pub lots: HasMany<super::lot::Entity>,
    /// What is bought.
    #[sea_orm(has_many)]
    pub items: HasMany<super::item::Entity>,
    /// Its awards.
    #[sea_orm(has_many)]
    pub awards: HasMany<super::award::Entity>,
    /// Its contracts.
    #[sea_orm(has_many)]
    pub contracts: HasMany<super::contract::Entity>,
    /// Its documents.
    #[sea_orm(has_many)]
    pub documents: HasMany<super::document::Entity>,
    /// The organisations it names.
    #[sea_orm(has_many)]
    pub parties: HasMany<super::party::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}
