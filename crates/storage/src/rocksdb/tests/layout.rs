//! Keys and values as `docs/storage-format.md` shows them.

use super::*;
use crate::error::hex;
use crate::rocksdb::keys::PendingKey;
use crate::rocksdb::values::{self, IdEntry, StoredId};

const PAGE: &str = include_str!("../../../../../docs/storage-format.md");

fn uuid(byte: u8) -> Uuid {
    Uuid::from_bytes([byte; 16])
}

/// What the code writes: family, key, value.
fn samples() -> Vec<(Family, Vec<u8>, Vec<u8>)> {
    let tenant = Tenant(1);
    let seq = Seq(START);
    let (a, b, by) = (uuid(0x11), uuid(0x22), uuid(0x33));
    let stored = StoredId {
        seq,
        voiding: false,
        voided_by: None,
        reference: None,
    };
    let voiding = StoredId {
        voiding: true,
        ..stored
    };
    let voided = StoredId {
        voided_by: Some(by),
        reference: Some(b),
        ..stored
    };
    let entry = |id, entry: IdEntry| (Family::Ids, keys::id(tenant, id).to_vec(), entry.encode());
    let statement = || values::encode_statement(false, &[0xaa, 0xbb, 0xcc]);
    let key = keys::statement(tenant, seq).to_vec();
    let pending = PendingKey {
        tenant,
        arrived: b,
        via: a,
        distance: 2,
    };
    let mut samples = vec![
        (
            Family::Meta,
            keys::META_FORMAT.to_vec(),
            1u32.to_be_bytes().to_vec(),
        ),
        (
            Family::Meta,
            keys::META_LAST_SEQ.to_vec(),
            seq.0.to_be_bytes().to_vec(),
        ),
        (Family::Statements, key.clone(), statement()),
        (Family::Voided, key, statement()),
        entry(a, IdEntry::Stored(stored)),
        entry(a, IdEntry::Stored(voiding)),
        entry(a, IdEntry::Stored(voided)),
        entry(
            b,
            IdEntry::Awaited {
                waiting: 2,
                voided_by: None,
            },
        ),
        entry(
            b,
            IdEntry::Awaited {
                waiting: 3,
                voided_by: Some(by),
            },
        ),
        (
            Family::Terms,
            keys::term(tenant, Term([0x55; 16]), seq).to_vec(),
            vec![0b101],
        ),
        (
            Family::Referrers,
            keys::referrer(tenant, b, seq).to_vec(),
            values::encode_referrer(a).to_vec(),
        ),
        (
            Family::Pending,
            pending.encode().to_vec(),
            values::encode_cursor(seq).to_vec(),
        ),
    ];
    samples.extend(documents(tenant));
    samples.extend(records(tenant));
    samples.extend(rows(tenant));
    let sha2 = Sha2(vec![0x77; 32]);
    samples.extend([
        (
            Family::Blobs,
            keys::blob(tenant, &sha2),
            values::encode_blob(by, 300_000).to_vec(),
        ),
        (
            Family::BlobChunks,
            keys::blob_chunk(tenant, by, 1).to_vec(),
            vec![0xaa, 0xbb, 0xcc],
        ),
        (
            Family::Uploads,
            keys::upload(tenant, by).to_vec(),
            values::encode_upload(START).to_vec(),
        ),
    ]);
    samples
}

fn documents(tenant: Tenant) -> Vec<(Family, Vec<u8>, Vec<u8>)> {
    let activity = "http://example.com/activity".to_owned();
    let agent = "mbox:mailto:a@example.com".to_owned();
    let state = |registration| DocumentFolder::State {
        activity: activity.clone(),
        agent: agent.clone(),
        registration,
    };
    let document = Document {
        content_type: "text/plain".to_owned(),
        content: b"hello".to_vec(),
        etag: [0x66; 20],
        updated: 0,
    };
    [
        state(None),
        state(Some(uuid(0x44))),
        DocumentFolder::ActivityProfile {
            activity: activity.clone(),
        },
        DocumentFolder::AgentProfile {
            agent: agent.clone(),
        },
    ]
    .into_iter()
    .map(|folder| {
        let key = DocumentKey {
            folder,
            id: "bookmark".to_owned(),
        };
        (
            Family::Documents,
            keys::document(tenant, &key),
            values::encode_document(&document, START),
        )
    })
    .collect()
}

fn records(tenant: Tenant) -> [(Family, Vec<u8>, Vec<u8>); 2] {
    let touched = Touched {
        highest: 5,
        at: START,
    };
    [
        (RecordKind::Session, b"value".to_vec()),
        (RecordKind::Touch, touched.encode().to_vec()),
    ]
    .map(|(kind, value)| {
        let key = b"session".to_vec();
        (
            Family::Records,
            keys::record(tenant, &RecordKey { kind, key }),
            values::encode_record(3, &value),
        )
    })
}

fn rows(tenant: Tenant) -> Vec<(Family, Vec<u8>, Vec<u8>)> {
    let seq = Seq(START);
    [
        (Table::Event, RowPlace::Next, b"session".as_slice()),
        (Table::Session, RowPlace::At(seq), b""),
    ]
    .into_iter()
    .flat_map(|(table, place, named)| {
        let term = Term::row(table, "state", named);
        let row = PutRow {
            table,
            place,
            terms: vec![term],
            value: b"value".to_vec(),
            replaces: Vec::new(),
        };
        let key = keys::row(tenant, table, seq).to_vec();
        let term_key = keys::term(tenant, term, seq).to_vec();
        [
            (Family::Rows, key, values::encode_row(&row)),
            (Family::RowTerms, term_key, values::ROW_TERM.to_vec()),
        ]
    })
    .collect()
}

/// The lines of a fenced block, without spaces.
fn block(name: &str) -> Vec<String> {
    let (_, rest) = PAGE
        .split_once(&format!("```{name}\n"))
        .expect("the page has the block");
    let (block, _) = rest.split_once("```").expect("the block ends");
    block.lines().map(|line| line.replace(' ', "")).collect()
}

#[test]
fn the_page_shows_what_is_written() {
    let written: Vec<String> = samples()
        .iter()
        .map(|(family, key, value)| format!("{}:{}=>{}", family.name(), hex(key), hex(value)))
        .collect();
    assert_eq!(written, block("hex"));
}

#[test]
fn the_page_names_every_family() {
    for family in Family::ALL {
        assert!(
            PAGE.contains(&format!("| `{}` |", family.name())),
            "{}",
            family.name()
        );
    }
}

#[test]
fn the_record_on_the_page_is_read() {
    let text = block("record").concat();
    let record: Vec<u8> = (0..text.len() / 2)
        .map(|n| u8::from_str_radix(&text[2 * n..2 * n + 2], 16).expect("the page has hex"))
        .collect();
    let content = Content {
        id: "6690e6c9-3ef0-4ed3-8b37-7f3064bad01a"
            .parse()
            .expect("an id"),
        text: r#"{"id":"6690e6c9-3ef0-4ed3-8b37-7f3064bad01a"}"#.to_owned(),
        authority: r#"{"mbox":"mailto:lrs@example.com"}"#.to_owned(),
        adds: Adds::default(),
        linked_contents: false,
    };
    // Another zstd may compress it otherwise; it must read this.
    assert_eq!(
        Dictionaries::shipped().decode(&record),
        Ok(content.clone()),
        "today's: {}",
        hex(&Dictionaries::shipped().encode(&content.as_ref()))
    );
}

#[test]
fn keys_are_read_back() {
    let (tenant, seq) = (Tenant(1), Seq(START));
    let term = Term([5; 16]);
    assert_eq!(
        keys::parse_statement(&keys::statement(tenant, seq)),
        Some((tenant, seq))
    );
    assert_eq!(
        keys::parse_id(&keys::id(tenant, id(5))),
        Some((tenant, id(5)))
    );
    assert_eq!(
        keys::parse_term(&keys::term(tenant, term, seq)),
        Some((tenant, term, seq))
    );
    assert_eq!(
        keys::parse_referrer(&keys::referrer(tenant, id(5), seq)),
        Some((tenant, id(5), seq))
    );
    let pending = PendingKey {
        tenant,
        arrived: id(5),
        via: id(6),
        distance: 3,
    };
    assert_eq!(PendingKey::parse(&pending.encode()), Some(pending));
    for table in Table::ALL {
        assert_eq!(
            keys::parse_row(&keys::row(tenant, table, seq)),
            Some((tenant, table, seq))
        );
        let mut unknown = keys::row(tenant, table, seq);
        unknown[4] = 99;
        assert_eq!(keys::parse_row(&unknown), None);
    }
    assert_eq!(Touched::decode(&[0; 15]), None);
    assert_eq!(Touched::decode(&[0; 17]), None);
    for length in 0..40 {
        let key = vec![7; length];
        assert_eq!(keys::parse_statement(&key).is_some(), length == 12);
        assert_eq!(keys::parse_id(&key).is_some(), length == 20);
        assert_eq!(keys::parse_term(&key).is_some(), length == 28);
        assert_eq!(keys::parse_referrer(&key).is_some(), length == 28);
        assert_eq!(PendingKey::parse(&key).is_some(), length == 37);
    }
}

#[test]
fn a_prefix_ends_behind_its_last_key() {
    for (prefix, end) in [
        (&[1, 2][..], Some(&[1, 3][..])),
        (&[1, 255], Some(&[2])),
        (&[255, 255], None),
        (&[], None),
    ] {
        assert_eq!(keys::prefix_end(prefix).as_deref(), end);
    }
}

#[test]
fn damaged_values_are_errors() {
    for (family, key, value) in samples() {
        let read = |bytes: &[u8]| match family {
            Family::Ids => IdEntry::decode(bytes).is_ok(),
            Family::Statements | Family::Voided => values::decode_statement(bytes).is_ok(),
            Family::Referrers => values::decode_referrer(bytes).is_ok(),
            Family::Pending | Family::Uploads => values::decode_cursor(bytes).is_ok(),
            Family::Documents => values::decode_document(bytes).is_ok(),
            Family::Records => values::decode_record(bytes).is_ok(),
            Family::Rows => values::decode_row(bytes).is_ok(),
            Family::Blobs => values::decode_blob(bytes).is_ok(),
            Family::Meta | Family::Terms | Family::RowTerms | Family::BlobChunks => bytes == value,
        };
        assert!(read(&value));
        // Content, values and records may have any length; what stands before them must be whole.
        let head = match family {
            Family::Documents => value.len() - b"hello".len(),
            Family::Records => 9,
            Family::Rows => value.len() - b"value".len(),
            Family::Statements | Family::Voided => 2,
            Family::Meta
            | Family::Ids
            | Family::Terms
            | Family::Referrers
            | Family::Pending
            | Family::RowTerms
            | Family::Blobs
            | Family::BlobChunks
            | Family::Uploads => value.len(),
        };
        for length in 0..head {
            assert!(
                !read(&value[..length]),
                "{} {} cut to {length}",
                family.name(),
                hex(&key)
            );
        }
        let newer = [&[2], &value[1..]].concat();
        assert!(!read(&newer), "{} of a newer version", family.name());
    }
}
