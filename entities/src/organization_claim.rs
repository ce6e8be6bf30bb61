//! What parties claim to be: the pieces that organisations are put together from.

use sea_orm::entity::prelude::*;

/// Everything that parties say about who they are; parties that say the same share one claim.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "organization_claim")]
pub struct Model {
    /// [`crate::key::organization`] of the claim.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// Shared by all claims that can be about the same organisation, and perhaps by more; any one of their ids.
    pub component: Uuid,
    /// The organisation that it was found to be.
    pub organization_id: Uuid,
    /// A [`crate::value::code::MatchTier`]: how it was found.
    pub tier: String,
    /// What it was found by, such as `NL-KVK 12345678`.
    pub evidence: String,
    /// A [`crate::value::code::ClaimKind`].
    pub kind: String,
    /// The words of the name as they are compared, without the legal form.
    pub name: String,
    /// The legal form, in one spelling.
    pub form: Option<String>,
    /// The town as it is compared.
    pub place: Option<String>,
    /// ISO 3166-1 alpha-2 code.
    pub country: Option<String>,
    /// Who published it: the prefix of the ocid, or else the source.
    pub publisher: String,
    /// Entries in registers as a JSON array of `{scheme, id}`, the main one first.
    pub identifiers: String,
    /// The organisation that it was found to be.
    #[sea_orm(belongs_to, from = "organization_id", to = "id")]
    pub organization: BelongsTo<super::organization::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}
