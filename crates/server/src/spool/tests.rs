//! Bodies on their way into files.

use std::io::{Read as _, Seek as _};
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;

use actix_web::dev::Payload;
use actix_web::error::PayloadError;
use bytes::Bytes;
use futures_util::stream::{self, Stream};
use lrs::Lrs;
use lrs::credential::Credentials;
use storage::{Clock, Durability, Options, Store};

use super::*;

/// A server on a store of its own, which receives at most so many bytes.
fn server(directory: &std::path::Path, bytes_max: u64) -> Server {
    let options = Options {
        durability: Durability::Unsynced,
        ..Options::default()
    };
    let store = Arc::new(Store::open(directory, options).expect("a store"));
    let settings = lrs::credential::Settings::default();
    let credentials = Credentials::new(Arc::clone(&store), settings, Clock::System);
    let mut config = Config::default();
    config.storage.path = directory.to_owned();
    config.launch.package_bytes_max = bytes_max;
    config.launch.structure_bytes_max = 10;
    config.launch.packages_at_once_max = 2;
    let settings = config.lrs();
    let lrs = std::thread::spawn(move || Lrs::new(store, settings, credentials));
    let lrs = lrs.join().expect("no panic").expect("it can be read");
    Server::new(Arc::new(lrs), &config)
}

fn incoming(server: &Server, pieces: Vec<Result<Bytes, PayloadError>>) -> Incoming {
    let stream: Pin<Box<dyn Stream<Item = _>>> = Box::pin(stream::iter(pieces));
    let payload = Payload::Stream { payload: stream };
    Incoming::new(payload, Rc::new(server.memory.share()))
}

fn pieces(count: usize, length: usize) -> Vec<Result<Bytes, PayloadError>> {
    (0..count)
        .map(|n| {
            Ok(Bytes::from(vec![
                u8::try_from(n % 251).unwrap_or_default();
                length
            ]))
        })
        .collect()
}

#[actix_web::test]
async fn a_body_is_in_the_file_and_the_file_has_no_name() {
    let directory = tempfile::tempdir().expect("a directory");
    let server = server(directory.path(), 5_000_000);
    let names = || {
        let listed = std::fs::read_dir(directory.path()).expect("a directory");
        listed
            .map(|entry| entry.expect("an entry").file_name())
            .filter(|name| !name.to_string_lossy().contains("LOG"))
            .count()
    };
    let before = names();
    let body = incoming(&server, pieces(500, 10_000));
    let spooled = receive(&server, Some("application/zip"), body).await;
    let Ok(Spooled::Zip(SpoolFile { mut file, .. })) = spooled else {
        panic!("it is received: {spooled:?}");
    };
    assert_eq!(names(), before);
    file.rewind().expect("a file");
    let mut read = Vec::new();
    file.read_to_end(&mut read).expect("a file");
    let expected: Vec<u8> = pieces(500, 10_000)
        .into_iter()
        .flatten()
        .flatten()
        .collect();
    assert!(read == expected);
}

#[actix_web::test]
async fn bodies_that_are_too_large_break_off_or_are_something_else() {
    let directory = tempfile::tempdir().expect("a directory");
    let server = server(directory.path(), 1_000);
    let largest = incoming(&server, pieces(10, 100));
    assert!(
        receive(&server, Some("application/zip"), largest)
            .await
            .is_ok()
    );
    let larger = incoming(&server, pieces(11, 100));
    let refused = receive(&server, Some("application/zip"), larger).await;
    assert!(
        matches!(
            refused,
            Err(Refusal::TooLarge {
                bytes_max: 1_000,
                ..
            })
        ),
        "{refused:?}"
    );
    let mut broken = pieces(2, 100);
    broken.push(Err(PayloadError::Incomplete(None)));
    let broken = incoming(&server, broken);
    let refused = receive(&server, Some("application/zip"), broken).await;
    assert!(matches!(refused, Err(Refusal::BrokenOff)), "{refused:?}");
    let larger = incoming(&server, pieces(1, 11));
    let refused = receive(&server, Some("text/xml"), larger).await;
    assert!(
        matches!(refused, Err(Refusal::TooLarge { bytes_max: 10, .. })),
        "{refused:?}"
    );
    let small = incoming(&server, pieces(1, 10));
    let received = receive(&server, Some("text/xml; charset=utf-8"), small).await;
    assert!(matches!(received, Ok(Spooled::Xml(bytes)) if bytes.len() == 10));
}

#[test]
fn content_types_are_a_zip_or_xml_whatever_their_parameters() {
    for (given, expected) in [
        ("application/zip", Some(Kind::Zip)),
        ("Application/X-Zip-Compressed ; a=b", Some(Kind::Zip)),
        ("text/xml", Some(Kind::Xml)),
        ("text/xml;charset=\"utf-8\"", Some(Kind::Xml)),
        ("application/xml", Some(Kind::Xml)),
        ("application/octet-stream", None),
        ("multipart/form-data; boundary=zip", None),
        ("application/zipx", None),
        ("", None),
    ] {
        assert_eq!(Kind::of(Some(given)).ok(), expected, "{given}");
    }
    let refused = Kind::of(None).expect_err("it says nothing");
    assert_eq!(refused.requirement, "14.0.0.0-1");
}

#[actix_web::test]
async fn there_are_so_many_files_at_one_time() {
    let directory = tempfile::tempdir().expect("a directory");
    let server = server(directory.path(), 100);
    let zip = || {
        receive(
            &server,
            Some("application/zip"),
            incoming(&server, pieces(1, 10)),
        )
    };
    let first = zip().await.expect("there is a place");
    let second = zip().await.expect("there is another");
    assert!(matches!(zip().await, Err(Refusal::Overloaded)));
    drop(first);
    let third = zip().await.expect("a place is free again");
    assert!(matches!(zip().await, Err(Refusal::Overloaded)));
    drop((second, third));
    assert!(zip().await.is_ok());
}
