//! Names in an archive, and the entries that AUs are.

use super::fixture::{accepted, au, course, told, with_url};
use crate::course::package::{Entries, Place, places_without_archive};

const NAMES: &[&str] = &[
    "cmi5.xml",
    "index.html",
    "my file.html",
    "100%.html",
    "a+b.html",
    "über.html",
    "sub/",
    "sub/index.htm",
    "sub/a.html",
    "both/index.html",
    "both/index.htm",
    "empty/",
    "sub/cmi5.xml",
];

fn place(url: &str) -> Result<Place, Vec<String>> {
    let structure = accepted(&with_url(url));
    let entries = Entries::read(NAMES).unwrap();
    let places = entries.places(&structure).map_err(|faults| told(&faults))?;
    Ok(places[0].clone())
}

#[test]
fn urls_that_are_entries() {
    for (url, entry) in [
        ("index.html", "index.html"),
        ("./index.html", "index.html"),
        ("index.html?a=1", "index.html"),
        ("index.html#f", "index.html"),
        ("index.html?a=../x#/y", "index.html"),
        ("my%20file.html", "my file.html"),
        ("my file.html", "my file.html"),
        ("100%25.html", "100%.html"),
        ("a+b.html", "a+b.html"),
        ("über.html", "über.html"),
        ("%C3%BCber.html", "über.html"),
        ("sub/", "sub/index.htm"),
        ("sub/?a=1", "sub/index.htm"),
        ("both/", "both/index.html"),
        ("sub/../index.html", "index.html"),
        ("sub/%2e%2e/%69ndex.html", "index.html"),
        ("sub/.", "sub/index.htm"),
        ("both/../sub/..", "index.html"),
        ("?a=1", "index.html"),
        ("#f", "index.html"),
        (".", "index.html"),
        ("sub/cmi5.xml", "sub/cmi5.xml"),
    ] {
        assert_eq!(place(url), Ok(Place::Entry(entry.to_owned())), "{url}");
    }
    for url in ["https://example.com/index.html", "x+y://a"] {
        assert_eq!(place(url), Ok(Place::Elsewhere), "{url}");
    }
}

#[test]
fn urls_that_are_no_entries() {
    for url in [
        "other.html",
        "Index.html",
        "index.html/",
        "/index.html",
        "//host/index.html",
        "///index.html",
        "../index.html",
        "sub/../../index.html",
        "%2e%2e/index.html",
        "..",
        "sub",
        "sub//index.htm",
        "sub%2Findex.htm",
        "sub%5Cindex.htm",
        "sub\\index.htm",
        "a%00.html",
        "%FF.html",
        "empty/",
        "my%2520file.html",
        "cmi5.xml",
        "./cmi5.xml?a",
    ] {
        let expected = vec!["14.1.0.0-4 /courseStructure/au[1]/url".to_owned()];
        assert_eq!(place(url), Err(expected), "{url}");
    }
}

#[test]
fn all_missing_entries_at_once() {
    let urls = ["index.html", "x.html", "https://example.com/", "y.html"];
    let aus: String = urls
        .iter()
        .zip(0..)
        .map(|(url, n)| au(n, "", url, ""))
        .collect();
    let structure = accepted(&course(&aus));
    let entries = Entries::read(NAMES).unwrap();
    let faults = entries.places(&structure).unwrap_err();
    assert_eq!(
        told(&faults),
        [
            "14.1.0.0-4 /courseStructure/au[2]/url",
            "14.1.0.0-4 /courseStructure/au[4]/url"
        ]
    );
    let faults = places_without_archive(&structure).unwrap_err();
    assert_eq!(
        told(&faults),
        [1, 2, 4].map(|n| format!("14.2.0.0-1 /courseStructure/au[{n}]/url"))
    );
}

#[test]
fn without_an_archive_urls_are_qualified() {
    for url in ["index.html", "//host/a", "/abs", "?a=1", "#f"] {
        let faults = places_without_archive(&accepted(&with_url(url))).unwrap_err();
        assert_eq!(
            told(&faults),
            ["14.2.0.0-1 /courseStructure/au[1]/url"],
            "{url}"
        );
    }
    for url in ["https://example.com/", "app://x"] {
        let places = places_without_archive(&accepted(&with_url(url)));
        assert_eq!(places.unwrap(), [Place::Elsewhere]);
    }
}

#[test]
fn names_that_lead_out() {
    for name in [
        "../x", "a/../x", "a/..", "/x", "//x", "\\x", "a\\b", "..\\x", "C:\\x", "C:x", "C:/x",
        "a\0", "a\n", "a//b", "", "/", "a//", "./a", "a/./b", ".", "..", "\u{85}",
    ] {
        let faults = Entries::read(&["cmi5.xml", name, "index.html"]).unwrap_err();
        assert_eq!(faults.len(), 1, "{name:?}");
        assert_eq!(faults[0].violation.requirement, "14.1.0.0-2");
        assert!(!faults[0].violation.pointer.contains(char::is_control));
    }
    for name in [
        "a",
        "a/",
        "...",
        "..a",
        "a..",
        "a/b/c",
        ".htaccess",
        "ü😀",
        "ab:c",
        "1/2",
    ] {
        assert!(Entries::read(&["cmi5.xml", name]).is_ok(), "{name:?}");
    }
    let faults = Entries::read(&["../x", "a\\b"]).unwrap_err();
    assert_eq!(
        told(&faults),
        ["14.1.0.0-2 ../x", "14.1.0.0-2 a\\b", "14.1.0.0-2 cmi5.xml"]
    );
}

#[test]
fn the_structure_lies_at_the_root() {
    for names in [
        &[][..],
        &["CMI5.xml"],
        &["a/cmi5.xml"],
        &["cmi5.xml/"],
        &["cmi5.xml.txt"],
    ] {
        let faults = Entries::read(names).unwrap_err();
        assert_eq!(told(&faults), ["14.1.0.0-2 cmi5.xml"], "{names:?}");
    }
    assert_eq!(
        Entries::read(&["a", "Cmi5.XML"]).unwrap_err()[0]
            .violation
            .got,
        "Cmi5.XML"
    );
    let twice = Entries::read(&["cmi5.xml", "a/", "a/", "b", "b"]).unwrap_err();
    assert_eq!(told(&twice), ["14.1.0.0-1 b"]);
}
