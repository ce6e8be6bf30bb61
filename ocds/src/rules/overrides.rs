//! Rules for publishers who do not keep to those of the standard.
//!
//! Whether a publisher repeats the objects of an array, and whether their `id`s mean anything, cannot be told from what he
//! publishes. So nothing here applies by itself: somebody who knows the publisher says it of a path.

use std::collections::BTreeMap;
use std::str::FromStr;

use super::{Rule, Rules};
use crate::json::{Object, Value};

/// How the objects of an array are matched whose `id`s do not identify them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Strategy {
    /// Not at all, each is another one: for publishers who never repeat an object but count from 1 in each release.
    Append,
    /// By their place: for publishers who repeat the whole array in one order.
    Position,
}

impl Strategy {
    /// Its name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Append => "append",
            Self::Position => "position",
        }
    }

    fn rule(self) -> Rule {
        match self {
            Self::Append => Rule::Append,
            Self::Position => Rule::Position,
        }
    }
}

impl FromStr for Strategy {
    type Err = OverrideError;

    fn from_str(name: &str) -> Result<Strategy, OverrideError> {
        match name.trim() {
            "append" => Ok(Self::Append),
            "position" => Ok(Self::Position),
            other => Err(OverrideError::Strategy { name: other.to_owned() }),
        }
    }
}

/// The arrays of a publisher that are merged otherwise than the standard says, by their paths, such as
/// `contracts/implementation/milestones`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Overrides(BTreeMap<String, Strategy>);

/// Why something cannot be said of how an array is merged.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OverrideError {
    /// There is no such way.
    #[error("`{name}` is no way of merging: `append` keeps all objects, `position` matches them by their place")]
    Strategy {
        /// What was given.
        name: String,
    },
    /// It is not the path of an array.
    #[error(
        "`{path}` is not the path of an array: name its fields, without indexes, such as `contracts/implementation/milestones`"
    )]
    Path {
        /// What was given.
        path: String,
    },
    /// The schema leaves nothing to be matched there.
    #[error("`{path}` has no objects to be matched: `{whole}` is {rule}")]
    NothingToMatch {
        /// What was given.
        path: String,
        /// The field on its way that is taken as a whole.
        whole: String,
        /// How.
        rule: &'static str,
    },
    /// Not what [`Overrides::to_json`] writes.
    #[error("overrides are an object of paths with `append` or `position`")]
    Form,
}

impl Overrides {
    /// Takes down what is said of each path.
    ///
    /// # Errors
    /// [`OverrideError`] if something cannot be meant so.
    pub fn new<'s>(said: impl IntoIterator<Item = (&'s str, &'s str)>) -> Result<Overrides, OverrideError> {
        let said = said.into_iter().map(|(path, strategy)| {
            let path = path.trim();
            check(path)?;
            Ok((path.to_owned(), strategy.parse()?))
        });
        said.collect::<Result<_, _>>().map(Overrides)
    }

    /// Reads what [`Overrides::to_json`] wrote.
    ///
    /// # Errors
    /// [`OverrideError`] if it did not.
    pub fn parse(text: &str) -> Result<Overrides, OverrideError> {
        let Ok(Value::Object(said)) = Value::parse(text) else {
            return Err(OverrideError::Form);
        };
        let said = said.iter().map(|(path, strategy)| {
            let strategy = strategy.as_str().ok_or(OverrideError::Form)?;
            Ok((path.as_ref(), strategy))
        });
        Overrides::new(said.collect::<Result<Vec<_>, _>>()?)
    }

    /// A JSON object of paths and strategies, in the order of the paths.
    #[must_use]
    pub fn to_json(&self) -> String {
        let members = self.iter().map(|(path, strategy)| {
            let strategy = Value::String(strategy.as_str().into());
            (path.into(), strategy)
        });
        members.collect::<Object>().to_json()
    }

    /// Whether nothing is said.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// What is said, in the order of the paths.
    pub fn iter(&self) -> impl Iterator<Item = (&str, Strategy)> {
        self.0.iter().map(|(path, strategy)| (path.as_str(), *strategy))
    }

    /// The [published](Rules::published) rules, but for these arrays.
    #[must_use]
    pub fn rules(&self) -> Rules {
        self.iter().fold(Rules::published().clone(), |rules, (path, strategy)| {
            rules.with(&path.split('/').collect::<Vec<_>>(), strategy.rule())
        })
    }
}

fn check(path: &str) -> Result<(), OverrideError> {
    let names: Vec<&str> = path.split('/').collect();
    let is_name = |name: &str| !name.trim().is_empty() && !name.bytes().all(|byte| byte.is_ascii_digit());
    if !names.iter().all(|name| is_name(name)) {
        return Err(OverrideError::Path { path: path.to_owned() });
    }
    for end in 1..=names.len() {
        let rule = match Rules::published().rule(&names[..end]) {
            Some(Rule::Omit) => "left out",
            Some(Rule::WholeList) => "replaced as a whole",
            _ => continue,
        };
        return Err(OverrideError::NothingToMatch {
            path: path.to_owned(),
            whole: names[..end].join("/"),
            rule,
        });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_said_becomes_rules() {
        let said = [
            (" awards", "append"),
            ("contracts/implementation/milestones", "position "),
        ];
        let overrides = Overrides::new(said).expect("both are arrays");
        assert_eq!(
            overrides.to_json(),
            r#"{"awards":"append","contracts/implementation/milestones":"position"}"#
        );
        assert_eq!(Overrides::parse(&overrides.to_json()), Ok(overrides.clone()));
        let rules = overrides.rules();
        assert_eq!(rules.rule(&["awards"]), Some(Rule::Append));
        assert_eq!(rules.rule(&["awards", "suppliers"]), Some(Rule::Identifier));
        assert_eq!(
            rules.rule(&["contracts", "implementation", "milestones"]),
            Some(Rule::Position)
        );
        assert_eq!(&Overrides::default().rules(), Rules::published());
    }

    #[test]
    fn what_cannot_be_meant_is_told() {
        for (path, strategy, words) in [
            ("awards", "", "`` is no way of merging"),
            ("awards", "identifier", "`identifier` is no way of merging"),
            ("", "append", "`` is not the path of an array"),
            ("awards/0/items", "append", "without indexes"),
            ("awards//items", "append", "`awards//items` is not the path"),
            ("tag", "append", "`tag` has no objects to be matched: `tag` is left out"),
            (
                "parties/additionalIdentifiers/x",
                "position",
                "`parties/additionalIdentifiers` is replaced as a whole",
            ),
        ] {
            let error = Overrides::new([(path, strategy)]).expect_err(path).to_string();
            assert!(error.contains(words), "{error}");
        }
        for text in ["", "[]", r#"{"awards":1}"#] {
            assert_eq!(Overrides::parse(text), Err(OverrideError::Form), "{text}");
        }
    }
}
