//! Words that tell that a name names nobody, a person, or one of many. The lists stand in `words/`, a file each.

use std::collections::HashSet;
use std::sync::LazyLock;

/// A list of folded words.
type Words = LazyLock<HashSet<&'static str>>;

/// What publishers write where they have no name: whole names, one a line.
static PLACEHOLDERS: Words = LazyLock::new(|| include_str!("words/placeholders.txt").lines().collect());
/// Words that make a pseudonym or a remark of a name that says nothing else.
static EVASIVE: Words = LazyLock::new(|| set(include_str!("words/evasive.txt")));
/// Words that say nothing themselves, and may stand beside those.
static INDEFINITE: Words = LazyLock::new(|| set(include_str!("words/indefinite.txt")));
/// First names of people.
static GIVEN_NAMES: Words = LazyLock::new(|| set(include_str!("words/given_names.txt")));
/// Words that are in no person's name.
static INSTITUTIONS: Words = LazyLock::new(|| set(include_str!("words/institutions.txt")));
/// Words that say what kind of body something is, and not which.
static GENERIC: Words = LazyLock::new(|| set(include_str!("words/generic.txt")));
/// Words in front of a person's name.
static TITLES: Words = LazyLock::new(|| {
    set("mr mrs ms miss dr prof sir dhr mevr mevrouw mw heer herr frau mme monsieur madame sr sra don dona lic arq")
});
/// Words between the names of a person.
static PARTICLES: Words =
    LazyLock::new(|| set("de der den van von zu del la las los da das do dos di du le el ten ter te e i"));

fn set(words: &'static str) -> HashSet<&'static str> {
    words.split_whitespace().collect()
}

/// Whether the words of a name say that there is none, whatever number stands behind them.
pub(super) fn is_placeholder(words: &str) -> bool {
    let without_number = words.trim_end_matches(|letter: char| letter.is_ascii_digit() || letter == ' ');
    PLACEHOLDERS.contains(words) || PLACEHOLDERS.contains(without_number)
}

/// Whether a name is a pseudonym or a remark (`anoniem 405`, `supplier b`, `various suppliers`, `see description`).
pub(super) fn is_pseudonym(words: &str) -> bool {
    let is_counter = |word: &str| word.len() == 1 || word.bytes().all(|byte| byte.is_ascii_digit());
    let mut is_evasive = false;
    let mut nouns = 0;
    for word in words.split(' ') {
        if EVASIVE.contains(word) {
            is_evasive = true;
        } else if INDEFINITE.contains(word) {
            nouns += 1;
        } else if !is_counter(word) {
            return false;
        }
    }
    is_evasive || nouns > 0
}

/// Whether a name may be a person's: a title or initials stand in front, or a first name is among few words.
pub(super) fn is_person(words: &str, has_initials: bool) -> bool {
    let all: Vec<&str> = words.split(' ').collect();
    let is_plain =
        |word: &&str| word.chars().all(char::is_alphabetic) && !INSTITUTIONS.contains(word) && !GENERIC.contains(word);
    if !(2..=6).contains(&all.len()) || !all.iter().all(is_plain) {
        return false;
    }
    let (first, others) = (all[0], &all[1..]);
    let names = others.iter().filter(|word| !PARTICLES.contains(*word)).count();
    if TITLES.contains(first) || (PARTICLES.contains(first) && TITLES.contains(others[0])) {
        return true;
    }
    // Surnames stand first in some countries.
    let has_first_name =
        GIVEN_NAMES.contains(first) || (names <= 2 && others.iter().any(|word| GIVEN_NAMES.contains(word)));
    (1..=3).contains(&names) && (has_initials || has_first_name)
}

/// Whether a name says what kind of body it is, and not which one.
pub(super) fn is_generic(words: &str) -> bool {
    let mut words = words.split(' ');
    words.all(|word| {
        GENERIC.contains(word) || PARTICLES.contains(word) || word.bytes().all(|byte| byte.is_ascii_digit())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lists_are_folded() {
        let lists = [
            &PLACEHOLDERS,
            &EVASIVE,
            &INDEFINITE,
            &GIVEN_NAMES,
            &INSTITUTIONS,
            &GENERIC,
            &TITLES,
            &PARTICLES,
        ];
        for word in lists.into_iter().flat_map(|list| list.iter()) {
            assert_eq!(*word, super::super::name::words(word), "{word}");
        }
    }

    #[test]
    fn organisations_called_after_people_are_no_people() {
        assert!(
            !is_person("universiteit maria", false) && !is_person("thomas 2000", false) && !is_person("maria", false)
        );
        assert!(is_person("garcia maria", false) && is_person("jan de groot", false) && is_person("jp bakker", true));
    }
}
