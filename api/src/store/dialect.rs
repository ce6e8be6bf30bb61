//! What SQL must say differently per database. Nowhere else in the read wing is the database asked for its name.

use sea_orm::sea_query::extension::postgres::PgFunc;
use sea_orm::sea_query::{Expr, ExprTrait, Func, IntoColumnRef, Query};
use sea_orm::{DbBackend, Value};
use uuid::Uuid;

/// That the column holds one of these keys, of which there may be more than a statement can have values.
pub fn is_among(backend: DbBackend, column: impl IntoColumnRef, keys: &[Uuid]) -> Expr {
    if backend == DbBackend::Postgres {
        return is_any_of(backend, column, keys);
    }
    let list: Vec<String> = keys.iter().map(|key| format!("\"{}\"", key.simple())).collect();
    let listed = Query::select()
        .expr(Func::cust("unhex").arg(Expr::col("value")))
        .from_function(Func::cust("json_each").arg(format!("[{}]", list.join(","))), "listed")
        .take();
    Expr::col(column).in_subquery(listed)
}

/// That the column holds one of these keys.
///
/// The statement's text hardly depends on how many keys there are, so that statements stay few and stay prepared: PostgreSQL
/// takes several as one array, and elsewhere the list is padded to a power of two. A single one is compared with: of an array
/// PostgreSQL expects ten keys, and would rather plan each statement anew for one than once for ten.
pub fn is_any_of<T>(backend: DbBackend, column: impl IntoColumnRef, keys: &[T]) -> Expr
where
    T: Clone + Into<Value>,
    Vec<T>: Into<Value>,
{
    any_of(backend, Expr::col(column), keys)
}

/// That the column holds this key, whatever it is: the planner does not get to see it. Where there is but one way to rows,
/// PostgreSQL then plans that once, and not again for each key that has fewer of them than most.
pub fn is_unseen(column: impl IntoColumnRef, key: Uuid) -> Expr {
    Expr::col(column).eq(Query::select().expr(Expr::val(key)).take())
}

/// The value of [`is_any_of`] in PostgreSQL, where the statement is known already.
pub fn value_of_keys(keys: &[Uuid]) -> Value {
    match keys {
        [only] => Value::from(*only),
        several => Value::from(several.to_vec()),
    }
}

/// That an expression is one of these values; as [`is_any_of`].
pub fn any_of<T>(backend: DbBackend, expression: Expr, values: &[T]) -> Expr
where
    T: Clone + Into<Value>,
    Vec<T>: Into<Value>,
{
    if let [only] = values {
        return expression.eq(only.clone());
    }
    if backend == DbBackend::Postgres {
        return expression.eq(PgFunc::any(Expr::val(values.to_vec())));
    }
    let Some(last) = values.last() else {
        return Expr::val(false);
    };
    let padding = values.len().next_power_of_two() - values.len();
    expression.is_in(values.iter().chain(std::iter::repeat_n(last, padding)).cloned())
}

/// Where the parts of an instant's text begin in SQLite, and how long they are.
const YEAR: (i32, i32) = (1, 4);
const MONTH: (i32, i32) = (6, 2);
const DAY: (i32, i32) = (1, 10);

/// The year of an instant in UTC, as a whole number.
pub fn year(backend: DbBackend, instant: impl IntoColumnRef) -> Expr {
    part(backend, "year", YEAR, Expr::col(instant))
}

/// The month of an instant in UTC, as a whole number: months since the beginning of the year 0.
pub fn month(backend: DbBackend, instant: impl IntoColumnRef) -> Expr {
    let instant = Expr::col(instant);
    let years = part(backend, "year", YEAR, instant.clone());
    years.mul(12).add(part(backend, "month", MONTH, instant)).sub(1)
}

/// The day of an instant in UTC, as a column of type `date` holds it.
pub fn day(backend: DbBackend, instant: impl IntoColumnRef) -> Expr {
    let instant = Expr::col(instant);
    match backend {
        DbBackend::Postgres => in_utc(instant).cast_as("date"),
        _ => cut(instant, DAY),
    }
}

fn part(backend: DbBackend, name: &'static str, place: (i32, i32), instant: Expr) -> Expr {
    let part = match backend {
        DbBackend::Postgres => Func::cust("date_part").arg(name).arg(in_utc(instant)).into(),
        _ => cut(instant, place),
    };
    part.cast_as("integer")
}

/// PostgreSQL counts in the time zone of the connection unless it is told.
fn in_utc(instant: Expr) -> Expr {
    Func::cust("timezone").arg("UTC").arg(instant).into()
}

/// SQLite keeps instants as text, in UTC: `2026-03-01T09:30:00+00:00`.
fn cut(instant: Expr, (start, length): (i32, i32)) -> Expr {
    Func::cust("substr").arg(instant).arg(start).arg(length).into()
}
