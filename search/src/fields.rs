//! What stands in the index: the fields of its two parts, tenders and organisations.
//!
//! A change here, or in what is written into a field, wants a new [`crate::folder::FORMAT`].

use std::sync::LazyLock;

use tantivy::Index;
use tantivy::schema::{
    BytesOptions, Field, IndexRecordOption, NumericOptions, STORED, Schema, SchemaBuilder, TextFieldIndexing,
    TextOptions,
};
use tantivy::tokenizer::TextAnalyzer;

use crate::tokenizer::{FOLDED, Folded, STEMMED, Stemmed};

/// What tenders can be counted by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Dimension {
    /// The year of publication, `2026`.
    Year,
    /// The month of publication, `2026-04`.
    Month,
    /// The buyer's key.
    Buyer,
    /// The divisions of CPV, `72`.
    CpvDivision,
    /// The groups of CPV, `722`.
    CpvGroup,
    /// The regions of NUTS below countries, `NL3`.
    Region,
    /// The buyer's country, `NL`.
    Country,
    /// A code of `ProcurementCategory`.
    Category,
    /// A code of `ProcurementMethod`.
    Method,
    /// A code of `TenderStatus`.
    Status,
    /// The source's slug.
    Source,
    /// The currency of the value, where there is an amount.
    Currency,
}

impl Dimension {
    /// Every dimension, in the order of the columns that hold their values.
    pub const ALL: [Self; 12] = [
        Self::Year,
        Self::Month,
        Self::Buyer,
        Self::CpvDivision,
        Self::CpvGroup,
        Self::Region,
        Self::Country,
        Self::Category,
        Self::Method,
        Self::Status,
        Self::Source,
        Self::Currency,
    ];

    /// The name of the field that holds its values.
    pub(crate) const fn field(self) -> &'static str {
        match self {
            Self::Year => "year",
            Self::Month => "month",
            Self::Buyer => "buyer",
            Self::CpvDivision => "cpv_division",
            Self::CpvGroup => "cpv_group",
            Self::Region => "region",
            Self::Country => "country",
            Self::Category => "category",
            Self::Method => "method",
            Self::Status => "status",
            Self::Source => "source",
            Self::Currency => "value_currency",
        }
    }
}

/// The fields of a tender.
pub(crate) struct TenderFields {
    pub schema: Schema,
    /// Its key, to find it by.
    pub id: Field,
    /// The first half of its key, to show it by.
    pub id_high: Field,
    /// The other half.
    pub id_low: Field,
    /// The language of its texts, where it has a stemmer.
    pub language: Field,
    /// The stems of all its texts.
    pub words: Field,
    /// The words of all its texts, for phrases, beginnings of words and near misses.
    pub exact: Field,
    /// The stems of its title.
    pub title: Field,
    /// The words of its title.
    pub title_exact: Field,
    /// Its texts, to show what matched.
    pub texts: Texts,
    /// The keys of all organisations that it names, one after the other, to know them when it no longer does.
    pub parties: Field,
    /// Instants are microseconds since 1970, amounts ten-thousandths.
    pub published_at: Field,
    pub updated_at: Field,
    pub deadline: Field,
    pub value: Field,
    /// What its relevance is multiplied by.
    pub recency: Field,
    pub has_awards: Field,
    pub currency: Field,
    /// CPV codes with all above them.
    pub cpv: Field,
    /// NUTS codes with all above them.
    pub nuts: Field,
    pub suppliers: Field,
    dimensions: [Field; Dimension::ALL.len()],
}

/// The stored texts of a tender beside its description, which the database shows.
#[derive(Clone, Copy)]
pub(crate) struct Texts {
    pub title: Field,
    pub buyers: Field,
    pub suppliers: Field,
    pub lots: Field,
    pub items: Field,
    pub awards: Field,
}

/// The fields of an organisation.
pub(crate) struct OrganizationFields {
    pub schema: Schema,
    /// Its key, to find it by.
    pub id: Field,
    /// The first half of its key, to show it by.
    pub id_high: Field,
    /// The other half.
    pub id_low: Field,
    /// `buyer` and `supplier`.
    pub roles: Field,
    /// Its name, to be shown.
    pub name: Field,
    /// The words of its name.
    pub words: Field,
    /// The words of other spellings, and its numbers in registers.
    pub aliases: Field,
    /// How many words its name has.
    pub length: Field,
    /// How often it is named.
    pub mentions: Field,
    pub country: Field,
}

/// The fields of tenders.
pub(crate) static TENDER: LazyLock<TenderFields> = LazyLock::new(TenderFields::new);
/// The fields of organisations.
pub(crate) static ORGANIZATION: LazyLock<OrganizationFields> = LazyLock::new(OrganizationFields::new);

impl TenderFields {
    fn new() -> Self {
        let mut schema = Schema::builder();
        let dimensions = Dimension::ALL.map(|dimension| match dimension {
            // Years and months are ranges of `published_at` to a filter, divisions and groups are among the codes, and
            // filters by currency do not ask whether there is an amount.
            Dimension::Year
            | Dimension::Month
            | Dimension::CpvDivision
            | Dimension::CpvGroup
            | Dimension::Region
            | Dimension::Currency => schema.add_text_field(dimension.field(), TextOptions::default().set_fast("raw")),
            _ => schema.add_text_field(dimension.field(), code().set_fast("raw")),
        });
        Self {
            id: schema.add_bytes_field("id", BytesOptions::default().set_indexed()),
            id_high: schema.add_u64_field("id_high", column()),
            id_low: schema.add_u64_field("id_low", column()),
            language: schema.add_text_field("language", code().set_stored()),
            words: schema.add_text_field("words", text(STEMMED, IndexRecordOption::WithFreqs)),
            exact: schema.add_text_field("exact", text(FOLDED, IndexRecordOption::WithFreqsAndPositions)),
            title: schema.add_text_field("title", text(STEMMED, IndexRecordOption::WithFreqs)),
            title_exact: schema.add_text_field("title_exact", text(FOLDED, IndexRecordOption::WithFreqsAndPositions)),
            texts: Texts {
                title: schema.add_text_field("text_title", STORED),
                buyers: schema.add_text_field("text_buyers", STORED),
                suppliers: schema.add_text_field("text_suppliers", STORED),
                lots: schema.add_text_field("text_lots", STORED),
                items: schema.add_text_field("text_items", STORED),
                awards: schema.add_text_field("text_awards", STORED),
            },
            parties: schema.add_bytes_field("parties", STORED),
            published_at: schema.add_i64_field("published_at", column()),
            updated_at: schema.add_i64_field("updated_at", column()),
            deadline: schema.add_i64_field("deadline", column()),
            value: schema.add_i64_field("value", column()),
            recency: schema.add_f64_field("recency", column()),
            has_awards: schema.add_bool_field("has_awards", NumericOptions::default().set_indexed()),
            currency: schema.add_text_field("currency", code()),
            cpv: schema.add_text_field("cpv", code()),
            nuts: schema.add_text_field("nuts", code()),
            suppliers: schema.add_text_field("suppliers", code()),
            dimensions,
            schema: schema.build(),
        }
    }

    /// The field that holds the values of a dimension.
    pub fn dimension(&self, dimension: Dimension) -> Field {
        self.dimensions[dimension as usize]
    }
}

impl OrganizationFields {
    fn new() -> Self {
        let mut schema = SchemaBuilder::default();
        Self {
            id: schema.add_bytes_field("id", BytesOptions::default().set_indexed()),
            id_high: schema.add_u64_field("id_high", column()),
            id_low: schema.add_u64_field("id_low", column()),
            roles: schema.add_text_field("roles", code()),
            name: schema.add_text_field("name", STORED),
            words: schema.add_text_field("words", text(FOLDED, IndexRecordOption::WithFreqsAndPositions)),
            aliases: schema.add_text_field("aliases", text(FOLDED, IndexRecordOption::WithFreqsAndPositions)),
            length: schema.add_u64_field("length", column()),
            mentions: schema.add_u64_field("mentions", column()),
            country: schema.add_text_field("country", TextOptions::default().set_fast("raw")),
            schema: schema.build(),
        }
    }
}

/// Lets an index know how texts become terms.
pub(crate) fn register_tokenizers(index: &Index) {
    index
        .tokenizers()
        .register(FOLDED, TextAnalyzer::from(Folded::default()));
    index
        .tokenizers()
        .register(STEMMED, TextAnalyzer::from(Stemmed::default()));
}

/// A number that is read for each match.
fn column() -> NumericOptions {
    NumericOptions::default().set_fast()
}

/// A code, found by nothing but itself.
fn code() -> TextOptions {
    let indexing = TextFieldIndexing::default()
        .set_tokenizer("raw")
        .set_fieldnorms(false)
        .set_index_option(IndexRecordOption::Basic);
    TextOptions::default().set_indexing_options(indexing)
}

/// A text, found by its words.
fn text(tokenizer: &str, option: IndexRecordOption) -> TextOptions {
    let indexing = TextFieldIndexing::default()
        .set_tokenizer(tokenizer)
        .set_index_option(option);
    TextOptions::default().set_indexing_options(indexing)
}
