//! Who loads, as reports of runs tell it.

/// Who runs a command, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Operator {
    /// The command, such as `ingest`.
    pub command: String,
    /// The user of the system, if known.
    pub user: Option<String>,
    /// The machine, if known. A run of this machine whose process is gone is known to be dead at once, others only after
    /// they were silent for a while.
    pub host: Option<String>,
}

impl Operator {
    /// Somebody, somewhere, who runs this command.
    #[must_use]
    pub fn unknown(command: &str) -> Operator {
        Operator {
            command: command.to_owned(),
            user: None,
            host: None,
        }
    }
}
