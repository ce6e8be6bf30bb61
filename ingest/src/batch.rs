//! What passes from reading to writing: releases that are understood, but not yet merged.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use entities::package;
use entities::value::code::ReleaseKind;
use sea_orm::prelude::Uuid;
use tokio::sync::OwnedSemaphorePermit;

use crate::Summary;
use crate::spool::{Piece, Spool};
use crate::write::Met;

/// A release of the input, known by its key.
#[derive(Clone, Debug)]
pub(crate) struct Incoming {
    /// [`entities::key::release`].
    pub key: Uuid,
    /// [`entities::key::tender`] of its ocid.
    pub tender: Uuid,
    /// The process it is about.
    pub ocid: String,
    /// Its `id`; empty if it has none.
    pub release_id: String,
    /// The instant of its `date`.
    pub date: DateTime<Utc>,
    /// Its `tag`s, separated by commas.
    pub tags: String,
    /// Whether it is merged with others or is a snapshot.
    pub kind: ReleaseKind,
    /// The package it came in.
    pub package: Option<Arc<package::Model>>,
    /// Its JSON text as published; nothing until it is clear that it is new.
    pub text: Piece,
}

/// Releases that are written in one transaction, in the order in which they were read.
#[derive(Debug, Default)]
pub(crate) struct Batch {
    /// The releases.
    pub releases: Vec<Incoming>,
    /// Where their texts wait, and what comes of them.
    pub spool: Spool,
    /// How much their texts take, in bytes.
    pub size: usize,
    /// How many releases were met that are stored already.
    pub unchanged: u64,
    /// Those of them that came in another package than the one that is stored.
    pub elsewhere: Vec<Met>,
    /// What was read and refused since the batch before.
    pub summary: Summary,
    /// What it takes of the room for releases that are read and not written yet.
    pub room: Option<OwnedSemaphorePermit>,
}
