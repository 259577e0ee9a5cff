//! What a real store wrote, read back from its write-ahead log: the keys and values of each statement. The store must
//! have been killed before it flushed anything, and nothing may hold it open.

use std::error::Error;
use std::ops::Range;
use std::path::Path;

use super::wal::{self, More};
use rocksdb::{DB, Options, WriteBatch, WriteBatchIteratorCf};

/// The operations of each statement, in the order of their commits.
pub struct Recorded {
    /// By number of the family.
    pub(super) families: Vec<String>,
    bytes: Vec<u8>,
    ops: Vec<Op>,
    /// In `ops`.
    statements: Vec<Range<usize>>,
}

struct Op {
    family: u32,
    kind: Kind,
    /// In `bytes`; the value begins where the key ends.
    key: Range<usize>,
    end: usize,
}

#[derive(Clone, Copy)]
enum Kind {
    Put,
    Merge,
    Delete,
}

const META: &str = "default";
/// A statement's own operations begin with one in either of these families, whichever its store writes first.
const FIRST: [&str; 2] = ["ids", "statements"];
/// The key that a store writes once for each group of commits.
const LAST_SEQ: &[u8] = b"last_seq";

impl Recorded {
    /// At most `statements_max` statements.
    ///
    /// # Errors
    /// When there is no such store, or its log is gone.
    pub fn read(path: &Path, statements_max: usize) -> Result<Recorded, Box<dyn Error>> {
        let options = Options::default();
        let families = DB::list_cf(&options, path)?;
        let mut recorded = Recorded {
            families,
            bytes: Vec::new(),
            ops: Vec::new(),
            statements: Vec::new(),
        };
        let mut first = None;
        wal::writes(path, |batch| {
            recorded.add(batch, &mut first);
            match recorded.statements.len() >= statements_max {
                true => More::Enough,
                false => More::Go,
            }
        })?;
        if recorded.statements.is_empty() {
            return Err(format!("the log of `{}` has no statements", path.display()).into());
        }
        Ok(recorded)
    }

    pub fn statements(&self) -> usize {
        self.statements.len()
    }

    /// Operations and bytes of keys and values of a statement, on average.
    pub fn averages(&self) -> (f64, f64) {
        let statements = self.statements.len().max(1) as f64;
        (
            self.ops.len() as f64 / statements,
            self.bytes.len() as f64 / statements,
        )
    }

    /// A group of commits becomes statements: each begins with an operation in the family that comes first.
    fn add(&mut self, batch: &WriteBatch, first: &mut Option<u32>) {
        let mut group = Ops {
            recorded: self,
            from: Vec::new(),
            first: *first,
        };
        batch.iterate_cf(&mut group);
        *first = group.first;
        let starts = group.from;
        for (at, start) in starts.iter().enumerate() {
            let end = starts.get(at + 1).copied().unwrap_or(self.ops.len());
            self.statements.push(*start..end);
        }
    }

    /// Puts the operations of a statement into a write; `None`: there are no more statements.
    pub(super) fn write(&self, db: &DB, statement: usize, write: &mut WriteBatch) -> Option<()> {
        for op in self.ops.get(self.statements.get(statement)?.clone())? {
            let family = db.cf_handle(self.families.get(op.family as usize)?)?;
            let key = self.bytes.get(op.key.clone())?;
            let value = self.bytes.get(op.key.end..op.end)?;
            match op.kind {
                Kind::Put => write.put_cf(family, key, value),
                Kind::Merge => write.merge_cf(family, key, value),
                Kind::Delete => write.delete_cf(family, key),
            }
        }
        Some(())
    }

    /// What a group has beside its statements.
    pub(super) fn end_group(&self, group: u64, write: &mut WriteBatch) {
        write.put(LAST_SEQ, group.to_be_bytes());
    }
}

/// Takes a group apart while RocksDB reads it out.
struct Ops<'a> {
    recorded: &'a mut Recorded,
    /// Where statements begin in `ops`.
    from: Vec<usize>,
    first: Option<u32>,
}

impl Ops<'_> {
    fn op(&mut self, family: u32, kind: Kind, key: &[u8], value: &[u8]) {
        let recorded = &mut *self.recorded;
        let name = recorded.families.get(family as usize).map(String::as_str);
        if name == Some(META) {
            return;
        }
        if self.first.is_none() && name.is_some_and(|name| FIRST.contains(&name)) {
            self.first = Some(family);
        }
        if self.first == Some(family) {
            self.from.push(recorded.ops.len());
        } else if self.from.is_empty() {
            // No statement yet: what a store writes at its start.
            return;
        }
        let start = recorded.bytes.len();
        recorded.bytes.extend_from_slice(key);
        let middle = recorded.bytes.len();
        recorded.bytes.extend_from_slice(value);
        recorded.ops.push(Op {
            family,
            kind,
            key: start..middle,
            end: recorded.bytes.len(),
        });
    }
}

impl WriteBatchIteratorCf for Ops<'_> {
    fn put_cf(&mut self, family: u32, key: &[u8], value: &[u8]) {
        self.op(family, Kind::Put, key, value);
    }

    fn delete_cf(&mut self, family: u32, key: &[u8]) {
        self.op(family, Kind::Delete, key, &[]);
    }

    fn merge_cf(&mut self, family: u32, key: &[u8], value: &[u8]) {
        self.op(family, Kind::Merge, key, value);
    }
}
