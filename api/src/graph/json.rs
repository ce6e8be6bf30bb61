//! Values as JSON text.
//!
//! Objects are written as soon as their fields are known (see [`super::direct`]) and travel on as text, in a value of the
//! one kind that the schema has no other use for: binary.

use async_graphql::Value;
use chrono::{DateTime, Datelike, Timelike, Utc};

/// A value that is JSON text already.
pub fn raw(text: Vec<u8>) -> Value {
    Value::Binary(text.into())
}

/// How many bytes objects take that are JSON text already, with the names of the fields that hold them.
pub fn room(value: &Value) -> usize {
    match value {
        Value::Binary(raw) => raw.len(),
        Value::Object(fields) => fields.iter().map(|(name, value)| name.len() + 4 + room(value)).sum(),
        _ => 0,
    }
}

/// Writes a value as JSON.
pub fn write(value: &Value, text: &mut Vec<u8>) {
    match value {
        Value::Null => text.extend_from_slice(b"null"),
        Value::Boolean(true) => text.extend_from_slice(b"true"),
        Value::Boolean(false) => text.extend_from_slice(b"false"),
        Value::Number(number) => text.extend_from_slice(number.to_string().as_bytes()),
        Value::String(words) => write_string(words, text),
        Value::Enum(name) => write_string(name, text),
        Value::Binary(raw) => text.extend_from_slice(raw),
        Value::List(items) => {
            text.push(b'[');
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    text.push(b',');
                }
                write(item, text);
            }
            text.push(b']');
        }
        Value::Object(fields) => {
            text.push(b'{');
            for (index, (name, value)) in fields.iter().enumerate() {
                if index > 0 {
                    text.push(b',');
                }
                write_key(name, text);
                write(value, text);
            }
            text.push(b'}');
        }
    }
}

/// Writes the name of an object's field; its value must follow.
pub fn write_key(name: &str, text: &mut Vec<u8>) {
    // A name is letters, digits and underscores.
    text.push(b'"');
    text.extend_from_slice(name.as_bytes());
    text.extend_from_slice(b"\":");
}

/// Writes a string.
pub fn write_string(words: &str, text: &mut Vec<u8>) {
    // Hardly any string needs an escape, and looking for one in all bytes at once costs little.
    let must_be_escaped = |byte: u8| u8::from(byte < b' ') | u8::from(byte == b'"') | u8::from(byte == b'\\');
    if words.bytes().fold(0, |found, byte| found | must_be_escaped(byte)) > 0 {
        return serde_json::to_writer(text, words).expect("a text in memory takes every text");
    }
    text.reserve(words.len() + 2);
    text.push(b'"');
    text.extend_from_slice(words.as_bytes());
    text.push(b'"');
}

/// Writes an instant as RFC 3339 has it. Most are of whole seconds, and need no formatting but digits.
pub fn write_instant(instant: DateTime<Utc>, text: &mut Vec<u8>) {
    // An instant in a time zone works out the time there anew for each of its parts.
    let utc = instant.naive_utc();
    let Ok(year @ 0..=9999) = u32::try_from(utc.year()) else {
        return write_string(&instant.to_rfc3339(), text);
    };
    if utc.nanosecond() > 0 {
        return write_string(&instant.to_rfc3339(), text);
    }
    let parts = [
        (b'"', year / 100),
        (0, year % 100),
        (b'-', utc.month()),
        (b'-', utc.day()),
        (b'T', utc.hour()),
        (b':', utc.minute()),
        (b':', utc.second()),
    ];
    for (before, two_digits) in parts {
        if before > 0 {
            text.push(before);
        }
        text.extend([two_digits / 10, two_digits % 10].map(|digit| b'0' + u8::try_from(digit).unwrap_or_default()));
    }
    text.extend_from_slice(b"+00:00\"");
}

#[cfg(test)]
mod tests {
    use async_graphql::value;

    use super::*;

    #[test]
    fn values_are_written_as_json() {
        let value = value!({ "a": [null, true, 1.5, -2, "\"\u{1}é"], "b": { "c": {} } });
        let mut text = Vec::new();
        write(&value, &mut text);
        assert_eq!(text, serde_json::to_vec(&value).expect("values are JSON"));
    }

    #[test]
    fn strings_are_escaped_where_they_must_be() {
        for words in [
            "",
            "plain",
            "\"",
            "a\\b",
            "line\nbreak",
            "\u{1f}",
            "\u{7f}é\u{2028}",
            "long text without \t anything",
        ] {
            let mut text = Vec::new();
            write_string(words, &mut text);
            assert_eq!(text, serde_json::to_vec(words).expect("strings are JSON"), "{words:?}");
        }
    }

    #[test]
    fn instants_are_written_as_the_calendar_library_writes_them() {
        for words in [
            "2024-02-29T23:59:59Z",
            "0001-01-01T00:00:00Z",
            "9999-12-31T12:30:05Z",
            "2024-05-01T08:00:00.25Z",
            "2024-05-01T08:00:00.000001Z",
            "+12024-05-01T08:00:00Z",
            "-0001-05-01T08:00:00Z",
        ] {
            let instant: DateTime<Utc> = words.parse().expect("it is an instant");
            let mut text = Vec::new();
            write_instant(instant, &mut text);
            assert_eq!(
                String::from_utf8_lossy(&text),
                format!("\"{}\"", instant.to_rfc3339()),
                "{words}"
            );
        }
    }

    #[test]
    fn text_that_is_json_already_goes_through_digit_for_digit() {
        let mut text = Vec::new();
        write(&Value::List(vec![raw(b"{\"a\":1.50}".to_vec())]), &mut text);
        assert_eq!(text, b"[{\"a\":1.50}]");
    }
}
