//! Which rows of a list are wanted. All fields must hold, and of a list any value, `and`, `or` and `not` compose.

use async_graphql::{ID, InputObject};
use chrono::{DateTime, Utc};

use super::Decimal;
use super::code::{AwardStatus, ContractStatus, ProcurementCategory, ProcurementMethod, TenderStatus};

/// A span of time.
#[derive(InputObject, Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct DateTimeRange {
    /// From this instant on, for example `"2026-01-01T00:00:00Z"`.
    pub from: Option<DateTime<Utc>>,
    /// Up to this instant, but not at it.
    pub to: Option<DateTime<Utc>>,
}

/// A range of amounts. Amounts in different currencies are compared as numbers unless `currency` picks one.
#[derive(InputObject, Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct MoneyRange {
    /// At least this much.
    pub min: Option<Decimal>,
    /// At most this much.
    pub max: Option<Decimal>,
    /// Only amounts in this currency, ISO 4217: `"EUR"`.
    pub currency: Option<String>,
}

/// An organisation's entry in a register.
#[derive(InputObject, Clone, Debug, PartialEq, Eq, Hash)]
pub struct IdentifierInput {
    /// The register, as a code of org-id.guide where there is one: `"NL-KVK"`.
    pub scheme: String,
    /// The number in it: `"27364265"`. Blanks, dots and dashes do not matter.
    pub id: String,
}

/// Which tenders are wanted. All fields must hold, and of a list any value.
#[derive(InputObject, Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct TenderFilter {
    /// What it is about, as typed into a search box: `"road works"`. Every word must be found, in any inflection, in the title,
    /// the description, lots, items, awards, or the names of buyer and suppliers; the last word may be the beginning of one,
    /// and a word that is nowhere stands for those that are nearly it. Words in double quotes must follow each other. Nothing
    /// else has a meaning. Case and accents do not count.
    pub search: Option<String>,
    /// Open contracting ids, exactly as published: `["ocds-b5fd17-1"]`.
    pub ocid: Option<Vec<String>>,
    /// Slugs of sources, as `sources` lists them.
    pub source: Option<Vec<String>>,
    /// Ids of buyers.
    pub buyer: Option<Vec<ID>>,
    /// Ids of suppliers: tenders in which one of them was awarded something.
    pub supplier: Option<Vec<ID>>,
    /// Where the process stands.
    pub status: Option<Vec<TenderStatus>>,
    /// What kind of thing is mainly bought.
    pub main_procurement_category: Option<Vec<ProcurementCategory>>,
    /// How suppliers can take part.
    pub procurement_method: Option<Vec<ProcurementMethod>>,
    /// CPV codes; a code means itself and all below it: `"72"`, `"72000000"` and `"72000000-5"` are one.
    pub cpv: Option<Vec<String>>,
    /// NUTS codes of the regions to which is delivered, or of the buyer's where none was published; a code means itself
    /// and all below it: `["NL"]`, `["NL3", "BE2"]`.
    pub nuts: Option<Vec<String>>,
    /// Country of the buyer, ISO 3166-1 alpha-2: `["NL"]`.
    pub country: Option<Vec<String>>,
    /// The estimated value.
    pub value: Option<MoneyRange>,
    /// When the process was first published.
    pub published_at: Option<DateTimeRange>,
    /// When the process was last published about.
    pub updated_at: Option<DateTimeRange>,
    /// The deadline for submissions (`tenderPeriod.endDate`).
    pub deadline: Option<DateTimeRange>,
    /// Whether at least one award was published.
    pub has_awards: Option<bool>,
    /// All of these hold as well.
    pub and: Option<Vec<TenderFilter>>,
    /// At least one of these holds as well.
    pub or: Option<Vec<TenderFilter>>,
    /// This does not hold.
    pub not: Option<Box<TenderFilter>>,
}

impl TenderFilter {
    /// Whether it asks for words, which the search index alone knows where to find.
    #[must_use]
    pub fn searches(&self) -> bool {
        let has_words = |text: &String| !text.trim().is_empty();
        let any = |filters: &Option<Vec<Self>>| filters.iter().flatten().any(Self::searches);
        self.search.as_ref().is_some_and(has_words)
            || any(&self.and)
            || any(&self.or)
            || self.not.as_deref().is_some_and(Self::searches)
    }
}

/// Which awards are wanted. All fields must hold, and of a list any value.
#[derive(InputObject, Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct AwardFilter {
    /// Ids of the tenders' buyers.
    pub buyer: Option<Vec<ID>>,
    /// Ids of suppliers.
    pub supplier: Option<Vec<ID>>,
    /// Where the award stands.
    pub status: Option<Vec<AwardStatus>>,
    /// When it was decided.
    pub date: Option<DateTimeRange>,
    /// The awarded value.
    pub value: Option<MoneyRange>,
    /// What holds for the tender that was awarded.
    pub tender: Option<TenderFilter>,
    /// All of these hold as well.
    pub and: Option<Vec<AwardFilter>>,
    /// At least one of these holds as well.
    pub or: Option<Vec<AwardFilter>>,
    /// This does not hold.
    pub not: Option<Box<AwardFilter>>,
}

impl AwardFilter {
    /// Whether it asks for words in tenders.
    #[must_use]
    pub fn searches(&self) -> bool {
        let any = |filters: &Option<Vec<Self>>| filters.iter().flatten().any(Self::searches);
        self.tender.as_ref().is_some_and(TenderFilter::searches)
            || any(&self.and)
            || any(&self.or)
            || self.not.as_deref().is_some_and(Self::searches)
    }
}

/// Which contracts are wanted. All fields must hold, and of a list any value.
#[derive(InputObject, Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct ContractFilter {
    /// Ids of the tenders' buyers.
    pub buyer: Option<Vec<ID>>,
    /// Ids of suppliers: contracts that follow from an award to one of them.
    pub supplier: Option<Vec<ID>>,
    /// Where the contract stands.
    pub status: Option<Vec<ContractStatus>>,
    /// When it was signed.
    pub date_signed: Option<DateTimeRange>,
    /// When it ends: `{from: "2026-01-01T00:00:00Z", to: "2026-07-01T00:00:00Z"}` finds what ends in that half of the
    /// year.
    pub period_end: Option<DateTimeRange>,
    /// The contracted value.
    pub value: Option<MoneyRange>,
    /// What holds for the tender that it follows from.
    pub tender: Option<TenderFilter>,
    /// All of these hold as well.
    pub and: Option<Vec<ContractFilter>>,
    /// At least one of these holds as well.
    pub or: Option<Vec<ContractFilter>>,
    /// This does not hold.
    pub not: Option<Box<ContractFilter>>,
}

/// Which organisations are wanted. All fields must hold, and of a list any value.
#[derive(InputObject, Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct OrganizationFilter {
    /// Names that begin with this, letter by letter: `"Gemeente "`.
    pub name_prefix: Option<String>,
    /// Entries in registers.
    pub identifier: Option<Vec<IdentifierInput>>,
    /// Countries, ISO 3166-1 alpha-2: `["NL"]`.
    pub country: Option<Vec<String>>,
    /// All of these hold as well.
    pub and: Option<Vec<OrganizationFilter>>,
    /// At least one of these holds as well.
    pub or: Option<Vec<OrganizationFilter>>,
    /// This does not hold.
    pub not: Option<Box<OrganizationFilter>>,
}
