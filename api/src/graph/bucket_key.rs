//! What the rows of a group have in common, as users read it.

use std::sync::Arc;

use async_graphql::{Context, Object, Result, Value};
use classification::{Code, Scheme};
use entities::key;
use entities::value::code;

use super::buyer::Buyer;
use super::classification::Classification;
use super::direct::plain_fields;
use super::load;
use super::node::Node;
use super::source::Source;
use super::supplier::Supplier;
use crate::criteria::code::{AwardStatus, ProcurementCategory, ProcurementMethod, TenderStatus};
use crate::criteria::statistics::Dimension;
use crate::criteria::{NodeId, NodeKind};
use crate::store::organization::{OrganizationById, OrganizationRow};
use crate::store::source::SourceById;
use crate::store::statistics::Key;

/// The months of a year, as keys count them.
const MONTHS: i32 = 12;

/// The key of a group in one dimension.
pub struct BucketKey {
    dimension: Dimension,
    key: Key,
}

impl BucketKey {
    /// A key in this dimension.
    pub const fn new(dimension: Dimension, key: Key) -> Self {
        Self { dimension, key }
    }

    /// The number of a month, as keys count them: of `2026-03`.
    pub fn month(text: &str) -> Option<i32> {
        let (year, month) = text.rsplit_once('-')?;
        let year: i32 = year.parse().ok()?;
        year.checked_mul(MONTHS)?.checked_add(month.parse::<i32>().ok()? - 1)
    }

    /// The key as filters take it; `None` for what has none.
    pub fn text(&self) -> Option<String> {
        match (&self.key, self.dimension) {
            (Key::Absent, _) => None,
            (Key::Number(month), Dimension::Month) => Some(format!(
                "{:04}-{:02}",
                month.div_euclid(MONTHS),
                month.rem_euclid(MONTHS) + 1
            )),
            (Key::Number(year), _) => Some(format!("{year:04}")),
            (Key::Organization(id), Dimension::Supplier) => Some(NodeId::of(NodeKind::Supplier, *id).to_string()),
            (Key::Organization(id), _) => Some(NodeId::of(NodeKind::Buyer, *id).to_string()),
            (Key::Text(text), dimension) => Some(match self.classification() {
                Some(classification) => classification.code,
                None => enum_name(dimension, text).unwrap_or_else(|| text.clone()),
            }),
        }
    }

    /// The classification that it stands for.
    fn classification(&self) -> Option<Classification> {
        let scheme = match self.dimension {
            Dimension::CpvDivision | Dimension::CpvGroup => Scheme::Cpv,
            Dimension::Region => Scheme::Nuts,
            _ => return None,
        };
        let Key::Text(code) = &self.key else { return None };
        let code = Code::parse(scheme, code)?;
        Some(Classification {
            scheme: scheme.name().to_owned(),
            code: classification::find(code).map_or_else(|| code.to_string(), |entry| entry.code().to_string()),
            label: None,
        })
    }

    async fn organization(&self, context: &Context<'_>) -> Result<Option<Arc<OrganizationRow>>> {
        let Key::Organization(id) = self.key else {
            return Ok(None);
        };
        Ok(load(context, OrganizationById::whole(id)).await?)
    }
}

/// What the members of a group have in common.
#[Object]
impl BucketKey {
    /// The dimension: `"YEAR"`.
    async fn dimension(&self) -> &str {
        self.dimension.name()
    }

    /// The key as filters take it: `"2026"`, `"2026-03"`, the id of an organisation, `"72000000-5"`, `"NL32"`, `"SERVICES"`,
    /// the slug of a source. Null for what has none.
    async fn code(&self) -> Option<String> {
        self.text()
    }

    /// What to write beside it: a name, the label of a code, otherwise the code itself.
    pub async fn label(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The language of the labels of codes, ISO 639-1: `\"nl\"`; English if not given.")]
        lang: Option<String>,
    ) -> Result<Option<String>> {
        if let Some(organization) = self.organization(context).await? {
            return Ok(Some(organization.name().to_owned()));
        }
        if let Some(label) = self
            .classification()
            .and_then(|found| found.named(lang.as_deref()).map(str::to_owned))
        {
            return Ok(Some(label));
        }
        if let Some(Node::Source(source)) = self.source(context).await?
            && let Some(name) = source.0.name()
        {
            return Ok(Some(name.to_owned()));
        }
        Ok(self.text())
    }

    /// The buyer, supplier or source itself; null in other dimensions.
    pub async fn node(&self, context: &Context<'_>) -> Result<Option<Node>> {
        if let Some(row) = self.organization(context).await? {
            return Ok(Some(match self.dimension {
                Dimension::Supplier => Node::Supplier(Supplier::from(row)),
                _ => Node::Buyer(Buyer::from(row)),
            }));
        }
        self.source(context).await
    }
}

plain_fields!(BucketKey: dimension, code);

impl BucketKey {
    async fn source(&self, context: &Context<'_>) -> Result<Option<Node>> {
        let (Dimension::Source, Key::Text(slug)) = (self.dimension, &self.key) else {
            return Ok(None);
        };
        let found = load(context, SourceById(key::source(slug))).await?;
        Ok(found.map(Source).map(Node::Source))
    }
}

/// The name that a code has as a value of an enum.
fn enum_name(dimension: Dimension, text: &str) -> Option<String> {
    let name = match dimension {
        Dimension::Category => Value::from(ProcurementCategory::from(code::ProcurementCategory::from_code(text)?)),
        Dimension::Method => Value::from(ProcurementMethod::from(code::ProcurementMethod::from_code(text)?)),
        // The statuses of awards are among those of tenders, but for one.
        Dimension::Status => match code::TenderStatus::from_code(text) {
            Some(status) => Value::from(TenderStatus::from(status)),
            None => Value::from(AwardStatus::from(code::AwardStatus::from_code(text)?)),
        },
        _ => return None,
    };
    match name {
        Value::Enum(name) => Some(name.to_string()),
        _ => None,
    }
}
