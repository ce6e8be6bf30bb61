//! Invented towns, districts and streets, placed in the real regions of the Netherlands.

use crate::random::Random;
use crate::release::Address;

/// How many towns there are, and so municipalities.
pub(crate) const TOWNS: u32 = 342;

/// First halves of the names of towns.
const STEMS: &str = "Aalder Baren Berken Blauw Boven Brede Dalmer Donker Dreumer Duiven Eemer Eiken Elzen Essen Fazant \
    Ganzen Geester Groene Haver Heiden Hille Hoender Iepen Jonker Kever Kleine Koorn Kraaien Kwakel Ranke Leeuwer Linde \
    Loosser Maren Meren Midde Mulder Nijver Nachte Olmen Toren Bunzing Grauw Peppel Reiger Zegge Raver Schelf Sparren \
    Sterren Tarwe Uiver Veen Vliet Weder Wilgen Zulte";

/// Second halves, one of which makes a town of a stem.
const ENDINGS: &str =
    "akker berge brugge daal drecht gaarde hage haven horst kerk lo meer oord rade sloot veld voort wolde";

/// First halves of the names of districts and streets.
const FLORA: &str = "Abeel Acacia Adelaar Anjer Bever Boekweit Brem Buizerd Clematis Dahlia Distel Ekster Esdoorn Fluiter \
    Gentiaan Gerst Goudenregen Havik Hazelaar Hermelijn Hop Hulst Jasmijn Kamille Kardinaal Kastanje Klaver Kornoelje \
    Krokus Larix Lavendel Lijster Lisdodde Magnolia Marter Meidoorn Merel Mispel Narcis Patrijs Perelaar Populier Rogge \
    Salamander Sering Sleedoorn Sneeuwbal Specht Sperwer Tulpen Valeriaan Veldmuis Vleermuis Vlier Vuurdoorn Wezel \
    Wikke Wulpen Zwaluw Zwanen";

const DISTRICTS: &str = "bosch buurt dreef eiland gouw hoek hof kamp kwartier park polder rijk terrein wijk zoom";

const STREETS: &str = "baan dijk dwarsstraat gracht hofje kade laan pad plantsoen plein ring singel steeg straat weg";

/// The NUTS 3 regions of the Netherlands and the provinces they lie in.
const REGIONS: [(&str, &str); 40] = [
    ("NL112", "Groningen"),
    ("NL114", "Groningen"),
    ("NL115", "Groningen"),
    ("NL126", "Friesland"),
    ("NL127", "Friesland"),
    ("NL128", "Friesland"),
    ("NL131", "Drenthe"),
    ("NL132", "Drenthe"),
    ("NL133", "Drenthe"),
    ("NL211", "Overijssel"),
    ("NL212", "Overijssel"),
    ("NL213", "Overijssel"),
    ("NL221", "Gelderland"),
    ("NL224", "Gelderland"),
    ("NL225", "Gelderland"),
    ("NL226", "Gelderland"),
    ("NL230", "Flevoland"),
    ("NL321", "Noord-Holland"),
    ("NL323", "Noord-Holland"),
    ("NL325", "Noord-Holland"),
    ("NL327", "Noord-Holland"),
    ("NL328", "Noord-Holland"),
    ("NL32A", "Noord-Holland"),
    ("NL32B", "Noord-Holland"),
    ("NL341", "Zeeland"),
    ("NL342", "Zeeland"),
    ("NL350", "Utrecht"),
    ("NL361", "Zuid-Holland"),
    ("NL362", "Zuid-Holland"),
    ("NL363", "Zuid-Holland"),
    ("NL364", "Zuid-Holland"),
    ("NL365", "Zuid-Holland"),
    ("NL366", "Zuid-Holland"),
    ("NL411", "Noord-Brabant"),
    ("NL414", "Noord-Brabant"),
    ("NL415", "Noord-Brabant"),
    ("NL416", "Noord-Brabant"),
    ("NL421", "Limburg"),
    ("NL422", "Limburg"),
    ("NL423", "Limburg"),
];

/// A town and where it lies.
#[derive(Clone)]
pub(crate) struct Town {
    pub(crate) name: String,
    /// The NUTS 3 region.
    pub(crate) nuts: &'static str,
    pub(crate) province: &'static str,
}

/// The names that places are made of.
pub(crate) struct Gazetteer {
    towns: Vec<Town>,
    flora: Vec<&'static str>,
    districts: Vec<&'static str>,
    streets: Vec<&'static str>,
}

impl Gazetteer {
    pub(crate) fn new() -> Self {
        let stems: Vec<_> = STEMS.split_whitespace().collect();
        let endings: Vec<_> = ENDINGS.split_whitespace().collect();
        let town = |number: usize| {
            // Each stem is met once a round; the ending differs between the rounds, so that no name comes twice.
            let (round, stem) = (number / stems.len(), number % stems.len());
            let ending = endings[(5 * stem + 3 * round) % endings.len()];
            let (nuts, province) = REGIONS[7 * number % REGIONS.len()];
            Town {
                name: format!("{}{ending}", stems[stem]),
                nuts,
                province,
            }
        };
        Self {
            towns: (0..TOWNS as usize).map(town).collect(),
            flora: FLORA.split_whitespace().collect(),
            districts: DISTRICTS.split_whitespace().collect(),
            streets: STREETS.split_whitespace().collect(),
        }
    }

    pub(crate) fn town(&self, number: u32) -> &Town {
        &self.towns[number as usize % self.towns.len()]
    }

    /// A district, such as `Meidoornkwartier`.
    pub(crate) fn district(&self, random: &mut Random) -> String {
        format!("{}{}", random.pick(&self.flora), random.pick(&self.districts))
    }

    /// A street, such as `Kastanjelaan`.
    pub(crate) fn street(&self, random: &mut Random) -> String {
        format!("{}{}", random.pick(&self.flora), random.pick(&self.streets))
    }

    /// An address in `town`. Publishers give the region as a code or by its name.
    pub(crate) fn address(&self, town: &Town, random: &mut Random) -> Address {
        let street = format!("{} {}", self.street(random), random.between(1, 240));
        Address {
            street_address: Some(street),
            locality: town.name.clone(),
            region: Some(if random.chance(60) { town.nuts } else { town.province }),
            postal_code: Some(postal_code(random)),
            country_name: "Nederland",
        }
    }
}

fn postal_code(random: &mut Random) -> String {
    const LETTERS: [&str; 12] = ["AB", "BX", "CD", "EH", "GK", "JL", "KN", "LP", "NR", "PV", "TW", "XZ"];
    format!("{} {}", random.between(1_000, 9_999), random.pick(&LETTERS))
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn towns_have_names_of_their_own_and_lie_in_all_regions() {
        let gazetteer = Gazetteer::new();
        let names: HashSet<_> = gazetteer.towns.iter().map(|town| &town.name).collect();
        assert_eq!(names.len(), TOWNS as usize);
        let regions: HashSet<_> = gazetteer.towns.iter().map(|town| town.nuts).collect();
        assert_eq!(regions.len(), REGIONS.len());
    }
}
