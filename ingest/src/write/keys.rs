//! Lists of keys in conditions.

use sea_orm::prelude::Uuid;

/// The most keys in one condition.
pub(super) const MOST: usize = 512;

/// Cuts keys into lists whose lengths are powers of two, the last one filled up by repeating its last key. So there are
/// few different statements, and they stay prepared.
pub(super) fn lists(keys: &[Uuid]) -> impl Iterator<Item = Vec<Uuid>> {
    keys.chunks(MOST).map(|chunk| {
        let mut list = chunk.to_vec();
        list.resize(chunk.len().next_power_of_two(), chunk[chunk.len() - 1]);
        list
    })
}

/// Keys in their order: what is asked for one after the other then lies side by side.
pub(super) fn sorted(keys: impl IntoIterator<Item = Uuid>) -> Vec<Uuid> {
    let mut keys: Vec<Uuid> = keys.into_iter().collect();
    keys.sort_unstable();
    keys
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_hold_every_key_and_have_few_lengths() {
        let keys: Vec<Uuid> = (0..1300_u128).map(Uuid::from_u128).collect();
        let lists: Vec<_> = lists(&keys).collect();
        assert_eq!(lists.iter().map(Vec::len).collect::<Vec<_>>(), [512, 512, 512]);
        let mut found = lists.concat();
        found.dedup();
        assert_eq!(found, keys);
        assert_eq!(super::lists(&[]).count(), 0);
    }
}
