//! Entities of HTML, which some publishers leave in their texts.

/// The longest name or number that is looked at.
const LONGEST: usize = 8;

/// Names of the characters 0xA0 to 0xFF, in their order.
const LATIN_1: [&str; 96] = [
    "nbsp", "iexcl", "cent", "pound", "curren", "yen", "brvbar", "sect", "uml", "copy", "ordf", "laquo", "not", "shy",
    "reg", "macr", "deg", "plusmn", "sup2", "sup3", "acute", "micro", "para", "middot", "cedil", "sup1", "ordm",
    "raquo", "frac14", "frac12", "frac34", "iquest", "Agrave", "Aacute", "Acirc", "Atilde", "Auml", "Aring", "AElig",
    "Ccedil", "Egrave", "Eacute", "Ecirc", "Euml", "Igrave", "Iacute", "Icirc", "Iuml", "ETH", "Ntilde", "Ograve",
    "Oacute", "Ocirc", "Otilde", "Ouml", "times", "Oslash", "Ugrave", "Uacute", "Ucirc", "Uuml", "Yacute", "THORN",
    "szlig", "agrave", "aacute", "acirc", "atilde", "auml", "aring", "aelig", "ccedil", "egrave", "eacute", "ecirc",
    "euml", "igrave", "iacute", "icirc", "iuml", "eth", "ntilde", "ograve", "oacute", "ocirc", "otilde", "ouml",
    "divide", "oslash", "ugrave", "uacute", "ucirc", "uuml", "yacute", "thorn", "yuml",
];

/// The others that occur in texts about purchases.
const OTHERS: &[(&str, char)] = &[
    ("amp", '&'),
    ("apos", '\''),
    ("bdquo", '„'),
    ("bull", '•'),
    ("euro", '€'),
    ("gt", '>'),
    ("hellip", '…'),
    ("ldquo", '“'),
    ("lsquo", '‘'),
    ("lt", '<'),
    ("mdash", '—'),
    ("ndash", '–'),
    ("quot", '"'),
    ("rdquo", '”'),
    ("rsquo", '’'),
    ("sbquo", '‚'),
    ("trade", '™'),
];

/// A text with characters for its entities; `None` if it has none. What is not known stays as it is, and so does what
/// becomes an entity by this: it was meant to be shown.
pub(super) fn decode(text: &str) -> Option<String> {
    let mut decoded = String::new();
    let mut rest = text;
    while let Some(at) = memchr::memchr(b'&', rest.as_bytes()) {
        let (before, from) = rest.split_at(at);
        decoded.push_str(before);
        let end = from.bytes().take(LONGEST + 2).position(|byte| byte == b';');
        let found = end.and_then(|end| Some((character(&from[1..end])?, end)));
        let length = if let Some((letter, end)) = found {
            decoded.push(letter);
            end + 1
        } else {
            decoded.push('&');
            1
        };
        rest = &from[length..];
    }
    // Every entity is longer than its character.
    (decoded.len() + rest.len() < text.len()).then(|| decoded + rest)
}

fn character(name: &str) -> Option<char> {
    if let Some(number) = name.strip_prefix('#') {
        return numbered(number);
    }
    if let Some(place) = LATIN_1.iter().position(|known| *known == name) {
        return char::from_u32(0xA0 + u32::try_from(place).ok()?);
    }
    OTHERS
        .iter()
        .find(|(known, _)| *known == name)
        .map(|(_, letter)| *letter)
}

/// The character of a number; those of Windows-1252 that browsers take for what they are there are left alone, and so are
/// control characters.
fn numbered(number: &str) -> Option<char> {
    let code = match number.strip_prefix(['x', 'X']) {
        Some(digits) => u32::from_str_radix(digits, 16).ok()?,
        None => number.parse().ok()?,
    };
    let letter = char::from_u32(code)?;
    (!letter.is_control() || letter == '\n' || letter == '\t').then_some(letter)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entities_are_decoded_once() {
        for (text, expected) in [
            ("H&#38;L", Some("H&L")),
            ("R&amp;D &lt;new&gt; &quot;x&quot;", Some("R&D <new> \"x\"")),
            (
                "caf&eacute; &euro; 5 &#xA3;3 &bull; &yuml;&nbsp;",
                Some("café € 5 £3 • ÿ\u{A0}"),
            ),
            ("&amp;amp;", Some("&amp;")),
            ("a & b", None),
            ("AT&T; &unknown; &#0; &#x1F; &; &#; &#xD800; &#99999999;", None),
            ("?a=1&copy=2", None),
            ("&", None),
        ] {
            assert_eq!(decode(text).as_deref(), expected, "{text}");
        }
    }
}
