//! What is accepted, and what is in the store then.

use cmi5::course::package::Place;
use sha2::{Digest as _, Sha256};
use storage::{Batch, Op};
use zip::CompressionMethod;
use zip::write::SimpleFileOptions;

use super::fixture::{
    End, Raw, TENANT, World, archive, deflated, package, package_with, raw_package, spooled,
    stored, structure, told, without_end,
};
use crate::attachment;
use crate::launch::package::{Limits, Package, PackageFile, Source, check, receive};

fn accepted(world: &World, bytes: &[u8]) -> Package {
    let limits = Limits::default();
    let checked = check(Source::Zip(spooled(bytes)), &limits).expect("it is right");
    let package = world.receive(bytes, &limits).expect("it is right");
    assert_eq!(package.structure, checked.structure);
    assert_eq!(package.places, checked.places);
    package
}

fn content(world: &World, file: &PackageFile) -> Vec<u8> {
    let sha2 = attachment::sha2(&file.sha2).expect("hex");
    let batch = Batch {
        tenant: TENANT,
        asserts: Vec::new(),
        ops: vec![Op::PutBlob {
            sha2: sha2.clone(),
            upload: file.upload,
            length: file.length,
        }],
    };
    world.store.commit_blocking(batch).expect("it is named");
    let blob = world.store.blob(TENANT, &sha2).expect("it is read");
    let chunks = blob.expect("it is there");
    chunks
        .flat_map(|chunk| chunk.expect("it is there"))
        .collect()
}

#[test]
fn files_are_in_the_store_and_the_structure_is_none_of_them() {
    let world = World::new();
    let large: Vec<u8> = (0..700_000_u32).flat_map(u32::to_le_bytes).collect();
    let files: [(&str, &[u8]); 4] = [
        ("sub/a b.html", b"a"),
        ("empty", b""),
        ("sub/cmi5.xml", b"x"),
        ("large.bin", &large),
    ];
    let package = accepted(&world, &package(&files));
    assert_eq!(package.places, [Place::Entry("index.html".to_owned())]);
    let paths: Vec<&str> = package.files.iter().map(|file| &*file.path).collect();
    assert_eq!(
        paths,
        [
            "index.html",
            "sub/a b.html",
            "empty",
            "sub/cmi5.xml",
            "large.bin"
        ]
    );
    for (file, (_, expected)) in package.files.iter().skip(1).zip(files) {
        assert_eq!(file.length, expected.len() as u64);
        assert_eq!(file.sha2, hex::encode(Sha256::digest(expected)));
        assert!(content(&world, file) == expected, "{}", file.path);
    }
    assert_eq!(world.leftovers(), 1, "nobody has named `index.html`");
}

#[test]
fn a_package_can_be_discarded() {
    let world = World::new();
    let package = accepted(&world, &package(&[("a", b"a"), ("b", b"b")]));
    let kept = package.files[1].clone();
    assert_eq!(content(&world, &kept), b"a");
    package.discard(&world.store, TENANT);
    assert_eq!(world.leftovers(), 0);
    assert_eq!(content(&world, &kept), b"a", "a commit has named it");
}

#[test]
fn directories_are_names_alone_and_names_may_be_of_the_old_code_page() {
    let world = World::new();
    let old = Raw {
        name: b"\x81ber/\x9a.html".to_vec(),
        ..stored("", b"x")
    };
    let structure = structure(&["%C3%BCber/%C3%9C.html"]);
    let entries = [
        stored("cmi5.xml", structure.as_bytes()),
        deflated("über/", b""),
        old,
    ];
    let package = accepted(&world, &archive(&entries));
    assert_eq!(package.places, [Place::Entry("über/Ü.html".to_owned())]);
    assert_eq!(package.files.len(), 1);
}

#[test]
fn many_entries_and_those_of_zip64() {
    let world = World::new();
    let names: Vec<String> = (0..5_000).map(|n| format!("pages/{n}.html")).collect();
    let files: Vec<(&str, &[u8])> = names
        .iter()
        .map(|name| (name.as_str(), name.as_bytes()))
        .collect();
    assert_eq!(accepted(&world, &package(&files)).files.len(), 5_001);

    for method in [CompressionMethod::Stored, CompressionMethod::Deflated] {
        let zip64 = SimpleFileOptions::default()
            .compression_method(method)
            .large_file(true);
        let package = accepted(&world, &package_with(&[("a", b"abc")], zip64));
        assert_eq!(content(&world, &package.files[1]), b"abc");
    }

    let entries = [
        stored("cmi5.xml", structure(&["a"]).as_bytes()),
        stored("a", b"abc"),
    ];
    let (mut bytes, directory) = without_end(&entries);
    let end = End {
        count: 2,
        size: u32::try_from(directory.len()).expect("short"),
        offset: u32::try_from(bytes.len()).expect("short"),
    };
    bytes.extend(directory);
    bytes.extend(end.zip64(bytes.len() as u64));
    let package = accepted(&world, &bytes);
    assert_eq!(content(&world, &package.files[0]), b"abc");
}

#[test]
fn a_bare_structure_has_places_elsewhere_alone() {
    let world = World::new();
    let limits = Limits::default();
    let bare = |urls: &[&str]| {
        let text = structure(urls);
        let source = || Source::Xml(text.as_bytes());
        let checked = check(source(), &limits).map(|checked| checked.places);
        let received = receive(&world.store, TENANT, source(), &limits);
        match (checked, received) {
            (Ok(places), Ok(package)) => {
                assert_eq!(package.places, places);
                assert_eq!(package.files, []);
                Ok(places)
            }
            (Err(checked), Err(received)) => {
                let found = told(Err(checked));
                assert_eq!(told(Err(received)), found);
                Err(found)
            }
            (checked, received) => panic!("{checked:?} and {received:?}"),
        }
    };
    assert_eq!(
        bare(&["https://x.example/", "app://x"]),
        Ok(vec![Place::Elsewhere; 2])
    );
    assert_eq!(
        bare(&["a.html", "https://x.example/", "b.html"]),
        Err(vec![
            "14.2.0.0-1 /courseStructure/au[1]/url".to_owned(),
            "14.2.0.0-1 /courseStructure/au[3]/url".to_owned(),
        ])
    );
    assert_eq!(
        bare(&[]),
        Err(vec!["13.2.0.0-1 /courseStructure".to_owned()])
    );
}

#[test]
fn warnings_come_with_what_is_accepted() {
    let world = World::new();
    let foreign = "</url><v:weight xmlns:v=\"urn:v\"/>";
    let odd = structure(&["a"]).replace("</url>", foreign);
    let entries = [stored("cmi5.xml", odd.as_bytes()), stored("a", b"")];
    let package = accepted(&world, &archive(&entries));
    assert_eq!(package.warnings.len(), 1, "{:?}", package.warnings);
    assert_eq!(package.warnings[0].requirement, "13.1.5.0-1");
    let detail = package.warnings[0].detail.as_deref().unwrap_or_default();
    assert!(detail.starts_with("line 3, column "), "{detail}");
    assert_eq!(accepted(&world, &raw_package(&[])).warnings, []);
}
