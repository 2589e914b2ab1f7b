//! What the writer knows of shapes.

use alloc::collections::BTreeMap;
use alloc::vec::Vec;

use tiebreak_kernel::fold;

use super::model::{SHAPE_BYTES, Shape};
use crate::canonical::Code;
use crate::codes::CodeTable;

/// A table of shapes, numbered in the order of first sight. Looked up, never walked over.
#[derive(Debug, Clone)]
pub(crate) struct ShapeTable {
    /// The first one is empty.
    shapes: Vec<Shape>,
    /// The places of shapes, by their hashes; of several with one hash, the first.
    places: CodeTable,
    /// The places of shapes that share their hash with one before them. Keys can come from a file, so whoever writes the file
    /// can choose them so that there are many.
    twins: BTreeMap<Shape, u32>,
    /// How many keys all shapes have.
    keys: u64,
}

impl Default for ShapeTable {
    fn default() -> Self {
        let shapes = alloc::vec![Shape::new()];
        Self { shapes, places: CodeTable::default(), twins: BTreeMap::new(), keys: 0 }
    }
}

impl ShapeTable {
    /// Returns the place of the shape of facts, of which this one is expected; adds it if it is new.
    #[inline]
    pub(crate) fn place(&mut self, expected: u32, facts: &[(u64, Code)]) -> u32 {
        if is_of(&self.shapes[expected as usize], facts) {
            return expected;
        }
        if facts.is_empty() {
            return 0;
        }
        let shape: Shape = facts.iter().map(|(key, value)| (*key, value.tag())).collect();
        let hash = shape.iter().fold(0, |hash, (key, tag)| fold(fold(hash, *key), u64::from(*tag)));
        self.place_of(hash, shape)
    }

    /// Returns all shapes, by their places.
    pub(crate) fn shapes(&self) -> &[Shape] {
        &self.shapes
    }

    /// How large the table counts towards the limit on kept trace, in bytes.
    pub(crate) fn size(&self) -> u64 {
        (self.shapes.len() as u64 + self.keys) * SHAPE_BYTES
    }

    #[expect(clippy::cast_possible_truncation, reason = "four thousand million shapes do not fit in memory")]
    fn place_of(&mut self, hash: u64, shape: Shape) -> u32 {
        let new = self.shapes.len() as u32;
        let first = self.places.enter(hash, new.into()) as u32;
        if first != new {
            if self.shapes[first as usize] == shape {
                return first;
            }
            if let Some(place) = self.twins.get(&shape) {
                return *place;
            }
            self.twins.insert(shape.clone(), new);
        }
        self.keys += shape.len() as u64;
        self.shapes.push(shape);
        new
    }
}

fn is_of(shape: &Shape, facts: &[(u64, Code)]) -> bool {
    shape.len() == facts.len()
        && shape.iter().zip(facts).all(|((key, tag), (other, value))| key == other && *tag == value.tag())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn facts(keys: &[u64]) -> Vec<(u64, Code)> {
        keys.iter().map(|key| (*key, Code::Number(1))).collect()
    }

    #[test]
    fn shapes_are_numbered_in_the_order_of_first_sight() {
        let mut table = ShapeTable::default();
        assert_eq!(table.place(0, &facts(&[])), 0);
        for (place, keys) in [(1, &[7][..]), (2, &[7, 8]), (3, &[8, 7]), (2, &[7, 8]), (1, &[7])] {
            for expected in [0, 1] {
                assert_eq!(table.place(expected, &facts(keys)), place);
            }
        }
        assert_eq!(table.place(3, &[(7, Code::Truth(true))]), 4, "a fact of another type");
        assert_eq!(table.place(3, &[]), 0);
        assert_eq!((table.shapes().len(), table.size()), (5, (5 + 6) * SHAPE_BYTES));
    }

    #[test]
    fn shapes_with_one_hash_are_told_apart_however_many_there_are() {
        let mut table = ShapeTable::default();
        for round in 0..2 {
            for number in 0..20_000 {
                assert_eq!(
                    table.place_of(9, alloc::vec![(number, 1)]),
                    u32::try_from(number + 1).unwrap(),
                    "{round}"
                );
            }
        }
        assert_eq!((table.shapes().len(), table.twins.len()), (20_001, 19_999));
        assert_eq!(table.place_of(10, alloc::vec![(20_000, 1)]), 20_001, "of another hash");
    }
}
