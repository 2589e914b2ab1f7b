//! Hash maps that can be asked but not walked: their order would be no one's decision.

use core::hash::{BuildHasher, Hash, Hasher};
use core::ops::Index;
use hashbrown::HashMap;

/// Finds values by key, and offers no way to iterate.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct LookUp<K: Eq + Hash, V: PartialEq> {
    map: HashMap<K, V, FixedHash>,
}

impl<K: Eq + Hash, V: PartialEq> LookUp<K, V> {
    pub(crate) const fn new() -> Self {
        Self { map: HashMap::with_hasher(FixedHash) }
    }

    pub(crate) fn get(&self, key: &K) -> Option<&V> {
        self.map.get(key)
    }

    pub(crate) fn get_mut(&mut self, key: &K) -> Option<&mut V> {
        self.map.get_mut(key)
    }

    /// Returns the value of a key, which is made if there is none.
    pub(crate) fn get_or_insert(&mut self, key: K, value: V) -> &mut V {
        self.map.entry(key).or_insert(value)
    }

    /// Returns the value of a key, which is made if there is none.
    pub(crate) fn get_or_insert_with(&mut self, key: K, value: impl FnOnce() -> V) -> &mut V {
        self.map.entry(key).or_insert_with(value)
    }

    /// Takes a value out, and gives room back that is not in use any more.
    pub(crate) fn remove(&mut self, key: &K) -> Option<V> {
        let removed = self.map.remove(key);
        if self.map.capacity() > 8 * self.map.len() + 256 {
            self.map.shrink_to(2 * self.map.len());
        }
        removed
    }

    pub(crate) fn len(&self) -> usize {
        self.map.len()
    }
}

impl<K: Eq + Hash, V: PartialEq> Index<&K> for LookUp<K, V> {
    type Output = V;
    fn index(&self, key: &K) -> &V {
        self.map.get(key).expect("what is indexed is there")
    }
}

/// Hashes alike on every machine and in every run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct FixedHash;

impl BuildHasher for FixedHash {
    type Hasher = Mixer;
    fn build_hasher(&self) -> Mixer {
        Mixer { sum: 0x9E37_79B9_7F4A_7C15 }
    }
}

/// Folds words by full multiplication.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Mixer {
    sum: u64,
}

impl Hasher for Mixer {
    fn finish(&self) -> u64 {
        self.sum
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.write_u64(u64::from(*byte));
        }
    }

    fn write_u32(&mut self, word: u32) {
        self.write_u64(u64::from(word));
    }

    fn write_u64(&mut self, word: u64) {
        self.sum = fold(self.sum ^ word, 0xD6E8_FEB8_6659_FD93);
    }
}

/// Multiplies and folds the two halves of the product together.
#[expect(clippy::cast_possible_truncation, reason = "takes the two halves of 128 bits")]
pub(crate) const fn fold(left: u64, right: u64) -> u64 {
    let product = (left as u128) * (right as u128);
    (product >> 64) as u64 ^ product as u64
}
