//! When a source is fetched: every so often, or at a time of the day or week, in UTC.

use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, Datelike, Days, NaiveTime, TimeDelta, Utc, Weekday};

use crate::Error;

/// When something is to be done again and again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Schedule {
    /// Every so many minutes, such as `30m`, `6h` or `2d`.
    Every(TimeDelta),
    /// At this time of each day, such as `daily 03:00`.
    Daily(NaiveTime),
    /// At this time of this day of each week, such as `monday 03:00`.
    Weekly(Weekday, NaiveTime),
}

/// Nothing is fetched more often than this.
const SHORTEST: TimeDelta = TimeDelta::minutes(1);
/// Nor more seldom.
const LONGEST: TimeDelta = TimeDelta::days(366);

impl Schedule {
    /// The first time after this one.
    #[must_use]
    pub fn next_after(self, last: DateTime<Utc>) -> DateTime<Utc> {
        match self {
            Schedule::Every(interval) => last + interval,
            Schedule::Daily(time) => next(last, time, |_| true),
            Schedule::Weekly(day, time) => next(last, time, |weekday| weekday == day),
        }
    }
}

/// The first time after this one at this time of a day that will do.
fn next(last: DateTime<Utc>, time: NaiveTime, will_do: impl Fn(Weekday) -> bool) -> DateTime<Utc> {
    let days = (0..=7).filter_map(|days| last.date_naive().checked_add_days(Days::new(days)));
    let mut times = days
        .filter(|day| will_do(day.weekday()))
        .map(|day| day.and_time(time).and_utc());
    // Eight days hold each day of the week at least once after any moment; the end of time alone is without a next.
    times.find(|time| *time > last).unwrap_or(DateTime::<Utc>::MAX_UTC)
}

impl FromStr for Schedule {
    type Err = Error;

    fn from_str(text: &str) -> Result<Schedule, Error> {
        parse(text.trim()).ok_or_else(|| Error::Schedule(text.to_owned()))
    }
}

fn parse(text: &str) -> Option<Schedule> {
    if let Some((day, time)) = text.split_once(char::is_whitespace) {
        let time = NaiveTime::parse_from_str(time.trim(), "%H:%M").ok()?;
        if day.eq_ignore_ascii_case("daily") {
            return Some(Schedule::Daily(time));
        }
        return Some(Schedule::Weekly(day.parse().ok()?, time));
    }
    let digits = text.trim_end_matches(|letter: char| letter.is_ascii_alphabetic());
    let count: i64 = digits.parse().ok().filter(|count| (0..1_000_000).contains(count))?;
    let interval = match &text[digits.len()..] {
        "m" => TimeDelta::minutes(count),
        "h" => TimeDelta::hours(count),
        "d" => TimeDelta::days(count),
        "w" => TimeDelta::weeks(count),
        _ => return None,
    };
    (SHORTEST..=LONGEST)
        .contains(&interval)
        .then_some(Schedule::Every(interval))
}

impl fmt::Display for Schedule {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Schedule::Every(interval) => {
                let minutes = interval.num_minutes();
                match (minutes % (24 * 60), minutes % 60) {
                    (0, _) => write!(formatter, "{}d", interval.num_days()),
                    (_, 0) => write!(formatter, "{}h", interval.num_hours()),
                    _ => write!(formatter, "{minutes}m"),
                }
            }
            Schedule::Daily(time) => write!(formatter, "daily {}", time.format("%H:%M")),
            Schedule::Weekly(day, time) => {
                let day = match day {
                    Weekday::Mon => "monday",
                    Weekday::Tue => "tuesday",
                    Weekday::Wed => "wednesday",
                    Weekday::Thu => "thursday",
                    Weekday::Fri => "friday",
                    Weekday::Sat => "saturday",
                    Weekday::Sun => "sunday",
                };
                write!(formatter, "{day} {}", time.format("%H:%M"))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    #[test]
    fn a_schedule_tells_the_next_time() {
        // A Wednesday.
        let now = at("2026-11-25T12:00:00Z");
        for (text, next) in [
            ("30m", "2026-11-25T12:30:00Z"),
            ("6h", "2026-11-25T18:00:00Z"),
            ("2d", "2026-11-27T12:00:00Z"),
            ("daily 12:01", "2026-11-25T12:01:00Z"),
            ("daily 12:00", "2026-11-26T12:00:00Z"),
            ("Wed 12:00", "2026-12-02T12:00:00Z"),
            ("wednesday 13:30", "2026-11-25T13:30:00Z"),
            ("monday 03:00", "2026-11-30T03:00:00Z"),
        ] {
            assert_eq!(text.parse::<Schedule>().unwrap().next_after(now), at(next), "{text}");
        }
    }

    #[test]
    fn a_schedule_is_shown_as_it_can_be_read() {
        for text in ["90m", "6h", "14d", "daily 03:05", "sunday 23:59"] {
            assert_eq!(text.parse::<Schedule>().unwrap().to_string(), text);
        }
        assert_eq!("1w".parse::<Schedule>().unwrap().to_string(), "7d");
    }

    #[test]
    fn other_texts_are_no_schedules() {
        for text in [
            "",
            "6",
            "h",
            "0m",
            "-6h",
            "6 h",
            "6y",
            "400d",
            "daily",
            "daily 25:00",
            "someday 03:00",
            "é",
            "99999999999h",
        ] {
            assert!(matches!(text.parse::<Schedule>(), Err(Error::Schedule(_))), "{text}");
        }
    }
}
