//! NDJSON of any text: reading it ends, and what was read is written and read again as it was.
#![no_main]

use libfuzzer_sys::fuzz_target;
use tiebreak_inquiry::read_ndjson;
use tiebreak_trace::{Projection, write_ndjson};

fuzz_target!(|text: &str| {
    match read_ndjson(text) {
        Ok(read) => {
            let mut written = String::new();
            write_ndjson(&read.trace, &Projection::Whole, &mut written).unwrap();
            let again = read_ndjson(&written).unwrap();
            assert!(again.is_whole);
            assert_eq!(again.trace.len(), read.trace.len());
        }
        Err(wrong) => assert!(wrong.span.start <= text.len() && text.is_char_boundary(wrong.span.start)),
    }
});
