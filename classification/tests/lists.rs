//! The lists as they are shipped: complete, trees, and found by every spelling.

use std::collections::HashSet;

use classification::{Code, Entry, Scheme, ancestors, children, entries, find, languages, nearest, search};
use proptest::prelude::*;

/// The official languages of the European Union.
const EU: &str = "bg cs da de el en es et fi fr ga hr hu it lt lv mt nl pl pt ro sk sl sv";

fn cpv(text: &str) -> Entry {
    find(code(Scheme::Cpv, text)).unwrap_or_else(|| panic!("{text} was issued"))
}

fn code(scheme: Scheme, text: &str) -> Code {
    Code::parse(scheme, text).unwrap_or_else(|| panic!("{text} is a code"))
}

fn written(found: impl IntoIterator<Item = Entry>) -> Vec<String> {
    found.into_iter().map(|entry| entry.code().to_string()).collect()
}

#[test]
fn the_lists_are_whole() {
    assert_eq!(entries(Scheme::Cpv).count(), 9454);
    assert_eq!(entries(Scheme::Nuts).count(), 2087);
    assert_eq!(children(Scheme::Cpv, None).count(), 45);
    assert_eq!(children(Scheme::Nuts, None).count(), 39);
}

#[test]
fn every_entry_is_the_child_of_its_parent_and_of_nothing_else() {
    for scheme in Scheme::ALL {
        let mut met = HashSet::new();
        let mut parents = vec![None];
        while let Some(parent) = parents.pop() {
            for child in children(scheme, parent) {
                assert!(met.insert(child), "{} is met twice", child.code());
                assert_eq!(nearest(child.code()), parent, "{}", child.code());
                assert_eq!(ancestors(child.code()).next_back(), parent, "{}", child.code());
                assert!(parent.is_none_or(|parent| parent.code().level() < child.code().level()));
                parents.push(Some(child));
            }
        }
        assert_eq!(met, entries(scheme).collect());
    }
}

#[test]
fn a_code_without_an_issued_parent_hangs_on_its_nearest_ancestor() {
    assert_eq!(find(code(Scheme::Cpv, "35611000")), None);
    assert_eq!(
        written(ancestors(cpv("35611100").code())),
        ["35000000-4", "35600000-0", "35610000-3"]
    );
    assert!(children(Scheme::Cpv, Some(cpv("35610000"))).any(|child| child == cpv("35611100")));
    // Never issued itself.
    assert_eq!(nearest(code(Scheme::Cpv, "72999999")), Some(cpv("729")));
    assert_eq!(nearest(code(Scheme::Cpv, "99000000")), None);
    assert_eq!(written(nearest(code(Scheme::Nuts, "NL331"))), ["NL3"]);
}

#[test]
fn every_spelling_of_a_code_is_one() {
    for spelling in [
        "72",
        "720",
        "72000000",
        "72000000-5",
        " 72000000-5 ",
        "72000000-9",
        "72000000.5",
        "72000000/5",
        "72000000 - 5",
        "72000000-",
    ] {
        assert_eq!(code(Scheme::Cpv, spelling).key(), "72", "{spelling}");
    }
    for spelling in ["NL32", " nl32 "] {
        assert_eq!(code(Scheme::Nuts, spelling).key(), "NL32", "{spelling}");
    }
    assert_eq!(code(Scheme::Nuts, "GR30").key(), "EL30");
    assert_eq!(code(Scheme::Cpv, "30").to_string(), "30000000-9");
    assert_eq!(code(Scheme::Cpv, "72999999-1").to_string(), "72999999");
}

#[test]
fn what_has_not_the_shape_of_a_code_is_none() {
    for text in [
        "",
        "7",
        "IT",
        "72%",
        "123456789",
        "-5",
        "72000000-55",
        "72000000-x",
        "72-5-5",
        "ДК 72",
        "７２",
    ] {
        assert_eq!(Code::parse(Scheme::Cpv, text), None, "{text}");
    }
    for text in ["", "N", "12", "N1", "NL3211", "NL-3", "NL 3", "ÑL"] {
        assert_eq!(Code::parse(Scheme::Nuts, text), None, "{text}");
    }
}

#[test]
fn every_code_has_a_label_in_every_language_of_the_union() {
    let own: HashSet<_> = languages(Scheme::Cpv).collect();
    for language in EU.split(' ') {
        assert!(own.contains(language) || language == "ga", "{language}");
        for scheme in Scheme::ALL {
            let labels: Vec<_> = entries(scheme).map(|entry| entry.label(language)).collect();
            assert!(labels.iter().all(|label| !label.trim().is_empty()), "{language}");
        }
    }
    let it_services = cpv("72000000");
    assert_eq!(it_services.label("nl"), it_services.label("nl-BE"));
    assert_eq!(it_services.label("nl"), it_services.label("NL"));
    assert_ne!(it_services.label("nl"), it_services.label("en"));
    for missing in ["ga", "ja", "", "é"] {
        assert_eq!(
            it_services.label(missing),
            "IT services: consulting, software development, Internet and support"
        );
    }
    let greece = find(code(Scheme::Nuts, "EL")).unwrap();
    assert_eq!(greece.label("en"), "Ελλάδα");
}

#[test]
fn labels_stand_beside_their_codes() {
    for (text, language, label) in [
        (
            "03000000",
            "en",
            "Agricultural, farming, fishing, forestry and related products",
        ),
        ("45221111", "en", "Road bridge construction work"),
        (
            "98910000",
            "en",
            "Services specific to international organisations and bodies",
        ),
        (
            "98910000",
            "fr",
            "Services spécifiques aux organisations et aux organismes internationaux",
        ),
    ] {
        assert_eq!(cpv(text).label(language), label);
    }
    let region = find(code(Scheme::Nuts, "NL32")).unwrap();
    assert_eq!(region.label("de"), "Noord-Holland");
}

#[test]
fn codes_are_found_by_their_beginning_from_the_top_down() {
    let found = written(search(Scheme::Cpv, "72", "en"));
    assert_eq!(found[..3], ["72000000-5", "72100000-6", "72200000-7"]);
    let found = written(search(Scheme::Nuts, "nl3", "en"));
    assert_eq!(found[..3], ["NL3", "NL32", "NL34"]);
    assert!(written(search(Scheme::Cpv, "0", "en")).contains(&"03000000-1".to_owned()));
}

#[test]
fn words_are_found_by_their_beginnings_without_case_and_accents() {
    for (text, language, expected) in [
        ("bridge constr", "en", "45221100-3"),
        ("BRIDGE", "en", "45221100-3"),
        ("batiment", "fr", "45210000-2"),
        ("βιβλια", "el", "22110000-4"),
        ("Bücher", "de", "22110000-4"),
        ("bucher", "de", "22110000-4"),
    ] {
        let found = written(search(Scheme::Cpv, text, language));
        assert!(found.contains(&expected.to_owned()), "{text}: {found:?}");
    }
    assert_eq!(written(search(Scheme::Nuts, "noord-holl", "nl"))[..1], ["NL32"]);
    for nothing in ["", " ", "-", "%", "qqqq", "bridge qqqq"] {
        assert_eq!(search(Scheme::Cpv, nothing, "en"), [], "{nothing}");
    }
}

#[test]
fn a_label_that_begins_with_the_word_comes_before_one_that_has_it() {
    let found = search(Scheme::Cpv, "software", "en");
    let begins: Vec<bool> = found
        .iter()
        .map(|entry| entry.label("en").to_lowercase().starts_with("software"))
        .collect();
    let first_other = begins.iter().position(|begins| !begins).unwrap();
    assert!(first_other > 0 && begins[first_other..].iter().all(|begins| !begins));
}

proptest! {
    #[test]
    fn a_code_is_read_back_however_deep(digits in "[0-9]{2,8}", check in "(-[0-9])?") {
        let read = code(Scheme::Cpv, &format!("{digits}{check}"));
        prop_assert_eq!(Code::parse(Scheme::Cpv, &read.to_string()), Some(read));
        prop_assert_eq!(Code::parse(Scheme::Cpv, read.key()), Some(read));
        let padded = format!("{digits:0<8}");
        prop_assert!(padded.starts_with(read.key()));
        let path: Vec<_> = read.path().collect();
        prop_assert_eq!(path.last().copied(), Some(read));
        prop_assert!(path.iter().all(|above| read.is_within(above)));
        // What it hangs on is above it, was issued, and nothing nearer was.
        let parent = nearest(read).map(Entry::code);
        prop_assert!(parent.is_none_or(|parent| read.is_within(&parent) && parent != read));
        let nearer = path.iter().filter(|above| **above != read && parent.is_none_or(|parent| **above > parent));
        prop_assert!(nearer.into_iter().all(|above| find(*above).is_none()));
    }

    #[test]
    fn no_text_is_too_odd(text in ".{0,40}", language in ".{0,5}") {
        for scheme in Scheme::ALL {
            if let Some(code) = Code::parse(scheme, &text) {
                prop_assert_eq!(Code::parse(scheme, &code.to_string()), Some(code));
            }
            let found = search(scheme, &text, &language);
            prop_assert!(found.iter().all(|entry| entry.scheme() == scheme));
        }
    }

    #[test]
    fn an_entry_is_found_by_its_own_words(index in 0..9454_usize) {
        let entry = entries(Scheme::Cpv).nth(index).unwrap();
        prop_assert!(search(Scheme::Cpv, entry.label("nl"), "nl").contains(&entry));
        prop_assert!(search(Scheme::Cpv, &entry.code().to_string(), "nl").contains(&entry));
    }
}
