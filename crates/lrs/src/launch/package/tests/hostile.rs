//! Archives that would take more than they may.

use std::time::{Duration, Instant};

use super::fixture::{Raw, World, deflated, package, raw_package, spooled, stored};
use crate::launch::package::Limits;
use crate::launch::package::archive::Archive;
use crate::launch::package::contents::{Failed, Reading};
use crate::launch::package::finding::Findings;

const MIB: usize = 1024 * 1024;

/// Limits under which ten megabytes of zeros are too much, by this rule alone.
fn with(change: impl FnOnce(&mut Limits)) -> Limits {
    let mut limits = Limits {
        ratio_max: 100_000,
        ..Limits::default()
    };
    change(&mut limits);
    limits
}

fn zeros() -> Vec<u8> {
    vec![0; 10 * MIB]
}

/// Says that it is longer or shorter than it is.
fn lying(name: &str, content: &[u8], unpacked: u32) -> Raw {
    Raw {
        unpacked,
        ..deflated(name, content)
    }
}

#[test]
fn bombs_that_say_what_they_are() {
    let world = World::new();
    let bomb = raw_package(&[deflated("bomb", &zeros())]);
    assert!(world.receive(&bomb, &with(|_| {})).is_ok());
    for (limits, pointer) in [
        (with(|limits| limits.file_bytes_max = 1 << 20), "bomb"),
        (with(|limits| limits.unpacked_bytes_max = 1 << 20), ""),
        (with(|limits| limits.ratio_max = 100), "bomb"),
    ] {
        world.leftovers();
        let began = Instant::now();
        let found = world.refused(&bomb, &limits);
        assert!(
            found.contains(&format!("14.1/limit {pointer}")),
            "{found:?}"
        );
        assert!(began.elapsed() < Duration::from_secs(1));
    }
}

#[test]
fn what_comes_out_is_counted_whatever_the_directory_says() {
    let bomb = raw_package(&[deflated("bomb", &zeros())]);
    let loose = with(|_| {});
    for limits in [
        with(|limits| limits.file_bytes_max = 1 << 20),
        with(|limits| limits.unpacked_bytes_max = 1 << 20),
        with(|limits| limits.ratio_max = 100),
    ] {
        let opened = Archive::open(spooled(&bomb), &loose, &mut Findings::new(&loose));
        let archive = opened.expect("it is right by loose limits");
        let entry = archive.files().last().expect("the bomb");
        let mut taken = 0;
        let read = Reading::new(&archive, &limits).whole(&archive, entry, |piece| {
            taken += piece.len();
            Ok(())
        });
        assert!(matches!(read, Err(Failed::TooMuch(_))));
        assert!((MIB / 2..=MIB + 64 * 1024).contains(&taken), "{taken}");
    }
}

#[test]
fn bombs_that_say_that_they_are_small_or_large() {
    let world = World::new();
    let small = raw_package(&[lying("bomb", &zeros(), 10)]);
    assert_eq!(world.refused(&small, &with(|_| {})), ["14.1.0.0-1 bomb"]);
    let large = raw_package(&[lying("bomb", b"x", u32::MAX - 1)]);
    let found = world.refused(&large, &Limits::default());
    assert!(found.contains(&"14.1/limit bomb".to_owned()), "{found:?}");
}

#[test]
fn small_files_may_be_dense_but_not_many_of_them() {
    let world = World::new();
    let dense = vec![0; MIB];
    assert!(
        world
            .receive(&package(&[("a", &dense)]), &Limits::default())
            .is_err()
    );
    let under = vec![0; MIB / 2];
    let one = package(&[("a", &under)]);
    assert!(world.receive(&one, &Limits::default()).is_ok());
    let names: Vec<String> = (0..20).map(|n| n.to_string()).collect();
    let many: Vec<(&str, &[u8])> = names.iter().map(|n| (n.as_str(), &under[..])).collect();
    world.leftovers();
    let found = world.refused(&package(&many), &Limits::default());
    assert_eq!(found, ["14.1/limit "]);
}

#[test]
fn data_that_are_told_twice() {
    let world = World::new();
    let once = raw_package(&[stored("a", &[1; 1_000])]);
    let at = once
        .windows(4)
        .enumerate()
        .filter(|(_, four)| four == b"PK\x03\x04");
    let at = u32::try_from(at.map(|(at, _)| at).next_back().expect("its header")).expect("short");
    let same = Raw {
        at: Some(at),
        ..stored("b", &[1; 1_000])
    };
    let found = world.refused(
        &raw_package(&[stored("a", &[1; 1_000]), same]),
        &Limits::default(),
    );
    assert_eq!(found, ["14.1.0.0-1 b"]);
    // One header inside of another file's data.
    let inner = raw_package(&[stored("c", b"inner")]);
    let outer = stored("outer", &inner);
    let within = Raw {
        at: Some(at + 35),
        ..stored("cmi5.xml2", b"")
    };
    let found = world.refused(&raw_package(&[outer, within]), &Limits::default());
    assert_eq!(found.len(), 1, "{found:?}");
}

#[test]
fn limits_of_entries_and_paths() {
    let world = World::new();
    let three = package(&[("a/b", b"x")]);
    let entries = |entries_max| with(|limits| limits.entries_max = entries_max);
    assert!(world.receive(&three, &entries(3)).is_ok());
    world.leftovers();
    assert_eq!(world.refused(&three, &entries(2)), ["14.1/limit "]);
    // Its end says fewer than there are.
    let mut lying = three.clone();
    let end = lying.len() - 22;
    lying[end + 8] = 1;
    lying[end + 10] = 1;
    assert_eq!(world.refused(&lying, &entries(2)), ["14.1/limit "]);
    assert_eq!(world.refused(&lying, &entries(3)), ["14.1.0.0-1 "]);

    let long = "p".repeat(495);
    assert!(
        world
            .receive(&package(&[(&long, b"")]), &Limits::default())
            .is_ok()
    );
    world.leftovers();
    let longer = format!("{long}p");
    let found = world.refused(&package(&[(&longer, b"")]), &Limits::default());
    assert_eq!(found.len(), 1);
    assert!(found[0].starts_with("14.1/limit ppp"), "{found:?}");
}

#[test]
fn a_structure_has_limits_of_its_own() {
    let world = World::new();
    let mut limits = Limits::default();
    limits.xml.bytes_max = 100;
    let found = world.refused(&package(&[]), &limits);
    assert_eq!(found, ["14.1/limit cmi5.xml"]);
    let mut limits = Limits::default();
    limits.xml.aus_max = 0;
    assert!(!world.refused(&package(&[]), &limits).is_empty());
}
