//! What a node of the group keeps over a crash: the log, the hard state, the configuration, and the state of the application.

use raft::eraftpb::{ConfState, Entry, EntryType, HardState, Snapshot};
use raft::{Error, GetEntriesContext, RaftState, Result, Storage, StorageError, util};
use tiebreak::kernel::fold;

/// How many entries that are applied a node keeps, for others that lag.
const KEPT: u64 = 4;

/// The disk of a node. What is written to it is durable at once; when it is written is up to the node.
#[derive(Debug, Clone)]
pub struct Disk {
    pub hard: HardState,
    pub voters: ConfState,
    /// The index and the term of the last entry that is not kept any more.
    base: (u64, u64),
    log: Vec<Entry>,
    /// The last entry that the application has seen.
    pub applied: u64,
    /// What the application has made of all entries that it has seen.
    pub digest: u64,
    /// The last entry of a client among them.
    pub written: u64,
}

impl Disk {
    /// A new disk of a member of this group. As raft wants it, its log begins after an entry that all members share.
    pub fn new(voters: ConfState) -> Self {
        let hard = HardState { term: 1, commit: 1, ..HardState::default() };
        Self { hard, voters, base: (1, 1), log: Vec::new(), applied: 1, digest: 0, written: 0 }
    }

    fn last(&self) -> u64 {
        self.base.0 + self.log.len() as u64
    }

    fn place(&self, index: u64) -> usize {
        usize::try_from(index - self.base.0 - 1).expect("an index of a log in memory")
    }

    /// Writes entries over those from the first of them on.
    pub fn append(&mut self, entries: &[Entry]) {
        let Some(first) = entries.first() else { return };
        assert!(self.base.0 < first.index && first.index <= self.last() + 1, "a log has no gaps");
        self.log.truncate(self.place(first.index));
        self.log.extend_from_slice(entries);
    }

    /// The application sees an entry.
    pub fn apply(&mut self, entry: &Entry) {
        assert_eq!(entry.index, self.applied + 1, "entries are applied one after the other");
        self.applied = entry.index;
        if entry.get_entry_type() == EntryType::EntryNormal && !entry.data.is_empty() {
            self.written = entry.index;
        }
        self.digest =
            entry.data.iter().fold(fold(self.digest, entry.term), |sum, byte| fold(sum, (*byte).into()));
    }

    /// Takes over the state of another node.
    pub fn install(&mut self, snapshot: &Snapshot) {
        let meta = snapshot.get_metadata();
        self.base = (meta.index, meta.term);
        self.log.clear();
        self.voters = meta.get_conf_state().clone();
        self.applied = meta.index;
        let (digest, written) = snapshot.data.split_at(8);
        [self.digest, self.written] = [digest, written].map(|bytes| {
            u64::from_be_bytes(bytes.try_into().expect("the data of a snapshot are two numbers"))
        });
    }

    /// Forgets entries that are applied, but for the last ones.
    pub fn compact(&mut self) {
        let Some(upto) = self.applied.checked_sub(KEPT).filter(|upto| *upto > self.base.0 + KEPT) else {
            return;
        };
        let place = self.place(upto);
        self.base = (upto, self.log[place].term);
        self.log.drain(..=place);
    }
}

impl Storage for Disk {
    fn initial_state(&self) -> Result<RaftState> {
        Ok(RaftState::new(self.hard.clone(), self.voters.clone()))
    }

    fn entries(
        &self,
        low: u64,
        high: u64,
        most: impl Into<Option<u64>>,
        _context: GetEntriesContext,
    ) -> Result<Vec<Entry>> {
        if low <= self.base.0 {
            return Err(Error::Store(StorageError::Compacted));
        }
        let mut entries = self.log[self.place(low)..self.place(high)].to_vec();
        util::limit_size(&mut entries, most.into());
        Ok(entries)
    }

    fn term(&self, index: u64) -> Result<u64> {
        match index {
            _ if index == self.base.0 => Ok(self.base.1),
            _ if index < self.base.0 => Err(Error::Store(StorageError::Compacted)),
            _ if index > self.last() => Err(Error::Store(StorageError::Unavailable)),
            _ => Ok(self.log[self.place(index)].term),
        }
    }

    fn first_index(&self) -> Result<u64> {
        Ok(self.base.0 + 1)
    }

    fn last_index(&self) -> Result<u64> {
        Ok(self.last())
    }

    fn snapshot(&self, request: u64, _to: u64) -> Result<Snapshot> {
        if self.applied < request {
            return Err(Error::Store(StorageError::SnapshotTemporarilyUnavailable));
        }
        let data = [self.digest, self.written].map(u64::to_be_bytes).concat();
        let mut snapshot = Snapshot { data: data.into(), ..Snapshot::default() };
        let meta = snapshot.mut_metadata();
        (meta.index, meta.term) = (self.applied, self.term(self.applied)?);
        meta.set_conf_state(self.voters.clone());
        Ok(snapshot)
    }
}
