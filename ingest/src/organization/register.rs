//! Registers whose numbers can be verified, by check digits where they have them and by length where they have none.
//!
//! A number is read into the one form in which it is compared. Numbers that contain the number of another register come
//! out as that one: a VAT number of France holds a SIREN, a SIRET begins with one, an OIN of the Netherlands holds a
//! number of the trade register. Where the rules of a register are not known here, its numbers are weaker evidence.

mod america;
mod europe;
mod names;

use super::check_digit::{
    digits_of, luhn_of, mod_10, mod_10_sum, mod_11, mod_11_10, mod_11_or_0, mod_11_zero, modulo_97, plain,
};
use america::{br_cnpj, cl_rut, co_nit, mx_rfc, py_ruc};
use europe::{
    at_vat, be_kbo, bg_eik, cz_ico, es_nif, fr_siren, gb_chc, gb_coh, gb_vat, gr_afm, hu_afa, ie_vat, lu_vat, nl_btw,
    nl_kvk, nl_rsin, no_brc, pl_nip, pl_regon, ro_cui, se_blv, ua_edr,
};

/// A number that was verified.
#[expect(clippy::struct_field_names, reason = "a number in a register has no other word")]
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Number {
    /// How much the register is worth against others.
    pub rank: Rank,
    /// Its code, of org-id.guide where there is one.
    pub scheme: &'static str,
    /// The number, in one spelling.
    pub number: String,
}

/// The kinds of registers. Several companies can share a tax number, so the register in which a body is entered comes
/// first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Rank {
    /// The register that makes a body what it is.
    Register,
    /// A tax authority's.
    Tax,
    /// One of the whole world.
    Global,
}

/// Reads the compact number (capital letters and digits only) into the form that is compared; `None` if it is not valid.
type Read = fn(&str) -> Option<String>;

/// A register: its code, its kind, the first letters of its numbers as VAT numbers, and how a number is read.
struct Register(&'static str, Rank, &'static str, Read);

const REGISTERS: &[Register] = &[
    Register("NL-KVK", Rank::Register, "", nl_kvk),
    Register("NL-RSIN", Rank::Tax, "NL", nl_rsin),
    Register("NL-BTW", Rank::Tax, "NL", nl_btw),
    Register("BE-BCE_KBO", Rank::Register, "BE", be_kbo),
    Register("FR-SIREN", Rank::Register, "FR", fr_siren),
    Register("GB-COH", Rank::Register, "", gb_coh),
    Register("GB-CHC", Rank::Register, "", gb_chc),
    Register("GB-VAT", Rank::Tax, "GB", gb_vat),
    Register("DE-VAT", Rank::Tax, "DE", |id| mod_11_10(id, 9)),
    Register("AT-VAT", Rank::Tax, "AT", at_vat),
    Register("IT-CF", Rank::Tax, "IT", |id| luhn_of(id, 11)),
    Register("ES-NIF", Rank::Tax, "ES", es_nif),
    Register("PT-NIF", Rank::Tax, "PT", |id| {
        mod_11_or_0(id, &[9, 8, 7, 6, 5, 4, 3, 2])
    }),
    Register("PL-NIP", Rank::Tax, "PL", pl_nip),
    Register("PL-REGON", Rank::Register, "", pl_regon),
    Register("DK-CVR", Rank::Register, "DK", |id| {
        mod_11_zero(id, &[2, 7, 6, 5, 4, 3, 2, 1])
    }),
    Register("SE-BLV", Rank::Register, "SE", se_blv),
    Register("NO-BRC", Rank::Register, "NO", no_brc),
    Register("FI-PRO", Rank::Register, "FI", |id| mod_11(id, &[7, 9, 10, 5, 8, 4, 2])),
    Register("CH-UID", Rank::Register, "CHE", |id| {
        mod_11(id, &[5, 4, 3, 2, 7, 6, 5, 4])
    }),
    Register("LU-VAT", Rank::Tax, "LU", lu_vat),
    Register("IE-VAT", Rank::Tax, "IE", ie_vat),
    Register("CZ-ICO", Rank::Register, "CZ", cz_ico),
    Register("SK-ORSR", Rank::Register, "", cz_ico),
    Register("HU-AFA", Rank::Tax, "HU", hu_afa),
    Register("RO-CUI", Rank::Tax, "RO", ro_cui),
    Register("BG-EIK", Rank::Register, "BG", bg_eik),
    Register("HR-OIB", Rank::Register, "HR", |id| mod_11_10(id, 11)),
    Register("SI-VAT", Rank::Tax, "SI", |id| mod_11_or_0(id, &[8, 7, 6, 5, 4, 3, 2])),
    Register("EE-VAT", Rank::Tax, "EE", |id| mod_10(id, &[3, 7, 1, 3, 7, 1, 3, 7])),
    Register("GR-AFM", Rank::Tax, "EL", gr_afm),
    Register("UA-EDR", Rank::Register, "", ua_edr),
    Register("MD-IDNO", Rank::Register, "", |id| {
        mod_10_sum(id, &[7, 3, 1, 7, 3, 1, 7, 3, 1, 7, 3, 1])
    }),
    Register("AM-TIN", Rank::Tax, "", |id| plain(id, 8)),
    Register("CO-NIT", Rank::Tax, "", co_nit),
    Register("PY-RUC", Rank::Tax, "", py_ruc),
    Register("AR-CUIT", Rank::Tax, "", |id| {
        mod_11(id, &[5, 4, 3, 2, 7, 6, 5, 4, 3, 2])
    }),
    Register("PE-RUC", Rank::Tax, "", |id| {
        mod_11_or_0(id, &[5, 4, 3, 2, 7, 6, 5, 4, 3, 2])
    }),
    Register("CL-RUT", Rank::Tax, "", cl_rut),
    Register("BR-CNPJ", Rank::Tax, "", br_cnpj),
    Register("MX-RFC", Rank::Tax, "", mx_rfc),
    Register("XI-LEI", Rank::Global, "", lei),
];

/// The verified number that an entry in a register amounts to: none if it cannot be verified.
pub(crate) fn verify(scheme: &str, id: &str) -> Option<Number> {
    let (scheme, id) = (compact(scheme), compact(id));
    if is_repetition(&id) {
        return None;
    }
    if matches!(scheme.as_str(), "NLOIN" | "OIN") {
        return nl_oin(&id);
    }
    if names::is_vat(&scheme) {
        let is_meant = |register: &&Register| !register.2.is_empty() && id.starts_with(register.2);
        return REGISTERS
            .iter()
            .filter(is_meant)
            .find_map(|register| register.number(&id));
    }
    let meant = names::meant(&scheme).into_iter();
    meant
        .map(|place| &REGISTERS[place])
        .find_map(|register| register.number(&id))
}

impl Register {
    /// The number, if it is a valid one of this register.
    fn number(&self, id: &str) -> Option<Number> {
        let Register(scheme, rank, prefix, read) = *self;
        Some(Number {
            rank,
            scheme,
            number: read(id.strip_prefix(prefix).unwrap_or(id))?,
        })
    }
}

/// Capital letters without accents, and digits.
fn compact(text: &str) -> String {
    if text.is_ascii() {
        let kept = text
            .bytes()
            .filter(|byte| byte.is_ascii_alphanumeric() || *byte == b'&');
        return kept.map(|byte| char::from(byte.to_ascii_uppercase())).collect();
    }
    let folded = super::name::fold(text);
    let kept = folded
        .chars()
        .filter(|letter| letter.is_alphanumeric() || *letter == '&');
    kept.flat_map(char::to_uppercase).collect()
}

/// Whether a number is one digit over and over, as those are that fill a form.
fn is_repetition(id: &str) -> bool {
    let mut letters = id.chars();
    let first = letters.next();
    first.is_none() || letters.all(|letter| Some(letter) == first)
}

/// The number of a Dutch public body, made of its number in one of two registers.
fn nl_oin(id: &str) -> Option<Number> {
    digits_of(id, 20)?;
    let (kind, rest) = id.split_at(8);
    match kind {
        "00000001" => Some(Number {
            rank: Rank::Tax,
            scheme: "NL-RSIN",
            number: nl_rsin(&rest[..9])?,
        }),
        "00000003" => Some(Number {
            rank: Rank::Register,
            scheme: "NL-KVK",
            number: nl_kvk(&rest[..8])?,
        }),
        _ => None,
    }
}

fn lei(id: &str) -> Option<String> {
    (id.len() == 20 && modulo_97(id)? == 1).then(|| id.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn verified(scheme: &str, id: &str) -> Option<(&'static str, String)> {
        verify(scheme, id).map(|number| (number.scheme, number.number))
    }

    #[test]
    fn numbers_are_read_into_one_form() {
        for (scheme, id, register, number) in [
            ("NL-KVK", "1234.5678", "NL-KVK", "12345678"),
            ("kvk", "KVK 2345678", "NL-KVK", "02345678"),
            ("NL-KVK", "123456780000", "NL-KVK", "12345678"),
            ("NL-RSIN", "1112.22.333", "NL-RSIN", "111222333"),
            ("NL-BTW", "NL111222333B01", "NL-RSIN", "111222333"),
            ("EU-VAT", "NL 1112.22.333.B.01", "NL-RSIN", "111222333"),
            ("NL-OIN", "00000001111222333000", "NL-RSIN", "111222333"),
            ("NL-OIN", "00000003123456780000", "NL-KVK", "12345678"),
            ("BE-BCE_KBO", "0000.432.144", "BE-BCE_KBO", "0000432144"),
            ("VAT", "BE 0000432144", "BE-BCE_KBO", "0000432144"),
            ("FR-SIREN", "732 829 320", "FR-SIREN", "732829320"),
            ("SIRET", "732 829 320 00074", "FR-SIREN", "732829320"),
            ("VAT", "FR 44 732829320", "FR-SIREN", "732829320"),
            ("GB-COH", "1234567", "GB-COH", "01234567"),
            ("GB-COH", "oc389602", "GB-COH", "OC389602"),
            ("DE-VAT", "DE136695976", "DE-VAT", "136695976"),
            ("VAT", "ATU13585627", "AT-VAT", "13585627"),
            ("ES-CIF", "A58818501", "ES-NIF", "A58818501"),
            ("DK-CVR", "13585628", "DK-CVR", "13585628"),
            ("NO-BRC", "974 760 673", "NO-BRC", "974760673"),
            ("CO-NIT", "800.101.684-3", "CO-NIT", "800101684"),
            ("Nit de Persona Jurídica", "800101684", "CO-NIT", "800101684"),
            ("PY-RUC", "80002438-9", "PY-RUC", "800024389"),
            ("CL-RUT", "30.686.957-4", "CL-RUT", "306869574"),
            ("LEI", "54930084UKLVMY22DS16", "XI-LEI", "54930084UKLVMY22DS16"),
        ] {
            assert_eq!(
                verified(scheme, id),
                Some((register, number.to_owned())),
                "{scheme} {id}"
            );
        }
    }

    #[test]
    fn what_cannot_be_verified_is_no_number() {
        for (scheme, id) in [
            ("NL-KVK", "00000000"),
            ("NL-KVK", "99999999"),
            ("NL-KVK", "123456"),
            ("NL-KVK", "N/A"),
            ("NL-KVK", "123456789012"),
            ("NL-RSIN", "111222334"),
            ("BE-BCE_KBO", "0000432145"),
            ("FR-SIREN", "732829321"),
            ("FR-SIREN", "000000000"),
            ("SIRET", "73282932000075"),
            ("VAT", "FR45732829320"),
            ("GB-COH", "XX123456"),
            ("LEI", "54930084UKLVMY22DS61"),
            ("CO-NIT", "800101684-4"),
            ("X", "12345678"),
            ("", "12345678"),
            ("NL-KVK", "é"),
            ("ES-NIF", "é2345678é"),
            ("IE-VAT", "1234567é"),
        ] {
            assert_eq!(verified(scheme, id), None, "{scheme} {id}");
        }
    }
}
