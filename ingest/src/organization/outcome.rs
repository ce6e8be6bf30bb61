//! What comes of putting claims together: the key of each organisation, its numbers, and by what each claim was taken for it.

use std::collections::{BTreeMap, HashMap, HashSet};

use entities::key;
use entities::value::code::{ClaimKind, MatchTier};
use sea_orm::prelude::Uuid;

use super::cluster::{Clusters, Subject};
use super::register::{self, Number};
use super::resolve::Step;
use super::{Claim, Identifier, Link};

/// Which organisation each claim is, and what follows for these organisations.
#[derive(Debug, Default)]
pub(crate) struct Resolution {
    /// By the id of the claim.
    pub links: HashMap<Uuid, Link>,
    /// By the key of the organisation.
    pub organizations: HashMap<Uuid, Description>,
}

/// What an organisation is by all of its claims.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Description {
    /// How the strongest of its claims is recognised.
    pub tier: MatchTier,
    /// Its number in the register that counts most.
    pub identifier: Option<Identifier>,
    /// Its further numbers.
    pub additional: Vec<Identifier>,
}

/// What follows from clusters. The snapshots tell the cluster of each claim after each step.
pub(super) fn resolution(clusters: &Clusters, snapshots: &[Vec<usize>; Step::ALL.len()]) -> Resolution {
    let mut members: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for claim in 0..clusters.subjects.len() {
        members.entry(clusters.root(claim)).or_default().push(claim);
    }
    // In an order of their own, since the first to ask for a key has it.
    let mut members: Vec<Vec<usize>> = members.into_values().collect();
    for claims in &mut members {
        claims.sort_by_key(|claim| rank(&clusters.subjects[*claim]));
    }
    members.sort_by_key(|claims| rank(&clusters.subjects[claims[0]]));

    let mut resolution = Resolution::default();
    let mut taken = HashSet::new();
    for claims in members {
        let subjects = || claims.iter().map(|claim| &clusters.subjects[*claim]);
        let best = subjects().flat_map(|subject| &subject.numbers).min();
        let organization = best
            .map(|number| key::organization_by_identifier(number.scheme, &number.number))
            .filter(|key| !taken.contains(key))
            .unwrap_or(clusters.subjects[claims[0]].claim.id);
        taken.insert(organization);
        for &claim in &claims {
            let step = step(clusters, snapshots, claim, claims[0], best);
            let (tier, evidence) = step.map_or_else(
                || alone(&clusters.subjects[claim]),
                |step| told(&clusters.subjects[claim], step),
            );
            resolution.links.insert(
                clusters.subjects[claim].claim.id,
                Link {
                    organization,
                    tier,
                    evidence,
                },
            );
        }
        let (tier, _) = alone(&clusters.subjects[claims[0]]);
        let (identifier, additional) = identifiers(subjects().map(|subject| subject.claim), best);
        resolution.organizations.insert(
            organization,
            Description {
                tier,
                identifier,
                additional,
            },
        );
    }
    resolution
}

/// Claims that say more come first: those with the best number, then those with a town and a legal form.
fn rank<'s>(subject: &'s Subject) -> (bool, Option<&'s Number>, bool, bool, bool, &'s str, Uuid) {
    let claim = subject.claim;
    (
        subject.numbers.is_empty(),
        subject.numbers.iter().min(),
        subject.unverified.is_empty(),
        claim.place.is_none(),
        claim.form.is_none(),
        &claim.name,
        claim.id,
    )
}

/// The step that tied a claim to the claim that stands for the organisation; `None` if it needs none.
fn step(
    clusters: &Clusters,
    snapshots: &[Vec<usize>; Step::ALL.len()],
    claim: usize,
    first: usize,
    best: Option<&Number>,
) -> Option<Step> {
    let has_best = best.is_some_and(|best| clusters.subjects[claim].numbers.contains(best));
    if claim == first || has_best {
        return None;
    }
    let steps = || Step::ALL.into_iter().zip(snapshots);
    let (tied, _) = steps().find(|(_, roots)| roots[claim] == roots[first])?;
    if takes_part(&clusters.subjects[claim], tied) {
        return Some(tied);
    }
    // Others of its cluster had the evidence: what counts for this one is what tied it to them.
    let is_tied = |roots: &Vec<usize>| roots.iter().filter(|root| **root == roots[claim]).count() > 1;
    steps().find(|(_, roots)| is_tied(roots)).map(|(step, _)| step)
}

/// Whether a claim has the kind of evidence that a step looks at.
fn takes_part(subject: &Subject, step: Step) -> bool {
    match step {
        Step::Number(rank) => subject.numbers.iter().any(|number| number.rank == rank),
        Step::NumberAndName => !subject.unverified.is_empty(),
        Step::PlaceAndForm | Step::Place => subject.claim.place.is_some(),
        Step::Decision | Step::ScopeAndForm | Step::Scope => true,
    }
}

/// How a claim is recognised that nothing had to be tied to.
fn alone(subject: &Subject) -> (MatchTier, String) {
    let claim = subject.claim;
    let named = claim.kind != ClaimKind::Nobody;
    if let Some(number) = subject.numbers.iter().min() {
        (MatchTier::Identifier, format!("{} {}", number.scheme, number.number))
    } else if named && !subject.unverified.is_empty() {
        told(subject, Step::NumberAndName)
    } else if !named {
        (MatchTier::Process, claim.name.clone())
    } else if claim.place.is_some() {
        told(subject, Step::Place)
    } else {
        told(subject, Step::Scope)
    }
}

/// What a step found in a claim, for people.
fn told(subject: &Subject, step: Step) -> (MatchTier, String) {
    let claim = subject.claim;
    let with_form = match &claim.form {
        Some(form) => format!("{} {form}", claim.name),
        None => claim.name.clone(),
    };
    let scope = claim.country.as_deref().unwrap_or(&claim.publisher);
    match step {
        Step::Decision => (MatchTier::Decision, "decided by an operator".to_owned()),
        Step::Number(rank) => {
            let number = subject.numbers.iter().find(|number| number.rank == rank);
            let number = number.map(|number| format!("{} {}", number.scheme, number.number));
            (MatchTier::Identifier, number.unwrap_or_default())
        }
        Step::NumberAndName => {
            let unverified = claim
                .identifiers
                .iter()
                .find(|said| register::verify(&said.scheme, &said.id).is_none());
            let number = unverified.map(|said| format!("{} {}", said.scheme, said.id).trim_start().to_owned());
            (
                MatchTier::IdentifierAndName,
                format!("{}, {with_form}", number.unwrap_or_default()),
            )
        }
        Step::PlaceAndForm | Step::Place => {
            let place = claim.place.as_deref().unwrap_or_default();
            (MatchTier::NameAndPlace, format!("{with_form}, {place} {scope}"))
        }
        Step::ScopeAndForm | Step::Scope => (MatchTier::Name, format!("{with_form} {scope}")),
    }
}

/// The numbers of an organisation, each once however often it was written: the best one, and the others.
fn identifiers<'c>(
    claims: impl Iterator<Item = &'c Claim>,
    best: Option<&Number>,
) -> (Option<Identifier>, Vec<Identifier>) {
    let mut written: BTreeMap<(String, String), &Identifier> = BTreeMap::new();
    for claim in claims {
        for said in &claim.identifiers {
            let number = register::verify(&said.scheme, &said.id);
            let meaning = number.map_or_else(
                || (said.scheme.to_uppercase(), said.id.to_uppercase()),
                |number| (number.scheme.to_owned(), number.number),
            );
            // Of several spellings the one that names the register by its code.
            let order = |identifier: &Identifier| (identifier.scheme != meaning.0, identifier.clone());
            written
                .entry(meaning.clone())
                .and_modify(|known| {
                    if order(said) < order(known) {
                        *known = said;
                    }
                })
                .or_insert(said);
        }
    }
    let main = match best {
        Some(best) => Some((best.scheme.to_owned(), best.number.clone())),
        None => written.keys().next().cloned(),
    };
    let identifier = main.and_then(|main| written.remove(&main)).cloned();
    (identifier, written.into_values().cloned().collect())
}
