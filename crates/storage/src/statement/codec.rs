//! A statement's record: its bytes on disk, compressed one by one so that a page of scattered rows does not inflate
//! a page of blocks. The layout stands in `docs/storage-format.md`.

use std::cell::RefCell;
use std::io;
use std::ptr;

use uuid::Uuid;
use zstd::bulk::{Compressor, Decompressor};
use zstd::zstd_safe::{self, CParameter};

use super::dictionary::{Dictionaries, Dictionary};
use super::{Adds, AddsVersion, Content, ContentRef};

const VERSION: u8 = 1;
const HEADER_LENGTH: usize = 19;
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

/// A thread's compressor for the dictionary it wrote with last, and a decompressor for each it read with.
#[derive(Default)]
struct Contexts {
    compressor: Option<(&'static Dictionary, Compressor<'static>)>,
    /// `None`: without a dictionary.
    decompressors: Vec<(Option<&'static Dictionary>, Decompressor<'static>)>,
    /// Of the record that is being made or read: its body, and of one that is made its frame.
    body: Vec<u8>,
    frame: Vec<u8>,
}

/// More are of stores that were closed.
const DECOMPRESSORS_MAX: usize = 16;

thread_local! {
    static CONTEXTS: RefCell<Contexts> = RefCell::default();
}

fn compressor(dictionary: &'static Dictionary) -> io::Result<Compressor<'static>> {
    let mut compressor = Compressor::with_prepared_dictionary(&dictionary.encoder)?;
    compressor.set_parameter(CParameter::ChecksumFlag(false))?;
    compressor.set_parameter(CParameter::DictIdFlag(false))?;
    compressor.set_parameter(CParameter::ContentSizeFlag(true))?;
    Ok(compressor)
}

fn compress(
    slot: &mut Option<(&'static Dictionary, Compressor<'static>)>,
    dictionary: &'static Dictionary,
    body: &[u8],
    frame: &mut Vec<u8>,
) -> io::Result<()> {
    let (_, compressor) = match slot {
        Some(kept) if ptr::eq(kept.0, dictionary) => kept,
        _ => slot.insert((dictionary, compressor(dictionary)?)),
    };
    frame.clear();
    frame.reserve(zstd_safe::compress_bound(body.len()));
    compressor.compress_to_buffer(body, frame)?;
    Ok(())
}

impl Contexts {
    /// One huge statement must not hold its memory for good.
    fn forget_large(&mut self) {
        for scratch in [&mut self.body, &mut self.frame] {
            if scratch.capacity() > SCRATCH_BYTES_MAX {
                *scratch = Vec::new();
            }
        }
    }

    fn decompressor(
        &mut self,
        dictionary: Option<&'static Dictionary>,
    ) -> io::Result<&mut Decompressor<'static>> {
        let is_it = |kept: &Option<&'static Dictionary>| match (kept, dictionary) {
            (Some(kept), Some(asked)) => ptr::eq(*kept, asked),
            (kept, asked) => kept.is_none() && asked.is_none(),
        };
        let place = match self.decompressors.iter().position(|(kept, _)| is_it(kept)) {
            Some(place) => place,
            None => {
                let made = match dictionary {
                    Some(dictionary) => Decompressor::with_prepared_dictionary(&dictionary.decoder),
                    None => Decompressor::new(),
                }?;
                if self.decompressors.len() >= DECOMPRESSORS_MAX {
                    self.decompressors.clear();
                }
                self.decompressors.push((dictionary, made));
                self.decompressors.len() - 1
            }
        };
        Ok(&mut self.decompressors[place].1)
    }
}

impl Dictionaries {
    /// The bytes of [`super::NewStatement::record`].
    #[must_use]
    pub fn encode(&self, content: &ContentRef<'_>) -> Vec<u8> {
        let dictionary = self.newest();
        CONTEXTS.with_borrow_mut(|contexts| {
            let Contexts {
                compressor,
                body,
                frame,
                ..
            } = contexts;
            body.clear();
            let cut = put_body(content, body);
            compress(compressor, dictionary, body, frame)
                .expect("the buffer has zstd's own bound, so only a lack of memory can fail");
            let mut record = Vec::with_capacity(HEADER_LENGTH + frame.len());
            let flags = flags(content) | if cut { ID_CUT } else { 0 };
            record.extend_from_slice(&[VERSION, dictionary.number, flags]);
            record.extend_from_slice(content.id.as_bytes());
            record.extend_from_slice(frame);
            contexts.forget_large();
            record
        })
    }

    /// # Errors
    /// What is wrong with the bytes; the caller knows where they lie.
    pub fn decode(&self, record: &[u8]) -> Result<Content, String> {
        self.with_body(record, |flags, id, body| {
            split_body(body, flags, id)
                .ok_or_else(|| "the body does not fit its lengths".to_owned())
        })
    }

    /// What of a record is compressed.
    ///
    /// # Errors
    /// As [`Dictionaries::decode`].
    pub(crate) fn body(&self, record: &[u8]) -> Result<Vec<u8>, String> {
        self.with_body(record, |_, _, body| Ok(body.to_vec()))
    }

    fn with_body<T>(
        &self,
        record: &[u8],
        work: impl FnOnce(u8, Uuid, &[u8]) -> Result<T, String>,
    ) -> Result<T, String> {
        let (header, frame) = record
            .split_first_chunk::<HEADER_LENGTH>()
            .ok_or("shorter than its header")?;
        let [version, number, flags, id @ ..] = *header;
        if version != VERSION {
            return Err(format!("version {version} of a statement is not known"));
        }
        let dictionary = match self.find(number) {
            None if number != 0 => return Err(format!("dictionary {number} is not known")),
            found => found,
        };
        let length = zstd_safe::get_frame_content_size(frame)
            .ok()
            .flatten()
            .filter(|&length| length <= BODY_BYTES_MAX)
            .ok_or("the frame has no length")?;
        CONTEXTS.with_borrow_mut(|contexts| {
            let mut body = std::mem::take(&mut contexts.body);
            body.clear();
            body.reserve(length as usize);
            let inflated = contexts
                .decompressor(dictionary)
                .and_then(|decompressor| decompressor.decompress_to_buffer(frame, &mut body));
            let worked = match inflated {
                Ok(_) => work(flags, Uuid::from_bytes(id), &body),
                Err(error) => Err(format!("cannot be inflated: {error}")),
            };
            contexts.body = body;
            contexts.forget_large();
            worked
        })
    }
}

/// Puts what is compressed into `body`; true when the id was cut out of the text.
fn put_body(content: &ContentRef<'_>, body: &mut Vec<u8>) -> bool {
    let mut id_text = [0; 36];
    let id_text: &str = content.id.hyphenated().encode_lower(&mut id_text);
    let cut = content
        .text
        .find(id_text)
        .and_then(|place| u32::try_from(place).ok());
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
    cut.is_some()
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

fn flags(content: &ContentRef<'_>) -> u8 {
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
