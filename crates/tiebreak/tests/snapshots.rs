//! Snapshots kept as files.

use std::fs;
use std::panic::catch_unwind;
use std::path::Path;

use tiebreak::testing::assert_snapshot;

#[test]
fn a_snapshot_of_the_former_format_is_refused_with_one_line_before_any_difference() {
    if std::env::var_os("INSTA_UPDATE").is_some() || std::env::var_os("INSTA_FORCE_PASS").is_some() {
        return; // Then it is overwritten, as it should be.
    }
    let root = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let folder = root.join("snapshots").join("former");
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).expect("a folder can be made");
    fs::write(
        folder.join("kept.snap"),
        "---\nsource: x\n---\n# tiebreak snapshot · format 1 · model 1\nold\n",
    )
    .expect("a file can be written");
    let result = catch_unwind(|| {
        assert_snapshot(root, "former", "kept", "# tiebreak snapshot · format 2 · model 1\nnew\n");
    });
    let message = *result.expect_err("it is refused").downcast::<String>().expect("it says why");
    assert_eq!(message.lines().count(), 1, "{message}");
    assert!(message.starts_with("snapshots/former/kept.snap is kept in format 1"), "{message}");
    assert!(!folder.join("kept.snap.new").exists(), "insta was not asked");
}
