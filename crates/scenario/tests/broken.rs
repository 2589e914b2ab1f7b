//! Broken scenarios: every mistake of each file is found in one pass, and said where, why, and what would be right.

use std::fs;
use std::path::PathBuf;

use tiebreak_scenario::load;

fn broken_files() -> Vec<PathBuf> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/broken");
    let mut files: Vec<_> = fs::read_dir(folder)
        .expect("the folder is there")
        .map(|entry| entry.expect("it can be read").path())
        .collect();
    files.sort();
    files
}

/// Returns the number in the first line, `// mistakes: 3`.
fn declared(text: &str) -> usize {
    let first = text.lines().next().unwrap_or_default();
    first
        .strip_prefix("// mistakes: ")
        .and_then(|number| number.parse().ok())
        .expect("the first line is `// mistakes: n`")
}

#[test]
fn every_mistake_is_listed() {
    let mut wrong = Vec::new();
    for path in broken_files() {
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        let text = fs::read_to_string(&path).unwrap();
        let mistakes = load(&text).err().unwrap_or_default();
        let listing: String =
            mistakes.iter().map(|mistake| mistake.line(&format!("{name}.ron"), &text) + "\n").collect();
        if mistakes.len() != declared(&text) {
            wrong.push(format!("{name}: {} declared, {} found\n{listing}", declared(&text), mistakes.len()));
        }
        insta::with_settings!({ prepend_module_to_snapshot => false, omit_expression => true }, {
            insta::assert_snapshot!(name, listing);
        });
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn there_are_enough_files_with_several_mistakes() {
    let counts: Vec<_> =
        broken_files().iter().map(|path| declared(&fs::read_to_string(path).unwrap())).collect();
    assert!(counts.len() >= 40, "{} files", counts.len());
    assert!(counts.iter().filter(|count| **count >= 3).count() >= 20);
}
