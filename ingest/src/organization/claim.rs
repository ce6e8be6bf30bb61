//! What a party claims to be. Parties that say the same make one claim, and claims are what organisations are made of.
//!
//! A claim depends on the party alone, so its key is known before anything is asked of the database.

use entities::value::code::ClaimKind;
use entities::{key, organization_claim};
use sea_orm::prelude::Uuid;
use serde::{Deserialize, Serialize};

use super::register::{self, Number};
use super::{Link, name, place, word};

/// The most identifiers that are taken from one party.
const MOST_IDENTIFIERS: usize = 20;

/// What a party says about who it is.
pub(crate) struct Evidence<'p> {
    /// Schemes and numbers of registers, the main one first.
    pub identifiers: Vec<Identifier>,
    /// Its name.
    pub name: &'p str,
    /// Its town.
    pub locality: Option<&'p str>,
    /// ISO 3166-1 alpha-2 code.
    pub country: Option<&'p str>,
    /// Who published it: the prefix of the ocid, or else the source.
    pub publisher: &'p str,
    /// The process that names it.
    pub ocid: &'p str,
    /// What tells it apart within the process: its `id`, or its place in the list.
    pub own: &'p str,
}

/// An entry in a register, as published.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub(crate) struct Identifier {
    /// The register; empty if it was not named.
    pub scheme: String,
    /// The number in it.
    pub id: String,
}

impl Identifier {
    /// Whether there is a number, and not an empty form.
    pub fn says_something(&self) -> bool {
        let mut letters = self.id.chars().filter(|letter| letter.is_alphanumeric());
        let Some(first) = letters.next() else { return false };
        let (mut count, mut is_repetition) = (1, true);
        for letter in letters {
            count += 1;
            is_repetition &= letter == first;
        }
        // A single digit can be the number in some list; zeros, and `99999999`, fill a form.
        let is_filler = is_repetition && (count > 1 || first == '0');
        let words = name::words(&self.id);
        !is_filler && !word::is_placeholder(&words) && !word::is_pseudonym(&words)
    }

    /// What it is found by.
    pub fn key(&self, publisher: &str) -> Uuid {
        let scheme = if self.scheme.is_empty() {
            publisher
        } else {
            &self.scheme
        };
        key::organization_by_identifier(scheme, &self.id)
    }
}

/// A claim: what parties that say the same say about who they are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Claim {
    /// [`key::organization`] of everything below.
    pub id: Uuid,
    /// Whom the name names.
    pub kind: ClaimKind,
    /// The words of the name; for what names nobody the process and the party in it.
    pub name: String,
    /// The legal form.
    pub form: Option<String>,
    /// The town.
    pub place: Option<String>,
    /// ISO 3166-1 alpha-2 code.
    pub country: Option<String>,
    /// Who published it. Where no country is named, a name counts among those of its publisher.
    pub publisher: String,
    /// The entries in registers, the main one first.
    pub identifiers: Vec<Identifier>,
}

impl Claim {
    /// The claim of a party.
    pub fn of(party: &Evidence) -> Claim {
        let name = name::read(party.name);
        let mut identifiers: Vec<Identifier> = Vec::new();
        for identifier in party
            .identifiers
            .iter()
            .filter(|identifier| identifier.says_something())
        {
            if identifiers.len() < MOST_IDENTIFIERS && !identifiers.contains(identifier) {
                identifiers.push(identifier.clone());
            }
        }
        let place = party.locality.and_then(place::read);
        let stands_alone = match name.kind {
            ClaimKind::Organization => false,
            ClaimKind::Generic => identifiers.is_empty() && place.is_none(),
            ClaimKind::Person => identifiers.is_empty(),
            ClaimKind::Nobody => true,
        };
        let mut claim = Claim {
            id: Uuid::nil(),
            kind: name.kind,
            name: name.words,
            form: name.form.map(str::to_owned),
            place,
            country: party.country.map(str::to_owned),
            publisher: party.publisher.to_owned(),
            identifiers,
        };
        if stands_alone {
            claim.kind = ClaimKind::Nobody;
            claim.name = format!("{} {}", party.ocid, party.own);
            claim.form = None;
        }
        claim.id = claim.key();
        claim
    }

    fn key(&self) -> Uuid {
        let mut parts = vec![
            "claim",
            self.kind.as_str(),
            &self.name,
            self.form.as_deref().unwrap_or_default(),
            self.place.as_deref().unwrap_or_default(),
            self.country.as_deref().unwrap_or_default(),
            &self.publisher,
        ];
        for identifier in &self.identifiers {
            parts.extend([identifier.scheme.as_str(), identifier.id.as_str()]);
        }
        key::organization(&parts)
    }

    /// The verified numbers, each with its place among the identifiers.
    pub fn numbers(&self) -> Vec<(usize, Number)> {
        let verified = self
            .identifiers
            .iter()
            .map(|said| register::verify(&said.scheme, &said.id));
        let numbers = verified
            .enumerate()
            .filter_map(|(place, number)| Some((place, number?)));
        numbers.collect()
    }

    /// Its main number, with the name where the number alone does not tell; `None` if it has none.
    pub fn number_and_name(&self) -> Option<String> {
        let main = self.identifiers.first()?;
        match register::verify(&main.scheme, &main.id) {
            Some(number) => Some(format!("{} {}", number.scheme, number.number)),
            None if self.kind == ClaimKind::Nobody => Some(main.key(&self.publisher).to_string()),
            None => Some(format!("{} {}", main.key(&self.publisher), self.name)),
        }
    }

    /// The scopes in which its name means one organisation: its country, and its publisher for those that name none.
    pub fn scopes(&self) -> impl Iterator<Item = &str> {
        let is_named = matches!(self.kind, ClaimKind::Organization | ClaimKind::Generic);
        let scopes = [self.country.as_deref(), Some(self.publisher.as_str())];
        scopes.into_iter().flatten().filter(move |_| is_named)
    }

    /// Everything by which it can meet others: claims that share none of these keys are never the same organisation,
    /// unless an operator decides so.
    pub fn keys(&self) -> Vec<Uuid> {
        let numbers = self.numbers();
        let verified = numbers
            .iter()
            .map(|(_, number)| key::organization_by_identifier(number.scheme, &number.number));
        let published = self
            .identifiers
            .iter()
            .map(|identifier| identifier.key(&self.publisher));
        let names = self
            .scopes()
            .map(|scope| key::organization(&["name", &self.name, scope]));
        let mut keys: Vec<Uuid> = verified.chain(published).chain(names).collect();
        keys.sort_unstable();
        keys.dedup();
        keys
    }

    /// The row of the claim, with the organisation that it was found to be.
    pub fn into_row(self, component: Uuid, link: &Link) -> organization_claim::Model {
        organization_claim::Model {
            id: self.id,
            component,
            organization_id: link.organization,
            tier: link.tier.as_str().to_owned(),
            evidence: link.evidence.clone(),
            kind: self.kind.as_str().to_owned(),
            name: self.name,
            form: self.form,
            place: self.place,
            country: self.country,
            publisher: self.publisher,
            identifiers: serde_json::to_string(&self.identifiers).unwrap_or_default(),
        }
    }
}

impl From<&organization_claim::Model> for Claim {
    fn from(row: &organization_claim::Model) -> Claim {
        Claim {
            id: row.id,
            kind: ClaimKind::from_code(&row.kind).unwrap_or(ClaimKind::Nobody),
            name: row.name.clone(),
            form: row.form.clone(),
            place: row.place.clone(),
            country: row.country.clone(),
            publisher: row.publisher.clone(),
            identifiers: serde_json::from_str(&row.identifiers).unwrap_or_default(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_form_is_no_number() {
        for (id, expected) in [
            ("12345678", true),
            ("7", true),
            ("A-1", true),
            ("", false),
            (" - ", false),
            ("00000000", false),
            ("99999999", false),
            ("0", false),
            ("n/a", false),
            ("Onbekend", false),
        ] {
            let identifier = Identifier {
                scheme: "X".to_owned(),
                id: id.to_owned(),
            };
            assert_eq!(identifier.says_something(), expected, "{id}");
        }
    }
}
