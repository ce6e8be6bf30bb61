//! In which order a list is answered.

use async_graphql::{Enum, InputObject};

use super::TenderFilter;

/// Which way a list runs. What has no value for the order's field comes last either way.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum OrderDirection {
    /// Smallest, oldest or first in the alphabet first.
    Asc,
    /// Largest, newest or last in the alphabet first.
    Desc,
}

/// What tenders can be sorted by.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TenderOrderField {
    /// When the process was first published.
    PublishedAt,
    /// When the process was last published about.
    UpdatedAt,
    /// The deadline for submissions.
    Deadline,
    /// The estimated value, as a number: currencies are not converted, so combine it with a filter by currency.
    Value,
    /// How well the words of `filter.search` match, and how new the tender is: of two that match alike, the one published
    /// four years later counts for twice as much. Descending, the best come first.
    Relevance,
}

/// The order of a list of tenders; if none is given, best first where the filter searches for words, else newest first.
#[derive(InputObject, Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct TenderOrder {
    /// What to sort by.
    pub field: TenderOrderField,
    /// Which way.
    pub direction: OrderDirection,
}

impl TenderOrder {
    /// The order if the client asks for none.
    #[must_use]
    pub fn usual(filter: &TenderFilter) -> Self {
        if filter.searches() {
            return Self {
                field: TenderOrderField::Relevance,
                direction: OrderDirection::Desc,
            };
        }
        Self::default()
    }
}

impl Default for TenderOrder {
    fn default() -> Self {
        Self {
            field: TenderOrderField::PublishedAt,
            direction: OrderDirection::Desc,
        }
    }
}

/// What awards can be sorted by.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum AwardOrderField {
    /// The date of the decision.
    Date,
    /// The awarded value, as a number: currencies are not converted, so combine it with a filter by currency.
    Value,
}

/// The order of a list of awards; newest first if none is given.
#[derive(InputObject, Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct AwardOrder {
    /// What to sort by.
    pub field: AwardOrderField,
    /// Which way.
    pub direction: OrderDirection,
}

impl Default for AwardOrder {
    fn default() -> Self {
        Self {
            field: AwardOrderField::Date,
            direction: OrderDirection::Desc,
        }
    }
}

/// What contracts can be sorted by.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ContractOrderField {
    /// The day of the signature.
    DateSigned,
    /// The contracted value, as a number: currencies are not converted, so combine it with a filter by currency.
    Value,
    /// The end of the contract period: ascending, those that end soonest come first.
    PeriodEnd,
}

/// The order of a list of contracts; newest first if none is given.
#[derive(InputObject, Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ContractOrder {
    /// What to sort by.
    pub field: ContractOrderField,
    /// Which way.
    pub direction: OrderDirection,
}

impl Default for ContractOrder {
    fn default() -> Self {
        Self {
            field: ContractOrderField::DateSigned,
            direction: OrderDirection::Desc,
        }
    }
}

/// What organisations can be sorted by.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum OrganizationOrderField {
    /// The name, letter by letter.
    Name,
}

/// The order of a list of organisations; by name if none is given.
#[derive(InputObject, Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct OrganizationOrder {
    /// What to sort by.
    pub field: OrganizationOrderField,
    /// Which way.
    pub direction: OrderDirection,
}

impl Default for OrganizationOrder {
    fn default() -> Self {
        Self {
            field: OrganizationOrderField::Name,
            direction: OrderDirection::Asc,
        }
    }
}
