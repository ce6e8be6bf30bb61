//! What can be searched for in one box.

use async_graphql::Enum;

/// A type of things that can be searched for.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SearchType {
    /// Contracting processes, by all their texts.
    Tender,
    /// Organisations that buy, by their names and numbers.
    Buyer,
    /// Organisations that were awarded something, by their names and numbers.
    Supplier,
    /// Codes of CPV and NUTS, by their labels and digits.
    Classification,
}
