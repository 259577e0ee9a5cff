//! What a learning record store must do, as data, and how it is tried: the catalogue of requirements (`catalogue`),
//! vectors keyed to them (`vector`), and a runner that tries them on the parser alone (`pure`), on a server in this
//! process or over HTTP (`transport`).

pub mod body;
pub mod catalogue;
pub mod course;
pub mod exchange;
pub mod expect;
pub mod http;
pub mod in_process;
pub mod launch;
pub mod names;
pub mod own;
pub mod patch;
pub mod report;
pub mod run;
pub mod session;
pub mod statement;
pub mod subject;
pub mod transport;
pub mod vector;
