//! From a request's parameters to something that may be executed: the one gate for all transports.
//!
//! Whatever comes as a request, over a socket or as server-sent events passes through [`admit`] before the engine sees it. The engine's
//! own checks put fragments in and have no bounds of their own.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use async_graphql::parser::types::{DocumentOperations, OperationDefinition};
use async_graphql::{Request, Variables};

use super::client::Client;
use super::document::Document;
use super::known;
use super::parameters::{Parameters, Wanted};
use super::refusal::Refusal;
use super::worker::Worker;
use crate::answer::Cost;
use crate::cache::persisted::Digest;
use crate::cache::question::Question;
use crate::error::Code;
use crate::graph;
use crate::metrics::Phase;
use crate::store::Store;

/// What Apollo's and urql's clients look for in the message; they send the text then.
const NOT_FOUND: &str = "PersistedQueryNotFound";

/// A request that may be executed.
pub struct Admitted {
    /// The text of its document.
    pub query: Arc<str>,
    /// The document.
    pub document: Arc<Document>,
    /// Which operation of it.
    pub operation_name: Option<String>,
    /// The values of its variables, which fit their types.
    pub variables: Variables,
    /// How many points the operation costs.
    pub cost: u64,
    /// The hash under which the client wants the document kept.
    pub digest: Option<Digest>,
}

/// Lets a request pass that names a known document, is within all bounds, and whose variables fit. What it costs is still
/// to be taken from the client's points ([`Worker::spend`]).
///
/// # Errors
/// A refusal for the client.
pub async fn admit(worker: &Worker, client: Option<&Client>, parameters: Parameters) -> Result<Admitted, Refusal> {
    let _timer = worker.shared.metrics.phase(Phase::Admission);
    let Parameters {
        wanted,
        operation_name,
        variables,
    } = parameters;
    let (query, digest) = find(worker, wanted).await?;
    let document = worker.shared.documents.parse(&query).await?;
    if !document.is_valid.load(Ordering::Relaxed) {
        known::check(&worker.shared.field_types, &document.parsed)?;
    }
    let operation = document.operation(operation_name.as_deref())?;
    worker.shared.input_types.check(operation, &variables)?;
    let cost = worker.shared.costs.of(&document, operation, &variables);
    // Who has fewer points than that could wait for ever.
    let limit = client
        .and_then(|client| client.quota)
        .map_or(u64::MAX, |quota| quota.points);
    let limit = limit.min(worker.shared.max_complexity);
    if cost > limit {
        return Err(too_complex(cost, limit));
    }
    Ok(Admitted {
        query,
        document,
        operation_name,
        variables,
        cost,
        digest,
    })
}

/// The text of the document that is meant, and the hash under which the client wants it kept.
async fn find(worker: &Worker, wanted: Wanted) -> Result<(Arc<str>, Option<Digest>), Refusal> {
    let trusted = &worker.shared.trusted;
    if let Wanted::Id(id) | Wanted::Hash(id, _) = &wanted
        && let Some(text) = trusted.get(id)
    {
        return match wanted {
            Wanted::Hash(_, Some(sent)) if *sent != **text => Err(mismatch()),
            _ => Ok((Arc::clone(text), None)),
        };
    }
    if trusted.is_closed() {
        return match wanted {
            Wanted::Text(text) | Wanted::Hash(_, Some(text)) if trusted.has_text(&text) => Ok((text.into(), None)),
            _ => Err(not_trusted()),
        };
    }
    match wanted {
        Wanted::Text(text) => Ok((text.into(), None)),
        Wanted::Id(id) => {
            let digest = id
                .strip_prefix("sha256:")
                .unwrap_or(&id)
                .parse()
                .map_err(|_| not_found())?;
            persisted(worker, digest).await
        }
        Wanted::Hash(hash, text) => {
            let malformed = |_| Refusal::malformed("`sha256Hash` is not a SHA-256: 64 hexadecimal digits");
            let digest = hash.parse().map_err(malformed)?;
            match text {
                Some(text) if Digest::of(&text) == digest => Ok((text.into(), Some(digest))),
                Some(_) => Err(mismatch()),
                None => persisted(worker, digest).await,
            }
        }
    }
}

async fn persisted(worker: &Worker, digest: Digest) -> Result<(Arc<str>, Option<Digest>), Refusal> {
    let text = worker.cache.persisted(digest).await.ok_or_else(not_found)?;
    Ok((text, None))
}

fn too_complex(requested: u64, available: u64) -> Refusal {
    let message = format!(
        "the operation costs {requested} points and may cost {available}; ask for smaller pages, or for inner lists on \
         their own"
    );
    Refusal::new(Code::QueryTooComplex, message).costing(Cost { requested, available })
}

fn not_found() -> Refusal {
    Refusal::new(Code::PersistedQueryNotFound, NOT_FOUND)
}

fn not_trusted() -> Refusal {
    let message = "this hub answers documents that its operator registered, and no others";
    Refusal::new(Code::DocumentNotTrusted, message)
}

fn mismatch() -> Refusal {
    let message = "the hash is not that of the document: send the SHA-256 of its text, byte for byte";
    Refusal::new(Code::PersistedQueryHashMismatch, message)
}

impl Admitted {
    /// The operation that is asked for.
    #[must_use]
    pub fn operation(&self) -> &OperationDefinition {
        let found = self.document.operation(self.operation_name.as_deref());
        found.expect("it was found when the request was admitted")
    }

    /// What the operation that is asked for is called; empty if it has no name.
    #[must_use]
    pub fn name(&self) -> &str {
        match (&self.operation_name, &self.document.parsed.operations) {
            (Some(name), _) => name,
            (None, DocumentOperations::Multiple(operations)) => {
                operations.keys().next().map_or("", |name| name.as_str())
            }
            (None, DocumentOperations::Single(_)) => "",
        }
    }

    /// What is asked, however it was written.
    #[must_use]
    pub fn question(&self, worker: &Worker) -> Question {
        let name = self.operation_name.as_deref();
        Question::new(&worker.shared.identity, &self.query, name, &self.variables)
    }

    /// The request as the engine takes it, with a store and a loader of its own. `is_valid` says whether the document was
    /// found valid before, and is not looked through any more.
    #[must_use]
    pub fn request(&self, worker: &Worker, store: &Store, is_valid: bool) -> Request {
        let mut request = Request::new("").variables(self.variables.clone());
        request.operation_name.clone_from(&self.operation_name);
        if let Some(roots) = self.document.roots.as_ref().filter(|_| is_valid) {
            request.set_parsed_query(roots.document());
            request = request.data(Arc::clone(roots));
        } else {
            request.set_parsed_query(self.document.parsed.clone());
        }
        graph::prepare(request, store, &worker.shared.metrics.batches)
    }

    /// Keeps the document for those who will send its hash alone, if the client asked for that and the schema has found
    /// it valid.
    pub async fn persist(&self, worker: &Worker) {
        if let Some(digest) = self.digest
            && self.document.is_valid.load(Ordering::Relaxed)
        {
            worker.cache.persist(digest, &self.query).await;
        }
    }
}
