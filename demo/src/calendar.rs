//! Moments in Dutch legal time, working days and the season of tendering.

use std::fmt;

use chrono::{Datelike, Days, Months, NaiveDate, NaiveDateTime, TimeDelta, Weekday};
use serde::{Serialize, Serializer};

use crate::random::Random;

const FIRST_YEAR: i32 = 2016;
/// January 2016 to June 2026.
const MONTHS: u32 = 126;
/// How busy each month is, from January on: little in August, most before the summer.
const SEASON: [u32; 12] = [7, 8, 9, 9, 9, 10, 9, 5, 9, 9, 9, 7];

/// A moment in Dutch local time, written with the offset that was in force.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Moment(NaiveDateTime);

impl Moment {
    /// The last moment anything was published: what would come later is not known yet.
    pub(crate) fn horizon() -> Self {
        Self::of(2026, 6, 30, 18)
    }

    /// A day of publication within the years covered, on a working day within office hours.
    pub(crate) fn of_publication(random: &mut Random) -> Self {
        loop {
            let month = random.below(MONTHS);
            if random.below(10) < SEASON[(month % 12) as usize] {
                let year = FIRST_YEAR + i32::try_from(month / 12).expect("the years covered are few");
                let day = Self::of(year, month % 12 + 1, random.between(1, 26), 0);
                return day.days_later(0, random);
            }
        }
    }

    fn of(year: i32, month: u32, day: u32, hour: u32) -> Self {
        let date = NaiveDate::from_ymd_opt(year, month, day).expect("days up to the 28th exist in every month");
        Self(date.and_hms_opt(hour, 0, 0).expect("hours of the day are below 24"))
    }

    /// The working day at least `days` later, at some time within office hours.
    pub(crate) fn days_later(self, days: u32, random: &mut Random) -> Self {
        let (hour, minute) = (random.between(8, 17), random.below(60));
        self.working_day(days).at(hour, minute)
    }

    /// Noon of the working day at least `days` later, when tenders are usually due.
    pub(crate) fn noon_later(self, days: u32) -> Self {
        self.working_day(days).at(12, 0)
    }

    /// The start of the first of a month at least `days` later, when contracts usually begin.
    pub(crate) fn month_later(self, days: u32) -> Self {
        let mut date = self.0.date() + Days::new(u64::from(days));
        while date.day() != 1 {
            date = date + Days::new(1);
        }
        Self(date.into()).at(0, 0)
    }

    /// The same day `years` later.
    pub(crate) fn years_later(self, years: u32) -> Self {
        Self(self.0 + Months::new(12 * years))
    }

    /// The last second before the same day `years` later.
    pub(crate) fn years_until_eve(self, years: u32) -> Self {
        Self(self.years_later(years).0 - TimeDelta::seconds(1))
    }

    /// The moment `part` of `whole` equal steps on the way to `end`.
    pub(crate) fn towards(self, end: Self, part: u32, whole: u32) -> Self {
        let seconds = (end.0 - self.0).num_seconds() * i64::from(part) / i64::from(whole);
        Self(self.0 + TimeDelta::seconds(seconds))
    }

    pub(crate) fn year(self) -> i32 {
        self.0.year()
    }

    fn working_day(self, days: u32) -> Self {
        let date = self.0.date() + Days::new(u64::from(days));
        let rest = match date.weekday() {
            Weekday::Sat => 2,
            Weekday::Sun => 1,
            _ => 0,
        };
        Self((date + Days::new(rest)).into())
    }

    fn at(self, hour: u32, minute: u32) -> Self {
        Self(
            self.0
                .date()
                .and_hms_opt(hour, minute, 0)
                .expect("hours are below 24 and minutes below 60"),
        )
    }

    /// Summer time runs from the last Sunday of March to the last Sunday of October.
    fn is_in_summer_time(self) -> bool {
        let date = self.0.date();
        let last_sunday = |month| {
            let last = NaiveDate::from_ymd_opt(date.year(), month, 31).expect("March and October have 31 days");
            last - Days::new(u64::from(last.weekday().num_days_from_sunday()))
        };
        match date.month() {
            4..=9 => true,
            3 => date >= last_sunday(3),
            10 => date < last_sunday(10),
            _ => false,
        }
    }
}

impl fmt::Display for Moment {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let offset = if self.is_in_summer_time() { "+02:00" } else { "+01:00" };
        write!(formatter, "{}T{}{offset}", self.0.date(), self.0.time())
    }
}

impl Serialize for Moment {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_carries_the_offset_of_its_season() {
        assert_eq!(Moment::of(2024, 3, 30, 9).to_string(), "2024-03-30T09:00:00+01:00");
        assert_eq!(Moment::of(2024, 3, 31, 9).to_string(), "2024-03-31T09:00:00+02:00");
        assert_eq!(Moment::of(2023, 10, 28, 9).to_string(), "2023-10-28T09:00:00+02:00");
        assert_eq!(Moment::of(2023, 10, 29, 9).to_string(), "2023-10-29T09:00:00+01:00");
    }

    #[test]
    fn a_deadline_in_the_weekend_moves_to_monday() {
        let friday = Moment::of(2024, 5, 31, 10);
        assert_eq!(friday.noon_later(1).to_string(), "2024-06-03T12:00:00+02:00");
    }

    #[test]
    fn a_contract_of_a_year_ends_on_the_eve() {
        let start = Moment::of(2024, 2, 14, 10).month_later(3);
        assert_eq!(start.to_string(), "2024-03-01T00:00:00+01:00");
        assert_eq!(start.years_until_eve(1).to_string(), "2025-02-28T23:59:59+01:00");
    }
}
