//! Traces as NDJSON of any text: what is read can be written, and is the same when it is read again.
#![no_main]

use libfuzzer_sys::{Corpus, fuzz_target};
use tiebreak_inquiry::{NdjsonEnd, read_ndjson};
use tiebreak_trace::{Causes, Projection, Trace, write_ndjson};

fn ndjson(trace: &Trace) -> String {
    let mut out = String::new();
    let written = write_ndjson(trace, &Projection::Whole, &mut out);
    assert!(written.is_ok(), "a text takes everything");
    out
}

fuzz_target!(|bytes: &[u8]| -> Corpus {
    let Ok(text) = core::str::from_utf8(bytes) else { return Corpus::Reject };
    let trace = match read_ndjson(text) {
        Ok(read) => read.trace,
        Err(found) => {
            assert!(text.get(found.span.clone()).is_some(), "{found:?} is within the text");
            return Corpus::Keep;
        }
    };
    let written = ndjson(&trace);
    let again = read_ndjson(&written);
    let again = again.unwrap_or_else(|found| panic!("{}\n{written}", found.line("written", &written)));
    assert_eq!(again.end, NdjsonEnd::Whole);
    assert!(again.trace.bytes() == trace.bytes() && again.trace.header() == trace.header(), "{written}");
    assert_eq!(ndjson(&again.trace), written);
    let chain = Causes::of(&trace).chain(&trace, trace.len());
    assert!(chain.len() as u64 <= trace.len());
    Corpus::Keep
});
