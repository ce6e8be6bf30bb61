//! Exchange rates, as the European Central Bank publishes them: what a euro was worth, day by day.
//!
//! Its CSV files come in two forms. In the wide one a line is a day and a column a currency: `eurofxref.csv` with the newest
//! day, `eurofxref-hist.csv` with all of them. In the long one, that of its data portal, a line is one rate. Both may be
//! packed. What is known of a day that a file tells of is replaced, and everything else stays.

use std::collections::BTreeMap;
use std::io::Read;
use std::path::{Path, PathBuf};

use chrono::{DateTime, NaiveDate, SubsecRound, Utc};
use csv::StringRecord;

use crate::fetch::{FetchOptions, Fetched, Validators, fetch};
use crate::input::{self, Found, Input, Meter};
use crate::write::rates::replace;
use crate::{Database, Error};

pub use crate::write::rates::Loaded;

/// The digits behind the point that are kept of a rate.
const SCALE: usize = 8;

/// Why a file of rates cannot be taken. Nothing of it was.
#[derive(Debug, thiserror::Error)]
pub enum RatesError {
    /// The file cannot be unpacked, or read to its end.
    #[error("the file cannot be read: {0}")]
    Unreadable(String),
    /// The file is no CSV.
    #[error("the rates cannot be read as CSV: {0}")]
    Csv(#[from] csv::Error),
    /// It has another header.
    #[error(
        "this is no table of rates: the first column is `Date` and the others are currencies, as in eurofxref-hist.csv, or the \
         columns are those of the data portal, such as `CURRENCY`, `TIME_PERIOD` and `OBS_VALUE`"
    )]
    Header,
    /// A line tells something that is no rate of a day.
    #[error("line {line}: `{text}` is no {what}")]
    Line {
        /// The line, counted from 1.
        line: u64,
        /// What stands there.
        text: String,
        /// What should.
        what: &'static str,
    },
    /// There is no rate in it.
    #[error("there is no rate in it")]
    Empty,
}

/// Rates as they were published: units for one euro in hundred-millionths, by currency and day.
pub(crate) type Published = BTreeMap<String, BTreeMap<NaiveDate, i64>>;

/// Loads a file of rates: all of it in one transaction, or none of it. Loading it again changes nothing.
///
/// # Errors
/// [`Error::Rates`] if the file cannot be understood, and those of the database and of downloads.
pub async fn load(
    database: &Database,
    input: &Input,
    options: &FetchOptions,
    now: DateTime<Utc>,
) -> Result<Loaded, Error> {
    let published = match input {
        Input::Url(url) => {
            let failed = |source| Error::Fetch {
                url: input.to_string(),
                source,
            };
            match fetch(url, &Validators::default(), options).await.map_err(failed)? {
                Fetched::Downloaded(download) => {
                    let published = in_background(Some(download.path().to_owned())).await;
                    // Until here the file has to lie there.
                    drop(download);
                    published?
                }
                // Nothing was known that could be unchanged.
                Fetched::NotModified => return Err(RatesError::Empty.into()),
            }
        }
        Input::Path(path) => in_background(Some(path.clone())).await?,
        Input::Download(download) => in_background(Some(download.path().to_owned())).await?,
        Input::Stdin => in_background(None).await?,
    };
    replace(database, &published, now.trunc_subsecs(6)).await
}

async fn in_background(path: Option<PathBuf>) -> Result<Published, Error> {
    let reading = tokio::task::spawn_blocking(move || read(path.as_deref()));
    reading.await.map_err(|_| Error::Worker)?
}

/// Reads everything that a file holds; without a path it is standard input.
fn read(path: Option<&Path>) -> Result<Published, Error> {
    if let Some(path) = path
        && let Err(source) = std::fs::metadata(path)
    {
        let path = path.to_owned();
        return Err(Error::Input { path, source });
    }
    let mut published = Published::new();
    input::read(path, &Meter::default(), &mut |_, found| match found {
        Found::Other { stream, .. } => table(stream, &mut published),
        Found::Json { .. } => Err(RatesError::Header),
        Found::Refused(refusal) => Err(RatesError::Unreadable(refusal.to_string())),
    })?;
    if published.values().all(BTreeMap::is_empty) {
        return Err(RatesError::Empty.into());
    }
    Ok(published)
}

/// Adds what stands in a table.
fn table(stream: impl Read, published: &mut Published) -> Result<(), RatesError> {
    let mut reader = csv::ReaderBuilder::new()
        .flexible(true)
        .trim(csv::Trim::All)
        .from_reader(stream);
    let header = reader.headers()?.clone();
    let form = Form::of(&header).ok_or(RatesError::Header)?;
    for record in reader.records() {
        let record = record?;
        match &form {
            Form::Wide(currencies) => wide(&record, currencies, published)?,
            Form::Long(columns) => long(&record, columns, published)?,
        }
    }
    Ok(())
}

/// What the columns of a table are.
enum Form {
    /// A day, then currencies in these columns.
    Wide(Vec<(usize, String)>),
    /// A rate a line.
    Long(Columns),
}

/// Where the parts of a rate stand.
struct Columns {
    currency: usize,
    day: usize,
    rate: usize,
    /// How often the rate is published; daily rates are `D`.
    frequency: Option<usize>,
    /// What it is the price of.
    base: Option<usize>,
}

impl Form {
    fn of(header: &StringRecord) -> Option<Form> {
        let column = |name: &str| header.iter().position(|column| plain(column) == name);
        if let (Some(currency), Some(day), Some(rate)) =
            (column("CURRENCY"), column("TIME_PERIOD"), column("OBS_VALUE"))
        {
            return Some(Form::Long(Columns {
                currency,
                day,
                rate,
                frequency: column("FREQ"),
                base: column("CURRENCY_DENOM"),
            }));
        }
        if !plain(header.get(0)?).eq_ignore_ascii_case("date") {
            return None;
        }
        // Lines of the bank end in a comma.
        let named = header.iter().enumerate().skip(1).filter(|(_, name)| !name.is_empty());
        let currencies = named.map(|(column, name)| is_currency(name).then(|| (column, name.to_owned())));
        let currencies: Vec<_> = currencies.collect::<Option<_>>()?;
        (!currencies.is_empty()).then_some(Form::Wide(currencies))
    }
}

/// A name of a column without the mark that some files begin with.
fn plain(name: &str) -> &str {
    name.trim_start_matches('\u{feff}')
}

fn is_currency(text: &str) -> bool {
    text.len() == 3 && text.bytes().all(|byte| byte.is_ascii_uppercase())
}

fn wide(record: &StringRecord, currencies: &[(usize, String)], published: &mut Published) -> Result<(), RatesError> {
    let day = day_of(record, 0)?;
    for (column, currency) in currencies {
        if let Some(rate) = rate_of(record, *column)? {
            let of_currency = published.entry(currency.clone()).or_default();
            of_currency.insert(day, rate);
        }
    }
    Ok(())
}

fn long(record: &StringRecord, columns: &Columns, published: &mut Published) -> Result<(), RatesError> {
    for (column, expected, what) in [
        (columns.frequency, "D", "daily rate (`D`)"),
        (columns.base, "EUR", "price of the euro (`EUR`)"),
    ] {
        if column.is_some_and(|column| record.get(column) != Some(expected)) {
            return Err(wrong(record, column.unwrap_or_default(), what));
        }
    }
    let currency = record.get(columns.currency).unwrap_or_default();
    if !is_currency(currency) {
        return Err(wrong(record, columns.currency, "currency such as `USD`"));
    }
    let day = day_of(record, columns.day)?;
    if let Some(rate) = rate_of(record, columns.rate)? {
        let of_currency = published.entry(currency.to_owned()).or_default();
        of_currency.insert(day, rate);
    }
    Ok(())
}

fn wrong(record: &StringRecord, column: usize, what: &'static str) -> RatesError {
    RatesError::Line {
        line: record.position().map_or(0, csv::Position::line),
        text: record.get(column).unwrap_or_default().to_owned(),
        what,
    }
}

/// The day as either file writes it: `2026-11-25` or `25 November 2026`.
fn day_of(record: &StringRecord, column: usize) -> Result<NaiveDate, RatesError> {
    let text = record.get(column).unwrap_or_default();
    ["%Y-%m-%d", "%d %B %Y"]
        .into_iter()
        .find_map(|form| NaiveDate::parse_from_str(text, form).ok())
        .ok_or_else(|| wrong(record, column, "day such as `2026-11-25`"))
}

/// The rate; `None` where none was published.
fn rate_of(record: &StringRecord, column: usize) -> Result<Option<i64>, RatesError> {
    match record.get(column).unwrap_or_default() {
        "" | "N/A" | "NaN" => Ok(None),
        text => match hundred_millionths(text) {
            Some(rate) => Ok(Some(rate)),
            None => Err(wrong(record, column, "rate such as `1.0843`")),
        },
    }
}

/// A decimal number above zero, rounded to as many digits as are kept.
fn hundred_millionths(text: &str) -> Option<i64> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
    let are_digits = |digits: &str| !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    if !are_digits(whole) || !are_digits(fraction) {
        return None;
    }
    let kept = &fraction[..fraction.len().min(SCALE)];
    let rate: i64 = format!("{whole}{kept:0<SCALE$}").parse().ok()?;
    let is_rounded_up = fraction.as_bytes().get(SCALE).is_some_and(|digit| *digit >= b'5');
    rate.checked_add(i64::from(is_rounded_up)).filter(|rate| *rate > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn published(text: &str) -> Result<Published, RatesError> {
        let mut published = Published::new();
        table(text.as_bytes(), &mut published)?;
        Ok(published)
    }

    fn day(day: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, 11, day).expect("November has such a day")
    }

    #[test]
    fn all_files_of_the_bank_are_understood() {
        let expected = Published::from([
            ("JPY".to_owned(), BTreeMap::from([(day(24), 16_312_000_000)])),
            ("USD".to_owned(), BTreeMap::from([(day(24), 105_670_000)])),
        ]);
        for text in [
            "Date, USD, JPY, \n24 November 2026, 1.0567, 163.12, \n",
            "\u{feff}Date,USD,JPY,RUB,\n2026-11-24,1.0567,163.12,N/A,\n",
            "KEY,FREQ,CURRENCY,CURRENCY_DENOM,EXR_TYPE,EXR_SUFFIX,TIME_PERIOD,OBS_VALUE\n\
             EXR.D.USD.EUR.SP00.A,D,USD,EUR,SP00,A,2026-11-24,1.0567\n\
             EXR.D.RUB.EUR.SP00.A,D,RUB,EUR,SP00,A,2026-11-24,\n\
             EXR.D.JPY.EUR.SP00.A,D,JPY,EUR,SP00,A,2026-11-24,163.12\n",
        ] {
            assert_eq!(published(text).expect("it is a table of rates"), expected, "{text}");
        }
    }

    #[test]
    fn what_is_no_rate_is_named_with_its_line() {
        for (text, line) in [
            ("Date,USD\n2026-11-24,1.05\n2026-11-31,1.05\n", 3),
            ("Date,USD\n2026-11-24,-1.05\n", 2),
            ("Date,USD\n2026-11-24,0\n", 2),
            ("Date,USD\n2026-11-24,1.0e3\n", 2),
            ("Date,USD\n2026-11-24,99999999999999999999\n", 2),
            ("CURRENCY,TIME_PERIOD,OBS_VALUE\nUSD,2026-11,1.05\n", 2),
            ("FREQ,CURRENCY,TIME_PERIOD,OBS_VALUE\nM,USD,2026-11-01,1.05\n", 2),
        ] {
            let found = published(text);
            assert!(
                matches!(found, Err(RatesError::Line { line: at, .. }) if at == line),
                "{text}: {found:?}"
            );
        }
        for text in ["", "Day,USD\n", "Date\n", "Date,Dollars\n"] {
            assert!(matches!(published(text), Err(RatesError::Header)), "{text}");
        }
    }

    #[test]
    fn digits_beyond_the_eighth_are_rounded() {
        assert_eq!(hundred_millionths("0.000000015"), Some(2));
        assert_eq!(hundred_millionths("1.955830004"), Some(195_583_000));
        assert_eq!(hundred_millionths("0.000000004"), None);
    }
}
