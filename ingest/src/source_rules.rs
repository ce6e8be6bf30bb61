//! By which rules the releases of each source are merged, where its operator says that they are others than the usual.

use std::collections::HashMap;
use std::sync::Arc;

use ocds::Rules;
use ocds::rules::Overrides;
use sea_orm::prelude::Uuid;

/// The rules of all sources that have their own. Cheap to clone.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct SourceRules(Arc<HashMap<Uuid, Arc<Rules>>>);

impl SourceRules {
    /// The rules that follow from the overrides of sources, as they are stored.
    pub fn new(overrides: impl IntoIterator<Item = (Uuid, String)>) -> SourceRules {
        let rules = overrides.into_iter().filter_map(|(source, text)| {
            // Only what could be read was stored; what a newer hub says is for a newer hub.
            let overrides = Overrides::parse(&text).ok()?;
            Some((source, Arc::new(overrides.rules())))
        });
        SourceRules(Arc::new(rules.collect()))
    }

    /// The rules of a source; none if they are the usual ones.
    pub fn of(&self, source: Uuid) -> Option<Arc<Rules>> {
        self.0.get(&source).cloned()
    }
}
