//! The codes of [`entities::value::code`], and that of [`ocds::rules`], as GraphQL enums: a new code there is a compile error
//! here until it has a name.

use async_graphql::Enum;
use entities::value::code;
use ocds::rules::Strategy;

/// Where a contracting process stands.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[graphql(remote = "code::TenderStatus")]
pub enum TenderStatus {
    /// A future process is foreseen; early information may be given.
    Planning,
    /// The process is planned; its details may be incomplete.
    Planned,
    /// Open for submissions, or being evaluated.
    Active,
    /// Cancelled before it ended.
    Cancelled,
    /// Ended without success.
    Unsuccessful,
    /// Ended; the awards tell how.
    Complete,
    /// Withdrawn: published by mistake, or never meant to go on.
    Withdrawn,
}

/// Where an award stands.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[graphql(remote = "code::AwardStatus")]
pub enum AwardStatus {
    /// Proposed, not yet in force.
    Pending,
    /// In force.
    Active,
    /// Cancelled.
    Cancelled,
    /// No award could be made.
    Unsuccessful,
}

/// Where a contract stands.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[graphql(remote = "code::ContractStatus")]
pub enum ContractStatus {
    /// Proposed, not yet in force.
    Pending,
    /// Signed by both sides and in force.
    Active,
    /// Cancelled before signing.
    Cancelled,
    /// Signed, and now at an end.
    Terminated,
}

/// What kind of thing is mainly bought.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[graphql(remote = "code::ProcurementCategory")]
pub enum ProcurementCategory {
    /// Physical goods or supplies.
    Goods,
    /// Construction, repair or maintenance of buildings and infrastructure.
    Works,
    /// Services.
    Services,
}

/// How suppliers can take part.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[graphql(remote = "code::ProcurementMethod")]
pub enum ProcurementMethod {
    /// Everyone interested may submit.
    Open,
    /// Only qualified suppliers are invited.
    Selective,
    /// The buyer chooses whom to invite.
    Limited,
    /// One supplier, without competition.
    Direct,
}

/// What happened to a tender.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[graphql(remote = "code::ChangeKind")]
pub enum ChangeKind {
    /// It is new.
    Created,
    /// It was there before, and differs now.
    Updated,
    /// It is gone.
    Removed,
}

/// How a run ended, if it did.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[graphql(remote = "code::RunOutcome")]
pub enum RunOutcome {
    /// It is not over.
    Running,
    /// It went through to the end of its input.
    Done,
    /// Something stopped it; its message says what.
    Failed,
    /// It was stopped from outside, or its machine was; the same command finishes it.
    Interrupted,
}

/// The part of a process that lists an item or a document.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[graphql(remote = "code::Owner", name = "PublishedUnder")]
pub enum Owner {
    /// The planning section.
    Planning,
    /// The tender section.
    Tender,
    /// One award.
    Award,
    /// One contract.
    Contract,
    /// The implementation of one contract.
    Implementation,
}

/// How the objects of an array are matched whose ids do not identify them, when the releases of a process are merged.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[graphql(remote = "Strategy")]
pub enum MergeStrategy {
    /// Not at all, the objects of every release are kept: for a publisher who never repeats one, but counts from 1 in each
    /// release.
    Append,
    /// By their place in the list: for a publisher who repeats the whole list in one order.
    Position,
}
