//! What SQL must say differently per database. Nowhere else in the read wing is the database asked for its name.

use sea_orm::sea_query::extension::postgres::PgFunc;
use sea_orm::sea_query::{Expr, ExprTrait, IntoColumnRef};
use sea_orm::{DbBackend, Value};

/// That the column holds one of these keys.
///
/// The statement's text does not depend on how many keys there are (PostgreSQL takes them as one array), or hardly
/// (elsewhere the list is padded to a power of two), so that statements stay few and stay prepared.
pub fn is_any_of<T>(backend: DbBackend, column: impl IntoColumnRef, keys: &[T]) -> Expr
where
    T: Clone + Into<Value>,
    Vec<T>: Into<Value>,
{
    let column = Expr::col(column);
    if backend == DbBackend::Postgres {
        return column.eq(PgFunc::any(Expr::val(keys.to_vec())));
    }
    let Some(last) = keys.last() else {
        return Expr::val(false);
    };
    let padding = keys.len().next_power_of_two() - keys.len();
    column.is_in(keys.iter().chain(std::iter::repeat_n(last, padding)).cloned())
}
