//! Examples are where a reader looks for them. Programs are read in one order: each is in the lists in that order, says how it
//! is run, and which is next. What is shown in documentation is not shown where nobody reads it.

use tiebreak_tidy::{FakeHouse, House, assert_only_breach, assert_tidy};

const ADVICE: &str = "An example opens with what it shows, `Run with `cargo run -p PACKAGE --example NAME`` and `Read next: `NAME``; \
                      the lists name it with its package and its name, in the order of reading.";

/// The packages whose examples a newcomer reads. Others have examples that are tools.
const PACKAGES: [(&str, &str); 3] = [
    ("crates/tiebreak/", "tiebreak"),
    ("crates/net/", "tiebreak-net"),
    ("crates/rtm-sim/", "tiebreak-rtm-sim"),
];

/// Where the examples are listed in the order of reading: the book, the page of the package, and the facade's first page.
const LISTS: [&str; 3] =
    ["docs/book/src/state-machine.md", "crates/tiebreak/README.md", "crates/tiebreak/src/lib.rs"];

/// An example that is a program: its file, its package and its name.
struct Example<'h> {
    file: &'h str,
    package: &'static str,
    name: &'h str,
}

fn breaches(house: &House) -> Vec<String> {
    let examples = examples(house);
    let mut found: Vec<String> = examples.iter().flat_map(|example| in_example(house, example)).collect();
    for list in LISTS {
        let listed = listed(&house.text(list));
        let unlisted = examples
            .iter()
            .filter(|example| !listed.contains(&(example.package.into(), example.name.into())));
        found.extend(unlisted.map(|example| format!("{list}: does not list {}", example.file)));
        let is_there = |entry: &(String, String)| {
            examples.iter().any(|example| entry.0 == example.package && entry.1 == example.name)
        };
        let strangers = listed.iter().filter(|entry| !is_there(entry));
        found.extend(strangers.map(|(package, name)| format!("{list}: {package} has no example {name}")));
        found.extend(listed.windows(2).filter_map(|pair| out_of_order(house, &examples, list, pair)));
    }
    found.extend(hidden(house));
    found
}

/// Code in the documentation of modules that are not public: it is tested, but `cargo doc` does not show it.
fn hidden(house: &House) -> Vec<String> {
    let mut found = Vec::new();
    for file in house.ending(".rs").filter(|file| file.starts_with("crates/") && !is_page(house, file)) {
        let text = house.text(file);
        let fences = text.lines().filter_map(|line| line.strip_prefix("//! ```"));
        if fences.step_by(2).any(|language| language != "text") {
            found.push(format!("{file}: has an example that no reader of `cargo doc` sees"));
        }
    }
    found
}

/// Whether what a file says of itself is a page of `cargo doc`, or is no documentation at all.
fn is_page(house: &House, file: &str) -> bool {
    let Some((root, module)) = file.split_once("/src/") else { return true };
    let module = module.trim_end_matches(".rs");
    let page = format!("{root}/src/lib.rs");
    let is_public = || house.has(&page) && house.text(&page).contains(&format!("pub mod {module};"));
    matches!(module, "lib" | "main") || is_public()
}

fn examples(house: &House) -> Vec<Example<'_>> {
    let mut found = Vec::new();
    for (folder, package) in PACKAGES {
        for file in house.ending(".rs") {
            let Some(name) = file.strip_prefix(folder).and_then(|rest| rest.strip_prefix("examples/")) else {
                continue;
            };
            let name =
                name.strip_suffix("/main.rs").or(name.strip_suffix(".rs")).filter(|name| !name.contains('/'));
            found.extend(name.map(|name| Example { file, package, name }));
        }
    }
    found
}

fn in_example(house: &House, example: &Example<'_>) -> Vec<String> {
    let Example { file, package, name } = example;
    let text = house.text(file);
    let mut found = Vec::new();
    if !text.contains(&format!("Run with `cargo run -p {package} --example {name}`")) {
        found.push(format!("{file}: does not say how it is run"));
    }
    if !text.contains("Read next: `") {
        found.push(format!("{file}: does not say what to read next"));
    }
    found
}

/// The examples in the rows of a list, in order, each by its package and its name: `| 1 | `package` | `name` | … |`.
fn listed(text: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for line in text.lines() {
        let cells: Vec<&str> = line.trim_start_matches("//! ").split('|').map(str::trim).collect();
        let [_, number, package, name, ..] = cells[..] else { continue };
        if number.parse::<u32>().is_ok() {
            found.push((package.replace('`', ""), name.replace('`', "")));
        }
    }
    found
}

/// What one row of a list says is next must be what its example says is next.
fn out_of_order(
    house: &House,
    examples: &[Example<'_>],
    list: &str,
    pair: &[(String, String)],
) -> Option<String> {
    let [(package, name), (_, next)] = pair else { return None };
    let example = examples.iter().find(|example| example.package == package && example.name == name)?;
    let is_next = house.text(example.file).contains(&format!("Read next: `{next}`"));
    (!is_next).then(|| format!("{list}: has {next} after {name}, but {} names another one", example.file))
}

#[test]
fn examples_are_read_in_the_order_of_the_lists() {
    assert_tidy(&breaches(&House::ours()), ADVICE);
}

const FIRST: &str = "//! Run with `cargo run -p tiebreak --example first`.\n//! Read next: `second`, more.\n";
const SECOND: &str =
    "//! Run with `cargo run -p tiebreak-net --example second`.\n//! Read next: `scenarios`.\n";
const LIST: &str =
    "| | | |\n|---|---|---|\n| 1 | `tiebreak` | `first` | a |\n| 2 | `tiebreak-net` | `second` | b |\n";

fn house(name: &str) -> FakeHouse {
    let house = FakeHouse::new(env!("CARGO_TARGET_TMPDIR"), name)
        .with("crates/tiebreak/examples/first.rs", FIRST)
        .with("crates/net/examples/second/main.rs", SECOND)
        .with("crates/net/examples/second/part.rs", "");
    LISTS.into_iter().fold(house, |house, list| house.with(list, LIST))
}

#[test]
fn an_example_that_is_not_listed_is_found() {
    assert_tidy(&breaches(&house("examples").open()), ADVICE);
    let longer = house("examples-unlisted")
        .with(LISTS[0], &LIST.replace("| 2 | `tiebreak-net` | `second` | b |\n", ""));
    assert_only_breach(&breaches(&longer.open()), &[LISTS[0], "second"]);
}

#[test]
fn a_row_of_what_does_not_exist_is_found() {
    let longer = house("examples-gone").with(LISTS[1], &format!("{LIST}| 3 | `tiebreak` | `third` | c |\n"));
    let found = breaches(&longer.open());
    assert!(found.iter().any(|breach| breach.contains("has no example third")), "{found:?}");
}

#[test]
fn an_example_in_the_documentation_of_a_private_module_is_found() {
    let shown = "//! More.\n//!\n//! ```text\n//! a ──► b\n//! ```\n//! ```\n//! assert!(true);\n//! ```\n";
    let private = house("examples-hidden")
        .with("crates/net/src/link.rs", shown)
        .with("crates/net/src/lib.rs", "mod link;\n");
    assert_only_breach(&breaches(&private.open()), &["crates/net/src/link.rs", "no reader"]);
    let public = house("examples-shown")
        .with("crates/net/src/link.rs", shown)
        .with("crates/net/src/lib.rs", "pub mod link;\n");
    assert_tidy(&breaches(&public.open()), ADVICE);
}

#[test]
fn another_order_than_that_of_reading_is_found() {
    let other =
        house("examples-order").with("crates/tiebreak/examples/first.rs", &FIRST.replace("second", "third"));
    let found = breaches(&other.open());
    assert_eq!(found.len(), LISTS.len(), "{found:?}");
    assert!(found.iter().all(|breach| breach.contains("has second after first")), "{found:?}");
}

#[test]
fn an_example_that_does_not_say_how_it_is_run_is_found() {
    let silent =
        house("examples-silent").with("crates/net/examples/second/main.rs", "//! Read next: `scenarios`.\n");
    assert_only_breach(&breaches(&silent.open()), &["second/main.rs", "how it is run"]);
}
