//! The records of a run, kept as canonical bytes, and what is derived from them: text, NDJSON, snapshots, fingerprints.
//!
//! ```text
//!              ┌─► Tracer ────────► Trace: header + dictionary + bytes ─┬─► write_text, write_ndjson
//!  Simulation ─┤                                                        └─► snapshot (of a Projection)
//!   records    ├─► Fingerprinter ─► Fingerprint: run, actors, kinds; checkpoints
//!              └─► Watch<Monitor> ► Reports: holds, waits, fails
//! ```
//!
//! All three are recorders of the kernel and go together as tuples: `(Tracer, (Fingerprinter, Watch<_>))`.
//!
//! # Invariants
//! * Bytes and digests depend on names, never on the order of interning, on addresses or on pointer width.
//! * Text, NDJSON and fingerprint are functions of the [`Trace`] alone; [`Trace::fingerprint`] is what a
//!   [`Fingerprinter`] would have said.
//! * A stranger that touches nobody changes no layer, no projected snapshot, and no line of a whole one but its own and
//!   the tie marks beside it.
//! * One record is one line, whatever its names contain.
//!
//! # What it lacks
//! * Files and terminals: everything is written to a `fmt::Write`.
//! * Reading traces back from outside, and comparing two of them.
//! * A compact form: records are fixed-width, some 50 bytes each.
//!
//! # Where to start reading
//! `docs/TRACE.md` specifies the format; `canonical.rs` is it. Then `trace.rs`, `fingerprint.rs`, `text.rs`.
//!
//! # Example
//! Two events of one instant; what is kept is the order in which they ran.
//! ```
//! use tiebreak_kernel::{Context, Name, Names, Place, Recorder, Settings, Simulation, Span, Symbol, Term, World};
//! use tiebreak_trace::{Digest, Fingerprinter, Header, Projection, Tracer, snapshot, write_text};
//!
//! struct Bells;
//! impl World for Bells {
//!     type Event = Symbol;
//!     type Subject = ();
//!     fn name(&self, bell: &Symbol) -> Name<()> {
//!         Name { actor: *bell, kind: Term::new("ring"), subject: () }
//!     }
//!     fn fire<R: Recorder<()>>(&mut self, _bell: Symbol, _context: &mut Context<'_, Self, R>) {}
//! }
//!
//! let (mut names, settings) = (Names::default(), Settings::default());
//! let bells = ["east", "west"].map(|bell| names.intern(bell));
//! let tracer = Tracer::new(Header::new(1, Digest::of(b"two bells"), &settings));
//! let recorder = (tracer, Fingerprinter::default());
//! let mut simulation = Simulation::with_recorder(Bells, names, settings, recorder);
//! for bell in bells {
//!     simulation.act(|_, context| context.schedule_after(Span::from_secs(1), bell, Place::FREE));
//! }
//! simulation.run();
//!
//! let (_, names, (tracer, fingerprinter)) = simulation.into_parts();
//! let trace = tracer.into_trace();
//! assert_eq!(trace.fingerprint(), fingerprinter.fingerprint(&names));
//! let mut text = String::new();
//! write_text(&trace, &Projection::Whole, &mut text)?;
//! assert!(text.contains("ring#1") && text.contains("/2]"));
//! println!("{}", snapshot(&trace, &Projection::Actor("east".to_owned())));
//! # Ok::<(), core::fmt::Error>(())
//! ```
#![no_std]

extern crate alloc;

mod canonical;
mod dictionary;
mod digest;
mod fingerprint;
mod header;
mod monitor;
mod ndjson;
mod projection;
mod snapshot;
mod text;
mod trace;
mod walk;

pub use canonical::{Code, Parts};
pub use dictionary::{Dictionary, Space};
pub use digest::Digest;
pub use fingerprint::{CHECKPOINT_BITS, Fingerprint, Fingerprinter, Layer};
pub use header::Header;
pub use monitor::{Failure, Monitor, Report, Verdict, Watch};
pub use ndjson::write_ndjson;
pub use projection::Projection;
pub use snapshot::{SNAPSHOT_RECORDS_MAX, SNAPSHOT_WINDOW, snapshot};
pub use text::{RESULT, write_text};
pub use trace::{Trace, Tracer};
