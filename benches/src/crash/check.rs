//! After the restart: reads what was written and compares.

mod document;
mod launch;
mod session;

use std::collections::HashSet;
use std::thread;
use std::time::Duration;

use serde_json::Value;
use uuid::Uuid;

use super::findings::Findings;
use super::launch::lms::Lms;
use super::ledger::{Known, Ledger, State, What, Write, content, digest};
use super::player::{Player, describe};
use super::session::Session;
use crate::client::{Answer, Client, Endpoint};
use crate::generate::Rng;

pub(super) struct Check {
    place: String,
    endpoint: Endpoint,
}

const READERS: usize = 4;
const SOME: usize = 200;
const PAGE: &str = "500";

impl Check {
    pub(super) fn new(place: &str, endpoint: &Endpoint) -> Check {
        warm_up(endpoint);
        Check {
            place: place.to_owned(),
            endpoint: endpoint.clone(),
        }
    }

    /// All that the ledger has. What was in flight counts as acknowledged from now on if it is there, and else
    /// leaves the ledger. Answers how much of that was there.
    pub(super) fn whole(&self, ledger: &mut Ledger, findings: &mut Findings) -> usize {
        let writes = self.read(&mut ledger.writes, findings, Reader::write);
        let documents = self.read(&mut ledger.documents, findings, Reader::document);
        let sessions = self.read(&mut ledger.sessions, findings, Reader::session);
        let registrations = self.read(&mut ledger.registrations, findings, Reader::registration);
        if let Some(school) = &mut ledger.school {
            self.read(&mut school.courses, findings, Reader::course);
        }
        writes + documents + sessions + registrations
    }

    /// A random part of what earlier rounds wrote.
    pub(super) fn some(&self, ledger: &Ledger, rng: &mut Rng, findings: &mut Findings) {
        let mut part = Ledger {
            writes: some(&ledger.writes, SOME, rng),
            documents: some(&ledger.documents, SOME / 4, rng),
            sessions: some(&ledger.sessions, SOME / 8, rng),
            registrations: some(&ledger.registrations, SOME / 25, rng),
            ..Ledger::default()
        };
        self.whole(&mut part, findings);
    }

    /// The list of all statements: those of the ledger that are not voided, each once, and no other.
    pub(super) fn list(&self, ledger: &Ledger, findings: &mut Findings) {
        let mut expected: HashSet<Uuid> = ledger
            .writes
            .iter()
            .flat_map(Write::statements)
            .map(|known| known.id)
            .collect();
        expected.extend(ledger.sessions.iter().flat_map(Session::statements));
        let launched = ledger.registrations.iter();
        expected.extend(launched.flat_map(|registration| &registration.statements));
        for write in &ledger.writes {
            if let What::Void { target, .. } = &write.what {
                expected.remove(target);
            }
        }
        let mut reader = self.reader();
        if let Err(Unread(why)) = reader.list(&mut expected) {
            let line = format!("{}: the list: {why}", self.place);
            reader.findings.refused.push(line);
            // How far it went is not known.
            expected.clear();
        }
        for id in expected {
            reader
                .findings
                .lost
                .push(format!("{}: {id} is not in the list", self.place));
        }
        findings.extend(reader.findings);
    }

    fn reader(&self) -> Reader {
        Reader {
            place: self.place.clone(),
            client: Client::new(&self.endpoint),
            player: Player::new(&self.endpoint),
            lms: Lms::new(&self.endpoint),
            findings: Findings::default(),
            in_flight_found: 0,
        }
    }

    /// Gives each item to some reader and keeps those that are there.
    fn read<T: Send>(
        &self,
        items: &mut Vec<T>,
        findings: &mut Findings,
        read: fn(&mut Reader, &mut T) -> bool,
    ) -> usize {
        let size = items.len().div_ceil(READERS).max(1);
        let mut kept = Vec::with_capacity(items.len());
        let mut found = 0;
        thread::scope(|scope| {
            let readers: Vec<_> = items
                .chunks_mut(size)
                .map(|chunk| {
                    let mut reader = self.reader();
                    scope.spawn(move || {
                        let there: Vec<bool> = chunk
                            .iter_mut()
                            .map(|item| read(&mut reader, item))
                            .collect();
                        (there, reader)
                    })
                })
                .collect();
            for reader in readers {
                match reader.join() {
                    Ok((there, reader)) => {
                        kept.extend(there);
                        findings.extend(reader.findings);
                        found += reader.in_flight_found;
                    }
                    Err(panic) => std::panic::resume_unwind(panic),
                }
            }
        });
        let mut kept = kept.into_iter();
        items.retain(|_| kept.next().unwrap_or(false));
        found
    }
}

struct Reader {
    place: String,
    client: Client,
    player: Player,
    lms: Lms,
    findings: Findings,
    in_flight_found: usize,
}

/// One statement as the server has it.
struct Found {
    digest: u64,
    voided: bool,
}

/// A request of the check got no answer that could be read.
struct Unread(String);

impl Reader {
    /// Whether the write is there, whole.
    fn write(&mut self, write: &mut Write) -> bool {
        let (there, of) = match self.statements(write) {
            Ok(counts) => counts,
            Err(Unread(why)) => {
                self.findings.refused.push(format!("{}: {why}", self.place));
                return true;
            }
        };
        let what = format!("{}: {there} of {of} of {}", self.place, write.describe());
        match write.state {
            State::Acknowledged if there == 0 => self.findings.lost.push(what),
            State::Acknowledged | State::InFlight if there != 0 && there != of => {
                self.findings.half.push(what)
            }
            State::InFlight if there == of => self.in_flight_found += 1,
            State::Acknowledged | State::InFlight => {}
        }
        write.state = State::Acknowledged;
        there == of
    }

    /// How many parts of the write are there, and how many it has.
    fn statements(&mut self, write: &Write) -> Result<(usize, usize), Unread> {
        let statements = write.statements();
        let mut there = 0;
        for known in &statements {
            there += usize::from(self.statement(known)?);
        }
        match &write.what {
            What::Statements(_) => Ok((there, statements.len())),
            What::Void { target, .. } => {
                let voided = self.find(*target)?.is_some_and(|found| found.voided);
                Ok((there + usize::from(voided), 2))
            }
            What::Attachment {
                statement,
                seed,
                length,
            } => {
                let whole =
                    there == 1 && self.has_attachment(statement.id, &content(*seed, *length))?;
                Ok((there + usize::from(whole), 2))
            }
        }
    }

    fn statement(&mut self, known: &Known) -> Result<bool, Unread> {
        let Some(found) = self.find(known.id)? else {
            return Ok(false);
        };
        if found.digest != known.digest {
            self.findings.wrong.push(format!(
                "{}: {} is not as it was sent",
                self.place, known.id
            ));
        }
        Ok(true)
    }

    fn find(&self, id: Uuid) -> Result<Option<Found>, Unread> {
        for (parameter, voided) in [("statementId", false), ("voidedStatementId", true)] {
            let answer = self.get("/statements", &[(parameter, &id.to_string())])?;
            match answer.status {
                200 => {
                    let digest = digest(parse(&answer)?);
                    return Ok(Some(Found { digest, voided }));
                }
                404 => {}
                _ => return Err(unexpected(&answer)),
            }
        }
        Ok(None)
    }

    fn has_attachment(&self, id: Uuid, bytes: &[u8]) -> Result<bool, Unread> {
        let query = [
            ("statementId", id.to_string()),
            ("attachments", "true".to_owned()),
        ];
        let query = [
            (query[0].0, query[0].1.as_str()),
            (query[1].0, query[1].1.as_str()),
        ];
        let answer = self.get("/statements", &query)?;
        match answer.status {
            200 => Ok(answer
                .body
                .windows(bytes.len())
                .any(|window| window == bytes)),
            _ => Err(unexpected(&answer)),
        }
    }

    /// Removes what the list has from what is expected.
    fn list(&mut self, expected: &mut HashSet<Uuid>) -> Result<(), Unread> {
        let mut answer = self.get("/statements", &[("limit", PAGE)])?;
        loop {
            if answer.status != 200 {
                return Err(unexpected(&answer));
            }
            let page = parse(&answer)?;
            for statement in page["statements"].as_array().into_iter().flatten() {
                let id = statement["id"].as_str().and_then(|id| id.parse().ok());
                if !id.is_some_and(|id| expected.remove(&id)) {
                    let line = format!(
                        "{}: the list has {} unexpectedly",
                        self.place, statement["id"]
                    );
                    self.findings.wrong.push(line);
                }
            }
            match page["more"].as_str() {
                None | Some("") => return Ok(()),
                Some(more) => {
                    answer = self
                        .client
                        .follow(more)
                        .map_err(|error| Unread(error.to_string()))?
                }
            }
        }
    }

    fn get(&self, path: &str, query: &[(&str, &str)]) -> Result<Answer, Unread> {
        self.client
            .get(path, query)
            .map_err(|error| Unread(format!("GET {path}: {error}")))
    }
}

/// A server that has just started checks the secret slowly once, and asks those who come at the same time to come again.
fn warm_up(endpoint: &Endpoint) {
    let client = Client::new(endpoint);
    for _ in 0..20 {
        match client.get("/statements", &[("limit", "1")]) {
            Ok(answer) if answer.status == 503 => thread::sleep(Duration::from_millis(250)),
            // Whatever else is wrong, the check itself will tell.
            Ok(_) | Err(_) => return,
        }
    }
}

/// So many, chosen at random.
fn some<T: Clone>(of: &[T], count: usize, rng: &mut Rng) -> Vec<T> {
    match of.is_empty() {
        true => Vec::new(),
        false => (0..count.min(of.len()))
            .map(|_| of[rng.below(of.len())].clone())
            .collect(),
    }
}

fn parse(answer: &Answer) -> Result<Value, Unread> {
    serde_json::from_slice(&answer.body)
        .map_err(|error| Unread(format!("an answer is no JSON: {error}")))
}

fn unexpected(answer: &Answer) -> Unread {
    Unread(describe(answer))
}
