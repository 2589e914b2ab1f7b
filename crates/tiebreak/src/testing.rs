//! Keeping snapshots as files beside the scenarios they belong to.
//!
//! With the feature `insta`. A test calls [`assert_snapshot`] with the text of [`snapshot`](crate::snapshot); what it
//! compares with lies in `snapshots/<family>/<scenario>[.<projection>].snap` below the root of the workspace. New and
//! changed snapshots are reviewed with `cargo insta review`, or written at once with `INSTA_UPDATE=always`.

extern crate std;

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use std::fs::File;
use std::io;
use std::path::Path;

use tiebreak_diagnostic::Bound;

/// The most that is read of a kept snapshot.
const KEPT: Bound =
    Bound::new("a kept snapshot", 64, "remove it, and keep it again with `INSTA_UPDATE=always`");

/// Compares a text with the one kept as `snapshots/<family>/<name>.snap` below `root`, the folder of the workspace.
///
/// `name` is the scenario's, with a projection's behind it; see [`snapshot_name`](crate::snapshot_name).
///
/// # Panics
/// If the texts differ, or none is kept yet: what insta does then is up to `INSTA_UPDATE`. If the kept one is of another
/// format and insta is not told to write, with one line that says what to do, in place of all that differs. If it is larger than
/// 64 MiB. If `family` or `name` is empty or has a `/` or a `\` in it.
#[track_caller]
pub fn assert_snapshot(root: &Path, family: &str, name: &str, text: &str) {
    let is_plain = |part: &str| !part.is_empty() && !part.contains(['/', '\\']);
    assert!(is_plain(family) && is_plain(name), "`{family}/{name}` does not name a file in a family");
    let folder = root.join("snapshots").join(family);
    let kept = match read_kept(&folder.join(format!("{name}.snap"))) {
        Ok(kept) => kept,
        Err(sentence) => panic!("snapshots/{family}/{name}.snap: {sentence}"),
    };
    if let Some(advice) = advice_on_format(&kept, text).filter(|_| !is_told_to_write()) {
        panic!("snapshots/{family}/{name}.snap {advice}");
    }
    let mut settings = insta::Settings::new();
    settings.set_snapshot_path(folder);
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!(name, text));
}

/// Returns the text of a kept snapshot; nothing if it cannot be opened, of which insta complains itself.
///
/// # Errors
/// If it is larger than [`KEPT`], all of which insta would read, or reading fails.
fn read_kept(path: &Path) -> io::Result<String> {
    let Ok(file) = File::open(path) else { return Ok(String::new()) };
    KEPT.check_file(&file)?;
    let mut bytes = Vec::new();
    KEPT.read(file, &mut bytes)?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// Whether insta will write what it is given, rather than complain.
#[expect(
    clippy::disallowed_methods,
    reason = "insta itself is steered by the environment; no run depends on it"
)]
fn is_told_to_write() -> bool {
    let is_one_of =
        |name: &str, words: &[&str]| std::env::var(name).is_ok_and(|value| words.contains(&&*value));
    is_one_of("INSTA_UPDATE", &["always", "force", "new"]) || is_one_of("INSTA_FORCE_PASS", &["1"])
}

/// What to do about a kept snapshot whose format is another than that of the text to compare it with.
fn advice_on_format(kept: &str, text: &str) -> Option<String> {
    let (kept, text) = (format_of(kept)?, format_of(text)?);
    (kept != text).then(|| {
        format!(
            "is kept in format {kept}, and in format {text} the order and the fingerprints are others: review it anew \
             with `INSTA_UPDATE=always` or `cargo insta test --review`; see CHANGELOG.md"
        )
    })
}

/// The format number in the header of a snapshot, or of a trace that is kept as one.
fn format_of(snapshot: &str) -> Option<u32> {
    let header = snapshot.lines().find(|line| line.starts_with("# tiebreak "))?;
    header.split(" · ").find_map(|part| part.strip_prefix("format ")?.parse().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_snapshot_of_another_format_gets_advice_and_one_of_the_same_none() {
        let kept = "---\nsource: x\n---\n# tiebreak snapshot · actor a · format 1 · model 1 · seed 1\n# at\n";
        let [same, other] = [1, 2].map(|format| format!("# tiebreak snapshot · format {format} · model 2\n"));
        assert_eq!(advice_on_format(kept, &same), None);
        let advice = advice_on_format(kept, &other).unwrap();
        assert!(advice.starts_with("is kept in format 1, and in format 2 "), "{advice}");
        assert!(advice.contains("INSTA_UPDATE=always") && advice.lines().count() == 1, "{advice}");
    }

    #[test]
    fn a_whole_trace_that_is_kept_is_of_a_format_too() {
        assert!(
            advice_on_format("# tiebreak trace · format 1 · model 1", "# tiebreak trace · format 2")
                .is_some()
        );
    }

    #[test]
    fn what_is_no_snapshot_of_a_trace_gets_no_advice() {
        let snapshot = "# tiebreak snapshot · format 2 · model 1\n";
        for kept in ["", "some text", "# another header · format 1", "# tiebreak snapshot · format x"] {
            assert_eq!(advice_on_format(kept, snapshot), None, "{kept}");
            assert_eq!(advice_on_format(snapshot, kept), None, "{kept}");
        }
    }
}
