//! The groups at the top, where there are too many to read them all.

use std::collections::HashMap;

use sea_orm::sea_query::{CaseStatement, Expr, ExprTrait, Func, Order, OverStatement, Query, WindowStatement};
use uuid::Uuid;

use super::base::{AMOUNT, BASE, Base, CURRENCY, PARENT, RATE_FROM, RATE_TO, group, keys, take_group};
use super::{Key, Question};
use crate::criteria::OrderDirection;
use crate::criteria::statistics::StatisticsOrderField;
use crate::error::Result;
use crate::store::organization::Role;
use crate::store::{Store, sum};

/// The groups, before they are cut off.
const RANKED: &str = "ranked";
const PLACE: &str = "place";

impl Store {
    /// The keys of the groups at the top, by organisation; `None` if there are no others. `main` are the currencies by which
    /// groups are compared where values are not converted.
    pub(super) async fn top(
        &self,
        question: &Question,
        under: Option<(Role, &[Uuid])>,
        main: &HashMap<Option<Uuid>, String>,
    ) -> Result<Option<HashMap<Option<Uuid>, Vec<Vec<Key>>>>> {
        let grouping = &question.grouping;
        let base = Base {
            store: self,
            subject: &question.subject,
            grouping,
            under,
            only: None,
        };
        let is_by_value = grouping.order.field == StatisticsOrderField::Value;
        let rows = if is_by_value { base.values()? } else { base.keyed()? };
        let columns = group(grouping, under.is_some());
        let ranked = Query::select()
            .columns(columns.iter().copied())
            .expr_window_as(
                Expr::cust("ROW_NUMBER()"),
                window(question, under.is_some(), main),
                PLACE,
            )
            .from_subquery(rows, BASE)
            .add_group_by(columns.iter().copied().map(Expr::col))
            .take();
        let size = i64::try_from(grouping.size).unwrap_or(i64::MAX);
        let select = Query::select()
            .columns(columns.iter().map(|column| (RANKED, column.1)))
            .column((RANKED, PLACE))
            .from_subquery(ranked, RANKED)
            .and_where(Expr::col((RANKED, PLACE)).lte(size.saturating_add(1)))
            .take();
        let (mut top, mut is_cut): (HashMap<_, Vec<_>>, _) = (HashMap::new(), false);
        for row in self.rows(&select).await? {
            let mut columns = row.columns_after(0);
            let (organization, key) = take_group(&mut columns, grouping, under.is_some())?;
            // One group more than was asked for tells whether there are more.
            if columns.take::<i64>()? > size {
                is_cut = true;
            } else {
                top.entry(organization).or_default().push(key);
            }
        }
        Ok(is_cut.then_some(top))
    }
}

/// The order in which groups are counted off, those of each organisation by themselves.
fn window(question: &Question, is_under: bool, main: &HashMap<Option<Uuid>, String>) -> WindowStatement {
    let grouping = &question.grouping;
    let mut window = WindowStatement::new();
    if is_under {
        window.add_partition_by(Expr::col(PARENT));
    }
    let direction = match grouping.order.direction {
        OrderDirection::Asc => Order::Asc,
        OrderDirection::Desc => Order::Desc,
    };
    match grouping.order.field {
        StatisticsOrderField::Key => {
            for &key in keys(grouping) {
                window
                    .order_by_expr(Expr::col(key).is_null(), Order::Asc)
                    .order_by(key, direction.clone());
            }
        }
        StatisticsOrderField::Count => {
            window.order_by_expr(Func::count(Expr::cust("*")).into(), direction);
        }
        StatisticsOrderField::Value => {
            let value = value(question, main);
            window
                .order_by_expr(value.clone().is_null(), Order::Asc)
                .order_by_expr(value, direction);
        }
    }
    for &key in keys(grouping) {
        window.order_by(key, Order::Asc);
    }
    window
}

/// What groups are compared by.
fn value(question: &Question, main: &HashMap<Option<Uuid>, String>) -> Expr {
    if let Some(target) = &question.grouping.currency {
        return Func::sum(nearly_converted(target)).into();
    }
    let mut counted = CaseStatement::new();
    for (organization, currency) in main {
        let mut condition = Expr::col(CURRENCY).eq(currency.as_str());
        if let Some(id) = organization {
            condition = condition.and(Expr::col(PARENT).eq(*id));
        }
        counted = counted.case(condition, Expr::col(AMOUNT));
    }
    if main.is_empty() {
        return Expr::val(Option::<i64>::None);
    }
    sum::sortable(&counted.into())
}

/// A value in the currency that is converted to, good enough to compare: the numbers that are shown are exact.
pub(super) fn nearly_converted(target: &str) -> Expr {
    let number = |column| Expr::col(column).cast_as("double precision");
    CaseStatement::new()
        .case(Expr::col(CURRENCY).eq(target), number(AMOUNT))
        .finally(number(AMOUNT).mul(number(RATE_TO)).div(number(RATE_FROM)))
        .into()
}
