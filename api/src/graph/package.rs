//! What a package of releases shows.

use std::sync::Arc;

use async_graphql::Object;
use chrono::{DateTime, Utc};

use super::direct::plain_fields;
use crate::criteria::{GlobalId, NodeId, NodeKind};
use crate::store::package::PackageRow;

/// A package.
#[derive(Clone)]
pub struct Package(pub Arc<PackageRow>);

/// The envelope that releases were published in.
#[Object]
impl Package {
    /// Global id, for client caches.
    async fn id(&self) -> GlobalId {
        NodeId::of(NodeKind::Package, self.0.id)
    }

    /// Its own address, as published.
    async fn uri(&self) -> Option<&str> {
        self.0.uri()
    }

    /// When it was published.
    async fn published_at(&self) -> Option<DateTime<Utc>> {
        self.0.published_at
    }

    /// Name of who published it.
    async fn publisher(&self) -> Option<&str> {
        self.0.publisher()
    }

    /// URL of the licence under which its data may be used.
    async fn license(&self) -> Option<&str> {
        self.0.license()
    }
}

plain_fields!(Package: id, uri, published_at, publisher, license);
