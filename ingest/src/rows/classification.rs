//! What the tender is about, in codes, and the codes above them.

use std::collections::HashSet;

use entities::{classification, classification_ancestor};

use super::identity::position;
use super::{Process, Rows};
use crate::published::Published;

/// The longest scheme or code that gets a row, in bytes: an index entry has to fit a page of the database.
const LONGEST: usize = 500;
/// The one scheme that is a tree and known to be.
const CPV: &str = "CPV";

pub(super) fn classifications(process: &Process, rows: &mut Rows) {
    let mut codes = Codes {
        process,
        seen: HashSet::new(),
        above: HashSet::new(),
        rows,
    };
    codes.of(process.tender);
    for (_, item) in process.tender.objects("items") {
        codes.of(item);
    }
}

struct Codes<'p> {
    process: &'p Process<'p>,
    seen: HashSet<(String, String)>,
    above: HashSet<String>,
    rows: &'p mut Rows,
}

impl Codes<'_> {
    /// The classification of the tender or an item, and the additional ones.
    fn of(&mut self, section: Published) {
        self.code(section.get("classification"));
        for (_, said) in section.references("additionalClassifications") {
            self.code(said);
        }
    }

    fn code(&mut self, said: Published) {
        let Some(code) = said.text("id") else { return };
        let scheme = said.text("scheme").unwrap_or_default();
        let fits = code.len() <= LONGEST && scheme.len() <= LONGEST;
        if !fits || !self.seen.insert((scheme.clone(), code.clone())) {
            return;
        }
        if scheme.eq_ignore_ascii_case(CPV) {
            self.ancestors(&code);
        }
        self.rows.classifications.push(classification::Model {
            tender_id: self.process.key,
            scheme,
            code,
            position: position(self.seen.len() - 1),
            label: said.text("description"),
        });
    }

    fn ancestors(&mut self, code: &str) {
        for prefix in cpv_prefixes(code) {
            if self.above.insert(prefix.to_owned()) {
                self.rows.classification_ancestors.push(classification_ancestor::Model {
                    tender_id: self.process.key,
                    scheme: CPV.to_owned(),
                    code: prefix.to_owned(),
                    published_at: self.process.published_at,
                });
            }
        }
    }
}

/// The significant digits of a CPV code and of all codes above it: `72260000-5` is below `72`, `722` and `7226`. Nothing
/// if it is no CPV code. The check digit does not count.
fn cpv_prefixes(code: &str) -> impl Iterator<Item = &str> {
    let digits = code.split('-').next().unwrap_or_default().trim();
    let is_code = (2..=8).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit());
    let significant = if is_code {
        digits.trim_end_matches('0').len().max(2)
    } else {
        0
    };
    (2..=significant).map(move |length| &digits[..length])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_stands_below_its_prefixes() {
        for (code, expected) in [
            ("72260000-5", &["72", "722", "7226"][..]),
            ("72000000", &["72"]),
            ("30000000-9", &["30"]),
            ("03", &["03"]),
            ("4521", &["45", "452", "4521"]),
            ("7", &[]),
            ("722600001", &[]),
            ("ДК 72", &[]),
            ("", &[]),
        ] {
            assert_eq!(cpv_prefixes(code).collect::<Vec<_>>(), expected, "{code}");
        }
    }
}
