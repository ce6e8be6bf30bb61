//! From a piece of input to OCDS releases. From here on there is one language.

pub(crate) mod ocds;
