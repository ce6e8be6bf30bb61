//! Organisations as the process names them: its `parties`, and those that only a reference names.
//!
//! OCDS 1.1 lists parties and refers to them by `id`; in OCDS 1.0 a reference itself says who is meant. Both come out the
//! same way here: what no party explains becomes a party of its own.

use std::collections::HashMap;

use entities::party;
use entities::value::code::MatchTier;
use ocds::{Object, Value};
use sea_orm::prelude::Uuid;

use super::Process;
use super::address::country_of;
use super::identity::{Identities, position};
use crate::organization::{self, Evidence};
use crate::published::{Published, without_nul};
use crate::reject::cut;

/// The longest name in bytes: an index entry has to fit a page of the database.
const LONGEST_NAME: usize = 2000;

/// The organisations that a process names once.
pub(super) struct Roles {
    pub buyer: Option<Uuid>,
    pub procuring_entity: Option<Uuid>,
}

/// The parties of one process.
pub(super) struct Parties {
    rows: Vec<party::Model>,
    identities: Identities,
    /// How many of the rows are parties that the release lists.
    listed: usize,
    /// The place of the next party that only a reference names.
    next_place: usize,
    /// Listed parties by `id`.
    by_id: HashMap<String, usize>,
    /// All parties by what a reference without a listed party says: its `id`, if it has one, and who it is.
    by_evidence: HashMap<(String, String), usize>,
}

impl Parties {
    /// The parties that the release lists.
    pub fn published(process: &Process) -> Parties {
        let mut parties = Parties {
            rows: Vec::new(),
            identities: Identities::new("party", process.key),
            listed: 0,
            next_place: process.release.elements("parties").len(),
            by_id: HashMap::new(),
            by_evidence: HashMap::new(),
        };
        for (place, said) in process
            .release
            .objects("parties")
            .filter(|(_, said)| names_someone(*said))
        {
            let local_id = said.id();
            let index = parties.add(row(process, said, place, roles(said)));
            parties.by_id.entry(local_id).or_insert(index);
        }
        parties.by_id.remove("");
        parties.listed = parties.rows.len();
        parties
    }

    /// The buyer and the procuring entity. Where no buyer is referred to, it is the first party in that role.
    pub fn roles(&mut self, process: &Process) -> Roles {
        let buyer = self.resolve(process, process.release.get("buyer"), "buyer");
        let listed = || {
            self.rows
                .iter()
                .find(|party| party.roles.split(',').any(|role| role == "buyer"))
        };
        let buyer = buyer.or_else(|| listed().map(|party| party.organization_id));
        let procuring_entity = self.resolve(process, process.tender.get("procuringEntity"), "procuringEntity");
        Roles {
            buyer,
            procuring_entity,
        }
    }

    /// The organisation that a reference means; `None` if it names nobody.
    pub fn resolve(&mut self, process: &Process, reference: Published, role: &str) -> Option<Uuid> {
        let local_id = reference.id();
        if let Some(&index) = self.by_id.get(&local_id) {
            return Some(self.rows[index].organization_id);
        }
        if !names_someone(reference) {
            return None;
        }
        let row = row(process, reference, self.next_place, String::new());
        let known = self.by_evidence.get(&(local_id, evidence(&row))).copied();
        let index = known.unwrap_or_else(|| {
            self.next_place += 1;
            self.add(row)
        });
        let party = &mut self.rows[index];
        if index >= self.listed && !party.roles.split(',').any(|known| known == role) {
            let separator = if party.roles.is_empty() { "" } else { "," };
            party.roles = format!("{}{separator}{role}", party.roles);
        }
        Some(party.organization_id)
    }

    /// The parties that are taken for this organisation.
    pub fn of(&self, organization: Option<Uuid>) -> impl Iterator<Item = &party::Model> {
        self.rows
            .iter()
            .filter(move |party| Some(party.organization_id) == organization)
    }

    /// All rows: the parties listed, then the others in the order of their first mention.
    pub fn into_rows(self) -> Vec<party::Model> {
        self.rows
    }

    /// Adds a row, and gives it its key.
    fn add(&mut self, mut row: party::Model) -> usize {
        row.id = self.identities.key("", &row.local_id, row.position);
        let index = self.rows.len();
        // A reference that has no id can mean a party that has one.
        self.by_evidence.entry((String::new(), evidence(&row))).or_insert(index);
        self.by_evidence
            .entry((row.local_id.clone(), evidence(&row)))
            .or_insert(index);
        self.rows.push(row);
        index
    }
}

/// The row of a party, without its key.
fn row(process: &Process, said: Published, place: usize, roles: String) -> party::Model {
    let local_id = said.id();
    let name = name(said);
    let identifier = said.get("identifier");
    let (scheme, number) = (identifier.text("scheme"), identifier.text("id"));
    let address = said.get("address");
    let country = country_of(address);
    let own = if local_id.is_empty() {
        format!("#{place}")
    } else {
        local_id.clone()
    };
    let recognized = organization::recognize(&Evidence {
        identifier: scheme.as_deref().zip(number.as_deref()),
        name: &name,
        country: country.as_deref(),
        ocid: process.ocid,
        own: &own,
    });
    party::Model {
        tender_id: process.key,
        id: Uuid::nil(),
        position: position(place),
        organization_id: recognized.key,
        tier: recognized.tier.as_str().to_owned(),
        evidence: without_nul(&recognized.evidence),
        seen_at: process.updated_at,
        local_id,
        roles,
        name,
        identifier_scheme: scheme,
        identifier_id: number,
        additional_identifiers: additional_identifiers(said),
        country,
        region: address.text("region"),
        locality: address.text("locality"),
        postal_code: address.text("postalCode"),
        street_address: address.text("streetAddress"),
    }
}

/// What a party is told apart by where no `id` does it: the organisation, or the mere name if that is all there is.
fn evidence(party: &party::Model) -> String {
    if party.tier == MatchTier::Process.as_str() {
        return format!("{} {}", party.identifier_id.as_deref().unwrap_or_default(), party.name);
    }
    party.organization_id.to_string()
}

/// Whether a party or reference has an `id`, a name or a number in a register.
fn names_someone(said: Published) -> bool {
    said.is_object()
        && (said.text("id").is_some() || said.text("name").is_some() || said.get("identifier").text("id").is_some())
}

/// The name with single blanks, cut to what an index can hold.
fn name(said: Published) -> String {
    let name = said.text("name").unwrap_or_default();
    let name = name.split_whitespace().collect::<Vec<_>>().join(" ");
    cut(&name, LONGEST_NAME).to_owned()
}

fn roles(said: Published) -> String {
    let listed: Vec<_> = said.elements("roles").iter().filter_map(Value::as_str).collect();
    if listed.is_empty() {
        return said.text("roles").unwrap_or_default();
    }
    without_nul(&listed.join(","))
}

/// The further identifiers as JSON; `None` if there are none.
fn additional_identifiers(said: Published) -> Option<String> {
    let identifiers = said.references("additionalIdentifiers").filter_map(|(_, identifier)| {
        let id = identifier.text("id")?;
        let scheme = identifier.text("scheme").unwrap_or_default();
        let members = [("scheme", scheme), ("id", id)].map(|(key, text)| (key.into(), Value::String(text.into())));
        Some(Value::Object(members.into_iter().collect::<Object>()))
    });
    let identifiers: Vec<Value> = identifiers.collect();
    (!identifiers.is_empty()).then(|| Value::Array(identifiers).to_json())
}
