//! What is bought: CPV codes, and the Dutch titles and descriptions of tenders.
//!
//! The words are in `vocabulary.txt`; here they are read and put together.

use crate::place::Gazetteer;
use crate::random::Random;
use crate::release::{Classification, Unit};
use crate::tender::Commission;

const SOURCE: &str = include_str!("vocabulary.txt");

/// A trade and what its companies call themselves.
pub(crate) struct Trade {
    sector: &'static str,
    pub(crate) words: Vec<&'static str>,
}

/// A division of the CPV with the words of its tenders.
pub(crate) struct Division {
    /// Goods, works or services, as the OCDS codelist `procurementCategory` has it.
    pub(crate) category: &'static str,
    weight: u32,
    /// The median value of a tender, in euros.
    pub(crate) median: u64,
    /// The position among the trades of the one that wins its tenders.
    pub(crate) sector: usize,
    unit: &'static str,
    codes: Vec<(&'static str, &'static str)>,
    actions: Vec<&'static str>,
    objects: Vec<&'static str>,
    sentences: Vec<&'static str>,
}

/// All words.
pub(crate) struct Vocabulary {
    titles: Vec<&'static str>,
    openings: Vec<&'static str>,
    requirements: Vec<&'static str>,
    projects: Vec<&'static str>,
    pub(crate) trades: Vec<Trade>,
    pub(crate) divisions: Vec<Division>,
}

impl Vocabulary {
    /// The vocabulary that comes with the crate.
    pub(crate) fn bundled() -> Self {
        read(SOURCE).expect("the bundled vocabulary is well-formed, which a test makes sure of")
    }

    /// A division, as often as its weight says.
    pub(crate) fn division(&self, random: &mut Random) -> &Division {
        &self.divisions[random.weighted(self.divisions.iter().map(|division| division.weight))]
    }
}

/// The blocks of the file, or nothing if one of them is not as its head comment says.
fn read(source: &'static str) -> Option<Vocabulary> {
    let body = source.split_once("\n\n")?.1;
    let blocks: Vec<(&str, Vec<&str>)> = body
        .split("\n\n")
        .map(|block| {
            (
                block.lines().next().unwrap_or_default(),
                block.lines().skip(1).collect(),
            )
        })
        .collect();
    let block = |name| blocks.iter().find(|block| block.0 == name).map(|block| block.1.clone());
    let trades: Vec<Trade> = block("trades")?.into_iter().map(trade).collect::<Option<_>>()?;
    let divisions = blocks
        .iter()
        .filter_map(|(head, lines)| Some((head.strip_prefix("division ")?, lines)));
    Some(Vocabulary {
        titles: block("titles")?,
        openings: block("openings")?,
        requirements: block("requirements")?,
        projects: block("projects")?.first()?.split("; ").collect(),
        divisions: divisions
            .map(|(head, lines)| division(head, lines, &trades))
            .collect::<Option<_>>()?,
        trades,
    })
}

fn trade(line: &'static str) -> Option<Trade> {
    let (sector, words) = line.split_once(' ')?;
    Some(Trade {
        sector,
        words: words.split("; ").collect(),
    })
}

fn division(head: &'static str, lines: &[&'static str], trades: &[Trade]) -> Option<Division> {
    let list = |name, separator| {
        let line = lines
            .iter()
            .find_map(|line| line.strip_prefix(name)?.strip_prefix(' '))?;
        Some(line.split(separator).collect::<Vec<&'static str>>())
    };
    let mut fields = head.split(' ').skip(1);
    Some(Division {
        category: fields.next()?,
        weight: fields.next()?.parse().ok()?,
        median: fields.next()?.parse().ok()?,
        sector: fields
            .next()
            .and_then(|name| trades.iter().position(|trade| trade.sector == name))?,
        unit: fields.next()?,
        codes: list("codes", " | ")?
            .into_iter()
            .map(|code| code.split_once(' '))
            .collect::<Option<_>>()?,
        actions: list("actions", "; ")?,
        objects: list("objects", "; ")?,
        sentences: list("sentences", " | ")?,
    })
}

impl Division {
    pub(crate) fn classification(&self, random: &mut Random) -> Classification {
        let (id, description) = self.codes[random.index(self.codes.len())];
        Classification {
            scheme: "CPV",
            id,
            description,
        }
    }

    /// Something of this division, in the plural.
    pub(crate) fn object(&self, random: &mut Random) -> &'static str {
        random.pick(&self.objects)
    }

    /// The unit its items are counted in, and a likely quantity.
    pub(crate) fn quantity(&self, random: &mut Random) -> (Unit, u64) {
        let (name, median) = match self.unit {
            "HUR" => ("uur", 900),
            "DAY" => ("dag", 40),
            "MON" => ("maand", 36),
            "ANN" => ("jaar", 4),
            "MTR" => ("meter", 1_500),
            "MTK" => ("vierkante meter", 3_000),
            "TNE" => ("ton", 800),
            "KGM" => ("kilogram", 6_000),
            "KWH" => ("kilowattuur", 2_000_000),
            _ => ("stuk", 60),
        };
        let quantity = match self.unit {
            "MON" | "ANN" => median,
            _ => random.log_normal(median, 1),
        };
        (
            Unit {
                scheme: "UNCEFACT",
                id: self.unit,
                name,
            },
            quantity,
        )
    }
}

/// What one tender is about: the words that its title and its description share.
pub(crate) struct Topic<'a> {
    vocabulary: &'a Vocabulary,
    division: &'a Division,
    buyer: &'a str,
    place: &'a str,
    action: &'static str,
    objects: &'static str,
    others: &'static str,
    district: String,
    street: String,
    project: &'static str,
    year: i32,
}

impl<'a> Topic<'a> {
    pub(crate) fn new(
        vocabulary: &'a Vocabulary,
        gazetteer: &Gazetteer,
        commission: &Commission<'a>,
        random: &mut Random,
    ) -> Self {
        let division = commission.division;
        let first = random.index(division.objects.len());
        // Another one, so that a title never names the same thing twice.
        let other = (first + 1 + random.index(division.objects.len() - 1)) % division.objects.len();
        Self {
            vocabulary,
            division,
            buyer: &commission.buyer.name,
            place: &commission.town.name,
            action: random.pick(&division.actions),
            objects: division.objects[first],
            others: division.objects[other],
            district: gazetteer.district(random),
            street: gazetteer.street(random),
            project: random.pick(&vocabulary.projects),
            year: commission.published.year(),
        }
    }

    pub(crate) fn title(&self, random: &mut Random) -> String {
        capitalised(&self.fill(random.pick(&self.vocabulary.titles), random))
    }

    /// The title of one of several lots.
    pub(crate) fn lot_title(&self, number: usize, random: &mut Random) -> String {
        let object = self.division.object(random);
        match random.below(3) {
            0 => format!("Perceel {number}: {object}"),
            1 => format!("Perceel {number} - {object} {}", self.place),
            _ => format!("{} {object} (perceel {number})", capitalised(self.action)),
        }
    }

    /// One to six sentences: what it is about, how it is done, what is asked of bidders.
    pub(crate) fn description(&self, random: &mut Random) -> String {
        let mut text = capitalised(&self.fill(random.pick(&self.vocabulary.openings), random));
        let further = random.below(6);
        let mut special = random.index(self.division.sentences.len());
        let mut general = random.index(self.vocabulary.requirements.len());
        for number in 0..further {
            let (list, position) = if number % 3 == 0 {
                (&self.division.sentences, &mut special)
            } else {
                (&self.vocabulary.requirements, &mut general)
            };
            text.push(' ');
            text += &capitalised(&self.fill(list[*position % list.len()], random));
            // A step that shares no divisor with the lists' lengths meets no sentence twice.
            *position += 7;
        }
        text
    }

    /// `pattern` with its words in braces filled in.
    fn fill(&self, pattern: &str, random: &mut Random) -> String {
        let mut text = String::with_capacity(pattern.len() + 40);
        let mut parts = pattern.split('{');
        text += parts.next().unwrap_or_default();
        for part in parts {
            let (name, rest) = part.split_once('}').unwrap_or((part, ""));
            match name {
                "actions" => text += self.action,
                "Actions" => text += &capitalised(self.action),
                "objects" => text += self.objects,
                "Objects" => text += &capitalised(self.objects),
                "others" => text += self.others,
                "buyer" => text += self.buyer,
                "place" => text += self.place,
                "district" => text += &self.district,
                "street" => text += &self.street,
                "project" => text += self.project,
                "year" => text += &self.year.to_string(),
                "later" => text += &(self.year + 4).to_string(),
                "digit" => text += &random.between(2, 9).to_string(),
                "number" => text += &random.between(1_000, 4_999).to_string(),
                unknown => unreachable!("the vocabulary asks for an unknown word, {unknown}"),
            }
            text += rest;
        }
        text
    }
}

fn capitalised(text: &str) -> String {
    let mut letters = text.chars();
    letters
        .next()
        .map(|first| first.to_uppercase().chain(letters).collect())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;
    use crate::random::Theme;

    #[test]
    fn the_bundled_vocabulary_is_rich_and_sound() {
        let words = Vocabulary::bundled();
        assert!(words.divisions.len() >= 35);
        assert!(
            words
                .divisions
                .iter()
                .map(|division| division.codes.len())
                .sum::<usize>()
                >= 150
        );
        for (code, label) in words.divisions.iter().flat_map(|division| &division.codes) {
            assert!(
                code.len() == 10 && code.as_bytes()[8] == b'-' && !label.is_empty(),
                "{code}"
            );
        }
    }

    #[test]
    fn every_pattern_can_be_filled() {
        let (words, gazetteer) = (Vocabulary::bundled(), Gazetteer::new());
        let mut random = Random::new(1, Theme::Process, 1);
        let topic = topic(&words, &words.divisions[0], &gazetteer, &mut random);
        let special = words.divisions.iter().flat_map(|division| &division.sentences);
        for pattern in words
            .titles
            .iter()
            .chain(&words.openings)
            .chain(&words.requirements)
            .chain(special)
        {
            assert!(!topic.fill(pattern, &mut random).contains(['{', '}']), "{pattern}");
        }
    }

    #[test]
    fn a_description_repeats_no_sentence() {
        let (words, gazetteer) = (Vocabulary::bundled(), Gazetteer::new());
        let mut random = Random::new(1, Theme::Process, 2);
        for division in &words.divisions {
            let text = topic(&words, division, &gazetteer, &mut random).description(&mut random);
            let sentences: Vec<_> = text.split(". ").collect();
            let distinct: HashSet<_> = sentences.iter().collect();
            assert_eq!(sentences.len(), distinct.len(), "{text}");
        }
    }

    fn topic<'a>(
        vocabulary: &'a Vocabulary,
        division: &'a Division,
        gazetteer: &'a Gazetteer,
        random: &mut Random,
    ) -> Topic<'a> {
        Topic {
            vocabulary,
            division,
            buyer: "Gemeente Elzenhage",
            place: &gazetteer.town(1).name,
            action: division.actions[0],
            objects: division.objects[0],
            others: division.objects[1],
            district: gazetteer.district(random),
            street: gazetteer.street(random),
            project: vocabulary.projects[0],
            year: 2024,
        }
    }
}
