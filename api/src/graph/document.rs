//! What a document shows.

use std::sync::Arc;

use async_graphql::Object;
use async_graphql::connection::EmptyFields;
use chrono::{DateTime, Utc};

use super::connection::Listed;
use super::direct::plain_fields;
use super::shown::Shows;
use crate::criteria::{Cursor, GlobalId, NodeId, NodeKind};
use crate::store::keyset::Keyset;
use crate::store::part::DocumentRow;

/// A document.
#[derive(Clone)]
pub struct Document(pub Arc<DocumentRow>);

impl Listed for Document {
    type EdgeFields = EmptyFields;
    type ListFields = EmptyFields;

    fn edge_fields(&self) -> EmptyFields {
        EmptyFields
    }

    fn place(&self, _keyset: &Keyset) -> Option<Cursor> {
        None
    }

    fn position(&self) -> i32 {
        self.0.position
    }
}

impl Shows for Document {
    type Row = DocumentRow;
    const FIELDS: &'static [(&'static str, &'static [&'static str])] = &[];
}

/// A published document: notice, specification, contract text, report.
#[Object]
impl Document {
    /// Global id, for client caches.
    async fn id(&self) -> GlobalId {
        NodeId::of_part(NodeKind::Document, self.0.tender_id, self.0.id)
    }

    /// The id in the publisher's data; empty where none was published.
    async fn local_id(&self) -> &str {
        self.0.local_id()
    }

    /// Its kind, a code of the open OCDS codelist: `"tenderNotice"`.
    async fn document_type(&self) -> Option<&str> {
        self.0.document_type()
    }

    /// Title, as published.
    async fn title(&self) -> Option<&str> {
        self.0.title()
    }

    /// What it is about, as published.
    async fn description(&self) -> Option<&str> {
        self.0.description()
    }

    /// Where it can be read, as published; the hub does not check it.
    async fn url(&self) -> Option<&str> {
        self.0.url()
    }

    /// Its media type: `"application/pdf"`.
    async fn format(&self) -> Option<&str> {
        self.0.format()
    }

    /// Its language, ISO 639-1.
    async fn language(&self) -> Option<&str> {
        self.0.language()
    }

    /// When it was published.
    async fn date_published(&self) -> Option<DateTime<Utc>> {
        self.0.date_published()
    }

    /// When it was last changed.
    async fn date_modified(&self) -> Option<DateTime<Utc>> {
        self.0.date_modified()
    }
}

plain_fields!(
    Document: id, local_id, document_type, title, description, url, format, language, date_published, date_modified
);
