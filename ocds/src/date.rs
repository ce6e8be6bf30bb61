//! Dates as publishers write them, turned into instants that can be compared.
//!
//! OCDS asks for RFC 3339. Real files also leave out the zone, the seconds or the time, or put a blank for the `T`; what
//! they mean is still clear, so it is read: without a zone UTC, without a time the start or the end of the day. A date with
//! slashes is read where day and month cannot be mistaken for each other: `31/12/2017` and `12/31/2017` are clear, and so
//! is `7/7/2017`; [`form`] tells of `3/4/2017` that it is open, and [`settle`] reads it once that is known.

use chrono::{DateTime, Datelike, Duration, NaiveDate, NaiveDateTime, NaiveTime, Utc};

/// The instant a date text stands for, to the microsecond; a date alone is the start of that day in UTC.
///
/// Read are RFC 3339 with any number of fraction digits, an offset also as `+0100` or `+01`, a blank for the `T`, texts
/// without zone (UTC), without seconds, or without time, and dates with slashes that can only be one day. Years run from
/// 0001 to 9999. Anything else is `None`.
#[must_use]
pub fn parse_instant(text: &str) -> Option<DateTime<Utc>> {
    parse(text, NaiveTime::MIN)
}

/// As [`parse_instant`], but a date alone is the last second of that day in UTC: for deadlines and ends of periods.
#[must_use]
pub fn parse_end_instant(text: &str) -> Option<DateTime<Utc>> {
    parse(text, NaiveTime::from_hms_opt(23, 59, 59)?)
}

/// How a date is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// By RFC 3339, as the standard asks.
    Rfc3339,
    /// A date by RFC 3339 without a time.
    WithoutTime,
    /// A date and a time in any form, without a zone.
    WithoutZone,
    /// A date and a time that differ from RFC 3339 in some other way.
    Similar,
    /// With slashes, the day first.
    DayFirst,
    /// With slashes, the month first.
    MonthFirst,
    /// With slashes, day and month the same.
    DayIsMonth,
    /// With slashes, and either of the first two numbers can be the month.
    Open,
    /// No date.
    None,
}

/// Tells how a date is written.
#[must_use]
pub fn form(text: &str) -> Form {
    let text = text.trim();
    if let Some((first, second, _)) = slashed(&mut Rest(text)) {
        return match (parse_instant(text), first > 12, second > 12) {
            (Some(_), true, _) => Form::DayFirst,
            (Some(_), _, true) => Form::MonthFirst,
            (Some(_), ..) => Form::DayIsMonth,
            (None, false, false) if settle(text, true).is_some() => Form::Open,
            _ => Form::None,
        };
    }
    if parse_instant(text).is_none() {
        return Form::None;
    }
    let bytes = text.as_bytes();
    let zone_at = bytes
        .iter()
        .skip(10)
        .position(|byte| matches!(byte, b'Z' | b'z' | b'+' | b'-'));
    let zone = zone_at.map(|at| &bytes[at + 10..]);
    // An offset is two numbers with a colon between them.
    let is_usual_zone = zone.is_some_and(|zone| zone == b"Z" || zone.len() == 6);
    match (bytes.len(), zone) {
        (10, _) => Form::WithoutTime,
        (_, None) => Form::WithoutZone,
        _ if is_usual_zone && bytes[10] == b'T' && bytes.get(16) == Some(&b':') && !bytes.contains(&b' ') => {
            Form::Rfc3339
        }
        _ => Form::Similar,
    }
}

/// A date with slashes in the order of RFC 3339, read with the day first or with the month first; whatever follows it stays
/// as it is. `None` if it is no such date.
#[must_use]
pub fn settle(text: &str, day_first: bool) -> Option<String> {
    let mut rest = Rest(text.trim());
    let (first, second, year) = slashed(&mut rest)?;
    let (day, month) = if day_first { (first, second) } else { (second, first) };
    let date = calendar_date(year, month, day)?;
    let settled = format!("{}{}", date.format("%Y-%m-%d"), rest.0);
    parse_instant(&settled).map(|_| settled)
}

/// The three numbers of a date with slashes, the last one a year of four digits.
fn slashed(rest: &mut Rest) -> Option<(u32, u32, u32)> {
    let first = rest.one_or_two_digits()?;
    let second = rest.skip(b'/').then(|| rest.one_or_two_digits())??;
    let year = rest.skip(b'/').then(|| rest.number(4))??;
    Some((first, second, year))
}

fn parse(text: &str, time_of_a_date_alone: NaiveTime) -> Option<DateTime<Utc>> {
    let mut rest = Rest(text.trim());
    let date = date(&mut rest).or_else(|| {
        rest = Rest(text.trim());
        clear_slashed(&mut rest)
    })?;
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
    calendar_date(year, month, day)
}

/// A date with slashes in which one number cannot be the month, or both are the same.
fn clear_slashed(rest: &mut Rest) -> Option<NaiveDate> {
    let (first, second, year) = slashed(rest)?;
    match (first, second) {
        _ if first > 12 => calendar_date(year, second, first),
        _ if second > 12 || first == second => calendar_date(year, first, second),
        _ => None,
    }
}

fn calendar_date(year: u32, month: u32, day: u32) -> Option<NaiveDate> {
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

    /// A number of one digit or two, with no third one behind it.
    fn one_or_two_digits(&mut self) -> Option<u32> {
        let length = self.0.bytes().take_while(u8::is_ascii_digit).count();
        self.number(length.min(3)).filter(|_| length <= 2 && length > 0)
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
    use proptest::prelude::*;

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
    fn dates_with_slashes_are_read_where_they_can_only_be_one_day() {
        reads("31/12/2017", "2017-12-31T00:00:00.000000");
        reads("12/31/2017", "2017-12-31T00:00:00.000000");
        reads("7/7/2017", "2017-07-07T00:00:00.000000");
        reads("31/1/2017 10:30", "2017-01-31T10:30:00.000000");
        assert_eq!(settle("03/04/2017", true).as_deref(), Some("2017-04-03"));
        assert_eq!(settle("03/04/2017 10:30", false).as_deref(), Some("2017-03-04 10:30"));
        assert_eq!(settle("2017-04-03", true), None);
    }

    #[test]
    fn the_form_tells_what_was_written() {
        for (text, expected) in [
            ("2017-02-08T06:00:00Z", Form::Rfc3339),
            ("2017-02-08T06:00:00.123+01:00", Form::Rfc3339),
            ("2017-02-08", Form::WithoutTime),
            ("2017-02-08T06:00:00", Form::WithoutZone),
            ("2017-02-08 06:00", Form::WithoutZone),
            ("2017-02-08 06:00:00Z", Form::Similar),
            ("2017-02-08T06:00:00+0100", Form::Similar),
            ("2017-02-08T06:00Z", Form::Similar),
            ("31/12/2017", Form::DayFirst),
            ("12/31/2017", Form::MonthFirst),
            ("7/7/2017", Form::DayIsMonth),
            ("3/4/2017", Form::Open),
            ("31/13/2017", Form::None),
            ("3/4/17", Form::None),
            ("soon", Form::None),
            ("", Form::None),
        ] {
            assert_eq!(form(text), expected, "{text}");
        }
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
            "3/4/2017",
            "31/13/2017",
            "31/02/2017",
            "31/12/17",
            "/12/2017",
            "31/12/2017 10",
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

    proptest! {
        #[test]
        fn any_text_comes_to_an_answer(text in "[0-9/:TZ .+-]{0,30}|.{0,40}") {
            let form = form(&text);
            prop_assert_eq!(parse_instant(&text).is_some(), !matches!(form, Form::Open | Form::None));
            prop_assert_eq!(parse_end_instant(&text).is_some(), parse_instant(&text).is_some());
            for day_first in [true, false] {
                if let Some(settled) = settle(&text, day_first) {
                    prop_assert!(parse_instant(&settled).is_some());
                }
            }
        }
    }
}
