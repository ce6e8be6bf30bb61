//! The companies that win: invented names, the spellings they are published under, and who wins how often.
//!
//! There is no list of them: supplier 4711 is made of its number whenever it is met, so any number of suppliers takes no
//! memory.

use crate::buyer::trade_register_number;
use crate::place::{Gazetteer, TOWNS};
use crate::random::{Random, Theme};
use crate::release::{Address, Identifier, Organization};
use crate::subject::Vocabulary;

/// Suppliers at the first process; the landscape grows by one with every twentieth.
const SUPPLIERS: u64 = 3_000;
const PROCESSES_PER_NEWCOMER: u64 = 20;
/// Positions in the register below this one belong to buyers.
const FIRST_POSITION: u64 = 1_000;

const HEADS: &str = "Ald Ber Bolk Brav Cas Corv Dal Drem Eld Ferw Fol Gar Gelm Haan Hesk Huv Ilm Jasp Kolm Krev Lam Lenz \
    Mand Merv Nold Oss Pel Quar Ram Riev Sal Schev Tam Terv Ulv Vel Vond Warf Wiem Zand Zev Hél Möl Noë Brié";
const MIDDLES: &str = "a e i o er el en ar in an ing ema era ona ila";
const TAILS: &str =
    "bos brink daal dijk feld gaard hof horst huis kamp laar man mans mark rink stad stra tec tra veld vink wijk zicht";

const FORMS: [(&str, u32); 5] = [
    ("B.V.", 78),
    ("Groep B.V.", 8),
    ("VOF", 8),
    ("N.V.", 4),
    ("Coöperatie U.A.", 2),
];

const BELGIAN_TOWNS: [&str; 5] = ["Antwerpen", "Gent", "Hasselt", "Mechelen", "Turnhout"];
const GERMAN_TOWNS: [&str; 5] = ["Düsseldorf", "Köln", "Münster", "Oldenburg", "Aachen"];

/// Where a supplier is registered.
enum Home {
    Netherlands,
    Belgium,
    Germany,
}

/// A company.
pub(crate) struct Supplier {
    /// The name it trades under.
    trade_name: String,
    /// The name in the register, without the legal form.
    name: String,
    form: &'static str,
    /// The scheme of its register and its number there.
    registration: (&'static str, String),
    address: Address,
}

/// The words that the names of suppliers are made of.
pub(crate) struct Suppliers {
    seed: u64,
    heads: Vec<&'static str>,
    middles: Vec<&'static str>,
    tails: Vec<&'static str>,
}

impl Suppliers {
    pub(crate) fn new(seed: u64) -> Self {
        Self {
            seed,
            heads: HEADS.split_whitespace().collect(),
            middles: MIDDLES.split_whitespace().collect(),
            tails: TAILS.split_whitespace().collect(),
        }
    }

    /// The supplier with this number.
    pub(crate) fn find(&self, number: u64, words: &Vocabulary, gazetteer: &Gazetteer) -> Supplier {
        let mut random = Random::new(self.seed, Theme::Supplier, number);
        let sectors = u64::try_from(words.trades.len()).expect("sectors are few");
        let sector = usize::try_from(number % sectors).expect("sectors are few");
        let trade = random.pick(&words.trades[sector].words);
        let coined = self.coin(&mut random);
        let (trade_name, name) = match random.below(10) {
            0..=4 => (coined.clone(), format!("{coined} {trade}")),
            5 | 6 => (coined.clone(), format!("{trade} {coined}")),
            7 => (coined.clone(), format!("{coined} & {} {trade}", self.coin(&mut random))),
            8 => (coined.clone(), format!("Gebroeders {coined} {trade}")),
            _ => (
                format!("{coined} {trade}"),
                format!("{trade} {coined} {}", self.coin(&mut random)),
            ),
        };
        let home = match random.below(100) {
            0..=3 => Home::Belgium,
            4..=6 => Home::Germany,
            _ => Home::Netherlands,
        };
        let position = FIRST_POSITION + number;
        Supplier {
            form: legal_form(&home, &mut random),
            registration: registration(&home, position),
            address: address(&home, gazetteer, &mut random),
            trade_name,
            name,
        }
    }

    fn coin(&self, random: &mut Random) -> String {
        let (head, middle, tail) = (
            random.pick(&self.heads),
            random.pick(&self.middles),
            random.pick(&self.tails),
        );
        // A vowel would meet a vowel after these heads.
        let middle = if head.ends_with(['ë', 'é']) { "" } else { middle };
        format!("{head}{middle}{tail}")
    }
}

/// The number of a supplier that may win process `process` in `sector`: nearly always one of the sector, and the large
/// ones of it far more often.
pub(crate) fn draw(process: u64, sector: usize, words: &Vocabulary, random: &mut Random) -> u64 {
    let sectors = words.trades.len();
    let sector = if random.chance(94) {
        sector
    } else {
        random.index(sectors)
    };
    let sectors = u64::try_from(sectors).expect("sectors are few");
    let sector = u64::try_from(sector).expect("sectors are few");
    let of_sector = (SUPPLIERS + process / PROCESSES_PER_NEWCOMER) / sectors;
    let rank = random.rank(u32::try_from(of_sector).unwrap_or(u32::MAX));
    u64::from(rank) * sectors + sector
}

fn legal_form(home: &Home, random: &mut Random) -> &'static str {
    match home {
        Home::Netherlands => random.pick_weighted(&FORMS),
        Home::Belgium => random.pick(&["BV", "NV"]),
        Home::Germany => random.pick(&["GmbH", "GmbH & Co. KG", "AG"]),
    }
}

/// Numbers far from those in use, so that no real company is named by accident.
fn registration(home: &Home, position: u64) -> (&'static str, String) {
    match home {
        Home::Netherlands => ("NL-KVK", trade_register_number(position)),
        Home::Belgium => {
            let base = position % 1_000_000;
            ("BE-BCE_KBO", format!("{base:08}{:02}", 97 - base % 97))
        }
        Home::Germany => ("DE-CR", format!("HRB {}", 9_000_000 + position)),
    }
}

fn address(home: &Home, gazetteer: &Gazetteer, random: &mut Random) -> Address {
    let town = gazetteer.town(random.below(TOWNS));
    let at_home = gazetteer.address(town, random);
    match home {
        Home::Netherlands => at_home,
        Home::Belgium => Address {
            locality: random.pick(&BELGIAN_TOWNS).to_owned(),
            region: Some("BE2"),
            postal_code: Some(random.between(2_000, 3_999).to_string()),
            country_name: "België",
            ..at_home
        },
        Home::Germany => Address {
            locality: random.pick(&GERMAN_TOWNS).to_owned(),
            region: Some("DE"),
            postal_code: Some(random.between(40_000, 52_999).to_string()),
            country_name: "Duitsland",
            ..at_home
        },
    }
}

impl Supplier {
    /// The supplier as one process names it, the `position`th of its suppliers: under one of its spellings, and in a
    /// fifth of the processes without its number.
    pub(crate) fn party(&self, position: usize, random: &mut Random) -> Organization {
        let (scheme, number) = &self.registration;
        let is_registered = random.chance(80);
        let id = if is_registered {
            format!("{scheme}-{}", number.replace(' ', ""))
        } else {
            format!("inschrijver-{position}")
        };
        let identifier = Identifier {
            scheme,
            id: number.clone(),
            legal_name: self.legal_name(),
        };
        let street_known = random.chance(85);
        let address = Address {
            street_address: self.address.street_address.clone().filter(|_| street_known),
            postal_code: self.address.postal_code.clone().filter(|_| street_known),
            ..self.address.clone()
        };
        Organization {
            id,
            name: self.spelling(random),
            identifier: is_registered.then_some(identifier),
            address: random.chance(88).then_some(address),
            contact_point: None,
            roles: Vec::new(),
        }
    }

    fn legal_name(&self) -> String {
        format!("{} {}", self.name, self.form)
    }

    /// The name as some clerk typed it.
    fn spelling(&self, random: &mut Random) -> String {
        let written = match random.below(100) {
            0..=54 => self.legal_name(),
            55..=66 => format!("{} {}", self.name, self.form.replace('.', "")),
            67..=73 => format!("{} {}", self.name, self.form.to_lowercase()),
            74..=81 => self.name.clone(),
            82..=86 => self.legal_name().to_uppercase(),
            87..=89 => self.legal_name().to_lowercase(),
            90..=92 => self.legal_name().replace(' ', "  "),
            93 => format!(" {} ", self.legal_name()),
            94..=96 => self.legal_name().replace(" & ", " en "),
            _ => self.trade_name.clone(),
        };
        if random.chance(25) {
            without_accents(&written)
        } else {
            written
        }
    }
}

fn without_accents(name: &str) -> String {
    let plain = |letter| match letter {
        'é' | 'ë' => 'e',
        'É' | 'Ë' => 'E',
        'ö' => 'o',
        'Ö' => 'O',
        other => other,
    };
    name.chars().map(plain).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn one_company_is_published_under_many_spellings() {
        let (words, gazetteer) = (Vocabulary::bundled(), Gazetteer::new());
        let supplier = Suppliers::new(1).find(2, &words, &gazetteer);
        let mut random = Random::new(1, Theme::Outcome, 1);
        let spellings: HashSet<_> = (0..200).map(|_| supplier.spelling(&mut random)).collect();
        assert!(spellings.len() >= 7, "{spellings:?}");
        assert!(spellings.contains(&supplier.legal_name()));
        assert!(
            spellings.contains(&supplier.name),
            "the legal form is left out somewhere"
        );
    }

    #[test]
    fn a_supplier_depends_on_its_number_only() {
        let (words, gazetteer) = (Vocabulary::bundled(), Gazetteer::new());
        let name = |seed, number| Suppliers::new(seed).find(number, &words, &gazetteer).legal_name();
        assert_eq!(name(1, 17), name(1, 17));
        assert_ne!(name(1, 17), name(1, 18));
        assert_ne!(name(1, 17), name(2, 17));
    }

    #[test]
    fn a_belgian_number_carries_its_check_digits() {
        let (scheme, number) = registration(&Home::Belgium, 4_321);
        assert_eq!((scheme, number.as_str()), ("BE-BCE_KBO", "0000432144"));
    }
}
