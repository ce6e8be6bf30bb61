//! Many short texts in one piece of memory, and the form of a text in which it is searched.

use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::is_combining_mark;

/// Lines of one text, found by their number.
#[derive(Debug)]
pub(crate) struct Lines {
    text: String,
    /// Where each line ends, its line break not included.
    ends: Vec<u32>,
}

impl Lines {
    /// Takes a text whose lines are separated by line breaks.
    pub fn new(text: String) -> Self {
        let place = |place: usize| u32::try_from(place).expect("a list is far shorter than four gigabytes");
        let breaks = text.match_indices('\n').map(|(at, _)| place(at));
        let ends = breaks.chain([place(text.len())]).collect();
        Self { text, ends }
    }

    /// The line with this number, from 0.
    pub fn get(&self, number: usize) -> &str {
        let start = number.checked_sub(1).map_or(0, |before| self.ends[before] as usize + 1);
        &self.text[start..self.ends[number] as usize]
    }

    /// All lines.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        (0..self.ends.len()).map(|number| self.get(number))
    }

    /// The same lines, each [folded](fold).
    pub fn folded(&self) -> Self {
        let lines: Vec<String> = self.iter().map(fold).collect();
        Self::new(lines.join("\n"))
    }
}

/// The words of a text in lower case and without accents, a blank between them: `Bücher, Hefte` is `bucher hefte`.
pub(crate) fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    for letter in text.nfkd().filter(|letter| !is_combining_mark(*letter)) {
        for letter in letter.to_lowercase() {
            match plain(letter) {
                Some(plain) => folded.push_str(plain),
                None if letter.is_alphanumeric() => folded.push(letter),
                None if folded.ends_with(' ') || folded.is_empty() => {}
                None => folded.push(' '),
            }
        }
    }
    folded.truncate(folded.trim_end().len());
    folded
}

/// Letters that Unicode does not take apart, as people type them who do not have them.
fn plain(letter: char) -> Option<&'static str> {
    Some(match letter {
        'ß' => "ss",
        'æ' => "ae",
        'œ' => "oe",
        'ø' => "o",
        'đ' | 'ð' => "d",
        'ħ' => "h",
        'ı' => "i",
        'ł' => "l",
        'þ' => "th",
        'ς' => "σ",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accents_case_and_punctuation_do_not_count() {
        for (text, expected) in [
            ("Bücher, Hefte", "bucher hefte"),
            ("  STRASSE / straße ", "strasse strasse"),
            ("Łódź", "lodz"),
            ("Ελλάδα ΟΔΟΣ", "ελλαδα οδοσ"),
            ("ИТ-услуги", "ит услуги"),
            ("...", ""),
        ] {
            assert_eq!(fold(text), expected, "{text}");
        }
    }

    #[test]
    fn lines_are_found_by_number() {
        let lines = Lines::new("one\n\nthree".to_owned());
        assert_eq!(lines.iter().collect::<Vec<_>>(), ["one", "", "three"]);
    }
}
