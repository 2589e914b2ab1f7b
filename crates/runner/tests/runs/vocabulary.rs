//! The scenario language and the world of the manager have the same kinds of event.

extern crate alloc;

use alloc::collections::BTreeSet;

#[test]
fn scenarios_know_every_kind_and_no_other() {
    let source = include_str!("../../../rtm-sim/src/vocabulary.rs");
    let kinds = source.split("pub mod key {").next().expect("kinds come before keys");
    let spelled = kinds.lines().filter_map(|line| line.trim().strip_prefix("pub ")?.split('"').nth(1));
    // One kind is a word of the framework's.
    let spelled = spelled.chain([tiebreak_rtm_sim::vocabulary::kind::SKIPPED.text()]);
    let spelled: BTreeSet<&str> = spelled.collect();
    let calls: BTreeSet<&str> = tiebreak_rtm::Function::ALL.iter().map(|function| function.name()).collect();
    let known: BTreeSet<&str> = tiebreak_scenario::event_kinds().collect();
    assert_eq!(spelled.union(&calls).copied().collect::<BTreeSet<_>>(), known);
}
