//! What can be odd about a release, and how often it was.

use std::collections::BTreeMap;

/// Declares the oddities: the variants, their stable names, and whether they are understood.
macro_rules! oddities {
    ($($(#[$doc:meta])* $variant:ident = $name:literal $is_understood:literal;)+) => {
        /// Something that publishers write and the standard does not foresee. Its name is stable: reports of loads are kept.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Oddity { $($(#[$doc])* $variant),+ }

        impl Oddity {
            /// Every oddity.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The name that reports show.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $name),+ }
            }

            /// Whether it can mean one thing alone, and is taken for that.
            #[must_use]
            pub const fn is_understood(self) -> bool {
                match self { $(Self::$variant => $is_understood),+ }
            }
        }
    };
}

oddities! {
    /// A release of OCDS 1.0. It is upgraded before it is merged, also where it is taken as published.
    Ocds1_0 = "ocds_1_0" true;
    /// A text with nothing in it but white space: as if it were not there.
    BlankText = "blank_text" true;
    /// A number where an identifier, a text, is asked for.
    NumberAsId = "number_as_id" true;
    /// A single text as the `tag` of a release, which is a list.
    TextAsTag = "text_as_tag" true;
    /// A number written as text.
    TextAsNumber = "text_as_number" true;
    /// A number as text with marks between its digits, such as `30,579,570`.
    NumberWithMarks = "number_with_marks" true;
    /// A number that could be two, or is none.
    UnclearNumber = "unclear_number" false;
    /// A currency code in small letters.
    CurrencyInSmallLetters = "currency_in_small_letters" true;
    /// A currency by its name instead of its code.
    CurrencyByName = "currency_by_name" true;
    /// A currency that is neither a code nor a name of one currency alone.
    UnclearCurrency = "unclear_currency" false;
    /// A date without a time.
    DateWithoutTime = "date_without_time" true;
    /// A date and time without a zone, taken for UTC.
    DateWithoutZone = "date_without_zone" true;
    /// A date and time that is nearly what RFC 3339 asks for.
    DateInSimilarForm = "date_in_similar_form" true;
    /// A date such as `31/12/2017`.
    DateWithSlashes = "date_with_slashes" true;
    /// A date that could be two, or is none.
    UnclearDate = "unclear_date" false;
    /// A code of the standard in other letters, such as `Active`.
    CodeInOtherLetters = "code_in_other_letters" true;
    /// A text with entities of HTML, such as `&amp;`.
    HtmlEntity = "html_entity" true;
    /// An object where a list of objects is asked for.
    ObjectForList = "object_for_list" true;
    /// A list of one object where an object is asked for.
    ListForObject = "list_for_object" true;
    /// An object where the identifier of a lot is asked for.
    ObjectAsReference = "object_as_reference" true;
}

/// How often each oddity was met.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    counts: BTreeMap<Oddity, u64>,
    has_changes: bool,
}

impl Tally {
    /// The oddities that were met, and how often.
    pub fn counts(&self) -> impl Iterator<Item = (Oddity, u64)> + '_ {
        self.counts.iter().map(|(oddity, count)| (*oddity, *count))
    }

    /// Whether the release is another one than before.
    #[must_use]
    pub fn has_changes(&self) -> bool {
        self.has_changes
    }

    pub(super) fn count(&mut self, oddity: Oddity) {
        *self.counts.entry(oddity).or_default() += 1;
    }

    /// Counts an oddity for which the release is changed.
    pub(super) fn change(&mut self, oddity: Oddity) {
        self.count(oddity);
        self.has_changes = true;
    }
}
