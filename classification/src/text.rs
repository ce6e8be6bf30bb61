//! Many short texts in one piece of memory, and the form of a text in which it is searched.

use unicode_normalization::char::decompose_compatible;

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
    let mut letters = String::with_capacity(text.len());
    fold_into(text, &mut letters);
    let words: Vec<&str> = letters
        .split(|letter: char| !letter.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .collect();
    words.join(" ")
}

/// Appends the letters of a text as they are compared when case and accents do not count: `Bücher` as `bucher`.
pub fn fold_into(text: &str, folded: &mut String) {
    if text.is_ascii() {
        folded.extend(text.chars().map(|letter| letter.to_ascii_lowercase()));
        return;
    }
    for letter in text.chars() {
        // To Unicode, й is an и with a mark; to those who write it, it is another letter.
        if matches!(letter, 'й' | 'Й') {
            folded.push('й');
            continue;
        }
        decompose_compatible(letter, |part| {
            if matches!(part, '\u{300}'..='\u{36f}') {
                return;
            }
            for part in part.to_lowercase() {
                match plain(part) {
                    Some(plain) => folded.push_str(plain),
                    None => folded.push(part),
                }
            }
        });
    }
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
            ("ИТ-услуги, новый", "ит услуги новый"),
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
