//! Towns as they are compared.

use super::name::{fold, words};
use super::word;

/// Towns that have names in several languages, or an old and a new one, under the first of each line.
const NAMES: &[&[&str]] = &[
    &["den haag", "s gravenhage", "sgravenhage", "the hague"],
    &["den bosch", "s hertogenbosch", "shertogenbosch"],
    &["antwerpen", "anvers", "antwerp"],
    &["athina", "athens", "athen"],
    &["bruxelles", "brussel", "brussels", "brussel bruxelles"],
    &["gent", "gand", "ghent"],
    &["luik", "liege"],
    &["genova", "genoa"],
    &["koln", "koeln", "cologne"],
    &["munchen", "muenchen", "munich"],
    &["dusseldorf", "duesseldorf"],
    &["nurnberg", "nuernberg", "nuremberg"],
    &["wien", "vienna"],
    &["zurich", "zuerich"],
    &["geneve", "geneva", "genf"],
    &["kobenhavn", "copenhagen", "kobenhavn k"],
    &["goteborg", "gothenburg"],
    &["helsinki", "helsingfors"],
    &["praha", "prague", "prag"],
    &["warszawa", "warsaw"],
    &["krakow", "cracow"],
    &["bucuresti", "bucharest"],
    &["chisinau", "mun chisinau"],
    &["lisboa", "lisbon"],
    &["sevilla", "seville"],
    &["roma", "rome"],
    &["milano", "milan"],
    &["torino", "turin"],
    &["firenze", "florence"],
    &["napoli", "naples"],
    &["venezia", "venice"],
    &["київ", "киев", "kyiv", "kiev", "місто київ", "м київ"],
    &["харків", "харьков", "kharkiv", "м харків"],
    &["одеса", "одесса", "odesa", "odessa", "м одеса"],
    &["львів", "львов", "lviv", "м львів"],
    &["москва", "moscow"],
    &["bogota", "bogota dc", "santa fe de bogota", "santafe de bogota"],
    &["ciudad de mexico", "mexico df", "cdmx", "mexico city"],
];

/// A town as it is compared; `None` if what stands in its place is no town.
///
/// Postal codes and what follows a comma are left out: `1011 AB Amsterdam, NL` is `amsterdam`.
pub(super) fn read(locality: &str) -> Option<String> {
    let town = locality.split([',', '(', ';']).next().unwrap_or(locality);
    let folded = fold(town);
    let mut tokens: Vec<&str> = folded.split_whitespace().collect();
    let digit = |word: &&str| word.contains(|letter: char| letter.is_ascii_digit());
    // The letters of a Dutch postal code stand apart from its digits.
    if let Some(place) = tokens.iter().position(digit) {
        let is_suffix = |word: &&&str| word.len() == 2 && word.bytes().all(|byte| byte.is_ascii_alphabetic());
        if place + 2 < tokens.len() && tokens.get(place + 1).as_ref().is_some_and(is_suffix) {
            tokens.remove(place + 1);
        }
    }
    tokens.retain(|word| !digit(word));
    let town = words(&tokens.join(" "));
    if town.chars().filter(|letter| letter.is_alphabetic()).count() < 2
        || word::is_placeholder(&town)
        || word::is_pseudonym(&town)
    {
        return None;
    }
    let known = NAMES.iter().find(|names| names.contains(&town.as_str()));
    Some(known.map_or(town, |names| names[0].to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_one_town_are_one() {
        for (one, town) in [
            ("AMSTERDAM", Some("amsterdam")),
            ("1011 AB Amsterdam, NL", Some("amsterdam")),
            ("1011AB Amsterdam", Some("amsterdam")),
            ("75013 Paris", Some("paris")),
            ("Paris 13", Some("paris")),
            ("'s-Gravenhage", Some("den haag")),
            ("’s Gravenhage", Some("den haag")),
            ("Köln", Some("koln")),
            ("Cologne", Some("koln")),
            ("Bergen op Zoom", Some("bergen op zoom")),
            ("м. Київ", Some("київ")),
            ("N/A", None),
            ("12345", None),
            ("", None),
            ("-", None),
        ] {
            assert_eq!(read(one).as_deref(), town, "{one}");
        }
    }
}
