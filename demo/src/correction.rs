//! Corrections: what a later release changes of a tender or a contract, and how it says so.

use crate::calendar::Moment;
use crate::random::Random;
use crate::release::{Amendment, Amount, Contract, Tender};
use crate::tender::{document, rounded};

/// Deadlines are moved at most this often, so that they stay ahead of the award.
const MOST_MOVES: usize = 2;

/// The release that makes a correction: its id, its date and the id of the one before it.
pub(crate) struct Notice<'a> {
    pub(crate) id: &'a str,
    pub(crate) date: Moment,
    pub(crate) amends: &'a str,
}

impl Notice<'_> {
    fn amendment(&self, number: usize, description: String, rationale: Option<&'static str>) -> Amendment {
        Amendment {
            id: format!("wijziging-{number}"),
            date: self.date,
            description,
            rationale,
            amends_release_id: self.amends.to_owned(),
            release_id: self.id.to_owned(),
        }
    }
}

/// Changes `tender` in one way or another and returns the release tag for it.
///
/// What cannot be changed, because the tender does not say it, turns into one more document.
pub(crate) fn correct(tender: &mut Tender, notice: &Notice<'_>, random: &mut Random) -> &'static str {
    let number = tender.amendments.len() + 1;
    let description = match random.below(100) {
        0..=34 if number <= MOST_MOVES => move_deadline(tender, random),
        35..=54 => revalue(tender, random),
        55..=64 => explain(tender),
        _ => None,
    };
    let Some(description) = description else {
        add_document(tender, notice.date);
        return "tenderUpdate";
    };
    let rationale = random.chance(60).then(|| {
        random.pick(&[
            "Naar aanleiding van vragen van gegadigden.",
            "Herstel van een kennelijke verschrijving.",
            "Op verzoek van de aanbestedende dienst.",
        ])
    });
    tender.amendments.push(notice.amendment(number, description, rationale));
    "tenderAmendment"
}

fn move_deadline(tender: &mut Tender, random: &mut Random) -> Option<String> {
    let period = tender.tender_period.as_mut()?;
    period.end_date = period.end_date.noon_later(random.between(5, 13));
    Some("De uiterste termijn voor het indienen van inschrijvingen is verlengd.".to_owned())
}

/// The last lot turns out dearer or cheaper; without lots, the whole.
fn revalue(tender: &mut Tender, random: &mut Random) -> Option<String> {
    let whole = tender.value.as_mut()?;
    let part = tender
        .lots
        .last_mut()
        .map_or(Some(&mut *whole), |lot| lot.value.as_mut())?
        .amount
        .0;
    let corrected = 100 * rounded(part * u64::from(random.between(80, 135)) / 10_000);
    whole.amount = Amount(whole.amount.0 - part + corrected);
    if let Some(value) = tender.lots.last_mut().and_then(|lot| lot.value.as_mut()) {
        value.amount = Amount(corrected);
    }
    Some("De geraamde waarde is gecorrigeerd.".to_owned())
}

fn explain(tender: &mut Tender) -> Option<String> {
    let description = tender.description.as_mut()?;
    if description.contains("Rectificatie") {
        return None;
    }
    description.push_str(" Rectificatie: de eisen aan referenties zijn verduidelijkt.");
    Some("De omschrijving is aangevuld.".to_owned())
}

fn add_document(tender: &mut Tender, date: Moment) {
    let notes = tender
        .documents
        .iter()
        .filter(|document| document.document_type == "clarifications")
        .count();
    let title = format!("Nota van inlichtingen {}", notes + 1);
    let number = tender.documents.len() + 1;
    tender
        .documents
        .push(document(&tender.id, number, "clarifications", title, date));
}

/// Raises the value of `contract`, or only says that it was extended if it has none.
pub(crate) fn amend(contract: &mut Contract, notice: &Notice<'_>, random: &mut Random) {
    let description = match contract.value.as_mut() {
        Some(value) => {
            value.amount = Amount(value.amount.0 * u64::from(random.between(103, 140)) / 100);
            "De waarde van de overeenkomst is verhoogd wegens meerwerk."
        }
        None => "De overeenkomst is met een jaar verlengd.",
    };
    if let (None, Some(period)) = (contract.value, contract.period.as_mut()) {
        period.end_date = period.end_date.years_later(1);
    }
    contract
        .amendments
        .push(notice.amendment(1, description.to_owned(), None));
}
