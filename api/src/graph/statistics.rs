//! What statistics show: groups of awards or tenders, and all of them together.

use std::borrow::Cow;
use std::marker::PhantomData;
use std::sync::Arc;

use async_graphql::{Context, Enum, Object, Result, TypeName};
use chrono::{DateTime, NaiveTime, Utc};
use entities::Amount;
use uuid::Uuid;

use super::bucket_key::BucketKey;
use super::direct::{Direct, Objects, plain_fields};
use super::load;
use super::money::Money;
use crate::criteria::{Decimal, Grouping};
use crate::error::Error;
use crate::store::organization::Role;
use crate::store::rate::{RateSpan, RatesOf};
use crate::store::statistics::{
    Bucket as Group, Buckets, BucketsOf, Key, MediansOf, Only, Parties, PartiesOf, Question, Scope, Subject, Tally,
};
use crate::store::sum::Sum;

/// What kind of value the amounts of a statistic are.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
pub enum ValueKind {
    /// What buyers expected to pay, as published with the tender. It need not be what was paid.
    Estimated,
    /// What was awarded.
    Awarded,
}

/// What is counted: gives the types their names.
pub trait Counted: Send + Sync + 'static {
    /// `Award` or `Tender`.
    const NOUN: &'static str;
    /// What its values are.
    const VALUE: ValueKind;
}

/// Awards are counted.
pub struct Awards;

impl Counted for Awards {
    const NOUN: &'static str = "Award";
    const VALUE: ValueKind = ValueKind::Awarded;
}

/// Tenders are counted.
pub struct Tenders;

impl Counted for Tenders {
    const NOUN: &'static str = "Tender";
    const VALUE: ValueKind = ValueKind::Estimated;
}

/// Counts and sums of rows in groups.
pub struct Statistics<C> {
    scope: Scope,
    conversion: Option<Conversion>,
    counted: PhantomData<C>,
}

impl<C: Counted> Statistics<C> {
    /// Statistics of the rows that match, all or those of one organisation.
    pub async fn new(
        context: &Context<'_>,
        subject: Subject,
        grouping: Grouping,
        under: Option<(Role, Uuid)>,
    ) -> Result<Direct<Self>> {
        let conversion = match &grouping.currency {
            Some(currency) => Some(Conversion::to(context, currency).await?),
            None => None,
        };
        let question = Arc::new(Question { subject, grouping });
        Ok(Direct(Self {
            scope: Scope { question, under },
            conversion,
            counted: PhantomData,
        }))
    }
}

impl<C: Counted> TypeName for Statistics<C> {
    fn type_name() -> Cow<'static, str> {
        format!("{}Statistics", C::NOUN).into()
    }
}

/// Counts and sums in groups, for charts. Values in different currencies are never added up, unless they are converted; and
/// what has no value is not taken for zero: `countWithValue` tells how many have one.
#[Object(name_type)]
impl<C: Counted> Statistics<C> {
    /// The groups, in the order asked for. What has no key, such as awards without a date, is a group of its own, at the end
    /// if sorted by key.
    async fn buckets(&self, context: &Context<'_>) -> Result<Objects<Bucket<C>>> {
        let found = load(context, BucketsOf(self.scope.clone())).await?.unwrap_or_default();
        let bucket = |place| Bucket::new(&self.scope, &found, Place::Listed(place));
        Ok(Objects((0..found.list.len()).map(bucket).collect()))
    }

    /// Everything under the filter, groups beyond `first` included. It can be less than the groups together, where one
    /// counts in several of them.
    async fn total(&self, context: &Context<'_>) -> Result<Direct<Bucket<C>>> {
        let grouping = &self.scope.question.grouping;
        if grouping.is_partition() && !grouping.is_wide() {
            let found = load(context, BucketsOf(self.scope.clone())).await?.unwrap_or_default();
            return Ok(Direct(Bucket::new(&self.scope, &found, Place::All)));
        }
        let scope = self.scope.total();
        let found = load(context, BucketsOf(scope.clone())).await?.unwrap_or_default();
        Ok(Direct(Bucket::new(&scope, &found, Place::All)))
    }

    /// What the values are.
    async fn value_kind(&self) -> ValueKind {
        C::VALUE
    }

    /// How values were converted; null if `currency` did not ask for it.
    async fn conversion(&self) -> Option<Direct<Conversion>> {
        self.conversion.clone().map(Direct)
    }
}

plain_fields!([C: Counted] Statistics<C>: value_kind; objects: conversion);

/// Where a group stands.
#[derive(Clone, Copy)]
enum Place {
    Listed(usize),
    /// It is all groups together.
    All,
}

/// A group of rows.
pub struct Bucket<C> {
    scope: Scope,
    buckets: Arc<Buckets>,
    place: Place,
    counted: PhantomData<C>,
}

impl<C: Counted> Bucket<C> {
    fn new(scope: &Scope, buckets: &Arc<Buckets>, place: Place) -> Self {
        Self {
            scope: scope.clone(),
            buckets: buckets.clone(),
            place,
            counted: PhantomData,
        }
    }

    fn group(&self) -> Option<&Group> {
        match self.place {
            Place::Listed(place) => self.buckets.list.get(place),
            Place::All => None,
        }
    }

    fn tally(&self) -> &Tally {
        self.group().map_or(&self.buckets.all, |group| &group.tally)
    }

    /// The key by which further statements know this group, the scope that they are asked about, and what narrows them.
    fn asked(&self) -> (Vec<Key>, Scope, Option<Arc<Only>>) {
        match self.group() {
            Some(group) => (group.key.clone(), self.scope.clone(), self.buckets.only.clone()),
            None => (Vec::new(), self.scope.total(), None),
        }
    }

    async fn parties(&self, context: &Context<'_>) -> Result<Parties> {
        let (key, scope, only) = self.asked();
        let found = load(context, PartiesOf { scope, only }).await?;
        Ok(found.and_then(|parties| parties.get(&key).copied()).unwrap_or_default())
    }

    fn money(&self, amount: impl Fn(&Sum) -> i128) -> Objects<Money> {
        let money = |sum: &Sum| Money {
            amount: Decimal::new(amount(sum), Amount::SCALE),
            currency: sum.currency.clone(),
        };
        Objects(self.tally().value.iter().map(money).collect())
    }
}

impl<C: Counted> TypeName for Bucket<C> {
    fn type_name() -> Cow<'static, str> {
        format!("{}Bucket", C::NOUN).into()
    }
}

/// A group: how many there are, and what their values add up to.
#[Object(name_type)]
impl<C: Counted> Bucket<C> {
    /// One key a dimension, in the order of `groupBy`; empty on `total`.
    async fn key(&self) -> Objects<BucketKey> {
        let by = &self.scope.question.grouping.by;
        let keys = self.group().into_iter().flat_map(|group| by.iter().zip(&group.key));
        Objects(
            keys.map(|(&dimension, key)| BucketKey::new(dimension, key.clone()))
                .collect(),
        )
    }

    /// How many there are.
    async fn count(&self) -> i32 {
        whole(self.tally().count)
    }

    /// How many of them are in the sums, means and medians: those that have a value, with its currency. If values are
    /// converted, only those that could be.
    async fn count_with_value(&self) -> i32 {
        whole(self.tally().value.count())
    }

    /// How many have a value that could not be converted, because there is no date or no rate for its currency on that day.
    /// 0 if nothing is converted.
    async fn count_not_converted(&self) -> i32 {
        whole(self.tally().unconverted)
    }

    /// The sum of the values, exact: one entry a currency, that of most values first, or one in all when `currency` asked
    /// for a conversion. Empty, and not zero, if there is no value.
    async fn value(&self) -> Objects<Money> {
        self.money(|sum| sum.total)
    }

    /// The mean of the values, rounded to four decimals; entries as in `value`.
    async fn mean(&self) -> Objects<Money> {
        self.money(|sum| mean(sum.total, sum.count))
    }

    /// The middle of the values; half way between the two in the middle where their number is even. Entries as in `value`.
    async fn median(&self, context: &Context<'_>) -> Result<Objects<Money>> {
        let (key, scope, only) = self.asked();
        let found = load(context, MediansOf { scope, only }).await?;
        let middles = found.iter().filter_map(|medians| medians.get(&key)).flatten();
        let money = middles.map(|middle| Money {
            amount: middle.value,
            currency: middle.currency.clone(),
        });
        Ok(Objects(money.collect()))
    }

    /// How many different organisations supply.
    async fn supplier_count(&self, context: &Context<'_>) -> Result<i32> {
        Ok(whole(self.parties(context).await?.suppliers))
    }

    /// How many different organisations buy.
    async fn buyer_count(&self, context: &Context<'_>) -> Result<i32> {
        Ok(whole(self.parties(context).await?.buyers))
    }
}

plain_fields!([C: Counted] Bucket<C>: count, count_with_value, count_not_converted; objects: key, value, mean);

fn whole(count: i64) -> i32 {
    i32::try_from(count).unwrap_or(i32::MAX)
}

/// Rounded half away from zero.
fn mean(total: i128, count: i64) -> i128 {
    let count = i128::from(count.max(1));
    let half = if total < 0 { -count } else { count };
    (total * 2 + half) / (count * 2)
}

/// How values were converted.
#[derive(Clone)]
pub struct Conversion {
    currency: String,
    span: RateSpan,
}

impl Conversion {
    async fn to(context: &Context<'_>, currency: &str) -> Result<Self> {
        let span = load(context, RatesOf(currency.to_owned())).await?;
        let unknown = || {
            let reason = format!("the hub has no exchange rates of {currency}");
            Error::bad_input("currency", reason)
        };
        Ok(Self {
            currency: currency.to_owned(),
            span: span.ok_or_else(unknown)?,
        })
    }
}

/// How values were converted: each at the reference rates of the European Central Bank of its own day, that of the award's
/// decision or of the tender's publication. On a day without rates the last ones before it count, for at most a week.
#[Object]
impl Conversion {
    /// The currency that was converted to, ISO 4217.
    async fn currency(&self) -> &str {
        &self.currency
    }

    /// The first day for which there are rates of it.
    async fn rates_from(&self) -> DateTime<Utc> {
        self.span.first.and_time(NaiveTime::MIN).and_utc()
    }

    /// The last day for which there are rates of it. What is later was not converted.
    async fn rates_until(&self) -> DateTime<Utc> {
        self.span.last.and_time(NaiveTime::MIN).and_utc()
    }
}

plain_fields!(Conversion: currency, rates_from, rates_until);

#[cfg(test)]
mod tests {
    use super::mean;

    #[test]
    fn a_mean_is_rounded_to_the_nearest() {
        assert_eq!([mean(10, 4), mean(9, 4), mean(-10, 4), mean(0, 0)], [3, 2, -3, 0]);
    }
}
