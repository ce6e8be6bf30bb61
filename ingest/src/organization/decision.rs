//! An operator's decisions as a file: CSV with a header, lines that begin with `#` left out.
//!
//! Three columns count: `decision` (`same`, `different`, `forget`, or nothing for a pair that is left open), `left` and
//! `right`. A side is the id of a claim, as a review prints it, or a number in a register: `NL-KVK:12345678`.

use std::collections::HashMap;
use std::io::Read;

use entities::key;
use sea_orm::prelude::Uuid;

use super::Decision;

/// Why a file of decisions cannot be taken. Nothing of it was.
#[derive(Debug, thiserror::Error)]
pub enum DecisionError {
    /// The file is no CSV.
    #[error("the decisions cannot be read as CSV: {0}")]
    Csv(#[from] csv::Error),
    /// A column is missing.
    #[error("the column `{0}` is missing: take the header from `tendergraph organizations review`")]
    Column(&'static str),
    /// A line does not say what was decided.
    #[error("line {line}: `{text}` is no decision: write `same`, `different` or `forget`, or nothing")]
    Verdict {
        /// The line, counted from 1.
        line: u64,
        /// What stands there.
        text: String,
    },
    /// A side of a line is neither a claim nor a number.
    #[error("line {line}: `{text}` is neither an id of a review nor a number such as `NL-KVK:12345678`")]
    Side {
        /// The line, counted from 1.
        line: u64,
        /// What stands there.
        text: String,
    },
    /// Both sides of a line are the same.
    #[error("line {line}: both sides are `{text}`")]
    OneSide {
        /// The line, counted from 1.
        line: u64,
        /// What stands there.
        text: String,
    },
    /// The decisions, with those taken before, contradict each other.
    #[error(
        "{left} and {right} are to be different, but other decisions make them the same: change one of them, or `forget` it"
    )]
    Contradiction {
        /// One side of the decision that cannot hold.
        left: Uuid,
        /// The other side.
        right: Uuid,
    },
}

/// A line of the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// Hold this decision.
    Hold(Decision),
    /// Forget what was decided about this pair.
    Forget(Uuid, Uuid),
}

/// Reads a file of decisions.
pub(crate) fn read(file: impl Read) -> Result<Vec<Verdict>, DecisionError> {
    let mut reader = csv::ReaderBuilder::new()
        .comment(Some(b'#'))
        .flexible(true)
        .from_reader(file);
    let header = reader.headers()?.clone();
    let column = |name: &'static str| {
        let found = header
            .iter()
            .position(|column| column.trim().trim_start_matches('\u{feff}') == name);
        found.ok_or(DecisionError::Column(name))
    };
    let (decision, left, right) = (column("decision")?, column("left")?, column("right")?);
    let mut verdicts = Vec::new();
    for record in reader.records() {
        let record = record?;
        let line = record.position().map_or(0, csv::Position::line);
        let text = |column: usize| record.get(column).unwrap_or_default().trim();
        let verdict = text(decision);
        if verdict.is_empty() {
            continue;
        }
        let (one, other) = (side(text(left), line)?, side(text(right), line)?);
        if one == other {
            let text = text(left).to_owned();
            return Err(DecisionError::OneSide { line, text });
        }
        let (left, right) = (one.min(other), one.max(other));
        verdicts.push(match verdict {
            "same" | "different" => Verdict::Hold(Decision {
                left,
                right,
                same: verdict == "same",
            }),
            "forget" => Verdict::Forget(left, right),
            text => {
                let text = text.to_owned();
                return Err(DecisionError::Verdict { line, text });
            }
        });
    }
    Ok(verdicts)
}

fn side(text: &str, line: u64) -> Result<Uuid, DecisionError> {
    if let Ok(claim) = text.parse() {
        return Ok(claim);
    }
    match text.split_once(':') {
        Some((scheme, id)) if !scheme.trim().is_empty() && !id.trim().is_empty() => {
            Ok(key::organization_by_identifier(scheme, id))
        }
        _ => Err(DecisionError::Side {
            line,
            text: text.to_owned(),
        }),
    }
}

/// Makes sure that no two that are the same by some decisions are different by another.
pub(crate) fn check(decisions: &[Decision]) -> Result<(), DecisionError> {
    let mut parents: HashMap<Uuid, Uuid> = HashMap::new();
    for decision in decisions.iter().filter(|decision| decision.same) {
        let (left, right) = (root(&parents, decision.left), root(&parents, decision.right));
        if left != right {
            parents.insert(left, right);
        }
    }
    let contradicts =
        |decision: &&Decision| !decision.same && root(&parents, decision.left) == root(&parents, decision.right);
    match decisions.iter().find(contradicts) {
        Some(decision) => Err(DecisionError::Contradiction {
            left: decision.left,
            right: decision.right,
        }),
        None => Ok(()),
    }
}

fn root(parents: &HashMap<Uuid, Uuid>, mut key: Uuid) -> Uuid {
    while let Some(parent) = parents.get(&key) {
        key = *parent;
    }
    key
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONE: &str = "00000000-0000-8000-8000-000000000001";
    const OTHER: &str = "00000000-0000-8000-8000-000000000002";

    #[test]
    fn lines_are_read_whatever_stands_beside_the_columns() {
        let text = format!(
            "# by Ann\nscore,decision,left,name,right\n0.9,same,{OTHER},x,{ONE}\n0.8,,{ONE},y,nonsense\n,forget,NL-KVK:1234.5678,,{ONE}\n"
        );
        let (one, other): (Uuid, Uuid) = (ONE.parse().unwrap(), OTHER.parse().unwrap());
        let number = key::organization_by_identifier("nl-kvk", "12345678");
        let held = Decision {
            left: one,
            right: other,
            same: true,
        };
        assert_eq!(
            read(text.as_bytes()).unwrap(),
            [Verdict::Hold(held), Verdict::Forget(one.min(number), one.max(number))]
        );
    }

    #[test]
    fn a_line_that_cannot_be_meant_names_its_place() {
        for (text, message) in [
            ("left,right\n", "the column `decision` is missing"),
            (
                "decision,left,right\nyes,NL-KVK:1,NL-KVK:2\n",
                "line 2: `yes` is no decision",
            ),
            (
                "decision,left,right\nsame,Jansen,NL-KVK:2\n",
                "line 2: `Jansen` is neither",
            ),
            ("decision,left,right\nsame,X:1,x:1\n", "line 2: both sides are `X:1`"),
        ] {
            let error = read(text.as_bytes()).unwrap_err().to_string();
            assert!(error.starts_with(message), "{error}");
        }
    }

    #[test]
    fn decisions_that_contradict_each_other_are_found() {
        let key = Uuid::from_u128;
        let decision = |left, right, same| Decision {
            left: key(left),
            right: key(right),
            same,
        };
        let chain = [decision(1, 2, true), decision(2, 3, true)];
        assert!(check(&chain).is_ok());
        assert!(check(&[chain[0], chain[1], decision(1, 3, false)]).is_err());
        assert!(check(&[chain[0], decision(2, 3, false)]).is_ok());
    }
}
