//! Codes in any spelling, as the one thing they mean.

use std::fmt;

use crate::list;
use crate::tree;

/// A classification scheme whose codes are a tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Scheme {
    /// Common Procurement Vocabulary, version 2008: what is bought.
    Cpv,
    /// Nomenclature of territorial units for statistics: where.
    Nuts,
}

impl Scheme {
    /// Every scheme.
    pub const ALL: [Self; 2] = [Self::Cpv, Self::Nuts];

    /// The name of the scheme in OCDS: `CPV`, `NUTS`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Cpv => "CPV",
            Self::Nuts => "NUTS",
        }
    }

    /// The scheme with this name, in capitals or not.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|scheme| scheme.name().eq_ignore_ascii_case(name.trim()))
    }

    /// The most symbols that tell codes apart.
    const fn longest(self) -> usize {
        match self {
            Self::Cpv => 8,
            Self::Nuts => 5,
        }
    }
}

/// Symbols of the shortest code: a division of CPV, a country of NUTS.
const SHORTEST: usize = 2;

/// A code of a scheme, issued or not, reduced to the symbols that matter: a code stands below another if it begins with it.
///
/// The order of codes is that of the tree: each is followed by all that is below it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Code {
    scheme: Scheme,
    /// ASCII letters and digits, filled up with zero bytes.
    symbols: [u8; 8],
    length: u8,
}

impl Code {
    /// Reads a code in any spelling; `None` if it has not the shape of one.
    ///
    /// - CPV: `72`, `72000000`, `72000000-5` and `72000000.5` are one. Zeros at the end stand for "everything below".
    ///   The check digit follows no rule (the lists print it), so a wrong one does not matter.
    /// - NUTS: two letters for the country and up to three letters or digits: `NL`, `NL32`, `nl321`. Greece was `GR` in
    ///   the first editions and is `EL` since.
    #[must_use]
    pub fn parse(scheme: Scheme, text: &str) -> Option<Self> {
        match scheme {
            Scheme::Cpv => parse_cpv(text.trim()),
            Scheme::Nuts => parse_nuts(text.trim()),
        }
    }

    /// The code of these symbols, of which there are neither too few nor too many.
    fn of(scheme: Scheme, significant: &[u8]) -> Self {
        let mut symbols = [0; 8];
        symbols[..significant.len()].copy_from_slice(significant);
        Self {
            scheme,
            symbols,
            length: u8::try_from(significant.len()).unwrap_or(u8::MAX),
        }
    }

    /// Its scheme.
    #[must_use]
    pub const fn scheme(&self) -> Scheme {
        self.scheme
    }

    /// The symbols that matter: `72` for `72000000-5`, `NL32`. All codes below begin with them.
    #[must_use]
    pub fn key(&self) -> &str {
        std::str::from_utf8(self.significant()).unwrap_or_default()
    }

    /// How deep the scheme counts it. CPV: 1 for a division, 2 for a group, 3 for a class, 4 for a category, up to 7. NUTS:
    /// 0 for a country, up to 3.
    #[must_use]
    pub const fn level(&self) -> usize {
        match self.scheme {
            Scheme::Cpv => self.length as usize - 1,
            Scheme::Nuts => self.length as usize - SHORTEST,
        }
    }

    /// Whether it is this code or stands below it.
    #[must_use]
    pub fn is_within(&self, other: &Self) -> bool {
        self.scheme == other.scheme && self.significant().starts_with(other.significant())
    }

    /// Every code from the top of the tree down to itself, issued or not: `72`, `722`, `7226` for `72260000`.
    #[must_use]
    pub fn path(&self) -> impl DoubleEndedIterator<Item = Self> + use<> {
        let code = *self;
        (SHORTEST..=code.significant().len()).map(move |length| Self::of(code.scheme, &code.symbols[..length]))
    }

    fn significant(&self) -> &[u8] {
        &self.symbols[..usize::from(self.length)]
    }
}

/// As the official list writes it: `72000000-5`, `NL32`. A CPV code that was never issued has no check digit.
impl fmt::Display for Code {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.scheme == Scheme::Nuts {
            return formatter.write_str(self.key());
        }
        write!(formatter, "{:0<8}", self.key())?;
        match tree::find(*self).and_then(list::check_digit) {
            Some(digit) => write!(formatter, "-{digit}"),
            None => Ok(()),
        }
    }
}

fn parse_cpv(text: &str) -> Option<Code> {
    let (digits, check) = text.split_once(['-', '.', '/']).unwrap_or((text, ""));
    let (digits, check) = (digits.trim_end().as_bytes(), check.trim_start().as_bytes());
    let fits = (SHORTEST..=Scheme::Cpv.longest()).contains(&digits.len()) && check.len() <= 1;
    if !fits || !digits.iter().chain(check).all(u8::is_ascii_digit) {
        return None;
    }
    let zeros = digits.iter().rev().take_while(|digit| **digit == b'0').count();
    Some(Code::of(Scheme::Cpv, &digits[..(digits.len() - zeros).max(SHORTEST)]))
}

fn parse_nuts(text: &str) -> Option<Code> {
    let symbols = text.to_ascii_uppercase();
    let (country, region) = symbols.as_bytes().split_at_checked(SHORTEST)?;
    let fits = symbols.len() <= Scheme::Nuts.longest() && country.iter().all(u8::is_ascii_uppercase);
    if !fits || !region.iter().all(u8::is_ascii_alphanumeric) {
        return None;
    }
    let country = if country == b"GR" { b"EL" } else { country };
    Some(Code::of(Scheme::Nuts, &[country, region].concat()))
}
