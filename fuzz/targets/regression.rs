//! Files of kept regressions of any text: what is read comes back when it is written, and mistakes are within the text.
#![no_main]

use libfuzzer_sys::{Corpus, fuzz_target};
use tiebreak_regression::Regression;

fuzz_target!(|bytes: &[u8]| -> Corpus {
    let Ok(text) = core::str::from_utf8(bytes) else { return Corpus::Reject };
    match Regression::read(text) {
        Ok(regression) => {
            let written = regression.write();
            let again = Regression::read(&written);
            let again =
                again.unwrap_or_else(|found| panic!("{}\n{written}", found.line("written", &written)));
            assert_eq!(again, regression, "{written}");
        }
        Err(found) => assert!(text.get(found.span.clone()).is_some(), "{found:?} is within the text"),
    }
    Corpus::Keep
});
