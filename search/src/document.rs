//! What a tender and an organisation are in the index.

use chrono::{DateTime, Utc};
use classification::{Code, Scheme};
use entities::Amount;
use serde::Deserialize;
use tantivy::schema::Field;
use tantivy::{TantivyDocument, Term};
use uuid::Uuid;

use crate::fields::{Dimension, ORGANIZATION, TENDER};
use crate::language::Language;
use crate::read::{Organization, OrganizationRow, Tender};
use crate::tokenizer::tagged;
use crate::words::Words;

/// Letters of each text of a tender that are searched: what comes after a whole page adds noise and no meaning.
const LONGEST_TEXT: usize = 20_000;

/// Years in which the weight of a tender halves.
const HALF_LIFE: f64 = 4.0;
const SECONDS_OF_A_YEAR: f64 = 365.25 * 24.0 * 3600.0;
/// 2020-01-01: the publication date at which relevance is as the words say.
const EPOCH: i64 = 1_577_836_800;
/// How many years before and after that count. Dates of publication may be wrong, and no tender stands above all for that.
const YEARS: f64 = 20.0;

/// The key of a buyer or supplier, as a term.
pub(crate) fn key(id: Uuid) -> String {
    id.simple().to_string()
}

/// The two columns of a key. They order keys as the database does.
pub(crate) fn halves(id: Uuid) -> (u64, u64) {
    id.as_u64_pair()
}

/// What finds a tender by its key.
pub(crate) fn tender_term(id: Uuid) -> Term {
    Term::from_field_bytes(TENDER.id, id.as_bytes())
}

/// What finds an organisation by its key.
pub(crate) fn organization_term(id: Uuid) -> Term {
    Term::from_field_bytes(ORGANIZATION.id, id.as_bytes())
}

/// A tender as it is indexed. `now` is when the newest data was committed: no tender counts as published after it.
pub(crate) fn tender(tender: &Tender, now: DateTime<Utc>) -> TantivyDocument {
    let (fields, row) = (&*TENDER, &tender.row);
    let mut document = TantivyDocument::new();
    document.add_bytes(fields.id, row.id.as_bytes());
    let (high, low) = halves(row.id);
    document.add_u64(fields.id_high, high);
    document.add_u64(fields.id_low, low);
    document.add_i64(fields.published_at, row.published_at.timestamp_micros());
    document.add_i64(fields.updated_at, row.updated_at.timestamp_micros());
    if let Some(deadline) = row.tender_end {
        document.add_i64(fields.deadline, deadline.timestamp_micros());
    }
    if let Some(amount) = row.value_amount {
        document.add_i64(fields.value, Amount::ten_thousandths(amount));
    }
    document.add_f64(fields.recency, recency(row.published_at.min(now)));
    document.add_bool(fields.has_awards, row.has_awards);
    let mut add_code = |field: Field, code: Option<&str>| {
        if let Some(code) = code {
            document.add_text(field, code);
        }
    };
    add_code(fields.language, tender.language.map(Language::code));
    add_code(fields.currency, row.value_currency.as_deref());
    for (dimension, code) in [
        (Dimension::Country, &row.country),
        (Dimension::Category, &row.main_procurement_category),
        (Dimension::Method, &row.procurement_method),
        (Dimension::Status, &row.status),
    ] {
        add_code(fields.dimension(dimension), code.as_deref());
    }
    add_code(
        fields.dimension(Dimension::Year),
        Some(&row.published_at.format("%Y").to_string()),
    );
    add_code(
        fields.dimension(Dimension::Month),
        Some(&row.published_at.format("%Y-%m").to_string()),
    );
    add_code(fields.dimension(Dimension::Source), Some(&tender.source));
    add_code(
        fields.dimension(Dimension::Currency),
        row.value_currency.as_deref().filter(|_| row.value_amount.is_some()),
    );
    add_code(fields.dimension(Dimension::Buyer), row.buyer_id.map(key).as_deref());
    for supplier in &tender.supplier_ids {
        add_code(fields.suppliers, Some(&key(*supplier)));
    }
    let parties: Vec<u8> = tender.party_ids.iter().flat_map(|id| *id.as_bytes()).collect();
    document.add_bytes(fields.parties, &parties);
    add_codes(&mut document, &tender.codes);
    add_texts(&mut document, tender);
    document
}

/// Classifications with all above them, and what stands at the levels that are counted by.
fn add_codes(document: &mut TantivyDocument, codes: &[(String, String)]) {
    let fields = &*TENDER;
    for (scheme, code) in codes {
        let (field, levels) = match Scheme::from_name(scheme) {
            Some(Scheme::Cpv) => (fields.cpv, &[Dimension::CpvDivision, Dimension::CpvGroup][..]),
            Some(Scheme::Nuts) => (fields.nuts, &[Dimension::Region][..]),
            None => continue,
        };
        document.add_text(field, code);
        for &dimension in levels {
            if stands_at(dimension, code) {
                document.add_text(fields.dimension(dimension), code);
            }
        }
    }
}

/// Whether this is a code of the level that the dimension counts.
fn stands_at(dimension: Dimension, code: &str) -> bool {
    let (scheme, length) = match dimension {
        Dimension::CpvDivision => (Scheme::Cpv, 2),
        Dimension::CpvGroup => (Scheme::Cpv, 3),
        _ => (Scheme::Nuts, 4),
    };
    code.len() == length && Code::parse(scheme, code).is_some_and(|parsed| parsed.key() == code)
}

fn add_texts(document: &mut TantivyDocument, tender: &Tender) {
    let (fields, row) = (&*TENDER, &tender.row);
    let mut add = |text: &str, stored: Option<Field>| {
        let text = beginning(text);
        document.add_text(fields.words, tagged(tender.language, text));
        document.add_text(fields.exact, text);
        if let Some(stored) = stored {
            document.add_text(stored, text);
        }
    };
    add(&row.ocid, None);
    if let Some(title) = &row.title {
        add(title, Some(fields.texts.title));
    }
    if let Some(description) = &row.description {
        add(description, None);
    }
    for (texts, stored) in [
        (&tender.buyers, fields.texts.buyers),
        (&tender.suppliers, fields.texts.suppliers),
        (&tender.lots, fields.texts.lots),
        (&tender.items, fields.texts.items),
        (&tender.awards, fields.texts.awards),
    ] {
        for text in texts {
            add(text, Some(stored));
        }
    }
    if let Some(title) = row.title.as_deref().map(beginning) {
        document.add_text(fields.title, tagged(tender.language, title));
        document.add_text(fields.title_exact, title);
    }
}

/// As much of a text as is searched.
fn beginning(text: &str) -> &str {
    text.char_indices()
        .nth(LONGEST_TEXT)
        .map_or(text, |(end, _)| &text[..end])
}

/// What the relevance of a tender is multiplied by. The quotient of two tenders depends on their dates alone and not on
/// today's, so that an order by relevance stays what it is while time goes by.
fn recency(published_at: DateTime<Utc>) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "seconds since 1970 are exact in a float")]
    let seconds = (published_at.timestamp() - EPOCH) as f64;
    let years = (seconds / SECONDS_OF_A_YEAR).clamp(-YEARS, YEARS);
    (years / HALF_LIFE).exp2()
}

/// An organisation as it is indexed.
pub(crate) fn organization(organization: &Organization) -> TantivyDocument {
    let (fields, row) = (&*ORGANIZATION, &organization.row);
    let mut document = TantivyDocument::new();
    document.add_bytes(fields.id, row.id.as_bytes());
    let (high, low) = halves(row.id);
    document.add_u64(fields.id_high, high);
    document.add_u64(fields.id_low, low);
    for (role, key) in [(BUYER, row.buyer), (SUPPLIER, row.supplier)] {
        if key.is_some() {
            document.add_text(fields.roles, role);
        }
    }
    document.add_text(fields.name, &row.name);
    document.add_text(fields.words, &row.name);
    document.add_u64(fields.length, Words::of(&row.name).count() as u64);
    document.add_u64(fields.mentions, organization.mentions);
    for name in organization.names.iter().filter(|name| **name != row.name) {
        document.add_text(fields.aliases, name);
    }
    for number in row.identifier_id.iter().cloned().chain(further_numbers(row)) {
        document.add_text(fields.aliases, number);
    }
    if let Some(country) = &row.country {
        document.add_text(fields.country, country);
    }
    document
}

/// The numbers in further registers; the column is JSON that the hub wrote itself.
fn further_numbers(row: &OrganizationRow) -> Vec<String> {
    #[derive(Deserialize)]
    struct Identifier {
        id: String,
    }
    let column = row.additional_identifiers.as_deref().unwrap_or("[]");
    let identifiers: Vec<Identifier> = serde_json::from_str(column).unwrap_or_default();
    identifiers.into_iter().map(|identifier| identifier.id).collect()
}

/// The role of those who buy.
pub(crate) const BUYER: &str = "buyer";
/// The role of those who supply.
pub(crate) const SUPPLIER: &str = "supplier";

#[cfg(test)]
mod tests {
    use super::*;

    fn published(text: &str) -> f64 {
        recency(text.parse().expect("an instant"))
    }

    #[test]
    fn a_tender_weighs_twice_as_much_as_one_four_years_older() {
        let quotient = published("2026-05-01T00:00:00Z") / published("2022-05-01T00:00:00Z");
        assert!((quotient - 2.0).abs() < 0.01, "{quotient}");
        assert!(published("2205-01-01T00:00:00Z").is_finite());
        assert!(published("0001-01-01T00:00:00Z") > 0.0);
    }

    #[test]
    fn codes_are_counted_at_their_own_level() {
        assert!(stands_at(Dimension::CpvDivision, "72"));
        assert!(!stands_at(Dimension::CpvDivision, "722"));
        assert!(stands_at(Dimension::CpvGroup, "722"));
        assert!(!stands_at(Dimension::CpvGroup, "IT1"));
        assert!(stands_at(Dimension::Region, "NL32"));
        assert!(!stands_at(Dimension::Region, "NL3"));
    }
}
