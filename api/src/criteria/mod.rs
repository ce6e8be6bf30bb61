//! What can be asked: filters, orders and pages, one struct each for every way of asking.
//!
//! Nothing here knows SQL; `store` gives each of these its meaning in the database.

pub mod classification;
pub mod code;
pub mod cursor;
pub mod decimal;
pub mod filter;
pub mod node_id;
pub mod order;
pub mod page;
pub mod search;
pub mod statistics;

pub use self::classification::ClassificationScheme;
pub use self::search::SearchType;
pub use cursor::{Cursor, Position};
pub use decimal::Decimal;
pub use filter::{AwardFilter, ContractFilter, IdentifierInput, OrganizationFilter, TenderFilter};
pub use node_id::{GlobalId, NodeId, NodeKind};
pub use order::{AwardOrder, ContractOrder, OrderDirection, OrganizationOrder, TenderOrder};
pub use page::{PageRequest, PartPage};
pub use statistics::{AwardDimension, Grouping, StatisticsOrder, TenderDimension};
