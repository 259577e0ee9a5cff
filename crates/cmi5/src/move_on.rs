//! When an AU is satisfied (section 10.2.3 and 13.1.4: moveOn).

use uuid::Uuid;

use crate::launch::MoveOn;
use crate::registration::{AuRegistration, Mark};

/// With what a moveOn criterion is met.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Met {
    /// With what was there before the request, or with nothing at all.
    Before,
    /// With the statement at this place of the request.
    At(usize),
}

impl MoveOn {
    /// Whether what a learner has reached meets it; `waived` does whatever the criterion (9.3.7.0-1). `place`: where in
    /// the request a statement stands, if it is part of it.
    #[must_use]
    pub fn met(
        self,
        reached: &AuRegistration,
        place: impl Fn(Uuid) -> Option<usize>,
    ) -> Option<Met> {
        let first = |marks: &[Mark]| {
            let places = marks.iter().map(|mark| place(mark.statement));
            places.map(|place| place.map_or(Met::Before, Met::At)).min()
        };
        let (completed, passed) = (first(&reached.completed), first(&reached.passed));
        let by_criterion = match self {
            MoveOn::NotApplicable => Some(Met::Before),
            MoveOn::Completed => completed,
            MoveOn::Passed => passed,
            MoveOn::CompletedAndPassed => completed.zip(passed).map(|(one, other)| one.max(other)),
            MoveOn::CompletedOrPassed => earliest(completed, passed),
        };
        earliest(by_criterion, first(&reached.waived))
    }
}

fn earliest(one: Option<Met>, other: Option<Met>) -> Option<Met> {
    match (one, other) {
        (Some(one), Some(other)) => Some(one.min(other)),
        (one, None) => one,
        (None, other) => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn marks(ids: &[u128]) -> Vec<Mark> {
        ids.iter()
            .map(|&id| Mark {
                statement: Uuid::from_u128(id),
                session: "s".to_owned(),
                timestamp: 0,
                scaled: None,
            })
            .collect()
    }

    /// Statements from 100 on are the request's.
    fn met(move_on: MoveOn, [completed, passed, waived]: [&[u128]; 3]) -> Option<Met> {
        let reached = AuRegistration {
            completed: marks(completed),
            passed: marks(passed),
            failed: marks(&[100]),
            waived: marks(waived),
        };
        move_on.met(&reached, |id| {
            usize::try_from(id.as_u128()).ok()?.checked_sub(100)
        })
    }

    #[test]
    fn each_criterion_is_met_by_what_it_names_and_with_the_statement_that_was_missing() {
        use MoveOn::{Completed, CompletedAndPassed, CompletedOrPassed, NotApplicable, Passed};
        let none: [&[u128]; 3] = [&[], &[], &[]];
        for (move_on, reached, expected) in [
            (NotApplicable, none, Some(Met::Before)),
            (Completed, none, None),
            (Completed, [&[101], &[], &[]], Some(Met::At(1))),
            (Completed, [&[101, 1], &[], &[]], Some(Met::Before)),
            (Completed, [&[], &[100], &[]], None),
            (Passed, [&[101], &[], &[]], None),
            (Passed, [&[101], &[103], &[]], Some(Met::At(3))),
            (CompletedAndPassed, [&[101], &[], &[]], None),
            (CompletedAndPassed, [&[], &[101], &[]], None),
            (CompletedAndPassed, [&[102], &[101], &[]], Some(Met::At(2))),
            (CompletedAndPassed, [&[1], &[101], &[]], Some(Met::At(1))),
            (CompletedAndPassed, [&[1], &[2], &[]], Some(Met::Before)),
            (CompletedOrPassed, [&[102], &[101], &[]], Some(Met::At(1))),
            (CompletedOrPassed, [&[102], &[], &[]], Some(Met::At(2))),
            (CompletedOrPassed, [&[1], &[101], &[]], Some(Met::Before)),
            (Passed, [&[], &[], &[104]], Some(Met::At(4))),
            (CompletedAndPassed, [&[101], &[], &[104]], Some(Met::At(4))),
        ] {
            assert_eq!(met(move_on, reached), expected, "{move_on:?} {reached:?}");
        }
    }
}
