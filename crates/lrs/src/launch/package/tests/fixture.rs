//! Archives made byte by byte, or by a library that is not the one that reads them; a store to put them into.

use std::fs::File;
use std::io::{Cursor, Seek as _, Write as _};
use std::sync::Arc;
use std::time::Duration;

use storage::{Durability, Options, Store, Tenant};
use tempfile::TempDir;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use crate::Error;
use crate::launch::package::{Limits, Package, Source, check, receive};

pub(super) const TENANT: Tenant = Tenant::DEFAULT;

pub(super) struct World {
    pub(super) store: Arc<Store>,
    _directory: TempDir,
}

impl World {
    pub(super) fn new() -> Self {
        let directory = tempfile::tempdir().expect("a temporary directory");
        let options = Options {
            durability: Durability::Unsynced,
            ..Options::default()
        };
        let store = Store::open(directory.path(), options).expect("a store");
        Self {
            store: Arc::new(store),
            _directory: directory,
        }
    }

    pub(super) fn receive(&self, bytes: &[u8], limits: &Limits) -> Result<Package, Error> {
        receive(&self.store, TENANT, Source::Zip(spooled(bytes)), limits)
    }

    /// Uploads that no commit has named, which are gone after that.
    pub(super) fn leftovers(&self) -> usize {
        std::thread::sleep(Duration::from_micros(1));
        let swept = self.store.sweep_uploads(Duration::ZERO);
        swept.expect("the store can be read")
    }

    /// `requirement pointer` of each finding; nothing stays in the store, and a dry run finds the same.
    #[track_caller]
    pub(super) fn refused(&self, bytes: &[u8], limits: &Limits) -> Vec<String> {
        let told = told(self.receive(bytes, limits).map(drop));
        assert_eq!(self.leftovers(), 0, "something stays in the store");
        let dry = check(Source::Zip(spooled(bytes)), limits).map(drop);
        assert_eq!(self::told(dry), told);
        told
    }
}

/// The file that the server makes of a body, its cursor where writing ended.
pub(super) fn spooled(bytes: &[u8]) -> File {
    let mut file = tempfile::tempfile().expect("a temporary file");
    file.write_all(bytes).expect("the disk takes it");
    assert_eq!(file.stream_position().ok(), Some(bytes.len() as u64));
    file
}

#[track_caller]
pub(super) fn told(refused: Result<(), Error>) -> Vec<String> {
    let Err(Error::Violations(violations)) = refused else {
        panic!("not refused for what it is: {refused:?}");
    };
    assert!(!violations.is_empty());
    violations
        .iter()
        .map(|violation| format!("{} {}", violation.requirement, violation.pointer))
        .collect()
}

/// A structure with an AU at each of these URLs.
pub(super) fn structure(urls: &[&str]) -> String {
    let texts = "<title><langstring lang=\"en\">T</langstring></title>\
                 <description><langstring lang=\"en\">D</langstring></description>";
    let aus: String = urls
        .iter()
        .enumerate()
        .map(|(n, url)| {
            format!("<au id=\"https://x.example/au/{n}\">{texts}<url>{url}</url></au>\n")
        })
        .collect();
    format!(
        "<courseStructure xmlns=\"https://w3id.org/xapi/profiles/cmi5/v1/CourseStructure.xsd\">\n\
         <course id=\"https://x.example/c\">{texts}</course>\n{aus}</courseStructure>"
    )
}

/// An archive by the library, deflated, with a structure that leads to `index.html`.
pub(super) fn package(files: &[(&str, &[u8])]) -> Vec<u8> {
    let deflated = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
    package_with(files, deflated)
}

pub(super) fn package_with(files: &[(&str, &[u8])], options: SimpleFileOptions) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    let structure = structure(&["index.html"]);
    let own: [(&str, &[u8]); 2] = [("cmi5.xml", structure.as_bytes()), ("index.html", b"<p>")];
    for (name, content) in own.iter().chain(files) {
        writer.start_file(*name, options).expect("a new entry");
        writer.write_all(content).expect("memory takes it");
    }
    writer.finish().expect("an archive").into_inner()
}

/// An entry, byte by byte. The defaults are a stored file.
#[derive(Clone)]
pub(super) struct Raw {
    pub(super) name: Vec<u8>,
    pub(super) packed: Vec<u8>,
    pub(super) flags: u16,
    pub(super) method: u16,
    pub(super) crc: u32,
    pub(super) unpacked: u32,
    /// Unix file type and permissions.
    pub(super) mode: u32,
    /// Where the directory says that its header is, if not where it is.
    pub(super) at: Option<u32>,
}

pub(super) fn stored(name: &str, content: &[u8]) -> Raw {
    Raw {
        name: name.as_bytes().to_vec(),
        packed: content.to_vec(),
        flags: 0,
        method: 0,
        crc: rawzip::crc32(content),
        unpacked: u32::try_from(content.len()).expect("it is small"),
        mode: 0,
        at: None,
    }
}

pub(super) fn deflated(name: &str, content: &[u8]) -> Raw {
    let mut encoder = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(content).expect("memory takes it");
    Raw {
        packed: encoder.finish().expect("memory takes it"),
        method: 8,
        ..stored(name, content)
    }
}

/// Its structure and `index.html`, with further entries.
pub(super) fn raw_package(more: &[Raw]) -> Vec<u8> {
    let mut entries = vec![
        stored("cmi5.xml", structure(&["index.html"]).as_bytes()),
        stored("index.html", b"<p>"),
    ];
    entries.extend_from_slice(more);
    archive(&entries)
}

pub(super) fn archive(entries: &[Raw]) -> Vec<u8> {
    let (mut bytes, directory) = without_end(entries);
    let end = End {
        count: u32::try_from(entries.len()).expect("few"),
        size: u32::try_from(directory.len()).expect("short"),
        offset: u32::try_from(bytes.len()).expect("short"),
    };
    bytes.extend(directory);
    bytes.extend(end.plain());
    bytes
}

/// What the end of an archive says of its directory.
pub(super) struct End {
    pub(super) count: u32,
    pub(super) size: u32,
    pub(super) offset: u32,
}

impl End {
    fn plain(&self) -> Vec<u8> {
        let mut bytes = b"PK\x05\x06\0\0\0\0".to_vec();
        let count = u16::try_from(self.count % (1 << 16)).expect("16 bits");
        bytes.extend([count.to_le_bytes(), count.to_le_bytes()].concat());
        bytes.extend([self.size.to_le_bytes(), self.offset.to_le_bytes()].concat());
        bytes.extend([0, 0]);
        bytes
    }

    /// The zip64 record at `place`, its locator, and an end without any number.
    pub(super) fn zip64(&self, place: u64) -> Vec<u8> {
        let mut bytes = b"PK\x06\x06".to_vec();
        bytes.extend(44_u64.to_le_bytes());
        bytes.extend([45, 3, 45, 0]);
        bytes.extend([0; 8]);
        let numbers = [self.count, self.count, self.size, self.offset];
        bytes.extend(numbers.into_iter().flat_map(|n| u64::from(n).to_le_bytes()));
        bytes.extend(b"PK\x06\x07\0\0\0\0");
        bytes.extend(place.to_le_bytes());
        bytes.extend(1_u32.to_le_bytes());
        bytes.extend(b"PK\x05\x06\0\0\0\0");
        bytes.extend([0xff; 12]);
        bytes.extend([0, 0]);
        bytes
    }
}

/// Files with their headers, and the directory.
pub(super) fn without_end(entries: &[Raw]) -> (Vec<u8>, Vec<u8>) {
    let (mut files, mut directory) = (Vec::new(), Vec::new());
    for entry in entries {
        let at = entry
            .at
            .unwrap_or(u32::try_from(files.len()).expect("short"));
        let mut common = [20, 0].to_vec();
        for number in [entry.flags, entry.method, 0, 0x21] {
            common.extend(number.to_le_bytes());
        }
        let packed = u32::try_from(entry.packed.len()).expect("short");
        for number in [entry.crc, packed, entry.unpacked] {
            common.extend(number.to_le_bytes());
        }
        common.extend(
            u16::try_from(entry.name.len())
                .expect("short")
                .to_le_bytes(),
        );
        common.extend([0, 0]);
        files.extend([b"PK\x03\x04", &common[..], &entry.name, &entry.packed].concat());
        directory.extend([b"PK\x01\x02\x14\x03", &common[..]].concat());
        directory.extend([0; 6]);
        directory.extend((entry.mode << 16).to_le_bytes());
        directory.extend(at.to_le_bytes());
        directory.extend(&entry.name);
    }
    (files, directory)
}
