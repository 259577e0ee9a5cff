//! What was refused is recorded too: later somebody asks why. Refusing must never be dearer than accepting, so this
//! is not synced, bounded for each credential, and nobody waits for it.

use std::num::NonZeroU32;
use std::sync::atomic::{AtomicU64, Ordering};

use cmi5::{Finding, Side};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};
use storage::query::Order;
use storage::row::{RowsQuery, Table};
use storage::{Batch, Op, Seq, Store, Tenant};

use xapi::Violation;

use crate::commit::{Decision, decide_and_commit};
use crate::enforce::Ruling;
use crate::event::Event;
use crate::{Caller, Error, Lrs, event};

/// What the configuration sets.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Days after which a recorded refusal is deleted.
    pub kept_days: u32,
    /// Refused requests that are recorded, for each credential.
    pub per_minute_max: u32,
    /// Bytes of the refused statement's text that are kept.
    pub text_bytes_max: usize,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            kept_days: 90,
            per_minute_max: 120,
            text_bytes_max: 16 * 1024,
        }
    }
}

/// Violations kept of one request.
const EVENTS_MAX: usize = 50;

/// A request's violations keep so many whole texts together: one statement that breaks many rules stands with each.
const TEXTS_MAX: usize = 4;

pub struct Refusals {
    limits: DefaultKeyedRateLimiter<String>,
    dropped: AtomicU64,
    text_bytes_max: usize,
}

impl Refusals {
    #[must_use]
    pub fn new(settings: &Settings) -> Self {
        let per_minute = NonZeroU32::new(settings.per_minute_max).unwrap_or(NonZeroU32::MIN);
        Self {
            limits: RateLimiter::keyed(Quota::per_minute(per_minute)),
            dropped: AtomicU64::new(0),
            text_bytes_max: settings.text_bytes_max,
        }
    }

    /// Refused requests that were not recorded since the start.
    #[must_use]
    pub fn dropped(&self) -> u64 {
        self.dropped.load(Ordering::Relaxed)
    }

    /// Records what was refused to a credential, unless it has had too much refused lately.
    pub fn record(&self, store: &Store, tenant: Tenant, credential: &str, violations: &[Event]) {
        if violations.is_empty() {
            return;
        }
        let count_dropped = || self.dropped.fetch_add(1, Ordering::Relaxed);
        // Before anything is made of them: whoever sends nothing but refusals must not cost more by it.
        if self.limits.check_key(&credential.to_owned()).is_err() {
            count_dropped();
            return;
        }
        let mut ops: Vec<Op> = Vec::new();
        for event in as_refused(violations, self.text_bytes_max.saturating_mul(TEXTS_MAX)) {
            event.write(&mut ops);
        }
        let batch = Batch {
            tenant,
            asserts: Vec::new(),
            ops,
        };
        if store.submit_unsynced(batch).is_err() {
            count_dropped();
        }
    }
}

/// What is kept of a refused request's violations: the first of them, and of their texts no more bytes together.
fn as_refused(violations: &[Event], mut text_bytes: usize) -> Vec<Event> {
    let kept = violations.iter().take(EVENTS_MAX).cloned();
    kept.map(|mut event| {
        if let Some(violation) = &mut event.violation {
            // What else was wrong with a request that is refused is not stored either.
            violation.decision = cmi5::Decision::Rejected;
            let length = violation.text.as_ref().map_or(0, String::len);
            match text_bytes.checked_sub(length) {
                Some(left) => text_bytes = left,
                None => violation.text = None,
            }
        }
        event
    })
    .collect()
}

/// Records what is refused, and refuses it.
pub(crate) fn reject(lrs: &Lrs, caller: &Caller, ruling: Ruling) -> Error {
    let sender = caller
        .session
        .as_ref()
        .map_or(caller.credential.key.as_str(), |session| &session.id);
    lrs.refusals
        .record(&lrs.store, caller.tenant(), sender, &ruling.violations);
    Error::Forbidden(ruling.into_violations())
}

/// Records what a session's token may not reach, and refuses it.
pub(crate) fn deny(lrs: &Lrs, caller: &Caller, violation: Violation) -> Error {
    if let Some(token) = &caller.session {
        let finding = Finding {
            violation,
            side: Side::Au,
            decision: cmi5::Decision::Rejected,
        };
        let credential = &caller.credential.name;
        let launch = Some(&*token.known.launch);
        let event = Event::of_finding(&finding, lrs.now(), launch, None, credential);
        lrs.refusals
            .record(&lrs.store, caller.tenant(), &token.id, &[event]);
        return Error::forbidden(finding.violation);
    }
    Error::forbidden(violation)
}

/// Records why statements of a session's token are no valid xAPI, and refuses them: what is missing in a session may have
/// been sent wrong.
pub(crate) fn invalid(lrs: &Lrs, caller: &Caller, body: &str, found: Vec<Violation>) -> Error {
    if let Some(token) = &caller.session {
        let (now, max) = (lrs.now(), lrs.settings.refusals.text_bytes_max);
        let events: Vec<Event> = found
            .iter()
            .map(|violation| {
                let finding = Finding {
                    violation: violation.clone(),
                    side: Side::Au,
                    decision: cmi5::Decision::Rejected,
                };
                let credential = &caller.credential.name;
                let launch = Some(&*token.known.launch);
                let mut event = Event::of_finding(&finding, now, launch, None, credential);
                if let Some(recorded) = &mut event.violation {
                    recorded.text = Some(cut(body, max));
                }
                event
            })
            .collect();
        lrs.refusals
            .record(&lrs.store, caller.tenant(), &token.id, &events);
    }
    Error::Violations(found)
}

/// Events looked at in one go.
const PAGE: usize = 500;

/// Deletes the refusals of a tenant that have been kept long enough, and forgets senders that were quiet. Answers how
/// many were deleted. To be called again and again.
///
/// # Errors
/// When the store cannot be read or written.
pub async fn sweep(lrs: &Lrs, tenant: Tenant) -> Result<usize, Error> {
    lrs.refusals.limits.retain_recent();
    let kept = i64::from(lrs.settings.refusals.kept_days) * 86_400 * 1_000_000;
    let until = u64::try_from(lrs.now() - kept).unwrap_or(0);
    let mut deleted = 0;
    loop {
        let page = lrs.store.rows(&RowsQuery {
            tenant,
            table: Table::Event,
            groups: vec![vec![event::decision_term(cmi5::Decision::Rejected)]],
            after: None,
            up_to: Some(Seq(until)),
            order: Order::OldestFirst,
            cursor: None,
            rows_max: PAGE,
            keys_max: lrs.settings.scan_keys_max,
        })?;
        let ops: Vec<Op> = page
            .rows
            .iter()
            .map(|(row, _)| Op::DeleteRow {
                table: Table::Event,
                row: *row,
            })
            .collect();
        let count = ops.len();
        if count == 0 {
            return Ok(deleted);
        }
        decide_and_commit(lrs, Vec::new(), || {
            Ok(Decision {
                batch: Some(Batch {
                    tenant,
                    asserts: Vec::new(),
                    ops: ops.clone(),
                }),
                answer: (),
            })
        })
        .await?;
        deleted += count;
    }
}

/// The beginning of a text, at most so many bytes.
pub(crate) fn cut(text: &str, bytes_max: usize) -> String {
    if text.len() <= bytes_max {
        return text.to_owned();
    }
    let end = text.floor_char_boundary(bytes_max);
    format!("{}…", text.get(..end).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refused_request_keeps_few_texts() {
        let finding = Finding {
            violation: Violation::new("9.1.0.0-1", "/id", "an id", "nothing"),
            side: Side::Au,
            decision: cmi5::Decision::Flagged,
        };
        let mut event = Event::of_finding(&finding, 0, None, None, "key");
        if let Some(violation) = &mut event.violation {
            violation.text = Some("x".repeat(100));
        }
        let kept = as_refused(&vec![event; EVENTS_MAX + 10], 250);
        assert_eq!(kept.len(), EVENTS_MAX);
        let violations = || kept.iter().filter_map(|event| event.violation.as_ref());
        assert_eq!(violations().filter(|one| one.text.is_some()).count(), 2);
        assert!(violations().all(|one| one.decision == cmi5::Decision::Rejected));
    }

    #[test]
    fn a_text_is_cut_between_characters() {
        assert_eq!(cut("abc", 3), "abc");
        assert_eq!(cut("aéb", 2), "a…");
    }
}
