//! Ending sessions that no AU ends: by request, and when they have been idle for too long.

use serde_json::Value;
use storage::Fact;
use storage::batch::RecordKind;
use storage::statement::{Content, parsed};
use storage::{Assert, Batch, FactKey, Op, StatementFact, StoredStatement, Tenant};
use uuid::Uuid;
use xapi::statement::Actor;

use crate::commit::{Decision, decide_and_commit};
use crate::enforce::{Abandoning, Generated, abandoned};
use crate::event::{Event, Kind};
use crate::queue::QueueKey;
use crate::sessions::{self, Change, Known, keys};
use crate::statements::generated;
use crate::{Caller, Error, Lrs, policies};
use cmi5::session::AbandonedBy;
use cmi5::{Session, State};

/// Timers looked at in one go.
const PAGE: usize = 200;

/// What ends a session: to be committed together.
pub(crate) struct Plan {
    pub(crate) statement: Generated,
    pub(crate) asserts: Vec<Assert>,
    pub(crate) ops: Vec<Op>,
}

/// Ends a session that is open. Its duration is the time from launched to the AU's last statement (9.5.4.2-2), both as
/// they were stored.
///
/// # Errors
/// When the store cannot be read.
pub(crate) fn plan(
    lrs: &Lrs,
    tenant: Tenant,
    known: &Known,
    authority: &str,
    now: i64,
    by: AbandonedBy,
) -> Result<Plan, Error> {
    let launched = launched(lrs, tenant, &known.session)?;
    let created = u64::try_from(known.session.created_at).unwrap_or(0);
    let began = launched.as_ref().map_or(created, |launched| launched.seq.0);
    let last = known.touched.map_or(began, |touched| touched.at);
    let launch = &known.launch;
    let actor = launched.and_then(|launched| actor(&launched.content, &launch.actor));
    let with = Abandoning {
        actor,
        authority,
        now,
        duration: last.saturating_sub(began),
    };
    let statement = abandoned(launch, &with);
    let session = Session {
        state: State::Abandoned,
        abandoned: Some(statement.id),
        abandoned_by: Some(by),
        ended_at: Some(now),
        ..known.session.clone()
    };
    let (mut asserts, mut ops) = (Vec::new(), Vec::new());
    let change = Change {
        before: known,
        session: &session,
        launch: None,
        latest: None,
        relies_on_latest: true,
    };
    change.write(&mut asserts, &mut ops);
    Event::of_session(Kind::Abandoned, now, launch, Some(statement.id)).write(&mut ops);
    Ok(Plan {
        statement,
        asserts,
        ops,
    })
}

/// The `launched` statement, when there is one.
fn launched(
    lrs: &Lrs,
    tenant: Tenant,
    session: &Session,
) -> Result<Option<StoredStatement>, Error> {
    let Some(launched) = session.launched else {
        return Ok(None);
    };
    let facts = lrs.store.facts(tenant, &[FactKey::Statement(launched)])?;
    Ok(match facts.into_iter().next() {
        Some(Fact::Statement(StatementFact::Stored(stored))) => Some(*stored),
        Some(_) | None => None,
    })
}

/// The actor of a statement as it was written, names and all, if it is this learner.
fn actor(content: &Content, learner: &str) -> Option<Value> {
    let text: Value = serde_json::from_str(&content.text).ok()?;
    let (statement, _) = parsed(content)?;
    match &statement.actor {
        Actor::Agent(agent) if agent.ifi.canonical() == learner => text.get("actor").cloned(),
        Actor::Agent(_) | Actor::Group(_) => None,
    }
}

/// Ends a session for its AU, and answers the id of the `abandoned` statement. A session that has been abandoned
/// stays so: the statement is that of the first time.
///
/// # Errors
/// [`Error::Forbidden`] for an AU, [`Error::NotFound`] for an unknown session, [`Error::Conflict`] for a terminated
/// one.
pub async fn abandon(lrs: &Lrs, caller: &Caller, session: &str) -> Result<Uuid, Error> {
    caller.needs_to_run_sessions()?;
    let (tenant, authority) = (caller.tenant(), &caller.credential.authority);
    let turn = QueueKey::Record(tenant, keys::session(session));
    let (id, _) = decide_and_commit(lrs, vec![turn], || {
        let known = sessions::read(lrs, tenant, session)?
            .ok_or(Error::NotFound("there is no such session"))?;
        match (known.session.state, known.session.abandoned) {
            (State::Abandoned, Some(statement)) => Ok(Decision {
                batch: None,
                answer: statement,
            }),
            (State::Terminated | State::Abandoned, _) => Err(Error::Conflict {
                message: "the session has ended: its AU has sent `terminated`".to_owned(),
                violations: Vec::new(),
            }),
            (State::Created | State::Launched | State::Initialized, _) => {
                let plan = plan(
                    lrs,
                    tenant,
                    &known,
                    authority,
                    lrs.now(),
                    AbandonedBy::Request,
                )?;
                end(lrs, tenant, plan)
            }
        }
    })
    .await?;
    Ok(id)
}

fn end(lrs: &Lrs, tenant: Tenant, plan: Plan) -> Result<Decision<Uuid>, Error> {
    let answer = plan.statement.id;
    let (mut asserts, mut ops) = generated(lrs, tenant, &[plan.statement])?;
    asserts.extend(plan.asserts);
    ops.extend(plan.ops);
    Ok(Decision {
        batch: Some(Batch {
            tenant,
            asserts,
            ops,
        }),
        answer,
    })
}

/// Abandons the sessions of a tenant that have been idle for longer than its policy lets them. Answers how many. To be
/// called again and again; several nodes may do so at once.
///
/// # Errors
/// When the store cannot be read. A session that cannot be ended is logged, and looked at again the next time.
pub async fn sweep(lrs: &Lrs, tenant: Tenant) -> Result<usize, Error> {
    let idle = policies::of(lrs, tenant)?.abandon_after_idle_seconds;
    if idle == 0 {
        return Ok(0);
    }
    let mut ended = 0;
    let due = u64::try_from(lrs.now())
        .unwrap_or(0)
        .saturating_sub(idle.saturating_mul(1_000_000));
    let mut after: Option<Vec<u8>> = None;
    loop {
        let page =
            lrs.store
                .records_page(tenant, RecordKind::Timer, &[], after.as_deref(), PAGE)?;
        for (key, _) in &page {
            let Some((armed, id)) = parse_timer(&key.key) else {
                continue;
            };
            if armed > due {
                return Ok(ended);
            }
            match look_at(lrs, tenant, armed, id, due).await {
                Ok(true) => ended += 1,
                Ok(false) => {}
                // One that cannot be ended must not keep the others from it.
                Err(error) => {
                    tracing::error!(session = id, ?error, "an idle session cannot be ended")
                }
            }
        }
        match page.last() {
            Some((key, _)) if page.len() == PAGE => after = Some(key.key.clone()),
            Some(_) | None => return Ok(ended),
        }
    }
}

/// A timer is due: ends its session, or arms it again if the AU has been active since.
async fn look_at(lrs: &Lrs, tenant: Tenant, armed: u64, id: &str, due: u64) -> Result<bool, Error> {
    let turn = QueueKey::Record(tenant, keys::session(id));
    let (ended, _) = decide_and_commit(lrs, vec![turn], || {
        let known = sessions::read(lrs, tenant, id)?;
        let open =
            known.filter(|known| known.session.timer == armed && !known.session.state.has_ended());
        let Some(known) = open else {
            // Another node was here, or the session ended.
            return Ok(nothing());
        };
        let active = known.touched.map_or(armed, |touched| touched.at);
        if active > due {
            return Ok(Decision {
                batch: Some(rearm(tenant, &known, armed, active)),
                answer: false,
            });
        }
        let own = &lrs.settings.own_authority;
        let plan = plan(lrs, tenant, &known, own, lrs.now(), AbandonedBy::Idle)?;
        let decision = end(lrs, tenant, plan)?;
        Ok(Decision {
            batch: decision.batch,
            answer: true,
        })
    })
    .await?;
    Ok(ended)
}

fn nothing() -> Decision<bool> {
    Decision {
        batch: None,
        answer: false,
    }
}

fn rearm(tenant: Tenant, known: &Known, armed: u64, active: u64) -> Batch {
    let id = known.launch.session.as_str();
    let session = Session {
        timer: active,
        ..known.session.clone()
    };
    Batch {
        tenant,
        asserts: vec![Assert::RecordVersion(
            keys::session(id),
            known.session_version,
        )],
        ops: vec![
            Op::DeleteRecord(keys::timer(armed, id)),
            Op::PutRecord(keys::timer(active, id), Vec::new()),
            sessions::put(keys::session(id), &session),
        ],
    }
}

fn parse_timer(key: &[u8]) -> Option<(u64, &str)> {
    let (armed, id) = key.split_first_chunk::<8>()?;
    Some((u64::from_be_bytes(*armed), std::str::from_utf8(id).ok()?))
}
