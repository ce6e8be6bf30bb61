//! Claims put together, and what speaks against putting more of them together.

use std::collections::{BTreeMap, BTreeSet};

use sea_orm::prelude::Uuid;

use super::register::{Number, Rank};
use super::{Claim, Decision};

/// A claim and what follows from it.
pub(super) struct Subject<'c> {
    pub claim: &'c Claim,
    /// The verified numbers that count: the first of each register. A party that names two numbers in one register means
    /// someone else by the second.
    pub numbers: Vec<Number>,
    /// The keys of the numbers that cannot be verified, with the registers they are from.
    pub unverified: Vec<(String, Uuid)>,
    /// All of [`Claim::keys`].
    pub keys: Vec<Uuid>,
}

impl Subject<'_> {
    pub fn new(claim: &Claim) -> Subject<'_> {
        let verified = claim.numbers();
        let mut numbers: Vec<Number> = Vec::new();
        for (_, number) in &verified {
            if numbers.iter().all(|known| known.scheme != number.scheme) {
                numbers.push(number.clone());
            }
        }
        let is_verified = |place: usize| verified.iter().any(|(verified, _)| *verified == place);
        let said = claim.identifiers.iter().enumerate();
        let unverified = said
            .filter(|(place, _)| !is_verified(*place))
            .map(|(_, said)| (said.scheme.to_uppercase(), said.key(&claim.publisher)));
        Subject {
            claim,
            numbers,
            unverified: unverified.collect(),
            keys: claim.keys(),
        }
    }

    /// Whether it is what a decision is about.
    pub fn is_meant(&self, key: Uuid) -> bool {
        self.claim.id == key || self.keys.binary_search(&key).is_ok()
    }
}

/// What is known of a cluster.
#[derive(Clone, Default)]
struct About {
    /// Its verified numbers by register.
    numbers: BTreeMap<(Rank, &'static str), BTreeSet<String>>,
    /// Its other numbers by register.
    unverified: BTreeMap<String, BTreeSet<Uuid>>,
    /// The sides on which it stands of decisions that two organisations are not the same.
    sides: BTreeSet<(usize, bool)>,
}

/// Which contradictions count.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Against {
    /// Nothing but decisions.
    Decisions,
    /// Numbers in registers of this rank and stronger ones.
    Numbers(Rank),
    /// Everything.
    All,
}

/// Claims, and which of them were put together so far.
pub(super) struct Clusters<'c> {
    pub subjects: Vec<Subject<'c>>,
    parents: Vec<usize>,
    about: Vec<About>,
}

impl<'c> Clusters<'c> {
    /// Each claim by itself.
    pub fn new(claims: &'c [Claim], decisions: &[Decision]) -> Clusters<'c> {
        let subjects: Vec<Subject> = claims.iter().map(Subject::new).collect();
        let different: Vec<&Decision> = decisions.iter().filter(|decision| !decision.same).collect();
        let about = subjects.iter().map(|subject| about(subject, &different)).collect();
        Clusters {
            parents: (0..subjects.len()).collect(),
            subjects,
            about,
        }
    }

    /// The claim that stands for the cluster of a claim.
    pub fn root(&self, mut claim: usize) -> usize {
        while self.parents[claim] != claim {
            claim = self.parents[claim];
        }
        claim
    }

    /// The clusters of claims, each once.
    pub fn roots(&self, claims: &[usize]) -> Vec<usize> {
        let roots: BTreeSet<usize> = claims.iter().map(|claim| self.root(*claim)).collect();
        roots.into_iter().collect()
    }

    /// The cluster of every claim.
    pub fn snapshot(&self) -> Vec<usize> {
        (0..self.parents.len()).map(|claim| self.root(claim)).collect()
    }

    /// Whether nothing speaks against putting clusters together.
    ///
    /// Of each register they have to have a number in common, if more than one has any. That asks more than that no two
    /// contradict each other, and is the same for the two or three that are met.
    pub fn are_compatible(&self, roots: &[usize], against: Against) -> bool {
        let about = || roots.iter().map(|root| &self.about[*root]);
        let limit = match against {
            Against::Decisions => None,
            Against::Numbers(rank) => Some(rank),
            Against::All => Some(Rank::Global),
        };
        let numbers = about().flat_map(|about| &about.numbers);
        let counted = numbers.filter(|((rank, _), _)| limit.is_some_and(|limit| *rank <= limit));
        let unverified = about().flat_map(|about| &about.unverified);
        have_common(counted)
            && (against != Against::All || have_common(unverified.filter(|(scheme, _)| !scheme.is_empty())))
            && self.are_undivided(roots)
    }

    /// Whether no decision says that two of the clusters are different.
    fn are_undivided(&self, roots: &[usize]) -> bool {
        let mut seen: BTreeMap<(usize, bool), usize> = BTreeMap::new();
        for root in roots {
            for (decision, side) in &self.about[*root].sides {
                seen.entry((*decision, *side)).or_insert(*root);
            }
        }
        let divides = |((decision, side), root): (&(usize, bool), &usize)| {
            !*side && seen.get(&(*decision, true)).is_some_and(|other| other != root)
        };
        !seen.iter().any(divides)
    }

    /// Puts clusters together.
    pub fn unite(&mut self, roots: &[usize]) {
        let mut roots = roots
            .iter()
            .map(|root| self.root(*root))
            .collect::<BTreeSet<_>>()
            .into_iter();
        let Some(first) = roots.next() else { return };
        for root in roots {
            self.parents[root] = first;
            let other = std::mem::take(&mut self.about[root]);
            let about = &mut self.about[first];
            for (register, numbers) in other.numbers {
                about.numbers.entry(register).or_default().extend(numbers);
            }
            for (register, numbers) in other.unverified {
                about.unverified.entry(register).or_default().extend(numbers);
            }
            about.sides.extend(other.sides);
        }
    }

    /// Whether the cluster of a claim has no number at all.
    pub fn is_bare(&self, claim: usize) -> bool {
        let about = &self.about[self.root(claim)];
        about.numbers.is_empty() && about.unverified.is_empty()
    }

    /// Whether the cluster of a claim has no verified number but this one, or weaker ones.
    pub fn has_at_most(&self, claim: usize, number: Option<&Number>) -> bool {
        let about = &self.about[self.root(claim)];
        about.numbers.iter().all(|((rank, scheme), numbers)| match number {
            Some(number) if *scheme == number.scheme => numbers.iter().all(|known| *known == number.number),
            Some(number) => *rank > number.rank,
            None => false,
        })
    }
}

fn about(subject: &Subject, different: &[&Decision]) -> About {
    let mut about = About::default();
    for number in &subject.numbers {
        let of_register = about.numbers.entry((number.rank, number.scheme)).or_default();
        of_register.insert(number.number.clone());
    }
    for (register, number) in &subject.unverified {
        about.unverified.entry(register.clone()).or_default().insert(*number);
    }
    for (decision, different) in different.iter().enumerate() {
        let sides = [(false, different.left), (true, different.right)];
        let on: Vec<bool> = sides
            .into_iter()
            .filter(|(_, key)| subject.is_meant(*key))
            .map(|(side, _)| side)
            .collect();
        // Who is on both sides is not who was meant.
        if let [side] = on[..] {
            about.sides.insert((decision, side));
        }
    }
    about
}

/// Whether all sets with the same key have an element in common.
fn have_common<'s, K: Ord + 's, V: Ord + Clone + 's>(sets: impl Iterator<Item = (&'s K, &'s BTreeSet<V>)>) -> bool {
    let mut common: BTreeMap<&K, BTreeSet<V>> = BTreeMap::new();
    for (key, set) in sets {
        match common.get_mut(key) {
            Some(known) => {
                known.retain(|element| set.contains(element));
                if known.is_empty() {
                    return false;
                }
            }
            None => {
                common.insert(key, set.clone());
            }
        }
    }
    true
}
