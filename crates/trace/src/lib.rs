//! The records of a run, kept as canonical bytes, and what is derived from them: text, NDJSON, snapshots, fingerprints.
//!
//! ```text
//!              ┌─► Tracer ────────► Trace: header + dictionary + bytes ─┬─► write_text, write_ndjson
//!  Simulation ─┤                                                        └─► snapshot (of a Projection)
//!   records    ├─► PackedTracer ──► blocks of a file ◄─► Trace
//!              ├─► Fingerprinter ─► Fingerprint: run, actors, kinds; checkpoints
//!              └─► Watch<Monitor> ► Reports: holds, waits, fails
//! ```
//!
//! All three are recorders of the kernel and go together as tuples: `(Tracer, Fingerprinter, Watch<_>)`. Where only one
//! digest of a run is wanted, as when many seeds are tried, [`RunFingerprinter`] takes it for less.
//!
//! # Invariants
//! * Bytes and digests depend on names, never on the order of interning, on addresses or on pointer width.
//! * Text, NDJSON and fingerprint are functions of the [`Trace`] alone; [`Trace::fingerprint`] is what a
//!   [`Fingerprinter`] would have said.
//! * An unrelated event changes no layer, no projected snapshot, and no line of a whole one but its own and the tie marks
//!   beside it.
//! * One record is one line, whatever its names and texts contain.
//!
//! # What it lacks
//! * Files and terminals: everything is written to a `fmt::Write`.
//! * Comparing two traces.
//!
//! # Where to start reading
//! `docs/TRACE.md` specifies the format; `canonical.rs` is it. Then `trace.rs`, `fingerprint.rs`, `text.rs`.
//!
//! # Example
//! Two events of one instant; what is kept is the order in which they ran.
//! ```
//! use tiebreak_kernel::{Context, Name, Settings, Simulation, Span, Term, World, terms};
//! use tiebreak_trace::{Digest, Fingerprinter, Header, Projection, Tracer, snapshot};
//!
//! terms! { EAST = "east", WEST = "west", RING = "ring" }
//!
//! struct Bells;
//! impl World for Bells {
//!     type Event = Term;
//!     type Subject = ();
//!     fn name(&self, bell: &Term) -> Name<()> {
//!         Name::of(*bell, RING, ())
//!     }
//!     fn handle(&mut self, _bell: Term, _context: &mut Context<'_, Term, ()>) {}
//! }
//!
//! let settings = Settings::default();
//! let tracer = Tracer::new(Header::new(1, Digest::of(b"two bells"), &settings));
//! let recorder = (tracer, Fingerprinter::default());
//! let mut simulation = Simulation::new(Bells, settings).with_recorder(recorder);
//! simulation.act(|_, context| [EAST, WEST].map(|bell| context.schedule_after(Span::from_secs(1), bell)));
//! simulation.run();
//!
//! let (_, names, (tracer, fingerprinter)) = simulation.into_parts();
//! let trace = tracer.into_trace();
//! assert_eq!(trace.fingerprint(), fingerprinter.fingerprint(&names));
//! assert!(trace.to_string().contains("[1/2]") || trace.to_string().contains("[2/2]"));
//! println!("{trace}");
//! println!("{}", snapshot(&trace, &Projection::Actor("east".to_owned())));
//! ```
#![no_std]

extern crate alloc;

mod behaviour;
mod builder;
mod canonical;
mod causes;
mod codes;
mod dictionary;
mod digest;
mod digits;
mod fingerprint;
mod header;
mod monitor;
mod ndjson;
mod packed;
mod projection;
mod snapshot;
mod text;
mod trace;
mod twins;
mod unlike;
mod walk;
mod windows;

pub use behaviour::BehaviourRecorder;
pub use builder::{IllFormed, Pending, TraceBuilder};
pub use canonical::{Code, Coded, Parts};
pub use causes::Causes;
pub use codes::CodeTable;
pub use dictionary::{Dictionary, Space};
pub use digest::Digest;
pub use fingerprint::{CHECKPOINT_BITS, Fingerprint, Fingerprinter, Layer, RunFingerprinter};
pub use header::Header;
pub use monitor::{Failure, Monitor, MonitorOf, Monitors, Report, Verdict, Watch, monitor};
pub use ndjson::{write_chosen_ndjson, write_ndjson};
pub use packed::{
    BlockOutput, Checkpoint, Malformed, PACKED_MAGIC, PACKED_PAYLOAD_MAX, PACKED_VERSION, PackedTracer,
    UNPACKED_BYTES_MAX, Unpacked, UnpackedEnd,
};
pub use projection::Projection;
pub use snapshot::{SNAPSHOT_RECORDS_MAX, SNAPSHOT_WINDOW, snapshot, snapshot_lines, snapshot_name};
pub use text::{RESULT, RecordLines, SKIPPED, write_chosen_text, write_text};
pub use trace::{Trace, Tracer};
pub use twins::{Twin, TwinCounter, twins_warning};
pub use unlike::{Unlike, first_unlike};
pub use windows::{
    Hashes, SNAPSHOT_HASHED_MAX, Window, read_windows, record_hash, snapshot_windows, without_tie,
};
