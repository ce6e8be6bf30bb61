//! Which organisation stands behind a published party.
//!
//! The strongest evidence decides: a number in a register, else the name with the country, else nothing, and then the
//! party stands for itself. It depends on the party alone, so it is the same whatever else was loaded, and in whatever
//! order.

use entities::key;
use entities::value::code::MatchTier;
use sea_orm::prelude::Uuid;
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// What a party says about who it is.
pub(crate) struct Evidence<'p> {
    /// Scheme and number of a register.
    pub identifier: Option<(&'p str, &'p str)>,
    /// Its name.
    pub name: &'p str,
    /// ISO 3166-1 alpha-2 code.
    pub country: Option<&'p str>,
    /// The process that names it.
    pub ocid: &'p str,
    /// What tells it apart within the process: its `id`, or its place in the list.
    pub own: &'p str,
}

/// An organisation, and how it was recognised.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Recognized {
    /// [`key::organization`] of the evidence.
    pub key: Uuid,
    /// How strong the evidence is.
    pub tier: MatchTier,
    /// The evidence, for people.
    pub evidence: String,
}

/// The organisation behind a party.
pub(crate) fn recognize(party: &Evidence) -> Recognized {
    if let Some((scheme, id)) = party.identifier.filter(|(scheme, id)| identifies(scheme, id)) {
        return Recognized {
            key: key::organization_by_identifier(scheme, id),
            tier: MatchTier::Identifier,
            evidence: format!("{} {}", scheme.trim().to_uppercase(), id.trim()),
        };
    }
    let name = normalize(party.name);
    if name.chars().filter(|letter| letter.is_alphabetic()).count() >= 2 && !is_placeholder(&name) {
        let country = party.country.unwrap_or_default();
        return Recognized {
            key: key::organization(&["name", &name, country]),
            tier: MatchTier::Name,
            evidence: format!("{name} {country}").trim_end().to_owned(),
        };
    }
    Recognized {
        key: key::organization(&["process", party.ocid, party.own]),
        tier: MatchTier::Process,
        evidence: format!("{} {}", party.ocid, party.own),
    }
}

/// Whether a register's number can be told from an empty form.
fn identifies(scheme: &str, id: &str) -> bool {
    let says_something = id.chars().any(|letter| letter.is_alphanumeric() && letter != '0');
    !scheme.trim().is_empty() && says_something && !is_placeholder(&normalize(id))
}

/// What publishers write where they have no name, normalised.
const PLACEHOLDERS: &[&str] = &[
    "anon",
    "anoniem",
    "anonym",
    "anonymous",
    "confidential",
    "desconocido",
    "geen",
    "inconnu",
    "individual",
    "na",
    "natuurlijk persoon",
    "nb",
    "nihil",
    "nil",
    "no aplica",
    "none",
    "not applicable",
    "not available",
    "not specified",
    "null",
    "nvt",
    "niet van toepassing",
    "onbekend",
    "private individual",
    "several",
    "sin nombre",
    "supplier",
    "tba",
    "tbc",
    "tbd",
    "to be confirmed",
    "unbekannt",
    "undefined",
    "undisclosed",
    "unknown",
    "various",
    "xx",
    "xxx",
];

/// Whether a normalised name says that there is none; a number behind it (`anoniem 405`) changes nothing.
fn is_placeholder(name: &str) -> bool {
    let words = name.trim_end_matches(|letter: char| letter.is_ascii_digit() || letter == ' ');
    PLACEHOLDERS.contains(&words)
}

/// Legal forms that are written out in some places and shortened in others.
const LEGAL_FORMS: &[(&str, &str)] = &[
    ("aktiengesellschaft", "ag"),
    ("aktiebolag", "ab"),
    ("aksjeselskap", "as"),
    ("aktieselskab", "as"),
    ("anpartsselskab", "aps"),
    ("besloten vennootschap", "bv"),
    ("commanditaire vennootschap", "cv"),
    ("company", "co"),
    ("corporation", "corp"),
    ("gesellschaft mit beschrankter haftung", "gmbh"),
    ("incorporated", "inc"),
    ("limited", "ltd"),
    ("limited liability company", "llc"),
    ("limited liability partnership", "llp"),
    ("naamloze vennootschap", "nv"),
    ("osakeyhtio", "oy"),
    ("public limited company", "plc"),
    ("sociedad anonima", "sa"),
    ("societe anonyme", "sa"),
    ("vennootschap onder firma", "vof"),
];

/// A name as it is compared: lower case, Latin letters without accents, one blank for whatever is no letter or digit,
/// and legal forms in one spelling: `Bouwbedrijf Jansen B.V.` and `BOUWBEDRIJF JANSEN BV` are `bouwbedrijf jansen bv`.
fn normalize(name: &str) -> String {
    let folded = fold(name);
    let mut words: Vec<String> = Vec::new();
    let mut in_initials = false;
    for word in folded
        .split(|letter: char| !letter.is_alphanumeric())
        .filter(|word| !word.is_empty())
    {
        // Single letters that follow one another are one abbreviation: `b.v.`, `b v` and `bv`.
        let is_initial = word.chars().nth(1).is_none() && word.chars().all(char::is_alphabetic);
        match words.last_mut() {
            Some(initials) if is_initial && in_initials => initials.push_str(word),
            _ => words.push(word.to_owned()),
        }
        in_initials = is_initial;
    }
    let mut name = words.join(" ");
    for (long, short) in LEGAL_FORMS {
        if name.contains(long) {
            name = replace_words(&name, long, short);
        }
    }
    name
}

/// Replaces whole words only.
fn replace_words(name: &str, long: &str, short: &str) -> String {
    let padded = format!(" {name} ").replace(&format!(" {long} "), &format!(" {short} "));
    padded.trim().to_owned()
}

/// Lower case, and Latin letters without what stands above, below or through them.
fn fold(name: &str) -> String {
    let mut folded = String::with_capacity(name.len());
    let mut after_latin = false;
    for letter in name.nfkd() {
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
            '\u{2019}' | '\'' | '`' => {}
            other => folded.extend(other.to_lowercase()),
        }
        after_latin = folded[start..].is_ascii();
    }
    folded.nfc().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn party<'p>(identifier: Option<(&'p str, &'p str)>, name: &'p str) -> Evidence<'p> {
        Evidence {
            identifier,
            name,
            country: Some("NL"),
            ocid: "ocds-1",
            own: "7",
        }
    }

    #[test]
    fn spellings_of_one_name_are_one() {
        for (one, other) in [
            ("Bouwbedrijf Jansen B.V.", "BOUWBEDRIJF  JANSEN BV"),
            ("Jansen b.v", "Jansen Besloten Vennootschap"),
            ("Jansen B. V.", "jansen, bv"),
            ("Müller GmbH", "MULLER Gesellschaft mit beschränkter Haftung"),
            ("Straßenbau AG", "Strassenbau Aktiengesellschaft"),
            ("Smith Limited", "SMITH LTD."),
            ("Østerås S.A. de C.V.", "Osteras SA de CV"),
            ("St. John's", "St Johns"),
            ("Université", "Universite\u{301}"),
        ] {
            assert_eq!(normalize(one), normalize(other));
        }
        assert_ne!(normalize("Jansen BV"), normalize("Jansen NV"));
        assert_ne!(normalize("Мир"), normalize("Мйр"));
        assert_eq!(normalize("Київський"), "київський");
    }

    #[test]
    fn a_number_in_a_register_is_the_strongest_evidence() {
        let found = recognize(&party(Some(("nl-kvk", "1234 5678")), "Jansen"));
        assert_eq!(
            (found.tier, found.evidence.as_str()),
            (MatchTier::Identifier, "NL-KVK 1234 5678")
        );
        assert_eq!(found.key, key::organization_by_identifier("NL-KVK", "12345678"));
    }

    #[test]
    fn an_empty_form_is_no_number() {
        for identifier in [
            ("", "1"),
            ("NL-KVK", ""),
            ("NL-KVK", " - "),
            ("NL-KVK", "00000000"),
            ("NL-KVK", "n/a"),
        ] {
            let found = recognize(&party(Some(identifier), "Jansen"));
            assert_eq!(
                (found.tier, found.evidence.as_str()),
                (MatchTier::Name, "jansen NL"),
                "{identifier:?}"
            );
        }
    }

    #[test]
    fn a_placeholder_is_nobody_else() {
        for name in [
            "N/A",
            "n.v.t.",
            "Onbekend",
            "Anoniem 405",
            "-",
            "",
            "X",
            "42",
            "UNKNOWN",
        ] {
            let found = recognize(&party(None, name));
            assert_eq!(
                (found.tier, found.evidence.as_str()),
                (MatchTier::Process, "ocds-1 7"),
                "{name}"
            );
        }
        assert_eq!(recognize(&party(None, "Anonieme Producties")).tier, MatchTier::Name);
    }
}
