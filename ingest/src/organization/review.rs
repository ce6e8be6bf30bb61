//! Pairs of organisations about which the hub may be wrong, the most doubtful first.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use entities::value::code::ClaimKind;
use sea_orm::prelude::Uuid;

use super::register::Number;
use super::similar::{likeness, numbers, tokens};
use super::{Claim, Decision};

/// How alike names have to be to be worth a look.
const WORTH_A_LOOK: f64 = 0.8;
/// Words that more names than this have in common tell nothing.
const MOST_NAMES: usize = 40;

/// Two claims that an operator may want to decide about.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Doubt {
    /// From 0 to 1: how likely they are the same, where they are apart; how likely they are not, where they are together.
    pub score: f64,
    /// Why it is doubtful, for people.
    pub reason: &'static str,
    /// Whether they are one organisation now.
    pub together: bool,
    /// One claim, and its place in the list.
    pub left: usize,
    /// The other.
    pub right: usize,
}

/// The doubtful pairs among claims, each with the organisation it is; one pair for two organisations, the best.
pub(crate) fn doubts(claims: &[(Claim, Uuid)], decisions: &[Decision]) -> Vec<Doubt> {
    let mut found: BTreeMap<(Uuid, Uuid), Doubt> = BTreeMap::new();
    let numbers: Vec<Vec<Number>> = claims
        .iter()
        .map(|(claim, _)| claim.numbers().into_iter().map(|(_, number)| number).collect())
        .collect();
    for (left, right) in candidates(claims) {
        let Some(doubt) = doubt(claims, &numbers, left, right) else {
            continue;
        };
        let organizations = (claims[left].1, claims[right].1);
        let pair = (
            organizations.0.min(organizations.1),
            organizations.0.max(organizations.1),
        );
        let known = found.get(&pair).is_some_and(|known| known.score >= doubt.score);
        if !known {
            found.insert(pair, doubt);
        }
    }
    let decided = decided(claims, decisions);
    found.retain(|pair, _| !decided.contains(pair));
    let mut doubts: Vec<Doubt> = found.into_values().collect();
    let ids = |doubt: &Doubt| (claims[doubt.left].0.id, claims[doubt.right].0.id);
    doubts.sort_by(|one, other| {
        other
            .score
            .total_cmp(&one.score)
            .then_with(|| ids(one).cmp(&ids(other)))
    });
    doubts
}

/// The pairs of organisations about which something was decided.
fn decided(claims: &[(Claim, Uuid)], decisions: &[Decision]) -> HashSet<(Uuid, Uuid)> {
    let mut organizations: HashMap<Uuid, BTreeSet<Uuid>> = HashMap::new();
    let wanted: HashSet<Uuid> = decisions
        .iter()
        .flat_map(|decision| [decision.left, decision.right])
        .collect();
    if !wanted.is_empty() {
        for (claim, organization) in claims {
            for key in claim
                .keys()
                .into_iter()
                .chain([claim.id])
                .filter(|key| wanted.contains(key))
            {
                organizations.entry(key).or_default().insert(*organization);
            }
        }
    }
    let none = BTreeSet::new();
    let of = |key: &Uuid| organizations.get(key).unwrap_or(&none);
    let pairs = decisions.iter().flat_map(|decision| {
        of(&decision.left)
            .iter()
            .flat_map(|left| of(&decision.right).iter().map(move |right| (*left, *right)))
    });
    pairs.map(|(left, right)| (left.min(right), left.max(right))).collect()
}

/// Pairs of claims that have a number, or a rare word in one country or of one publisher, in common.
fn candidates(claims: &[(Claim, Uuid)]) -> BTreeSet<(usize, usize)> {
    let mut blocks: HashMap<(&str, &str), Vec<usize>> = HashMap::new();
    let mut by_key: HashMap<Uuid, Vec<usize>> = HashMap::new();
    for (place, (claim, _)) in claims.iter().enumerate() {
        for key in claim.keys() {
            by_key.entry(key).or_default().push(place);
        }
        if claim.kind == ClaimKind::Organization {
            for scope in claim.scopes() {
                for word in tokens(&claim.name).into_iter().filter(|word| word.chars().count() > 2) {
                    blocks.entry((scope, word)).or_default().push(place);
                }
            }
        }
    }
    let mut pairs = BTreeSet::new();
    for block in blocks.into_values().chain(by_key.into_values()) {
        // One claim of each organisation and name stands for the others.
        let mut seen = HashSet::new();
        let distinct: Vec<usize> = block
            .into_iter()
            .filter(|place| seen.insert((&claims[*place].0.name, claims[*place].1)))
            .collect();
        if distinct.len() > MOST_NAMES {
            continue;
        }
        for (index, left) in distinct.iter().enumerate() {
            pairs.extend(
                distinct[index + 1..]
                    .iter()
                    .map(|right| (*left.min(right), *left.max(right))),
            );
        }
    }
    pairs
}

fn doubt(claims: &[(Claim, Uuid)], verified: &[Vec<Number>], left: usize, right: usize) -> Option<Doubt> {
    let ((one, organization), (other, another)) = (&claims[left], &claims[right]);
    let together = organization == another;
    let has_number = |number: &Number| verified[right].contains(number);
    let of_register = |number: &Number| verified[right].iter().any(|known| known.scheme == number.scheme);
    let (score, reason) = if together {
        let shares_number = verified[left].iter().any(has_number);
        shares_number.then(|| together_by_number(one, other))??
    } else if verified[left]
        .iter()
        .any(|number| of_register(number) && !has_number(number))
    {
        // Two numbers in one register leave no doubt.
        return None;
    } else {
        apart(one, other)?
    };
    Some(Doubt {
        score,
        reason,
        together,
        left,
        right,
    })
}

/// What is doubtful about claims that a verified number makes one organisation.
fn together_by_number(one: &Claim, other: &Claim) -> Option<(f64, &'static str)> {
    let alike = likeness(&one.name, &other.name);
    let has_word = tokens(&one.name).intersection(&tokens(&other.name)).next().is_some();
    (!has_word && alike <= 0.5).then_some((1.0 - alike, "one number, but the names have nothing in common"))
}

/// What is doubtful about claims of different organisations.
fn apart(one: &Claim, other: &Claim) -> Option<(f64, &'static str)> {
    let alike = likeness(&one.name, &other.name);
    let keys = other.keys();
    if one
        .identifiers
        .iter()
        .any(|said| keys.contains(&said.key(&one.publisher)))
    {
        return Some((0.5 + alike / 2.0, "one number that cannot be verified, and other names"));
    }
    let (words, others) = (tokens(&one.name), tokens(&other.name));
    let are_named = [one, other].iter().all(|claim| claim.kind == ClaimKind::Organization);
    if !are_named || numbers(&words) != numbers(&others) {
        return None;
    }
    if one.name == other.name {
        let is_elsewhere = one.place.is_some() && other.place.is_some() && one.place != other.place;
        return Some(if is_elsewhere {
            (0.7, "one name in two towns")
        } else {
            (0.9, "one name that several organisations have")
        });
    }
    let has_all = words.is_subset(&others) || others.is_subset(&words);
    if alike >= WORTH_A_LOOK {
        Some((alike - 0.05, "names that differ in a few letters"))
    } else if has_all && one.place.is_some() && one.place == other.place {
        Some((0.75, "one name has more words than the other, in one town"))
    } else {
        None
    }
}
