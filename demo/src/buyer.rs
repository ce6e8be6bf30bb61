//! The bodies that buy: invented ministries, provinces, municipalities, water boards and institutions.

use crate::place::{Gazetteer, TOWNS};
use crate::random::{Random, Theme};
use crate::release::{Address, ContactPoint, Identifier, Organization, OrganizationReference};

/// Invented ministries and executive agencies.
const STATE: [&str; 12] = [
    "Ministerie van Landschap en Voedsel",
    "Ministerie van Openbare Werken en Mobiliteit",
    "Ministerie van Digitale Zaken",
    "Ministerie van Veiligheid en Rechtsorde",
    "Ministerie van Zorg en Samenleving",
    "Ministerie van Kennis en Cultuur",
    "Dienst Wegen en Vaarwegen",
    "Agentschap Rijkspanden",
    "Dienst Subsidies en Regelingen",
    "Rijksdienst voor Bodem en Archeologie",
    "Centraal Inkoopbureau van het Rijk",
    "Landelijk Instituut voor Metingen",
];

const PROVINCES: [&str; 12] = [
    "Noorderwold",
    "Wadderland",
    "Heidemark",
    "Oversallant",
    "Rijnmark",
    "Nieuwpolder",
    "Kennemermeer",
    "Scheldeland",
    "Stichterland",
    "Maasmonden",
    "Peelmark",
    "Mergelland aan de Maas",
];

const WATERS: [&str; 21] = [
    "Aa en Vlierbeek",
    "Amstermeer",
    "Berkel en Schouw",
    "Boven-Hunte",
    "Delfmaas",
    "Dommelstroom",
    "Drie Sluizen",
    "Eemvallei",
    "Grote Vliet",
    "Hollandse Boezem",
    "Lage Gronden",
    "Linge en Lek",
    "Maasoevers",
    "Noorderboezem",
    "Oude Rijnarm",
    "Schelpenkust",
    "Tussen de Dijken",
    "Vechtlanden",
    "Waddenrand",
    "Westfriese Kreken",
    "Zeeuwse Kreken",
];

/// A kind of buyer: how many there are, its share of all tenders and how its names are made.
struct Kind {
    count: u32,
    /// The share of all tenders, in hundredths.
    share: u32,
    name: fn(usize, town: &str) -> String,
    office: &'static str,
}

const KINDS: [Kind; 10] = [
    Kind {
        count: 12,
        share: 17,
        name: |number, _| STATE[number].to_owned(),
        office: "Directie Inkoop",
    },
    Kind {
        count: 12,
        share: 7,
        name: |number, _| format!("Provincie {}", PROVINCES[number]),
        office: "Team Inkoop",
    },
    Kind {
        count: TOWNS,
        share: 42,
        name: |_, town| format!("Gemeente {town}"),
        office: "Afdeling Inkoop",
    },
    Kind {
        count: 21,
        share: 9,
        name: water_board,
        office: "Inkoop en Contractmanagement",
    },
    Kind {
        count: 14,
        share: 6,
        name: university,
        office: "Inkoopbureau",
    },
    Kind {
        count: 24,
        share: 6,
        name: hospital,
        office: "Afdeling Inkoop en Logistiek",
    },
    Kind {
        count: 25,
        share: 4,
        name: |_, town| format!("Veiligheidsregio {town}"),
        office: "Team Inkoop",
    },
    Kind {
        count: 30,
        share: 4,
        name: |_, town| format!("Stichting Scholengroep {town}"),
        office: "Bestuursbureau",
    },
    Kind {
        count: 15,
        share: 2,
        name: |_, town| format!("Omgevingsdienst {town}"),
        office: "Bedrijfsvoering",
    },
    Kind {
        count: JOINT,
        share: 3,
        name: |_, town| format!("Inkoopsamenwerking {town} e.o."),
        office: "Frontoffice",
    },
];

/// How many bodies buy on behalf of others; they come last.
const JOINT: u32 = 12;

fn water_board(number: usize, _: &str) -> String {
    let form = if number.is_multiple_of(4) {
        "Hoogheemraadschap"
    } else {
        "Waterschap"
    };
    format!("{form} {}", WATERS[number])
}

fn university(number: usize, town: &str) -> String {
    let form = if number.is_multiple_of(2) {
        "Universiteit"
    } else {
        "Hogeschool"
    };
    format!("{form} {town}")
}

fn hospital(number: usize, town: &str) -> String {
    let form = ["Streekziekenhuis", "Medisch Centrum", "Zorggroep"][number % 3];
    format!("{form} {town}")
}

/// A public body.
pub(crate) struct Buyer {
    pub(crate) name: String,
    /// The town it sits in.
    pub(crate) town: u32,
    /// Its number in the trade register.
    number: String,
    address: Address,
    contact: ContactPoint,
}

impl Buyer {
    /// The buyer as a release names it. A tenth of the publications leave out its number.
    pub(crate) fn party(&self, roles: Vec<&'static str>, random: &mut Random) -> Organization {
        let is_registered = random.chance(90);
        let identifier = Identifier {
            scheme: "NL-KVK",
            id: self.number.clone(),
            legal_name: self.name.clone(),
        };
        Organization {
            id: if is_registered {
                format!("NL-KVK-{}", self.number)
            } else {
                format!("dienst-{}", roles[0])
            },
            name: self.name.clone(),
            identifier: is_registered.then_some(identifier),
            address: random.chance(92).then(|| self.address.clone()),
            contact_point: random.chance(80).then(|| self.contact.clone()),
            roles,
        }
    }
}

impl From<&Organization> for OrganizationReference {
    fn from(party: &Organization) -> Self {
        Self {
            id: party.id.clone(),
            name: party.name.clone(),
        }
    }
}

/// All buyers.
pub(crate) struct Buyers(Vec<Buyer>);

impl Buyers {
    pub(crate) fn new(seed: u64, gazetteer: &Gazetteer) -> Self {
        let mut buyers = Vec::new();
        for (row, kind) in (0_u32..).zip(&KINDS) {
            for number in 0..kind.count {
                // Institutions of one kind sit in different towns, and kinds begin at different ones.
                let town = if kind.count == TOWNS {
                    number
                } else {
                    29 * row + 11 * number
                };
                buyers.push(buyer(seed, buyers.len(), kind, number, town, gazetteer));
            }
        }
        Self(buyers)
    }

    /// A buyer, the large ones more often.
    pub(crate) fn pick(&self, random: &mut Random) -> &Buyer {
        let kind = random.weighted(KINDS.iter().map(|kind| kind.share));
        let first: u32 = KINDS[..kind].iter().map(|kind| kind.count).sum();
        // Half of the tenders come evenly from all, the other half mostly from the largest.
        let count = KINDS[kind].count;
        let number = if random.chance(50) {
            random.below(count)
        } else {
            random.rank(count)
        };
        &self.0[(first + number) as usize]
    }

    /// A body that buys on behalf of others.
    pub(crate) fn pick_joint(&self, random: &mut Random) -> &Buyer {
        let first = self.0.len() - JOINT as usize;
        &self.0[first + random.index(JOINT as usize)]
    }
}

fn buyer(seed: u64, position: usize, kind: &Kind, number: u32, town: u32, gazetteer: &Gazetteer) -> Buyer {
    let position = u64::try_from(position).expect("buyers are few");
    let mut random = Random::new(seed, Theme::Buyer, position);
    let place = gazetteer.town(town);
    let name = (kind.name)(number as usize, &place.name);
    let mailbox = ["inkoop", "aanbestedingen", "tenders", "contracten"][random.index(4)];
    let email = format!("{mailbox}@{}.example", domain(&name));
    Buyer {
        town,
        number: trade_register_number(position),
        address: gazetteer.address(place, &mut random),
        contact: ContactPoint {
            name: kind.office,
            email,
        },
        name,
    }
}

/// The eight digits of the organisation with this position in the landscape, distinct for the first million.
///
/// They begin with two zeros, to keep clear of the numbers of real organisations.
pub(crate) fn trade_register_number(position: u64) -> String {
    format!("00{:06}", (position % 1_000_000 * 387_421 + 182_713) % 1_000_000)
}

fn domain(name: &str) -> String {
    let letters = |letter: char| {
        if letter.is_ascii_alphanumeric() {
            letter.to_ascii_lowercase()
        } else {
            '-'
        }
    };
    name.chars()
        .map(letters)
        .collect::<String>()
        .trim_matches('-')
        .to_owned()
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn buyers_have_names_and_numbers_of_their_own() {
        let buyers = Buyers::new(3, &Gazetteer::new()).0;
        let names: HashSet<_> = buyers.iter().map(|buyer| &buyer.name).collect();
        let numbers: HashSet<_> = buyers.iter().map(|buyer| &buyer.number).collect();
        assert_eq!(names.len(), buyers.len());
        assert_eq!(numbers.len(), buyers.len());
        assert!(numbers.iter().all(|number| number.len() == 8));
    }

    #[test]
    fn the_shares_of_the_kinds_make_a_whole() {
        assert_eq!(KINDS.iter().map(|kind| kind.share).sum::<u32>(), 100);
    }
}
