//! Dates as publishers write them, turned into instants that can be compared.
//!
//! OCDS asks for RFC 3339. Real files also leave out the zone, the seconds or the time, or put a blank for the `T`; what
//! they mean is still clear, so it is read: without a zone UTC, without a time the start or the end of the day.

use chrono::{DateTime, Datelike, Duration, NaiveDate, NaiveDateTime, NaiveTime, Utc};

/// The instant a date text stands for, to the microsecond; a date alone is the start of that day in UTC.
///
/// Read are RFC 3339 with any number of fraction digits, an offset also as `+0100` or `+01`, a blank for the `T`, and
/// texts without zone (UTC), without seconds, or without time. Years run from 0001 to 9999. Anything else, such as
/// `31/12/2017`, is `None`.
#[must_use]
pub fn parse_instant(text: &str) -> Option<DateTime<Utc>> {
    parse(text, NaiveTime::MIN)
}

/// As [`parse_instant`], but a date alone is the last second of that day in UTC: for deadlines and ends of periods.
#[must_use]
pub fn parse_end_instant(text: &str) -> Option<DateTime<Utc>> {
    parse(text, NaiveTime::from_hms_opt(23, 59, 59)?)
}

fn parse(text: &str, time_of_a_date_alone: NaiveTime) -> Option<DateTime<Utc>> {
    let mut rest = Rest(text.trim());
    let date = date(&mut rest)?;
    if rest.0.is_empty() {
        return Some(date.and_time(time_of_a_date_alone).and_utc());
    }
    if !(rest.skip(b'T') || rest.skip(b't') || rest.skip(b' ')) {
        return None;
    }
    let local = time(&mut rest, date)?;
    let offset = offset(&mut rest)?;
    let instant = local.checked_sub_signed(offset)?.and_utc();
    (rest.0.is_empty() && (1..=9999).contains(&instant.year())).then_some(instant)
}

fn date(rest: &mut Rest) -> Option<NaiveDate> {
    let year = rest.number(4)?;
    let month = rest.skip(b'-').then(|| rest.number(2))??;
    let day = rest.skip(b'-').then(|| rest.number(2))??;
    let year = i32::try_from(year).ok().filter(|year| *year > 0)?;
    NaiveDate::from_ymd_opt(year, month, day)
}

fn time(rest: &mut Rest, date: NaiveDate) -> Option<NaiveDateTime> {
    let hour = rest.number(2)?;
    let minute = rest.skip(b':').then(|| rest.number(2))??;
    let mut second = 0;
    let mut microsecond = 0;
    if rest.skip(b':') {
        second = rest.number(2)?;
        if rest.skip(b'.') {
            microsecond = rest.microseconds()?;
        }
    }
    // RFC 3339 has second 60 in a leap second; it is the first of the next minute here.
    let leap = Duration::seconds(i64::from(second == 60));
    let second = if second == 60 { 59 } else { second };
    date.and_hms_micro_opt(hour, minute, second, microsecond)?
        .checked_add_signed(leap)
}

fn offset(rest: &mut Rest) -> Option<Duration> {
    // `2017-01-01 10:00:00 +0100`
    let spaced = rest.skip(b' ');
    if (rest.0.is_empty() && !spaced) || rest.skip(b'Z') || rest.skip(b'z') {
        return Some(Duration::zero());
    }
    let west = rest.skip(b'-');
    if !west && !rest.skip(b'+') {
        return None;
    }
    let hours = rest.number(2)?;
    let minutes = if rest.skip(b':') || !rest.0.is_empty() {
        rest.number(2)?
    } else {
        0
    };
    let offset = Duration::minutes(i64::from(hours * 60 + minutes));
    (hours < 24 && minutes < 60).then_some(if west { -offset } else { offset })
}

/// The text not yet read.
struct Rest<'t>(&'t str);

impl Rest<'_> {
    fn skip(&mut self, byte: u8) -> bool {
        let rest = self.0.strip_prefix(char::from(byte));
        self.0 = rest.unwrap_or(self.0);
        rest.is_some()
    }

    /// A number of exactly so many digits.
    fn number(&mut self, digits: usize) -> Option<u32> {
        let (number, rest) = self.0.split_at_checked(digits)?;
        if !number.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        self.0 = rest;
        number.parse().ok()
    }

    /// The digits of a fraction of a second, cut off after the sixth.
    fn microseconds(&mut self) -> Option<u32> {
        let length = self.0.bytes().take_while(u8::is_ascii_digit).count();
        let (digits, rest) = self.0.split_at(length);
        self.0 = rest;
        if digits.is_empty() {
            return None;
        }
        let padded = digits.bytes().chain(std::iter::repeat(b'0'));
        Some(
            padded
                .take(6)
                .fold(0, |number, digit| number * 10 + u32::from(digit - b'0')),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn reads(text: &str, expected: &str) {
        let instant = parse_instant(text).map(|instant| instant.format("%Y-%m-%dT%H:%M:%S%.6f").to_string());
        assert_eq!(instant.as_deref(), Some(expected), "{text}");
    }

    #[test]
    fn instants_are_read_in_the_forms_publishers_use() {
        reads("2017-02-08T06:00:00Z", "2017-02-08T06:00:00.000000");
        reads("2017-02-08t06:00:00z", "2017-02-08T06:00:00.000000");
        reads("2015-12-22T00:00:00-06:00", "2015-12-22T06:00:00.000000");
        reads("2015-12-22T00:00:00+0130", "2015-12-21T22:30:00.000000");
        reads("2015-12-22 01:00:00 +01", "2015-12-22T00:00:00.000000");
        reads("2015-12-22 01:02", "2015-12-22T01:02:00.000000");
        reads(" 2015-12-22T01:02:03 ", "2015-12-22T01:02:03.000000");
        reads("2015-12-22", "2015-12-22T00:00:00.000000");
        reads("2016-12-31T23:59:60Z", "2017-01-01T00:00:00.000000");
        reads("0001-01-01", "0001-01-01T00:00:00.000000");
    }

    #[test]
    fn fractions_are_cut_off_after_microseconds() {
        reads("2017-02-08T06:00:00.5Z", "2017-02-08T06:00:00.500000");
        reads("2017-02-08T06:00:00.1234569999+00:00", "2017-02-08T06:00:00.123456");
    }

    #[test]
    fn a_date_alone_can_be_the_end_of_its_day() {
        let end = parse_end_instant("2015-12-22").expect("a date");
        assert_eq!(end.to_rfc3339(), "2015-12-22T23:59:59+00:00");
        assert_eq!(parse_end_instant("2015-12-22T10:00"), parse_instant("2015-12-22T10:00"));
    }

    #[test]
    fn what_is_no_date_is_none() {
        let texts = [
            "",
            "2017",
            "2017-02",
            "31/12/2017",
            "2017-02-30",
            "0000-01-01",
            "10000-01-01",
            "2017-1-2",
            "2017-02-08T",
            "2017-02-08T06",
            "2017-02-08T25:00:00Z",
            "2017-02-08T06:00:00.Z",
            "2017-02-08T06:00:00+1:00",
            "2017-02-08T06:00:00+24:00",
            "2017-02-08T06:00:00ZZ",
            "2017-02-08T06:00:00 ?",
            "2017-02-08T06:00:61Z",
            "9999-12-31T23:59:59-01:00",
            "0001-01-01T00:00:00+01:00",
            "２０１７-02-08",
            "20170208",
            "+017-02-08",
        ];
        for text in texts {
            assert_eq!(parse_instant(text), None, "{text}");
        }
    }
}
