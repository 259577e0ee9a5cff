//! Bad connections: one thread that drives all of them, on sockets that never block.

use std::io::{ErrorKind, Read as _, Write as _};
use std::net::TcpStream;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use super::prepare::Prepared;

const TURN: Duration = Duration::from_millis(100);
const PIECE_BYTES: usize = 16 * 1024;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Connects and says nothing.
    Silent,
    /// A byte of the head each turn.
    SlowHead,
    /// One whole request, then a byte of the next head each turn.
    SlowSecondHead,
    /// Heads of 200 KB, as fast as they go.
    HugeHead,
    /// A document of 1 MiB that stops after 16 KiB.
    StoppedBody,
    /// A document of 1 MiB: 64 KiB at once, then 10 bytes each turn.
    SlowBody,
    /// Chunks for ever, 16 KiB each turn.
    EndlessBody,
    /// Asks for a page of 1,000 statements and takes nothing of it.
    StoppedReader,
    /// Asks for the same and takes 16 bytes each turn.
    SlowReader,
    /// A thousand requests for pages at once, none of which is read.
    Pipelining,
    /// An attachment of 100 MiB, 2 KiB each turn.
    SlowUpload,
    /// Takes an attachment of 100 MiB, 2 KiB each turn.
    SlowDownload,
}

impl Kind {
    pub const ALL: [Kind; 12] = [
        Kind::Silent,
        Kind::SlowHead,
        Kind::SlowSecondHead,
        Kind::HugeHead,
        Kind::StoppedBody,
        Kind::SlowBody,
        Kind::EndlessBody,
        Kind::StoppedReader,
        Kind::SlowReader,
        Kind::Pipelining,
        Kind::SlowUpload,
        Kind::SlowDownload,
    ];

    pub fn name(self) -> &'static str {
        match self {
            Kind::Silent => "silent",
            Kind::SlowHead => "slow head",
            Kind::SlowSecondHead => "slow second head",
            Kind::HugeHead => "huge head",
            Kind::StoppedBody => "stopped body",
            Kind::SlowBody => "slow body",
            Kind::EndlessBody => "endless body",
            Kind::StoppedReader => "stopped reader",
            Kind::SlowReader => "slow reader",
            Kind::Pipelining => "pipelining",
            Kind::SlowUpload => "slow upload",
            Kind::SlowDownload => "slow download",
        }
    }

    /// What is sent at once.
    fn beginning(self, prepared: &Prepared, n: usize) -> String {
        let about = format!("GET /xapi/about HTTP/1.1\r\n{}", prepared.headers);
        match self {
            Kind::Silent => String::new(),
            Kind::SlowHead => "GET /xapi/about HTTP/1.1\r\nX-Slow: ".to_owned(),
            Kind::SlowSecondHead => format!("{about}\r\nGET /xapi/about HTTP/1.1\r\nX-Slow: "),
            Kind::HugeHead => format!("{about}X-Huge: {}\r\n\r\n", "a".repeat(200_000)),
            Kind::StoppedBody => format!(
                "{}Content-Length: 1048576\r\n\r\n{}",
                prepared.document(n),
                "a".repeat(PIECE_BYTES)
            ),
            Kind::SlowBody => format!(
                "{}Content-Length: 1048576\r\n\r\n{}",
                prepared.document(n),
                "a".repeat(4 * PIECE_BYTES)
            ),
            Kind::EndlessBody => {
                format!("{}Transfer-Encoding: chunked\r\n\r\n", prepared.document(n))
            }
            Kind::StoppedReader | Kind::SlowReader => prepared.page(),
            Kind::Pipelining => prepared.page().repeat(1_000),
            Kind::SlowUpload => prepared.upload(),
            Kind::SlowDownload => prepared.attachment(),
        }
    }

    /// What is sent each turn once that is gone.
    fn further(self) -> Vec<u8> {
        match self {
            Kind::SlowHead | Kind::SlowSecondHead => b"a".to_vec(),
            Kind::SlowBody => vec![b'a'; 10],
            Kind::EndlessBody => {
                let size = format!("{PIECE_BYTES:x}\r\n");
                [size.as_bytes(), &[b'a'; PIECE_BYTES], b"\r\n"].concat()
            }
            Kind::SlowUpload => vec![0; 2048],
            Kind::Silent
            | Kind::HugeHead
            | Kind::StoppedBody
            | Kind::StoppedReader
            | Kind::SlowReader
            | Kind::Pipelining
            | Kind::SlowDownload => Vec::new(),
        }
    }

    /// Bytes of an answer that are read each turn, once its first ones have come. 0: none of it.
    fn takes(self) -> usize {
        match self {
            Kind::StoppedReader | Kind::Pipelining => 0,
            Kind::SlowReader => 16,
            Kind::SlowDownload => 2048,
            Kind::Silent
            | Kind::SlowHead
            | Kind::SlowSecondHead
            | Kind::HugeHead
            | Kind::StoppedBody
            | Kind::SlowBody
            | Kind::EndlessBody
            | Kind::SlowUpload => PIECE_BYTES,
        }
    }
}

/// What became of them.
#[derive(Default)]
pub struct Held {
    /// Open in the last turn.
    pub held: usize,
    /// Ended by the server and connected again.
    pub ended: usize,
    /// Of these, with an answer of 503.
    pub refused: usize,
}

struct Bad {
    stream: TcpStream,
    unsent: Vec<u8>,
    sent: usize,
    is_answered: bool,
}

enum Turn {
    Goes,
    Refused,
    Ended,
}

impl Bad {
    fn connect(address: &str, beginning: String) -> std::io::Result<Bad> {
        let stream = TcpStream::connect(address)?;
        stream.set_nonblocking(true)?;
        Ok(Bad {
            stream,
            unsent: beginning.into_bytes(),
            sent: 0,
            is_answered: false,
        })
    }

    fn turn(&mut self, kind: Kind, buffer: &mut [u8]) -> Turn {
        let first = if self.is_answered { kind.takes() } else { 12 };
        let mut outcome = Turn::Goes;
        if let Some(buffer) = buffer.get_mut(..first).filter(|buffer| !buffer.is_empty()) {
            match self.stream.read(buffer) {
                Ok(0) => return Turn::Ended,
                Ok(_) if !self.is_answered => {
                    self.is_answered = true;
                    if buffer.ends_with(b"503") {
                        outcome = Turn::Refused;
                    }
                }
                Ok(_) => {}
                Err(error) if error.kind() == ErrorKind::WouldBlock => {}
                Err(_) => return Turn::Ended,
            }
        }
        if self.sent == self.unsent.len() {
            self.unsent = kind.further();
            self.sent = 0;
        }
        let rest = self.unsent.get(self.sent..).unwrap_or_default();
        if !rest.is_empty() {
            match self.stream.write(rest) {
                Ok(sent) => self.sent += sent,
                Err(error) if error.kind() == ErrorKind::WouldBlock => {}
                Err(_) => return Turn::Ended,
            }
        } else if kind.takes() == 0 && self.is_answered && self.is_gone() {
            return Turn::Ended;
        }
        outcome
    }

    /// For those that neither read nor write.
    fn is_gone(&self) -> bool {
        !matches!(self.stream.take_error(), Ok(None))
    }
}

/// Keeps so many connections until told to stop.
pub fn hold(kind: Kind, connections: usize, prepared: &Prepared, stop: &AtomicBool) -> Held {
    let mut held = Held::default();
    let mut bad: Vec<Option<Bad>> = Vec::new();
    bad.resize_with(connections, || None);
    let mut buffer = vec![0; PIECE_BYTES];
    while !stop.load(Ordering::Relaxed) {
        let started = Instant::now();
        for (n, place) in bad.iter_mut().enumerate() {
            if stop.load(Ordering::Relaxed) {
                break;
            }
            match place {
                None => {
                    *place = Bad::connect(&prepared.address, kind.beginning(prepared, n)).ok();
                }
                Some(one) => match one.turn(kind, &mut buffer) {
                    Turn::Goes => {}
                    Turn::Refused => {
                        held.refused += 1;
                        *place = None;
                    }
                    Turn::Ended => {
                        held.ended += 1;
                        *place = None;
                    }
                },
            }
        }
        held.held = bad.iter().flatten().count();
        thread::sleep(TURN.saturating_sub(started.elapsed()));
    }
    held
}
