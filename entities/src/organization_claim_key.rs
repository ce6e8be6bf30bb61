//! By what claims are found: numbers in registers, and names within a country or a publisher.

use sea_orm::entity::prelude::*;

/// One key of a claim. Claims that share a key can be about the same organisation.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "organization_claim_key")]
pub struct Model {
    /// [`crate::key::organization_by_identifier`] of a number, as published and as verified, or [`crate::key::organization`]
    /// of a name in its scope.
    #[sea_orm(primary_key, auto_increment = false)]
    pub key: Uuid,
    /// The claim.
    #[sea_orm(primary_key, auto_increment = false)]
    pub claim_id: Uuid,
    /// The claim.
    #[sea_orm(belongs_to, from = "claim_id", to = "id")]
    pub claim: BelongsTo<super::organization_claim::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}
