//! The tables of the hub as SeaORM entities: what a row is, and nothing about how it is read or written.
//!
//! Two kinds of tables stand here:
//!
//! - tables *owned by a process* ([`tender`], [`release`], [`lot`], [`award`], …): their primary key starts with the
//!   tender's key, so that all rows of one contracting process can live on one shard (in [`code_tender`] it ends with it);
//! - tables *shared by processes* ([`source`], [`package`], [`organization`], [`buyer`], [`supplier`], [`rate`],
//!   [`revision`]), and those about loading itself ([`run`], [`sync`], [`download`]).
//!
//! Every key is computed from what identifies the thing in the published data (see [`key`]), never drawn from a
//! sequence. Columns hold the value types of [`value`]; anything a publisher sent that has no column stays in the stored
//! release ([`release::Model::body`]) and in the compiled release ([`compiled_release`]).

pub mod award;
pub mod award_lot;
pub mod award_supplier;
pub mod buyer;
pub mod change;
pub mod classification;
pub mod code_tender;
pub mod compiled_release;
pub mod contract;
pub mod document;
pub mod download;
pub mod item;
pub mod key;
pub mod lot;
pub mod organization;
pub mod organization_claim;
pub mod organization_claim_key;
pub mod organization_decision;
pub mod package;
pub mod party;
pub mod rate;
pub mod release;
pub mod revision;
pub mod run;
pub mod source;
pub mod supplier;
pub mod sync;
pub mod tender;
pub mod tender_code;
pub mod value;

pub use value::Amount;
