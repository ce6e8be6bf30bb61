//! Values that belong together: an amount with its currency, a start with its end.

use async_graphql::SimpleObject;
use chrono::{DateTime, Utc};
use entities::Amount;

use super::direct::{Direct, Objects, plain_fields};
use crate::criteria::Decimal;
use crate::store::sum::{Sum, Sums};

/// An exact amount with its currency.
#[derive(SimpleObject, Clone, Debug)]
pub struct Money {
    /// The amount as an exact decimal in a string: `"1250.5"`.
    pub amount: Decimal,
    /// The currency, ISO 4217: `"EUR"`.
    pub currency: String,
}

plain_fields!(fields of Money: amount, currency);

impl Money {
    /// Money needs both: an amount whose currency was not published is only in the `ocds` document.
    pub fn of(amount: Option<Amount>, currency: Option<&str>) -> Option<Direct<Self>> {
        Some(Direct(Self {
            amount: amount?.into(),
            currency: currency?.to_owned(),
        }))
    }

    /// Sums of amounts, one entry a currency.
    pub fn sums(sums: &Sums) -> Objects<Self> {
        let money = |sum: &Sum| Self {
            amount: Decimal::new(sum.total, Amount::SCALE),
            currency: sum.currency.clone(),
        };
        Objects(sums.iter().map(money).collect())
    }
}

/// A span of time; either end may be unknown.
#[derive(SimpleObject, Clone, Debug)]
pub struct Period {
    /// When it begins.
    pub start_date: Option<DateTime<Utc>>,
    /// When it ends.
    pub end_date: Option<DateTime<Utc>>,
}

plain_fields!(fields of Period: start_date, end_date);

impl Period {
    /// A period with at least one end known.
    pub fn of(start_date: Option<DateTime<Utc>>, end_date: Option<DateTime<Utc>>) -> Option<Direct<Self>> {
        (start_date.is_some() || end_date.is_some()).then_some(Direct(Self { start_date, end_date }))
    }
}
