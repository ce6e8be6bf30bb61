//! Registers whose numbers can be verified, by check digits where they have them and by length where they have none.
//!
//! A number is read into the one form in which it is compared. Numbers that contain the number of another register come
//! out as that one: a VAT number of France holds a SIREN, a SIRET begins with one, an OIN of the Netherlands holds a
//! number of the trade register. Where the rules of a register are not known here, its numbers are weaker evidence.

use super::check_digit::{
    digits, digits_of, luhn, modulo_11, modulo_11_10, modulo_97, number, weighted, weighted_from_end,
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

/// The verified numbers that an entry in a register amounts to: none if it cannot be verified.
pub(crate) fn verify(scheme: &str, id: &str) -> Option<Number> {
    let (scheme, id) = (compact(scheme), compact(id));
    if is_repetition(&id) {
        return None;
    }
    if matches!(scheme.as_str(), "NLOIN" | "OIN") {
        return nl_oin(&id);
    }
    let is_vat = VAT.contains(&scheme.as_str());
    REGISTERS.iter().find_map(|Register(code, rank, prefix, read)| {
        let is_meant = if is_vat {
            !prefix.is_empty() && id.starts_with(prefix)
        } else {
            compact(code) == scheme || is_named(code, &scheme)
        };
        let written = is_meant.then(|| id.strip_prefix(prefix).unwrap_or(&id))?;
        Some(Number {
            rank: *rank,
            scheme: code,
            number: read(written)?,
        })
    })
}

fn is_named(code: &str, scheme: &str) -> bool {
    let mut names = NAMES
        .iter()
        .filter(|(named, _)| *named == code)
        .flat_map(|(_, names)| *names);
    names.any(|name| match name.strip_suffix('*') {
        Some(beginning) => scheme.starts_with(beginning),
        None => scheme == *name,
    })
}

/// Capital letters without accents, and digits.
fn compact(text: &str) -> String {
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

fn plain(id: &str, length: usize) -> Option<String> {
    digits_of(id, length).map(|_| id.to_owned())
}

fn luhn_of(id: &str, length: usize) -> Option<String> {
    digits_of(id, length)
        .filter(|digits| luhn(digits))
        .map(|_| id.to_owned())
}

fn mod_11_10(id: &str, length: usize) -> Option<String> {
    digits_of(id, length)
        .filter(|digits| modulo_11_10(digits))
        .map(|_| id.to_owned())
}

/// As [`modulo_11`], for as many digits as there are weights and one.
fn mod_11(id: &str, weights: &[u32]) -> Option<String> {
    digits_of(id, weights.len() + 1)
        .filter(|digits| modulo_11(digits, weights))
        .map(|_| id.to_owned())
}

/// As [`mod_11`], where a check digit of 10 is written 0.
fn mod_11_or_0(id: &str, weights: &[u32]) -> Option<String> {
    let digits = digits_of(id, weights.len() + 1)?;
    let (check, body) = digits.split_last()?;
    ((11 - weighted(body, weights) % 11) % 11 % 10 == *check).then(|| id.to_owned())
}

/// The weighted sum of all digits is a multiple of 11.
fn mod_11_zero(id: &str, weights: &[u32]) -> Option<String> {
    let digits = digits_of(id, weights.len())?;
    weighted(&digits, weights).is_multiple_of(11).then(|| id.to_owned())
}

/// The last digit makes the weighted sum a multiple of 10.
fn mod_10(id: &str, weights: &[u32]) -> Option<String> {
    let digits = digits_of(id, weights.len() + 1)?;
    let (check, body) = digits.split_last()?;
    (weighted(body, weights) + check)
        .is_multiple_of(10)
        .then(|| id.to_owned())
}

/// The last digit is that of the weighted sum.
fn mod_10_sum(id: &str, weights: &[u32]) -> Option<String> {
    let digits = digits_of(id, weights.len() + 1)?;
    let (check, body) = digits.split_last()?;
    (weighted(body, weights) % 10 == *check).then(|| id.to_owned())
}

/// Eight digits; spreadsheets drop a zero in front, and four more digits name a branch that does not count.
fn nl_kvk(id: &str) -> Option<String> {
    let id = id.strip_prefix("KVK").unwrap_or(id);
    digits(id)?;
    match id.len() {
        7 => Some(format!("0{id}")),
        8 => Some(id.to_owned()),
        12 => id.strip_suffix("0000").map(str::to_owned),
        _ => None,
    }
}

/// Nine digits under the test of eleven; in a VAT number `B` and two digits follow.
fn nl_rsin(id: &str) -> Option<String> {
    let id = id.split_once('B').map_or(id, |(number, _)| number);
    let digits = digits_of(id, 9)?;
    let sum = weighted(&digits, &[9, 8, 7, 6, 5, 4, 3, 2]) + 10 * digits[8];
    sum.is_multiple_of(11).then(|| id.to_owned())
}

/// The VAT number of one who has no RSIN to show.
fn nl_btw(id: &str) -> Option<String> {
    let (number, suffix) = id.split_once('B')?;
    digits_of(number, 9)?;
    digits_of(suffix, 2)?;
    (modulo_97(&format!("NL{id}"))? == 1).then(|| id.to_owned())
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

fn be_kbo(id: &str) -> Option<String> {
    let id = if id.len() == 9 { format!("0{id}") } else { id.to_owned() };
    let digits = digits_of(&id, 10)?;
    (97 - number(&digits[..8]) % 97 == number(&digits[8..])).then_some(id)
}

/// Nine digits, or fourteen of a branch, or eleven with the key of a VAT number.
fn fr_siren(id: &str) -> Option<String> {
    let siren = match id.len() {
        9 => id,
        11 => {
            let (key, siren) = id.split_at_checked(2)?;
            let expected = (12 + 3 * (number(&digits(siren)?) % 97)) % 97;
            (number(&digits(key)?) == expected).then_some(siren)?
        }
        14 => {
            let siren = id.get(..9)?;
            // The branches of the post office have numbers of their own kind.
            let is_post = siren == "356000000" && digits(id)?.iter().sum::<u32>().is_multiple_of(5);
            (is_post || luhn(&digits(id)?)).then_some(siren)?
        }
        _ => return None,
    };
    luhn_of(siren, 9)
}

/// Eight digits, or two letters and six digits; zeros in front are often dropped.
fn gb_coh(id: &str) -> Option<String> {
    const KINDS: &[&str] = &[
        "SC", "NI", "OC", "SO", "NC", "FC", "SF", "NF", "IP", "SP", "NP", "RC", "SR", "NR", "CE", "CS", "RS", "LP",
        "SL", "NL", "GE", "GS", "GN", "SE", "ZC", "SZ", "PC", "AC", "SA", "NA", "IC", "SI", "NV", "R0",
    ];
    if digits(id).is_some() {
        return (6..=8).contains(&id.len()).then(|| format!("{id:0>8}"));
    }
    let (kind, number) = id.split_at_checked(2)?;
    let number = number.strip_suffix('R').unwrap_or(number);
    let is_valid = KINDS.contains(&kind) && (5..=6).contains(&number.len()) && digits(number).is_some();
    is_valid.then(|| id.to_owned())
}

fn gb_chc(id: &str) -> Option<String> {
    ((6..=7).contains(&id.len()) && digits(id).is_some()).then(|| id.to_owned())
}

fn gb_vat(id: &str) -> Option<String> {
    let digits = digits_of(id, 9)?;
    let sum = weighted(&digits[..7], &[8, 7, 6, 5, 4, 3, 2]) + 10 * digits[7] + digits[8];
    (sum.is_multiple_of(97) || (sum + 55).is_multiple_of(97)).then(|| id.to_owned())
}

fn at_vat(id: &str) -> Option<String> {
    let written = id.strip_prefix('U').unwrap_or(id);
    let digits = digits_of(written, 8)?;
    let crossed: u32 = digits[..7]
        .iter()
        .zip([1, 2, 1, 2, 1, 2, 1])
        .map(|(digit, weight)| digit * weight / 10 + digit * weight % 10)
        .sum();
    ((10 - (crossed + 4) % 10) % 10 == digits[7]).then(|| written.to_owned())
}

/// A letter, seven digits and a digit or letter for companies; people have other forms, which are left alone.
fn es_nif(id: &str) -> Option<String> {
    const LETTERS: &[u8] = b"JABCDEFGHI";
    let kind = id.chars().next().filter(char::is_ascii_uppercase)?;
    let body = digits_of(id.get(1..8)?, 7)?;
    let doubled = |digit: u32| (2 * digit) / 10 + (2 * digit) % 10;
    let sum: u32 = body
        .iter()
        .enumerate()
        .map(|(place, digit)| if place % 2 == 0 { doubled(*digit) } else { *digit })
        .sum();
    let check = (10 - sum % 10) % 10;
    let last = id.get(8..)?;
    let letter = char::from(LETTERS[check as usize]);
    let is_valid = last == check.to_string() || (last.len() == 1 && last.starts_with(letter));
    (is_valid && !matches!(kind, 'X' | 'Y' | 'Z')).then(|| id.to_owned())
}

fn pl_nip(id: &str) -> Option<String> {
    let digits = digits_of(id, 10)?;
    (weighted(&digits[..9], &[6, 5, 7, 2, 3, 4, 5, 6, 7]) % 11 == digits[9]).then(|| id.to_owned())
}

/// Nine digits; five more name a branch.
fn pl_regon(id: &str) -> Option<String> {
    let body = if id.len() == 14 { id.get(..9)? } else { id };
    let digits = digits_of(body, 9)?;
    digits_of(id, id.len())?;
    (weighted(&digits[..8], &[8, 9, 2, 3, 4, 5, 6, 7]) % 11 % 10 == digits[8]).then(|| body.to_owned())
}

/// Ten digits; a VAT number has two more.
fn se_blv(id: &str) -> Option<String> {
    let id = if id.len() == 12 { id.strip_suffix("01")? } else { id };
    luhn_of(id, 10)
}

fn no_brc(id: &str) -> Option<String> {
    let id = id.strip_suffix("MVA").unwrap_or(id);
    mod_11(id, &[3, 2, 7, 6, 5, 4, 3, 2])
}

fn lu_vat(id: &str) -> Option<String> {
    let digits = digits_of(id, 8)?;
    (number(&digits[..6]) % 89 == number(&digits[6..])).then(|| id.to_owned())
}

fn ie_vat(id: &str) -> Option<String> {
    let body = digits_of(id.get(..7)?, 7)?;
    let mut letters = id.get(7..)?.chars();
    let check = letters.next()?;
    let value = |letter: char| {
        letter
            .is_ascii_uppercase()
            .then(|| u32::from(letter) - u32::from('A') + 1)
    };
    let more = letters.next().map_or(Some(0), value)?;
    let sum = weighted(&body, &[8, 7, 6, 5, 4, 3, 2]) + 9 * more;
    (value(check)? % 23 == sum % 23 && letters.next().is_none()).then(|| id.to_owned())
}

fn cz_ico(id: &str) -> Option<String> {
    let digits = digits_of(id, 8)?;
    let rest = weighted(&digits[..7], &[8, 7, 6, 5, 4, 3, 2]) % 11;
    ((11 - rest) % 10 == digits[7]).then(|| id.to_owned())
}

fn hu_afa(id: &str) -> Option<String> {
    let id = if id.len() == 11 { id.get(..8)? } else { id };
    mod_10(id, &[9, 7, 3, 1, 9, 7, 3])
}

fn ro_cui(id: &str) -> Option<String> {
    let id = id.strip_prefix("RO").unwrap_or(id);
    let digits = digits(id).filter(|digits| (4..=10).contains(&digits.len()))?;
    let (check, body) = digits.split_last()?;
    (weighted_from_end(body, &[2, 3, 5, 7, 1, 2, 3, 5, 7]) * 10 % 11 % 10 == *check).then(|| id.to_owned())
}

fn bg_eik(id: &str) -> Option<String> {
    let digits = digits_of(id, 9)?;
    let mut rest = weighted(&digits[..8], &[1, 2, 3, 4, 5, 6, 7, 8]) % 11;
    if rest == 10 {
        rest = weighted(&digits[..8], &[3, 4, 5, 6, 7, 8, 9, 10]) % 11 % 10;
    }
    (rest == digits[8]).then(|| id.to_owned())
}

fn gr_afm(id: &str) -> Option<String> {
    let digits = digits_of(id, 9)?;
    (weighted(&digits[..8], &[256, 128, 64, 32, 16, 8, 4, 2]) % 11 % 10 == digits[8]).then(|| id.to_owned())
}

/// Eight digits of a company, or ten of a private entrepreneur.
fn ua_edr(id: &str) -> Option<String> {
    let digits = digits(id)?;
    let (expected, check) = match digits.len() {
        8 => {
            let is_middle = (30_000_000..=60_000_000).contains(&number(&digits));
            let weights: [u32; 7] = if is_middle {
                [7, 1, 2, 3, 4, 5, 6]
            } else {
                [1, 2, 3, 4, 5, 6, 7]
            };
            let mut rest = weighted(&digits, &weights) % 11;
            if rest == 10 {
                rest = weighted(&digits, &weights.map(|weight| weight + 2)) % 11 % 10;
            }
            (rest, digits[7])
        }
        // The first weight is -1, which is 10 of eleven.
        10 => (weighted(&digits, &[10, 5, 7, 9, 4, 6, 10, 5, 7]) % 11 % 10, digits[9]),
        _ => return None,
    };
    (expected == check).then(|| id.to_owned())
}

/// Nine digits, or ten of a person, and a check digit that may be left out from the nine of a company.
fn co_nit(id: &str) -> Option<String> {
    let digits = digits(id)?;
    let (check, body) = digits.split_last()?;
    let is_company = matches!(id.chars().next()?, '8' | '9');
    let rest = weighted_from_end(body, &[3, 7, 13, 17, 19, 23, 29, 37, 41, 43]) % 11;
    let is_checked = *check == if rest < 2 { rest } else { 11 - rest };
    match id.len() {
        10 if is_company && is_checked => id.get(..9).map(str::to_owned),
        9 if is_company => Some(id.to_owned()),
        9 | 11 if is_checked => id.get(..id.len() - 1).map(str::to_owned),
        _ => None,
    }
}

fn py_ruc(id: &str) -> Option<String> {
    let digits = digits(id).filter(|digits| (6..=9).contains(&digits.len()))?;
    let (check, body) = digits.split_last()?;
    let rest = weighted_from_end(body, &[2, 3, 4, 5, 6, 7, 8, 9]) % 11;
    (*check == if rest > 1 { 11 - rest } else { 0 }).then(|| id.to_owned())
}

fn cl_rut(id: &str) -> Option<String> {
    let (body, check) = id.split_at_checked(id.len().checked_sub(1)?)?;
    let body = digits(body).filter(|digits| (7..=8).contains(&digits.len()))?;
    let expected = match 11 - weighted_from_end(&body, &[2, 3, 4, 5, 6, 7, 2, 3]) % 11 {
        11 => "0".to_owned(),
        10 => "K".to_owned(),
        digit => digit.to_string(),
    };
    (check == expected).then(|| id.to_owned())
}

fn br_cnpj(id: &str) -> Option<String> {
    let digits = digits_of(id, 14)?;
    let check = |length: usize| {
        let rest = weighted_from_end(&digits[..length], &[2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5, 6]) % 11;
        if rest < 2 { 0 } else { 11 - rest }
    };
    // Eight digits are the company's, the rest name a branch.
    (check(12) == digits[12] && check(13) == digits[13]).then(|| id[..8].to_owned())
}

/// Twelve letters and digits of a company, thirteen of a person.
fn mx_rfc(id: &str) -> Option<String> {
    const LETTERS: &str = "0123456789ABCDEFGHIJKLMN&OPQRSTUVWXYZ ";
    let padded = match id.len() {
        12 => format!(" {id}"),
        13 => id.to_owned(),
        _ => return None,
    };
    let values: Vec<usize> = padded
        .chars()
        .map(|letter| LETTERS.find(letter))
        .collect::<Option<_>>()?;
    let sum: usize = values[..12]
        .iter()
        .zip((2..=13).rev())
        .map(|(value, weight)| value * weight)
        .sum();
    let expected = match 11 - sum % 11 {
        11 => 0,
        digit => digit,
    };
    (expected == values[12]).then(|| id.to_owned())
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

    #[test]
    fn every_other_name_belongs_to_a_register() {
        for (code, names) in NAMES {
            assert!(
                REGISTERS.iter().any(|Register(register, ..)| register == code),
                "{code}"
            );
            assert!(names.iter().all(|name| compact(name) == name.trim_end_matches('*')));
        }
    }
}
