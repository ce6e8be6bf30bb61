//! The rules of release schemas as tables: a rule, the objects it is about (blank separated; none is the release itself),
//! and under each of them the fields (blank separated).

use super::Rule;

/// What follows from release schema 1.1.5.
pub(super) const OCDS_1_1: &[(Rule, &str, &str)] = &[
    (Rule::Omit, "", "id date tag"),
    (Rule::WholeList, "parties", "roles additionalIdentifiers"),
    (
        Rule::WholeList,
        "buyer tender/procuringEntity tender/tenderers awards/suppliers",
        "additionalIdentifiers",
    ),
    (
        Rule::WholeList,
        "contracts/implementation/transactions/payer contracts/implementation/transactions/payee",
        "additionalIdentifiers",
    ),
    (
        Rule::WholeList,
        "tender",
        "additionalProcurementCategories submissionMethod",
    ),
    (
        Rule::WholeList,
        "tender/items awards/items contracts/items",
        "additionalClassifications",
    ),
    (
        Rule::WholeList,
        "tender/amendments awards/amendments contracts/amendments tender/amendment awards/amendment contracts/amendment",
        "changes",
    ),
    (
        Rule::WholeList,
        "relatedProcesses contracts/relatedProcesses",
        "relationship",
    ),
    (Rule::Identifier, "", "parties awards contracts relatedProcesses"),
    (
        Rule::Identifier,
        "planning",
        "documents milestones milestones/documents",
    ),
    (
        Rule::Identifier,
        "tender",
        "items tenderers documents amendments milestones milestones/documents",
    ),
    (Rule::Identifier, "awards", "items suppliers documents amendments"),
    (
        Rule::Identifier,
        "contracts",
        "items documents amendments milestones milestones/documents relatedProcesses",
    ),
    (
        Rule::Identifier,
        "contracts/implementation",
        "documents transactions milestones milestones/documents",
    ),
];

/// What follows from extensions, for the arrays of objects that are not matched by `id`: all others are merged rightly by
/// what they are. The extensions are those of <https://github.com/open-contracting-extensions>, each at the commit named.
pub(super) const EXTENSIONS: &[(Rule, &str, &str)] = &[
    // ocds_additionalContactPoints_extension 32d5acbc
    (Rule::WholeList, "parties", "additionalContactPoints"),
    // ocds_amendment_rationale_classifications_extension 60576cb2, ocds_unstructuredChanges_extension 06be5a7e
    (
        Rule::WholeList,
        "tender/amendments awards/amendments contracts/amendments tender/amendment awards/amendment contracts/amendment",
        "rationaleClassifications unstructuredChanges",
    ),
    // ocds_awardCriteriaBreakdown_extension 23753f46
    (Rule::WholeList, "tender/lots/awardCriteria", "criteria"),
    // ocds_bid_extension 018e0a92
    (Rule::WholeList, "bids/details", "identifiers"),
    (Rule::WholeList, "bids/details/items", "additionalClassifications"),
    (Rule::WholeList, "bids/details/tenderers", "additionalIdentifiers"),
    // ocds_lots_extension 0666df1e
    (Rule::WholeList, "tender/lots", "identifiers additionalClassifications"),
    (Rule::WholeList, "tender/lots/buyer", "additionalIdentifiers"),
    (Rule::WholeList, "tender/lotGroups", "identifiers"),
    // ocds_selectionCriteria_extension 000d5656
    (
        Rule::WholeList,
        "tender/selectionCriteria tender/lots/selectionCriteria",
        "criteria",
    ),
    // ocds_sustainability_extension 32824319
    (Rule::WholeList, "tender tender/lots", "sustainability"),
];
