//! Work that reads: the same requests in turn, pages followed to their end, and reads with writes among them.

use std::collections::VecDeque;

use super::ask::{Asked, PAGE};
use super::post::Posts;
use crate::drive::Work;
use crate::wire::{Answer, Target};

/// Requests in turn, without end.
pub struct Turns {
    requests: Vec<Vec<u8>>,
    next: usize,
}

impl Turns {
    pub fn new(requests: Vec<Vec<u8>>) -> Turns {
        Turns { requests, next: 0 }
    }
}

impl Work for Turns {
    fn next(&mut self) -> Option<&[u8]> {
        let request = self.requests.get(self.next)?;
        self.next = (self.next + 1) % self.requests.len();
        Some(request)
    }

    fn take(&mut self, answer: &Answer<'_>) -> Result<(), String> {
        super::expect(answer, 200)
    }
}

/// The request that puts a question.
pub fn question(target: &Target, asked: &Asked) -> Vec<u8> {
    page(target, asked, PAGE)
}

fn page(target: &Target, asked: &Asked, rows: usize) -> Vec<u8> {
    let limit = rows.to_string();
    let mut parameters: Vec<(&str, &str)> = asked
        .parameters
        .iter()
        .map(|(name, value)| (*name, value.as_str()))
        .collect();
    if asked.groups.is_some() {
        parameters.push(("limit", &limit));
    }
    target.request("GET", "/statements", &parameters, None)
}

/// The newest statements behind a place near the end, the oldest first, again and again.
pub fn poll(target: &Target, since: &str) -> Vec<u8> {
    let limit = PAGE.to_string();
    let parameters = [("since", since), ("ascending", "true"), ("limit", &limit)];
    target.request("GET", "/statements", &parameters, None)
}

/// Lists in pages of few rows, each followed to its end.
pub struct Pages {
    target: Target,
    firsts: VecDeque<Vec<u8>>,
    request: Vec<u8>,
    more: Option<String>,
}

const ROWS: usize = 10;

impl Pages {
    pub fn new(target: &Target, asked: &[Asked]) -> Pages {
        Pages {
            target: target.clone(),
            firsts: asked.iter().map(|one| page(target, one, ROWS)).collect(),
            request: Vec::new(),
            more: None,
        }
    }
}

impl Work for Pages {
    fn next(&mut self) -> Option<&[u8]> {
        self.request = match self.more.take() {
            Some(more) => self.target.request_for("GET", &more, None),
            None => {
                let first = self.firsts.pop_front()?;
                self.firsts.push_back(first.clone());
                first
            }
        };
        Some(&self.request)
    }

    fn take(&mut self, answer: &Answer<'_>) -> Result<(), String> {
        super::expect(answer, 200)?;
        let page: Page<'_> =
            serde_json::from_slice(answer.body).map_err(|error| error.to_string())?;
        self.more = page.more.filter(|more| !more.is_empty()).map(|more| {
            // Relative to the host by the specification; some send the whole URL.
            let whole = more
                .split_once("://")
                .and_then(|(_, rest)| rest.split_once('/'));
            whole.map_or_else(|| more.clone(), |(_, path)| format!("/{path}"))
        });
        Ok(())
    }
}

#[derive(serde::Deserialize)]
struct Page<'a> {
    more: Option<String>,
    #[serde(borrow, rename = "statements")]
    _statements: &'a serde_json::value::RawValue,
}

/// Nine reads, then a write.
pub struct Mixed {
    reads: Turns,
    writes: Posts,
    sent: usize,
}

const WRITE_EVERY: usize = 10;

impl Mixed {
    pub fn new(reads: Turns, writes: Posts) -> Mixed {
        Mixed {
            reads,
            writes,
            sent: 0,
        }
    }
}

impl Work for Mixed {
    fn next(&mut self) -> Option<&[u8]> {
        self.sent += 1;
        if self.sent.is_multiple_of(WRITE_EVERY) {
            self.writes.next()
        } else {
            self.reads.next()
        }
    }

    fn take(&mut self, answer: &Answer<'_>) -> Result<(), String> {
        super::expect(answer, 200)
    }
}
