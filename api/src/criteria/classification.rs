//! Classification schemes and their codes, as people write them.

use async_graphql::Enum;
use classification::{Code, Scheme};

use crate::error::{Error, Result};

/// A classification scheme that the hub knows as a tree, with labels.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[graphql(remote = "Scheme")]
pub enum ClassificationScheme {
    /// Common Procurement Vocabulary, version 2008: what is bought. 45 divisions with 9,454 codes.
    Cpv,
    /// Regions of Europe, the NUTS edition of 2024: where. 39 countries with 2,087 codes.
    Nuts,
}

/// Reads a code in any spelling.
pub fn read(scheme: Scheme, code: &str, argument: &str) -> Result<Code> {
    Code::parse(scheme, code).ok_or_else(|| {
        let hint = match scheme {
            Scheme::Cpv => "is no CPV code; write its digits, such as \"72\" or \"72000000-5\"",
            Scheme::Nuts => {
                "is no NUTS code; write two letters for the country and up to three more signs, such as \"NL\" or \"NL32\""
            }
        };
        Error::bad_input(argument, format!("{code:?} {hint}"))
    })
}
