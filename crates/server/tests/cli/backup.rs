//! `tessera backup` and `tessera restore`: of a server that is being written to, of one that is killed, and without one.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

use super::{KEY, SECRET, Server, check_fails, check_works, directory, request, tessera};

const WRITERS: usize = 4;

fn id(writer: usize, n: usize) -> String {
    format!("{writer:08x}-0000-4000-8000-{n:012x}")
}

/// Puts one statement; true when it was acknowledged.
fn put(address: std::net::SocketAddr, id: &str) -> bool {
    let path = format!("/xapi/statements?statementId={id}");
    request(address, "PUT", &path, KEY, SECRET, super::STATEMENT).0 == 204
}

fn has(server: &Server, id: &str) -> bool {
    let path = format!("/xapi/statements?statementId={id}");
    server.request("GET", &path, KEY, SECRET, "").0 == 200
}

fn text(path: &Path) -> &str {
    path.to_str().expect("temporary paths are text")
}

/// A file of a backup that other backups can share.
fn shared_file(backups: &Path) -> PathBuf {
    let mut entries = std::fs::read_dir(backups.join("shared_checksum")).expect("it is there");
    entries
        .next()
        .expect("there is a file")
        .expect("it is read")
        .path()
}

#[test]
fn a_backup_of_a_server_under_load_has_what_was_acknowledged_before() {
    let directory = directory();
    let data = directory.path().join("data");
    let server = Server::bootstrapped(&data);
    let stop = AtomicBool::new(false);
    let acknowledged: Vec<_> = std::iter::repeat_with(|| std::sync::Mutex::new(0))
        .take(WRITERS)
        .collect();
    let before: Vec<usize> = std::thread::scope(|scope| {
        for (writer, count) in acknowledged.iter().enumerate() {
            let (address, stop) = (server.address, &stop);
            scope.spawn(move || {
                for n in 0.. {
                    if stop.load(Ordering::SeqCst) {
                        return;
                    }
                    assert!(put(address, &id(writer, n)), "it is stored");
                    *count.lock().expect("nobody panicked") = n + 1;
                }
            });
        }
        while acknowledged
            .iter()
            .any(|count| *count.lock().expect("nobody panicked") < 20)
        {
            std::thread::yield_now();
        }
        check_works(&data, &["backup", "backups"]);
        let before = acknowledged
            .iter()
            .map(|count| *count.lock().expect("nobody panicked"))
            .collect();
        // A relative path is the shell's.
        let told = check_works(&data, &["backup", "backups", "--keep", "1"]);
        stop.store(true, Ordering::SeqCst);
        assert!(told.starts_with("backup 2: "), "{told}");
        assert!(told.contains("removed: 1\n"), "{told}");
        before
    });
    let listed = check_works(&data, &["backup", "list", "backups"]);
    assert_eq!(listed.lines().count(), 2, "{listed}");
    assert!(
        listed.contains("\n2 ") && listed.contains("whole"),
        "{listed}"
    );
    let checked = check_works(&data, &["backup", "check", "backups"]);
    assert!(checked.starts_with("backup 2: "), "{checked}");
    check_fails(&data, &["restore", "backups"], &["not empty"]);
    let told = check_works(&data, &["restore", "backups", "--to", "restored"]);
    assert!(told.contains("all is well\nbackup 2: "), "{told}");
    drop(server);

    // Its keys are the backup's, not the configuration's.
    let restored = Server::start(&directory.path().join("restored"), &[]);
    for (writer, count) in before.iter().enumerate() {
        let missing = (0..*count).find(|&n| !has(&restored, &id(writer, n)));
        assert_eq!(missing, None, "of {count} by writer {writer}");
    }
}

#[test]
fn without_a_server_the_command_does_it_and_damage_stops_a_restore() {
    let directory = directory();
    let data = directory.path().join("data");
    let backups = directory.path().join("backups");
    let nothing = ["backup", text(&backups)];
    check_fails(&data, &nothing, &["there is no store"]);
    let server = Server::bootstrapped(&data);
    assert!(put(server.address, &id(0, 0)));
    server.stop("TERM");
    check_fails(&data, &["backup"], &["DIR"]);
    check_fails(&data, &["backup", "backups", "--keep", "0"], &["--keep"]);
    check_fails(
        &data,
        &["backup", "data/backups"],
        &["in the data directory"],
    );
    check_fails(
        &data,
        &["backup", "list", "backups"],
        &["there are no backups"],
    );
    check_works(&data, &["backup", "backups"]);

    let file = shared_file(&backups);
    let name = text(Path::new(file.file_name().expect("it is a file")));
    let whole = std::fs::read(&file).expect("it is read");
    let mut flipped = whole.clone();
    flipped[whole.len() / 2] ^= 1;
    std::fs::write(&file, flipped).expect("it is written");
    for command in [
        &["backup", "check", "backups"][..],
        &["restore", "backups", "--to", "restored"],
        &["restore", "backups", "--to", "restored", "--no-verify"],
    ] {
        check_fails(&data, command, &["is damaged at", name]);
    }
    assert!(!directory.path().join("restored").exists());
    std::fs::write(&file, whole).expect("it is written");

    // After the loss of the data directory.
    std::fs::rename(&data, directory.path().join("lost")).expect("it is moved");
    check_fails(
        &data,
        &["restore", "backups", "--backup", "9"],
        &["no backup 9"],
    );
    let told = check_works(&data, &["restore", "backups"]);
    assert!(told.contains(text(&data)), "{told}");
    let server = Server::start(&data, &[]);
    assert!(has(&server, &id(0, 0)));
}

#[test]
fn a_server_killed_while_it_makes_a_backup_harms_neither_backups_nor_store() {
    let directory = directory();
    let data = directory.path().join("data");
    let backups = directory.path().join("backups");
    let server = Server::bootstrapped(&data);
    assert!(put(server.address, &id(0, 0)));
    check_works(&data, &["backup", "backups"]);
    drop(server);
    for n in 1..6 {
        let server = Server::start(&data, &[]);
        assert!(put(server.address, &id(0, n)));
        let mut asked = tessera(&data, &["backup", "backups"])
            .stdout(std::process::Stdio::null())
            .stderr(std::process::Stdio::null())
            .spawn()
            .expect("the binary runs");
        // At another moment each time: before it begins, within, after it has ended.
        while asked.try_wait().expect("it is a child").is_none() {
            let private = std::fs::read_dir(backups.join("private")).map_or(0, Iterator::count);
            if private > n {
                break;
            }
            std::thread::yield_now();
        }
        server.signal("KILL");
        asked.wait().expect("it is a child");
        drop(server);
    }
    let told = check_works(&data, &["backup", "backups"]);
    check_works(
        &data,
        &["restore", "backups", "--backup", "1", "--to", "first"],
    );
    check_works(&data, &["restore", "backups", "--to", "last"]);
    let last = Server::start(&directory.path().join("last"), &[]);
    assert!((0..6).all(|n| has(&last, &id(0, n))), "{told}");
    let first = Server::start(&directory.path().join("first"), &[]);
    assert!(has(&first, &id(0, 0)) && !has(&first, &id(0, 1)));
}
