//! Which documents clients may send, and how they are answered.

use std::path::PathBuf;

use api::{Statuses, TrustedDocuments};
use clap::{Args, ValueEnum};

/// Which documents are answered.
#[derive(Args, Debug)]
pub struct DocumentSettings {
    /// Documents that may be asked for by id: a manifest of Apollo, Relay or graphql-codegen, or a folder of them
    #[arg(long, env = "TRUSTED_DOCUMENTS", value_name = "PATH")]
    trusted_documents: Option<PathBuf>,
    /// Answer trusted documents and nothing else
    #[arg(long, env = "TRUSTED_DOCUMENTS_ONLY", value_name = "BOOLEAN", default_value_t = false, num_args = 0..=1, default_missing_value = "true", action = clap::ArgAction::Set)]
    trusted_documents_only: bool,
}

impl DocumentSettings {
    /// The documents, read and found to be GraphQL.
    pub fn read(&self) -> anyhow::Result<TrustedDocuments> {
        let path = self
            .trusted_documents
            .as_ref()
            .filter(|path| !path.as_os_str().is_empty());
        let documents = match path {
            Some(path) => TrustedDocuments::read(path)?,
            None => TrustedDocuments::default(),
        };
        if !self.trusted_documents_only {
            return Ok(documents);
        }
        anyhow::ensure!(
            path.is_some(),
            "TRUSTED_DOCUMENTS_ONLY leaves nothing to answer without TRUSTED_DOCUMENTS"
        );
        Ok(documents.closed())
    }
}

/// Which statuses answers have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum HttpStatus {
    /// As the published audits of GraphQL over HTTP ask: 400 for what is not executed
    Audits,
    /// As the newer draft says: 422 for what is not executed, 294 for data with errors
    Draft,
}

impl From<HttpStatus> for Statuses {
    fn from(status: HttpStatus) -> Self {
        match status {
            HttpStatus::Audits => Self::Audits,
            HttpStatus::Draft => Self::Draft,
        }
    }
}
