//! What comes of a tender: the bidders, the awards and the contracts.

use crate::calendar::Moment;
use crate::place::Gazetteer;
use crate::random::Random;
use crate::release::{Amount, Award, Contract, Organization, OrganizationReference, Tender, Value};
use crate::subject::Vocabulary;
use crate::supplier::{self, Suppliers};
use crate::tender::{Commission, document, period};

/// How many tenders in a hundred draw one bid, two bids and so on.
const BIDS: [u32; 12] = [19, 18, 18, 15, 11, 7, 5, 3, 1, 1, 1, 1];

/// The end of a process; empty if there is none yet.
#[derive(Default)]
pub(crate) struct Outcome {
    /// The parties that enter with the awards.
    pub(crate) bidders: Vec<Organization>,
    pub(crate) number_of_tenderers: Option<u32>,
    pub(crate) tenderers: Vec<OrganizationReference>,
    pub(crate) awards: Vec<Award>,
    /// Empty if none was published.
    pub(crate) contracts: Vec<Contract>,
}

/// Where the bidders come from.
pub(crate) struct Market<'a> {
    pub(crate) suppliers: &'a Suppliers,
    pub(crate) vocabulary: &'a Vocabulary,
    pub(crate) gazetteer: &'a Gazetteer,
}

/// The bidders of one process, each a party of its own.
struct Bidders<'a> {
    market: &'a Market<'a>,
    commission: &'a Commission<'a>,
    numbers: Vec<u64>,
    parties: Vec<Organization>,
}

impl Bidders<'_> {
    /// The positions of those who win a lot: who won the one before it often wins again, a framework has several.
    fn winners(&mut self, incumbent: Option<usize>, is_framework: bool, random: &mut Random) -> Vec<usize> {
        let first = incumbent.filter(|_| random.chance(45));
        let mut winners = vec![first.unwrap_or_else(|| self.draw("supplier", random))];
        if is_framework {
            for _ in 0..random.between(1, 4) {
                let further = self.draw("supplier", random);
                if !winners.contains(&further) {
                    winners.push(further);
                }
            }
        }
        winners
    }

    /// The position of a bidder in `role`, who may already be there.
    fn draw(&mut self, role: &'static str, random: &mut Random) -> usize {
        let Market {
            suppliers,
            vocabulary,
            gazetteer,
        } = *self.market;
        let number = supplier::draw(
            self.commission.number,
            self.commission.division.sector,
            vocabulary,
            random,
        );
        let known = self.numbers.iter().position(|&known| known == number);
        let position = known.unwrap_or_else(|| {
            let party = suppliers
                .find(number, vocabulary, gazetteer)
                .party(self.parties.len() + 1, random);
            self.numbers.push(number);
            self.parties.push(party);
            self.parties.len() - 1
        });
        let roles = &mut self.parties[position].roles;
        if !roles.contains(&role) {
            roles.push(role);
        }
        position
    }
}

impl Outcome {
    /// The awards decided on, and the contracts signed if any are to be published, each at its date.
    pub(crate) fn new(
        (market, commission): (&Market<'_>, &Commission<'_>),
        tender: &Tender,
        (awarded, contracted): (Moment, Option<Moment>),
        random: &mut Random,
    ) -> Self {
        let mut bidders = Bidders {
            market,
            commission,
            numbers: Vec::new(),
            parties: Vec::new(),
        };
        let awards = awards(&mut bidders, tender, awarded, random);
        let contracts = contracted.map_or_else(Vec::new, |signed| contracts(tender, &awards, signed, random));
        let winners = u32::try_from(bidders.parties.len()).expect("winners are few");
        let in_vain = if commission.is_direct() {
            0
        } else {
            random.weighted(BIDS.iter().copied())
        };
        let bids = winners.max(1) + u32::try_from(in_vain).expect("bids are few");
        let tenderers = if random.chance(20) {
            tenderers(&mut bidders, bids, random)
        } else {
            Vec::new()
        };
        Self {
            bidders: bidders.parties,
            number_of_tenderers: random.chance(70).then_some(bids),
            tenderers,
            awards,
            contracts,
        }
    }

    /// Tells `tender` how it ended.
    pub(crate) fn settle(&self, tender: &mut Tender) {
        let has_winner = self.awards.iter().any(|award| award.status == "active");
        tender.status = if has_winner { "complete" } else { "unsuccessful" };
        for (lot, award) in tender.lots.iter_mut().zip(&self.awards) {
            lot.status = if award.status == "active" {
                "complete"
            } else {
                award.status
            };
        }
        tender.number_of_tenderers = self.number_of_tenderers;
        tender.tenderers.clone_from(&self.tenderers);
    }
}

/// One award a lot, or one for all if the tender names no lots.
fn awards(bidders: &mut Bidders<'_>, tender: &Tender, awarded: Moment, random: &mut Random) -> Vec<Award> {
    let is_framework = random.chance(8);
    let mut incumbent = None;
    let mut awards = Vec::new();
    for (position, &estimate) in bidders.commission.estimates.iter().enumerate() {
        let status = random.pick_weighted(&[("active", 91), ("unsuccessful", 6), ("cancelled", 3)]);
        let mut suppliers = Vec::new();
        if status == "active" {
            suppliers = bidders.winners(incumbent, is_framework, random);
            incumbent = suppliers.first().copied();
        }
        let id = format!("{}-G{}", tender.id, position + 1);
        let value = Value {
            amount: price(estimate, random),
            currency: bidders.commission.currency,
        };
        let lot = tender.lots.get(position);
        let has_notice = position == 0 && random.chance(60);
        awards.push(Award {
            title: random
                .chance(70)
                .then(|| format!("Gunning {}", lot.map_or(&tender.title, |lot| &lot.title))),
            status,
            date: random.chance(80).then_some(awarded),
            value: (status == "active" && random.chance(80)).then_some(value),
            suppliers: suppliers
                .into_iter()
                .map(|supplier| (&bidders.parties[supplier]).into())
                .collect(),
            related_lots: lot.map(|lot| lot.id.clone()).into_iter().collect(),
            documents: Vec::from_iter(
                has_notice.then(|| document(&id, 1, "awardNotice", "Aankondiging van de gegunde opdracht", awarded)),
            ),
            id,
        });
    }
    awards
}

/// A price around the estimate, mostly to the cent.
fn price(estimate: u64, random: &mut Random) -> Amount {
    let whole = estimate * u64::from(random.between(68, 112));
    let cents = if random.chance(35) { 0 } else { random.below(10_000) };
    Amount(whole / 100 * 100 + u64::from(cents))
}

fn contracts(tender: &Tender, awards: &[Award], signed: Moment, random: &mut Random) -> Vec<Contract> {
    let mut contracts = Vec::new();
    for (award, number) in awards.iter().filter(|award| award.status == "active").zip(1..) {
        let id = format!("{}-C{number}", tender.id);
        let start = signed.month_later(7);
        let end = start.years_until_eve(random.between(1, 6));
        contracts.push(Contract {
            award_id: award.id.clone(),
            title: random.chance(60).then(|| format!("Overeenkomst {}", tender.title)),
            status: "active",
            period: random.chance(80).then(|| period(start, end)),
            value: award.value.filter(|_| random.chance(85)),
            date_signed: random.chance(87).then_some(signed),
            documents: Vec::from_iter(
                random
                    .chance(25)
                    .then(|| document(&id, 1, "contractSigned", "Getekende overeenkomst", signed)),
            ),
            amendments: Vec::new(),
            id,
        });
    }
    contracts
}

/// All winners and some of those who bid in vain.
fn tenderers(bidders: &mut Bidders<'_>, bids: u32, random: &mut Random) -> Vec<OrganizationReference> {
    for party in &mut bidders.parties {
        party.roles.push("tenderer");
    }
    for _ in bidders.parties.len()..(bids as usize).min(6) {
        bidders.draw("tenderer", random);
    }
    bidders.parties.iter().map(Into::into).collect()
}
