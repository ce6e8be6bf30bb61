//! The columns of exported files: for each list what its columns are called, what they hold, and where that is read.
//!
//! Columns are named as the fields of the API and hold what those show.

use std::sync::Arc;

use async_graphql::Value;
use chrono::{DateTime, Utc};
use entities::Amount;
use entities::value::code;
use uuid::Uuid;

use crate::criteria::code::{AwardStatus, ProcurementCategory, ProcurementMethod, TenderStatus};
use crate::criteria::{NodeId, NodeKind};
use crate::store::award::AwardRow;
use crate::store::classification::ClassificationRow;
use crate::store::keyset::Page;
use crate::store::organization::{OrganizationRow, SupplierOfAward};
use crate::store::release::CompiledRelease;
use crate::store::source::SourceRow;
use crate::store::tender::TenderRow;

/// Between the values of a column that holds several.
const BETWEEN: &str = "; ";

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Type {
    /// Text.
    Text,
    /// A JSON document.
    Json,
    /// A whole number.
    Integer,
    /// An exact decimal.
    Amount,
    /// An instant.
    Instant,
}

/// What stands in one column of one row.
#[derive(Clone, Debug, PartialEq)]
pub enum Cell {
    /// Nothing.
    Absent,
    /// Text.
    Text(String),
    /// A JSON document.
    Json(Arc<str>),
    /// A whole number.
    Integer(i64),
    /// An exact decimal.
    Amount(Amount),
    /// An instant.
    Instant(DateTime<Utc>),
}

/// The cells of a row, in the order of the columns.
pub type Row = Vec<Cell>;

/// The name of a column and what it holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Header {
    /// Its name.
    pub name: &'static str,
    /// What it holds.
    pub kind: Type,
}

/// A column of a list of `R`s.
pub struct Column<R> {
    name: &'static str,
    kind: Type,
    read: fn(&R) -> Cell,
}

/// The names and types of columns.
pub fn headers<R>(columns: &[Column<R>]) -> Vec<Header> {
    let header = |column: &Column<R>| Header {
        name: column.name,
        kind: column.kind,
    };
    columns.iter().map(header).collect()
}

/// The row that shows this record.
pub fn row<R>(columns: &[Column<R>], record: &R) -> Row {
    columns.iter().map(|column| (column.read)(record)).collect()
}

/// A tender with what is shown beside it.
pub struct TenderRecord {
    /// The tender.
    pub tender: TenderRow,
    /// Its source.
    pub source: Option<Arc<SourceRow>>,
    /// Its buyer.
    pub buyer: Option<Arc<OrganizationRow>>,
    /// The codes it carries.
    pub codes: Option<Arc<Vec<ClassificationRow>>>,
}

/// An award with what is shown beside it.
pub struct AwardRecord {
    /// The award.
    pub award: AwardRow,
    /// Its tender.
    pub tender: Option<Arc<TenderRow>>,
    /// The tender's buyer.
    pub buyer: Option<Arc<OrganizationRow>>,
    /// Who it was given to.
    pub suppliers: Arc<Page<SupplierOfAward>>,
}

/// Declares the columns of a list.
macro_rules! columns {
    ($(#[$doc:meta])* $name:ident of $record:ty: $($column:literal $kind:ident = |$value:ident| $read:expr;)+) => {
        $(#[$doc])*
        pub const $name: &[Column<$record>] = &[
            $(Column { name: $column, kind: Type::$kind, read: |$value: &$record| $read }),+
        ];
    };
}

columns! {
    /// Of tenders.
    TENDERS of TenderRecord:
    "id" Text = |record| id(NodeKind::Tender, record.tender.id);
    "ocid" Text = |record| text(Some(record.tender.ocid()));
    "title" Text = |record| text(record.tender.title());
    "description" Text = |record| text(record.tender.description());
    "language" Text = |record| text(record.tender.language());
    "status" Text = |record| name(record.tender.status().and_then(code::TenderStatus::from_code).map(TenderStatus::from));
    "mainProcurementCategory" Text = |record| name(
        record.tender.main_procurement_category().and_then(code::ProcurementCategory::from_code).map(ProcurementCategory::from)
    );
    "procurementMethod" Text = |record| name(
        record.tender.procurement_method().and_then(code::ProcurementMethod::from_code).map(ProcurementMethod::from)
    );
    "procurementMethodDetails" Text = |record| text(record.tender.procurement_method_details());
    "valueAmount" Amount = |record| amount(record.tender.value_amount(), record.tender.value_currency());
    "valueCurrency" Text = |record| currency(record.tender.value_amount(), record.tender.value_currency());
    "numberOfTenderers" Integer = |record| record.tender.number_of_tenderers().map_or(Cell::Absent, |number| Cell::Integer(number.into()));
    "publishedAt" Instant = |record| Cell::Instant(record.tender.published_at);
    "updatedAt" Instant = |record| instant(record.tender.updated_at());
    "tenderPeriodStart" Instant = |record| instant(record.tender.tender_start());
    "tenderPeriodEnd" Instant = |record| instant(record.tender.tender_end());
    "enquiryPeriodStart" Instant = |record| instant(record.tender.enquiry_start());
    "enquiryPeriodEnd" Instant = |record| instant(record.tender.enquiry_end());
    "awardPeriodStart" Instant = |record| instant(record.tender.award_start());
    "awardPeriodEnd" Instant = |record| instant(record.tender.award_end());
    "contractPeriodStart" Instant = |record| instant(record.tender.contract_start());
    "contractPeriodEnd" Instant = |record| instant(record.tender.contract_end());
    "buyerId" Text = |record| record.buyer.as_ref().map_or(Cell::Absent, |buyer| id(NodeKind::Buyer, buyer.id));
    "buyerName" Text = |record| text(record.buyer.as_ref().map(|buyer| buyer.name()));
    "cpv" Text = |record| codes(record, "CPV");
    "nuts" Text = |record| codes(record, "NUTS");
    "source" Text = |record| text(record.source.as_ref().map(|source| source.slug()));
}

columns! {
    /// Of awards.
    AWARDS of AwardRecord:
    "id" Text = |record| Cell::Text(NodeId::of_part(NodeKind::Award, record.award.tender_id, record.award.id).to_string());
    "localId" Text = |record| text(Some(record.award.local_id()));
    "title" Text = |record| text(record.award.title());
    "description" Text = |record| text(record.award.description());
    "status" Text = |record| name(record.award.status().and_then(code::AwardStatus::from_code).map(AwardStatus::from));
    "date" Instant = |record| instant(record.award.date());
    "valueAmount" Amount = |record| amount(record.award.value_amount(), record.award.value_currency());
    "valueCurrency" Text = |record| currency(record.award.value_amount(), record.award.value_currency());
    "tenderId" Text = |record| id(NodeKind::Tender, record.award.tender_id);
    "ocid" Text = |record| text(record.tender.as_ref().map(|tender| tender.ocid()));
    "tenderTitle" Text = |record| text(record.tender.as_ref().and_then(|tender| tender.title()));
    "buyerId" Text = |record| record.buyer.as_ref().map_or(Cell::Absent, |buyer| id(NodeKind::Buyer, buyer.id));
    "buyerName" Text = |record| text(record.buyer.as_ref().map(|buyer| buyer.name()));
    "supplierIds" Text = |record| suppliers(record, |supplier| NodeId::of(NodeKind::Supplier, supplier.id).to_string());
    "supplierNames" Text = |record| suppliers(record, |supplier| supplier.name().to_owned());
}

/// The columns of organisations, which are the same in every role but for the id.
macro_rules! organization_columns {
    ($(#[$doc:meta])* $name:ident as $role:ident) => {
        columns! {
            $(#[$doc])*
            $name of OrganizationRow:
            "id" Text = |record| id(NodeKind::$role, record.id);
            "name" Text = |record| text(Some(record.name()));
            "identifierScheme" Text = |record| text(record.identifier_scheme());
            "identifierId" Text = |record| text(record.identifier_id());
            "additionalIdentifiers" Json = |record| json(record.additional_identifiers());
            "country" Text = |record| text(record.country());
            "region" Text = |record| text(record.region());
            "locality" Text = |record| text(record.locality());
            "postalCode" Text = |record| text(record.postal_code());
            "streetAddress" Text = |record| text(record.street_address());
        }
    };
}

organization_columns! {
    /// Of suppliers.
    SUPPLIERS as Supplier
}

organization_columns! {
    /// Of buyers.
    BUYERS as Buyer
}

columns! {
    /// Of compiled releases.
    RELEASES of CompiledRelease:
    "ocid" Text = |record| text(Some(&record.ocid));
    "release" Json = |record| Cell::Json(record.text.clone());
}

fn id(kind: NodeKind, key: Uuid) -> Cell {
    Cell::Text(NodeId::of(kind, key).to_string())
}

fn text(text: Option<&str>) -> Cell {
    text.map_or(Cell::Absent, |text| Cell::Text(text.to_owned()))
}

fn json(document: Option<&str>) -> Cell {
    document.map_or(Cell::Absent, |document| Cell::Json(document.into()))
}

fn instant(instant: Option<DateTime<Utc>>) -> Cell {
    instant.map_or(Cell::Absent, Cell::Instant)
}

/// The name of a code in the API.
fn name(code: Option<impl Into<Value>>) -> Cell {
    match code.map(Into::into) {
        Some(Value::Enum(name)) => Cell::Text(name.to_string()),
        _ => Cell::Absent,
    }
}

/// As in the API, there is no amount without its currency.
fn amount(amount: Option<Amount>, currency: Option<&str>) -> Cell {
    amount.filter(|_| currency.is_some()).map_or(Cell::Absent, Cell::Amount)
}

fn currency(amount: Option<Amount>, currency: Option<&str>) -> Cell {
    text(currency.filter(|_| amount.is_some()))
}

fn codes(record: &TenderRecord, scheme: &str) -> Cell {
    let rows = record.codes.iter().flat_map(|codes| codes.iter());
    list(
        rows.filter(|row| row.scheme() == scheme)
            .map(|row| row.code().to_owned()),
    )
}

fn suppliers(record: &AwardRecord, show: impl Fn(&OrganizationRow) -> String) -> Cell {
    list(
        record
            .suppliers
            .rows
            .iter()
            .map(|supplier| show(&supplier.organization)),
    )
}

fn list(values: impl Iterator<Item = String>) -> Cell {
    let values: Vec<String> = values.collect();
    if values.is_empty() {
        return Cell::Absent;
    }
    Cell::Text(values.join(BETWEEN))
}
