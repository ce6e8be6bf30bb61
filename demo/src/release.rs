//! What is written: OCDS 1.1 release packages with the lots and location extensions.
//!
//! Field names and their meaning are those of <https://standard.open-contracting.org/1.1/en/schema/reference/>; only
//! the fields that Dutch publications carry are here. What is absent or empty is left out.

use serde::{Serialize, Serializer};

use crate::calendar::Moment;

/// A file of releases; here always all releases of one contracting process.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ReleasePackage {
    pub(crate) uri: String,
    pub(crate) version: &'static str,
    pub(crate) published_date: Moment,
    pub(crate) publisher: Publisher,
    pub(crate) license: &'static str,
    pub(crate) extensions: &'static [&'static str],
    pub(crate) releases: Vec<Release>,
}

/// Who publishes a package.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Publisher {
    pub(crate) name: &'static str,
    pub(crate) uri: &'static str,
}

/// One publication about a contracting process.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Release {
    pub(crate) ocid: String,
    pub(crate) id: String,
    pub(crate) date: Moment,
    pub(crate) tag: Vec<&'static str>,
    pub(crate) initiation_type: &'static str,
    pub(crate) language: &'static str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) parties: Vec<Organization>,
    pub(crate) buyer: OrganizationReference,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) tender: Option<Tender>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) awards: Vec<Award>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) contracts: Vec<Contract>,
}

/// A party to the process.
#[derive(Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Organization {
    pub(crate) id: String,
    pub(crate) name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) identifier: Option<Identifier>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) address: Option<Address>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) contact_point: Option<ContactPoint>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) roles: Vec<&'static str>,
}

/// A mention of a party.
#[derive(Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct OrganizationReference {
    pub(crate) id: String,
    pub(crate) name: String,
}

/// A number in a register of organisations.
#[derive(Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Identifier {
    pub(crate) scheme: &'static str,
    pub(crate) id: String,
    pub(crate) legal_name: String,
}

/// A postal address; the region is a NUTS code or the name of the province.
#[derive(Clone, Serialize)]
#[serde(rename_all = "camelCase")]
#[expect(clippy::struct_field_names, reason = "the names are those of the standard")]
pub(crate) struct Address {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) street_address: Option<String>,
    pub(crate) locality: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) region: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) postal_code: Option<String>,
    pub(crate) country_name: &'static str,
}

/// Where questions go.
#[derive(Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ContactPoint {
    pub(crate) name: &'static str,
    pub(crate) email: String,
}

/// The tender stage.
#[derive(Clone, Serialize)]
#[serde(rename_all = "camelCase")]
#[expect(clippy::struct_field_names, reason = "the names are those of the standard")]
pub(crate) struct Tender {
    pub(crate) id: String,
    pub(crate) title: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) description: Option<String>,
    pub(crate) status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) procuring_entity: Option<OrganizationReference>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) items: Vec<Item>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) value: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) procurement_method: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) procurement_method_details: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) main_procurement_category: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) award_criteria: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) award_criteria_details: Option<&'static str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) submission_method: Vec<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) tender_period: Option<Period>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) enquiry_period: Option<Period>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) award_period: Option<Period>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) contract_period: Option<Period>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) number_of_tenderers: Option<u32>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) tenderers: Vec<OrganizationReference>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) lots: Vec<Lot>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) documents: Vec<Document>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) amendments: Vec<Amendment>,
}

/// A part of the tender that is awarded on its own.
#[derive(Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Lot {
    pub(crate) id: String,
    pub(crate) title: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) description: Option<String>,
    pub(crate) status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) value: Option<Value>,
}

/// Something bought.
#[derive(Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Item {
    pub(crate) id: String,
    pub(crate) description: String,
    pub(crate) classification: Classification,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) additional_classifications: Vec<Classification>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) quantity: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) unit: Option<Unit>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) delivery_address: Option<Address>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) related_lot: Option<String>,
}

/// A code of the Common Procurement Vocabulary.
#[derive(Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Classification {
    pub(crate) scheme: &'static str,
    pub(crate) id: &'static str,
    pub(crate) description: &'static str,
}

/// What a quantity counts.
#[derive(Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Unit {
    pub(crate) scheme: &'static str,
    pub(crate) id: &'static str,
    pub(crate) name: &'static str,
}

/// A file that belongs to a stage.
#[derive(Clone, Serialize)]
#[serde(rename_all = "camelCase")]
#[expect(clippy::struct_field_names, reason = "the names are those of the standard")]
pub(crate) struct Document {
    pub(crate) id: String,
    pub(crate) document_type: &'static str,
    pub(crate) title: String,
    pub(crate) url: String,
    pub(crate) date_published: Moment,
    pub(crate) format: &'static str,
    pub(crate) language: &'static str,
}

/// What a release changed, in words.
#[derive(Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Amendment {
    pub(crate) id: String,
    pub(crate) date: Moment,
    pub(crate) description: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) rationale: Option<&'static str>,
    #[serde(rename = "amendsReleaseID")]
    pub(crate) amends_release_id: String,
    #[serde(rename = "releaseID")]
    pub(crate) release_id: String,
}

/// The decision on a lot.
#[derive(Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Award {
    pub(crate) id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) title: Option<String>,
    pub(crate) status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) date: Option<Moment>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) value: Option<Value>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) suppliers: Vec<OrganizationReference>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) related_lots: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) documents: Vec<Document>,
}

/// What was signed after an award.
#[derive(Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Contract {
    pub(crate) id: String,
    #[serde(rename = "awardID")]
    pub(crate) award_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) title: Option<String>,
    pub(crate) status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) period: Option<Period>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) value: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) date_signed: Option<Moment>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) documents: Vec<Document>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) amendments: Vec<Amendment>,
}

/// A span of time.
#[derive(Clone, Copy, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Period {
    pub(crate) start_date: Moment,
    pub(crate) end_date: Moment,
}

/// An amount with its currency, an ISO 4217 code.
#[derive(Clone, Copy, Serialize)]
pub(crate) struct Value {
    pub(crate) amount: Amount,
    pub(crate) currency: &'static str,
}

/// An amount in hundredths of the currency's unit, written as a JSON number.
#[derive(Clone, Copy)]
pub(crate) struct Amount(pub(crate) u64);

impl Serialize for Amount {
    #[expect(clippy::cast_precision_loss, reason = "amounts stay far below 2^53 hundredths")]
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.0.is_multiple_of(100) {
            serializer.serialize_u64(self.0 / 100)
        } else {
            // The nearest double to a number with two decimals is printed with just these decimals.
            serializer.serialize_f64(self.0 as f64 / 100.0)
        }
    }
}
