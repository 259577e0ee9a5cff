//! A statement's record: its bytes on disk, compressed one by one so that a page of scattered rows does not inflate
//! a page of blocks. The layout stands in `docs/storage-format.md`.

use std::cell::RefCell;
use std::io;
use std::sync::LazyLock;

use uuid::Uuid;
use zstd::bulk::{Compressor, Decompressor};
use zstd::dict::{DecoderDictionary, EncoderDictionary};
use zstd::zstd_safe::{self, CParameter};

use super::{Adds, AddsVersion, Content};

const VERSION: u8 = 1;
const HEADER_LENGTH: usize = 19;
/// A third less time than at 3, for records that are a twentieth larger.
const LEVEL: i32 = 1;
/// No record is larger, so that a flipped bit cannot ask for all memory.
const BODY_BYTES_MAX: u64 = 1 << 30;

/// What a thread keeps for its next record.
const SCRATCH_BYTES_MAX: usize = 256 << 10;

const ADDS_ID: u8 = 1;
const ADDS_TIMESTAMP: u8 = 1 << 1;
const ADDS_VERSION_SHIFT: u8 = 2;
const ADDS_VERSION_MASK: u8 = 0b11;
/// The text holds the id; it was cut out and only its place kept.
const ID_CUT: u8 = 1 << 4;
const LINKED_CONTENTS: u8 = 1 << 5;

/// Dictionaries are immutable, and their numbers stand in records: append only. The newest is used for writing;
/// 0 means none.
pub(crate) const DICTIONARIES: [(u8, &[u8]); 1] =
    [(1, include_bytes!("../../dictionaries/1.dict"))];

struct Prepared {
    number: u8,
    encoder: EncoderDictionary<'static>,
    decoder: DecoderDictionary<'static>,
}

static PREPARED: LazyLock<Vec<Prepared>> = LazyLock::new(|| {
    let prepare = |&(number, bytes): &(u8, &'static [u8])| Prepared {
        number,
        encoder: EncoderDictionary::copy(bytes, LEVEL),
        decoder: DecoderDictionary::copy(bytes),
    };
    DICTIONARIES.iter().map(prepare).collect()
});

/// A thread's compressor for the newest dictionary, and a decompressor for each.
struct Contexts {
    number: u8,
    compressor: Compressor<'static>,
    /// Of the record that is being made or read: its body, and of one that is made its frame.
    body: Vec<u8>,
    frame: Vec<u8>,
    decompressors: Vec<(u8, Decompressor<'static>)>,
}

thread_local! {
    static CONTEXTS: RefCell<Option<Contexts>> = const { RefCell::new(None) };
}

impl Contexts {
    fn new() -> io::Result<Contexts> {
        let newest = PREPARED.last();
        let mut compressor = match newest {
            Some(dictionary) => Compressor::with_prepared_dictionary(&dictionary.encoder)?,
            None => Compressor::new(LEVEL)?,
        };
        compressor.set_parameter(CParameter::ChecksumFlag(false))?;
        compressor.set_parameter(CParameter::DictIdFlag(false))?;
        compressor.set_parameter(CParameter::ContentSizeFlag(true))?;
        Ok(Contexts {
            number: newest.map_or(0, |dictionary| dictionary.number),
            compressor,
            body: Vec::new(),
            frame: Vec::new(),
            decompressors: Vec::new(),
        })
    }

    /// One huge statement must not hold its memory for good.
    fn forget_large(&mut self) {
        for scratch in [&mut self.body, &mut self.frame] {
            if scratch.capacity() > SCRATCH_BYTES_MAX {
                *scratch = Vec::new();
            }
        }
    }

    fn decompressor(&mut self, number: u8) -> Result<&mut Decompressor<'static>, String> {
        if let Some(place) = self
            .decompressors
            .iter()
            .position(|(other, _)| *other == number)
        {
            return Ok(&mut self.decompressors[place].1);
        }
        let made = match PREPARED
            .iter()
            .find(|dictionary| dictionary.number == number)
        {
            Some(dictionary) => Decompressor::with_prepared_dictionary(&dictionary.decoder),
            None if number == 0 => Decompressor::new(),
            None => return Err(format!("dictionary {number} is not known")),
        };
        self.decompressors
            .push((number, made.map_err(|error| error.to_string())?));
        Ok(&mut self.decompressors.last_mut().ok_or("no decompressor")?.1)
    }
}

fn with_contexts<T>(work: impl FnOnce(&mut Contexts) -> T) -> T {
    CONTEXTS.with_borrow_mut(|slot| {
        let contexts = slot.get_or_insert_with(|| {
            Contexts::new().expect("zstd fails here only when memory is gone")
        });
        work(contexts)
    })
}

/// The bytes of [`super::NewStatement::record`].
pub fn encode(content: &Content) -> Vec<u8> {
    let mut id_text = [0; 36];
    let id_text: &str = content.id.hyphenated().encode_lower(&mut id_text);
    let cut = content
        .text
        .find(id_text)
        .and_then(|place| u32::try_from(place).ok());

    with_contexts(|contexts| {
        let body = &mut contexts.body;
        body.clear();
        body.extend_from_slice(&(content.authority.len() as u32).to_be_bytes());
        match cut {
            Some(place) => {
                let (before, after) = content.text.split_at(place as usize);
                body.extend_from_slice(&place.to_be_bytes());
                body.extend_from_slice(content.authority.as_bytes());
                body.extend_from_slice(before.as_bytes());
                body.extend_from_slice(after.split_at(id_text.len()).1.as_bytes());
            }
            None => {
                body.extend_from_slice(content.authority.as_bytes());
                body.extend_from_slice(content.text.as_bytes());
            }
        }
        contexts.frame.clear();
        contexts
            .frame
            .reserve(zstd_safe::compress_bound(body.len()));
        contexts
            .compressor
            .compress_to_buffer(body, &mut contexts.frame)
            .expect("the buffer has zstd's own bound, so only a lack of memory can fail");
        let mut record = Vec::with_capacity(HEADER_LENGTH + contexts.frame.len());
        let flags = flags(content) | if cut.is_some() { ID_CUT } else { 0 };
        record.extend_from_slice(&[VERSION, contexts.number, flags]);
        record.extend_from_slice(content.id.as_bytes());
        record.extend_from_slice(&contexts.frame);
        contexts.forget_large();
        record
    })
}

/// # Errors
/// What is wrong with the bytes; the caller knows where they lie.
pub fn decode(record: &[u8]) -> Result<Content, String> {
    let (header, frame) = record
        .split_first_chunk::<HEADER_LENGTH>()
        .ok_or("shorter than its header")?;
    let [version, number, flags, id @ ..] = *header;
    if version != VERSION {
        return Err(format!("version {version} of a statement is not known"));
    }
    let length = zstd_safe::get_frame_content_size(frame)
        .ok()
        .flatten()
        .filter(|&length| length <= BODY_BYTES_MAX)
        .ok_or("the frame has no length")?;
    with_contexts(|contexts| {
        let mut body = std::mem::take(&mut contexts.body);
        body.clear();
        body.reserve(length as usize);
        let inflated = contexts
            .decompressor(number)?
            .decompress_to_buffer(frame, &mut body);
        let content = match inflated {
            Ok(_) => split_body(&body, flags, Uuid::from_bytes(id))
                .ok_or_else(|| "the body does not fit its lengths".to_owned()),
            Err(error) => Err(format!("cannot be inflated: {error}")),
        };
        contexts.body = body;
        contexts.forget_large();
        content
    })
}

fn split_body(body: &[u8], flags: u8, id: Uuid) -> Option<Content> {
    let (length, mut rest) = body.split_first_chunk::<4>()?;
    let mut cut = None;
    if flags & ID_CUT != 0 {
        let (place, behind) = rest.split_first_chunk::<4>()?;
        cut = Some(u32::from_be_bytes(*place) as usize);
        rest = behind;
    }
    let (authority, text) = rest.split_at_checked(u32::from_be_bytes(*length) as usize)?;
    let authority = std::str::from_utf8(authority).ok()?.to_owned();
    let text = std::str::from_utf8(text).ok()?;
    let text = match cut {
        Some(place) => {
            let (before, after) = text.split_at_checked(place)?;
            let mut id_text = [0; 36];
            [before, id.hyphenated().encode_lower(&mut id_text), after].concat()
        }
        None => text.to_owned(),
    };
    Some(Content {
        id,
        text,
        authority,
        adds: parse_flags(flags)?,
        linked_contents: flags & LINKED_CONTENTS != 0,
    })
}

fn flags(content: &Content) -> u8 {
    let adds = content.adds;
    let version: u8 = match adds.version {
        AddsVersion::None => 0,
        AddsVersion::V1_0_0 => 1,
        AddsVersion::V2_0_0 => 2,
    };
    (if adds.id { ADDS_ID } else { 0 })
        | (if adds.timestamp { ADDS_TIMESTAMP } else { 0 })
        | (version << ADDS_VERSION_SHIFT)
        | (if content.linked_contents {
            LINKED_CONTENTS
        } else {
            0
        })
}

fn parse_flags(flags: u8) -> Option<Adds> {
    let version = match (flags >> ADDS_VERSION_SHIFT) & ADDS_VERSION_MASK {
        0 => AddsVersion::None,
        1 => AddsVersion::V1_0_0,
        2 => AddsVersion::V2_0_0,
        _ => return None,
    };
    Some(Adds {
        id: flags & ADDS_ID != 0,
        timestamp: flags & ADDS_TIMESTAMP != 0,
        version,
    })
}

#[cfg(test)]
mod tests;
