//! What a real store wrote, read back from its write-ahead log: the keys and values of each statement. The store must
//! have been killed before it flushed anything, and nothing may hold it open.

use std::collections::HashMap;
use std::error::Error;
use std::ops::Range;
use std::path::Path;

use super::wal::{self, More};
use rocksdb::{ColumnFamily, DB, Options, WriteBatch, WriteBatchIteratorCf};

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
const IDS: &str = "ids";
const TERMS: &str = "terms";
/// Each statement is in one of them, under its place.
const STATEMENTS: [&str; 2] = ["statements", "voided"];
const PLACE_LENGTH: usize = 8;
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
        wal::writes(path, |batch| {
            recorded.add(batch);
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

    /// A group of commits becomes statements. What names a statement's place belongs to it; what names none, to the
    /// statement whose id was written last.
    fn add(&mut self, batch: &WriteBatch) {
        let mut group = Group {
            families: &self.families,
            ops: Vec::new(),
        };
        batch.iterate_cf(&mut group);
        let mut places: HashMap<&[u8], usize> = HashMap::new();
        for op in &group.ops {
            if group.is_in(op, &STATEMENTS) {
                let number = places.len();
                places.insert(op.place(), number);
            }
        }
        let mut own: Vec<Vec<&GroupOp>> = places.iter().map(|_| Vec::new()).collect();
        let mut ids = 0_usize;
        for op in &group.ops {
            if group.is_in(op, &[IDS]) {
                ids += 1;
            }
            let last = ids.saturating_sub(1);
            let number = places.get(op.place()).copied().unwrap_or(last);
            if let Some(own) = own.get_mut(number) {
                own.push(op);
            }
        }
        for ops in own {
            let start = self.ops.len();
            for op in ops {
                let key = self.bytes.len()..self.bytes.len() + op.key.len();
                self.bytes.extend_from_slice(&op.key);
                self.bytes.extend_from_slice(&op.value);
                self.ops.push(Op {
                    family: op.family,
                    kind: op.kind,
                    key,
                    end: self.bytes.len(),
                });
            }
            self.statements.push(start..self.ops.len());
        }
    }

    /// The families of a database, in the order in which operations name them.
    pub(super) fn handles<'d>(&self, db: &'d DB, order: Order) -> Handles<'d> {
        let handle = |name: &String| db.cf_handle(name);
        Handles {
            families: self.families.iter().map(handle).collect(),
            sorted: match order {
                Order::Given => None,
                Order::Sorted => self.families.iter().position(|name| name == TERMS),
            },
        }
    }

    /// Puts the operations of a group of statements into a write. `None`: there are no more statements.
    pub(super) fn write(
        &self,
        handles: &Handles<'_>,
        group: impl Iterator<Item = usize>,
        write: &mut WriteBatch,
    ) -> Option<()> {
        let mut terms: Vec<(&[u8], &Op)> = Vec::new();
        for statement in group {
            for op in self.ops.get(self.statements.get(statement)?.clone())? {
                let key = self.bytes.get(op.key.clone())?;
                if handles.sorted == Some(op.family as usize) {
                    terms.push((key, op));
                } else {
                    self.put(handles, key, op, write)?;
                }
            }
        }
        terms.sort_unstable_by_key(|(key, _)| *key);
        for (key, op) in terms {
            self.put(handles, key, op, write)?;
        }
        Some(())
    }

    fn put(
        &self,
        handles: &Handles<'_>,
        key: &[u8],
        op: &Op,
        write: &mut WriteBatch,
    ) -> Option<()> {
        let family = *handles.families.get(op.family as usize)?.as_ref()?;
        match op.kind {
            Kind::Put => write.put_cf(family, key, self.bytes.get(op.key.end..op.end)?),
            Kind::Merge => write.merge_cf(family, key, self.bytes.get(op.key.end..op.end)?),
            Kind::Delete => write.delete_cf(family, key),
        }
        Some(())
    }

    /// What a group has beside its statements.
    pub(super) fn end_group(&self, group: u64, write: &mut WriteBatch) {
        write.put(LAST_SEQ, group.to_be_bytes());
    }
}

/// In which order a group's operations on the index of terms are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// Each with its statement.
    Given,
    /// Last and by their keys, which a memtable takes faster: a trick that the store has too.
    Sorted,
}

/// The families of an open database.
pub(super) struct Handles<'d> {
    families: Vec<Option<&'d ColumnFamily>>,
    /// The family whose operations come last and sorted.
    sorted: Option<usize>,
}

/// A group of commits as RocksDB reads it out.
struct Group<'a> {
    families: &'a [String],
    ops: Vec<GroupOp>,
}

struct GroupOp {
    family: u32,
    kind: Kind,
    key: Vec<u8>,
    value: Vec<u8>,
}

impl GroupOp {
    /// A place, if its key has one: it ends with it then.
    fn place(&self) -> &[u8] {
        &self.key[self.key.len().saturating_sub(PLACE_LENGTH)..]
    }
}

impl Group<'_> {
    fn is_in(&self, op: &GroupOp, names: &[&str]) -> bool {
        let name = self.families.get(op.family as usize);
        name.is_some_and(|name| names.contains(&name.as_str()))
    }

    fn keep(&mut self, family: u32, kind: Kind, key: &[u8], value: &[u8]) {
        let op = GroupOp {
            family,
            kind,
            key: key.to_vec(),
            value: value.to_vec(),
        };
        if !self.is_in(&op, &[META]) {
            self.ops.push(op);
        }
    }
}

impl WriteBatchIteratorCf for Group<'_> {
    fn put_cf(&mut self, family: u32, key: &[u8], value: &[u8]) {
        self.keep(family, Kind::Put, key, value);
    }

    fn delete_cf(&mut self, family: u32, key: &[u8]) {
        self.keep(family, Kind::Delete, key, &[]);
    }

    fn merge_cf(&mut self, family: u32, key: &[u8], value: &[u8]) {
        self.keep(family, Kind::Merge, key, value);
    }
}

#[cfg(test)]
mod tests;
