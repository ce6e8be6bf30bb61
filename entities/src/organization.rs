//! The organisation behind parties, whatever they were spelled like.

use sea_orm::entity::prelude::*;

/// One organisation, as its newest mention describes it.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "organization")]
pub struct Model {
    /// [`crate::key::organization`] of the evidence.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// Its name in the newest mention.
    pub name: String,
    /// A [`crate::value::code::MatchTier`]: how its mentions were recognised.
    pub tier: String,
    /// Date of the newest mention.
    pub seen_at: DateTimeUtc,
    /// The process of the newest mention; the greater key wins a tie.
    pub seen_in: Uuid,
    /// Scheme of its register.
    pub identifier_scheme: Option<String>,
    /// Its number there.
    pub identifier_id: Option<String>,
    /// Further identifiers as a JSON array of `{scheme, id}`.
    pub additional_identifiers: Option<String>,
    /// ISO 3166-1 alpha-2 code.
    pub country: Option<String>,
    /// Region, as published.
    pub region: Option<String>,
    /// Town.
    pub locality: Option<String>,
    /// Postal code.
    pub postal_code: Option<String>,
    /// Street and number.
    pub street_address: Option<String>,
    /// Where it is named.
    #[sea_orm(has_many)]
    pub parties: HasMany<super::party::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}
