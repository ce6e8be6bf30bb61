//! Values to compact text.

use super::{Object, Value};

pub(super) fn value(value: &Value, text: &mut String) {
    match value {
        Value::Null => text.push_str("null"),
        Value::Bool(true) => text.push_str("true"),
        Value::Bool(false) => text.push_str("false"),
        Value::Number(number) => text.push_str(number),
        Value::String(content) => string(content, text),
        Value::Array(elements) => array(elements, text),
        Value::Object(members) => object(members, text),
    }
}

fn array(elements: &[Value], text: &mut String) {
    text.push('[');
    for (place, element) in elements.iter().enumerate() {
        if place > 0 {
            text.push(',');
        }
        value(element, text);
    }
    text.push(']');
}

pub(super) fn object(object: &Object, text: &mut String) {
    text.push('{');
    for (place, (key, member)) in object.iter().enumerate() {
        if place > 0 {
            text.push(',');
        }
        string(key, text);
        text.push(':');
        value(member, text);
    }
    text.push('}');
}

fn string(content: &str, text: &mut String) {
    text.push('"');
    let bytes = content.as_bytes();
    let mut start = 0;
    loop {
        let end = plain_end(bytes, start);
        text.push_str(&content[start..end]);
        let Some(special) = bytes.get(end) else { break };
        escape(*special, text);
        start = end + 1;
    }
    text.push('"');
}

fn escape(byte: u8, text: &mut String) {
    match byte {
        b'"' => text.push_str("\\\""),
        b'\\' => text.push_str("\\\\"),
        b'\n' => text.push_str("\\n"),
        b'\r' => text.push_str("\\r"),
        b'\t' => text.push_str("\\t"),
        0x08 => text.push_str("\\b"),
        0x0C => text.push_str("\\f"),
        control => {
            const DIGITS: [char; 16] = [
                '0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'a', 'b', 'c', 'd', 'e', 'f',
            ];
            text.push_str("\\u00");
            text.push(DIGITS[usize::from(control >> 4)]);
            text.push(DIGITS[usize::from(control & 0xF)]);
        }
    }
}

/// Where the run of bytes from `start` ends that stand for themselves in a JSON string: at a quote, a backslash, a
/// control character, or the end of `bytes`.
pub(crate) fn plain_end(bytes: &[u8], start: usize) -> usize {
    const ONES: u64 = 0x0101_0101_0101_0101;
    const HIGH_BITS: u64 = ONES << 7;
    // Subtracting one from each byte borrows into the high bit exactly where the byte was zero. A borrow can spill
    // into the next byte and mark it wrongly, never into an earlier one, and only the first mark is used.
    let zero_bytes = |word: u64| word.wrapping_sub(ONES) & !word;
    let mut at = start;
    while let Some(chunk) = bytes[at..].first_chunk::<8>() {
        let word = u64::from_le_bytes(*chunk);
        let quotes = zero_bytes(word ^ (ONES * u64::from(b'"')));
        let backslashes = zero_bytes(word ^ (ONES * u64::from(b'\\')));
        let controls = word.wrapping_sub(ONES * 0x20) & !word;
        let special = (quotes | backslashes | controls) & HIGH_BITS;
        if special != 0 {
            return at + special.trailing_zeros() as usize / 8;
        }
        at += 8;
    }
    let tail = bytes[at..]
        .iter()
        .position(|byte| matches!(byte, b'"' | b'\\' | 0..=0x1F));
    tail.map_or(bytes.len(), |offset| at + offset)
}
