//! Reading what is indexed from the tables: many tenders or organisations at once, whole.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use entities::Amount;
use sea_orm::sea_query::{Expr, ExprTrait, Func, IntoColumnRef, Order, Query, SelectStatement};
use sea_orm::{
    ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbBackend, DbErr, FromQueryResult, TransactionTrait,
};
use uuid::Uuid;

use crate::language::Language;

/// Which things are read.
#[derive(Clone, Debug)]
pub(crate) enum Keys {
    /// The next so many after this key, in the order of keys.
    After(Option<Uuid>, u64),
    /// The next so many tenders that were published before this one, the newest first.
    Before(Option<(DateTime<Utc>, Uuid)>, u64),
    /// These.
    Among(Vec<Uuid>),
}

impl Keys {
    fn select(&self, select: &mut SelectStatement, key: (&'static str, &'static str)) {
        match self {
            Self::After(after, limit) => {
                if let Some(after) = after {
                    select.and_where(Expr::col(key).gt(*after));
                }
                select.order_by(key, Order::Asc).limit(*limit);
            }
            Self::Before(before, limit) => {
                let published_at = ("tender", "published_at");
                if let Some((instant, id)) = before {
                    let place = Expr::tuple([Expr::col(published_at), Expr::col(key)]);
                    select.and_where(place.lt(Expr::tuple([Expr::value(*instant), Expr::value(*id)])));
                }
                select.order_by(published_at, Order::Desc);
                select.order_by(key, Order::Desc).limit(*limit);
            }
            Self::Among(keys) => {
                select.and_where(Expr::col(key).is_in(keys.iter().copied()));
            }
        }
    }

    /// That a row belongs to what was found: all between the first and the last of them, or the same keys again.
    fn parts(&self, found: &[Uuid], key: impl IntoColumnRef) -> Expr {
        let column = Expr::col(key);
        match (self, found) {
            (Self::After(..), [first, .., last]) => column.between(*first, *last),
            _ => column.is_in(found.iter().copied()),
        }
    }
}

/// A tender with everything that it is found by.
#[derive(Debug)]
pub(crate) struct Tender {
    pub row: TenderRow,
    /// The slug of its source.
    pub source: String,
    /// The language of its texts, where it has a stemmer.
    pub language: Option<Language>,
    /// Titles and descriptions.
    pub lots: Vec<String>,
    /// Descriptions.
    pub items: Vec<String>,
    /// Titles and descriptions.
    pub awards: Vec<String>,
    /// Names of the buyer and the procuring entity, as this tender spells them.
    pub buyers: Vec<String>,
    /// Names of suppliers, as this tender spells them.
    pub suppliers: Vec<String>,
    /// Keys of suppliers.
    pub supplier_ids: Vec<Uuid>,
    /// Keys of all organisations that it names.
    pub party_ids: Vec<Uuid>,
    /// Scheme and code of its classifications and all above them.
    pub codes: Vec<(String, String)>,
}

/// The row of a tender, and the country of its buyer.
#[derive(Debug, FromQueryResult)]
pub(crate) struct TenderRow {
    pub id: Uuid,
    pub ocid: String,
    pub source_id: Uuid,
    pub published_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    pub has_awards: bool,
    pub buyer_id: Option<Uuid>,
    pub procuring_entity_id: Option<Uuid>,
    pub status: Option<String>,
    pub main_procurement_category: Option<String>,
    pub procurement_method: Option<String>,
    pub value_amount: Option<Amount>,
    pub value_currency: Option<String>,
    pub tender_end: Option<DateTime<Utc>>,
    pub language: Option<String>,
    pub title: Option<String>,
    pub description: Option<String>,
    pub country: Option<String>,
}

const TENDER_COLUMNS: [&str; 17] = [
    "id",
    "ocid",
    "source_id",
    "published_at",
    "updated_at",
    "has_awards",
    "buyer_id",
    "procuring_entity_id",
    "status",
    "main_procurement_category",
    "procurement_method",
    "value_amount",
    "value_currency",
    "tender_end",
    "language",
    "title",
    "description",
];

/// An organisation with everything that it is found by.
#[derive(Debug)]
pub(crate) struct Organization {
    pub row: OrganizationRow,
    /// Every spelling of its name.
    pub names: Vec<String>,
    /// How often it is named.
    pub mentions: u64,
}

impl Organization {
    /// Whether it buys or supplies.
    pub fn has_role(&self) -> bool {
        self.row.buyer.is_some() || self.row.supplier.is_some()
    }
}

/// The row of an organisation, and its roles.
#[derive(Debug, FromQueryResult)]
pub(crate) struct OrganizationRow {
    pub id: Uuid,
    pub name: String,
    pub identifier_id: Option<String>,
    pub additional_identifiers: Option<String>,
    pub country: Option<String>,
    pub buyer: Option<Uuid>,
    pub supplier: Option<Uuid>,
}

/// A text of a part of a tender.
#[derive(FromQueryResult)]
struct Part {
    tender_id: Uuid,
    title: Option<String>,
    description: Option<String>,
}

const PART_COLUMNS: [&str; 3] = ["tender_id", "title", "description"];

impl Part {
    fn texts(self) -> impl Iterator<Item = String> {
        self.title.into_iter().chain(self.description)
    }
}

#[derive(FromQueryResult)]
struct Item {
    tender_id: Uuid,
    description: Option<String>,
}

#[derive(FromQueryResult)]
struct Party {
    tender_id: Uuid,
    organization_id: Uuid,
    name: String,
}

#[derive(FromQueryResult)]
struct Supplier {
    tender_id: Uuid,
    organization_id: Uuid,
}

#[expect(clippy::struct_field_names, reason = "fields are called as their columns")]
#[derive(FromQueryResult)]
struct Code {
    tender_id: Uuid,
    scheme: String,
    code: String,
}

#[derive(FromQueryResult)]
struct Spelling {
    organization_id: Uuid,
    name: String,
    mentions: i64,
}

/// The rows of a statement.
pub(crate) async fn fetch<T: FromQueryResult>(
    database: &impl ConnectionTrait,
    select: &SelectStatement,
) -> Result<Vec<T>, DbErr> {
    let rows = database.query_all(select).await?;
    rows.iter().map(|row| T::from_query_result(row, "")).collect()
}

/// Begins to read by lists of keys. PostgreSQL would rather read a table as a whole for each list while it has some hundred
/// thousand rows.
async fn begin(database: &DatabaseConnection) -> Result<DatabaseTransaction, DbErr> {
    let reading = database.begin().await?;
    if reading.get_database_backend() == DbBackend::Postgres {
        reading.execute_unprepared("SET LOCAL enable_seqscan = off").await?;
    }
    Ok(reading)
}

/// The tenders with these keys.
pub(crate) async fn tenders(database: &DatabaseConnection, keys: &Keys) -> Result<Vec<Tender>, DbErr> {
    let reading = begin(database).await?;
    let tenders = read_tenders(&reading, keys).await?;
    reading.commit().await?;
    Ok(tenders)
}

async fn read_tenders(database: &DatabaseTransaction, keys: &Keys) -> Result<Vec<Tender>, DbErr> {
    let mut select = Query::select();
    select
        .columns(TENDER_COLUMNS.map(|column| ("tender", column)))
        .column(("organization", "country"))
        .from("tender")
        .left_join(
            "organization",
            Expr::col(("organization", "id")).equals(("tender", "buyer_id")),
        );
    keys.select(&mut select, ("tender", "id"));
    let rows: Vec<TenderRow> = fetch(database, &select).await?;
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let found: Vec<Uuid> = rows.iter().map(|row| row.id).collect();
    let sources = sources(database).await?;
    let mut tenders: HashMap<Uuid, Tender> = rows
        .into_iter()
        .map(|row| (row.id, Tender::new(row, &sources)))
        .collect();
    let parts = |table: &'static str, columns: &[&'static str]| {
        Query::select()
            .columns(columns.iter().map(|&column| (table, column)))
            .from(table)
            .and_where(keys.parts(&found, (table, "tender_id")))
            .take()
    };
    let mut lots = parts("lot", &PART_COLUMNS);
    for lot in fetch::<Part>(database, lots.order_by(("lot", "position"), Order::Asc)).await? {
        if let Some(tender) = tenders.get_mut(&lot.tender_id) {
            tender.lots.extend(lot.texts());
        }
    }
    let mut awards = parts("award", &PART_COLUMNS);
    for award in fetch::<Part>(database, awards.order_by(("award", "position"), Order::Asc)).await? {
        if let Some(tender) = tenders.get_mut(&award.tender_id) {
            tender.awards.extend(award.texts());
        }
    }
    let mut items = parts("item", &["tender_id", "description"]);
    for item in fetch::<Item>(database, items.order_by(("item", "position"), Order::Asc)).await? {
        if let Some(tender) = tenders.get_mut(&item.tender_id) {
            tender.items.extend(item.description);
        }
    }
    let mut suppliers = parts("award_supplier", &["tender_id", "organization_id"]);
    for supplier in fetch::<Supplier>(database, suppliers.distinct()).await? {
        if let Some(tender) = tenders.get_mut(&supplier.tender_id) {
            tender.supplier_ids.push(supplier.organization_id);
        }
    }
    let mut parties = parts("party", &["tender_id", "organization_id", "name"]);
    for party in fetch::<Party>(database, parties.order_by(("party", "position"), Order::Asc)).await? {
        if let Some(tender) = tenders.get_mut(&party.tender_id) {
            tender.name(party.organization_id, &party.name);
        }
    }
    let codes = parts("tender_code", &["tender_id", "scheme", "code"]);
    for code in fetch::<Code>(database, &codes).await? {
        if let Some(tender) = tenders.get_mut(&code.tender_id) {
            tender.codes.push((code.scheme, code.code));
        }
    }
    Ok(found.iter().filter_map(|id| tenders.remove(id)).collect())
}

impl Tender {
    fn new(row: TenderRow, sources: &HashMap<Uuid, Source>) -> Self {
        let source = sources.get(&row.source_id);
        let of_source = || source.and_then(|source| source.language.as_deref());
        Self {
            language: row.language.as_deref().or_else(of_source).and_then(Language::read),
            source: source.map(|source| source.slug.clone()).unwrap_or_default(),
            row,
            lots: Vec::new(),
            items: Vec::new(),
            awards: Vec::new(),
            buyers: Vec::new(),
            suppliers: Vec::new(),
            supplier_ids: Vec::new(),
            party_ids: Vec::new(),
            codes: Vec::new(),
        }
    }

    /// Takes note of how the tender calls an organisation.
    fn name(&mut self, organization: Uuid, name: &str) {
        if !self.party_ids.contains(&organization) {
            self.party_ids.push(organization);
        }
        let buys = [self.row.buyer_id, self.row.procuring_entity_id].contains(&Some(organization));
        let supplies = self.supplier_ids.contains(&organization);
        for (has_role, names) in [(buys, &mut self.buyers), (supplies, &mut self.suppliers)] {
            if has_role && !names.iter().any(|known| known == name) {
                names.push(name.to_owned());
            }
        }
    }
}

/// A source, with its language for releases that do not say theirs.
#[derive(FromQueryResult)]
struct Source {
    id: Uuid,
    slug: String,
    language: Option<String>,
}

async fn sources(database: &impl ConnectionTrait) -> Result<HashMap<Uuid, Source>, DbErr> {
    let select = Query::select()
        .columns(["id", "slug", "language"])
        .from("source")
        .take();
    let sources: Vec<Source> = fetch(database, &select).await?;
    Ok(sources.into_iter().map(|source| (source.id, source)).collect())
}

/// The organisations with these keys, whatever their roles.
pub(crate) async fn organizations(database: &DatabaseConnection, keys: &Keys) -> Result<Vec<Organization>, DbErr> {
    let mut select = Query::select();
    select
        .columns(
            ["id", "name", "identifier_id", "additional_identifiers", "country"].map(|column| ("organization", column)),
        )
        .expr_as(Expr::col(("buyer", "id")), "buyer")
        .expr_as(Expr::col(("supplier", "id")), "supplier")
        .from("organization");
    for role in ["buyer", "supplier"] {
        select.left_join(role, Expr::col((role, "id")).equals(("organization", "id")));
    }
    keys.select(&mut select, ("organization", "id"));
    let rows: Vec<OrganizationRow> = fetch(database, &select).await?;
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let found: Vec<Uuid> = rows.iter().map(|row| row.id).collect();
    let columns = [("party", "organization_id"), ("party", "name")];
    let select = Query::select()
        .columns(columns)
        .expr_as(Func::count(Expr::cust("*")), "mentions")
        .from("party")
        .and_where(keys.parts(&found, ("party", "organization_id")))
        .group_by_columns(columns)
        .take();
    let mut spellings: HashMap<Uuid, (Vec<String>, u64)> = HashMap::new();
    for spelling in fetch::<Spelling>(database, &select).await? {
        let (names, mentions) = spellings.entry(spelling.organization_id).or_default();
        names.push(spelling.name);
        *mentions += u64::try_from(spelling.mentions).unwrap_or_default();
    }
    let organization = |row: OrganizationRow| {
        let (names, mentions) = spellings.remove(&row.id).unwrap_or_default();
        Organization { row, names, mentions }
    };
    Ok(rows.into_iter().map(organization).collect())
}
