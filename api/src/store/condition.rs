//! The one meaning of every filter, as a condition in SQL.

use classification::Scheme;
use entities::key;
use sea_orm::sea_query::{Condition, Expr, ExprTrait, Query, SelectStatement};
use sea_orm::{DbBackend, Value};
use uuid::Uuid;

use super::Store;
use super::dialect::{is_among, is_any_of};
use super::keyset::Column;
use crate::criteria::classification::read;
use crate::criteria::filter::{DateTimeRange, MoneyRange};
use crate::criteria::statistics::currency_code;
use crate::criteria::{AwardFilter, ContractFilter, NodeId, NodeKind, OrganizationFilter, TenderFilter};
use crate::error::{Error, Result};

/// The most values a list in a filter may hold.
const MAX_VALUES: usize = 200;

/// Ids that may name a buyer: an organisation is the same in all its roles.
pub(super) const BUYERS: &[NodeKind] = &[NodeKind::Buyer, NodeKind::ProcuringEntity, NodeKind::Supplier];
/// Ids that may name a supplier.
pub(super) const SUPPLIERS: &[NodeKind] = &[NodeKind::Supplier, NodeKind::Buyer, NodeKind::ProcuringEntity];

/// That a row of `tender` matches.
pub fn tender(store: &Store, filter: &TenderFilter) -> Result<Condition> {
    let backend = store.backend();
    if filter.searches() {
        // The index knows all other claims as well, so that one search is enough.
        let keys = store.keys_found(filter)?;
        return Ok(Condition::all().add(is_among(backend, ("tender", "id"), &keys)));
    }
    let mut all = Condition::all();
    if let Some(ocids) = bounded(filter.ocid.as_ref(), "filter.ocid")? {
        let keys: Vec<Uuid> = ocids.iter().map(|ocid| key::tender(ocid)).collect();
        all = all.add(is_any_of(backend, ("tender", "id"), &keys));
    }
    if let Some(slugs) = bounded(filter.source.as_ref(), "filter.source")? {
        let keys: Vec<Uuid> = slugs.iter().map(|slug| key::source(slug)).collect();
        all = all.add(is_any_of(backend, ("tender", "source_id"), &keys));
    }
    if let Some(ids) = bounded(filter.buyer.as_ref(), "filter.buyer")? {
        let keys = keys_of(ids, BUYERS, "filter.buyer")?;
        all = all.add(is_any_of(backend, ("tender", "buyer_id"), &keys));
    }
    if let Some(ids) = bounded(filter.supplier.as_ref(), "filter.supplier")? {
        let keys = keys_of(ids, SUPPLIERS, "filter.supplier")?;
        let awarded = related("award_supplier", ("tender", "id"))
            .and_where(is_any_of(backend, ("award_supplier", "organization_id"), &keys))
            .take();
        all = all.add(Expr::exists(awarded));
    }
    if let Some(statuses) = &filter.status {
        all = all.add(
            Expr::col(("tender", "status")).is_in(
                statuses
                    .iter()
                    .map(|&status| entities::value::code::TenderStatus::from(status).as_str()),
            ),
        );
    }
    if let Some(categories) = &filter.main_procurement_category {
        all = all.add(
            Expr::col(("tender", "main_procurement_category")).is_in(
                categories
                    .iter()
                    .map(|&category| entities::value::code::ProcurementCategory::from(category).as_str()),
            ),
        );
    }
    if let Some(methods) = &filter.procurement_method {
        all = all.add(
            Expr::col(("tender", "procurement_method")).is_in(
                methods
                    .iter()
                    .map(|&method| entities::value::code::ProcurementMethod::from(method).as_str()),
            ),
        );
    }
    for (scheme, codes, argument) in [
        (Scheme::Cpv, &filter.cpv, "filter.cpv"),
        (Scheme::Nuts, &filter.nuts, "filter.nuts"),
    ] {
        if let Some(codes) = bounded(codes.as_ref(), argument)? {
            all = all.add(Expr::exists(classified(scheme, codes, argument)?));
        }
    }
    if let Some(countries) = bounded(filter.country.as_ref(), "filter.country")? {
        let buyers = Query::select()
            .expr(Expr::val(1))
            .from("organization")
            .and_where(Expr::col(("organization", "id")).equals(("tender", "buyer_id")))
            .and_where(in_countries(countries)?)
            .take();
        all = all.add(Expr::exists(buyers));
    }
    if let Some(range) = &filter.value {
        all = all.add(money(range, ("tender", "value_amount"), ("tender", "value_currency"))?);
    }
    for (range, column) in [
        (&filter.published_at, "published_at"),
        (&filter.updated_at, "updated_at"),
        (&filter.deadline, "tender_end"),
    ] {
        if let Some(range) = range {
            all = all.add(instants(range, ("tender", column)));
        }
    }
    if let Some(has_awards) = filter.has_awards {
        all = all.add(Expr::col(("tender", "has_awards")).eq(has_awards));
    }
    let combined = Combined {
        and: filter.and.as_deref(),
        or: filter.or.as_deref(),
        not: filter.not.as_deref(),
    };
    combined.add_to(all, |inner| tender(store, inner))
}

/// That a row of `award` matches.
pub fn award(store: &Store, filter: &AwardFilter) -> Result<Condition> {
    let backend = store.backend();
    let mut all = Condition::all();
    if let Some(ids) = bounded(filter.buyer.as_ref(), "filter.buyer")? {
        let keys = keys_of(ids, BUYERS, "filter.buyer")?;
        all = all.add(is_any_of(backend, ("award", "buyer_id"), &keys));
    }
    if let Some(ids) = bounded(filter.supplier.as_ref(), "filter.supplier")? {
        let keys = keys_of(ids, SUPPLIERS, "filter.supplier")?;
        let supplied = related("award_supplier", ("award", "tender_id"))
            .and_where(Expr::col(("award_supplier", "award_id")).equals(("award", "id")))
            .and_where(is_any_of(backend, ("award_supplier", "organization_id"), &keys))
            .take();
        all = all.add(Expr::exists(supplied));
    }
    if let Some(statuses) = &filter.status {
        all = all.add(
            Expr::col(("award", "status")).is_in(
                statuses
                    .iter()
                    .map(|&status| entities::value::code::AwardStatus::from(status).as_str()),
            ),
        );
    }
    if let Some(range) = &filter.date {
        all = all.add(instants(range, ("award", "date")));
    }
    if let Some(range) = &filter.value {
        all = all.add(money(range, ("award", "value_amount"), ("award", "value_currency"))?);
    }
    if let Some(of_tender) = &filter.tender {
        let awarded = owner_of("award").cond_where(tender(store, of_tender)?).take();
        all = all.add(Expr::exists(awarded));
    }
    let combined = Combined {
        and: filter.and.as_deref(),
        or: filter.or.as_deref(),
        not: filter.not.as_deref(),
    };
    combined.add_to(all, |inner| award(store, inner))
}

/// The buyer, if a filter asks for the awards of one and for nothing else.
pub fn only_buyer(filter: &AwardFilter) -> Result<Option<Uuid>> {
    let rest = AwardFilter {
        buyer: None,
        ..filter.clone()
    };
    match filter.buyer.as_deref() {
        Some([id]) if rest == AwardFilter::default() => NodeId::expect(id, BUYERS, "filter.buyer").map(Some),
        _ => Ok(None),
    }
}

/// That a row of `contract` matches.
pub fn contract(store: &Store, filter: &ContractFilter) -> Result<Condition> {
    let backend = store.backend();
    let mut all = Condition::all();
    if let Some(ids) = bounded(filter.buyer.as_ref(), "filter.buyer")? {
        let keys = keys_of(ids, BUYERS, "filter.buyer")?;
        let of_buyer = owner_of("contract")
            .and_where(is_any_of(backend, ("tender", "buyer_id"), &keys))
            .take();
        all = all.add(Expr::exists(of_buyer));
    }
    if let Some(ids) = bounded(filter.supplier.as_ref(), "filter.supplier")? {
        let keys = keys_of(ids, SUPPLIERS, "filter.supplier")?;
        let supplied = related("award_supplier", ("contract", "tender_id"))
            .and_where(Expr::col(("award_supplier", "award_id")).equals(("contract", "award_id")))
            .and_where(is_any_of(backend, ("award_supplier", "organization_id"), &keys))
            .take();
        all = all.add(Expr::exists(supplied));
    }
    if let Some(statuses) = &filter.status {
        all = all.add(
            Expr::col(("contract", "status")).is_in(
                statuses
                    .iter()
                    .map(|&status| entities::value::code::ContractStatus::from(status).as_str()),
            ),
        );
    }
    for (range, column) in [(&filter.date_signed, "date_signed"), (&filter.period_end, "period_end")] {
        if let Some(range) = range {
            all = all.add(instants(range, ("contract", column)));
        }
    }
    if let Some(range) = &filter.value {
        all = all.add(money(
            range,
            ("contract", "value_amount"),
            ("contract", "value_currency"),
        )?);
    }
    if let Some(of_tender) = &filter.tender {
        let signed = owner_of("contract").cond_where(tender(store, of_tender)?).take();
        all = all.add(Expr::exists(signed));
    }
    let combined = Combined {
        and: filter.and.as_deref(),
        or: filter.or.as_deref(),
        not: filter.not.as_deref(),
    };
    combined.add_to(all, |inner| contract(store, inner))
}

/// That a row of `organization` matches.
pub fn organization(backend: DbBackend, filter: &OrganizationFilter) -> Result<Condition> {
    let mut all = Condition::all();
    if let Some(prefix) = &filter.name_prefix {
        refuse_control_characters(prefix, "filter.namePrefix")?;
        let escaped = prefix.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
        let pattern = sea_orm::sea_query::LikeExpr::new(format!("{escaped}%")).escape('\\');
        all = all.add(Expr::col(("organization", "name")).like(pattern));
    }
    if let Some(identifiers) = bounded(filter.identifier.as_ref(), "filter.identifier")? {
        let keys: Vec<Uuid> = identifiers
            .iter()
            .map(|identifier| key::organization_by_identifier(&identifier.scheme, &identifier.id))
            .collect();
        let registered = Query::select()
            .column(("organization_claim", "organization_id"))
            .from("organization_claim_key")
            .inner_join(
                "organization_claim",
                Expr::col(("organization_claim", "id")).equals(("organization_claim_key", "claim_id")),
            )
            .and_where(is_any_of(backend, ("organization_claim_key", "key"), &keys))
            .take();
        all = all.add(Expr::col(("organization", "id")).in_subquery(registered));
    }
    if let Some(countries) = bounded(filter.country.as_ref(), "filter.country")? {
        all = all.add(in_countries(countries)?);
    }
    let combined = Combined {
        and: filter.and.as_deref(),
        or: filter.or.as_deref(),
        not: filter.not.as_deref(),
    };
    combined.add_to(all, |inner| organization(backend, inner))
}

/// How filters of one kind compose.
struct Combined<'a, F> {
    and: Option<&'a [F]>,
    or: Option<&'a [F]>,
    not: Option<&'a F>,
}

impl<F> Combined<'_, F> {
    fn add_to(self, mut all: Condition, condition: impl Fn(&F) -> Result<Condition>) -> Result<Condition> {
        for inner in self.and.unwrap_or_default() {
            all = all.add(condition(inner)?);
        }
        if let Some(alternatives) = self.or {
            let mut any = Condition::any();
            for inner in alternatives {
                any = any.add(condition(inner)?);
            }
            // No alternative at all can never hold, just as an empty list of values matches nothing.
            all = all.add(if alternatives.is_empty() {
                Condition::all().add(never())
            } else {
                any
            });
        }
        if let Some(inner) = self.not {
            // `COALESCE` makes "unknown" (a comparison with an absent value) count as "does not hold".
            let inner = condition(inner)?;
            if inner.is_empty() {
                all = all.add(never());
            } else {
                all = all.add(Expr::expr(sea_orm::sea_query::Func::coalesce([inner.into(), Expr::val(false)])).not());
            }
        }
        Ok(all)
    }
}

fn never() -> Expr {
    Expr::val(1).eq(0)
}

/// The rows of a table owned by the process in `tender_key`.
fn related(table: &'static str, tender_key: Column) -> SelectStatement {
    Query::select()
        .expr(Expr::val(1))
        .from(table)
        .and_where(Expr::col((table, "tender_id")).equals(tender_key))
        .take()
}

/// The process that owns a row of this table.
fn owner_of(table: &'static str) -> SelectStatement {
    Query::select()
        .expr(Expr::val(1))
        .from("tender")
        .and_where(Expr::col(("tender", "id")).equals((table, "tender_id")))
        .take()
}

/// The rows that say that the tender carries one of these codes, or one below it.
fn classified(scheme: Scheme, codes: &[String], argument: &str) -> Result<SelectStatement> {
    let codes = codes
        .iter()
        .map(|code| Ok(read(scheme, code, argument)?.key().to_owned()))
        .collect::<Result<Vec<String>>>()?;
    // With the instant, the whole key is known: a few tenders are looked up as quickly as many are joined.
    Ok(related("code_tender", ("tender", "id"))
        .and_where(Expr::col(("code_tender", "published_at")).equals(("tender", "published_at")))
        .and_where(Expr::col(("code_tender", "scheme")).eq(scheme.name()))
        .and_where(Expr::col(("code_tender", "code")).is_in(codes))
        .take())
}

fn in_countries(countries: &[String]) -> Result<Expr> {
    let codes = countries
        .iter()
        .map(|country| country_code(country))
        .collect::<Result<Vec<_>>>()?;
    Ok(Expr::col(("organization", "country")).is_in(codes))
}

/// A country in capitals.
pub(super) fn country_code(code: &str) -> Result<String> {
    if code.len() != 2 || !code.bytes().all(|byte| byte.is_ascii_alphabetic()) {
        return Err(Error::bad_input(
            "filter.country",
            format!("{code:?} is not a code of 2 letters, such as \"NL\""),
        ));
    }
    Ok(code.to_ascii_uppercase())
}

/// That an instant lies in a range, its start included and its end not.
pub fn instants(range: &DateTimeRange, column: Column) -> Condition {
    Condition::all()
        .add_option(range.from.map(|from| Expr::col(column).gte(from)))
        .add_option(range.to.map(|to| Expr::col(column).lt(to)))
}

fn money(range: &MoneyRange, amount: Column, currency: Column) -> Result<Condition> {
    let bound = |decimal: Option<crate::criteria::Decimal>| decimal.map(|decimal| Value::from(decimal.amount()));
    let code = range
        .currency
        .as_ref()
        .map(|code| currency_code(code, "filter.value.currency"))
        .transpose()?;
    Ok(Condition::all()
        .add_option(bound(range.min).map(|min| Expr::col(amount).gte(min)))
        .add_option(bound(range.max).map(|max| Expr::col(amount).lte(max)))
        .add_option(code.map(|code| Expr::col(currency).eq(code))))
}

pub(super) fn bounded<'a, T>(values: Option<&'a Vec<T>>, argument: &str) -> Result<Option<&'a [T]>> {
    match values {
        Some(values) if values.len() > MAX_VALUES => Err(Error::bad_input(
            argument,
            format!("at most {MAX_VALUES} values, not {}", values.len()),
        )),
        other => Ok(other.map(Vec::as_slice)),
    }
}

pub(super) fn keys_of(ids: &[async_graphql::ID], kinds: &[NodeKind], argument: &str) -> Result<Vec<Uuid>> {
    ids.iter().map(|id| NodeId::expect(id, kinds, argument)).collect()
}

/// PostgreSQL refuses a text with a NUL in it, and no name has a control character.
fn refuse_control_characters(text: &str, argument: &str) -> Result<()> {
    if text.chars().any(char::is_control) {
        return Err(Error::bad_input(argument, "holds a control character"));
    }
    Ok(())
}
