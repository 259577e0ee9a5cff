//! Vectors of exchanges: requests in order, and what is expected of each answer.

use std::collections::BTreeMap;
use std::thread;
use std::time::{Duration, Instant};

use xapi::Version;
use xapi::lexical::timestamp;

use crate::names::{self, Names};
use crate::subject::Subject;
use crate::transport::{Answer, Request};
use crate::vector::{Account, Bases, Exchange, Step};
use crate::{body, expect};

const CONSISTENT_WITHIN: Duration = Duration::from_secs(5);
const CONSISTENT_PAUSE: Duration = Duration::from_millis(5);

/// Why an exchange was not run against this server.
#[must_use]
pub fn obstacle(exchange: &Exchange, subject: &Subject) -> Option<String> {
    if let Some(reason) = subject.kind.exempt(exchange.of) {
        return Some(reason.to_owned());
    }
    let unknown = exchange
        .steps
        .iter()
        .find(|step| !subject.knows(step.account))?;
    Some(format!("there is no key for {:?}", unknown.account))
}

/// Runs an exchange from its first step to its last.
///
/// # Errors
/// The step, what was expected and what came instead.
pub fn check(
    exchange: &Exchange,
    bases: &Bases,
    version: Version,
    subject: &Subject,
) -> Result<(), String> {
    let mut names = Names::default();
    if let Some(authorization) = subject.authorization(Account::Owner) {
        names.bind("authorization", authorization);
    }
    for (name, content) in &exchange.hash {
        let content = names.fill(content)?;
        names.bind_hash(name, &content);
    }
    for (name, jws) in &exchange.jws {
        let payload = match (&jws.payload, &jws.text) {
            (Some(changes), _) => body::statement(changes, bases, &mut names)?,
            (None, text) => names.fill(text.as_deref().unwrap_or_default())?,
        };
        names.bind_jws(name, &jws.alg, &payload);
    }
    for (index, step) in exchange.steps.iter().enumerate() {
        let run = Run {
            exchange,
            bases,
            version,
            subject,
        };
        run.step(step, &mut names).map_err(|difference| {
            let what = step.send.as_deref().or(step.follow.as_deref());
            format!(
                "step {} ({}): {difference}",
                index + 1,
                what.unwrap_or_default()
            )
        })?;
    }
    Ok(())
}

struct Run<'r> {
    exchange: &'r Exchange,
    bases: &'r Bases,
    version: Version,
    subject: &'r Subject,
}

impl Run<'_> {
    fn step(&self, step: &Step, names: &mut Names) -> Result<(), String> {
        let request = self.request(step, names)?;
        if let Some(times) = step.times {
            return at_once(self.subject, &request, times, step);
        }
        let answer = if step.consistent {
            once_consistent(self.subject, &request)?
        } else {
            self.subject.transport.send(&request)?
        };
        expect::judge(step, &answer, names)?;
        if self.subject.kind.names_violations() {
            expect::violations(step, &answer, names)?;
        }
        Ok(())
    }

    fn request(&self, step: &Step, names: &mut Names) -> Result<Request, String> {
        let (method, target) = self.target(step, names)?;
        let mut headers = BTreeMap::new();
        if let Some(authorization) = self.subject.authorization(step.account) {
            headers.insert("Authorization".to_owned(), authorization);
        }
        let version = self.version.announced().to_owned();
        headers.insert("X-Experience-API-Version".to_owned(), version);
        let body = body::of(step, self.bases, names)?;
        if let Some(body) = &body {
            headers.insert("Content-Type".to_owned(), body.content_type.clone());
        }
        for (name, value) in &step.headers {
            if value == "-" {
                headers.remove(name);
            } else {
                headers.insert(name.clone(), names.fill(value)?);
            }
        }
        Ok(Request {
            method,
            target,
            headers: headers.into_iter().collect(),
            body: body.map(|body| body.bytes),
        })
    }

    fn target(&self, step: &Step, names: &mut Names) -> Result<(String, String), String> {
        if let Some(link) = &step.follow {
            let link = names.fill(link)?;
            let target = match link.split_once("://") {
                Some((_, rest)) => rest.find('/').map_or("/", |at| &rest[at..]).to_owned(),
                None => link,
            };
            return Ok(("GET".to_owned(), target));
        }
        let send = step.send.as_deref().ok_or("the step sends nothing")?;
        let (method, path) = send
            .split_once(' ')
            .ok_or_else(|| format!("`{send}` is no method and path"))?;
        let path = names.fill(path)?;
        let mut query = self.exchange.query.clone();
        if path.contains('?') {
            query.clear();
        }
        query.extend(step.query.clone());
        let query = body::pairs(&query, names)?;
        let mark = match (query.is_empty(), path.contains('?')) {
            (true, _) => "",
            (false, true) => "&",
            (false, false) => "?",
        };
        let base = if path.starts_with("!/") {
            path.trim_start_matches('!').to_owned()
        } else {
            format!("{}{path}", self.subject.base_path)
        };
        Ok((method.to_owned(), format!("{base}{mark}{query}")))
    }
}

/// Asks again until `X-Experience-API-Consistent-Through` has passed the moment of asking, as clients do. An LRS whose
/// clock is behind is judged by its last answer.
fn once_consistent(subject: &Subject, request: &Request) -> Result<Answer, String> {
    let asked = names::now();
    let until = Instant::now() + CONSISTENT_WITHIN;
    loop {
        let answer = subject.transport.send(request)?;
        let through = answer
            .header("X-Experience-API-Consistent-Through")
            .and_then(timestamp::parse);
        let passed = through.is_some_and(|through| through.micros >= asked);
        if passed || Instant::now() > until {
            return Ok(answer);
        }
        thread::sleep(CONSISTENT_PAUSE);
    }
}

fn at_once(subject: &Subject, request: &Request, times: usize, step: &Step) -> Result<(), String> {
    let answers: Vec<Result<Answer, String>> = thread::scope(|scope| {
        let senders: Vec<_> = (0..times)
            .map(|_| scope.spawn(|| subject.transport.send(request)))
            .collect();
        senders
            .into_iter()
            .map(|sender| {
                sender
                    .join()
                    .unwrap_or_else(|_| Err("a sender died".to_owned()))
            })
            .collect()
    });
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for answer in answers {
        *counts.entry(answer?.status.to_string()).or_default() += 1;
    }
    if counts == step.statuses {
        return Ok(());
    }
    Err(format!(
        "expected the statuses {:?}, got {counts:?}",
        step.statuses
    ))
}
