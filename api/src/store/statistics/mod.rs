//! Counting awards and tenders in groups: how many, their values, the middle of them, and who takes part.
//!
//! One statement reads counts and sums of all groups. What takes more (medians, numbers of organisations, all groups
//! together, the largest of very many groups) is a statement of its own, put only if it is asked for. Organisations that
//! ask the same are answered together.

mod base;
mod buckets;
mod convert;
mod cut;
mod median;
mod party;

use std::collections::BTreeSet;
use std::sync::Arc;

use sea_orm::DbBackend;
use sea_orm::sea_query::{Condition, Expr, ExprTrait};
use uuid::Uuid;

pub use base::Subject;
pub use buckets::{Bucket, Buckets, BucketsOf, Tally};
pub use median::MediansOf;
pub use party::{Parties, PartiesOf};

use super::dialect::any_of;
use super::organization::Role;
use crate::criteria::Grouping;

/// What the rows of a group have in common in one dimension. In the order in which groups stand: without a key last.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Key {
    /// A year, or a month counted from the year 0.
    Number(i32),
    /// A code, as it stands in the column.
    Text(String),
    /// An organisation.
    Organization(Uuid),
    /// The rows have none.
    Absent,
}

/// What is asked: which rows, and how they are grouped.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Question {
    /// Which rows.
    pub subject: Subject,
    /// How they are grouped.
    pub grouping: Grouping,
}

/// A question about all rows, or those of one organisation.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Scope {
    /// The question.
    pub question: Arc<Question>,
    /// The organisation and its role.
    pub under: Option<(Role, Uuid)>,
}

impl Scope {
    /// The same about all rows together.
    #[must_use]
    pub fn total(&self) -> Self {
        let question = Question {
            subject: self.question.subject.clone(),
            grouping: self.question.grouping.total(),
        };
        Self {
            question: Arc::new(question),
            under: self.under,
        }
    }

    /// The part that scopes share which one statement can answer, and the organisation.
    fn split(&self) -> ((Arc<Question>, Option<Role>), Option<Uuid>) {
        let (role, organization) = self.under.unzip();
        ((self.question.clone(), role), organization)
    }

    fn of(question: &Arc<Question>, role: Option<Role>, organization: Option<Uuid>) -> Self {
        Self {
            question: question.clone(),
            under: role.zip(organization),
        }
    }
}

/// Groups that matter, if not all do: the keys that they have in each dimension. A statement that is restricted to them may
/// still give others, whose keys are mixed from several of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Only(Vec<BTreeSet<Key>>);

impl Only {
    fn of<'k>(dimensions: usize, keys: impl Iterator<Item = &'k Vec<Key>>) -> Self {
        let mut only = vec![BTreeSet::new(); dimensions];
        for key in keys {
            for (known, key) in only.iter_mut().zip(key) {
                known.insert(key.clone());
            }
        }
        Self(only)
    }

    /// That the key in this dimension is one of those.
    fn among(&self, backend: DbBackend, place: usize, key: &Expr) -> Condition {
        let (mut numbers, mut texts, mut organizations) = (Vec::new(), Vec::new(), Vec::new());
        let mut any = Condition::any();
        for known in self.0.get(place).into_iter().flatten() {
            match known {
                Key::Number(number) => numbers.push(*number),
                Key::Text(text) => texts.push(text.clone()),
                Key::Organization(id) => organizations.push(*id),
                Key::Absent => any = any.add(key.clone().is_null()),
            }
        }
        if !numbers.is_empty() {
            any = any.add(any_of(backend, key.clone(), &numbers));
        }
        if !texts.is_empty() {
            any = any.add(any_of(backend, key.clone(), &texts));
        }
        if !organizations.is_empty() {
            any = any.add(any_of(backend, key.clone(), &organizations));
        }
        // Without a group that matters, no row does.
        if any.is_empty() {
            any = any.add(Expr::val(1).eq(0));
        }
        any
    }
}
