//! The meaning of a filter of tenders as a claim to the index: the same as that of [`super::condition`] to the database.

use chrono::{DateTime, Utc};
use classification::Scheme;
use entities::key;
use entities::value::code;
use search::{Filter, Span, Text};

use super::condition::{BUYERS, SUPPLIERS, bounded, country_code, keys_of};
use crate::criteria::TenderFilter;
use crate::criteria::classification::read;
use crate::criteria::filter::DateTimeRange;
use crate::criteria::statistics::currency_code;
use crate::error::{Error, Result};

/// What the index is to look for.
pub(super) fn filter(filter: &TenderFilter) -> Result<Filter> {
    let value = filter.value.as_ref();
    let bound = |decimal: Option<crate::criteria::Decimal>| decimal.map(|decimal| decimal.amount().ten_thousandths());
    let currency = value.and_then(|range| range.currency.as_deref());
    Ok(Filter {
        text: filter.search.as_deref().map(text).transpose()?.flatten(),
        ids: listed(filter.ocid.as_ref(), "filter.ocid", |ocid| Ok(key::tender(ocid)))?,
        sources: listed(filter.source.as_ref(), "filter.source", |slug| Ok(slug.clone()))?,
        buyers: bounded(filter.buyer.as_ref(), "filter.buyer")?
            .map(|ids| keys_of(ids, BUYERS, "filter.buyer"))
            .transpose()?,
        suppliers: bounded(filter.supplier.as_ref(), "filter.supplier")?
            .map(|ids| keys_of(ids, SUPPLIERS, "filter.supplier"))
            .transpose()?,
        statuses: codes(filter.status.as_ref(), |status| {
            code::TenderStatus::from(status).as_str()
        }),
        categories: codes(filter.main_procurement_category.as_ref(), |category| {
            code::ProcurementCategory::from(category).as_str()
        }),
        methods: codes(filter.procurement_method.as_ref(), |method| {
            code::ProcurementMethod::from(method).as_str()
        }),
        cpv: classified(Scheme::Cpv, filter.cpv.as_ref(), "filter.cpv")?,
        nuts: classified(Scheme::Nuts, filter.nuts.as_ref(), "filter.nuts")?,
        countries: listed(filter.country.as_ref(), "filter.country", |code| country_code(code))?,
        value_min: bound(value.and_then(|range| range.min)),
        value_max: bound(value.and_then(|range| range.max)),
        currency: currency
            .map(|code| currency_code(code, "filter.value.currency"))
            .transpose()?,
        published_at: span(filter.published_at.as_ref()),
        updated_at: span(filter.updated_at.as_ref()),
        deadline: span(filter.deadline.as_ref()),
        has_awards: filter.has_awards,
        and: filters(filter.and.as_deref().unwrap_or_default())?,
        or: filter.or.as_deref().map(filters).transpose()?,
        not: filter
            .not
            .as_deref()
            .map(|denied| self::filter(denied).map(Box::new))
            .transpose()?,
    })
}

fn filters(filters: &[TenderFilter]) -> Result<Vec<Filter>> {
    filters.iter().map(filter).collect()
}

/// What is typed into a search box; `None` if it is blank, and asks for nothing.
fn text(typed: &str) -> Result<Option<Text>> {
    Text::parse(typed).map_err(|error| Error::bad_input("filter.search", error.to_string()))
}

fn listed<T, Key>(
    values: Option<&Vec<T>>,
    argument: &str,
    key: impl Fn(&T) -> Result<Key>,
) -> Result<Option<Vec<Key>>> {
    let values = bounded(values, argument)?;
    values.map(|values| values.iter().map(key).collect()).transpose()
}

fn codes<C: Copy>(values: Option<&Vec<C>>, code: impl Fn(C) -> &'static str) -> Option<Vec<&'static str>> {
    values.map(|values| values.iter().copied().map(code).collect())
}

fn classified(scheme: Scheme, codes: Option<&Vec<String>>, argument: &str) -> Result<Option<Vec<String>>> {
    listed(codes, argument, |code| {
        Ok(read(scheme, code, argument)?.key().to_owned())
    })
}

fn span(range: Option<&DateTimeRange>) -> Span {
    let micros = |instant: Option<DateTime<Utc>>| instant.map(|instant| instant.timestamp_micros());
    range.map_or_else(Span::default, |range| Span {
        from: micros(range.from),
        to: micros(range.to),
    })
}
