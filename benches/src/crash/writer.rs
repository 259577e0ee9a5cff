//! One client: writes of all kinds, one after another, until the connection dies.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::AGENT;
use super::document::{Document, DocumentKind, DocumentWrite, Resource};
use super::launch::class::Class;
use super::launch::lms::Lms;
use super::ledger::{Known, Ledger, State, What, Write, content};
use super::player::{Failed, Player, describe};
use super::session::Session;
use crate::client::{Answer, Body, Client, Endpoint};
use crate::generate::{Family, Generator, Ids, Rng, Sample};

pub(super) struct Writer<'c> {
    client: Client,
    player: Player,
    lms: Lms,
    /// Without one it launches nothing.
    class: Option<&'c Class>,
    rng: Rng,
    generator: Generator,
    name: String,
    ledger: Ledger,
    /// Acknowledged statements that nothing has voided.
    voidable: Vec<Uuid>,
}

/// The connection is gone, and how it went.
struct Gone(ureq::Error);

/// What a request did that was not answered well.
enum Outcome {
    Nothing,
    /// The server failed: all of it, or nothing.
    Unknown,
}

const BATCH_MAX: usize = 20;
const ATTACHMENT_BYTES_MAX: usize = 600_000;
/// Documents are so many in all, of each writer.
const DOCUMENTS_MAX: usize = 8;

impl<'c> Writer<'c> {
    /// The name is unique among the writers of a directory. A session from before goes on.
    pub(super) fn new(
        endpoint: &Endpoint,
        seed: u64,
        name: String,
        session: Option<Session>,
        class: Option<&'c Class>,
    ) -> Writer<'c> {
        Writer {
            client: Client::new(endpoint),
            player: Player::new(endpoint),
            lms: Lms::new(endpoint),
            class,
            rng: Rng::new(seed),
            generator: Generator::new(seed ^ 1, Family::Content, Ids::Client),
            name,
            ledger: Ledger {
                sessions: session.into_iter().collect(),
                ..Ledger::default()
            },
            voidable: Vec::new(),
        }
    }

    /// Returns when a request got no answer. Before `dying` is set that is a failure of the server. `answered` counts
    /// the answers of all writers.
    pub(super) fn run(mut self, dying: &AtomicBool, answered: &AtomicUsize) -> Ledger {
        loop {
            if let Err(Gone(error)) = self.write() {
                if !dying.load(Ordering::SeqCst) {
                    let line = format!("no answer though the server lived: {error}");
                    self.ledger.refused.push(line);
                }
                return self.ledger;
            }
            answered.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// So many writes, and none after the server failed.
    pub(super) fn write_some(mut self, count: usize) -> Ledger {
        for _ in 0..count {
            if let Err(Gone(error)) = self.write() {
                self.ledger.refused.push(format!("no answer: {error}"));
                break;
            }
            if !self.ledger.failed.is_empty() {
                break;
            }
        }
        self.ledger
    }

    fn write(&mut self) -> Result<(), Gone> {
        if let Some(class) = self.class
            && self.rng.below(10) < 3
        {
            let done = class.work(&self.lms, &self.name, &mut self.rng);
            return self.booked(done);
        }
        match self.rng.below(100) {
            0..18 => self.put(),
            18..36 => self.post(1),
            36..52 => {
                let count = 2 + self.rng.below(BATCH_MAX - 1);
                self.post(count)
            }
            52..56 => self.void(),
            56 => self.attach(),
            57..75 => self.document(),
            _ => self.session(),
        }
    }

    fn booked(&mut self, done: Result<(), Failed>) -> Result<(), Gone> {
        match done {
            Ok(()) => Ok(()),
            Err(Failed::Gone(error)) => Err(Gone(error)),
            Err(Failed::Refused(why)) => {
                self.ledger.refused.push(why);
                Ok(())
            }
            Err(Failed::Broke(why)) => {
                self.ledger.failed.push(why);
                Ok(())
            }
        }
    }

    /// Books an answer that is no success; and what it means for the request.
    fn book(&mut self, answer: &Answer) -> Outcome {
        if answer.status >= 500 {
            self.ledger.failed.push(describe(answer));
            return Outcome::Unknown;
        }
        self.ledger.refused.push(describe(answer));
        Outcome::Nothing
    }

    fn sample(&mut self) -> (Known, Sample) {
        loop {
            let sample = self.generator.next();
            if let Some(sample) = sample
                && let Some(id) = sample.id
            {
                return (Known::of(id, &sample.text), sample);
            }
        }
    }

    fn put(&mut self) -> Result<(), Gone> {
        let (known, sample) = self.sample();
        self.begin(What::Statements(vec![known]));
        let id = known.id.to_string();
        let answer = self.client.put(
            "/statements",
            &[("statementId", &id)],
            Body::json(&sample.text),
        );
        self.end(answer)
    }

    fn post(&mut self, count: usize) -> Result<(), Gone> {
        let (known, samples): (Vec<Known>, Vec<Sample>) = (0..count).map(|_| self.sample()).unzip();
        let texts: Vec<String> = samples.into_iter().map(|sample| sample.text).collect();
        let body = match count {
            1 => texts.concat(),
            _ => format!("[{}]", texts.join(",")),
        };
        self.begin(What::Statements(known));
        let answer = self.client.post("/statements", &[], Body::json(&body));
        self.end(answer)
    }

    fn void(&mut self) -> Result<(), Gone> {
        if self.voidable.is_empty() {
            return Ok(());
        }
        let at = self.rng.below(self.voidable.len());
        let target = self.voidable.swap_remove(at);
        let id = self.rng.uuid();
        let text = format!(
            r#"{{"id":"{id}","actor":{AGENT},"verb":{{"id":"http://adlnet.gov/expapi/verbs/voided","display":{{"en":"voided"}}}},"object":{{"objectType":"StatementRef","id":"{target}"}},"timestamp":"2026-02-01T00:00:00Z"}}"#
        );
        let by = Known::of(id, &text);
        self.begin(What::Void { by, target });
        let answer = self.client.post("/statements", &[], Body::json(&text));
        self.end(answer)
    }

    fn attach(&mut self) -> Result<(), Gone> {
        let (known, sample) = self.sample();
        let seed = self.rng.next_u64();
        let length = 1 + self.rng.below(ATTACHMENT_BYTES_MAX);
        let bytes = content(seed, length);
        let sha2 = hex(&Sha256::digest(&bytes));
        let text = with_attachment(&sample.text, &sha2, length);
        let statement = Known::of(known.id, &text);
        let mut body = format!(
            "--crash\r\nContent-Type: application/json\r\n\r\n{text}\r\n--crash\r\nContent-Type: application/octet-stream\r\nContent-Transfer-Encoding: binary\r\nX-Experience-API-Hash: {sha2}\r\n\r\n"
        )
        .into_bytes();
        body.extend_from_slice(&bytes);
        body.extend_from_slice(b"\r\n--crash--\r\n");
        self.begin(What::Attachment {
            statement,
            seed,
            length,
        });
        let body = Body {
            content_type: "multipart/mixed; boundary=crash",
            bytes: &body,
        };
        let answer = self.client.post("/statements", &[], body);
        self.end(answer)
    }

    fn begin(&mut self, what: What) {
        self.ledger.writes.push(Write {
            what,
            state: State::InFlight,
        });
    }

    /// Books the answer to the write that was begun last.
    fn end(&mut self, answer: Result<Answer, ureq::Error>) -> Result<(), Gone> {
        let answer = answer.map_err(Gone)?;
        if !matches!(answer.status, 200 | 204) {
            self.book(&answer);
            return Ok(());
        }
        if let Some(write) = self.ledger.writes.last_mut() {
            write.state = State::Acknowledged;
            match &write.what {
                What::Statements(statements) => self
                    .voidable
                    .extend(statements.iter().map(|known| known.id)),
                What::Void { .. } | What::Attachment { .. } => {}
            }
        }
        Ok(())
    }

    fn document(&mut self) -> Result<(), Gone> {
        let at = self.choose_document();
        let document = &self.ledger.documents[at];
        let (path, n) = (document.resource.path(), document.sent + 1);
        let kind = document.write(n);
        let query: Vec<(String, String)> = document
            .query()
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect();
        let query: Vec<(&str, &str)> = query.iter().map(|(name, of)| (&**name, &**of)).collect();
        let body = document.body(n).to_string();
        let body = Body::json(&body);
        let etag = match kind {
            DocumentWrite::PutIfUnchanged => self.client.get(path, &query).map_err(Gone)?.etag,
            DocumentWrite::Put | DocumentWrite::Merge | DocumentWrite::Delete => None,
        };
        self.ledger.documents[at].sent = n;
        let answer = match (kind, &etag) {
            (DocumentWrite::Put, _) => self.client.put(path, &query, body),
            (DocumentWrite::PutIfUnchanged, Some(etag)) => {
                self.client
                    .put_under(path, &query, ("If-Match", etag), body)
            }
            (DocumentWrite::PutIfUnchanged, None) => {
                self.client
                    .put_under(path, &query, ("If-None-Match", "*"), body)
            }
            (DocumentWrite::Merge, _) => self.client.post(path, &query, body),
            (DocumentWrite::Delete, _) => self.client.delete(path, &query),
        };
        let answer = answer.map_err(Gone)?;
        if answer.status == 204 {
            self.ledger.documents[at].acknowledged = n;
            return Ok(());
        }
        match self.book(&answer) {
            Outcome::Nothing => self.ledger.documents[at].sent = n - 1,
            Outcome::Unknown => {}
        }
        Ok(())
    }

    /// Index of the document that is to be written.
    fn choose_document(&mut self) -> usize {
        let documents = &mut self.ledger.documents;
        let number = documents.len();
        if number == DOCUMENTS_MAX || (number > 0 && self.rng.below(3) > 0) {
            return self.rng.below(number);
        }
        documents.push(Document {
            id: format!("{}-{number}", self.name),
            resource: self.rng.pick(&Resource::ALL),
            kind: self.rng.pick(&[DocumentKind::Put, DocumentKind::Merge]),
            acknowledged: 0,
            sent: 0,
        });
        number
    }

    /// The next step of the current session, or of a new one.
    fn session(&mut self) -> Result<(), Gone> {
        let sessions = &mut self.ledger.sessions;
        if sessions.last().is_none_or(Session::has_ended) {
            sessions.push(Session {
                id: self.rng.uuid(),
                registration: self.rng.uuid(),
                learner: format!("learner-{}", self.name),
                done: Vec::new(),
                in_flight: None,
                settled: 0,
                fetch: None,
                replaced: Vec::new(),
                token: None,
                clock: 0,
            });
        }
        let current = sessions.len() - 1;
        let done = self.player.advance(&mut sessions[current], &mut self.rng);
        self.booked(done)
    }
}

fn with_attachment(text: &str, sha2: &str, length: usize) -> String {
    let end = text.rfind('}').unwrap_or(text.len());
    format!(
        r#"{},"attachments":[{{"usageType":"https://example.com/crash","display":{{"en":"bytes"}},"contentType":"application/octet-stream","length":{length},"sha2":"{sha2}"}}]}}"#,
        text[..end].trim_end()
    )
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
