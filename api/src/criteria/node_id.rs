//! Global ids: opaque to clients, but every id says what it names, so that `node(id:)` finds it with one look-up.

use std::borrow::Cow;
use std::fmt;

use async_graphql::parser::types::Field;
use async_graphql::registry::Registry;
use async_graphql::{ContextSelectionSet, ID, OutputType, Positioned, ServerResult, Value};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use uuid::Uuid;

use crate::error::{Error, Result};

/// What an id names. The discriminants stand in every id ever given out: never change or reuse one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum NodeKind {
    /// A contracting process.
    Tender = 1,
    /// An award.
    Award = 2,
    /// An organisation as a buyer.
    Buyer = 3,
    /// An organisation as a supplier.
    Supplier = 4,
    /// A data source.
    Source = 5,
    /// A contract.
    Contract = 6,
    /// An organisation as a procuring entity.
    ProcuringEntity = 7,
    /// A lot.
    Lot = 8,
    /// An item.
    Item = 9,
    /// A document.
    Document = 10,
    /// A release.
    Release = 11,
    /// The report of a run.
    Run = 12,
    /// A package of releases.
    Package = 13,
}

impl NodeKind {
    const ALL: [Self; 13] = [
        Self::Tender,
        Self::Award,
        Self::Buyer,
        Self::Supplier,
        Self::Source,
        Self::Contract,
        Self::ProcuringEntity,
        Self::Lot,
        Self::Item,
        Self::Document,
        Self::Release,
        Self::Run,
        Self::Package,
    ];

    fn from_byte(byte: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| *kind as u8 == byte)
    }
}

/// A global id: the kind, the key, and for a part of a process the process's key before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NodeId {
    /// What is named.
    pub kind: NodeKind,
    /// The process that owns it; the same as `key` for a tender and nil for what no process owns.
    pub tender: Uuid,
    /// Its key.
    pub key: Uuid,
}

impl NodeId {
    /// The id of something that no process owns, or of a process itself.
    pub fn of(kind: NodeKind, key: Uuid) -> GlobalId {
        GlobalId {
            kind,
            tender: None,
            key,
        }
    }

    /// The id of a part of a process.
    pub fn of_part(kind: NodeKind, tender: Uuid, key: Uuid) -> GlobalId {
        GlobalId {
            kind,
            tender: Some(tender),
            key,
        }
    }

    /// Reads an id that [`NodeId::of`] or [`NodeId::of_part`] made; `None` for any other text.
    pub fn read(id: &str) -> Option<Self> {
        // An id is 23 or 44 characters: longer texts are not worth decoding.
        if id.len() > GlobalId::MAX_LENGTH {
            return None;
        }
        let bytes = URL_SAFE_NO_PAD.decode(id).ok()?;
        let kind = NodeKind::from_byte(*bytes.first()?)?;
        let key_at = |start: usize| Uuid::from_slice(bytes.get(start..start + 16)?).ok();
        match bytes.len() {
            17 => {
                let key = key_at(1)?;
                Some(Self {
                    kind,
                    tender: if kind == NodeKind::Tender { key } else { Uuid::nil() },
                    key,
                })
            }
            33 => Some(Self {
                kind,
                tender: key_at(1)?,
                key: key_at(17)?,
            }),
            _ => None,
        }
    }

    /// The key behind an id given as an argument that wants one of these kinds.
    pub fn expect(id: &str, kinds: &[NodeKind], argument: &str) -> Result<Uuid> {
        match Self::read(id) {
            Some(node) if kinds.contains(&node.kind) => Ok(node.key),
            _ => Err(Error::bad_input(
                argument,
                format!("no id of a {:?}; take it from that object's `id`", kinds[0]),
            )),
        }
    }
}

/// An id as it is given out, before it is a text. Answers are full of them, so they are written where they belong at once.
#[derive(Clone, Copy, Debug)]
pub struct GlobalId {
    kind: NodeKind,
    tender: Option<Uuid>,
    key: Uuid,
}

impl GlobalId {
    /// The characters of the longest id.
    const MAX_LENGTH: usize = 44;

    /// Gives its text to whom it is for.
    pub fn with_text<T>(self, take: impl FnOnce(&[u8]) -> T) -> T {
        let mut bytes = [self.kind as u8; 33];
        let mut length = 1;
        for key in self.tender.iter().chain([&self.key]) {
            bytes[length..length + 16].copy_from_slice(key.as_bytes());
            length += 16;
        }
        let mut text = [0; Self::MAX_LENGTH];
        let written = URL_SAFE_NO_PAD.encode_slice(&bytes[..length], &mut text);
        take(&text[..written.expect("44 characters hold 33 bytes")])
    }
}

impl fmt::Display for GlobalId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.with_text(|text| {
            text.iter()
                .try_for_each(|&letter| fmt::Write::write_char(formatter, letter.into()))
        })
    }
}

/// In the schema it is an `ID`.
impl OutputType for GlobalId {
    fn type_name() -> Cow<'static, str> {
        <ID as OutputType>::type_name()
    }

    fn create_type_info(registry: &mut Registry) -> String {
        <ID as OutputType>::create_type_info(registry)
    }

    async fn resolve(&self, _context: &ContextSelectionSet<'_>, _field: &Positioned<Field>) -> ServerResult<Value> {
        Ok(Value::String(self.to_string()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_read_back() {
        let (tender, key) = (Uuid::from_u128(7), Uuid::from_u128(9));
        for &kind in &NodeKind::ALL {
            assert_eq!(
                NodeId::read(&NodeId::of_part(kind, tender, key).to_string()),
                Some(NodeId { kind, tender, key })
            );
            assert_eq!(
                NodeId::read(&NodeId::of(kind, key).to_string()).map(|id| (id.kind, id.key)),
                Some((kind, key))
            );
        }
    }

    #[test]
    fn other_texts_are_no_ids() {
        for text in ["", "AA", "x", "AAAAAAAAAAAAAAAAAAAAAAA", &"B".repeat(45), "é"] {
            assert_eq!(NodeId::read(text), None, "{text}");
        }
    }
}
