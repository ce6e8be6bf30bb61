//! Reading exchange rates: for which days there are any. Amounts find theirs by a join.

use std::collections::HashMap;

use async_graphql::dataloader::Loader;
use chrono::NaiveDate;
use sea_orm::sea_query::{Expr, ExprTrait, Func, Query};

use super::Store;
use crate::error::{Error, Result};

/// Asks for which days there are rates of a currency.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct RatesOf(pub String);

/// The days for which there are rates.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RateSpan {
    /// The first.
    pub first: NaiveDate,
    /// The last.
    pub last: NaiveDate,
}

impl Loader<RatesOf> for Store {
    type Value = RateSpan;
    type Error = Error;

    async fn load(&self, keys: &[RatesOf]) -> Result<HashMap<RatesOf, RateSpan>> {
        let day = || Expr::col(("rate", "day"));
        let select = Query::select()
            .column(("rate", "currency"))
            .expr(Func::min(day()))
            .expr(Func::max(day()))
            .from("rate")
            .and_where(Expr::col(("rate", "currency")).is_in(keys.iter().map(|key| key.0.as_str())))
            .group_by_col(("rate", "currency"))
            .take();
        let mut spans = HashMap::with_capacity(keys.len());
        for row in self.rows(&select).await? {
            let mut columns = row.columns_after(0);
            let currency = RatesOf(columns.take()?);
            let (first, last) = (columns.take()?, columns.take()?);
            spans.insert(currency, RateSpan { first, last });
        }
        Ok(spans)
    }
}
