//! What the machine allows: the parts of a store without what makes it one. The same bytes come in, the same keys and
//! values go to RocksDB, the same answers go out; nothing is checked and nothing is decided.

mod alone;
mod canned;
mod parse;
mod recorded;
mod skeleton;
mod wal;

pub use alone::{Alone, json_scan, rocksdb_writes};
pub use canned::{CANNED, serve_canned};
pub use recorded::{Order, Recorded};
pub use skeleton::{GROUPS, serve_skeleton};
