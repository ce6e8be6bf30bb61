//! Searching organisations by their names and numbers.

use tantivy::columnar::Column;
use tantivy::query::{BooleanQuery, Query};
use tantivy::schema::Value as _;
use tantivy::{DocAddress, DocId, TantivyDocument};

use crate::collect::{Gathering, Page, Place, Visitor, bits, score, visit};
use crate::document::{BUYER, SUPPLIER};
use crate::error::Result;
use crate::fields::ORGANIZATION;
use crate::matching::{Matching, Places, constant, term};
use crate::ranking::Scores;
use crate::snapshot::{OrganizationColumns, Snapshot};
use crate::text::Text;

/// What an organisation does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Role {
    /// It buys.
    Buyer,
    /// It supplies.
    Supplier,
}

impl Role {
    const fn name(self) -> &'static str {
        match self {
            Self::Buyer => BUYER,
            Self::Supplier => SUPPLIER,
        }
    }
}

/// The organisations of a page.
#[derive(Debug, Default)]
pub(crate) struct FoundOrganizations {
    pub organizations: Vec<FoundOrganization>,
    pub has_more: bool,
    pub count: u64,
}

/// An organisation of a page.
#[derive(Clone, Copy, Debug)]
pub(crate) struct FoundOrganization {
    pub place: Place,
    pub score: f32,
    pub address: DocAddress,
}

/// What part of the score being named often makes; being named exactly so makes the rest.
const POPULARITY: f32 = 0.1;
/// Named so often, an organisation is as well known as can be.
const WELL_KNOWN: f32 = 10_000.0;

impl Snapshot {
    /// The organisations in a role that a text names, those first whose name is just that.
    pub(crate) fn organizations(&self, text: &Text, role: Role, page: Page) -> Result<FoundOrganizations> {
        let places = self.organization_places();
        let named = Matching::new(text, &places)?.ranked(&places)?.query();
        let query: Box<dyn Query> = Box::new(BooleanQuery::intersection(vec![
            named,
            constant(term(ORGANIZATION.roles, role.name()), 0.0),
        ]));
        let mut walk = Walk {
            columns: &self.organization_columns,
            segment: 0,
            words: text.length(),
            count: 0,
            gathering: Gathering::new(page, true),
        };
        visit(&self.organizations, query.as_ref(), &mut walk)?;
        let gathered = walk.gathering.finish();
        let organizations = gathered.matches.iter().map(|found| FoundOrganization {
            place: found.place,
            score: found.place.value.map(score).unwrap_or_default(),
            address: found.address,
        });
        Ok(FoundOrganizations {
            organizations: organizations.collect(),
            has_more: gathered.has_more,
            count: walk.count,
        })
    }

    /// The name of an organisation.
    pub(crate) fn organization_name(&self, address: DocAddress) -> Result<String> {
        let document: TantivyDocument = self.organizations.doc(address)?;
        let name = document.get_first(ORGANIZATION.name).and_then(|value| value.as_str());
        Ok(name.unwrap_or_default().to_owned())
    }

    /// Where the words of organisations are looked for.
    pub(crate) fn organization_places(&self) -> Places<'_> {
        Places {
            searcher: &self.organizations,
            stems: None,
            exact: ORGANIZATION.words,
            aliases: Some(ORGANIZATION.aliases),
            title: None,
        }
    }
}

/// A walk through all organisations that match.
struct Walk<'s> {
    columns: &'s [OrganizationColumns],
    segment: usize,
    /// How many words were searched for.
    words: usize,
    count: u64,
    gathering: Gathering,
}

impl Visitor for Walk<'_> {
    fn enter(&mut self, segment: usize) {
        self.segment = segment;
    }

    fn meet(&mut self, document: DocId, _: Option<&mut Scores>) {
        self.count += 1;
        let columns = &self.columns[self.segment];
        let first = |column: &Option<Column<u64>>| column.as_ref().and_then(|column| column.first(document));
        let length = first(&columns.length).unwrap_or_default();
        let mentions = first(&columns.mentions).unwrap_or_default();
        let segment = u32::try_from(self.segment).unwrap_or(u32::MAX);
        self.gathering.add(
            Some(bits(likeness(self.words, length, mentions))),
            DocAddress::new(segment, document),
            || columns.key.of(document),
        );
    }
}

/// How well a name of so many words fits a text of so many words that are all found in it, from 0 to 1.
#[expect(
    clippy::cast_precision_loss,
    reason = "these are small numbers, and the result is a rough one"
)]
fn likeness(searched: usize, length: u64, mentions: u64) -> f32 {
    let coverage = searched as f32 / (length as f32).max(searched as f32).max(1.0);
    let popularity = ((1.0 + mentions as f32).ln() / WELL_KNOWN.ln()).min(1.0);
    coverage * (1.0 - POPULARITY + POPULARITY * popularity)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_itself_comes_before_longer_names_however_well_known_they_are() {
        assert!(likeness(2, 2, 1) > likeness(2, 3, 1_000_000));
        assert!(likeness(2, 2, 50) > likeness(2, 2, 5));
        for (searched, length, mentions) in [(0, 0, 0), (3, 1, 0), (1, 9, u64::MAX)] {
            assert!((0.0..=1.0).contains(&likeness(searched, length, mentions)));
        }
    }
}
