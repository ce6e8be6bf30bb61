//! An organisation as one process names it: the evidence that organisations are made of.

use sea_orm::entity::prelude::*;

/// One party of a process's compiled release.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "party")]
pub struct Model {
    /// The process that names it.
    #[sea_orm(primary_key, auto_increment = false)]
    pub tender_id: Uuid,
    /// [`crate::key::part`] of the party's `id`.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// Place in the published list, from 0.
    pub position: i32,
    /// The organisation it is taken for.
    pub organization_id: Uuid,
    /// What it claims to be ([`super::organization_claim`]); absent in rows older than claims.
    pub claim_id: Option<Uuid>,
    /// A [`crate::value::code::MatchTier`]: how it was recognised.
    pub tier: String,
    /// What it was recognised by, such as `NL-KVK 12345678`.
    pub evidence: String,
    /// The tender's `updated_at`: the newest mention gives the organisation its name.
    pub seen_at: DateTimeUtc,
    /// The `id` in the publisher's data; empty where there is none.
    pub local_id: String,
    /// Its `roles`, separated by commas.
    pub roles: String,
    /// The name as published, white space tidied.
    pub name: String,
    /// `identifier/scheme`.
    pub identifier_scheme: Option<String>,
    /// `identifier/id`.
    pub identifier_id: Option<String>,
    /// `additionalIdentifiers` as a JSON array of `{scheme, id}`.
    pub additional_identifiers: Option<String>,
    /// ISO 3166-1 alpha-2 code, from `address/country` or `address/countryName`.
    pub country: Option<String>,
    /// `address/region`.
    pub region: Option<String>,
    /// `address/locality`.
    pub locality: Option<String>,
    /// `address/postalCode`.
    pub postal_code: Option<String>,
    /// `address/streetAddress`.
    pub street_address: Option<String>,
    /// The process it belongs to.
    #[sea_orm(belongs_to, from = "tender_id", to = "id")]
    pub tender: BelongsTo<super::tender::Entity>,
    /// The organisation it is taken for.
    #[sea_orm(belongs_to, from = "organization_id", to = "id")]
    pub organization: BelongsTo<super::organization::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}
