//! Which organisation stands behind a published party.
//!
//! What a party says about itself is its [`Claim`]. Claims are put together into organisations by [`resolve`], strongest
//! evidence first: verified numbers in registers, numbers that cannot be verified together with the name, the name and
//! the town, the name and the country. What contradicts itself is left apart: two numbers in one register are two
//! organisations, and a name that two organisations have says nothing about a third claim.
//!
//! The outcome depends on the set of claims alone, not on the order in which they came. Claims can only be about the same
//! organisation if they share a key ([`Claim::keys`]), directly or over others, so a batch is resolved by looking at the
//! claims that can be reached from its own.
//!
//! Nothing here knows the database; `write::claims` does.

mod check_digit;
mod claim;
mod cluster;
mod decision;
mod legal_form;
mod name;
mod outcome;
mod place;
mod register;
mod resolve;
mod review;
mod similar;
mod word;

use entities::value::code::MatchTier;
use sea_orm::prelude::Uuid;

pub(crate) use claim::{Claim, Evidence, Identifier};
pub use decision::DecisionError;
pub(crate) use decision::{Verdict, check as check_decisions, read as read_decisions};
pub(crate) use outcome::Description;
pub(crate) use resolve::{components, resolve};
pub(crate) use review::doubts;

/// What an operator decided about two keys: ids of claims, or keys of numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Decision {
    /// One of them.
    pub left: Uuid,
    /// The other.
    pub right: Uuid,
    /// Whether they are the same organisation.
    pub same: bool,
}

/// The organisation that a claim was found to be, and by what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Link {
    /// Its key.
    pub organization: Uuid,
    /// How strong the evidence is.
    pub tier: MatchTier,
    /// The evidence, for people.
    pub evidence: String,
}

/// A number that is known to be right if the party's publisher wrote it as `id`: `NL-KVK-12345678`.
pub(crate) fn identifier_in(local_id: &str) -> Option<Identifier> {
    let dashes = local_id.match_indices('-').map(|(place, _)| place);
    dashes.skip(1).find_map(|place| {
        let (scheme, id) = (&local_id[..place], &local_id[place + 1..]);
        register::verify(scheme, id).map(|_| Identifier {
            scheme: scheme.to_owned(),
            id: id.to_owned(),
        })
    })
}
