//! The order of judgement within a request (section 9.3: order is that of the timestamps).

use super::Incoming;
use crate::rule::Side;

/// The AU's statements by timestamp, equal ones as they were sent. Those of an LMS, whose clock is another, and those
/// without a valid timestamp keep their places in the request.
pub(super) fn by_timestamp<'s, 'i>(statements: &'s [Incoming<'i>]) -> Vec<&'s Incoming<'i>> {
    let time = |incoming: &&'s Incoming<'i>| match incoming.side() {
        Side::Au => incoming.seen.timestamp.value().map(|at| at.micros),
        Side::Lms => None,
    };
    let mut timed: Vec<&Incoming<'i>> = statements
        .iter()
        .filter(|incoming| time(incoming).is_some())
        .collect();
    timed.sort_by_key(time);
    let mut timed = timed.into_iter();
    statements
        .iter()
        .map(|incoming| match time(&incoming) {
            Some(_) => timed.next().unwrap_or(incoming),
            None => incoming,
        })
        .collect()
}
