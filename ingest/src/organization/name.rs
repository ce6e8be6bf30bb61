//! What a published name says, however it was typed: the words that are compared, the legal form apart from them, and
//! whether it names an organisation at all.

use entities::value::code::ClaimKind;
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use super::legal_form;
use super::word;

/// A name as it is compared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Name {
    /// Its words without the legal form: lower case, Latin letters without accents, one blank between them.
    pub words: String,
    /// Its legal form, in one spelling of each.
    pub form: Option<&'static str>,
    /// Whom it names.
    pub kind: ClaimKind,
}

/// Reads a published name.
pub(crate) fn read(name: &str) -> Name {
    let name = decode_entities(name);
    let all = words(without_acronym(&name));
    let (rest, form) = legal_form::split(&all);
    let rest = rest.strip_prefix("the ").unwrap_or(rest);
    Name {
        words: rest.to_owned(),
        form,
        kind: kind(&all, rest, form, begins_with_initials(&name)),
    }
}

fn kind(all: &str, words: &str, form: Option<&str>, has_initials: bool) -> ClaimKind {
    let letters = all.chars().filter(|letter| letter.is_alphabetic()).count();
    if letters < 2 || word::is_placeholder(all) || (form.is_none() && word::is_pseudonym(words)) {
        return ClaimKind::Nobody;
    }
    match form {
        Some(form) if legal_form::is_personal(form) => ClaimKind::Person,
        None if word::is_person(words, has_initials) => ClaimKind::Person,
        None if word::is_generic(words) => ClaimKind::Generic,
        _ => ClaimKind::Organization,
    }
}

/// The words of a text, folded, with one blank between them. Single letters that follow one another are one word (`b.v.`,
/// `b v` and `bv`), and `&` stands for `and` in the languages met most.
pub(super) fn words(text: &str) -> String {
    let folded = fold(text);
    let mut words = String::with_capacity(folded.len());
    let mut in_initials = false;
    for word in pieces(&folded) {
        let word = match word {
            "+" | "and" | "en" | "und" | "et" | "y" => "&",
            other => other,
        };
        let is_initial = word.chars().nth(1).is_none() && word.chars().all(char::is_alphabetic);
        let continues = is_initial && in_initials;
        if !continues && !words.is_empty() {
            words.push(' ');
        }
        words.push_str(word);
        in_initials = is_initial;
    }
    words
}

/// The words of a text, and every sign that stands for one.
fn pieces(text: &str) -> impl Iterator<Item = &str> {
    const SIGNS: [char; 2] = ['&', '+'];
    let is_word = |letter: char| letter.is_alphanumeric() || SIGNS.contains(&letter);
    let parts = text.split(move |letter| !is_word(letter));
    let pieces = parts.flat_map(|part| part.split_inclusive(SIGNS)).flat_map(|piece| {
        let word = piece.strip_suffix(SIGNS).unwrap_or(piece);
        [word, &piece[word.len()..]]
    });
    pieces.filter(|piece| !piece.is_empty())
}

/// Whether up to three single letters with a point behind each stand in front: `J.P. de Vries`.
fn begins_with_initials(name: &str) -> bool {
    let first = name.split_whitespace().next().unwrap_or_default();
    let letters: Vec<&str> = first.split_terminator('.').collect();
    let is_letter = |letter: &&str| letter.chars().all(char::is_alphabetic) && letter.chars().count() == 1;
    first.ends_with('.') && letters.len() <= 3 && letters.iter().all(is_letter)
}

/// The name without an abbreviation of itself in brackets behind it: `Instituto de Previsión Social (IPS)`.
fn without_acronym(name: &str) -> &str {
    let Some((before, inside)) = name.trim_end().strip_suffix(')').and_then(|rest| rest.rsplit_once('(')) else {
        return name;
    };
    let initials = |text: &str| -> String {
        fold(text)
            .split_whitespace()
            .filter_map(|word| word.chars().next())
            .collect()
    };
    let capitals = before
        .split_whitespace()
        .filter(|word| word.starts_with(char::is_uppercase));
    let capitals = initials(&capitals.collect::<Vec<_>>().join(" "));
    let inside: String = fold(inside).chars().filter(|letter| letter.is_alphanumeric()).collect();
    let is_acronym = inside.chars().count() >= 2 && (inside == capitals || inside == initials(before));
    if is_acronym { before } else { name }
}

/// Lower case, and Latin letters without what stands above, below or through them.
pub(super) fn fold(text: &str) -> String {
    if text.is_ascii() {
        let kept = text.bytes().filter(|byte| !matches!(byte, b'\'' | b'`'));
        return kept.map(|byte| char::from(byte.to_ascii_lowercase())).collect();
    }
    let mut folded = String::with_capacity(text.len());
    let mut after_latin = false;
    for letter in text.nfkd() {
        if is_combining_mark(letter) {
            // A mark makes another letter of a letter that is not Latin: й is not и.
            if !after_latin {
                folded.push(letter);
            }
            continue;
        }
        let start = folded.len();
        match letter {
            'ß' | 'ẞ' => folded.push_str("ss"),
            'æ' | 'Æ' => folded.push_str("ae"),
            'œ' | 'Œ' => folded.push_str("oe"),
            'ø' | 'Ø' => folded.push('o'),
            'ł' | 'Ł' => folded.push('l'),
            'đ' | 'Đ' | 'ð' | 'Ð' => folded.push('d'),
            'þ' | 'Þ' => folded.push_str("th"),
            'ı' => folded.push('i'),
            '\u{2018}' | '\u{2019}' | '\u{2bc}' | '\'' | '`' | '\u{b4}' => {}
            other => folded.extend(other.to_lowercase()),
        }
        after_latin = folded[start..].is_ascii();
    }
    folded.nfc().collect()
}

/// The text with the entities of HTML as what they stand for, decoded once more if they were encoded twice.
fn decode_entities(text: &str) -> String {
    let mut text = text.to_owned();
    for _ in 0..2 {
        if !text.contains('&') {
            break;
        }
        text = decode_once(&text);
    }
    text
}

fn decode_once(text: &str) -> String {
    let mut decoded = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('&') {
        decoded.push_str(before);
        let entity = after.split_once(';').filter(|(name, _)| name.len() <= 8);
        if let Some((letter, behind)) = entity.and_then(|(name, behind)| Some((entity_text(name)?, behind))) {
            decoded.push(letter);
            rest = behind;
        } else {
            decoded.push('&');
            rest = after;
        }
    }
    decoded + rest
}

fn entity_text(name: &str) -> Option<char> {
    if let Some(number) = name.strip_prefix('#') {
        let code = match number.strip_prefix(['x', 'X']) {
            Some(hexadecimal) => u32::from_str_radix(hexadecimal, 16).ok()?,
            None => number.parse().ok()?,
        };
        return char::from_u32(code);
    }
    Some(match name {
        "amp" => '&',
        "quot" | "apos" | "lsquo" | "rsquo" | "ldquo" | "rdquo" | "laquo" | "raquo" => '\'',
        "nbsp" | "lt" | "gt" | "ndash" | "mdash" => ' ',
        "szlig" => 'ß',
        "aelig" | "AElig" => 'æ',
        _ => {
            // `eacute`, `Ntilde`, `ouml`: the letter with its mark, which is of no account.
            let letter = name.chars().next().filter(char::is_ascii_alphabetic)?;
            let marks = [
                "acute", "grave", "circ", "tilde", "uml", "ring", "cedil", "slash", "caron",
            ];
            marks.contains(&&name[1..]).then_some(letter)?
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_one_name_are_one() {
        for (one, other) in [
            ("Bouwbedrijf Jansen B.V.", "BOUWBEDRIJF  JANSEN BV"),
            ("Jansen b.v", "Jansen Besloten Vennootschap"),
            ("Jansen B. V.", "jansen, bv"),
            ("Müller GmbH", "MULLER Gesellschaft mit beschränkter Haftung"),
            ("Müller GmbH & Co. KG", "Muller GmbH und Co KG"),
            ("Straßenbau AG", "Strassenbau Aktiengesellschaft"),
            ("Smith Limited", "SMITH LTD."),
            ("The Smith Company Ltd", "Smith Co. Limited"),
            ("Østerås S.A. de C.V.", "Osteras SA DE CV"),
            ("St. John's", "St Johns"),
            ("Université", "Universite\u{301}"),
            ("Jansen &amp; Zonen", "Jansen en Zonen"),
            ("Jansen&Zonen", "Jansen + Zonen"),
            ("Construcci&oacute;n S.A.", "Construcción Sociedad Anónima"),
            ("Smith &#38; Sons Ltd", "Smith and Sons Limited"),
            ("Instituto de Previsión Social (IPS)", "INSTITUTO DE PREVISION SOCIAL"),
            ("ООО «Ромашка»", "Общество с ограниченной ответственностью Ромашка"),
            ("Drogi Sp. z o.o.", "DROGI spółka z ograniczoną odpowiedzialnością"),
        ] {
            let (one, other) = (read(one), read(other));
            assert_eq!((&one.words, one.form), (&other.words, other.form));
        }
    }

    #[test]
    fn names_of_different_bodies_stay_different() {
        for (one, other) in [
            ("Jansen BV", "Jansen NV"),
            ("Jansen BV", "Jansen Holding BV"),
            ("School 1", "School 2"),
            ("Мир", "Мйр"),
            ("Gemeente Bergen", "Gemeente Bergen op Zoom"),
            ("Zorg (Noord)", "Zorg (Zuid)"),
        ] {
            assert_ne!(read(one), read(other));
        }
        assert_eq!(read("Київський").words, "київський");
    }

    #[test]
    fn some_names_name_no_organisation() {
        for (name, kind) in [
            ("N/A", ClaimKind::Nobody),
            ("n.v.t.", ClaimKind::Nobody),
            ("Onbekend", ClaimKind::Nobody),
            ("Anoniem 405", ClaimKind::Nobody),
            ("Supplier 12", ClaimKind::Nobody),
            ("Bidder A", ClaimKind::Nobody),
            ("Various suppliers", ClaimKind::Nobody),
            ("See description", ClaimKind::Nobody),
            ("-", ClaimKind::Nobody),
            ("", ClaimKind::Nobody),
            ("X", ClaimKind::Nobody),
            ("42", ClaimKind::Nobody),
            ("Anonieme Producties", ClaimKind::Organization),
            ("Supplier Ltd", ClaimKind::Organization),
            ("Mr. J. Smith", ClaimKind::Person),
            ("J.P. de Vries", ClaimKind::Person),
            ("María López García", ClaimKind::Person),
            ("Peter Smith Ltd", ClaimKind::Organization),
            ("ФОП Ткаченко", ClaimKind::Person),
            ("Universiteit Maria", ClaimKind::Organization),
            ("Primary School", ClaimKind::Generic),
            ("Primary School 12", ClaimKind::Generic),
            ("Gemeente Utrecht", ClaimKind::Organization),
        ] {
            assert_eq!(read(name).kind, kind, "{name}");
        }
    }

    #[test]
    fn a_lone_ampersand_is_a_word() {
        assert_eq!(
            decode_entities("A & B &unknown; &#xffffffff; &é;"),
            "A & B &unknown; &#xffffffff; &é;"
        );
    }
}
