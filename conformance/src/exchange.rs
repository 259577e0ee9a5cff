//! Vectors of exchanges: requests in order, and what is expected of each answer.

use std::collections::BTreeMap;
use std::thread;
use std::time::{Duration, Instant};

use xapi::Version;
use xapi::lexical::timestamp;

use crate::body::{self, Body};
use crate::course;
use crate::expect;
use crate::launch::Launch;
use crate::names::{self, Names};
use crate::patch::Json;
use crate::session::steps::{Client, path_of};
use crate::subject::Subject;
use crate::transport::{Answer, Request};
use crate::vector::session::{self, Adopted, Launched, Sent};
use crate::vector::{self, Account, Bases, Exchange, Step};

const CONSISTENT_WITHIN: Duration = Duration::from_secs(5);
const CONSISTENT_PAUSE: Duration = Duration::from_millis(5);

/// Why an exchange was not run against this server.
#[must_use]
pub fn obstacle(exchange: &Exchange, subject: &Subject) -> Option<String> {
    if let Some(reason) = subject.kind.exempt(exchange.of) {
        return Some(reason.to_owned());
    }
    if let Err(reason) = subject.with_policy(exchange.policy.as_deref()) {
        return Some(reason);
    }
    let mut steps = exchange.steps.iter();
    if let Some(unknown) = steps.find(|step| !subject.knows(step.account)) {
        return Some(format!("there is no key for {:?}", unknown.account));
    }
    let launches = exchange.steps.iter().any(|step| step.launch.is_some());
    (launches && !subject.knows(Account::Lms)).then(|| "there is no key of an LMS".to_owned())
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
    let subject = subject.with_policy(exchange.policy.as_deref())?;
    let cmi5_bases = vector::cmi5_bases();
    let mut launches = Launches::default();
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
        let mut run = Run {
            exchange,
            bases,
            cmi5_bases: &cmi5_bases,
            version,
            subject,
            launches: &mut launches,
        };
        run.step(step, &mut names).map_err(|difference| {
            let launched = step.launch.as_ref().map(|launch| launch.name.as_str());
            let what = step.send.as_deref().or(step.follow.as_deref());
            let what = what.or(launched).unwrap_or("statements");
            format!("step {} ({what}): {difference}", index + 1)
        })?;
    }
    Ok(())
}

/// The launches of an exchange by their names, and which of them is at hand.
#[derive(Default)]
struct Launches {
    all: BTreeMap<String, Launch>,
    at_hand: String,
}

struct Run<'r> {
    exchange: &'r Exchange,
    bases: &'r Bases,
    cmi5_bases: &'r session::Bases,
    version: Version,
    subject: &'r Subject,
    launches: &'r mut Launches,
}

impl Run<'_> {
    fn step(&mut self, step: &Step, names: &mut Names) -> Result<(), String> {
        if let Some(launched) = &step.launch {
            return self.launch(launched, names);
        }
        if let Some(adopted) = &step.adopt {
            return self.adopt(adopted, names);
        }
        if let Some(name) = &step.session {
            self.launches.at_hand.clone_from(name);
            self.at_hand()?.bind("", names);
        }
        for (name, sent) in &step.make {
            let text = self.statement(sent, names)?;
            names.bind(name, text);
        }
        if let Some(times) = step.times {
            let mut requests = Vec::new();
            for _ in 0..times {
                requests.push(self.request(step, names)?);
            }
            return at_once(self.subject, &requests, step);
        }
        let request = self.request(step, names)?;
        let until = Instant::now() + CONSISTENT_WITHIN;
        loop {
            let answer = if step.consistent {
                once_consistent(self.subject, &request)?
            } else {
                self.subject.transport.send(&request)?
            };
            match self.judge(step, &answer, names) {
                Err(_) if step.soon && Instant::now() < until => thread::sleep(CONSISTENT_PAUSE),
                judged => return judged,
            }
        }
    }

    fn judge(&self, step: &Step, answer: &Answer, names: &mut Names) -> Result<(), String> {
        expect::judge(step, answer, names)?;
        if self.subject.kind.names_violations() {
            expect::violations(step, answer, names)?;
        }
        Ok(())
    }

    fn launch(&mut self, launched: &Launched, names: &mut Names) -> Result<(), String> {
        let like = match &launched.like {
            Some(name) => {
                let known = self.launches.all.get(name);
                Some((known.ok_or("no such launch")?, launched.but.as_slice()))
            }
            None => None,
        };
        let launching = launched.launching();
        let mut launch = Launch::new(&launching, like, self.cmi5_bases)?;
        let (subject, version) = (self.subject, self.version);
        Client { subject, version }.prepare(&launching, &mut launch, self.cmi5_bases, names)?;
        let name = &launched.name;
        launch.bind(&format!("{name}_"), names);
        self.launches.all.insert(name.clone(), launch);
        self.launches.at_hand.clone_from(name);
        Ok(())
    }

    fn adopt(&mut self, adopted: &Adopted, names: &mut Names) -> Result<(), String> {
        let url = names.fill(&adopted.url)?;
        let (subject, version) = (self.subject, self.version);
        let launch = Client { subject, version }.adopt(&url)?;
        let name = &adopted.name;
        launch.bind("", names);
        launch.bind(&format!("{name}_"), names);
        self.launches.all.insert(name.clone(), launch);
        self.launches.at_hand.clone_from(name);
        Ok(())
    }

    fn at_hand(&mut self) -> Result<&mut Launch, String> {
        let name = &self.launches.at_hand;
        let launch = self.launches.all.get_mut(name);
        launch.ok_or_else(|| format!("there is no launch `{name}`"))
    }

    fn statement(&mut self, sent: &Sent, names: &mut Names) -> Result<String, String> {
        let bases = self.cmi5_bases;
        let prefix = format!("{}_", self.launches.at_hand);
        let launch = self.at_hand()?;
        let text = launch.statement(sent, bases, names)?;
        launch.bind(&prefix, names);
        Ok(text)
    }

    fn body(&mut self, step: &Step, names: &mut Names) -> Result<Option<Body>, String> {
        let json = |text: String| {
            Some(Body {
                content_type: "application/json".to_owned(),
                bytes: text.into_bytes(),
            })
        };
        if let Some(changes) = &step.data {
            let mut data = Json::parse(&self.cmi5_bases.data)?;
            for line in changes {
                data.apply(line)?;
            }
            return Ok(json(names.fill(&data.to_text())?));
        }
        if let Some(package) = &step.package {
            return course::body(package, self.cmi5_bases, names).map(Some);
        }
        let Some(statements) = &step.cmi5 else {
            return body::of(step, self.bases, names);
        };
        let mut texts = Vec::new();
        for sent in statements {
            texts.push(self.statement(sent, names)?);
        }
        let text = match texts.as_slice() {
            [only] => only.clone(),
            several => format!("[{}]", several.join(",")),
        };
        Ok(json(text))
    }

    fn authorization(&mut self, account: Account) -> Result<Option<String>, String> {
        if account != Account::Token {
            return Ok(self.subject.authorization(account));
        }
        let token = self.at_hand()?.value("auth");
        let token = token.ok_or("no token was fetched")?;
        Ok(Some(format!("Basic {token}")))
    }

    fn request(&mut self, step: &Step, names: &mut Names) -> Result<Request, String> {
        let mut headers = BTreeMap::new();
        if let Some(authorization) = self.authorization(step.account)? {
            headers.insert("Authorization".to_owned(), authorization);
        }
        let version = self.version.announced().to_owned();
        headers.insert("X-Experience-API-Version".to_owned(), version);
        let body = self.body(step, names)?;
        let (method, target) = self.target(step, names)?;
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
            return Ok(("GET".to_owned(), path_of(&link).to_owned()));
        }
        let usual = match (&step.cmi5, &step.data) {
            (Some(_), _) => Some("POST /statements"),
            (None, Some(_)) => Some("PUT /activities/state"),
            (None, None) => None,
        };
        let send = step.send.as_deref().or(usual);
        let send = send.ok_or("the step sends nothing")?;
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
        let base = if let Some(link) = path.strip_prefix('!') {
            path_of(link).to_owned()
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

fn at_once(subject: &Subject, requests: &[Request], step: &Step) -> Result<(), String> {
    let answers: Vec<Result<Answer, String>> = thread::scope(|scope| {
        let senders: Vec<_> = requests
            .iter()
            .map(|request| scope.spawn(|| subject.transport.send(request)))
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
    let mut statuses: BTreeMap<String, usize> = BTreeMap::new();
    let mut counts: BTreeMap<String, usize> =
        step.counts.keys().map(|text| (text.clone(), 0)).collect();
    for answer in answers {
        let answer = answer?;
        *statuses.entry(answer.status.to_string()).or_default() += 1;
        let body = String::from_utf8_lossy(&answer.body);
        for (text, count) in &mut counts {
            *count += usize::from(body.contains(text.as_str()));
        }
    }
    if statuses == step.statuses && counts == step.counts {
        return Ok(());
    }
    Err(format!(
        "expected the statuses {:?} and texts {:?}, got {statuses:?} and {counts:?}",
        step.statuses, step.counts
    ))
}
