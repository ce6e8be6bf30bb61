//! The middle of the values of a group.

use std::collections::HashMap;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use async_graphql::dataloader::Loader;
use entities::Amount;
use sea_orm::sea_query::{
    Condition, Expr, ExprTrait, Func, Order, OverStatement, Query, SelectStatement, WindowStatement,
};
use uuid::Uuid;

use super::base::{AMOUNT, BASE, Base, CURRENCY, RATE_FROM, RATE_TO, group, take_group};
use super::convert::Converted;
use super::cut::nearly_converted;
use super::{Key, Only, Question, Scope};
use crate::criteria::Decimal;
use crate::error::{Error, Result};
use crate::store::Store;
use crate::store::keyset::Column;
use crate::store::nested::grouped;
use crate::store::organization::Role;
use crate::store::row::Columns;

/// The values, each with its place among those of its group.
const RANKED: &str = "ranked";
const PLACE: Column = (RANKED, "place");
const SIZE: Column = (RANKED, "size");

/// Asks for the middle of the values of each group of a scope.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MediansOf {
    /// Whose groups.
    pub scope: Scope,
    /// Those that matter.
    pub only: Option<Arc<Only>>,
}

impl Hash for MediansOf {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.scope.hash(state);
    }
}

/// The middle of the values in one currency.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Middle {
    /// ISO 4217.
    pub currency: String,
    /// How many values there are.
    pub count: i64,
    /// The middle one; of an even number, what lies half way between the two.
    pub value: Decimal,
}

/// Those of each group, in the currency of most values first.
pub type Medians = HashMap<Vec<Key>, Vec<Middle>>;

impl Loader<MediansOf> for Store {
    type Value = Arc<Medians>;
    type Error = Error;

    async fn load(&self, scopes: &[MediansOf]) -> Result<HashMap<MediansOf, Self::Value>> {
        let mut found = HashMap::with_capacity(scopes.len());
        let groups = grouped(scopes, |MediansOf { scope, only }| {
            let (question, organization) = scope.split();
            (question, (organization, only.clone()))
        });
        for ((question, role), asked) in groups {
            let organizations: Vec<Uuid> = asked.iter().filter_map(|(organization, _)| *organization).collect();
            let under = role.map(|role| (role, organizations.as_slice()));
            // All who ask the same were narrowed together.
            let only = asked.iter().find_map(|(_, only)| only.clone());
            let mut medians = self.medians(&question, under, only.as_deref()).await?;
            found.extend(asked.into_iter().map(|(organization, only)| {
                let scope = Scope::of(&question, role, organization);
                let medians = medians.remove(&organization).unwrap_or_default();
                (MediansOf { scope, only }, Arc::new(medians))
            }));
        }
        Ok(found)
    }
}

impl Store {
    async fn medians(
        &self,
        question: &Question,
        under: Option<(Role, &[Uuid])>,
        only: Option<&Only>,
    ) -> Result<HashMap<Option<Uuid>, Medians>> {
        let grouping = &question.grouping;
        let base = Base {
            store: self,
            subject: &question.subject,
            grouping,
            under,
            only,
        };
        let select = middle(question, base.values()?, under.is_some());
        let mut rows: HashMap<Option<Uuid>, Middles> = HashMap::new();
        for row in self.rows(&select).await? {
            let mut columns = row.columns_after(0);
            let (organization, key) = take_group(&mut columns, grouping, under.is_some())?;
            let target = grouping.currency.as_deref();
            let (currency, count, value) = take_value(&mut columns, target)?;
            let group = rows.entry(organization).or_default();
            let two = group.entry((key, currency)).or_default();
            two.count = count;
            two.add(value);
        }
        let medians = rows.into_iter().map(|(organization, groups)| {
            let mut medians = Medians::new();
            for ((key, currency), two) in groups {
                let value = two.middle(grouping.currency.is_some());
                medians.entry(key).or_default().push(Middle {
                    currency,
                    count: two.count,
                    value,
                });
            }
            for group in medians.values_mut() {
                group.sort_unstable_by(|one, two| (two.count, &one.currency).cmp(&(one.count, &two.currency)));
            }
            (organization, medians)
        });
        Ok(medians.collect())
    }
}

/// The values in the middle of their group: one, or two where their number is even.
fn middle(question: &Question, rows: SelectStatement, is_under: bool) -> SelectStatement {
    let grouping = &question.grouping;
    let mut columns = group(grouping, is_under);
    // Converted values are compared whatever their currency was.
    let mut groups = WindowStatement::new();
    for &column in &columns {
        groups.add_partition_by(Expr::col(column));
    }
    let mut has_value = Condition::all()
        .add(Expr::col(AMOUNT).is_not_null())
        .add(Expr::col(CURRENCY).is_not_null());
    let value = if let Some(target) = &grouping.currency {
        let has_rates = Expr::col(RATE_FROM).is_not_null().and(Expr::col(RATE_TO).is_not_null());
        has_value = has_value.add(Expr::col(CURRENCY).eq(target.as_str()).or(has_rates));
        nearly_converted(target)
    } else {
        groups.add_partition_by(Expr::col(CURRENCY));
        Expr::col(AMOUNT)
    };
    columns.extend([CURRENCY, AMOUNT]);
    if grouping.currency.is_some() {
        columns.extend([RATE_FROM, RATE_TO]);
    }
    let places = groups.clone().order_by_expr(value, Order::Asc).to_owned();
    let ranked = Query::select()
        .columns(columns.iter().copied())
        .expr_window_as(Expr::cust("ROW_NUMBER()"), places, PLACE.1)
        .expr_window_as(Func::count(Expr::cust("*")), groups, SIZE.1)
        .from_subquery(rows, BASE)
        .cond_where(has_value)
        .take();
    let half = |more: i32| Expr::col(SIZE).add(more).div(2);
    Query::select()
        .columns(columns.iter().map(|column| (RANKED, column.1)))
        .column(SIZE)
        .from_subquery(ranked, RANKED)
        .and_where(Expr::col(PLACE).eq(half(1)).or(Expr::col(PLACE).eq(half(2))))
        .take()
}

/// Reads a value, as it is or converted, with the number of values of its group.
fn take_value(columns: &mut Columns<'_>, target: Option<&str>) -> Result<(String, i64, Converted), sqlx::Error> {
    let (currency, amount): (String, i64) = (columns.take()?, columns.take()?);
    let amount = i128::from(amount);
    let Some(target) = target else {
        return Ok((currency, columns.take()?, Converted::exact(amount)));
    };
    let (from, to): (Option<i64>, Option<i64>) = (columns.take()?, columns.take()?);
    let value = match (from, to) {
        (Some(from), Some(to)) if currency != target => Converted::new(amount, from, to),
        _ => Converted::exact(amount),
    };
    Ok((target.to_owned(), columns.take()?, value))
}

/// What is in the middle of each group and currency.
type Middles = HashMap<(Vec<Key>, String), Two>;

/// The value in the middle, or the two around it.
#[derive(Default)]
struct Two {
    count: i64,
    found: i64,
    sum: Converted,
}

impl Two {
    fn add(&mut self, value: Converted) {
        self.found += 1;
        self.sum.add(value);
    }

    fn middle(&self, is_converted: bool) -> Decimal {
        let (one, two) = (self.found == 1, self.sum.rounded());
        match is_converted {
            _ if one => Decimal::new(two, Amount::SCALE),
            true => Decimal::new(self.sum.halved(), Amount::SCALE),
            // Half of a ten-thousandth has one digit more.
            false => Decimal::new(two * 5, Amount::SCALE + 1),
        }
    }
}
