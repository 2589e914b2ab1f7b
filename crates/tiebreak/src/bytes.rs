//! A run that is made of bytes, so that a fuzzer can search.

use arbitrary::Unstructured;
use tiebreak_explore::Strategy;
use tiebreak_kernel::Frontier;

/// Answers what is asked from bytes: who runs next, and what is drawn.
///
/// Each answer takes as many bytes as its range needs, and none where there is one answer. When the bytes are used up, the
/// event that was scheduled first runs next, and the lowest number is drawn.
#[derive(Debug)]
pub(crate) struct Bytes<'b>(Unstructured<'b>);

impl<'b> Bytes<'b> {
    pub(crate) fn new(bytes: &'b [u8]) -> Self {
        Self(Unstructured::new(bytes))
    }
}

impl Strategy for Bytes<'_> {
    fn choose(&mut self, frontier: &Frontier<'_>) -> usize {
        self.0.int_in_range(0..=frontier.len() - 1).unwrap_or(0)
    }

    fn draw(&mut self, low: u64, high: u64) -> Option<u64> {
        Some(self.0.int_in_range(low..=high).unwrap_or(low))
    }
}
