//! The dictionaries that records are compressed with: those that ship with the program, and those that a store made of
//! its own statements.

use std::fmt;
use std::sync::LazyLock;

use parking_lot::{Mutex, RwLock};
use zstd::dict::{DecoderDictionary, EncoderDictionary};

/// A third less time than at 3, for records that are a twentieth larger.
pub(crate) const LEVEL: i32 = 1;

/// Dictionaries are immutable, and their numbers stand in records: append only. 0 means none.
pub(crate) const SHIPPED: [(u8, &[u8]); 1] = [(1, include_bytes!("../../dictionaries/1.dict"))];
/// A store counts its own from here.
const OWN_FIRST: u8 = 128;
/// A store makes no more.
const OWN_MAX: u32 = 6;

/// One dictionary, ready for use.
pub(super) struct Dictionary {
    pub(super) number: u8,
    pub(super) encoder: EncoderDictionary<'static>,
    pub(super) decoder: DecoderDictionary<'static>,
    bytes: Vec<u8>,
}

/// The dictionaries of a store, in the order in which it got them. The last is for writing.
pub struct Dictionaries {
    all: RwLock<Vec<&'static Dictionary>>,
}

/// Once in the process: the compressors of its threads refer to them. Few, because a store has few.
static PREPARED: LazyLock<Mutex<Vec<&'static Dictionary>>> = LazyLock::new(Mutex::default);

fn prepared(number: u8, bytes: &[u8]) -> &'static Dictionary {
    let mut all = PREPARED.lock();
    if let Some(known) = all
        .iter()
        .find(|known| known.number == number && known.bytes == bytes)
    {
        return known;
    }
    let new: &'static Dictionary = Box::leak(Box::new(Dictionary {
        number,
        encoder: EncoderDictionary::copy(bytes, LEVEL),
        decoder: DecoderDictionary::copy(bytes),
        bytes: bytes.to_vec(),
    }));
    all.push(new);
    new
}

impl Dictionaries {
    /// Those of a new store.
    #[must_use]
    pub fn shipped() -> Dictionaries {
        let all = SHIPPED.map(|(number, bytes)| prepared(number, bytes));
        Dictionaries {
            all: RwLock::new(all.to_vec()),
        }
    }

    /// From now on records are compressed with this one, which is in the store already.
    pub(crate) fn add_own(&self, number: u8, bytes: &[u8]) {
        self.all.write().push(prepared(number, bytes));
    }

    /// The number of the next one that the store makes for itself; `None` when it has made enough.
    pub(crate) fn next_own(&self) -> Option<u8> {
        let own = self.own_count();
        (own < OWN_MAX).then(|| OWN_FIRST + own as u8)
    }

    pub(crate) fn own_count(&self) -> u32 {
        let all = self.all.read();
        all.iter().filter(|one| one.number >= OWN_FIRST).count() as u32
    }

    /// The one for writing.
    pub(super) fn newest(&self) -> &'static Dictionary {
        let all = self.all.read();
        all.last().expect("one ships with the program")
    }

    pub(crate) fn newest_bytes(&self) -> &'static [u8] {
        &self.newest().bytes
    }

    pub(super) fn find(&self, number: u8) -> Option<&'static Dictionary> {
        let all = self.all.read();
        all.iter().find(|one| one.number == number).copied()
    }
}

impl fmt::Debug for Dictionaries {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let all = self.all.read();
        out.debug_list()
            .entries(all.iter().map(|one| one.number))
            .finish()
    }
}
