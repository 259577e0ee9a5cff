//! What is refused, and by which requirement.

use super::fixture::{
    Raw, World, archive, deflated, package, raw_package, stored, structure, told,
};
use crate::Error;
use crate::launch::package::{Limits, Source, check};

/// Findings of an archive with these entries besides its structure and `index.html`.
#[track_caller]
fn refused(more: &[Raw]) -> Vec<String> {
    World::new().refused(&raw_package(more), &Limits::default())
}

#[test]
fn what_is_no_archive() {
    let world = World::new();
    let limits = Limits::default();
    let whole = package(&[("a", b"aaaa")]);
    for bytes in [&b""[..], b"garbage", &[0; 70_000], b"PK\x03\x04"] {
        assert_eq!(
            world.refused(bytes, &limits),
            ["14.1.0.0-1 "],
            "{} bytes",
            bytes.len()
        );
    }
    let trailed = [&whole[..], b"\r\n--boundary--"].concat();
    assert_eq!(world.refused(&trailed, &limits), ["14.1.0.0-1 "]);
    let shifted = world.refused(&whole[1..], &limits);
    assert_eq!(
        shifted,
        ["cmi5.xml", "index.html", "a"].map(|name| format!("14.1.0.0-1 {name}"))
    );
    assert!(world.receive(&whole, &limits).is_ok());
}

#[test]
fn an_archive_cut_off_anywhere() {
    let whole = raw_package(&[deflated("a", &[7; 500]), stored("b", b"content")]);
    let limits = Limits::default();
    for length in 0..whole.len() {
        let cut = check(
            Source::Zip(super::fixture::spooled(&whole[..length])),
            &limits,
        );
        assert_eq!(told(cut.map(drop)), ["14.1.0.0-1 "], "{length} bytes");
    }
}

#[test]
fn names_that_lead_out_or_come_twice() {
    for name in [
        "../x", "a/../x", "/x", "C:/x", "a\\b", "a//b", "a\0b", "./a",
    ] {
        let found = refused(&[stored(name, b"x")]);
        assert_eq!(found.len(), 1, "{name}");
        assert!(found[0].starts_with("14.1.0.0-2 "), "{found:?}");
    }
    let twice = [stored("a", b"1"), stored("a", b"2")];
    assert_eq!(refused(&twice), ["14.1.0.0-1 a"]);
    let structures = refused(&[stored("cmi5.xml", b"")]);
    assert_eq!(structures, ["14.1.0.0-1 cmi5.xml"]);
    let no_utf8 = Raw {
        name: b"\xff.html".to_vec(),
        flags: 1 << 11,
        ..stored("", b"")
    };
    assert_eq!(refused(&[no_utf8]), ["14.1.0.0-1 \u{fffd}.html"]);
}

#[test]
fn a_structure_that_is_missing_or_wrong() {
    let world = World::new();
    let limits = Limits::default();
    let elsewhere = [stored("sub/cmi5.xml", b"x"), stored("CMI5.XML", b"x")];
    assert_eq!(
        world.refused(&archive(&elsewhere), &limits),
        ["14.1.0.0-2 cmi5.xml"]
    );
    let wrong = archive(&[stored("cmi5.xml", b"<a>\n<b></a>")]);
    assert_eq!(world.refused(&wrong, &limits), ["13.2.0.0-1 "]);
    let Err(Error::Violations(found)) = world.receive(&wrong, &limits) else {
        panic!("it is refused");
    };
    let detail = found[0].detail.as_deref().unwrap_or_default();
    assert!(detail.starts_with("line 2, column "), "{detail}");
}

#[test]
fn everything_is_told_at_once_names_first() {
    let text = structure(&["a.html", "b.html", "../c"]);
    let entries = [
        stored("cmi5.xml", text.as_bytes()),
        Raw {
            flags: 1,
            ..stored("secret", b"x")
        },
        stored("../x", b"x"),
        stored("a.html", b"x"),
        stored("a.html", b"x"),
    ];
    let found = World::new().refused(&archive(&entries), &Limits::default());
    assert_eq!(
        found,
        [
            "14.1.0.0-1 secret",
            "14.1.0.0-2 ../x",
            "14.1.0.0-1 a.html",
            "14.1.0.0-4 /courseStructure/au[2]/url",
            "14.1.0.0-4 /courseStructure/au[3]/url",
        ]
    );
    let wrong = text.replace("<au ", "<au moveOn=\"Never\" ");
    let entries = [stored("cmi5.xml", wrong.as_bytes()), stored("/x", b"")];
    let found = World::new().refused(&archive(&entries), &Limits::default());
    let aus = [1, 2, 3].map(|n| format!("13.2.0.0-1 /courseStructure/au[{n}]/@moveOn"));
    assert_eq!(found, [&["14.1.0.0-2 /x".to_owned()][..], &aus].concat());
}

#[test]
fn more_findings_than_are_told_are_counted() {
    let names: Vec<Raw> = (0..10).map(|n| stored(&format!("../{n}"), b"")).collect();
    let mut limits = Limits::default();
    limits.xml.faults_max = 3;
    let found = World::new().refused(&raw_package(&names), &limits);
    assert_eq!(found.len(), 4);
    assert_eq!(found[3], "14.1/limit ");
}

#[test]
fn entries_that_cannot_be_read() {
    let file = || stored("x", b"content");
    for wrong in [
        Raw { flags: 1, ..file() },
        Raw {
            flags: 1 | 1 << 6,
            ..file()
        },
        Raw {
            flags: 1 << 13,
            ..file()
        },
        Raw {
            method: 9,
            ..file()
        },
        Raw {
            method: 12,
            ..file()
        },
        Raw {
            method: 93,
            ..file()
        },
        Raw {
            mode: 0o120_777,
            ..file()
        },
        Raw {
            mode: 0o020_666,
            ..file()
        },
        Raw {
            mode: 0o040_755,
            ..file()
        },
        Raw {
            unpacked: 6,
            ..file()
        },
        Raw {
            unpacked: 8,
            ..file()
        },
        Raw { crc: 1, ..file() },
        Raw {
            crc: 1,
            ..deflated("x", b"content")
        },
        Raw {
            unpacked: 6,
            ..deflated("x", b"content")
        },
        Raw {
            unpacked: 8,
            ..deflated("x", b"content")
        },
        Raw {
            method: 8,
            ..file()
        },
        Raw {
            packed: Vec::new(),
            method: 8,
            ..file()
        },
        // Its header is another's, nothing's, or behind the end.
        Raw {
            at: Some(0),
            ..file()
        },
        Raw {
            at: Some(1),
            ..file()
        },
        Raw {
            at: Some(u32::MAX - 1),
            ..file()
        },
    ] {
        assert_eq!(refused(&[wrong]), ["14.1.0.0-1 x"]);
    }
    let regular = Raw {
        mode: 0o100_644,
        ..file()
    };
    let package = World::new().receive(&raw_package(&[regular]), &Limits::default());
    assert!(package.is_ok(), "{package:?}");
}

#[test]
fn every_broken_content_is_told() {
    let broken = |name: &str| Raw {
        crc: 1,
        ..stored(name, b"x")
    };
    let found = refused(&[broken("a"), stored("b", b"x"), broken("c")]);
    assert_eq!(found, ["14.1.0.0-1 a", "14.1.0.0-1 c"]);
    let structure = Raw {
        crc: 1,
        ..stored("cmi5.xml", structure(&["a"]).as_bytes())
    };
    let found = World::new().refused(&archive(&[structure, broken("a")]), &Limits::default());
    assert_eq!(found, ["14.1.0.0-1 cmi5.xml"]);
}
