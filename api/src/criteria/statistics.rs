//! How awards and tenders are counted: by what, in which order, how many groups.

use async_graphql::{Enum, InputObject};

use super::OrderDirection;
use crate::error::{Error, Result};

/// Groups that are answered if the client does not say.
const DEFAULT_BUCKETS: usize = 100;
/// The most groups that are answered.
const MAX_BUCKETS: usize = 1000;
/// The most dimensions of one question.
const MAX_DIMENSIONS: usize = 3;

/// What rows can be grouped by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Dimension {
    /// The year of the date.
    Year,
    /// The month of the date.
    Month,
    /// The buyer.
    Buyer,
    /// The supplier.
    Supplier,
    /// The first two digits of a CPV code.
    CpvDivision,
    /// The first three digits of a CPV code.
    CpvGroup,
    /// The region, on the second level of NUTS.
    Region,
    /// The country of the buyer.
    Country,
    /// What kind of thing is mainly bought.
    Category,
    /// How suppliers can take part.
    Method,
    /// Where the tender, or the award, stands.
    Status,
    /// The source.
    Source,
    /// The currency of the value.
    Currency,
}

impl Dimension {
    /// The name in the API.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Year => "YEAR",
            Self::Month => "MONTH",
            Self::Buyer => "BUYER",
            Self::Supplier => "SUPPLIER",
            Self::CpvDivision => "CPV_DIVISION",
            Self::CpvGroup => "CPV_GROUP",
            Self::Region => "REGION",
            Self::Country => "COUNTRY",
            Self::Category => "CATEGORY",
            Self::Method => "METHOD",
            Self::Status => "STATUS",
            Self::Source => "SOURCE",
            Self::Currency => "CURRENCY",
        }
    }

    /// Whether a row can stand in several groups: an award to two suppliers counts for both.
    #[must_use]
    pub const fn is_many(self) -> bool {
        matches!(self, Self::Supplier | Self::CpvDivision | Self::CpvGroup | Self::Region)
    }

    /// Whether there can be as many groups as organisations.
    #[must_use]
    pub const fn is_wide(self) -> bool {
        matches!(self, Self::Buyer | Self::Supplier)
    }

    /// Whether its groups follow each other in time.
    #[must_use]
    pub const fn is_time(self) -> bool {
        matches!(self, Self::Year | Self::Month)
    }
}

/// Makes an enum of the API of some of the dimensions.
macro_rules! dimensions {
    ($(#[$meta:meta])* $name:ident { $($(#[$doc:meta])* $variant:ident),+ $(,)? }) => {
        $(#[$meta])*
        #[derive(Enum, Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum $name { $($(#[$doc])* $variant),+ }

        impl From<$name> for Dimension {
            fn from(dimension: $name) -> Self {
                match dimension { $($name::$variant => Self::$variant),+ }
            }
        }
    };
}

dimensions! {
    /// What awards can be grouped by.
    AwardDimension {
        /// The year of the decision, in UTC: `"2026"`.
        Year,
        /// The month of the decision, in UTC: `"2026-03"`.
        Month,
        /// The tender's buyer.
        Buyer,
        /// The supplier. An award to several suppliers counts in full for each of them.
        Supplier,
        /// The CPV division of the tender, the first two digits of a code. A tender with codes of several divisions counts in
        /// full for each of them.
        CpvDivision,
        /// The CPV group of the tender, the first three digits of a code; as divisions.
        CpvGroup,
        /// The region to which is delivered, or the buyer's where none was published: NUTS level 2, such as a province of the
        /// Netherlands. A tender with several counts in full for each of them.
        Region,
        /// The country of the buyer.
        Country,
        /// What kind of thing is mainly bought.
        Category,
        /// How suppliers could take part.
        Method,
        /// Where the award stands.
        Status,
        /// The source of the tender's newest release.
        Source,
        /// The currency of the awarded value.
        Currency,
    }
}

dimensions! {
    /// What tenders can be grouped by.
    TenderDimension {
        /// The year in which it was first published, in UTC: `"2026"`.
        Year,
        /// The month in which it was first published, in UTC: `"2026-03"`.
        Month,
        /// The buyer.
        Buyer,
        /// The CPV division, the first two digits of a code. A tender with codes of several divisions counts in full for each
        /// of them.
        CpvDivision,
        /// The CPV group, the first three digits of a code; as divisions.
        CpvGroup,
        /// The region to which is delivered, or the buyer's where none was published: NUTS level 2, such as a province of the
        /// Netherlands. A tender with several counts in full for each of them.
        Region,
        /// The country of the buyer.
        Country,
        /// What kind of thing is mainly bought.
        Category,
        /// How suppliers can take part.
        Method,
        /// Where the process stands.
        Status,
        /// The source of its newest release.
        Source,
        /// The currency of the estimated value.
        Currency,
    }
}

/// What groups can be sorted by.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum StatisticsOrderField {
    /// What they stand for: years and months in time, codes in the order of the alphabet; organisations have no order of
    /// their own. Rows without a key come last.
    Key,
    /// How many rows they hold.
    Count,
    /// The sum of their values, in the currency that was asked for, else in that of most rows. Groups without a value in it
    /// come last.
    Value,
}

/// The order of groups. If none is given, years and months run in time, and of others the largest come first.
#[derive(InputObject, Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct StatisticsOrder {
    /// What to sort by.
    pub field: StatisticsOrderField,
    /// Which way.
    pub direction: OrderDirection,
}

/// What is asked of rows that are grouped, checked.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Grouping {
    /// By what; nothing makes one group of all.
    pub by: Vec<Dimension>,
    /// The currency that values are converted to.
    pub currency: Option<String>,
    /// In which order the groups come.
    pub order: StatisticsOrder,
    /// How many of them, at most.
    pub size: usize,
}

impl Grouping {
    /// Checks the arguments of a question.
    pub fn check(
        by: Vec<impl Into<Dimension>>,
        currency: Option<String>,
        order: Option<StatisticsOrder>,
        first: Option<i32>,
    ) -> Result<Self> {
        let by: Vec<Dimension> = by.into_iter().map(Into::into).collect();
        if by.len() > MAX_DIMENSIONS {
            let reason = format!("at most {MAX_DIMENSIONS} dimensions, not {}", by.len());
            return Err(Error::bad_input("groupBy", reason));
        }
        if let Some(twice) = by.iter().enumerate().find(|(place, one)| by[..*place].contains(one)) {
            return Err(Error::bad_input(
                "groupBy",
                format!("{} stands there twice", twice.1.name()),
            ));
        }
        let currency = currency.map(|code| currency_code(&code, "currency")).transpose()?;
        let in_time = StatisticsOrder {
            field: StatisticsOrderField::Key,
            direction: OrderDirection::Asc,
        };
        let largest_first = StatisticsOrder {
            field: StatisticsOrderField::Count,
            direction: OrderDirection::Desc,
        };
        let usual = if by.first().is_some_and(|first| first.is_time()) {
            in_time
        } else {
            largest_first
        };
        Ok(Self {
            by,
            currency,
            order: order.unwrap_or(usual),
            size: first.map_or(Ok(DEFAULT_BUCKETS), buckets)?,
        })
    }

    /// The same for all rows together.
    #[must_use]
    pub fn total(&self) -> Self {
        Self {
            by: Vec::new(),
            ..self.clone()
        }
    }

    /// Whether there can be more groups than one would read for those at the top.
    #[must_use]
    pub fn is_wide(&self) -> bool {
        self.by.len() > 1 || self.by.iter().any(|dimension| dimension.is_wide())
    }

    /// Whether every row stands in exactly one group.
    #[must_use]
    pub fn is_partition(&self) -> bool {
        !self.by.iter().any(|dimension| dimension.is_many())
    }
}

/// A currency in capitals.
pub fn currency_code(code: &str, argument: &str) -> Result<String> {
    if code.len() != 3 || !code.bytes().all(|byte| byte.is_ascii_alphabetic()) {
        let reason = format!("{code:?} is not a code of 3 letters, such as \"EUR\"");
        return Err(Error::bad_input(argument, reason));
    }
    Ok(code.to_ascii_uppercase())
}

fn buckets(asked: i32) -> Result<usize> {
    let size = usize::try_from(asked).map_err(|_| Error::bad_input("first", "cannot be negative"))?;
    if size > MAX_BUCKETS {
        return Err(Error::bad_input(
            "first",
            format!("at most {MAX_BUCKETS} groups, not {size}"),
        ));
    }
    Ok(size)
}
