//! Names that tie with themselves.

use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;

use tiebreak::{Names, Origin, Record, Recorder, Twin};

use crate::subject::Subject;

/// Counts how often each name tied with itself, by the code of the name; for runs that keep no more than a digest.
#[derive(Debug, Clone, Default)]
pub(crate) struct TwinCounter(BTreeMap<u64, Twin>);

impl TwinCounter {
    /// Returns the names that tied with themselves, the most frequent first, those of one frequency by name.
    pub(crate) fn list(&self) -> Vec<Twin> {
        let mut twins: Vec<Twin> = self.0.values().cloned().collect();
        twins.sort_by(|a, b| b.count.cmp(&a.count).then_with(|| a.name.cmp(&b.name)));
        twins
    }
}

impl Recorder<Subject> for TwinCounter {
    fn record(&mut self, names: &Names, record: &Record<'_, Subject>) {
        if !matches!(record.origin, Origin::Dispatch { choice: Some(choice), .. } if choice.is_twin) {
            return;
        }
        let twin = self.0.entry(record.name.code(names)).or_insert_with(|| {
            let mut name = String::new();
            // Writing to a `String` cannot fail.
            let _ = record.name.write(names, &mut name);
            Twin { name, count: 0 }
        });
        twin.count += 1;
    }
}
