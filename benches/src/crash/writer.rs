//! One client: writes of all kinds, one after another, until the connection dies.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::ledger::{Document, DocumentKind, Known, Ledger, State, What, Write, content, pad};
use super::{ACTIVITY, AGENT};
use crate::client::{Answer, Body, Client, Endpoint};
use crate::generate::{Family, Generator, Ids, Rng, Sample};

pub(super) struct Writer {
    client: Client,
    rng: Rng,
    generator: Generator,
    name: String,
    ledger: Ledger,
    /// Acknowledged statements that nothing has voided.
    voidable: Vec<Uuid>,
}

/// The connection is gone, and how it went.
struct Gone(ureq::Error);

const BATCH_MAX: usize = 20;
const ATTACHMENT_BYTES_MAX: usize = 600_000;
const MERGES_MAX: u64 = 60;

impl Writer {
    /// The name is unique among the writers of a directory.
    pub(super) fn new(endpoint: &Endpoint, seed: u64, name: String) -> Writer {
        Writer {
            client: Client::new(endpoint),
            rng: Rng::new(seed),
            generator: Generator::new(seed ^ 1, Family::Content, Ids::Client),
            name,
            ledger: Ledger::default(),
            voidable: Vec::new(),
        }
    }

    /// Returns when a request got no answer. Before `dying` is set that is a failure of the server. `answered` counts
    /// the answers of all writers.
    pub(super) fn run(mut self, dying: &AtomicBool, answered: &AtomicUsize) -> Ledger {
        loop {
            let sent = match self.rng.below(100) {
                0..30 => self.put(),
                30..60 => self.post(1),
                60..85 => {
                    let count = 2 + self.rng.below(BATCH_MAX - 1);
                    self.post(count)
                }
                85..89 => self.void(),
                89 => self.attach(),
                90..95 => self.document(DocumentKind::Put),
                _ => self.document(DocumentKind::Merge),
            };
            if let Err(Gone(error)) = sent {
                if !dying.load(Ordering::SeqCst) {
                    let line = format!("no answer though the server lived: {error}");
                    self.ledger.refused.push(line);
                }
                return self.ledger;
            }
            answered.fetch_add(1, Ordering::Relaxed);
        }
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
            self.ledger.refused.push(describe(&answer));
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

    fn document(&mut self, kind: DocumentKind) -> Result<(), Gone> {
        let at = self.current_document(kind);
        let document = &mut self.ledger.documents[at];
        document.sent += 1;
        let n = document.sent;
        let id = document.id.clone();
        let query = [("activityId", ACTIVITY), ("agent", AGENT), ("stateId", &id)];
        let answer = match kind {
            DocumentKind::Put => {
                let body = format!(r#"{{"n":{n},"pad":"{}"}}"#, pad(n));
                self.client
                    .put("/activities/state", &query, Body::json(&body))
            }
            DocumentKind::Merge => {
                let body = format!(r#"{{"k{n}":{n}}}"#);
                self.client
                    .post("/activities/state", &query, Body::json(&body))
            }
        };
        let answer = answer.map_err(Gone)?;
        if answer.status == 204 {
            self.ledger.documents[at].acknowledged = n;
        } else {
            self.ledger.refused.push(describe(&answer));
        }
        Ok(())
    }

    /// Index of the document of this kind that is being written; merged ones do not grow without end.
    fn current_document(&mut self, kind: DocumentKind) -> usize {
        let documents = &mut self.ledger.documents;
        let current = documents.iter().rposition(|document| document.kind == kind);
        match current {
            Some(at) if kind == DocumentKind::Put || documents[at].sent < MERGES_MAX => at,
            Some(_) | None => {
                documents.push(Document {
                    id: format!("{}-{}", self.name, documents.len()),
                    kind,
                    acknowledged: 0,
                    sent: 0,
                });
                documents.len() - 1
            }
        }
    }
}

fn with_attachment(text: &str, sha2: &str, length: usize) -> String {
    let end = text.rfind('}').unwrap_or(text.len());
    format!(
        r#"{},"attachments":[{{"usageType":"https://example.com/crash","display":{{"en":"bytes"}},"contentType":"application/octet-stream","length":{length},"sha2":"{sha2}"}}]}}"#,
        text[..end].trim_end()
    )
}

fn describe(answer: &Answer) -> String {
    let body: String = String::from_utf8_lossy(&answer.body)
        .chars()
        .take(300)
        .collect();
    format!("{} {body}", answer.status)
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
