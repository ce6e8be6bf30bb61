//! What the tender is about, in codes: what is bought and where, and the codes above them.

use std::collections::HashSet;

use ::classification::{Code, Scheme};
use entities::{classification, code_tender, party, tender_code};
use foldhash::fast::RandomState;

use super::address::{region_of, region_of_party};
use super::identity::position;
use super::{Process, Rows};
use crate::published::Published;

/// The longest scheme or code that gets a row, in bytes: an index entry has to fit a page of the database.
const LONGEST: usize = 500;

/// The codes of the tender and its items, then those of the regions to which it delivers. Where no region of delivery has
/// a code, the region of the buyer (`buyer`: the parties that are taken for it) stands in.
pub(super) fn classifications<'p>(
    process: &Process,
    mut buyer: impl Iterator<Item = &'p party::Model>,
    rows: &mut Rows,
) {
    let mut codes = Codes {
        process,
        seen: HashSet::default(),
        above: HashSet::default(),
        rows,
    };
    let items = || process.tender.objects("items").map(|(_, item)| item);
    let sections = || std::iter::once(process.tender).chain(items());
    sections().for_each(|section| codes.classified(section));
    sections().for_each(|section| codes.delivered(section));
    if !codes.above.iter().any(|(scheme, _)| *scheme == Scheme::Nuts) {
        codes.region(buyer.find_map(region_of_party));
    }
}

struct Codes<'p> {
    process: &'p Process<'p>,
    seen: HashSet<(String, String), RandomState>,
    above: HashSet<(Scheme, String), RandomState>,
    rows: &'p mut Rows,
}

impl Codes<'_> {
    /// The classification of the tender or an item, and the additional ones.
    fn classified(&mut self, section: Published) {
        self.published(section.get("classification"));
        for (_, said) in section.references("additionalClassifications") {
            self.published(said);
        }
    }

    /// The regions to which the tender or an item delivers, from addresses and from gazetteers.
    fn delivered(&mut self, section: Published) {
        let many = section.references("deliveryAddresses").map(|(_, address)| address);
        for address in std::iter::once(section.get("deliveryAddress")).chain(many) {
            self.region(region_of(address));
        }
        let many = section.references("deliveryLocations").map(|(_, location)| location);
        for location in std::iter::once(section.get("deliveryLocation")).chain(many) {
            let gazetteer = location.get("gazetteer");
            let scheme = gazetteer.text("scheme").and_then(|name| Scheme::from_name(&name));
            if scheme == Some(Scheme::Nuts) {
                for identifier in gazetteer.texts("identifiers") {
                    self.region(Code::parse(Scheme::Nuts, &identifier));
                }
            }
        }
    }

    fn published(&mut self, said: Published) {
        let Some(code) = said.text("id") else { return };
        self.add(said.text("scheme").unwrap_or_default(), code, said.text("description"));
    }

    fn region(&mut self, region: Option<Code>) {
        if let Some(region) = region {
            self.add(Scheme::Nuts.name().to_owned(), region.to_string(), None);
        }
    }

    fn add(&mut self, scheme: String, code: String, label: Option<String>) {
        let fits = code.len() <= LONGEST && scheme.len() <= LONGEST;
        if !fits || !self.seen.insert((scheme.clone(), code.clone())) {
            return;
        }
        if let Some(scheme) = Scheme::from_name(&scheme) {
            self.ancestors(scheme, &code);
        }
        self.rows.classifications.push(&classification::Model {
            tender_id: self.process.key,
            scheme,
            code,
            position: position(self.seen.len() - 1),
            label,
        });
    }

    /// The rows under which a code is found: its own and one for each code it begins with, issued or not, so that a row
    /// stays right whichever codes an edition has. What has not the shape of a code is found under itself.
    fn ancestors(&mut self, scheme: Scheme, text: &str) {
        match Code::parse(scheme, text) {
            Some(code) => code.path().for_each(|above| self.ancestor(scheme, above.key())),
            None => self.ancestor(scheme, text),
        }
    }

    fn ancestor(&mut self, scheme: Scheme, code: &str) {
        if self.above.insert((scheme, code.to_owned())) {
            self.rows.tender_codes.push(&tender_code::Model {
                tender_id: self.process.key,
                scheme: scheme.name().to_owned(),
                code: code.to_owned(),
            });
            self.rows.code_tenders.push(&code_tender::Model {
                code: code.to_owned(),
                scheme: scheme.name().to_owned(),
                published_at: self.process.published_at,
                tender_id: self.process.key,
            });
        }
    }
}
