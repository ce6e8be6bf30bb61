//! Organisations as the process names them: its `parties`, and those that only a reference names.
//!
//! OCDS lists parties and refers to them by `id`, but for some publishers a reference itself says who is meant: what no
//! party explains becomes a party of its own.

use std::collections::HashMap;

use entities::party;
use entities::value::code::ClaimKind;
use ocds::{Object, Value};
use sea_orm::prelude::Uuid;

use super::address::country_of;
use super::identity::{Identities, position};
use super::{Process, Rows};
use crate::organization::{self, Claim, Evidence, Identifier};
use crate::published::{Published, without_nul};
use crate::reject::cut;

/// The longest name in bytes: an index entry has to fit a page of the database.
const LONGEST_NAME: usize = 2000;

/// The organisations that a process names once. What stands for them, here and wherever a party is referred to, is the key
/// of their claim: `write` puts the organisation in its place.
pub(super) struct Roles {
    pub buyer: Option<Uuid>,
    pub procuring_entity: Option<Uuid>,
}

/// The parties of one process.
pub(super) struct Parties {
    rows: Vec<party::Model>,
    /// What they claim to be, in the same order.
    claims: Vec<Claim>,
    identities: Identities,
    /// How many of the rows are parties that the release lists.
    listed: usize,
    /// The place of the next party that only a reference names.
    next_place: usize,
    /// Listed parties by `id`.
    by_id: HashMap<String, usize>,
    /// All parties by what a reference without a listed party says, once there is such a reference.
    by_evidence: Option<ByEvidence>,
}

/// Places of parties by their `id`, if they have one, and by who they are.
#[derive(Default)]
struct ByEvidence(HashMap<(String, String), usize>);

impl ByEvidence {
    fn note(&mut self, index: usize, party: &party::Model, claim: &Claim) {
        let evidence = evidence(party, claim);
        // A reference that has no id can mean a party that has one.
        self.0.entry((String::new(), evidence.clone())).or_insert(index);
        self.0.entry((party.local_id.clone(), evidence)).or_insert(index);
    }
}

impl Parties {
    /// The parties that the release lists.
    pub fn published(process: &Process) -> Parties {
        let mut parties = Parties {
            rows: Vec::new(),
            claims: Vec::new(),
            identities: Identities::new("party", process.key),
            listed: 0,
            next_place: process.release.elements("parties").len(),
            by_id: HashMap::new(),
            by_evidence: None,
        };
        for (place, said) in process
            .release
            .objects("parties")
            .filter(|(_, said)| names_someone(*said))
        {
            let local_id = said.id();
            let (row, claim) = row(process, said, place, roles(said));
            let index = parties.add(row, claim);
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

    /// The claim that a reference means; `None` if it names nobody.
    pub fn resolve(&mut self, process: &Process, reference: Published, role: &str) -> Option<Uuid> {
        let local_id = reference.id();
        if let Some(&index) = self.by_id.get(&local_id) {
            return Some(self.rows[index].organization_id);
        }
        if !names_someone(reference) {
            return None;
        }
        let (row, claim) = row(process, reference, self.next_place, String::new());
        let by_evidence = self.by_evidence.get_or_insert_with(|| {
            let mut by_evidence = ByEvidence::default();
            for (index, (row, claim)) in self.rows.iter().zip(&self.claims).enumerate() {
                by_evidence.note(index, row, claim);
            }
            by_evidence
        });
        let known = by_evidence.0.get(&(local_id, evidence(&row, &claim))).copied();
        let index = known.unwrap_or_else(|| {
            self.next_place += 1;
            self.add(row, claim)
        });
        let party = &mut self.rows[index];
        if index >= self.listed && !party.roles.split(',').any(|known| known == role) {
            let separator = if party.roles.is_empty() { "" } else { "," };
            party.roles = format!("{}{separator}{role}", party.roles);
        }
        Some(party.organization_id)
    }

    /// The parties that make this claim.
    pub fn of(&self, claim: Option<Uuid>) -> impl Iterator<Item = &party::Model> {
        self.rows.iter().filter(move |party| party.claim_id == claim)
    }

    /// Adds all rows: the parties listed, then the others in the order of their first mention.
    pub fn add_to(self, rows: &mut Rows) {
        self.rows.iter().for_each(|row| rows.parties.push(row));
        rows.claims
            .extend(self.claims.into_iter().map(|claim| (claim.id, claim)));
    }

    /// Adds a row, and gives it its key.
    fn add(&mut self, mut row: party::Model, claim: Claim) -> usize {
        row.id = self.identities.key("", &row.local_id, row.position);
        let index = self.rows.len();
        if let Some(by_evidence) = &mut self.by_evidence {
            by_evidence.note(index, &row, &claim);
        }
        self.rows.push(row);
        self.claims.push(claim);
        index
    }
}

/// The row of a party, without its key, and what it claims to be.
fn row(process: &Process, said: Published, place: usize, roles: String) -> (party::Model, Claim) {
    let local_id = said.id();
    let name = name(said);
    let identifier = said.get("identifier");
    let (scheme, number) = (identifier.text("scheme"), identifier.text("id"));
    let address = said.get("address");
    let (country, locality) = (country_of(address), address.text("locality"));
    let own = if local_id.is_empty() {
        format!("#{place}")
    } else {
        local_id.clone()
    };
    let additional = additional_identifiers(said);
    let claim = Claim::of(&Evidence {
        identifiers: identifiers(&local_id, scheme.clone(), number.clone(), &additional),
        name: &name,
        locality: locality.as_deref(),
        country: country.as_deref(),
        publisher: &process.publisher,
        ocid: process.ocid,
        own: &own,
    });
    let row = party::Model {
        tender_id: process.key,
        id: Uuid::nil(),
        position: position(place),
        // Until `write` knows which organisation the claim is.
        organization_id: claim.id,
        claim_id: Some(claim.id),
        tier: String::new(),
        evidence: String::new(),
        seen_at: process.updated_at,
        local_id,
        roles,
        name,
        identifier_scheme: scheme,
        identifier_id: number,
        additional_identifiers: json(&additional),
        country,
        region: address.text("region"),
        locality,
        postal_code: address.text("postalCode"),
        street_address: address.text("streetAddress"),
    };
    (row, claim)
}

/// What a party is told apart by where no `id` does it: its number with its name, or its claim, or the mere name if that
/// is all there is.
fn evidence(party: &party::Model, claim: &Claim) -> String {
    match claim.number_and_name() {
        Some(evidence) => evidence,
        None if claim.kind == ClaimKind::Nobody => party.name.clone(),
        None => claim.id.to_string(),
    }
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

/// The further identifiers.
fn additional_identifiers(said: Published) -> Vec<Identifier> {
    let identifiers = said.references("additionalIdentifiers").filter_map(|(_, identifier)| {
        Some(Identifier {
            scheme: identifier.text("scheme").unwrap_or_default(),
            id: identifier.text("id")?,
        })
    });
    identifiers.collect()
}

/// The further identifiers as JSON; `None` if there are none.
fn json(identifiers: &[Identifier]) -> Option<String> {
    let values = identifiers.iter().map(|identifier| {
        let members = [("scheme", &identifier.scheme), ("id", &identifier.id)];
        let members = members.map(|(key, text)| (key.into(), Value::String(text.as_str().into())));
        Value::Object(members.into_iter().collect::<Object>())
    });
    (!identifiers.is_empty()).then(|| Value::Array(values.collect()).to_json())
}

/// All identifiers, the main one first. Many publishers write it nowhere but in the `id` of the party.
fn identifiers(
    local_id: &str,
    scheme: Option<String>,
    number: Option<String>,
    additional: &[Identifier],
) -> Vec<Identifier> {
    let main = number.map(|id| Identifier {
        scheme: scheme.unwrap_or_default(),
        id,
    });
    let main = main.filter(Identifier::says_something);
    let main = main.or_else(|| organization::identifier_in(local_id));
    main.into_iter().chain(additional.iter().cloned()).collect()
}
