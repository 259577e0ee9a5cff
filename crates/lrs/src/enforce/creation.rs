//! A session becomes known: its records, its place in the registration, and what becomes of the one before it.

use std::sync::Arc;

use cmi5::session::AbandonedBy;
use cmi5::{Decision, Finding, Launch, Policies, Policy, Session, Side, State, rule};
use serde::{Deserialize, Serialize};
use storage::{Assert, FactKey, Op, Tenant};
use uuid::Uuid;
use xapi::Violation;

use super::Generated;
use crate::abandon;
use crate::event::{Event, Kind};
use crate::sessions::{self, Known, decode, keys, put, records};
use crate::{Caller, Error, Lrs};

/// What a new session brings with it, apart from its own records, which `sessions::Change` writes.
pub(crate) struct Creation {
    /// The session as it begins, with version 0.
    pub(crate) known: Known,
    pub(crate) asserts: Vec<Assert>,
    pub(crate) ops: Vec<Op>,
    pub(crate) generated: Vec<Generated>,
    pub(crate) findings: Vec<Finding>,
    pub(crate) events: Vec<Event>,
}

/// The newest launch of a registration: the one record that guards "is another session open".
#[derive(Serialize, Deserialize)]
struct Newest {
    session: String,
}

/// The session that the newest launch of a registration has begun.
///
/// # Errors
/// When the store cannot be read or is damaged.
pub(crate) fn newest_session(
    lrs: &Lrs,
    tenant: Tenant,
    registration: Uuid,
) -> Result<Option<String>, Error> {
    let key = FactKey::Record(keys::registration(registration));
    let record = records(lrs, tenant, &[key])?.into_iter().next().flatten();
    let newest: Option<Newest> = record
        .map(|record| decode(&record, "registration", &registration.to_string()))
        .transpose()?;
    Ok(newest.map(|newest| newest.session))
}

/// The first place in the list of sessions that is free, from this time on.
fn free_row(lrs: &Lrs, tenant: Tenant, mut row: u64) -> Result<u64, Error> {
    while records(lrs, tenant, &[FactKey::Record(keys::row(row))])?
        .iter()
        .any(Option::is_some)
    {
        row += 1;
    }
    Ok(row)
}

impl Creation {
    /// `first_row`: no place before it in the list of sessions may be taken; the request has given those to others.
    /// `is_busy`: the request itself decides on this other session, which then ends or goes on by that.
    pub(crate) fn plan(
        lrs: &Lrs,
        caller: &Caller,
        policies: &Policies,
        launch: &Launch,
        (now, first_row): (i64, u64),
        is_busy: impl Fn(&str) -> bool,
    ) -> Result<Self, Error> {
        let row = u64::try_from(now).unwrap_or(0).max(first_row);
        let row = free_row(lrs, caller.tenant(), row)?;
        let known = Known {
            launch: Arc::new(launch.clone()),
            session: Session::new(now, row),
            session_version: 0,
            touched: None,
            touch_version: 0,
        };
        let mut creation = Self {
            known,
            asserts: Vec::new(),
            ops: Vec::new(),
            generated: Vec::new(),
            findings: Vec::new(),
            events: vec![Event::of_session(Kind::Created, now, launch, None)],
        };
        let key = keys::registration(launch.registration);
        let found = records(lrs, caller.tenant(), &[FactKey::Record(key.clone())])?;
        let newest = found.into_iter().next().flatten();
        creation.asserts.push(Assert::RecordVersion(
            key.clone(),
            newest.as_ref().map_or(0, |record| record.version),
        ));
        creation.ops.push(put(
            key,
            &Newest {
                session: launch.session.clone(),
            },
        ));
        if let Some(record) = newest {
            let before: Newest = decode(&record, "registration", &launch.registration.to_string())?;
            if !is_busy(&before.session) {
                creation.meet(lrs, caller, policies, &before.session, now)?;
            }
        }
        Ok(creation)
    }

    /// The session that the registration's launch before this one had begun.
    fn meet(
        &mut self,
        lrs: &Lrs,
        caller: &Caller,
        policies: &Policies,
        before: &str,
        now: i64,
    ) -> Result<(), Error> {
        if before == self.known.launch.session {
            return Ok(());
        }
        let Some(before) = sessions::read(lrs, caller.tenant(), before)? else {
            return Ok(());
        };
        match before.session.state {
            State::Created | State::Launched | State::Initialized => {}
            State::Terminated | State::Abandoned => return Ok(()),
        }
        if policies.abandon_on_relaunch {
            let own = &lrs.settings.own_authority;
            let by = AbandonedBy::Relaunch;
            let plan = abandon::plan(lrs, caller.tenant(), &before, own, now, by)?;
            self.asserts.extend(plan.asserts);
            self.ops.extend(plan.ops);
            self.generated.push(plan.statement);
        } else if policies.of(Side::Lms, &rule::RELAUNCH) != Policy::Off {
            self.findings.push(Finding {
                violation: Violation::new(
                    rule::RELAUNCH.id,
                    "/contextTemplate/extensions",
                    "no open session of the same registration, or that it is abandoned first",
                    &before.launch.session,
                ),
                side: Side::Lms,
                // The launch itself is in order; what is missing is the end of the other one.
                decision: Decision::Flagged,
            });
        }
        Ok(())
    }
}
