//! Exchange rates as rows: one a currency and calendar day, so that amounts find theirs by equality.

use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, Datelike, Days, NaiveDate, Utc, Weekday};
use entities::rate;
use sea_orm::sea_query::{OnConflict, Query};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryTrait};

use super::connection::Transaction;
use super::{check, next_revision};
use crate::rates::Published;
use crate::{Database, Error};

/// The euro itself, whose rate is one on every day for which there is any.
const EURO: (&str, i64) = ("EUR", 100_000_000);
/// For how many days a rate holds if none follows: over the longest holidays, but no longer, as a currency may be given up.
const HOLDS: u64 = 7;
/// How many rows one statement writes.
const ROWS: usize = 300;

/// What came of a file of rates.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Loaded {
    /// How many currencies it tells of.
    pub currencies: usize,
    /// Its first day.
    pub first: NaiveDate,
    /// Its last day.
    pub last: NaiveDate,
    /// How many rates, each of a currency on a calendar day, are new or other than before.
    pub changed: usize,
}

/// Takes rates down. Those of other days and currencies stay.
pub async fn replace(database: &Database, published: &Published, now: DateTime<Utc>) -> Result<Loaded, Error> {
    let days = || published.values().flat_map(BTreeMap::keys);
    let (Some(&first), Some(&last)) = (days().min(), days().max()) else {
        return Err(crate::rates::RatesError::Empty.into());
    };
    check(database).await?;
    let mut transaction = Transaction::begin(database).await?;
    // Answers that convert are others now.
    next_revision(&mut transaction, now).await?;
    let statement = rate::Entity::find()
        .filter(rate::Column::Day.between(first - Days::new(HOLDS), last + Days::new(HOLDS)))
        .into_query();
    let known: Vec<rate::Model> = transaction.fetch(&statement).await?;
    let known = known.into_iter().map(|row| ((row.currency, row.day), row.per_euro));
    let known: HashMap<(String, NaiveDate), i64> = known.collect();
    let mut rows = calendar(published, &known);
    rows.retain(|key, per_euro| known.get(key) != Some(per_euro));
    let loaded = Loaded {
        currencies: published.values().filter(|days| !days.is_empty()).count(),
        first,
        last,
        changed: rows.len(),
    };
    if rows.is_empty() {
        transaction.rollback().await?;
        return Ok(loaded);
    }
    let rows: Vec<_> = rows.into_iter().collect();
    for chunk in rows.chunks(ROWS) {
        let mut statement = Query::insert();
        statement
            .into_table(rate::Entity)
            .columns([rate::Column::Currency, rate::Column::Day, rate::Column::PerEuro]);
        for ((currency, day), per_euro) in chunk {
            statement.values_panic([currency.as_str().into(), (*day).into(), (*per_euro).into()]);
        }
        let known = OnConflict::columns([rate::Column::Currency, rate::Column::Day])
            .update_column(rate::Column::PerEuro)
            .to_owned();
        transaction.execute(statement.on_conflict(known)).await?;
    }
    transaction.commit().await?;
    Ok(loaded)
}

/// The rates of all calendar days from the first day of a file to its last, and over the weekend behind that.
fn calendar(published: &Published, known: &HashMap<(String, NaiveDate), i64>) -> BTreeMap<(String, NaiveDate), i64> {
    let mut rows = BTreeMap::new();
    for (currency, days) in published {
        let mut held = days.keys().next().and_then(|first| before(currency, *first, known));
        for (&day, &rate) in days {
            if let Some((since, rate)) = held
                && day <= since + Days::new(HOLDS + 1)
            {
                let between = since.iter_days().skip(1).take_while(|gap| *gap < day);
                rows.extend(between.map(|gap| ((currency.clone(), gap), rate)));
            }
            rows.insert((currency.clone(), day), rate);
            held = Some((day, rate));
        }
        if let Some((since, rate)) = held {
            let weekend = since.iter_days().skip(1);
            let weekend = weekend.take_while(|day| matches!(day.weekday(), Weekday::Sat | Weekday::Sun));
            rows.extend(weekend.map(|day| ((currency.clone(), day), rate)));
        }
    }
    let (euro, one) = EURO;
    let euros: Vec<_> = rows.keys().map(|(_, day)| ((euro.to_owned(), *day), one)).collect();
    rows.extend(euros);
    rows
}

/// The last rate that is known from the days before.
fn before(currency: &str, first: NaiveDate, known: &HashMap<(String, NaiveDate), i64>) -> Option<(NaiveDate, i64)> {
    (1..=HOLDS).find_map(|days| {
        let day = first - Days::new(days);
        Some((day, *known.get(&(currency.to_owned(), day))?))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(month: u32, day: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, month, day).expect("there is such a day")
    }

    fn rows(published: &[(NaiveDate, i64)], known: &[(NaiveDate, i64)]) -> Vec<(NaiveDate, i64)> {
        let usd = || "USD".to_owned();
        let published = Published::from([(usd(), published.iter().copied().collect())]);
        let known = known.iter().map(|(day, rate)| ((usd(), *day), *rate)).collect();
        let rows = calendar(&published, &known);
        let of_euro = rows.iter().filter(|((currency, _), _)| currency == "EUR");
        assert!(of_euro.clone().all(|(_, rate)| *rate == 100_000_000));
        let of_dollar = rows.iter().filter(|((currency, _), _)| currency == "USD");
        let of_dollar: Vec<_> = of_dollar.map(|((_, day), rate)| (*day, *rate)).collect();
        assert_eq!(of_euro.count(), of_dollar.len());
        of_dollar
    }

    #[test]
    fn a_day_without_a_publication_repeats_the_one_before() {
        // From a Thursday over Easter to the Tuesday after it, and from a Friday over the weekend.
        let easter = [(day(4, 2), 1), (day(4, 7), 2), (day(4, 10), 3)];
        let expected = [
            (2, 1),
            (3, 1),
            (4, 1),
            (5, 1),
            (6, 1),
            (7, 2),
            (8, 2),
            (9, 2),
            (10, 3),
            (11, 3),
            (12, 3),
        ];
        assert_eq!(rows(&easter, &[]), expected.map(|(date, rate)| (day(4, date), rate)));
    }

    #[test]
    fn a_rate_that_was_given_up_holds_no_longer() {
        let gap = [(day(3, 2), 1), (day(3, 11), 2)];
        assert_eq!(rows(&gap, &[]), gap);
    }

    #[test]
    fn a_file_of_one_day_goes_on_from_what_is_known() {
        let known = [(day(4, 1), 8), (day(4, 2), 9)];
        let expected = [
            (day(4, 3), 9),
            (day(4, 4), 9),
            (day(4, 5), 9),
            (day(4, 6), 9),
            (day(4, 7), 2),
        ];
        assert_eq!(rows(&[(day(4, 7), 2)], &known), expected);
    }
}
