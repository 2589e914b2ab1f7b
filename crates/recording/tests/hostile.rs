//! Whatever stands in a recording, reading it ends, and its mistakes stand within it.

use proptest::prelude::*;
use tiebreak_recording::Recording;

/// Reads a text and checks what must hold of any text.
fn check(text: &str) {
    match Recording::parse(text) {
        Ok(recording) => assert!(recording.rows.is_sorted_by_key(|row| row.at)),
        Err(mistakes) => {
            assert!(!mistakes.is_empty());
            assert!(mistakes.iter().all(|mistake| text.get(mistake.span.clone()).is_some()));
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_is_read_to_its_end(text in any::<String>()) {
        check(&text);
    }

    #[test]
    fn any_rows_are_read_to_their_end(
        rows in prop::collection::vec(prop::sample::select(vec![
            "1,0,192.0.2.1,A,10.0.0.0/8,192.0.2.1,1,1\r\n", "1,0,::1,W,::/0,,,\n", "2,0,::1,S,1>2,,,\n", "0,,,,,,,\n", ",\n", "\"\n", "1,0,\"192.0.2.1\",W,,,,\n", "\r",
        ]), 0..40),
    ) {
        check(&("unix_s,us,peer,op,prefix,next_hop,as_path_len,origin_as\n".to_owned() + &rows.concat()));
    }

    #[test]
    fn any_raw_lines_are_read_to_their_end(
        fields in prop::collection::vec(prop::sample::select(vec![
            "BGP4MP", "|", "||", "\n", "1", "1.5", "A", "W", "STATE", "192.0.2.1", "::1", "64500", "{", "(1 2)", "10.0.0.0/8", "6", "ü",
        ]), 0..80),
    ) {
        check(&("BGP4MP|1|W|192.0.2.1|64500|10.0.0.0/8\n".to_owned() + &fields.concat()));
    }
}
