//! Documents that mean something to cmi5: launch data, which make sessions, and the learner's preferences
//! (sections 10 and 11).

use cmi5::judge::Writer;
use cmi5::launch_data::{self, Address};
use cmi5::vocabulary::{PROFILE_LEARNER_PREFERENCES, STATE_LAUNCH_DATA};
use cmi5::{Decision as Verdict, Finding, Launch, Policies, Rule, Session, Side, preferences};
use storage::{Assert, Batch, DocumentFolder, DocumentKey};
use xapi::Violation;

use super::Sent;
use crate::commit::{Decision, decide_and_commit};
use crate::enforce::{Creation, Ruling, writer};
use crate::event::Event;
use crate::queue::QueueKey;
use crate::sessions::{self, Change, Known, keys, put};
use crate::{Caller, Error, Lrs, policies};

/// What cmi5 says of a document as it will be stored.
pub(super) fn rule(
    lrs: &Lrs,
    caller: &Caller,
    key: &DocumentKey,
    sent: &Sent,
) -> Result<Ruling, Error> {
    match &key.folder {
        DocumentFolder::State {
            activity,
            agent,
            registration,
        } if key.id == STATE_LAUNCH_DATA => {
            let address = Address {
                activity,
                actor: agent,
                registration: *registration,
            };
            launch(lrs, caller, &address, sent)
        }
        DocumentFolder::AgentProfile { .. } if key.id == PROFILE_LEARNER_PREFERENCES => {
            let side = match writer(caller) {
                Writer::Token | Writer::AuKey => Side::Au,
                Writer::LmsKey => Side::Lms,
            };
            let policies = policies::of(lrs, caller.tenant())?;
            let broken = preferences::check(&sent.content, &sent.content_type);
            let mut judged = Judged::new(lrs, caller, &policies, side, sent);
            judged.found(broken, None);
            Ok(judged.finish())
        }
        DocumentFolder::State { .. }
        | DocumentFolder::AgentProfile { .. }
        | DocumentFolder::ActivityProfile { .. } => Ok(Ruling::default()),
    }
}

/// Launch data make a session, or complete one that a `launched` statement has made.
fn launch(lrs: &Lrs, caller: &Caller, address: &Address<'_>, sent: &Sent) -> Result<Ruling, Error> {
    let policies = policies::of(lrs, caller.tenant())?;
    let checked = launch_data::check(&sent.content, address);
    let mut judged = Judged::new(lrs, caller, &policies, Side::Lms, sent);
    judged.found(checked.violations, checked.launch.as_ref());
    let Some(launch) = checked.launch else {
        return Ok(judged.finish());
    };
    match sessions::read(lrs, caller.tenant(), &launch.session)? {
        None => {
            let now = lrs.now();
            let creation = Creation::plan(lrs, caller, &policies, &launch, (now, 0), |_| false)?;
            judged.ruling.asserts.extend(creation.asserts);
            judged.ruling.ops.extend(creation.ops);
            judged.ruling.generated.extend(creation.generated);
            judged.events.extend(creation.events);
            for finding in creation.findings {
                judged.keep(finding, Some(&launch));
            }
            judged.change(&creation.known, &launch);
        }
        Some(known) => meet(&mut judged, &known, &launch),
    }
    Ok(judged.finish())
}

/// A document for a session that is known already.
fn meet(judged: &mut Judged<'_>, known: &Known, launch: &Launch) {
    let changes = launch_data::changes(&known.launch, launch);
    if !launch_data::is_same_launch(&known.launch, launch) {
        judged.found(changes, Some(&known.launch));
        return;
    }
    if changes.is_empty() && known.launch.has_document {
        return;
    }
    match known.session.state {
        cmi5::State::Created | cmi5::State::Launched => judged.change(known, launch),
        cmi5::State::Initialized | cmi5::State::Terminated | cmi5::State::Abandoned => {
            for (rule, violation) in changes {
                let violation = violation
                    .with_detail("the document is stored; the session goes by what it began with");
                judged.reported(rule, violation, &known.launch);
            }
        }
    }
}

/// Findings about one document, and what is to be written with it.
struct Judged<'j> {
    lrs: &'j Lrs,
    caller: &'j Caller,
    policies: &'j Policies,
    side: Side,
    sent: &'j Sent,
    ruling: Ruling,
    events: Vec<Event>,
}

impl<'j> Judged<'j> {
    fn new(
        lrs: &'j Lrs,
        caller: &'j Caller,
        policies: &'j Policies,
        side: Side,
        sent: &'j Sent,
    ) -> Self {
        Self {
            lrs,
            caller,
            policies,
            side,
            sent,
            ruling: Ruling::default(),
            events: Vec::new(),
        }
    }

    fn found(&mut self, broken: Vec<(&'static Rule, Violation)>, launch: Option<&Launch>) {
        for (rule, violation) in broken {
            if let Some(decision) = Verdict::of(self.policies.of(self.side, rule)) {
                let finding = Finding {
                    violation,
                    side: self.side,
                    decision,
                };
                self.keep(finding, launch);
            }
        }
    }

    /// Told and recorded, and no reason to refuse.
    fn reported(&mut self, rule: &'static Rule, violation: Violation, launch: &Launch) {
        if Verdict::of(self.policies.of(self.side, rule)).is_some() {
            let finding = Finding {
                violation,
                side: self.side,
                decision: Verdict::Flagged,
            };
            self.keep(finding, Some(launch));
        }
    }

    fn keep(&mut self, finding: Finding, launch: Option<&Launch>) {
        let name = &self.caller.credential.name;
        let mut event = Event::of_finding(&finding, self.lrs.now(), launch, None, name);
        if let (Verdict::Rejected, Some(violation)) = (finding.decision, &mut event.violation) {
            let text = String::from_utf8_lossy(&self.sent.content);
            let max = self.lrs.settings.refusals.text_bytes_max;
            violation.text = Some(crate::refusals::cut(&text, max));
        }
        self.ruling.violations.push(event);
        self.ruling.findings.push(finding);
    }

    fn change(&mut self, known: &Known, launch: &Launch) {
        Change {
            before: known,
            session: &known.session,
            launch: Some(launch),
            latest: None,
            relies_on_latest: false,
        }
        .write(&mut self.ruling.asserts, &mut self.ruling.ops);
    }

    fn finish(mut self) -> Ruling {
        if !self.ruling.is_rejected() {
            for event in self.events.iter().chain(&self.ruling.violations) {
                event.write(&mut self.ruling.ops);
            }
        }
        self.ruling
    }
}

/// Launch data that are wrong are a wrong document (400); what a learner's preferences may not be is forbidden (403).
pub(super) fn refused(key: &DocumentKey, error: Error) -> Error {
    match (&key.folder, error) {
        (DocumentFolder::State { .. }, Error::Forbidden(violations)) => {
            Error::Violations(violations)
        }
        (_, error) => error,
    }
}

/// Remembers that a session's token asked for the learner's preferences or for the launch data; the first time alone
/// writes anything.
pub(super) async fn note_read(lrs: &Lrs, caller: &Caller, key: &DocumentKey) -> Result<(), Error> {
    let Some(token) = &caller.session else {
        return Ok(());
    };
    let note: fn(&mut Session) -> &mut bool = match &key.folder {
        DocumentFolder::AgentProfile { .. } if key.id == PROFILE_LEARNER_PREFERENCES => {
            |session| &mut session.preferences_read
        }
        DocumentFolder::State {
            activity,
            registration,
            ..
        } if key.id == STATE_LAUNCH_DATA
            && *activity == token.known.launch.activity
            && *registration == Some(token.known.launch.registration) =>
        {
            |session| &mut session.launch_data_read
        }
        DocumentFolder::State { .. }
        | DocumentFolder::AgentProfile { .. }
        | DocumentFolder::ActivityProfile { .. } => return Ok(()),
    };
    let is_noted = |known: &Known| *note(&mut known.session.clone());
    if is_noted(&token.known) {
        return Ok(());
    }
    let tenant = caller.tenant();
    let turn = QueueKey::Record(tenant, keys::session(&token.id));
    decide_and_commit(lrs, vec![turn], || {
        let known = sessions::read(lrs, tenant, &token.id)?;
        let batch = known.filter(|known| !is_noted(known)).map(|known| {
            let mut session = known.session.clone();
            *note(&mut session) = true;
            Batch {
                tenant,
                asserts: vec![Assert::RecordVersion(
                    keys::session(&token.id),
                    known.session_version,
                )],
                ops: vec![put(keys::session(&token.id), &session)],
            }
        });
        Ok(Decision { batch, answer: () })
    })
    .await?;
    Ok(())
}
