//! How long and how deep a document is, told from its text alone.
//!
//! Parsing takes many times the time and the space that looking at each byte once takes, so that what is beyond all
//! measure is refused before it is parsed.

use super::refusal::Refusal;
use crate::error::Code;

/// Bytes of a document.
pub const MAX_BYTES: usize = 64 * 1024;
/// Words, numbers, texts and signs of a document. What tools send to learn the schema has about 300.
const MAX_TOKENS: usize = 10_000;
/// Brackets of all kinds inside each other. The parser nests no selections deeper.
const MAX_NESTING: usize = 64;

/// Checks the text of a document.
///
/// # Errors
/// If it is too long or too deep to be parsed.
pub fn check(text: &str) -> Result<(), Refusal> {
    if text.len() > MAX_BYTES {
        let length = text.len();
        let message =
            format!("the document has {length} bytes, and {MAX_BYTES} are the most; pass values as variables");
        return Err(Refusal::new(Code::QueryTooLarge, message));
    }
    let Extent { tokens, nesting } = Extent::of(text.as_bytes());
    if nesting > MAX_NESTING {
        let message = format!("the document nests {nesting} levels of brackets, and {MAX_NESTING} are the most");
        return Err(Refusal::new(Code::QueryTooDeep, message));
    }
    if tokens > MAX_TOKENS {
        let message = format!(
            "the document has {tokens} tokens, and {MAX_TOKENS} are the most; pass values as variables, or split it"
        );
        return Err(Refusal::new(Code::QueryTooLarge, message));
    }
    Ok(())
}

#[derive(Debug, Default, PartialEq, Eq)]
struct Extent {
    tokens: usize,
    nesting: usize,
}

impl Extent {
    /// Goes by the lexical grammar; where a text breaks it, the parser will say so.
    fn of(mut text: &[u8]) -> Self {
        let mut extent = Self::default();
        let mut open = 0_usize;
        while let Some((&byte, rest)) = text.split_first() {
            text = match byte {
                b' ' | b'\t' | b'\r' | b'\n' | b',' => rest,
                b'#' => after(rest, |byte| matches!(byte, b'\r' | b'\n')),
                _ => {
                    extent.tokens += 1;
                    match byte {
                        b'"' => after_string(rest),
                        _ if is_word(byte) => after(rest, |byte| !is_word(byte)),
                        b'.' => after(rest, |byte| byte != b'.'),
                        b'{' | b'(' | b'[' => {
                            open += 1;
                            extent.nesting = extent.nesting.max(open);
                            rest
                        }
                        b'}' | b')' | b']' => {
                            open = open.saturating_sub(1);
                            rest
                        }
                        _ => rest,
                    }
                }
            };
        }
        extent
    }
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

/// What is left from the first byte on that ends the token.
fn after(text: &[u8], ends: impl Fn(u8) -> bool) -> &[u8] {
    let end = text.iter().position(|&byte| ends(byte)).unwrap_or(text.len());
    &text[end..]
}

/// What is left after a string whose first quotation mark was taken.
fn after_string(text: &[u8]) -> &[u8] {
    let (mut text, is_block) = match text {
        [b'"', b'"', rest @ ..] => (rest, true),
        _ => (text, false),
    };
    loop {
        text = match text {
            [] => return text,
            [b'\\', b'"', b'"', b'"', rest @ ..] if is_block => rest,
            [b'"', b'"', b'"', rest @ ..] if is_block => return rest,
            [b'\\', _, rest @ ..] if !is_block => rest,
            [b'"', rest @ ..] if !is_block => return rest,
            [b'\n', ..] if !is_block => return text,
            [_, rest @ ..] => rest,
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn extent(text: &str) -> (usize, usize) {
        let Extent { tokens, nesting } = Extent::of(text.as_bytes());
        (tokens, nesting)
    }

    #[test]
    fn tokens_are_those_of_the_grammar() {
        assert_eq!(extent("{ a, b: c # d e f\n ...F }"), (8, 1));
        assert_eq!(extent("query ($a: [Int!]! = [1]) @b { c(d: $a) }"), (26, 2));
        assert_eq!(extent("\u{FEFF}{ä}"), (7, 1));
    }

    #[test]
    fn what_stands_in_strings_and_comments_does_not_count() {
        assert_eq!(extent(r#"{ a(b: "{{{ \" {{{ \\") }"#), (8, 2));
        assert_eq!(extent(r#"{ a(b: """ " {{ \""" {{ "" {{ """) }"#), (8, 2));
        assert_eq!(extent(r#"{ a(b: "") c(d: """""") }"#), (14, 2));
        assert_eq!(extent("# {{{\r{ a } # }"), (3, 1));
        assert_eq!(extent("\"open { \n { a }"), (4, 1));
        assert_eq!(extent("\"\"\"open { \n { a }"), (1, 0));
        assert_eq!(extent("\"\\"), (1, 0));
    }

    #[test]
    fn what_is_beyond_all_measure_is_refused() {
        let code = |text: &str| check(text).err().map(|refusal| refusal.code());
        assert_eq!(code(&"{ a ".repeat(10_000)), Some(Code::QueryTooDeep));
        assert_eq!(code(&"[".repeat(10_000)), Some(Code::QueryTooDeep));
        assert_eq!(
            code(&format!("{{ {} }}", "a:b ".repeat(10_000))),
            Some(Code::QueryTooLarge)
        );
        assert_eq!(code(&" ".repeat(MAX_BYTES + 1)), Some(Code::QueryTooLarge));
        assert_eq!(code(&format!("{{ {} }}", "a ".repeat(9_000))), None);
    }
}
