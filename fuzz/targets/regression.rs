//! Regressions of any text, with a scenario and without one: reading them ends, and says where they are wrong.
#![no_main]

use libfuzzer_sys::fuzz_target;
use tiebreak_regression::Regression;

fuzz_target!(|text: &str| {
    match Regression::read(text) {
        Ok(read) => assert_eq!(Regression::read(&read.write()).unwrap(), read),
        Err(wrong) => assert!(text.is_char_boundary(wrong.span.start)),
    }
    let checked = tiebreak_scenario::check(text);
    for wrong in &checked.diagnostics {
        assert!(text.is_char_boundary(wrong.span.start) && text.is_char_boundary(wrong.span.end));
    }
});
