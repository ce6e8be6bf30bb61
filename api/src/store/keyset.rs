//! Paging by keyset: a page starts after the place that a cursor holds, however many rows come before it.
//!
//! The order always ends in the row's key, so no two rows are equal. Rows without a value for the order's column come
//! last in both directions; they are an arm of the statement of their own, so that either arm is a walk along an index.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use entities::Amount;
use sea_orm::Value;
use sea_orm::sea_query::{Expr, ExprTrait, Order, Query, SelectStatement, UnionType};
use uuid::Uuid;

use super::Row;
use super::beside::Neighbors;
use super::row::Shown;
use crate::criteria::{Cursor, OrderDirection, PageRequest, Position};

/// Characters that the name of a column and its table take up, about.
const COLUMN_LENGTH: usize = 32;

/// A column by table and name.
pub type Column = (&'static str, &'static str);

/// What kind of value an order's column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A whole number or an amount.
    Number,
    /// An instant.
    Instant,
    /// A text.
    Text,
}

/// The order of a list: a column, then the key.
#[derive(Clone, Debug)]
pub struct Keyset {
    /// What is listed, such as `tenders`: cursors are good for one list in one order.
    pub list: &'static str,
    /// The column to sort by.
    pub value: Column,
    /// What it holds.
    pub kind: Kind,
    /// Whether rows may have no value in it.
    pub nullable: bool,
    /// The key columns that break ties.
    pub keys: &'static [Column],
    /// Which way.
    pub direction: OrderDirection,
}

/// A row that knows its place in the orders of its lists.
pub trait Placed: Row {
    /// Its value in this column, and its key.
    fn place(&self, column: Column) -> Cursor;
}

/// One page of a list, and whether there is more on either side of it.
#[derive(Clone)]
pub struct Page<R> {
    /// The rows, in the order of the list.
    pub rows: Vec<Arc<R>>,
    /// What was read beside them.
    pub beside: Neighbors,
    /// Whether rows come before the page.
    pub has_previous: bool,
    /// Whether rows come after the page.
    pub has_next: bool,
}

impl<R> Page<R> {
    /// Rows with nothing beside them.
    pub fn alone(rows: Vec<Arc<R>>, has_previous: bool, has_next: bool) -> Self {
        let beside = Neighbors::default();
        Self {
            rows,
            beside,
            has_previous,
            has_next,
        }
    }
}

impl Keyset {
    /// The name under which cursors of this order are written.
    pub fn list_name(&self) -> String {
        format!("{} by {} {:?}", self.list, self.value.1, self.direction)
    }

    /// Puts a statement's rows on the page: its condition, its order, and one row more than asked, which tells whether
    /// there is more without counting.
    pub fn page(&self, select: &SelectStatement, page: &PageRequest) -> SelectStatement {
        let arms = self.arms(select, page);
        let are_several = arms.len() > 1;
        let mut union = union_all(arms);
        if are_several {
            union.limit(page.size as u64 + 1);
        }
        union
    }

    /// The statements whose rows together are the page, the first ones on it first: those with a value, and those without.
    /// Both databases take limited statements one after the other, and the second only where the first leaves room.
    fn arms(&self, select: &SelectStatement, page: &PageRequest) -> Vec<SelectStatement> {
        let ascending = (self.direction == OrderDirection::Asc) != page.backward;
        let order = if ascending { Order::Asc } else { Order::Desc };
        let mut arms = Vec::with_capacity(2);
        for absent in [page.backward, !page.backward] {
            if absent && !self.nullable {
                continue;
            }
            let Some(bounds) = self.bounds(page, absent) else {
                continue;
            };
            let mut arm = select.clone();
            if absent {
                arm.and_where(Expr::col(self.value).is_null());
            } else {
                if self.nullable {
                    arm.and_where(Expr::col(self.value).is_not_null());
                }
                arm.order_by(self.value, order.clone());
            }
            for bound in bounds {
                arm.and_where(bound);
            }
            for &key in self.keys {
                arm.order_by(key, order.clone());
            }
            arms.push(arm.limit(page.size as u64 + 1).take());
        }
        if arms.is_empty() {
            arms.push(select.clone().and_where(Expr::val(false)).take());
        }
        arms
    }

    /// The conditions that the page's cursors put on rows with a value or without; `None` if no such row can be on it.
    fn bounds(&self, page: &PageRequest, absent: bool) -> Option<Vec<Expr>> {
        let mut bounds = Vec::with_capacity(2);
        for (cursor, is_start) in [(&page.after, true), (&page.before, false)] {
            let Some(cursor) = cursor else { continue };
            if cursor.keys.len() != self.keys.len() {
                // The hub writes no such cursor: nothing lies behind one that somebody made up.
                return None;
            }
            let cursor_is_absent = cursor.position == Position::Absent;
            if cursor_is_absent != absent {
                // Rows without a value come after all others: a cursor in the other arm either admits all of this one
                // or none.
                let admits_all = cursor_is_absent != is_start;
                if admits_all {
                    continue;
                }
                return None;
            }
            let mut columns: Vec<Expr> = self.keys.iter().map(|&key| Expr::col(key)).collect();
            let mut values: Vec<Expr> = cursor.keys.iter().map(|&key| Expr::val(key)).collect();
            if !absent {
                columns.insert(0, Expr::col(self.value));
                values.insert(0, Expr::val(self.sql_value(&cursor.position)?));
            }
            let (columns, values) = (Expr::tuple(columns), Expr::tuple(values));
            let greater = is_start == (self.direction == OrderDirection::Asc);
            bounds.push(if greater {
                columns.gt(values)
            } else {
                columns.lt(values)
            });
        }
        Some(bounds)
    }

    fn sql_value(&self, position: &Position) -> Option<Value> {
        match (self.kind, position) {
            (Kind::Number, Position::Number(number)) => Some((*number).into()),
            (Kind::Instant, Position::Number(micros)) => {
                DateTime::<Utc>::from_timestamp_micros(*micros).map(Into::into)
            }
            // A text with a NUL cannot stand in the database, and PostgreSQL does not even compare with one.
            (Kind::Text, Position::Text(text)) if !text.contains('\0') => Some(text.clone().into()),
            _ => None,
        }
    }

    /// Turns what was fetched for a page into the page: in order, without the row that was one too many.
    pub fn finish<R>(mut rows: Vec<R>, beside: Neighbors, page: &PageRequest) -> Page<R> {
        let surplus = rows.len() > page.size;
        rows.truncate(page.size);
        if page.backward {
            rows.reverse();
        }
        let rows = rows.into_iter().map(Arc::new).collect();
        if page.backward {
            Page {
                rows,
                beside,
                has_previous: surplus,
                has_next: page.before.is_some(),
            }
        } else {
            Page {
                rows,
                beside,
                has_previous: page.after.is_some(),
                has_next: surplus,
            }
        }
    }
}

/// All rows of all these statements, as one statement. Each keeps its own order and limit.
pub fn union_all(statements: Vec<SelectStatement>) -> SelectStatement {
    let mut statements = statements.into_iter();
    let (Some(first), rest) = (statements.next(), statements.collect::<Vec<_>>()) else {
        // No arm can hold a row: ask for nothing, in the same number of statements.
        return Query::select().expr(Expr::val(1)).and_where(Expr::val(false)).take();
    };
    if rest.is_empty() {
        return first;
    }
    let wrapped = |statement: SelectStatement| {
        Query::select()
            .expr(Expr::cust("*"))
            .from_subquery(statement, "arm")
            .take()
    };
    let mut union = wrapped(first);
    for statement in rest {
        union.union(UnionType::All, wrapped(statement));
    }
    union
}

/// The next rows of a statement in the order of their keys, after a row's keys if there was one.
pub fn next_by_key<'s>(
    select: &'s mut SelectStatement,
    keys: &[Column],
    after: &[Uuid],
    limit: u64,
) -> &'s SelectStatement {
    if !after.is_empty() {
        let columns = Expr::tuple(keys.iter().map(|&key| Expr::col(key)));
        select.and_where(columns.gt(Expr::tuple(after.iter().map(|&key| Expr::val(key)))));
    }
    for &key in keys {
        select.order_by(key, Order::Asc);
    }
    select.limit(limit)
}

/// The columns of a row, named with their table, ready to be selected.
pub fn columns<R: Row>() -> SelectStatement {
    columns_with::<R>(Shown::ALL)
}

/// As [`columns`], with these of the columns that need not be read.
pub fn columns_with<R: Row>(shown: Shown) -> SelectStatement {
    Query::select().expr(Expr::cust(names::<R>(shown))).take()
}

/// The columns as one expression. A builder of statements would take each of them apart and put it together again, for
/// every statement.
pub fn names<R: Row>(shown: Shown) -> String {
    let mut names = String::with_capacity(R::width(shown) * COLUMN_LENGTH);
    for column in R::columns(shown) {
        if !names.is_empty() {
            names.push(',');
        }
        for part in ["\"", R::TABLE, "\".\"", column, "\""] {
            names.push_str(part);
        }
    }
    names
}

/// An instant as cursors hold it.
pub fn instant(value: DateTime<Utc>) -> Position {
    Position::Number(value.timestamp_micros())
}

/// An instant as cursors hold it, if there is one.
pub fn instant_or_absent(value: Option<DateTime<Utc>>) -> Position {
    value.map_or(Position::Absent, instant)
}

/// An amount as cursors hold it, if there is one.
pub fn amount_or_absent(value: Option<Amount>) -> Position {
    value.map_or(Position::Absent, |amount| Position::Number(amount.ten_thousandths()))
}

/// The key of a row that stands for itself.
pub fn at(position: Position, keys: &[Uuid]) -> Cursor {
    Cursor {
        position,
        keys: keys.to_vec(),
    }
}
