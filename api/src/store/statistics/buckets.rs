//! The groups with how many rows they hold and the sums of their values.

use std::cmp::Ordering;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use async_graphql::dataloader::Loader;
use sea_orm::sea_query::{Expr, Func, Query};
use uuid::Uuid;

use super::base::{AMOUNT, BASE, Base, CURRENCY, RATE_FROM, RATE_TO, group, take_group};
use super::convert::Converted;
use super::{Key, Only, Question, Scope};
use crate::criteria::OrderDirection;
use crate::criteria::statistics::StatisticsOrderField;
use crate::error::{Error, Result};
use crate::store::Store;
use crate::store::nested::grouped;
use crate::store::organization::Role;
use crate::store::row::Columns;
use crate::store::sum::{self, Sums};

/// What a group adds up to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// How many rows.
    pub count: i64,
    /// How many of them have a value that no rate could convert.
    pub unconverted: i64,
    /// The values of the others.
    pub value: Sums,
    /// Values that were converted, not yet rounded, and how many they are.
    converted: (i64, Converted),
}

impl Tally {
    /// Rounds what was converted, now that all is added up.
    fn finish(mut self, currency: Option<&str>) -> Self {
        if let Some(currency) = currency {
            let (count, total) = std::mem::take(&mut self.converted);
            self.value.add(currency, count, total.rounded());
        }
        self
    }

    fn extend(&mut self, other: &Self) {
        self.count += other.count;
        self.unconverted += other.unconverted;
        self.value.extend(&other.value);
        self.converted.0 += other.converted.0;
        self.converted.1.add(other.converted.1);
    }
}

/// A group.
#[derive(Clone, Debug)]
pub struct Bucket {
    /// What its rows have in common, one a dimension.
    pub key: Vec<Key>,
    /// What it adds up to.
    pub tally: Tally,
}

/// The groups in the order asked for.
#[derive(Clone, Debug, Default)]
pub struct Buckets {
    /// As many groups as were asked for.
    pub list: Vec<Bucket>,
    /// All groups added up, those beyond the list included. A row that stands in several groups counts in each.
    pub all: Tally,
    /// If there are very many groups beyond the list: what narrows further statements to those on it.
    pub only: Option<Arc<Only>>,
}

/// The groups of one organisation, or of all rows.
type Groups = HashMap<Vec<Key>, Tally>;

/// Asks for the groups of a scope.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct BucketsOf(pub Scope);

impl Loader<BucketsOf> for Store {
    type Value = Arc<Buckets>;
    type Error = Error;

    async fn load(&self, scopes: &[BucketsOf]) -> Result<HashMap<BucketsOf, Self::Value>> {
        let mut found = HashMap::with_capacity(scopes.len());
        for ((question, role), organizations) in grouped(scopes, |BucketsOf(scope)| scope.split()) {
            let keys: Vec<Uuid> = organizations.iter().flatten().copied().collect();
            let buckets = self
                .buckets(&question, role.map(|role| (role, keys.as_slice())))
                .await?;
            found.extend(organizations.into_iter().map(|organization| {
                let scope = Scope::of(&question, role, organization);
                let buckets = buckets.get(&organization).cloned().unwrap_or_default();
                (BucketsOf(scope), buckets)
            }));
        }
        Ok(found)
    }
}

impl Store {
    async fn buckets(
        &self,
        question: &Question,
        under: Option<(Role, &[Uuid])>,
    ) -> Result<HashMap<Option<Uuid>, Arc<Buckets>>> {
        let grouping = &question.grouping;
        // Very many groups are not read for the few at the top: those are found out first.
        let mut main = HashMap::new();
        let top = if grouping.is_wide() {
            main = self.main_currency(question, under).await?.unwrap_or_default();
            self.top(question, under, &main).await?
        } else {
            None
        };
        let only = top.as_ref().map(|top| {
            let keys = top.values().flatten();
            Arc::new(Only::of(grouping.by.len(), keys))
        });
        let groups = self.tallies(question, under, only.as_deref()).await?;
        let mut buckets = HashMap::with_capacity(groups.len());
        for (organization, mut groups) in groups {
            if let Some(top) = &top {
                let wanted: HashSet<&Vec<Key>> = top.get(&organization).into_iter().flatten().collect();
                groups.retain(|key, _| wanted.contains(key));
            }
            let only = only.clone();
            let main = main.get(&organization).map(String::as_str);
            buckets.insert(organization, Arc::new(arrange(question, groups, only, main)));
        }
        Ok(buckets)
    }

    /// The currency by which groups are sorted by value, where it takes a statement of its own to know it: by
    /// organisation.
    async fn main_currency(
        &self,
        question: &Question,
        under: Option<(Role, &[Uuid])>,
    ) -> Result<Option<HashMap<Option<Uuid>, String>>> {
        let grouping = &question.grouping;
        if grouping.order.field != StatisticsOrderField::Value || grouping.currency.is_some() {
            return Ok(None);
        }
        let total = Question {
            subject: question.subject.clone(),
            grouping: grouping.total(),
        };
        let totals = self.tallies(&total, under, None).await?;
        let currencies = totals.into_iter().filter_map(|(organization, groups)| {
            let all = groups.into_values().next()?;
            Some((organization, all.value.main_currency()?.to_owned()))
        });
        Ok(Some(currencies.collect()))
    }

    /// Counts and sums of all groups that matter, by organisation.
    async fn tallies(
        &self,
        question: &Question,
        under: Option<(Role, &[Uuid])>,
        only: Option<&Only>,
    ) -> Result<HashMap<Option<Uuid>, Groups>> {
        let grouping = &question.grouping;
        let base = Base {
            store: self,
            subject: &question.subject,
            grouping,
            under,
            only,
        };
        let mut columns = group(grouping, under.is_some());
        columns.push(CURRENCY);
        if grouping.currency.is_some() {
            columns.extend([RATE_FROM, RATE_TO]);
        }
        let select = Query::select()
            .columns(columns.iter().copied())
            .expr(Func::count(Expr::cust("*")))
            .expr(Func::count(Expr::col(AMOUNT)))
            .exprs(sum::sum(&Expr::col(AMOUNT)))
            .from_subquery(base.values()?, BASE)
            .add_group_by(columns.iter().copied().map(Expr::col))
            .take();
        let mut found: HashMap<Option<Uuid>, Groups> = HashMap::new();
        for row in self.rows(&select).await? {
            let mut columns = row.columns_after(0);
            let (organization, key) = take_group(&mut columns, grouping, under.is_some())?;
            let tally = found.entry(organization).or_default().entry(key).or_default();
            take_values(&mut columns, grouping.currency.as_deref(), tally)?;
        }
        Ok(found)
    }
}

/// Adds a row of the answer to the group it belongs to.
fn take_values(columns: &mut Columns<'_>, target: Option<&str>, tally: &mut Tally) -> Result<(), sqlx::Error> {
    let currency: Option<String> = columns.take()?;
    let rates: Option<(Option<i64>, Option<i64>)> = match target {
        Some(_) => Some((columns.take()?, columns.take()?)),
        None => None,
    };
    tally.count += columns.take::<i64>()?;
    let count: i64 = columns.take()?;
    // An amount without a currency is no value.
    let (Some(currency), Some(total)) = (currency, sum::take(columns)?) else {
        return Ok(());
    };
    let converted = match rates {
        None => {
            tally.value.add(&currency, count, total);
            return Ok(());
        }
        _ if target == Some(currency.as_str()) => Converted::exact(total),
        Some((Some(from), Some(to))) => Converted::new(total, from, to),
        Some(_) => {
            tally.unconverted += count;
            return Ok(());
        }
    };
    tally.converted.0 += count;
    tally.converted.1.add(converted);
    Ok(())
}

/// Puts groups in order and keeps as many as were asked for. `main` is the currency by whose values they are compared, if
/// it was found out before.
fn arrange(question: &Question, groups: Groups, only: Option<Arc<Only>>, main: Option<&str>) -> Buckets {
    let grouping = &question.grouping;
    let mut all = Tally::default();
    for tally in groups.values() {
        all.extend(tally);
    }
    let currency = grouping.currency.as_deref();
    let all = all.finish(currency);
    let mut list: Vec<Bucket> = groups
        .into_iter()
        .map(|(key, tally)| Bucket {
            key,
            tally: tally.finish(currency),
        })
        .collect();
    let main = currency.or(main).or_else(|| all.value.main_currency());
    list.sort_unstable_by(|one, two| compare(question, main, one, two));
    list.truncate(grouping.size);
    Buckets { list, all, only }
}

/// Groups without a key or value come last in both directions; ties are in the order of keys.
fn compare(question: &Question, currency: Option<&str>, one: &Bucket, two: &Bucket) -> Ordering {
    let order = question.grouping.order;
    let directed = |ordering: Ordering| match order.direction {
        OrderDirection::Asc => ordering,
        OrderDirection::Desc => ordering.reverse(),
    };
    let by_field = match order.field {
        StatisticsOrderField::Key => {
            let mut pairs = one.key.iter().zip(&two.key);
            pairs
                .find_map(|(one, two)| match (one == &Key::Absent, two == &Key::Absent) {
                    (false, false) => Some(directed(one.cmp(two))).filter(|ordering| ordering.is_ne()),
                    (one, two) => Some(one.cmp(&two)).filter(|ordering| ordering.is_ne()),
                })
                .unwrap_or(Ordering::Equal)
        }
        StatisticsOrderField::Count => directed(one.tally.count.cmp(&two.tally.count)),
        StatisticsOrderField::Value => {
            let sum = |bucket: &Bucket| bucket.tally.value.in_currency(currency?);
            match (sum(one), sum(two)) {
                (Some(one), Some(two)) => directed(one.cmp(&two)),
                (one, two) => two.is_some().cmp(&one.is_some()),
            }
        }
    };
    by_field.then_with(|| one.key.cmp(&two.key))
}
