use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;

use super::*;
use crate::client::Endpoint;
use crate::scenario::session::Sequence;

/// A server on a thread of its own that answers 200 on so many connections, one after the other, and says how many
/// requests came.
fn server(connections: usize) -> (Target, thread::JoinHandle<usize>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
    let address = listener.local_addr().expect("it is bound");
    let served = thread::spawn(move || {
        let mut requests = 0;
        for _ in 0..connections {
            let (stream, _) = listener.accept().expect("somebody connects");
            let mut lines = BufReader::new(stream.try_clone().expect("it is open")).lines();
            while let Some(Ok(line)) = lines.next() {
                if line.is_empty() {
                    requests += 1;
                    (&stream)
                        .write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
                        .expect("the client waits for it");
                }
            }
        }
        requests
    });
    let endpoint = Endpoint {
        url: format!("http://{address}"),
        key: String::new(),
        secret: String::new(),
    };
    (Target::new(&endpoint).expect("it is a URL"), served)
}

fn work(target: &Target, statuses: &[u16]) -> Vec<Box<dyn Work>> {
    let request = target.request("GET", "/", &[], None);
    let requests = statuses.iter().map(|status| (request.clone(), *status));
    vec![Box::new(Sequence::new(requests.collect()))]
}

#[test]
fn work_is_done_to_its_end_and_counted() {
    let (target, served) = server(1);
    let works = work(&target, &[200; 25]);
    let plan = Plan::to_the_end(Pace::Closed);
    let outcome = run(&target, works, &plan, None).expect("the server answers");
    assert_eq!(served.join().expect("it ended"), 25);
    assert_eq!(outcome.requests, 25);
    assert_eq!(outcome.latency.len(), 25);
    assert!(outcome.failure.is_none());
}

#[test]
fn an_answer_that_is_not_as_wanted_is_refused_and_no_latency() {
    let (target, _served) = server(1);
    let works = work(&target, &[200, 404, 200]);
    let plan = Plan::to_the_end(Pace::Closed);
    let outcome = run(&target, works, &plan, None).expect("the server answers");
    assert_eq!(outcome.requests, 2);
    assert_eq!(outcome.refused, BTreeMap::from([(200, 1)]));
    assert_eq!(outcome.failure.as_deref(), Some("200 instead of 404: ok"));
}

#[test]
fn an_open_loop_counts_from_when_a_request_was_due() {
    let (target, _served) = server(1);
    // One connection cannot keep up with ten million a second: what waits for it waits longer and longer.
    let works = work(&target, &[200; 400]);
    let plan = Plan::to_the_end(Pace::Rate(1e7));
    let outcome = run(&target, works, &plan, None).expect("the server answers");
    assert_eq!(outcome.requests, 400);
    let all = outcome.time.as_micros() as u64;
    assert!(outcome.latency.max() > all / 2, "the last was due long ago");
}
