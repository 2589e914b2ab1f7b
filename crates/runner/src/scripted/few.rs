//! A map of a few entries.

use alloc::vec::Vec;
use core::borrow::Borrow;
use core::mem;

/// Values by key, in the order of their keys.
///
/// A client holds a handful of things of each kind and none of most kinds, and every run makes and drops all of its maps. One
/// that is empty costs nothing to drop, and one entry is as much room as it takes. Finding takes logarithmic time, inserting
/// and removing linear time.
#[derive(Debug, Clone, Hash)]
pub(super) struct Few<K, V>(Vec<(K, V)>);

impl<K, V> Few<K, V> {
    /// No entries.
    pub(super) const fn new() -> Self {
        Self(Vec::new())
    }

    /// Keeps the entries whose values satisfy a condition.
    pub(super) fn retain(&mut self, mut condition: impl FnMut(&V) -> bool) {
        self.0.retain(|(_, value)| condition(value));
    }

    /// Takes all values out, in the order of their keys.
    pub(super) fn take_values(&mut self) -> impl Iterator<Item = V> + use<K, V> {
        mem::take(&mut self.0).into_iter().map(|(_, value)| value)
    }
}

impl<K: Ord, V> Few<K, V> {
    /// The place of a key, or the one where it would stand.
    fn place<Q: Ord + ?Sized>(&self, key: &Q) -> Result<usize, usize>
    where
        K: Borrow<Q>,
    {
        self.0.binary_search_by(|(known, _)| known.borrow().cmp(key))
    }

    /// Returns the value of a key.
    pub(super) fn get<Q: Ord + ?Sized>(&self, key: &Q) -> Option<&V>
    where
        K: Borrow<Q>,
    {
        self.place(key).ok().map(|at| &self.0[at].1)
    }

    /// Returns the value of a key, to be changed.
    pub(super) fn get_mut<Q: Ord + ?Sized>(&mut self, key: &Q) -> Option<&mut V>
    where
        K: Borrow<Q>,
    {
        self.place(key).ok().map(|at| &mut self.0[at].1)
    }

    /// Sets the value of a key; returns the one that it had.
    pub(super) fn insert(&mut self, key: K, value: V) -> Option<V> {
        match self.place(&key) {
            Ok(at) => Some(mem::replace(&mut self.0[at].1, value)),
            Err(at) => {
                self.0.insert(at, (key, value));
                None
            }
        }
    }

    /// Takes the value of a key out.
    pub(super) fn remove<Q: Ord + ?Sized>(&mut self, key: &Q) -> Option<V>
    where
        K: Borrow<Q>,
    {
        self.place(key).ok().map(|at| self.0.remove(at).1)
    }

    /// Returns the value of a key, which is made if there is none.
    pub(super) fn get_or_default(&mut self, key: K) -> &mut V
    where
        V: Default,
    {
        let at = match self.place(&key) {
            Ok(at) => at,
            Err(at) => {
                self.0.insert(at, (key, V::default()));
                at
            }
        };
        &mut self.0[at].1
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::collections::BTreeMap;

    #[test]
    fn entries_are_those_of_an_ordered_map() {
        let (mut few, mut oracle) = (Few::<u64, u64>::new(), BTreeMap::new());
        let mut number = 7_u64;
        for step in 0..2_000 {
            number = number.wrapping_mul(0x5851_F42D_4C95_7F2D).wrapping_add(0x1405_7B7E_F767_814F);
            let key = number >> 60;
            match number >> 57 & 7 {
                0..=2 => assert_eq!(few.insert(key, step), oracle.insert(key, step)),
                3 | 4 => assert_eq!(few.remove(&key), oracle.remove(&key)),
                5 => {
                    *few.get_or_default(key) += 1;
                    *oracle.entry(key).or_default() += 1;
                }
                6 => {
                    few.retain(|value| value % 16 != key);
                    oracle.retain(|_, value| *value % 16 != key);
                }
                _ => assert_eq!(few.get_mut(&key), oracle.get_mut(&key)),
            }
            assert_eq!(few.get(&key), oracle.get(&key));
        }
        assert!(oracle.len() > 3, "there is something to compare");
        assert!(few.take_values().eq(oracle.into_values()), "in the order of keys");
        assert_eq!(few.get(&0), None);
    }
}
