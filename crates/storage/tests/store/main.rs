//! The store's contract, as any engine must keep it: cases by hand, random histories against a naive model, and
//! threads that race. Only `open` knows which engine is tried.

mod asks;
mod client;
mod contents;
mod contract;
mod documents;
mod histories;
mod interleavings;
mod made;
mod naive;
mod rows;
mod touches;

use storage::{Options, Store};
use tempfile::TempDir;

/// An empty store, gone when it is dropped.
struct Opened {
    directory: TempDir,
    store: Store,
}

fn open() -> Opened {
    let directory = TempDir::new().expect("a directory for the test");
    let store = Store::open(directory.path(), Options::default()).expect("an empty store opens");
    Opened { directory, store }
}

impl Opened {
    fn reopen(self) -> Opened {
        let Opened { directory, store } = self;
        store.close().expect("a sound store closes");
        drop(store);
        let store = Store::open(directory.path(), Options::default()).expect("it was closed");
        Opened { directory, store }
    }
}
