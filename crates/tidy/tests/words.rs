//! What may not be said: the repository speaks of the project alone, and nothing in it is unfinished.

use proc_macro2::TokenTree;
use tiebreak_tidy::{Attribute, FakeHouse, House, Source, assert_only_breach, assert_tidy};

/// Folders of somebody's machine, hosts of registries, marks of unfinished work. Taken apart, so that this file does
/// not say them.
const FORBIDDEN: [(&str, &str); 12] = [
    (concat!("/wo", "rk/"), "a folder of somebody's machine"),
    (concat!("/fa", "rm/"), "a folder of somebody's machine"),
    (concat!("/ro", "ot/"), "a folder of somebody's machine"),
    (concat!("/ho", "me/"), "a folder of somebody's machine"),
    (concat!("/Us", "ers/"), "a folder of somebody's machine"),
    (concat!("crates", ".io"), "the host of a registry"),
    (concat!("pypi", ".org"), "the host of a registry"),
    (concat!("npmjs", ".org"), "the host of a registry"),
    (concat!("npmjs", ".com"), "the host of a registry"),
    (concat!("debian", ".org"), "the host of a registry"),
    (concat!("FIX", "ME"), "unfinished work"),
    (concat!("XX", "X"), "unfinished work"),
];

/// Words after which a number points outside the repository.
const NUMBERED: [&str; 4] =
    [concat!("iss", "ue"), concat!("iss", "ues"), concat!("pull ", "request"), concat!("p", "r")];

/// Macros that stand for code not written yet, or forgotten.
const MACROS: [&str; 3] = ["todo", "unimplemented", "dbg"];

const ADVICE: &str =
    "Say what a reader of the repository can see; finish what is begun; `#[expect(…, reason = \"…\")]`.";

fn breaches(house: &House) -> Vec<String> {
    let mut found = Vec::new();
    for path in house.files() {
        // The lock file names the registry on every line; compressed recordings are no text.
        let ending = path.rsplit(['.', '/']).next().unwrap_or_default();
        if matches!(ending, "lock" | "gz") {
            continue;
        }
        let text = house.text(path);
        for (index, line) in text.lines().enumerate() {
            found.extend(in_line(line).into_iter().map(|breach| format!("{path}:{}: {breach}", index + 1)));
        }
        if ending == "rs" {
            found.extend(in_source(&text).into_iter().map(|breach| format!("{path}:{breach}")));
        }
    }
    found
}

fn in_line(line: &str) -> Vec<String> {
    let said = FORBIDDEN.iter().filter(|(word, _)| line.contains(word));
    let mut found: Vec<String> = said.map(|(word, why)| format!("`{word}` is {why}")).collect();
    if is_numbered(&line.to_lowercase()) {
        found.push("a number in a tracker is not to be seen from here".to_owned());
    }
    found
}

/// Whether one of the words stands alone, with a number behind it.
fn is_numbered(line: &str) -> bool {
    NUMBERED.iter().any(|word| {
        line.match_indices(word).any(|(at, _)| {
            let before = line[..at].chars().next_back();
            let rest = line[at + word.len()..].trim_start_matches([' ', '#']);
            let is_apart = rest.len() < line.len() - at - word.len();
            let digits = rest.trim_start_matches(|c: char| c.is_ascii_digit());
            before.is_none_or(|c| !c.is_alphanumeric())
                && is_apart
                && digits.len() < rest.len()
                && digits.chars().next().is_none_or(|c| !c.is_alphanumeric())
        })
    })
}

fn in_source(text: &str) -> Vec<String> {
    let source = match Source::read(text) {
        Ok(source) => source,
        Err(error) => return vec![error],
    };
    let calls = source.macro_calls.iter().filter(|call| MACROS.contains(&call.name.as_str()));
    let mut found: Vec<String> = calls.map(|call| format!("{}: `{}!`", call.line, call.name)).collect();
    for attribute in &source.attributes {
        found.extend(in_attribute(attribute).map(|breach| format!("{}: {breach}", attribute.line)));
    }
    found
}

fn in_attribute(attribute: &Attribute) -> Option<&'static str> {
    if attribute.is("doc") {
        return None;
    }
    if !attribute.lists("allow").is_empty() {
        return Some("an exception is an `expect` with its reason, never an `allow`");
    }
    let has_reason = |tokens: proc_macro2::TokenStream| {
        tokens.into_iter().any(|token| matches!(token, TokenTree::Ident(ident) if ident == "reason"))
    };
    if !attribute.lists("expect").into_iter().all(has_reason) {
        return Some("an `expect` without reason");
    }
    // Under a condition and with a reason, as `cfg_attr(…, ignore = "…")`, a test may wait for its own build.
    let is_ignored =
        attribute.is("ignore") || (attribute.is("cfg_attr") && is_ignored_bare(&attribute.tokens));
    is_ignored.then_some("a test that is not run")
}

/// Whether `ignore` stands somewhere within, without a reason.
fn is_ignored_bare(tokens: &[TokenTree]) -> bool {
    tokens.iter().enumerate().any(|(index, token)| match token {
        TokenTree::Ident(ident) => {
            let next = tokens.get(index + 1).map(ToString::to_string);
            ident == "ignore" && next.is_none_or(|next| next != "=")
        }
        TokenTree::Group(group) => is_ignored_bare(&group.stream().into_iter().collect::<Vec<_>>()),
        TokenTree::Punct(_) | TokenTree::Literal(_) => false,
    })
}

#[test]
fn house_says_nothing_forbidden() {
    assert_tidy(&breaches(&House::ours()), ADVICE);
}

#[test]
fn git_folder_of_a_linked_worktree_is_a_file_and_not_of_the_house() {
    let (home, _) = FORBIDDEN[3];
    let elsewhere = format!("gitdir: {home}someone/house\n");
    assert_tidy(&breaches_in("words-linked-worktree", ".git", &elsewhere), "");
}

fn breaches_in(fake: &str, path: &str, text: &str) -> Vec<String> {
    breaches(&FakeHouse::new(env!("CARGO_TARGET_TMPDIR"), fake).with(path, text).open())
}

#[test]
fn every_forbidden_word_is_a_breach_with_its_line() {
    for (number, (word, why)) in FORBIDDEN.iter().enumerate() {
        let found =
            breaches_in(&format!("words-{number}"), "docs/A.md", &format!("One.\nTwo {word}three.\n"));
        assert_only_breach(&found, &["docs/A.md:2", word, why]);
    }
}

#[test]
fn number_in_a_tracker_is_a_breach_and_other_numbers_are_not() {
    let [one, many, request, short] = NUMBERED;
    for (number, text) in
        [format!("See {one} 12."), format!("{many} #3"), format!("A {request} 4"), format!("{short} #5")]
            .iter()
            .enumerate()
    {
        assert_only_breach(
            &breaches_in(&format!("words-number-{number}"), "README.md", text),
            &["README.md:1", "tracker"],
        );
    }
    let harmless = format!("rip1/expiry(10.0.0.0/8)#1, the {one} of 3 dests, {one}2, {one} 3rd, re{one} 4\n");
    assert_tidy(&breaches_in("words-no-number", "README.md", &harmless), "");
}

#[test]
fn unfinished_code_is_a_breach_but_may_be_spoken_of() {
    for (number, call) in MACROS.iter().enumerate() {
        let text = format!("fn f() {{\n    {call}!()\n}}\n");
        assert_only_breach(&breaches_in(&format!("words-macro-{number}"), "a.rs", &text), &["a.rs:2", call]);
    }
    let spoken = "/// Never `todo!()`, never #[allow(x)].\nconst A: &str = \"dbg!(1) #[ignore]\";\n";
    assert_tidy(&breaches_in("words-spoken", "a.rs", spoken), "");
}

#[test]
fn allow_expect_without_reason_and_ignore_are_breaches() {
    let attributes = [
        ("#[allow(dead_code)]", "never an `allow`"),
        ("#![cfg_attr(test, allow(dead_code))]", "never an `allow`"),
        ("#[expect(dead_code)]", "without reason"),
        ("#[ignore = \"slow\"]", "not run"),
        ("#[cfg_attr(debug_assertions, ignore)]", "not run"),
    ];
    for (number, (attribute, why)) in attributes.into_iter().enumerate() {
        let found =
            breaches_in(&format!("words-attribute-{number}"), "a.rs", &format!("{attribute}\nfn f() {{}}\n"));
        assert_only_breach(&found, &["a.rs:1", why]);
    }
    let right = "#[cfg_attr(not(debug_assertions), ignore = \"an assert of debug builds\")]\n\
         #[expect(dead_code, reason = \"shown later\")]\nfn f() { Some(1).expect(\"one\"); allow(2); }\n";
    assert_tidy(&breaches_in("words-right", "a.rs", right), "");
}
