//! How alike two names are.

use std::collections::BTreeSet;

/// How alike names have to be where a number that cannot be verified says the same.
const RELATED: f64 = 0.85;

/// Whether two names can be spellings of one: equal, one with more words than the other, or with a few other letters.
/// Numbers in them have to agree: `School 1` is not `School 2`.
pub(super) fn are_related(one: &str, other: &str) -> bool {
    if one == other {
        return true;
    }
    let (first, second) = (tokens(one), tokens(other));
    let has_all = first.is_subset(&second) || second.is_subset(&first);
    has_all || (numbers(&first) == numbers(&second) && likeness(one, other) >= RELATED)
}

/// From 0 for names that have nothing in common to 1 for equal ones: the share of letters that stay in place.
pub(super) fn likeness(one: &str, other: &str) -> f64 {
    let (one, other): (Vec<char>, Vec<char>) = (one.chars().collect(), other.chars().collect());
    let longest = one.len().max(other.len());
    if longest == 0 {
        return 1.0;
    }
    let distance = u32::try_from(distance(&one, &other)).unwrap_or(u32::MAX);
    1.0 - f64::from(distance) / f64::from(u32::try_from(longest).unwrap_or(u32::MAX))
}

/// The words of a name.
pub(super) fn tokens(name: &str) -> BTreeSet<&str> {
    name.split(' ').collect()
}

/// The words that are or hold numbers.
pub(super) fn numbers<'w>(words: &BTreeSet<&'w str>) -> BTreeSet<&'w str> {
    let has_digit = |word: &&&str| word.contains(|letter: char| letter.is_numeric());
    words.iter().filter(has_digit).copied().collect()
}

/// How many letters have to be put in, taken out or exchanged to make one of the other.
fn distance(one: &[char], other: &[char]) -> usize {
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (place, letter) in one.iter().enumerate() {
        let mut diagonal = row[0];
        row[0] = place + 1;
        for (column, against) in other.iter().enumerate() {
            let exchanged = diagonal + usize::from(letter != against);
            diagonal = row[column + 1];
            row[column + 1] = exchanged.min(diagonal + 1).min(row[column] + 1);
        }
    }
    row[other.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn related_names_differ_in_letters_but_not_in_numbers() {
        assert!(are_related(
            "grupo aeroportuario de mexico",
            "grupo aeroportuario de m xico"
        ));
        assert!(are_related("albos", "albos bouw"));
        assert!(!are_related("school 1", "school 2"));
        assert!(!are_related("albos bouw", "dremhof installatie"));
        assert!((likeness("abcd", "abxd") - 0.75).abs() < 1e-9);
        assert!((likeness("", "") - 1.0).abs() < 1e-9);
    }
}
