//! The manual says what the rows say.

use tiebreak_scenario::{CODES, manual};

#[test]
fn every_table_of_the_manual_is_that_of_the_rows() {
    let text = include_str!("../../../docs/SCENARIO.md");
    let mut wrong = Vec::new();
    for (name, table) in manual() {
        let block = format!("<!-- rows: {name} -->\n{table}<!-- end -->\n");
        if !text.contains(&block) {
            wrong.push(block);
        }
    }
    assert!(wrong.is_empty(), "docs/SCENARIO.md should have\n\n{}", wrong.join("\n"));
    assert_eq!(
        text.matches("<!-- rows: ").count(),
        manual().len(),
        "no other table claims to come from rows"
    );
}

#[test]
fn codes_are_in_order_and_each_once() {
    assert!(CODES.is_sorted_by(|one, next| one.0 < next.0));
}
