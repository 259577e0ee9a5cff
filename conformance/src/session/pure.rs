//! Vectors of cmi5 sessions on the rules alone: launch data, `launched` and the statements before it make the facts,
//! and the request that is tried is judged with everything rejected, with everything flagged, and by no server.

use cmi5::launch_data::{self, Address};
use cmi5::seen::Who;
use cmi5::{AuRegistration, Facts, Finding, Incoming, Launch as Launched, Policies, Seen, Session};
use cmi5::{Decision, Outside, State, Writer, judge, outside};
use uuid::Uuid;
use xapi::{Limits, Version};

use super::{Expected, FLAG, REJECT, Trial, read};
use crate::launch::Launch;
use crate::names::{self, Names};
use crate::vector;
use crate::vector::session::{Bases, By, Force, Preparation, Sent, SessionCase};

/// Tries a request on the rules.
///
/// # Errors
/// What was expected and what came instead.
pub fn check(case: &SessionCase, trial: &Trial, version: Version) -> Result<(), String> {
    let bases = vector::cmi5_bases();
    let policies = match &case.policy {
        Some(policy) => vec![policy.as_str()],
        None => vec![REJECT, FLAG],
    };
    for policy in policies {
        let run = Run {
            case,
            trial,
            bases: &bases,
            version,
            flags: policy == FLAG && case.policy.is_none(),
            policies: serde_json::from_str(policy)
                .map_err(|error| format!("`{policy}` is no policy: {error}"))?,
        };
        run.run()
            .map_err(|difference| format!("with {policy}: {difference}"))?;
    }
    Ok(())
}

struct Run<'r> {
    case: &'r SessionCase,
    trial: &'r Trial,
    bases: &'r Bases,
    version: Version,
    /// What breaks a rule that policy reaches is flagged.
    flags: bool,
    policies: Policies,
}

/// What is known of a session so far.
struct Known {
    launch: Launched,
    session: Session,
    registration: AuRegistration,
    latest: Option<i64>,
}

impl Run<'_> {
    fn run(&self) -> Result<(), String> {
        let case = self.case;
        let mut names = Names::default();
        let mut earlier = None;
        let mut registration = AuRegistration::default();
        if !case.earlier.is_empty() {
            let mut launch = Launch::new(&case.launching(), None, self.bases)?;
            let mut known = self.prepare(&mut launch, registration, &mut names)?;
            self.accepted(&case.earlier, &mut launch, &mut known, &mut names)?;
            registration = match case.earlier_of.as_slice() {
                [] => known.registration,
                [..] => AuRegistration::default(),
            };
            earlier = Some(launch);
        }
        let like = earlier.as_ref();
        let like = like.map(|launch| (launch, case.earlier_of.as_slice()));
        let mut launch = Launch::new(&case.launching(), like, self.bases)?;
        let mut known = self.prepare(&mut launch, registration, &mut names)?;
        self.accepted(&case.before, &mut launch, &mut known, &mut names)?;
        self.tried(&mut launch, &mut known, &mut names)
    }

    /// The facts of a session that has been launched.
    fn prepare(
        &self,
        launch: &mut Launch,
        registration: AuRegistration,
        names: &mut Names,
    ) -> Result<Known, String> {
        launch.bind("", names);
        let launched = Sent {
            base: "launched".to_owned(),
            by: None,
            changes: self.case.launched.clone(),
        };
        let text = launch
            .clone()
            .statement(&launched, self.bases, names)
            .map_err(|difference| format!("launched: {difference}"))?;
        let seen = Seen::lenient(&text).ok_or("launched is no statement")?;
        let Who::Agent { identity, .. } = &seen.actor else {
            return Err("the learner is no Agent".to_owned());
        };
        let address = Address {
            activity: launch.value("activity").unwrap_or_default(),
            actor: identity,
            registration: launch
                .value("registration")
                .and_then(|text| Uuid::parse_str(text).ok()),
        };
        let document = launch.data.to_text();
        let checked = launch_data::check(document.as_bytes(), &address);
        if let Some((_, violation)) = checked.violations.first() {
            return Err(format!("the launch data break {}", violation.requirement));
        }
        let mut known = Known {
            launch: checked.launch.ok_or("the launch data make no launch")?,
            session: Session::new(names::now(), 0),
            registration,
            latest: None,
        };
        let does = |what| !self.case.without.contains(&what);
        known.session.preferences_read = does(Preparation::Preferences);
        if does(Preparation::Launched) {
            let findings = self.judge(&mut known, &text, By::Lms)?;
            clean(&findings).map_err(|difference| format!("launched: {difference}"))?;
        }
        Ok(known)
    }

    fn accepted(
        &self,
        statements: &[Sent],
        launch: &mut Launch,
        known: &mut Known,
        names: &mut Names,
    ) -> Result<(), String> {
        for (index, sent) in statements.iter().enumerate() {
            let text = launch.statement(sent, self.bases, names)?;
            let by = sent.by.unwrap_or(self.case.by);
            let findings = self.judge(known, &text, by)?;
            clean(&findings)
                .map_err(|difference| format!("statement {index} before it: {difference}"))?;
        }
        Ok(())
    }

    fn tried(
        &self,
        launch: &mut Launch,
        known: &mut Known,
        names: &mut Names,
    ) -> Result<(), String> {
        let (case, trial) = (self.case, self.trial);
        let mut texts = Vec::new();
        for sent in &trial.batch {
            texts.push(launch.statement(sent, self.bases, names)?);
        }
        let first = trial.batch.first().and_then(|sent| sent.by);
        let body = format!("[{}]", texts.join(","));
        let findings = self.judge(known, &body, first.unwrap_or(case.by))?;
        let state = if trial.refusal.is_empty() {
            let warnings = read(&case.warns);
            contains(&findings, &warnings, true)?;
            if cmi5::finding::is_rejected(&findings) {
                return Err(format!("expected acceptance, got {}", list(&findings)));
            }
            &case.state
        } else {
            contains(&findings, &trial.refusal, case.only)?;
            let flags = self.flags && case.force == Force::Policy;
            let expected = match flags {
                true => Decision::Flagged,
                false => Decision::Rejected,
            };
            if case.force != Force::Xapi && !findings.iter().any(|one| one.decision == expected) {
                let (expected, got) = (expected.as_str(), list(&findings));
                return Err(format!("expected it to be {expected}, got {got}"));
            }
            if flags || case.force == Force::Xapi {
                return Ok(());
            }
            &case.state_refused
        };
        match state.as_deref().map(State::parse) {
            Some(state) if state != Some(known.session.state) => Err(format!(
                "expected the session to be {state:?}, it is {:?}",
                known.session.state
            )),
            Some(_) | None => Ok(()),
        }
    }

    /// Judges a body and, unless it is rejected, remembers what it brought about.
    fn judge(&self, known: &mut Known, body: &str, by: By) -> Result<Vec<Finding>, String> {
        let parsed = xapi::statement::parse_batch(body, self.version, &Limits::default());
        let statements = match &parsed {
            Ok(statements) => statements.iter().map(Seen::of).collect(),
            Err(_) => Seen::lenient_batch(body).ok_or("the body is no statement")?,
        };
        let writer = match by {
            By::Token => Writer::Token,
            By::Au => Writer::AuKey,
            By::Lms | By::LmsAu => Writer::LmsKey,
        };
        let incoming: Vec<Incoming<'_>> = statements
            .iter()
            .enumerate()
            .map(|(index, seen)| Incoming {
                seen,
                index,
                id: seen.id.unwrap_or_else(|| Uuid::from_u128(u128::MAX)),
                id_given: seen.id.is_some(),
                writer,
                voided: false,
            })
            .collect();
        let session = known.launch.session.clone();
        let belongs = |one: &&Incoming<'_>| {
            by == By::Token || one.seen.session().is_some_and(|named| named == session)
        };
        let now = names::now();
        let mut findings = Vec::new();
        for one in incoming.iter().filter(|one| !belongs(one)) {
            let Outside {
                findings: found,
                waives,
            } = outside(&self.policies, Some(&known.registration), one, now);
            if !cmi5::finding::is_rejected(&found) {
                known.registration.waived.extend(waives);
            }
            findings.extend(found);
        }
        let own: Vec<Incoming<'_>> = incoming.iter().filter(belongs).cloned().collect();
        let facts = Facts {
            launch: &known.launch,
            session: &known.session,
            registration: &known.registration,
            latest: known.latest,
            policies: &self.policies,
            now,
        };
        let judged = judge(&facts, &own);
        findings.extend(judged.findings);
        if !cmi5::finding::is_rejected(&findings) {
            known.session = judged.session;
            known.registration = judged.registration;
            known.latest = judged.latest;
        }
        Ok(findings)
    }
}

fn clean(findings: &[Finding]) -> Result<(), String> {
    match findings {
        [] => Ok(()),
        found => Err(format!("expected no findings, got {}", list(found))),
    }
}

/// Whether all of these were found, and nothing else if that is asked for.
fn contains(findings: &[Finding], expected: &[Expected], only: bool) -> Result<(), String> {
    let is = |one: &Expected, finding: &Finding| {
        let violation = &finding.violation;
        violation.requirement == one.requirement
            && one
                .pointer
                .as_ref()
                .is_none_or(|at| *at == violation.pointer)
            && (one.index.is_none() || one.index == violation.statement)
    };
    let is_missing = |one: &&Expected| !findings.iter().any(|finding| is(one, finding));
    if let Some(one) = expected.iter().find(is_missing) {
        return Err(format!("expected {one}, got {}", list(findings)));
    }
    let is_other = |finding: &&Finding| !expected.iter().any(|one| is(one, finding));
    match findings.iter().find(is_other) {
        Some(_) if only => Err(format!("expected nothing more, got {}", list(findings))),
        Some(_) | None => Ok(()),
    }
}

fn list(findings: &[Finding]) -> String {
    let each = findings.iter().map(|finding| {
        let violation = &finding.violation;
        format!(
            "{} {} at {} of {:?} (got {})",
            finding.decision.as_str(),
            violation.requirement,
            violation.pointer,
            violation.statement,
            violation.got
        )
    });
    each.collect::<Vec<_>>().join("; ")
}
