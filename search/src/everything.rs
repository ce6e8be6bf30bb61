//! One box for everything: tenders, buyers, suppliers and classifications in one order, and completions while typing.
//!
//! Scores of different kinds are made comparable: an organisation or a classification scores by how much of its name was
//! typed, up to 1 for all of it; the best tender scores 0.9, and the others as much less as they match less.

use classification::{Entry, Scheme};
use uuid::Uuid;

use crate::collect::{Page, Place, bits, score};
use crate::error::Result;
use crate::filter::Filter;
use crate::highlight::{Excerpt, Highlighter};
use crate::matching::{Matched, Matching, Meaning, Places};
use crate::organizations::Role;
use crate::snapshot::Snapshot;
use crate::tenders::{FoundTender, Question};
use crate::text::{Part, Text};
use crate::words::{Words, folded};

/// A kind of thing that is searched. Of equally good matches the one whose kind is listed first comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// An organisation that buys.
    Buyer,
    /// An organisation that supplies.
    Supplier,
    /// A code of CPV or NUTS.
    Classification,
    /// A contracting process.
    Tender,
}

impl Kind {
    /// All kinds.
    pub const ALL: [Self; 4] = [Self::Buyer, Self::Supplier, Self::Classification, Self::Tender];
}

/// The score of the best tender, and of a classification all of whose label was typed.
const BEST_TENDER: f32 = 0.9;
const BEST_CLASSIFICATION: f32 = 0.8;
/// How many tenders are looked at for each title that is suggested.
const TITLES_FOR_ONE: usize = 3;

/// What was found.
#[derive(Clone, Copy, Debug)]
pub struct Thing {
    /// What kind of thing it is.
    pub kind: Kind,
    /// Its key; of a classification, a hash of its code.
    pub id: Uuid,
    /// The code, of a classification.
    pub entry: Option<Entry>,
    /// How well it matches, from 0 to 1.
    pub score: f32,
    tender: Option<FoundTender>,
    address: Option<tantivy::DocAddress>,
}

/// The place of a thing among all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ThingPlace {
    /// The bits of its score.
    pub score: i64,
    /// Its kind.
    pub kind: Kind,
    /// Its key.
    pub id: Uuid,
}

/// A page of things.
#[derive(Clone, Debug, Default)]
pub struct Things {
    /// The things, best first.
    pub things: Vec<Thing>,
    /// Whether there are more.
    pub has_more: bool,
    /// How many there are.
    pub count: u64,
}

/// A completion of what is being typed.
#[derive(Clone, Debug)]
pub struct Suggestion {
    /// What it is.
    pub thing: Thing,
    /// What would be typed: a name, a label or a title.
    pub text: String,
    /// The same as HTML, in which `<em>` stands around what was typed.
    pub html: String,
}

impl Thing {
    /// Its place among all.
    #[must_use]
    pub fn place(&self) -> ThingPlace {
        ThingPlace {
            score: bits(self.score),
            kind: self.kind,
            id: self.id,
        }
    }
}

impl Snapshot {
    /// The things of these kinds that match a text, best first. Labels of classifications are read in `language`.
    ///
    /// # Errors
    /// If the index is damaged.
    pub fn everything(
        &self,
        text: &Text,
        kinds: &[Kind],
        language: &str,
        size: usize,
        after: Option<ThingPlace>,
    ) -> Result<Things> {
        let mut found = Things::default();
        for &kind in kinds {
            let page = Page {
                size,
                backward: false,
                after: after.map(|after| after.in_kind(kind)),
                before: None,
            };
            match kind {
                Kind::Tender => self.add_tenders(text, page, &mut found)?,
                Kind::Buyer => self.add_organizations(text, Role::Buyer, page, &mut found)?,
                Kind::Supplier => self.add_organizations(text, Role::Supplier, page, &mut found)?,
                Kind::Classification => add_classifications(text, language, &page, &mut found),
            }
        }
        found.sort_and_cut(size);
        Ok(found)
    }

    fn add_tenders(&self, text: &Text, page: Page, found: &mut Things) -> Result<()> {
        let filter = by_words(text);
        let Some(factor) = self.factor(&filter)? else {
            return Ok(());
        };
        let tenders = self.weighted_tenders(&filter, page, factor)?;
        found.count += tenders.count.unwrap_or_default();
        found.has_more |= tenders.has_more;
        found.things.extend(tenders.tenders.into_iter().map(|tender| Thing {
            kind: Kind::Tender,
            id: tender.place.id,
            entry: None,
            score: tender.score.unwrap_or_default(),
            tender: Some(tender),
            address: None,
        }));
        Ok(())
    }

    /// What makes the score of the best tender that of the best among all things; `None` if there is no tender.
    fn factor(&self, filter: &Filter) -> Result<Option<f32>> {
        let first = Page {
            size: 1,
            backward: false,
            after: None,
            before: None,
        };
        let best = self.tenders(&Question::best(filter, first))?.tenders;
        let best = best.first().and_then(|tender| tender.score);
        Ok(best.filter(|best| *best > 0.0).map(|best| BEST_TENDER / best))
    }

    /// The place in this state of a thing that had this one in another: scores of tenders depend on all tenders. What no
    /// longer matches keeps the place it had.
    ///
    /// # Errors
    /// If the index is damaged.
    pub fn place_now(&self, text: &Text, place: ThingPlace) -> Result<ThingPlace> {
        if place.kind != Kind::Tender {
            return Ok(place);
        }
        let filter = by_words(text);
        let now = self.place_by_relevance(&filter, place.id)?;
        let (Some(factor), Some(now)) = (self.factor(&filter)?, now.and_then(|now| now.value)) else {
            return Ok(place);
        };
        Ok(ThingPlace {
            score: bits(score(now) * factor),
            ..place
        })
    }

    fn add_organizations(&self, text: &Text, role: Role, page: Page, found: &mut Things) -> Result<()> {
        let organizations = self.organizations(text, role, page)?;
        found.count += organizations.count;
        found.has_more |= organizations.has_more;
        found
            .things
            .extend(organizations.organizations.into_iter().map(|organization| Thing {
                kind: match role {
                    Role::Buyer => Kind::Buyer,
                    Role::Supplier => Kind::Supplier,
                },
                id: organization.place.id,
                entry: None,
                score: organization.score,
                tender: None,
                address: Some(organization.address),
            }));
        Ok(())
    }

    /// Titles that the text may be typed for. The same title is often published again and again.
    fn add_titles(&self, text: &Text, most: usize, found: &mut Things) -> Result<()> {
        let page = Page {
            size: most * TITLES_FOR_ONE,
            backward: false,
            after: None,
            before: None,
        };
        let tenders = self.titled(text, page)?.tenders;
        let best = tenders.first().and_then(|tender| tender.score).unwrap_or_default();
        found.things.extend(tenders.into_iter().map(|tender| Thing {
            kind: Kind::Tender,
            id: tender.place.id,
            entry: None,
            score: tender.score.unwrap_or_default() / best.max(f32::MIN_POSITIVE) * BEST_TENDER,
            tender: Some(tender),
            address: None,
        }));
        Ok(())
    }

    /// What finds a text in things of a kind.
    ///
    /// # Errors
    /// If the index is damaged.
    pub fn highlighter_of(&self, text: &Text, kind: Kind) -> Result<Highlighter> {
        match kind {
            Kind::Tender => highlighter_in(text, &self.tender_places()),
            Kind::Buyer | Kind::Supplier => highlighter_in(text, &self.organization_places()),
            Kind::Classification => Ok(of_labels(text)),
        }
    }

    /// Where in a thing the text was found, by the highlighter of its kind. The description of a tender is not kept in the
    /// index.
    ///
    /// # Errors
    /// If the index is damaged.
    pub fn excerpts_of(
        &self,
        highlighter: &Highlighter,
        thing: &Thing,
        description: Option<&str>,
        language: &str,
    ) -> Result<Vec<Excerpt>> {
        if let Some(tender) = &thing.tender {
            return self.excerpts(highlighter, tender, description);
        }
        let (field, name) = match (thing.entry, thing.address) {
            (Some(entry), _) => ("label", entry.label(language).to_owned()),
            (None, Some(address)) => ("name", self.organization_name(address)?),
            (None, None) => return Ok(Vec::new()),
        };
        let excerpt = highlighter.excerpt(field, std::iter::once(name.as_str()), None);
        Ok(excerpt.into_iter().collect())
    }

    /// Completions of a text that is being typed, best first, each text once for its kind.
    ///
    /// # Errors
    /// If the index is damaged.
    pub fn suggest(&self, text: &Text, kinds: &[Kind], language: &str, most: usize) -> Result<Vec<Suggestion>> {
        let page = Page {
            size: most,
            backward: false,
            after: None,
            before: None,
        };
        let mut suggestions = Vec::new();
        for &kind in kinds {
            let mut found = Things::default();
            let highlighter = match kind {
                Kind::Tender => {
                    self.add_titles(text, most, &mut found)?;
                    highlighter_in(text, &self.title_places())?
                }
                Kind::Buyer | Kind::Supplier => {
                    let role = if kind == Kind::Buyer {
                        Role::Buyer
                    } else {
                        Role::Supplier
                    };
                    self.add_organizations(text, role, page, &mut found)?;
                    highlighter_in(text, &self.organization_places())?
                }
                Kind::Classification => {
                    add_classifications(text, language, &page, &mut found);
                    of_labels(text)
                }
            };
            let mut of_kind: Vec<Suggestion> = Vec::new();
            for thing in found.things {
                let name = match (thing.entry, thing.address, &thing.tender) {
                    (Some(entry), ..) => entry.label(language).to_owned(),
                    (None, Some(address), _) => self.organization_name(address)?,
                    (None, None, Some(tender)) => self.title(tender)?.unwrap_or_default(),
                    (None, None, None) => continue,
                };
                if of_kind.len() < most && !of_kind.iter().any(|other| other.text == name) {
                    of_kind.push(Suggestion {
                        thing,
                        html: highlighter.whole(&name),
                        text: name,
                    });
                }
            }
            suggestions.append(&mut of_kind);
        }
        suggestions.sort_by(|one, other| one.thing.order(&other.thing));
        suggestions.truncate(most);
        Ok(suggestions)
    }
}

impl ThingPlace {
    /// What comes after this place among the things of one kind.
    fn in_kind(self, kind: Kind) -> Place {
        // Of equal scores, those with greater keys come first.
        let id = match kind.cmp(&self.kind) {
            std::cmp::Ordering::Less => Uuid::nil(),
            std::cmp::Ordering::Equal => self.id,
            std::cmp::Ordering::Greater => Uuid::max(),
        };
        Place {
            value: Some(self.score),
            id,
        }
    }
}

impl Thing {
    fn order(&self, other: &Self) -> std::cmp::Ordering {
        let (one, other) = (self.place(), other.place());
        other
            .score
            .cmp(&one.score)
            .then(one.kind.cmp(&other.kind))
            .then(other.id.cmp(&one.id))
    }
}

impl Things {
    fn sort_and_cut(&mut self, size: usize) {
        self.things.sort_by(Thing::order);
        self.has_more |= self.things.len() > size;
        self.things.truncate(size);
    }
}

/// The tenders that match a text.
fn by_words(text: &Text) -> Filter {
    Filter {
        text: Some(text.clone()),
        ..Filter::default()
    }
}

/// Classifications are few, and searched in their own lists.
fn add_classifications(text: &Text, language: &str, page: &Page, found: &mut Things) {
    let typed: Vec<&str> = text.words().collect();
    let searched = typed.join(" ");
    let mut things: Vec<Thing> = Vec::new();
    for scheme in Scheme::ALL {
        let entries = classification::search(scheme, &searched, language);
        things.extend(
            entries
                .into_iter()
                .map(|entry| classification(entry, language, typed.len())),
        );
    }
    found.count += things.len() as u64;
    if let Some(after) = page.after {
        let is_after = |thing: &Thing| (Some(bits(thing.score)), thing.id) < (after.value, after.id);
        things.retain(is_after);
    }
    things.sort_by(Thing::order);
    found.has_more |= things.len() > page.size;
    things.truncate(page.size);
    found.things.append(&mut things);
}

fn classification(entry: Entry, language: &str, typed: usize) -> Thing {
    let length = Words::of(entry.label(language)).count().max(typed).max(1);
    let code = entry.code();
    #[expect(clippy::cast_precision_loss, reason = "labels have a few words")]
    let coverage = typed as f32 / length as f32;
    Thing {
        kind: Kind::Classification,
        id: entities::key::part("classification", Uuid::nil(), &[entry.scheme().name(), code.key()]),
        entry: Some(entry),
        score: score(bits(coverage * BEST_CLASSIFICATION)),
        tender: None,
        address: None,
    }
}

fn highlighter_in(text: &Text, places: &Places<'_>) -> Result<Highlighter> {
    Ok(Highlighter::new([Matching::new(text, places)?]))
}

/// What finds in labels what was typed: each word may be the beginning of one.
fn of_labels(text: &Text) -> Highlighter {
    let meaning = |word: &str| {
        Matched::Word(Meaning {
            stems: Vec::new(),
            word: folded(word),
            is_beginning: true,
            near: Vec::new(),
        })
    };
    let parts = text.words().map(meaning).collect();
    Highlighter::new([Matching { parts }])
}

impl Text {
    /// All its words.
    fn words(&self) -> impl Iterator<Item = &str> {
        self.parts.iter().flat_map(|part| match part {
            Part::Word { word, .. } => std::slice::from_ref(word).iter().map(String::as_str),
            Part::Phrase(words) => words.iter().map(String::as_str),
        })
    }
}
