//! A tender as it is first published.

use crate::buyer::Buyer;
use crate::calendar::Moment;
use crate::place::{Gazetteer, Town};
use crate::random::Random;
use crate::release::{Address, Amount, Document, Item, Lot, Organization, Period, Tender, Value};
use crate::subject::{Division, Topic};

/// A procedure of Dutch procurement law: its OCDS method, its name and its share in hundredths.
type Procedure = (&'static str, &'static str, u32);

const PROCEDURES: [Procedure; 11] = [
    ("open", "Openbare procedure", 52),
    ("open", "Nationale openbare procedure", 9),
    ("open", "Procedure voor sociale en andere specifieke diensten", 4),
    ("selective", "Niet-openbare procedure", 8),
    ("selective", "Mededingingsprocedure met onderhandeling", 3),
    ("selective", "Dynamisch aankoopsysteem", 4),
    ("selective", "Concurrentiegerichte dialoog", 1),
    ("limited", "Meervoudig onderhandse procedure", 9),
    ("limited", "Onderhandelingsprocedure zonder aankondiging", 3),
    ("direct", "Enkelvoudig onderhandse gunning", 5),
    ("selective", "Innovatiepartnerschap", 2),
];

/// How many tenders in a hundred have one lot, two lots and so on.
const LOTS: [u32; 12] = [52, 18, 11, 6, 4, 2, 2, 1, 1, 1, 1, 1];

const DOCUMENTS: [(&str, &str); 8] = [
    ("tenderNotice", "Aankondiging van de opdracht"),
    ("biddingDocuments", "Aanbestedingsleidraad"),
    ("technicalSpecifications", "Programma van eisen"),
    ("contractDraft", "Conceptovereenkomst"),
    ("evaluationCriteria", "Beoordelingskader"),
    ("eligibilityCriteria", "Uniform Europees Aanbestedingsdocument"),
    ("billOfQuantity", "Prijzenblad"),
    ("technicalSpecifications", "Verwerkersovereenkomst en beveiligingseisen"),
];

/// What the tender is for and who it is from.
pub(crate) struct Commission<'a> {
    pub(crate) number: u64,
    pub(crate) division: &'a Division,
    pub(crate) buyer: &'a Buyer,
    pub(crate) town: &'a Town,
    pub(crate) procedure: Procedure,
    pub(crate) currency: &'static str,
    /// The estimated value of each lot, in whole units of the currency.
    pub(crate) estimates: Vec<u64>,
    pub(crate) published: Moment,
    /// When bids are due.
    pub(crate) deadline: Moment,
}

/// A procedure, as often as it is used.
pub(crate) fn procedure(random: &mut Random) -> Procedure {
    PROCEDURES[random.weighted(PROCEDURES.iter().map(|procedure| procedure.2))]
}

/// The estimated values of the lots of a tender in `division`.
pub(crate) fn estimates(division: &Division, random: &mut Random) -> Vec<u64> {
    let lots = 1 + random.weighted(LOTS.iter().copied());
    let total = random.log_normal(division.median, 2).max(5_000);
    let shares: Vec<u64> = (0..lots).map(|_| u64::from(random.between(40, 160))).collect();
    let whole: u64 = shares.iter().sum();
    shares.into_iter().map(|share| rounded(total * share / whole)).collect()
}

impl Commission<'_> {
    pub(crate) fn is_direct(&self) -> bool {
        self.procedure.0 == "direct"
    }

    fn value(&self, euros: u64) -> Value {
        Value {
            amount: Amount(100 * euros),
            currency: self.currency,
        }
    }

    /// The tender, with the gaps that publications have.
    pub(crate) fn tender(
        &self,
        topic: &Topic<'_>,
        gazetteer: &Gazetteer,
        parties: &[Organization],
        random: &mut Random,
    ) -> Tender {
        let has_value = random.chance(82);
        let has_lots = random.chance(86) || self.estimates.len() > 1;
        let lots = if has_lots {
            self.lots(topic, has_value, random)
        } else {
            Vec::new()
        };
        let is_announced = !self.is_direct();
        let id = format!("TN{}", 100_000 + self.number);
        let documents = self.documents(&id, random);
        let best_value = random.chance(80);
        Tender {
            title: topic.title(random),
            description: random.chance(90).then(|| topic.description(random)),
            status: "active",
            procuring_entity: parties.last().filter(|_| random.chance(60)).map(Into::into),
            items: if random.chance(95) {
                self.items(gazetteer, &lots, random)
            } else {
                Vec::new()
            },
            value: has_value.then(|| self.value(self.estimates.iter().sum())),
            procurement_method: random.chance(95).then_some(self.procedure.0),
            procurement_method_details: random.chance(82).then_some(self.procedure.1),
            main_procurement_category: random.chance(85).then_some(self.division.category),
            award_criteria: random
                .chance(65)
                .then_some(if best_value { "ratedCriteria" } else { "priceOnly" }),
            award_criteria_details: random.chance(50).then_some(if best_value {
                "Beste prijs-kwaliteitverhouding"
            } else {
                "Laagste prijs"
            }),
            submission_method: if random.chance(85) {
                vec!["electronicSubmission"]
            } else {
                Vec::new()
            },
            tender_period: (is_announced && random.chance(92)).then(|| period(self.published, self.deadline)),
            enquiry_period: (is_announced && random.chance(55))
                .then(|| period(self.published, self.published.towards(self.deadline, 2, 3))),
            award_period: random
                .chance(50)
                .then(|| period(self.deadline, self.deadline.noon_later(60))),
            contract_period: random.chance(50).then(|| self.contract_period(random)),
            number_of_tenderers: None,
            tenderers: Vec::new(),
            lots,
            documents,
            amendments: Vec::new(),
            id,
        }
    }

    /// How long the contract is planned to last.
    fn contract_period(&self, random: &mut Random) -> Period {
        let start = self.deadline.month_later(90);
        period(start, start.years_until_eve(random.between(1, 6)))
    }

    fn lots(&self, topic: &Topic<'_>, has_value: bool, random: &mut Random) -> Vec<Lot> {
        let lot = |(number, &estimate): (usize, &u64)| Lot {
            id: format!("LOT-{number:04}"),
            title: match self.estimates.len() {
                1 => topic.title(random),
                _ => topic.lot_title(number, random),
            },
            description: random.chance(25).then(|| topic.description(random)),
            status: "active",
            value: has_value.then(|| self.value(estimate)),
        };
        (1..).zip(&self.estimates).map(lot).collect()
    }

    fn items(&self, gazetteer: &Gazetteer, lots: &[Lot], random: &mut Random) -> Vec<Item> {
        // Every lot buys something; a tender without lots buys one to three things.
        let count = if lots.is_empty() {
            random.index(3) + 1
        } else {
            lots.len()
        };
        (0..count)
            .map(|number| self.item(number, lots.get(number), gazetteer, random))
            .collect()
    }

    fn item(&self, number: usize, lot: Option<&Lot>, gazetteer: &Gazetteer, random: &mut Random) -> Item {
        let classification = self.division.classification(random);
        let mut additional_classifications = Vec::new();
        if random.chance(45) {
            let another = self.division.classification(random);
            if another.id != classification.id {
                additional_classifications.push(another);
            }
        }
        let (unit, quantity) = self.division.quantity(random);
        let counted = random.chance(60);
        let delivery_address = random.chance(60).then(|| Address {
            street_address: random.chance(30).then(|| gazetteer.street(random)),
            locality: self.town.name.clone(),
            region: Some(self.town.nuts),
            postal_code: None,
            country_name: "Nederland",
        });
        Item {
            id: (number + 1).to_string(),
            description: self.division.object(random).to_owned(),
            classification,
            additional_classifications,
            quantity: counted.then_some(quantity),
            unit: counted.then_some(unit),
            delivery_address,
            related_lot: lot.map(|lot| lot.id.clone()),
        }
    }

    fn documents(&self, tender: &str, random: &mut Random) -> Vec<Document> {
        let count = if random.chance(10) { 0 } else { 1 + random.index(5) };
        let files = DOCUMENTS.iter().take(count).zip(1..);
        files
            .map(|(&(kind, title), number)| document(tender, number, kind, title, self.published))
            .collect()
    }
}

/// The `number`th document published about `tender`.
pub(crate) fn document(
    tender: &str,
    number: usize,
    kind: &'static str,
    title: impl Into<String>,
    published: Moment,
) -> Document {
    Document {
        url: format!("https://documenten.voorbeeld.example/{tender}/{number:02}-{kind}.pdf"),
        id: format!("{tender}-D{number}"),
        document_type: kind,
        title: title.into(),
        date_published: published,
        format: "application/pdf",
        language: "nl",
    }
}

pub(crate) fn period(start_date: Moment, end_date: Moment) -> Period {
    Period { start_date, end_date }
}

/// `amount` as an estimate is given: in two and a half digits.
pub(crate) fn rounded(amount: u64) -> u64 {
    let mut step = 50;
    while amount >= 40 * step {
        step *= if step.to_string().starts_with('5') { 2 } else { 5 };
    }
    ((amount + step / 2) / step * step).max(step)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn estimates_are_given_in_round_numbers() {
        assert_eq!(rounded(12), 50);
        assert_eq!(rounded(1_234), 1_250);
        assert_eq!(rounded(98_765), 100_000);
        assert_eq!(rounded(1_234_567), 1_250_000);
    }

    #[test]
    fn the_shares_make_wholes() {
        assert_eq!(PROCEDURES.iter().map(|procedure| procedure.2).sum::<u32>(), 100);
        assert_eq!(LOTS.iter().sum::<u32>(), 100);
    }
}
