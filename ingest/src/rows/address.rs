//! The country of an address, and its region as a NUTS code where there is no doubt that it is one.

use classification::{Code, Scheme, find};
use entities::party;

use crate::country;
use crate::published::Published;

/// The country of a published address, ISO 3166-1 alpha-2.
pub(super) fn country_of(address: Published) -> Option<String> {
    let named = |key| address.text(key).and_then(|text| country::code(&text));
    named("country").or_else(|| named("countryName"))
}

/// The region of a published address.
pub(super) fn region_of(address: Published) -> Option<Code> {
    recognize(&address.text("region")?, country_of(address).as_deref())
}

/// The region in which a party is.
pub(super) fn region_of_party(party: &party::Model) -> Option<Code> {
    recognize(party.region.as_deref()?, party.country.as_deref())
}

/// Publishers write names, abbreviations and codes of other lists where the region stands, and some have the shape of
/// NUTS: `ESP` is Spain. A code of NUTS
/// - is of the country that the address names, if it names one;
/// - is on the list. With a digit in it, and of a country that was named, it may be one of an earlier edition;
/// - has a digit in it if no country is named: letters alone could be anything.
fn recognize(region: &str, country: Option<&str>) -> Option<Code> {
    let code = Code::parse(Scheme::Nuts, region)?;
    let has_digit = code.key().bytes().any(|symbol| symbol.is_ascii_digit());
    let is_issued = find(code).is_some();
    let is_certain = match country {
        Some(country) => code.key().starts_with(nuts_country(country)?) && (is_issued || has_digit),
        None => is_issued && has_digit,
    };
    is_certain.then_some(code)
}

/// A country in NUTS, by its ISO 3166-1 code; `None` if NUTS does not divide it. The United Kingdom was divided by the
/// editions before 2021.
fn nuts_country(iso: &str) -> Option<&str> {
    match iso {
        "GR" => Some("EL"),
        "GB" => Some("UK"),
        other => Code::parse(Scheme::Nuts, other).and_then(find).map(|_| other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_region_is_a_code_only_if_it_can_be_nothing_else() {
        for (region, country, expected) in [
            ("NL321", Some("NL"), Some("NL321")),
            (" nl32 ", Some("NL"), Some("NL32")),
            ("NL", Some("NL"), Some("NL")),
            ("DEA", Some("DE"), Some("DEA")),
            ("ITC4", None, Some("ITC4")),
            // Of earlier editions.
            ("NL331", Some("NL"), Some("NL331")),
            ("UKM75", Some("GB"), Some("UKM75")),
            ("GR300", Some("GR"), Some("EL300")),
            // Of another country, of none that NUTS divides, or of none at all.
            ("NL321", Some("BE"), None),
            ("US123", Some("US"), None),
            ("NL331", None, None),
            ("DEA", None, None),
            // Names and other codes.
            ("Noord-Holland", Some("NL"), None),
            ("ESP", Some("ES"), None),
            ("NOR", Some("NO"), None),
            ("MEX", Some("MX"), None),
            ("FCT", None, None),
            ("DE", None, None),
        ] {
            let recognized = recognize(region, country);
            assert_eq!(recognized.as_ref().map(Code::key), expected, "{region} in {country:?}");
        }
    }
}
