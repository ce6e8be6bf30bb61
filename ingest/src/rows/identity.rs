//! Keys for the things a process lists, whether their publisher tells them apart or not.

use std::collections::HashMap;

use entities::key;
use sea_orm::prelude::Uuid;

/// Gives out the keys of one kind of thing in one process; no two are the same.
pub(super) struct Identities {
    kind: &'static str,
    process: Uuid,
    /// How often an `id` was seen, by the key that it gives the first time.
    seen: HashMap<Uuid, u32, foldhash::fast::RandomState>,
}

impl Identities {
    pub fn new(kind: &'static str, process: Uuid) -> Identities {
        Identities {
            kind,
            process,
            seen: HashMap::default(),
        }
    }

    /// The key of the thing with this `id` below `parent`. Without an `id` its place in the list identifies it, and a
    /// repeated `id` its number among those that share it.
    pub fn key(&mut self, parent: &str, local_id: &str, position: i32) -> Uuid {
        if local_id.is_empty() {
            return key::part(self.kind, self.process, &[parent, "", &format!("#{position}")]);
        }
        let first = key::part(self.kind, self.process, &[parent, local_id]);
        let times = self.seen.entry(first).or_default();
        *times += 1;
        match *times {
            1 => first,
            times => key::part(self.kind, self.process, &[parent, local_id, &format!("#{times}")]),
        }
    }
}

/// A place in a list, as columns hold it.
pub(super) fn position(place: usize) -> i32 {
    i32::try_from(place).unwrap_or(i32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_shares_a_key() {
        let mut identities = Identities::new("award", key::tender("ocds-1"));
        let keys = [
            identities.key("", "1", 0),
            identities.key("", "1", 1),
            identities.key("", "", 2),
            identities.key("", "", 3),
            identities.key("", "#2", 4),
            identities.key("lot", "1", 5),
        ];
        assert_eq!(keys.iter().collect::<std::collections::HashSet<_>>().len(), keys.len());
    }

    #[test]
    fn an_id_gives_the_same_key_wherever_it_stands() {
        let process = key::tender("ocds-1");
        let first = Identities::new("award", process).key("", "7", 0);
        assert_eq!(Identities::new("award", process).key("", "7", 4), first);
    }
}
