//! Closed codelists of OCDS 1.1 as the hub shows them, and the few kinds of its own.
//!
//! Columns hold the code as text. A code outside its list keeps its text in the stored release, and its column empty.

/// Declares one closed codelist: the variants, their codes, and both ways between them.
macro_rules! codelist {
    ($(#[$list:meta])* $name:ident { $($(#[$doc:meta])* $variant:ident = $code:literal),+ $(,)? }) => {
        $(#[$list])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum $name { $($(#[$doc])* $variant),+ }

        impl $name {
            /// Every code of the list, in the order of the standard.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The code as it stands in published data and in the column.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $code),+ }
            }

            /// The member with exactly this code, if the list has one.
            #[must_use]
            pub fn from_code(code: &str) -> Option<Self> {
                match code { $($code => Some(Self::$variant),)+ _ => None }
            }
        }
    };
}

codelist! {
    /// OCDS `tenderStatus` codelist.
    TenderStatus {
        /// A future process is foreseen; early information may be given.
        Planning = "planning",
        /// A process is planned; its details may be incomplete.
        Planned = "planned",
        /// Open for submissions, or being evaluated.
        Active = "active",
        /// Cancelled before it ended.
        Cancelled = "cancelled",
        /// Ended without success.
        Unsuccessful = "unsuccessful",
        /// Ended; see the awards.
        Complete = "complete",
        /// Withdrawn: published by mistake, or never meant to go on.
        Withdrawn = "withdrawn",
    }
}

codelist! {
    /// OCDS `awardStatus` codelist.
    AwardStatus {
        /// Proposed, not yet in force.
        Pending = "pending",
        /// In force.
        Active = "active",
        /// Cancelled.
        Cancelled = "cancelled",
        /// No award could be made.
        Unsuccessful = "unsuccessful",
    }
}

codelist! {
    /// OCDS `contractStatus` codelist.
    ContractStatus {
        /// Proposed, not yet in force.
        Pending = "pending",
        /// Signed by both sides and in force.
        Active = "active",
        /// Cancelled before signing.
        Cancelled = "cancelled",
        /// Signed, and now at an end.
        Terminated = "terminated",
    }
}

codelist! {
    /// OCDS `procurementCategory` codelist.
    ProcurementCategory {
        /// Physical goods or supplies.
        Goods = "goods",
        /// Construction, repair, rehabilitation, demolition or maintenance of an asset or infrastructure.
        Works = "works",
        /// Services.
        Services = "services",
    }
}

codelist! {
    /// OCDS `method` codelist.
    ProcurementMethod {
        /// All interested suppliers may submit.
        Open = "open",
        /// Only qualified suppliers are invited to submit.
        Selective = "selective",
        /// The buyer chooses whom to invite, by its own choice.
        Limited = "limited",
        /// One supplier, without competition.
        Direct = "direct",
    }
}

codelist! {
    /// What a stored release is to its process.
    ReleaseKind {
        /// One publication about the process, to be merged with the others.
        Individual = "individual",
        /// A snapshot that the publisher compiled; used where there is no individual release.
        Compiled = "compiled",
    }
}

codelist! {
    /// By what a party was taken for its organisation, strongest evidence first.
    MatchTier {
        /// By an operator's decision.
        Decision = "decision",
        /// By a number in a register that was verified.
        Identifier = "identifier",
        /// By a number that cannot be verified, together with its name.
        IdentifierAndName = "identifier_and_name",
        /// By its normalised name and its town.
        NameAndPlace = "name_and_place",
        /// By its normalised name and its country, or its publisher where no country is known.
        Name = "name",
        /// Not recognised: it stands for itself in this process only.
        Process = "process",
    }
}

codelist! {
    /// Whom the name of a party can name.
    ClaimKind {
        /// One organisation.
        Organization = "organization",
        /// One of many organisations that are called so, such as `Primary School`.
        Generic = "generic",
        /// A person: others have the same name.
        Person = "person",
        /// Nobody: an empty form, a pseudonym, a remark.
        Nobody = "nobody",
    }
}

codelist! {
    /// The part of a process under which an item or a document was published.
    Owner {
        /// The planning section.
        Planning = "planning",
        /// The tender section.
        Tender = "tender",
        /// One award.
        Award = "award",
        /// One contract.
        Contract = "contract",
        /// The implementation section of one contract.
        Implementation = "implementation",
    }
}

codelist! {
    /// What happened to a process in one commit.
    ChangeKind {
        /// First seen.
        Created = "created",
        /// Known before, now different.
        Updated = "updated",
        /// No longer in the hub.
        Removed = "removed",
    }
}

codelist! {
    /// How a run ended, if it did.
    RunOutcome {
        /// It is not over.
        Running = "running",
        /// It went through to the end of its input.
        Done = "done",
        /// Something stopped it; its message says what.
        Failed = "failed",
        /// It was stopped from outside; the same command finishes it.
        Interrupted = "interrupted",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_found_by_its_own_text_only() {
        for &status in TenderStatus::ALL {
            assert_eq!(TenderStatus::from_code(status.as_str()), Some(status));
        }
        assert_eq!(TenderStatus::from_code("Active"), None);
        assert_eq!(TenderStatus::from_code(""), None);
    }
}
