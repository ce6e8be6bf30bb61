//! Putting claims together into organisations, one kind of evidence after the other, strongest first.
//!
//! Each step looks at blocks of claims that have its evidence in common. A block is put together as a whole if nothing
//! speaks against it. Otherwise its evidence is ambiguous, and says nothing about who is who: only those of its claims
//! stay together that have no stronger evidence and are alike in everything.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use entities::value::code::ClaimKind;
use sea_orm::prelude::Uuid;

use super::cluster::{Against, Clusters, Subject};
use super::outcome::{self, Resolution};
use super::register::{Number, Rank};
use super::similar::are_related;
use super::{Claim, Decision};

/// The most names that are compared with each other under one number; of more only equal ones are.
const MOST_NAMES: usize = 64;

/// A kind of evidence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// An operator said so.
    Decision,
    /// A verified number in a register of this rank.
    Number(Rank),
    /// A number that cannot be verified, and related names.
    NumberAndName,
    /// The name, the legal form and the town.
    PlaceAndForm,
    /// The name and the town, where not more than one legal form is named.
    Place,
    /// The name, the legal form and the country or publisher, where not more than one town is named.
    ScopeAndForm,
    /// The same with not more than one legal form.
    Scope,
}

impl Step {
    /// All kinds of evidence, strongest first.
    pub const ALL: [Step; 9] = [
        Step::Decision,
        Step::Number(Rank::Register),
        Step::Number(Rank::Tax),
        Step::Number(Rank::Global),
        Step::NumberAndName,
        Step::PlaceAndForm,
        Step::Place,
        Step::ScopeAndForm,
        Step::Scope,
    ];

    fn against(self) -> Against {
        match self {
            Step::Decision => Against::Decisions,
            Step::Number(rank) => Against::Numbers(rank),
            // Of two numbers one may be the right one; the names say who is meant.
            Step::NumberAndName => Against::Numbers(Rank::Global),
            Step::PlaceAndForm | Step::Place | Step::ScopeAndForm | Step::Scope => Against::All,
        }
    }
}

/// Claims that have evidence in common.
struct Block {
    claims: Vec<usize>,
    /// The number, if that is what they have in common.
    number: Option<Number>,
}

/// The claims by what can be about the same organisation: claims of different components are never put together.
pub(crate) fn components(claims: &[Claim], decisions: &[Decision]) -> Vec<Vec<usize>> {
    let mut forest: Vec<usize> = (0..claims.len()).collect();
    let mut first: HashMap<Uuid, usize> = HashMap::new();
    let mut meet = |forest: &mut Vec<usize>, key: Uuid, claim: usize| {
        let other = *first.entry(key).or_insert(claim);
        join(forest, claim, other);
    };
    for (place, claim) in claims.iter().enumerate() {
        meet(&mut forest, claim.id, place);
        for key in claim.keys() {
            meet(&mut forest, key, place);
        }
    }
    for decision in decisions {
        if let (Some(left), Some(right)) = (first.get(&decision.left), first.get(&decision.right)) {
            join(&mut forest, *left, *right);
        }
    }
    let mut components: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for claim in 0..claims.len() {
        components.entry(find(&mut forest, claim)).or_default().push(claim);
    }
    components.into_values().collect()
}

fn find(forest: &mut [usize], mut place: usize) -> usize {
    while forest[place] != place {
        forest[place] = forest[forest[place]];
        place = forest[place];
    }
    place
}

fn join(forest: &mut [usize], one: usize, other: usize) {
    let (one, other) = (find(forest, one), find(forest, other));
    forest[one.max(other)] = one.min(other);
}

/// Which organisation each claim is. The claims are all of one component or of several.
pub(crate) fn resolve(claims: &[Claim], decisions: &[Decision]) -> Resolution {
    let mut clusters = Clusters::new(claims, decisions);
    let snapshots = Step::ALL.map(|step| {
        let blocks = match step {
            Step::Decision => decided(&clusters, decisions),
            Step::Number(rank) => numbered(&clusters, rank),
            Step::NumberAndName => related(&clusters),
            Step::PlaceAndForm | Step::Place | Step::ScopeAndForm | Step::Scope => named(&clusters, step),
        };
        put_together(&mut clusters, step, blocks);
        clusters.snapshot()
    });
    outcome::resolution(&clusters, &snapshots)
}

/// A block for each decision that two are the same.
fn decided(clusters: &Clusters, decisions: &[Decision]) -> Vec<Block> {
    let same = decisions.iter().filter(|decision| decision.same);
    let meant = |decision: &Decision| {
        let is_meant = |subject: &Subject| subject.is_meant(decision.left) || subject.is_meant(decision.right);
        let subjects = clusters.subjects.iter().enumerate();
        let claims = subjects
            .filter(|(_, subject)| is_meant(subject))
            .map(|(claim, _)| claim);
        Block {
            claims: claims.collect(),
            number: None,
        }
    };
    same.map(meant).collect()
}

/// A block for each verified number of a rank.
fn numbered(clusters: &Clusters, rank: Rank) -> Vec<Block> {
    let mut blocks: BTreeMap<&Number, Vec<usize>> = BTreeMap::new();
    for (claim, subject) in clusters.subjects.iter().enumerate() {
        for number in subject.numbers.iter().filter(|number| number.rank == rank) {
            blocks.entry(number).or_default().push(claim);
        }
    }
    let blocks = blocks.into_iter().map(|(number, claims)| Block {
        claims,
        number: Some(number.clone()),
    });
    blocks.collect()
}

/// Blocks of related names under each number that cannot be verified.
fn related(clusters: &Clusters) -> Vec<Block> {
    let mut by_number: BTreeMap<(&str, Uuid), BTreeMap<&str, Vec<usize>>> = BTreeMap::new();
    for (claim, subject) in clusters.subjects.iter().enumerate() {
        if subject.claim.kind == ClaimKind::Nobody {
            continue;
        }
        for (register, number) in &subject.unverified {
            let names = by_number.entry((register, *number)).or_default();
            names.entry(&subject.claim.name).or_default().push(claim);
        }
    }
    let mut blocks = Vec::new();
    for names in by_number.into_values() {
        let names: Vec<(&str, Vec<usize>)> = names.into_iter().collect();
        let mut forest: Vec<usize> = (0..names.len()).collect();
        if names.len() <= MOST_NAMES {
            for (one, (name, _)) in names.iter().enumerate() {
                for (other, (another, _)) in names.iter().enumerate().skip(one + 1) {
                    if are_related(name, another) {
                        join(&mut forest, one, other);
                    }
                }
            }
        }
        let mut groups: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        for (place, (_, claims)) in names.into_iter().enumerate() {
            groups.entry(find(&mut forest, place)).or_default().extend(claims);
        }
        blocks.extend(groups.into_values().map(|claims| Block { claims, number: None }));
    }
    blocks
}

/// A name, where it was used, and with which legal form and town.
type NameInScope<'c> = (&'c str, &'c str, Option<&'c str>, Option<&'c str>);

/// Blocks of equal names in a country or of a publisher.
fn named(clusters: &Clusters, step: Step) -> Vec<Block> {
    let mut blocks: BTreeMap<NameInScope, Vec<usize>> = BTreeMap::new();
    for (claim, subject) in clusters.subjects.iter().enumerate() {
        let said = subject.claim;
        let in_place = matches!(step, Step::PlaceAndForm | Step::Place);
        let place = said.place.as_deref().filter(|_| in_place);
        if (in_place && place.is_none()) || (!in_place && said.kind == ClaimKind::Generic) {
            continue;
        }
        let with_form = matches!(step, Step::PlaceAndForm | Step::ScopeAndForm);
        let form = said.form.as_deref().filter(|_| with_form);
        for scope in said.scopes() {
            blocks.entry((&said.name, scope, form, place)).or_default().push(claim);
        }
    }
    let blocks = blocks.into_values().map(|claims| Block { claims, number: None });
    blocks.collect()
}

fn put_together(clusters: &mut Clusters, step: Step, blocks: Vec<Block>) {
    let blocks = blocks.into_iter().filter(|block| block.claims.len() > 1);
    let (whole, mut ambiguous): (Vec<Block>, Vec<Block>) = blocks.partition(|block| is_plain(clusters, step, block));
    // Blocks that overlap are one, and may contradict each other.
    for overlapping in overlapping(clusters, whole) {
        let claims: Vec<usize> = overlapping
            .iter()
            .flat_map(|block| block.claims.iter().copied())
            .collect();
        let roots = clusters.roots(&claims);
        if overlapping.len() == 1 || clusters.are_compatible(&roots, step.against()) {
            clusters.unite(&roots);
        } else {
            ambiguous.extend(overlapping);
        }
    }
    for block in ambiguous {
        put_alike_together(clusters, step, &block);
    }
}

/// Whether the evidence of a block means one organisation.
fn is_plain(clusters: &Clusters, step: Step, block: &Block) -> bool {
    clusters.are_compatible(&clusters.roots(&block.claims), step.against())
        && match step {
            Step::Decision | Step::Number(_) | Step::NumberAndName => true,
            Step::PlaceAndForm | Step::Place | Step::ScopeAndForm | Step::Scope => is_one_name(clusters, step, block),
        }
}

/// Whether all claims of a block with the same name can mean the same organisation.
fn is_one_name(clusters: &Clusters, step: Step, block: &Block) -> bool {
    let mut forms: HashMap<usize, BTreeSet<&str>> = HashMap::new();
    let mut countries: HashMap<usize, BTreeSet<&str>> = HashMap::new();
    let mut located: BTreeSet<usize> = BTreeSet::new();
    for claim in &block.claims {
        let (root, said) = (clusters.root(*claim), clusters.subjects[*claim].claim);
        forms.entry(root).or_default().extend(said.form.as_deref());
        countries.entry(root).or_default().extend(said.country.as_deref());
        if said.place.is_some() {
            located.insert(root);
        }
    }
    let is_elsewhere = matches!(step, Step::ScopeAndForm | Step::Scope) && located.len() > 1;
    !is_elsewhere && agree(&forms) && agree(&countries)
}

/// Whether there is an element that all sets have, apart from empty ones.
fn agree(sets: &HashMap<usize, BTreeSet<&str>>) -> bool {
    let mut filled = sets.values().filter(|set| !set.is_empty());
    let Some(first) = filled.next() else { return true };
    let rest: Vec<_> = filled.collect();
    first.iter().any(|element| rest.iter().all(|set| set.contains(element)))
}

/// The blocks in groups that have clusters in common.
fn overlapping(clusters: &Clusters, blocks: Vec<Block>) -> Vec<Vec<Block>> {
    let mut forest: Vec<usize> = (0..blocks.len()).collect();
    let mut first: HashMap<usize, usize> = HashMap::new();
    for (place, block) in blocks.iter().enumerate() {
        for root in clusters.roots(&block.claims) {
            let other = *first.entry(root).or_insert(place);
            join(&mut forest, place, other);
        }
    }
    let mut groups: BTreeMap<usize, Vec<Block>> = BTreeMap::new();
    for (place, block) in blocks.into_iter().enumerate() {
        groups.entry(find(&mut forest, place)).or_default().push(block);
    }
    groups.into_values().collect()
}

/// Puts those claims of an ambiguous block together that have no stronger evidence and say the same.
fn put_alike_together(clusters: &mut Clusters, step: Step, block: &Block) {
    let mut alike: BTreeMap<Vec<&str>, Vec<usize>> = BTreeMap::new();
    for &claim in &block.claims {
        let has_nothing_better = match step {
            Step::Decision => continue,
            Step::Number(_) => clusters.has_at_most(claim, block.number.as_ref()),
            Step::NumberAndName => clusters.has_at_most(claim, None),
            Step::PlaceAndForm | Step::Place | Step::ScopeAndForm | Step::Scope => clusters.is_bare(claim),
        };
        let said = clusters.subjects[claim].claim;
        let profile = match step {
            Step::Number(_) => Vec::new(),
            Step::NumberAndName => vec![said.name.as_str()],
            _ => vec![
                said.name.as_str(),
                said.form.as_deref().unwrap_or_default(),
                said.place.as_deref().unwrap_or_default(),
                said.country.as_deref().unwrap_or_default(),
            ],
        };
        if has_nothing_better {
            alike.entry(profile).or_default().push(claim);
        }
    }
    let alike: Vec<Vec<usize>> = alike.into_values().collect();
    for claims in alike {
        gather(clusters, step, claims);
    }
}

/// Puts claims together, apart from those that were decided to be different: each goes where it fits first, in an order of
/// their own.
fn gather(clusters: &mut Clusters, step: Step, mut claims: Vec<usize>) {
    claims.sort_by_key(|claim| {
        (
            &clusters.subjects[*claim].claim.name,
            clusters.subjects[*claim].claim.id,
        )
    });
    let mut piles: Vec<usize> = Vec::new();
    for claim in claims {
        let fits = |pile: &usize| clusters.are_compatible(&clusters.roots(&[*pile, claim]), step.against());
        match piles.iter().copied().find(fits) {
            Some(pile) => clusters.unite(&[pile, claim]),
            None => piles.push(claim),
        }
    }
}
