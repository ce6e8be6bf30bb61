//! Taking an operator's decisions, listing what is worth deciding, and settling every organisation anew.

use std::collections::{HashMap, HashSet};
use std::io::{Read, Write};

use chrono::{DateTime, SubsecRound, Utc};
use entities::{change, organization, organization_claim, organization_decision, tender};
use sea_orm::prelude::Uuid;
use sea_orm::{ColumnTrait, Condition, EntityTrait, FromQueryResult, QueryFilter, QueryOrder, QuerySelect, QueryTrait};

use super::claims::{Settlement, decisions};
use super::connection::{self, Transaction};
use super::{AT_ONCE, next_revision, organizations, relink_outdated, rewrite};
use crate::organization::{self as resolution, Claim, Decision, Verdict};
use crate::prepare::Commit;
use crate::{Database, Error};

/// What came of a file of decisions.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Decided {
    /// Decisions that are new, or other than before.
    pub taken: usize,
    /// Decisions that were forgotten.
    pub forgotten: usize,
    /// Decisions that held already.
    pub known: usize,
    /// Processes whose organisations are others now.
    pub processes: usize,
}

/// Takes a file of decisions: all of it in one transaction, or none of it. Taking it again changes nothing.
///
/// # Errors
/// [`Error::Decisions`] if the file cannot be understood or contradicts itself or what was decided before.
pub async fn decide(database: &Database, file: impl Read, now: DateTime<Utc>) -> Result<Decided, Error> {
    super::check(database).await?;
    let verdicts = resolution::read_decisions(file)?;
    let now = now.trunc_subsecs(6);
    let mut transaction = Transaction::begin(database).await?;
    let revision = next_revision(&mut transaction, now).await?;
    let before = decisions(&mut transaction).await?;
    let mut held: HashMap<(Uuid, Uuid), bool> = before
        .iter()
        .map(|known| ((known.left, known.right), known.same))
        .collect();
    let mut touched = HashSet::new();
    let mut decided = Decided::default();
    for verdict in verdicts {
        let (pair, same) = match verdict {
            Verdict::Hold(decision) => ((decision.left, decision.right), Some(decision.same)),
            Verdict::Forget(left, right) => ((left, right), None),
        };
        let known = match same {
            Some(same) => held.insert(pair, same),
            None => held.remove(&pair),
        };
        if known == same {
            decided.known += 1;
            continue;
        }
        match same {
            Some(_) => decided.taken += 1,
            None => decided.forgotten += 1,
        }
        touched.insert(pair);
    }
    let now_held = held.iter().map(|((left, right), same)| Decision {
        left: *left,
        right: *right,
        same: *same,
    });
    resolution::check_decisions(&now_held.collect::<Vec<_>>())?;
    if touched.is_empty() {
        transaction.rollback().await?;
        return Ok(decided);
    }
    store(&mut transaction, &held, &touched, now).await?;

    let keys: HashSet<Uuid> = touched.into_iter().flat_map(|(left, right)| [left, right]).collect();
    decided.processes = settle(&mut transaction, commit(revision, now), &keys).await?;
    transaction.commit().await?;
    Ok(decided)
}

/// A commit that adds no releases, and so is of no source.
fn commit(revision: i64, now: DateTime<Utc>) -> Commit {
    Commit {
        source: Uuid::nil(),
        revision,
        now,
    }
}

/// Replaces the decisions about these pairs.
async fn store(
    transaction: &mut Transaction,
    held: &HashMap<(Uuid, Uuid), bool>,
    touched: &HashSet<(Uuid, Uuid)>,
    now: DateTime<Utc>,
) -> Result<(), Error> {
    for (left, right) in touched {
        let statement = organization_decision::Entity::delete_many().filter(
            Condition::all()
                .add(organization_decision::Column::LeftKey.eq(*left))
                .add(organization_decision::Column::RightKey.eq(*right)),
        );
        transaction.execute(statement.as_query()).await?;
    }
    let rows = touched.iter().filter_map(|pair| {
        Some(organization_decision::Model {
            left_key: pair.0,
            right_key: pair.1,
            same: *held.get(pair)?,
            decided_at: now,
        })
    });
    let rows: Vec<_> = rows.collect();
    transaction.insert::<organization_decision::Entity>(&rows).await
}

/// Resolves what decisions about these keys touch, and writes the processes anew that it changes. Tells how many.
async fn settle(transaction: &mut Transaction, commit: Commit, keys: &HashSet<Uuid>) -> Result<usize, Error> {
    let mut settlement = Settlement::default();
    let described = settlement.reconsider(transaction, keys).await?;
    organizations::describe(transaction, &settlement.descriptions, &described).await?;
    let mut changes = Vec::new();
    relink_outdated(transaction, commit, &mut settlement, &mut changes).await?;
    transaction.insert::<change::Entity>(&changes).await?;
    Ok(changes.len())
}

/// Derives every organisation anew from the compiled releases, as after a change of the rules. Tells how many processes
/// there are.
///
/// # Errors
/// See [`Error`]. What was committed before stays, and running it again goes through everything once more.
pub async fn rebuild(database: &Database, now: DateTime<Utc>) -> Result<usize, Error> {
    #[derive(FromQueryResult)]
    struct Key {
        id: Uuid,
    }
    super::check(database).await?;
    let now = now.trunc_subsecs(6);
    let (mut last, mut count) = (Uuid::nil(), 0);
    loop {
        let mut transaction = Transaction::begin(database).await?;
        let revision = next_revision(&mut transaction, now).await?;
        let statement = tender::Entity::find()
            .select_only()
            .column(tender::Column::Id)
            .filter(tender::Column::Id.gt(last))
            .order_by_asc(tender::Column::Id)
            .limit(AT_ONCE as u64)
            .into_query();
        let keys: Vec<Key> = transaction.fetch(&statement).await?;
        let Some(end) = keys.last() else {
            transaction.rollback().await?;
            return Ok(count);
        };
        last = end.id;
        count += keys.len();
        let keys: Vec<Uuid> = keys.into_iter().map(|key| key.id).collect();
        let commit = commit(revision, now);
        let (mut settlement, mut changes) = (Settlement::default(), Vec::new());
        rewrite(&mut transaction, commit, &keys, &mut settlement, &mut changes).await?;
        relink_outdated(&mut transaction, commit, &mut settlement, &mut changes).await?;
        transaction.insert::<change::Entity>(&changes).await?;
        transaction.commit().await?;
    }
}

/// Writes the most doubtful pairs as CSV, in the form that [`decide`] takes: a line that gets `same` or `different` in its
/// first column is a decision. Tells how many pairs there are.
///
/// All claims are held in memory: a million takes about half a gigabyte.
///
/// # Errors
/// See [`Error`].
pub async fn review(database: &Database, most: usize, output: impl Write) -> Result<usize, Error> {
    super::check(database).await?;
    let rows: Vec<organization_claim::Model> =
        connection::fetch(database, &organization_claim::Entity::find().into_query()).await?;
    let held: Vec<organization_decision::Model> =
        connection::fetch(database, &organization_decision::Entity::find().into_query()).await?;
    let held = held.into_iter().map(|row| Decision {
        left: row.left_key,
        right: row.right_key,
        same: row.same,
    });
    let claims: Vec<(Claim, Uuid)> = rows.iter().map(|row| (Claim::from(row), row.organization_id)).collect();
    drop(rows);
    let mut doubts = resolution::doubts(&claims, &held.collect::<Vec<_>>());
    doubts.truncate(most);

    let sides = doubts
        .iter()
        .flat_map(|doubt| [claims[doubt.left].1, claims[doubt.right].1]);
    let names = names(database, &sides.collect()).await?;
    let mut writer = csv::Writer::from_writer(output);
    writer.write_record([
        "decision",
        "now",
        "score",
        "reason",
        "left",
        "left_says",
        "left_organization",
        "left_place",
        "left_country",
        "left_numbers",
        "right",
        "right_says",
        "right_organization",
        "right_place",
        "right_country",
        "right_numbers",
    ])?;
    for doubt in &doubts {
        let now = if doubt.together { "same" } else { "different" };
        let mut record = vec![
            String::new(),
            now.to_owned(),
            format!("{:.2}", doubt.score),
            doubt.reason.to_owned(),
        ];
        for side in [doubt.left, doubt.right] {
            let (claim, organization) = &claims[side];
            record.extend(columns(claim, names.get(organization).map_or("", String::as_str)));
        }
        writer.write_record(record)?;
    }
    writer.flush().map_err(csv::Error::from)?;
    Ok(doubts.len())
}

/// What a review tells of a claim.
fn columns(claim: &Claim, organization: &str) -> [String; 6] {
    let numbers = claim
        .identifiers
        .iter()
        .map(|said| format!("{}:{}", said.scheme, said.id));
    [
        claim.id.to_string(),
        safe(&format!("{} {}", claim.name, claim.form.as_deref().unwrap_or_default())),
        safe(organization),
        safe(claim.place.as_deref().unwrap_or_default()),
        claim.country.clone().unwrap_or_default(),
        safe(&numbers.collect::<Vec<_>>().join(" ")),
    ]
}

/// A text that no spreadsheet takes for a formula.
fn safe(text: &str) -> String {
    let text = text.trim();
    if text.starts_with(['=', '+', '-', '@', '\t']) {
        format!("'{text}")
    } else {
        text.to_owned()
    }
}

async fn names(database: &Database, organizations: &HashSet<Uuid>) -> Result<HashMap<Uuid, String>, Error> {
    #[derive(FromQueryResult)]
    struct Named {
        id: Uuid,
        name: String,
    }
    let mut names = HashMap::new();
    for list in super::keys::lists(&organizations.iter().copied().collect::<Vec<_>>()) {
        let statement = organization::Entity::find()
            .select_only()
            .columns([organization::Column::Id, organization::Column::Name])
            .filter(organization::Column::Id.is_in(list))
            .into_query();
        let rows: Vec<Named> = connection::fetch(database, &statement).await?;
        names.extend(rows.into_iter().map(|row| (row.id, row.name)));
    }
    Ok(names)
}
