//! What publishers call registers.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::{REGISTERS, compact};

/// Other names of registers, as letters and digits only, in capitals. A name that ends in `*` covers all that begin so.
const NAMES: &[(&str, &[&str])] = &[
    ("NL-KVK", &["KVK", "KAMERVANKOOPHANDEL*", "NLKVKNUMMER", "KVKNUMMER"]),
    ("NL-RSIN", &["RSIN", "NLBTW", "NLVAT"]),
    ("NL-BTW", &["BTW", "NLVAT", "NLOB"]),
    ("BE-BCE_KBO", &["BEKBO", "BEBCE", "BECBE", "BEVAT", "KBO", "KBOBCE"]),
    (
        "FR-SIREN",
        &["SIREN", "SIRET", "FRSIRET", "FRSIRENE", "FRRCS", "FRINSEE", "FRVAT"],
    ),
    ("GB-COH", &["COH", "COMPANIESHOUSE", "GBCRN"]),
    ("DE-VAT", &["DEUSTID", "USTIDNR"]),
    ("IT-CF", &["ITVAT", "ITPIVA", "PARTITAIVA", "CODICEFISCALE"]),
    ("ES-NIF", &["ESCIF", "ESVAT", "CIF"]),
    ("PT-NIF", &["PTNIPC", "PTVAT", "NIPC"]),
    ("PL-NIP", &["PLVAT", "NIP"]),
    ("PL-REGON", &["REGON"]),
    ("DK-CVR", &["CVR", "DKVAT"]),
    ("SE-BLV", &["SEORGNR", "SEVAT", "ORGANISATIONSNUMMER"]),
    ("NO-BRC", &["NOORGNR", "NOORG", "ORGANISASJONSNUMMER", "NOVAT"]),
    ("FI-PRO", &["FIYTJ", "FIVAT", "YTUNNUS", "FIBID"]),
    ("CH-UID", &["CHFDJP", "UID", "CHVAT"]),
    ("CZ-ICO", &["ICO", "CZVAT"]),
    ("SK-ORSR", &["SKICO"]),
    ("RO-CUI", &["CUI", "ROVAT"]),
    ("BG-EIK", &["EIK", "BGVAT"]),
    ("HR-OIB", &["OIB", "HRVAT"]),
    ("GR-AFM", &["ELVAT", "GRVAT"]),
    ("UA-EDR", &["UAEDRPOU", "EDRPOU"]),
    ("MD-IDNO", &["IDNO", "STATEREGISTRATIONCHAMBER*"]),
    ("CO-NIT", &["NIT", "CORUE", "NITDE*"]),
    (
        "PY-RUC",
        &["REGISTROUNICODECONTRIBUYENTEEMITIDOPORELMINISTERIODEHACIENDA*"],
    ),
    ("MX-RFC", &["RFC", "REGISTROFEDERALDECONTRIBUYENTES*"]),
    ("BR-CNPJ", &["CNPJ"]),
    ("CL-RUT", &["RUT"]),
    ("AR-CUIT", &["CUIT"]),
    ("XI-LEI", &["LEI", "LEGALENTITYIDENTIFIER"]),
];

/// Schemes that only say that a number is for VAT; the country stands in the number.
const VAT: &[&str] = &["VAT", "EUVAT", "VATNUMBER", "VATIN", "XIVAT", "BTWNUMMER"];

/// The registers of each name that is no beginning, by their places in the list of registers.
static BY_NAME: LazyLock<HashMap<String, Vec<usize>>> = LazyLock::new(|| {
    let mut by_name: HashMap<String, Vec<usize>> = HashMap::new();
    for (place, register) in REGISTERS.iter().enumerate() {
        by_name.entry(compact(register.0)).or_default().push(place);
        for name in others(register.0).filter(|name| !name.ends_with('*')) {
            by_name.entry(name.to_owned()).or_default().push(place);
        }
    }
    by_name
});

/// The beginnings of names, each with the place of its register.
static BEGINNINGS: LazyLock<Vec<(&'static str, usize)>> = LazyLock::new(|| {
    let registers = REGISTERS.iter().enumerate();
    let beginnings = registers.flat_map(|(place, register)| {
        others(register.0).filter_map(move |name| Some((name.strip_suffix('*')?, place)))
    });
    beginnings.collect()
});

fn others(code: &str) -> impl Iterator<Item = &'static str> {
    let of_register = NAMES.iter().filter(move |(named, _)| *named == code);
    of_register.flat_map(|(_, names)| names.iter().copied())
}

/// Whether a scheme, as letters and digits, only says that a number is for VAT.
pub(super) fn is_vat(scheme: &str) -> bool {
    VAT.contains(&scheme)
}

/// The places of the registers that a scheme, as letters and digits, can mean, in the order of the list.
pub(super) fn meant(scheme: &str) -> Vec<usize> {
    let mut places = BY_NAME.get(scheme).cloned().unwrap_or_default();
    let begun = BEGINNINGS.iter().filter(|(beginning, _)| scheme.starts_with(beginning));
    places.extend(begun.map(|(_, place)| place));
    places.sort_unstable();
    places.dedup();
    places
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_other_name_belongs_to_a_register() {
        for (code, names) in NAMES {
            assert!(REGISTERS.iter().any(|register| register.0 == *code), "{code}");
            assert!(names.iter().all(|name| compact(name) == name.trim_end_matches('*')));
        }
    }

    #[test]
    fn a_name_can_be_that_of_several_registers() {
        let codes = |scheme| -> Vec<_> { meant(scheme).into_iter().map(|place| REGISTERS[place].0).collect() };
        assert_eq!(codes("NLVAT"), ["NL-RSIN", "NL-BTW"]);
        assert_eq!(codes("KAMERVANKOOPHANDELROTTERDAM"), ["NL-KVK"]);
        assert_eq!(codes("NLKVK"), ["NL-KVK"]);
        assert_eq!(codes(""), [""; 0]);
    }
}
