//! The hub's tables with a few rows in them, an index beside them, and someone who keeps it fresh.

use std::path::PathBuf;
use std::time::Duration;

use migration::MigratorTrait as _;
use sea_orm::{ConnectionTrait as _, Database, DatabaseConnection};
use search::{Filter, Index, Keeper, Page, Question, Snapshot, SortBy, Text};
use std::sync::Arc;
use tempfile::TempDir;
use tokio::sync::watch;
use uuid::Uuid;

/// A database of its own.
pub struct Tables {
    folder: TempDir,
    database: DatabaseConnection,
    revisions: watch::Sender<i64>,
}

/// A tender with what tests want to say of it.
pub struct Tender<'a> {
    pub number: u128,
    pub title: &'a str,
    pub description: &'a str,
    pub published_at: &'a str,
    pub buyer: Option<u128>,
}

impl Default for Tender<'_> {
    fn default() -> Self {
        Self {
            number: 1,
            title: "",
            description: "",
            published_at: "2026-01-01",
            buyer: None,
        }
    }
}

/// The key of something by its number.
pub fn key(number: u128) -> Uuid {
    Uuid::from_u128(number)
}

fn literal(number: u128) -> String {
    format!("X'{}'", key(number).simple())
}

impl Tables {
    pub async fn new() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        let database = Database::connect(format!("sqlite://{}?mode=rwc", folder.path().join("hub.db").display()))
            .await
            .expect("the file can be made");
        migration::Migrator::up(&database, None)
            .await
            .expect("a new database can be migrated");
        let tables = Self {
            folder,
            database,
            revisions: watch::Sender::new(0),
        };
        let source = format!(
            "INSERT INTO source (id, slug, language) VALUES ({}, 'example', 'nl')",
            literal(7)
        );
        tables.execute(&source).await;
        tables
    }

    pub async fn execute(&self, sql: &str) {
        self.database
            .execute_unprepared(sql)
            .await
            .expect("the statement is right");
    }

    /// The folder of the index.
    pub fn index(&self) -> PathBuf {
        self.folder.path().join("index")
    }

    /// Starts someone who keeps the index fresh.
    pub fn keep(&self) -> (Index, Keeper) {
        let url = format!("sqlite://{}", self.folder.path().join("hub.db").display());
        let connect = move || {
            let url = url.clone();
            async move { Database::connect(url).await }
        };
        Keeper::start(&self.index(), connect, self.revisions.subscribe())
    }

    /// The statements of a commit, which is seen as a whole.
    async fn commit(&self, statements: &str) -> i64 {
        let revision = self.next();
        let now = "2026-06-01T00:00:00+00:00";
        let sql =
            format!("BEGIN IMMEDIATE; UPDATE revision SET value = {revision}, at = '{now}'; {statements} COMMIT;");
        self.execute(&sql).await;
        self.revisions.send_replace(revision);
        revision
    }

    fn next(&self) -> i64 {
        *self.revisions.borrow() + 1
    }

    /// Writes tenders anew, in one commit.
    pub async fn write(&self, tenders: &[Tender<'_>]) -> i64 {
        let revision = self.next();
        let statements: Vec<String> = tenders.iter().map(|tender| tender.statements(revision)).collect();
        self.commit(&statements.concat()).await
    }

    /// Removes a tender.
    pub async fn remove(&self, number: u128) -> i64 {
        let id = literal(number);
        let told = change(number, self.next());
        let rows = format!("DELETE FROM tender WHERE id = {id}; DELETE FROM party WHERE tender_id = {id};");
        self.commit(&format!("{rows} {told}")).await
    }

    /// Puts an organisation that buys in its place.
    pub async fn buyer(&self, number: u128, name: &str, country: &str) {
        let id = literal(number);
        self.execute(&format!(
            "INSERT OR REPLACE INTO organization (id, name, tier, seen_at, seen_in, country)
             VALUES ({id}, '{name}', 'name', '2026-01-01T00:00:00+00:00', {id}, '{country}');
             INSERT OR IGNORE INTO buyer (id) VALUES ({id});"
        ))
        .await;
    }

    /// Waits until an index has come so far, and gives its state.
    pub async fn caught_up(&self, index: &Index, revision: i64) -> Arc<Snapshot> {
        loop {
            if let Some(snapshot) = index.snapshot().filter(|snapshot| snapshot.revision() >= revision) {
                return snapshot;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }
}

fn change(tender: u128, revision: i64) -> String {
    format!(
        "INSERT INTO change (tender_id, revision, ocid, kind, at, paths)
         VALUES ({}, {revision}, 'ocds-{tender}', 'updated', '2026-06-01T00:00:00+00:00', '[]');",
        literal(tender)
    )
}

impl Tender<'_> {
    fn statements(&self, revision: i64) -> String {
        let Self {
            number,
            title,
            description,
            published_at,
            buyer,
        } = self;
        let (id, source) = (literal(*number), literal(7));
        let named = buyer.map(|buyer| {
            format!(
                "INSERT INTO party (tender_id, id, position, organization_id, tier, evidence, seen_at, local_id, roles, name)
                 SELECT {id}, {0}, 0, {0}, 'name', '', '2026-01-01T00:00:00+00:00', 'B', 'buyer', name
                 FROM organization WHERE id = {0};",
                literal(buyer)
            )
        });
        let buyer = buyer.map_or_else(|| "NULL".to_owned(), literal);
        format!(
            "DELETE FROM party WHERE tender_id = {id};
             INSERT OR REPLACE INTO tender (id, ocid, source_id, published_at, updated_at, revision, has_awards, buyer_id,
                 title, description)
             VALUES ({id}, 'ocds-{number}', {source}, '{published_at}T00:00:00+00:00', '{published_at}T00:00:00+00:00',
                 {revision}, FALSE, {buyer}, '{title}', '{description}');
             {} {}",
            named.unwrap_or_default(),
            change(*number, revision)
        )
    }
}

/// What is typed, read.
pub fn text(typed: &str) -> Text {
    Text::parse(typed)
        .expect("it can be searched for")
        .expect("it is not blank")
}

/// A filter by words alone.
pub fn words(typed: &str) -> Filter {
    Filter {
        text: Some(text(typed)),
        ..Filter::default()
    }
}

/// A question for all that match, best first.
pub fn all(filter: &Filter) -> Question<'_> {
    Question {
        filter,
        sort_by: SortBy::Relevance,
        descending: true,
        page: Some(Page {
            size: 10_000,
            backward: false,
            after: None,
            before: None,
        }),
        count: true,
        facets: &[],
        most_values: 10,
    }
}

/// The numbers of the tenders that match, best first.
pub fn found(snapshot: &Snapshot, filter: &Filter) -> Vec<u128> {
    let found = snapshot.tenders(&all(filter)).expect("the index is whole");
    assert_eq!(found.count, Some(found.tenders.len() as u64));
    found.tenders.iter().map(|tender| tender.place.id.as_u128()).collect()
}
