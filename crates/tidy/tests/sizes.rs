//! How long files and functions get: a report with a ceiling. `cargo test -p tiebreak-tidy --test sizes --
//! --nocapture` prints it.

use core::fmt::Write as _;
use tiebreak_tidy::{FakeHouse, House, Source, assert_only_breach, assert_tidy};

/// Lines a file may have without its tests; about 500 is the aim.
const FILE_LINES_MAX: usize = 550;
/// Lines a function may have from its `fn` to its closing brace; about 70 is the aim.
const FUNCTION_LINES_MAX: usize = 80;
/// How many of the longest the report shows.
const SHOWN: usize = 10;

const ADVICE: &str = "A function fits a screen, a file is read in one sitting. Split by event, not by layer.";

/// One thing that was measured.
#[derive(Debug, PartialEq, Eq)]
struct Length {
    lines: usize,
    what: String,
}

struct Sizes {
    files: Vec<Length>,
    functions: Vec<Length>,
    unreadable: Vec<String>,
}

fn measure(house: &House) -> Sizes {
    let mut sizes = Sizes { files: Vec::new(), functions: Vec::new(), unreadable: Vec::new() };
    for path in house.ending(".rs") {
        let text = house.text(path);
        sizes.files.push(Length { lines: lines_without_tests(&text), what: path.to_owned() });
        match Source::read(&text) {
            Ok(source) => sizes.functions.extend(source.functions.into_iter().map(|function| Length {
                lines: function.lines,
                what: format!("{path}:{} {}", function.line, function.name),
            })),
            Err(error) => sizes.unreadable.push(format!("{path}: {error}")),
        }
    }
    for lengths in [&mut sizes.files, &mut sizes.functions] {
        lengths.sort_by(|a, b| b.lines.cmp(&a.lines).then_with(|| a.what.cmp(&b.what)));
    }
    sizes
}

/// Lines before the tests; a module of tests in a file of its own (`mod tests;`) does not end the count.
fn lines_without_tests(text: &str) -> usize {
    let lines: Vec<&str> = text.lines().collect();
    let begins_tests = |index: &usize| {
        let item = lines[index + 1..].iter().find(|line| !line.starts_with("#["));
        lines[*index].starts_with("#[cfg(test)]") && item.is_some_and(|item| !item.ends_with(';'))
    };
    (0..lines.len()).find(begins_tests).unwrap_or(lines.len())
}

fn breaches(sizes: &Sizes) -> Vec<String> {
    let over = |lengths: &[Length], ceiling: usize| -> Vec<String> {
        let long = lengths.iter().filter(|length| length.lines > ceiling);
        long.map(|length| format!("{} has {} lines, at most {ceiling}", length.what, length.lines)).collect()
    };
    let mut found = sizes.unreadable.clone();
    found.extend(over(&sizes.files, FILE_LINES_MAX));
    found.extend(over(&sizes.functions, FUNCTION_LINES_MAX));
    found
}

fn report(sizes: &Sizes) -> String {
    let mut text = String::new();
    let tables = [
        ("files, without tests", &sizes.files, FILE_LINES_MAX),
        ("functions", &sizes.functions, FUNCTION_LINES_MAX),
    ];
    for (title, lengths, ceiling) in tables {
        let total: usize = lengths.iter().map(|length| length.lines).sum();
        let median = lengths.get(lengths.len() / 2).map_or(0, |length| length.lines);
        let count = lengths.len();
        writeln!(text, "{count} {title}: {total} lines, median {median}, ceiling {ceiling}; the longest:")
            .expect("text can be written");
        for length in lengths.iter().take(SHOWN) {
            writeln!(text, "{:>5}  {}", length.lines, length.what).expect("text can be written");
        }
    }
    text
}

#[test]
fn files_and_functions_of_the_house_are_below_the_ceilings() {
    let sizes = measure(&House::ours());
    assert!(sizes.functions.len() > 20, "the walk found {} functions", sizes.functions.len());
    println!("{}", report(&sizes));
    assert_tidy(&breaches(&sizes), ADVICE);
}

fn breaches_in(fake: &str, text: &str) -> Vec<String> {
    let house = FakeHouse::new(env!("CARGO_TARGET_TMPDIR"), fake).with("crates/a/src/lib.rs", text);
    breaches(&measure(&house.open()))
}

fn function_of(lines: usize) -> String {
    format!("fn long() {{\n{}}}\n", "    step();\n".repeat(lines - 2))
}

#[test]
fn function_above_the_ceiling_is_a_breach_and_one_at_it_is_not() {
    assert_tidy(&breaches_in("sizes-function", &function_of(FUNCTION_LINES_MAX)), "");
    let found = breaches_in("sizes-long-function", &function_of(FUNCTION_LINES_MAX + 1));
    assert_only_breach(&found, &["crates/a/src/lib.rs:1 long", "81 lines"]);
    let hidden = format!("macro_rules! m {{ () => {{\n{}}} }}\n", function_of(FUNCTION_LINES_MAX + 1));
    assert_only_breach(&breaches_in("sizes-in-macro", &hidden), &["lib.rs:2 long"]);
}

#[test]
fn file_above_the_ceiling_is_a_breach_but_its_tests_are_not_counted() {
    let code = "const A: u8 = 0;\n".repeat(FILE_LINES_MAX);
    let tests = format!("#[cfg(test)]\nmod tests {{\n{}}}\n", "const B: u8 = 0;\n".repeat(100));
    assert_tidy(&breaches_in("sizes-file", &format!("{code}{tests}")), "");
    let found = breaches_in("sizes-long-file", &format!("{code}const C: u8 = 0;\n{tests}"));
    assert_only_breach(&found, &["crates/a/src/lib.rs has 551 lines"]);
    let elsewhere = format!("#[cfg(test)]\nmod tests;\n{code}");
    assert_only_breach(&breaches_in("sizes-tests-elsewhere", &elsewhere), &["552 lines"]);
}

#[test]
fn file_that_is_no_rust_is_a_breach() {
    assert_only_breach(&breaches_in("sizes-broken", "fn broken( {\n"), &["crates/a/src/lib.rs"]);
}

#[test]
fn report_names_the_longest_and_the_median() {
    let text = "fn one() {}\nfn two() {\n}\nfn three() {\n\n}\n";
    let house = FakeHouse::new(env!("CARGO_TARGET_TMPDIR"), "sizes-report").with("a.rs", text);
    let report = report(&measure(&house.open()));
    assert!(report.contains("3 functions: 6 lines, median 2, ceiling 80"), "{report}");
    assert!(report.contains("    3  a.rs:4 three"), "{report}");
}
