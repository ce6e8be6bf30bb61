//! What the database says about its own state.

use chrono::{DateTime, Utc};
use sea_orm::sea_query::{Expr, ExprTrait, Order, Query, SelectStatement};
use sea_orm::{DatabaseConnection, DbErr, FromQueryResult};
use uuid::Uuid;

use crate::read::fetch;
use crate::volume::Progress;

/// The state of the data.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct News {
    /// The data revision.
    pub revision: i64,
    /// When it was committed.
    pub at: DateTime<Utc>,
    /// The oldest change, which tells this database from others; `None` while nothing ever changed.
    pub origin: Option<String>,
}

/// A tender that changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromQueryResult)]
pub(crate) struct Change {
    pub tender_id: Uuid,
    pub revision: i64,
}

impl News {
    /// Asks for the state of the data.
    pub async fn read(database: &DatabaseConnection) -> Result<Self, DbErr> {
        #[derive(FromQueryResult)]
        struct Revision {
            value: i64,
            at: DateTime<Utc>,
        }
        #[derive(FromQueryResult)]
        struct Oldest {
            tender_id: Uuid,
            revision: i64,
            at: DateTime<Utc>,
        }
        let revision = Query::select()
            .columns(["value", "at"])
            .from("revision")
            .and_where(Expr::col("id").eq(entities::revision::ID))
            .take();
        let revision = fetch::<Revision>(database, &revision).await?.pop();
        let revision = revision.ok_or_else(|| DbErr::RecordNotFound("the data revision".to_owned()))?;
        let oldest = in_order(&["tender_id", "revision", "at"]).limit(1).take();
        let oldest = fetch::<Oldest>(database, &oldest).await?.pop();
        Ok(Self {
            revision: revision.value,
            at: revision.at,
            origin: oldest.map(|oldest| format!("{} {} {}", oldest.revision, oldest.tender_id, oldest.at)),
        })
    }

    /// Whether an index that has come so far was made from this database, and not from a later state of it.
    pub fn continues(&self, progress: &Progress) -> bool {
        let is_same = progress.origin.is_none() || progress.origin == self.origin;
        is_same && progress.revision <= self.revision
    }
}

/// The next changes after this one, in the order of commits.
pub(crate) async fn changes(
    database: &DatabaseConnection,
    (revision, tender): (i64, Uuid),
    most: u64,
) -> Result<Vec<Change>, DbErr> {
    let place = Expr::tuple([Expr::col("revision"), Expr::col("tender_id")]);
    let select = in_order(&["tender_id", "revision"])
        .and_where(place.gt(Expr::tuple([Expr::val(revision), Expr::val(tender)])))
        .limit(most)
        .take();
    fetch(database, &select).await
}

fn in_order(columns: &[&'static str]) -> SelectStatement {
    Query::select()
        .columns(columns.iter().copied())
        .from("change")
        .order_by("revision", Order::Asc)
        .order_by("tender_id", Order::Asc)
        .take()
}
