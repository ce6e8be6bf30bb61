//! What SQLite says of files that were made without it.

use chrono::DateTime;
use proptest::prelude::*;
use sea_orm::prelude::Uuid;
use sqlx::sqlite::{SqliteArguments, SqliteOwnedBuf};
use sqlx::{Arguments, AssertSqlSafe, Connection, Executor, SqliteConnection};

use super::table_file::TableFile;
use super::{PORTION, make_room, put};
use crate::table::Cell;

const TABLE: &str = "a table";
/// With a name that has to be quoted.
const COLUMNS: [&str; 3] = ["id", "group", "c"];

/// A cell that owns what stands in it.
#[derive(Clone, Debug)]
enum Owned {
    Null,
    Bool(bool),
    Integer(i32),
    BigInteger(i64),
    Text(String),
    Bytes(Vec<u8>),
    Key(u128),
    Instant(i64),
}

impl Owned {
    fn cell(&self) -> Cell<'_> {
        match self {
            Owned::Null => Cell::Text(None),
            Owned::Bool(value) => Cell::Bool(Some(*value)),
            Owned::Integer(value) => Cell::Integer(Some(*value)),
            Owned::BigInteger(value) => Cell::BigInteger(Some(*value)),
            Owned::Text(value) => Cell::Text(Some(value)),
            Owned::Bytes(value) => Cell::Bytes(Some(value)),
            Owned::Key(value) => Cell::Key(Some(Uuid::from_u128(*value))),
            Owned::Instant(value) => Cell::Instant(DateTime::from_timestamp_micros(*value)),
        }
    }

    fn bind(&self, arguments: &mut SqliteArguments) {
        match self.cell() {
            Cell::Bool(value) => arguments.add(value),
            Cell::Integer(value) => arguments.add(value),
            Cell::BigInteger(value) => arguments.add(value),
            Cell::Text(value) => arguments.add(value),
            Cell::Bytes(value) => arguments.add(value),
            Cell::Key(value) => arguments.add(value),
            Cell::Instant(value) => arguments.add(value),
        }
        .unwrap();
    }
}

type Rows = Vec<[Owned; COLUMNS.len()]>;

/// Makes a file of the rows and has SQLite compare it with a table into which the same values were bound.
fn check(rows: &Rows) {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(async {
        let mut connection = SqliteConnection::connect("sqlite::memory:").await.unwrap();
        make_room(&mut connection).await.unwrap();
        bind(&mut connection, rows).await;
        let mut file = TableFile::new(TABLE, &COLUMNS);
        for row in rows {
            file.push(row.iter().map(Owned::cell));
        }
        let file = SqliteOwnedBuf::try_from(file.finish().as_slice()).unwrap();
        put(&mut connection, file).await.unwrap();

        let verdict: String = scalar(&mut connection, format!("PRAGMA {PORTION}.integrity_check")).await;
        assert_eq!(verdict, "ok");
        let count: i64 = scalar(&mut connection, format!("SELECT count(*) FROM {PORTION}.\"{TABLE}\"")).await;
        assert_eq!(usize::try_from(count), Ok(rows.len()));
        let is_same = COLUMNS.map(|name| {
            format!("made.\"{name}\" IS bound.\"{name}\" AND typeof(made.\"{name}\") = typeof(bound.\"{name}\")")
        });
        let same = format!(
            "SELECT count(*) FROM {PORTION}.\"{TABLE}\" AS made JOIN main.\"{TABLE}\" AS bound ON made.rowid = bound.rowid AND {}",
            is_same.join(" AND ")
        );
        let same: i64 = scalar(&mut connection, same).await;
        assert_eq!(same, count, "rows that are the same");
    });
}

async fn bind(connection: &mut SqliteConnection, rows: &Rows) {
    let [one, two, three] = COLUMNS;
    let create = format!("CREATE TABLE main.\"{TABLE}\" (\"{one}\", \"{two}\", \"{three}\")");
    connection.execute(AssertSqlSafe(create)).await.unwrap();
    for row in rows {
        let mut arguments = SqliteArguments::default();
        for value in row {
            value.bind(&mut arguments);
        }
        let insert = AssertSqlSafe(format!("INSERT INTO main.\"{TABLE}\" VALUES (?, ?, ?)"));
        sqlx::query_with(insert, arguments)
            .execute(&mut *connection)
            .await
            .unwrap();
    }
}

async fn scalar<T>(connection: &mut SqliteConnection, statement: String) -> T
where
    T: for<'r> sqlx::Decode<'r, sqlx::Sqlite> + sqlx::Type<sqlx::Sqlite> + Send + Unpin,
{
    let statement = sqlx::query_scalar(AssertSqlSafe(statement));
    statement.fetch_one(connection).await.unwrap()
}

#[test]
fn a_file_may_have_no_rows() {
    check(&Rows::new());
}

#[test]
fn numbers_of_every_width_stand_in_it() {
    let powers = (0..63).map(|power| 1_i64 << power);
    let around = powers.flat_map(|power| [power - 1, power, -power, -power - 1]);
    let extremes = [i64::MIN, i64::MAX];
    let rows = around.chain(extremes).map(|number| {
        [
            Owned::BigInteger(number),
            Owned::Integer(i32::try_from(number).unwrap_or(i32::MIN)),
            Owned::Bool(number > 0),
        ]
    });
    check(&rows.collect());
}

#[test]
fn rows_of_every_length_stand_in_it() {
    // Around those of a page, of what a leaf holds of a longer row, and of several pages.
    let around = [1, 64, 8_192, 16_384, 65_501, 65_536, 73_700, 131_037, 196_550, 700_000];
    let lengths = around
        .into_iter()
        .flat_map(|length: usize| (0..40).chain([1000]).map(move |less| length.saturating_sub(20) + less));
    let rows = lengths.enumerate().map(|(number, length)| {
        let text = "é".repeat(number % 3);
        let bytes = (0..=250).cycle().take(length).collect();
        [Owned::Text(text), Owned::Bytes(bytes), Owned::Null]
    });
    check(&rows.collect());
}

#[test]
fn many_rows_stand_in_it() {
    let rows = (0..20_000_i32).map(|number| {
        [
            Owned::Key(u128::from(number.unsigned_abs())),
            Owned::Text("x".repeat(number.unsigned_abs() as usize % 600)),
            Owned::Instant(i64::from(number) * 1_234_567_891),
        ]
    });
    check(&rows.collect());
}

fn value() -> impl Strategy<Value = Owned> {
    // Instants between the years -9999 and 9999.
    let microseconds = -377_705_116_800_000_000_i64..253_402_300_800_000_000;
    prop_oneof![
        Just(Owned::Null),
        any::<bool>().prop_map(Owned::Bool),
        any::<i32>().prop_map(Owned::Integer),
        any::<i64>().prop_map(Owned::BigInteger),
        ".{0,40}".prop_map(Owned::Text),
        prop::collection::vec(any::<u8>(), 0..300).prop_map(Owned::Bytes),
        (any::<u8>(), 0_usize..150_000).prop_map(|(byte, length)| Owned::Bytes(vec![byte; length])),
        any::<u128>().prop_map(Owned::Key),
        microseconds.prop_map(Owned::Instant),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_rows_stand_in_it_as_they_would_be_bound(
        rows in prop::collection::vec([value(), value(), value()], 0..60),
    ) {
        check(&rows);
    }
}
