//! Vectors of cmi5 sessions on a server: what each case expands to, how a session is launched there as an LMS and an
//! AU do it, and what must become of the statements that are tried. `pure` tries the same on the rules alone.

pub mod pure;
pub mod steps;

use std::fmt;

use xapi::Version;

use crate::launch::Launch;
use crate::names::Names;
use crate::subject::Subject;
use crate::vector::session::{Bases, By, Force, Sent, SessionCase};
use crate::vector::{self, File};
use steps::Client;

/// The policies that cases without one of their own run with.
pub const REJECT: &str = r#"{"au": "reject", "lms": "reject"}"#;
pub const FLAG: &str = r#"{"au": "flag", "lms": "flag"}"#;

/// One request to be tried.
#[derive(Debug, Clone)]
pub struct Trial {
    /// What is particular about it.
    pub label: String,
    pub batch: Vec<Sent>,
    /// Violations that a refusal names; none if it is accepted.
    pub refusal: Vec<Expected>,
}

#[derive(Debug, Clone)]
pub struct Expected {
    pub requirement: String,
    pub pointer: Option<String>,
    /// Index of the statement in the request.
    pub index: Option<usize>,
}

impl fmt::Display for Expected {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let pointer = self.pointer.as_deref().unwrap_or("any pointer");
        write!(formatter, "{} at `{pointer}`", self.requirement)?;
        match self.index {
            Some(index) => write!(formatter, " of statement {index}"),
            None => Ok(()),
        }
    }
}

/// Every policy that the vectors ask for.
#[must_use]
pub fn policies(files: &[(&'static str, File)]) -> Vec<String> {
    let own = files.iter().flat_map(|(_, file)| {
        let sessions = file.sessions.iter().filter_map(|case| case.policy.clone());
        let exchanges = file.exchanges.iter().filter_map(|case| case.policy.clone());
        sessions.chain(exchanges)
    });
    let mut policies: Vec<String> = own.chain([REJECT, FLAG].map(str::to_owned)).collect();
    policies.sort();
    policies.dedup();
    policies
}

/// All trials of a case.
///
/// # Errors
/// When the case is not well made.
pub fn trials(case: &SessionCase) -> Result<Vec<Trial>, String> {
    let mut trials = Vec::new();
    let here = [None];
    let at: Vec<Option<&String>> = match &case.at {
        Some(at) => at.iter().map(Some).collect(),
        None => here.to_vec(),
    };
    for at in at {
        for (values, accepted) in [(&case.accept, true), (&case.refuse, false)] {
            for value in values {
                trials.push(changed(case, at, value, accepted)?);
            }
        }
    }
    for (batches, accepted) in [(&case.accept_batches, true), (&case.refuse_batches, false)] {
        for batch in batches {
            let bases: Vec<&str> = batch.iter().map(|sent| sent.base.as_str()).collect();
            let pointer = case.pointer.clone().unwrap_or_default();
            trials.push(Trial {
                label: bases.join(", "),
                batch: batch.clone(),
                refusal: refusal(case, accepted, &pointer, case.index)?,
            });
        }
    }
    if trials.is_empty() {
        return Err("the case tries nothing".to_owned());
    }
    Ok(trials)
}

fn changed(
    case: &SessionCase,
    at: Option<&String>,
    value: &str,
    accepted: bool,
) -> Result<Trial, String> {
    let change = match (at, value) {
        (None, change) => change.to_owned(),
        (Some(at), "-") => format!("-? {at}"),
        (Some(at), value) => format!("{at} = {value}"),
    };
    let index = case.change.unwrap_or(case.send.len().saturating_sub(1));
    let mut batch = case.send.clone();
    let sent = batch.get_mut(index).ok_or("there is nothing to change")?;
    sent.changes.push(change.clone());
    let changed = change.trim_start_matches("-? ").trim_start_matches("- ");
    let changed = changed.split_once(" = ").map_or(changed, |(at, _)| at);
    let pointer = case.pointer.as_deref().unwrap_or(changed);
    Ok(Trial {
        label: change.clone(),
        batch,
        refusal: refusal(case, accepted, pointer, Some(case.index.unwrap_or(index)))?,
    })
}

fn refusal(
    case: &SessionCase,
    accepted: bool,
    pointer: &str,
    index: Option<usize>,
) -> Result<Vec<Expected>, String> {
    if accepted {
        return Ok(Vec::new());
    }
    let first = case.requirement.as_ref().or(case.ids.first());
    let mut expected = vec![Expected {
        requirement: first.cloned().ok_or("the case has no id")?,
        pointer: Some(pointer.to_owned()).filter(|pointer| pointer != "*"),
        index,
    }];
    expected.extend(read(&case.also));
    Ok(expected)
}

/// `requirement pointer`, or a requirement alone.
fn read(lines: &[String]) -> Vec<Expected> {
    let line = |line: &String| {
        let (requirement, pointer) = match line.split_once(' ') {
            Some((requirement, pointer)) => (requirement, Some(pointer.to_owned())),
            None => (line.as_str(), None),
        };
        Expected {
            requirement: requirement.to_owned(),
            pointer,
            index: None,
        }
    };
    lines.iter().map(line).collect()
}

/// Tries a request on servers: with everything rejected and with everything flagged, or with the case's own policy.
///
/// # Errors
/// What was expected and what came instead.
pub fn check_server(
    case: &SessionCase,
    trial: &Trial,
    version: Version,
    subject: &Subject,
) -> Result<(), String> {
    let bases = vector::cmi5_bases();
    let run = |policy: &str, flags: Flags| {
        let subject = subject.with_policy(Some(policy))?;
        let run = Run {
            case,
            trial,
            bases: &bases,
            client: Client { subject, version },
        };
        run.run(flags)
            .map_err(|difference| format!("with {policy}: {difference}"))
    };
    if let Some(policy) = &case.policy {
        return run(policy, Flags::No);
    }
    run(REJECT, Flags::No)?;
    run(FLAG, Flags::Yes)
}

/// Whether what breaks a rule is stored and recorded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Flags {
    No,
    Yes,
}

struct Run<'r> {
    case: &'r SessionCase,
    trial: &'r Trial,
    bases: &'r Bases,
    client: Client<'r>,
}

impl Run<'_> {
    fn run(&self, flags: Flags) -> Result<(), String> {
        let case = self.case;
        let mut names = Names::default();
        let mut earlier = None;
        if !case.earlier.is_empty() {
            let mut launch = Launch::new(&case.launching(), None, self.bases)?;
            self.prepare(&mut launch, &mut names)
                .map_err(|difference| format!("the earlier session: {difference}"))?;
            self.accepted(&case.earlier, &mut launch, &mut names)
                .map_err(|difference| format!("the earlier session: {difference}"))?;
            launch.bind("earlier_", &mut names);
            earlier = Some(launch);
        }
        let like = earlier
            .as_ref()
            .map(|launch| (launch, case.earlier_of.as_slice()));
        let mut launch = Launch::new(&case.launching(), like, self.bases)?;
        self.prepare(&mut launch, &mut names)
            .map_err(|difference| format!("the launch: {difference}"))?;
        self.accepted(&case.before, &mut launch, &mut names)?;
        self.tried(flags, &mut launch, &mut names)
    }

    fn prepare(&self, launch: &mut Launch, names: &mut Names) -> Result<(), String> {
        let launching = self.case.launching();
        self.client.prepare(&launching, launch, self.bases, names)
    }

    /// Sends these one by one, each of which must be accepted with nothing recorded against it.
    fn accepted(
        &self,
        statements: &[Sent],
        launch: &mut Launch,
        names: &mut Names,
    ) -> Result<(), String> {
        for (index, sent) in statements.iter().enumerate() {
            let text = launch.statement(sent, self.bases, names)?;
            let by = sent.by.unwrap_or(self.case.by);
            let answer = self.client.post(by.account(), launch, text)?;
            answer.expect(&format!("statement {index} before it"), &[200])?;
            answer.flags(&[])?;
        }
        Ok(())
    }

    fn tried(&self, flags: Flags, launch: &mut Launch, names: &mut Names) -> Result<(), String> {
        let case = self.case;
        let mut texts = Vec::new();
        for sent in &self.trial.batch {
            texts.push(launch.statement(sent, self.bases, names)?);
        }
        let by = self.by();
        let body = format!("[{}]", texts.join(","));
        let answer = self.client.post(by.account(), launch, body)?;
        let refusal = &self.trial.refusal;
        if refusal.is_empty() {
            let warnings = read(&case.warns);
            answer.expect("the trial", &[200])?;
            answer.flags(&warnings)?;
            if !case.server_only {
                self.recorded(launch, &warnings)?;
            }
            return self.state(case.state.as_deref(), launch);
        }
        match (case.force, flags) {
            (Force::Policy, Flags::Yes) => {
                answer.expect("the trial", &[200])?;
                answer.flags(refusal)?;
                return self.recorded(launch, refusal);
            }
            (Force::Xapi, Flags::Yes) => answer.expect("the trial", &[400])?,
            (Force::Credential, _) => answer.expect("the trial", &[401])?,
            (Force::Policy | Force::Xapi, Flags::No) | (Force::Always, _) => {
                answer.expect("the trial", &[403])?;
                answer.names(refusal, case.only)?;
            }
        }
        self.state(case.state_refused.as_deref(), launch)
    }

    fn recorded(&self, launch: &Launch, expected: &[Expected]) -> Result<(), String> {
        let session = launch.value("session");
        let sessions = match self.case.by {
            By::Token | By::Au => vec![session],
            By::Lms | By::LmsAu => vec![session, launch.value("waiver"), None],
        };
        self.client.recorded(launch, expected, &sessions)
    }

    fn state(&self, state: Option<&str>, launch: &Launch) -> Result<(), String> {
        match state {
            Some(state) => self.client.state(launch, state),
            None => Ok(()),
        }
    }

    /// Who sends the request: whoever its first statement names, or the case.
    fn by(&self) -> By {
        let first = self.trial.batch.first();
        first.and_then(|sent| sent.by).unwrap_or(self.case.by)
    }
}
