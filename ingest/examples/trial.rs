//! Throwaway.
use ingest::{Database, Input, Options, ingest};
use migration::MigratorTrait;

#[tokio::main]
async fn main() {
    let mut args = std::env::args().skip(1);
    let url = args.next().unwrap();
    let source = args.next().unwrap();
    let mut options = Options::at(chrono::Utc::now());
    if let Ok(n) = std::env::var("BATCH") { options.batch_releases = n.parse().unwrap(); }
    options.rejects = std::env::var("REJECTS").ok().map(Into::into);
    let inputs: Vec<Input> = args.map(|a| Input::Path(a.into())).collect();
    let migrate = sea_orm::Database::connect(url.replace(".db", ".db?mode=rwc")).await.unwrap();
    migration::Migrator::up(&migrate, None).await.unwrap();
    migrate.close().await.unwrap();
    let database = Database::connect(&url).await.unwrap();
    match ingest(&database, &inputs, &source, &options, &()).await {
        Ok(summary) => println!("{summary}"),
        Err(error) => { eprintln!("{error}: {error:?}"); std::process::exit(1) }
    }
}
