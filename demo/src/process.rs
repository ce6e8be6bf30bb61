//! One contracting process: its facts, the steps in which it unfolds, and the releases that tell them.

use crate::Releases;
use crate::buyer::Buyers;
use crate::calendar::Moment;
use crate::correction::{self, Notice};
use crate::outcome::{Market, Outcome};
use crate::place::Gazetteer;
use crate::random::{Random, Theme};
use crate::release::{Organization, Publisher, Release, ReleasePackage, Tender};
use crate::subject::{Topic, Vocabulary};
use crate::supplier::Suppliers;
use crate::tender::{self, Commission};

const EXTENSIONS: &[&str] = &[
    "https://raw.githubusercontent.com/open-contracting-extensions/ocds_lots_extension/v1.1.5/extension.json",
    "https://raw.githubusercontent.com/open-contracting-extensions/ocds_location_extension/v1.1.5/extension.json",
];

/// All that processes have in common.
pub(crate) struct Landscape {
    seed: u64,
    gazetteer: Gazetteer,
    vocabulary: Vocabulary,
    buyers: Buyers,
    suppliers: Suppliers,
}

/// Something that happens in a process and is published.
#[derive(Clone, Copy, PartialEq)]
enum Step {
    Tender,
    Correction,
    Cancellation,
    Award,
    Contract,
    ContractAmendment,
}

/// How a process goes on after its tender.
enum Fate {
    /// Nothing more is known of it.
    Open,
    Cancelled(Moment),
    Awarded {
        awarded: Moment,
        /// When the contracts were signed, if they are published.
        contracted: Option<Moment>,
    },
}

/// A process as it stands after some of its steps, and what it will come to.
struct Process {
    ocid: String,
    buyers: Vec<Organization>,
    tender: Tender,
    outcome: Outcome,
}

impl Landscape {
    pub(crate) fn new(seed: u64) -> Self {
        let gazetteer = Gazetteer::new();
        Self {
            seed,
            vocabulary: Vocabulary::bundled(),
            buyers: Buyers::new(seed, &gazetteer),
            suppliers: Suppliers::new(seed),
            gazetteer,
        }
    }

    /// The releases of process `number`.
    pub(crate) fn package(&self, number: u64, releases: Releases) -> ReleasePackage {
        let mut random = Random::new(self.seed, Theme::Process, number);
        let commission = self.commission(number, &mut random);
        let mut process = self.process(&commission, &mut random);
        let (fate, outcome) = self.fate(&commission, &process.tender);
        process.outcome = outcome;
        let mut random = Random::new(self.seed, Theme::Corrections, number);
        let groups = match releases {
            Releases::Natural => natural(&commission, &fate, &mut random),
            Releases::Exactly(count) => exactly(count.max(1) as usize, &commission, &fate),
        };
        let uri = format!("https://gegevens.voorbeeld.example/ocds/{}.json", process.ocid);
        let releases = process.tell(&groups, &mut random);
        ReleasePackage {
            uri,
            version: "1.1",
            published_date: releases.last().map_or(commission.published, |release| release.date),
            publisher: Publisher {
                name: "Voorbeeldregister Aanbestedingen (verzonnen gegevens)",
                uri: "https://gegevens.voorbeeld.example",
            },
            license: "https://creativecommons.org/publicdomain/zero/1.0/",
            extensions: EXTENSIONS,
            releases,
        }
    }

    fn commission(&self, number: u64, random: &mut Random) -> Commission<'_> {
        let buyer = self.buyers.pick(random);
        let division = self.vocabulary.division(random);
        let published = Moment::of_publication(random);
        Commission {
            number,
            division,
            buyer,
            town: self.gazetteer.town(buyer.town),
            procedure: tender::procedure(random),
            currency: if random.chance(99) {
                "EUR"
            } else {
                random.pick(&["USD", "GBP", "CHF", "NOK"])
            },
            estimates: tender::estimates(division, random),
            published,
            deadline: published.noon_later(random.between(18, 65)),
        }
    }

    /// The process before its first step.
    fn process(&self, commission: &Commission<'_>, random: &mut Random) -> Process {
        let mut buyers = vec![commission.buyer.party(vec!["buyer", "procuringEntity"], random)];
        if random.chance(6) {
            let joint = self.buyers.pick_joint(random);
            if joint.name != commission.buyer.name {
                buyers[0].roles.pop();
                buyers.push(joint.party(vec!["procuringEntity"], random));
            }
        }
        let topic = Topic::new(&self.vocabulary, &self.gazetteer, commission, random);
        Process {
            ocid: format!("ocds-d3m0nl-{:08}", commission.number),
            tender: commission.tender(&topic, &self.gazetteer, &buyers, random),
            buyers,
            outcome: Outcome::default(),
        }
    }

    fn fate(&self, commission: &Commission<'_>, tender: &Tender) -> (Fate, Outcome) {
        let mut random = Random::new(self.seed, Theme::Outcome, commission.number);
        let verdict = random.below(100);
        let cancelled = commission.published.days_later(random.between(3, 70), &mut random);
        let awarded = commission.deadline.days_later(random.between(35, 130), &mut random);
        let contracted = awarded.days_later(random.between(20, 50), &mut random);
        let horizon = Moment::horizon();
        match verdict {
            0..=3 if cancelled < horizon => (Fate::Cancelled(cancelled), Outcome::default()),
            // Some buyers never publish an award.
            10.. if awarded < horizon => {
                let market = Market {
                    suppliers: &self.suppliers,
                    vocabulary: &self.vocabulary,
                    gazetteer: &self.gazetteer,
                };
                let signed = (contracted < horizon && random.chance(80)).then_some(contracted);
                let outcome = Outcome::new((&market, commission), tender, (awarded, signed), &mut random);
                let contracted = signed.filter(|_| !outcome.contracts.is_empty());
                (Fate::Awarded { awarded, contracted }, outcome)
            }
            _ => (Fate::Open, Outcome::default()),
        }
    }
}

impl Fate {
    /// The steps that every telling of the process has.
    fn steps(&self, published: Moment) -> Vec<(Step, Moment)> {
        let mut steps = vec![(Step::Tender, published)];
        match *self {
            Fate::Open => {}
            Fate::Cancelled(date) => steps.push((Step::Cancellation, date)),
            Fate::Awarded { awarded, contracted } => {
                steps.push((Step::Award, awarded));
                steps.extend(contracted.map(|date| (Step::Contract, date)));
            }
        }
        steps
    }

    /// `count` corrections, evenly spread over the time in which there can be some.
    fn corrections(&self, count: usize, commission: &Commission<'_>) -> Vec<(Step, Moment)> {
        let due = match *self {
            Fate::Cancelled(date) => commission.deadline.min(date),
            Fate::Open | Fate::Awarded { .. } => commission.deadline,
        };
        let due = due.min(Moment::horizon());
        let count = u32::try_from(count).expect("releases are counted in 32 bits");
        let date = |number| commission.published.towards(due, number, count + 1);
        (1..=count).map(|number| (Step::Correction, date(number))).collect()
    }
}

/// The steps of a process as they fall in life, each with a release of its own.
fn natural(commission: &Commission<'_>, fate: &Fate, random: &mut Random) -> Vec<Vec<(Step, Moment)>> {
    let mut steps = fate.steps(commission.published);
    if commission.is_direct() {
        // What was bought without a call is published once, when all is settled.
        return vec![steps];
    }
    let count = random.weighted([56, 28, 16].into_iter());
    steps.splice(1..1, fate.corrections(count, commission));
    if let Some(&(Step::Contract, contracted)) = steps.last() {
        let amended = contracted.days_later(random.between(90, 500), random);
        if random.chance(12) && amended < Moment::horizon() {
            steps.push((Step::ContractAmendment, amended));
        }
    }
    steps.into_iter().map(|step| vec![step]).collect()
}

/// The steps of a process dealt over `count` releases: the last one takes what is left, corrections fill what is short.
fn exactly(count: usize, commission: &Commission<'_>, fate: &Fate) -> Vec<Vec<(Step, Moment)>> {
    let mut steps = fate.steps(commission.published);
    let short = count.saturating_sub(steps.len());
    steps.splice(1..1, fate.corrections(short, commission));
    let rest = steps.split_off(count - 1);
    steps.into_iter().map(|step| vec![step]).chain([rest]).collect()
}

impl Process {
    /// One release for each group of steps.
    fn tell(mut self, groups: &[Vec<(Step, Moment)>], random: &mut Random) -> Vec<Release> {
        let mut releases: Vec<Release> = Vec::with_capacity(groups.len());
        for group in groups {
            let id = format!("{}-{:02}", self.ocid, releases.len() + 1);
            let amends = releases.last().map_or("", |release| &release.id);
            let mut tags = Vec::new();
            for &(step, date) in group {
                let tag = self.take(step, &Notice { id: &id, date, amends }, random);
                if !tags.contains(&tag) {
                    tags.push(tag);
                }
            }
            let release = self.release(id, group, tags);
            releases.push(release);
        }
        releases
    }

    /// Brings the process one step further and returns the release tag for it.
    fn take(&mut self, step: Step, notice: &Notice<'_>, random: &mut Random) -> &'static str {
        match step {
            Step::Tender => "tender",
            Step::Correction => correction::correct(&mut self.tender, notice, random),
            Step::Cancellation => {
                self.tender.status = "cancelled";
                self.tender.lots.iter_mut().for_each(|lot| lot.status = "cancelled");
                "tenderCancellation"
            }
            Step::Award => {
                self.outcome.settle(&mut self.tender);
                "award"
            }
            Step::Contract => "contract",
            Step::ContractAmendment => {
                if let Some(contract) = self.outcome.contracts.first_mut() {
                    correction::amend(contract, notice, random);
                }
                "contractAmendment"
            }
        }
    }

    /// What is published after the steps of `group`: the stages that they touched.
    fn release(&self, id: String, group: &[(Step, Moment)], tag: Vec<&'static str>) -> Release {
        let has = |wanted: &[Step]| group.iter().any(|(step, _)| wanted.contains(step));
        let tender = if has(&[Step::Tender, Step::Correction]) {
            Some(self.tender.clone())
        } else if has(&[Step::Award, Step::Cancellation]) {
            // A notice of the end repeats the subject, not the documents.
            Some(Tender {
                documents: Vec::new(),
                amendments: Vec::new(),
                ..self.tender.clone()
            })
        } else {
            None
        };
        let has_awards = has(&[Step::Award]);
        let has_contracts = has(&[Step::Contract, Step::ContractAmendment]);
        let mut parties = self.buyers.clone();
        if has_awards || has_contracts {
            parties.extend_from_slice(&self.outcome.bidders);
        }
        Release {
            ocid: self.ocid.clone(),
            id,
            date: group.last().expect("a release tells at least one step").1,
            tag,
            initiation_type: "tender",
            language: "nl",
            parties,
            buyer: (&self.buyers[0]).into(),
            tender,
            awards: if has_awards {
                self.outcome.awards.clone()
            } else {
                Vec::new()
            },
            contracts: if has_contracts {
                self.outcome.contracts.clone()
            } else {
                Vec::new()
            },
        }
    }
}
