//! Snapshots kept as files.

use std::fs;
use std::panic::catch_unwind;
use std::path::{Path, PathBuf};

use tiebreak::testing::assert_snapshot;

/// The folder of the tests, and an empty one in it for a family of snapshots.
fn family(name: &str) -> (&'static Path, PathBuf) {
    let root = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let folder = root.join("snapshots").join(name);
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).expect("a folder can be made");
    (root, folder)
}

/// What is said of a kept snapshot that is refused.
fn refusal(root: &Path, family: &str) -> String {
    let result = catch_unwind(|| {
        assert_snapshot(root, family, "kept", "# tiebreak snapshot · format 2 · model 1\nnew\n");
    });
    *result.expect_err("it is refused").downcast::<String>().expect("it says why")
}

#[test]
fn a_snapshot_of_the_former_format_is_refused_with_one_line_before_any_difference() {
    if std::env::var_os("INSTA_UPDATE").is_some() || std::env::var_os("INSTA_FORCE_PASS").is_some() {
        return; // Then it is overwritten, as it should be.
    }
    let (root, folder) = family("former");
    fs::write(
        folder.join("kept.snap"),
        "---\nsource: x\n---\n# tiebreak snapshot · format 1 · model 1\nold\n",
    )
    .expect("a file can be written");
    let message = refusal(root, "former");
    assert_eq!(message.lines().count(), 1, "{message}");
    assert!(message.starts_with("snapshots/former/kept.snap is kept in format 1"), "{message}");
    assert!(!folder.join("kept.snap.new").exists(), "insta was not asked");
}

#[test]
fn a_snapshot_that_is_larger_than_the_bound_is_refused_before_it_is_read() {
    let (root, folder) = family("large");
    let file = fs::File::create(folder.join("kept.snap")).expect("a file can be written");
    file.set_len((64 << 20) + 1).expect("it takes no room on the disk");
    let message = refusal(root, "large");
    assert_eq!(
        message,
        "snapshots/large/kept.snap: it is larger than 64 MiB, the limit for a kept snapshot; remove it, and keep it again with \
         `INSTA_UPDATE=always`"
    );
}
