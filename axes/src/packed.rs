//! Packed traces by what they hold. How well the compressor does depends on the platform, so their bytes are not compared.

use std::fs;
use std::path::Path;

use tiebreak::trace::Unpacked;
use tiebreak::{Digest, Trace};

use crate::Job;

/// Returns a job for each file of the fuzzer's corpus: those were packed on one platform, and are read on each.
///
/// # Errors
/// A sentence, if the corpus cannot be read.
pub(crate) fn jobs(root: &Path) -> Result<Vec<Job>, String> {
    let folder = root.join("fuzz").join("corpus").join("packed");
    let cannot = |error| format!("{}: {error}", folder.display());
    let mut files = Vec::new();
    for entry in fs::read_dir(&folder).map_err(cannot)? {
        let entry = entry.map_err(cannot)?;
        files.push((entry.file_name(), fs::read(entry.path()).map_err(cannot)?));
    }
    files.sort();
    let job = |(name, bytes): (std::ffi::OsString, Vec<u8>)| -> Job {
        let name = name.to_string_lossy().into_owned();
        Box::new(move |lines| lines.add("unpacked", &name, "-", 0, digest_of_packed(&bytes)))
    };
    Ok(files.into_iter().map(job).collect())
}

/// What a packed trace holds, or why it cannot be read.
pub(crate) fn digest_of_packed(bytes: &[u8]) -> Digest {
    let held = match Trace::unpack(bytes) {
        Ok(Unpacked { trace, checkpoints, end, .. }) => {
            let (records, pending) = (Digest::of(trace.bytes()), trace.pending());
            format!("{records} {pending:?} {checkpoints:?} {end:?}")
        }
        Err(malformed) => malformed.to_string(),
    };
    Digest::of(held.as_bytes())
}
