//! Keeping snapshots as files beside the scenarios they belong to.
//!
//! With the feature `insta`. A test calls [`assert_snapshot`] with the text of [`snapshot`](crate::snapshot); what it
//! compares with lies in `snapshots/<family>/<scenario>[.<projection>].snap` below the root of the workspace. New and
//! changed snapshots are reviewed with `cargo insta review`, or written at once with `INSTA_UPDATE=always`.

extern crate std;

use alloc::format;
use alloc::string::{String, ToString as _};
use std::path::Path;

use tiebreak_trace::Projection;

/// Compares a text with the one kept as `snapshots/<family>/<name>.snap` below `root`, the folder of the workspace.
///
/// `name` is the scenario's, with a projection's behind it; see [`snapshot_name`].
///
/// # Panics
/// If the texts differ, or none is kept yet: what insta does then is up to `INSTA_UPDATE`.
#[track_caller]
pub fn assert_snapshot(root: &Path, family: &str, name: &str, text: &str) {
    let is_plain = |part: &str| !part.is_empty() && !part.contains(['/', '\\']);
    assert!(is_plain(family) && is_plain(name), "`{family}/{name}` does not name a file in a family");
    let mut settings = insta::Settings::new();
    settings.set_snapshot_path(root.join("snapshots").join(family));
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!(name, text));
}

/// Returns the name of a scenario's snapshot: the scenario's own for the whole trace, else with what is projected on
/// behind it, in which `/` and other characters that file systems reserve become `-`.
///
/// ```
/// use tiebreak::{Projection, testing::snapshot_name};
///
/// assert_eq!(snapshot_name("at-its-time", &Projection::Whole), "at-its-time");
/// assert_eq!(snapshot_name("at-its-time", &Projection::Actor("rip1".into())), "at-its-time.rip1");
/// assert_eq!(snapshot_name("at-its-time", &Projection::Subject("10.0.0.0/8".into())), "at-its-time.10.0.0.0-8");
/// ```
#[must_use]
pub fn snapshot_name(scenario: &str, projection: &Projection) -> String {
    let part = match projection {
        Projection::Whole => return scenario.to_string(),
        Projection::Actor(part) | Projection::Kind(part) | Projection::Subject(part) => part,
    };
    let is_reserved = |c: char| c.is_control() || c.is_whitespace() || "/\\:*?\"<>|".contains(c);
    format!("{scenario}.{}", part.replace(is_reserved, "-"))
}
