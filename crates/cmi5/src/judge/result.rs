//! The result of cmi5 defined statements: success, completion, score, mastery, duration, progress (section 9.5).

use xapi::json::pointer;
use xapi::lexical::decimal;

use super::case::{self, NOTHING};
use super::{Case, Findings, equal};
use crate::rule;
use crate::rule::Rule;
use crate::seen::{Member, Outcome, Score, Seen};
use crate::vocabulary::{CATEGORY_MOVE_ON, MASTERY_SCORE, PROGRESS, Verb};

/// The result of a statement without one.
static NO_RESULT: Outcome<'static> = Outcome {
    score: None,
    success: Member::Absent,
    completion: Member::Absent,
    duration: Member::Absent,
    progress: None,
    reason: None,
};

pub(super) fn check(case: &Case<'_>, findings: &mut Findings<'_>) {
    judgement(case.statement, case.verb, findings);
    score(case.statement, case.verb, findings);
    mastery(case, findings);
    duration(case.statement, case.verb, findings);
    progress(case, findings);
}

/// The same for a statement that an LMS writes for itself: none of them is about a score.
pub(super) fn check_of_lms(statement: &Seen<'_>, verb: Option<Verb>, findings: &mut Findings<'_>) {
    judgement(statement, verb, findings);
    score(statement, verb, findings);
    duration(statement, verb, findings);
}

pub(super) fn of<'s, 'c>(statement: &'s Seen<'c>) -> &'s Outcome<'c> {
    statement.result.as_ref().unwrap_or(&NO_RESULT)
}

/// Success, completion, and the category that goes with them.
fn judgement(statement: &Seen<'_>, verb: Option<Verb>, findings: &mut Findings<'_>) {
    let result = of(statement);
    let (success, success_rule) = match verb {
        Some(Verb::Passed | Verb::Waived) => (Some(true), &rule::SUCCESS_TRUE),
        Some(Verb::Failed) => (Some(false), &rule::SUCCESS_FALSE),
        Some(
            Verb::Launched
            | Verb::Initialized
            | Verb::Completed
            | Verb::Abandoned
            | Verb::Terminated
            | Verb::Satisfied,
        )
        | None => (None, &rule::SUCCESS_ELSEWHERE),
    };
    let (completion, completion_rule) = match verb {
        Some(Verb::Completed | Verb::Waived) => (Some(true), &rule::COMPLETION_TRUE),
        Some(
            Verb::Launched
            | Verb::Initialized
            | Verb::Passed
            | Verb::Failed
            | Verb::Abandoned
            | Verb::Terminated
            | Verb::Satisfied,
        )
        | None => (None, &rule::COMPLETION_ELSEWHERE),
    };
    let at = "/result/success";
    boolean(&result.success, success, success_rule, at, findings);
    let at = "/result/completion";
    boolean(
        &result.completion,
        completion,
        completion_rule,
        at,
        findings,
    );
    if statement.has_success_or_completion() && !statement.has_move_on() {
        findings.broken(
            &rule::MOVE_ON_WITH_RESULT,
            "/context/contextActivities/category",
            CATEGORY_MOVE_ON,
            NOTHING,
        );
    }
}

fn boolean(
    given: &Member<'_, bool>,
    wanted: Option<bool>,
    rule: &'static Rule,
    pointer: &str,
    findings: &mut Findings<'_>,
) {
    let holds = match wanted {
        Some(wanted) => given.value() == Some(wanted),
        None => given.is_absent(),
    };
    if holds {
        return;
    }
    let expected = match wanted {
        Some(true) => "true",
        Some(false) => "false",
        None => NOTHING,
    };
    let got = match given {
        Member::Absent => NOTHING,
        Member::Is(true) => "true",
        Member::Is(false) => "false",
        Member::Wrong(sent) => sent,
    };
    findings.broken(rule, pointer, expected, got);
}

fn score(statement: &Seen<'_>, verb: Option<Verb>, findings: &mut Findings<'_>) {
    let Some(score) = &of(statement).score else {
        return;
    };
    match verb {
        Some(Verb::Passed | Verb::Failed) => {}
        Some(
            Verb::Launched
            | Verb::Initialized
            | Verb::Completed
            | Verb::Abandoned
            | Verb::Waived
            | Verb::Terminated
            | Verb::Satisfied,
        )
        | None => findings.broken(
            &rule::SCORE_WITH_JUDGEMENT,
            "/result/score",
            NOTHING,
            "a score",
        ),
    }
    raw(score, findings);
    if let Some(scaled) = score.scaled.as_deref()
        && !is_between(scaled, "0", "1")
    {
        findings.broken(
            &rule::SCALED_WITHIN_BOUNDS,
            "/result/score/scaled",
            "a number from 0 to 1",
            scaled,
        );
    }
}

fn raw(score: &Score<'_>, findings: &mut Findings<'_>) {
    let Some(raw) = score.raw.as_deref() else {
        return;
    };
    for (bound, pointer, expected) in [
        (&score.min, "/result/score/min", "`min` beside `raw`"),
        (&score.max, "/result/score/max", "`max` beside `raw`"),
    ] {
        if bound.is_none() {
            findings.broken(&rule::RAW_WITH_BOUNDS, pointer, expected, NOTHING);
        }
    }
    // What is no number is no bound, and no raw score lies within it.
    let min = score.min.as_deref().unwrap_or(raw);
    let max = score.max.as_deref().unwrap_or(raw);
    if !is_between(raw, min, max) {
        findings.broken(
            &rule::RAW_WITHIN_BOUNDS,
            "/result/score/raw",
            format!("a number from {min} to {max}"),
            raw,
        );
    }
}

/// Whether all three JSON texts are numbers and the first lies between the others, these included.
fn is_between(value: &str, min: &str, max: &str) -> bool {
    let numbers = (equal::number(value), equal::number(min), equal::number(max));
    let (Some(value), Some(min), Some(max)) = numbers else {
        return false;
    };
    decimal::compare(min, value).is_le() && decimal::compare(value, max).is_le()
}

/// Passed and failed agree with the launch's mastery score, and repeat it (9.3.4.0-2, 9.3.5.0-2, 9.6.3.2-2).
fn mastery(case: &Case<'_>, findings: &mut Findings<'_>) {
    let (Some(mastery), Some(score)) = (
        case.launch.mastery_score.as_deref(),
        &of(case.statement).score,
    ) else {
        return;
    };
    let (rule, word) = match case.verb {
        Some(Verb::Passed) => (&rule::PASSED_REACHES_MASTERY, "at least"),
        Some(Verb::Failed) => (&rule::FAILED_BELOW_MASTERY, "less than"),
        Some(
            Verb::Launched
            | Verb::Initialized
            | Verb::Completed
            | Verb::Abandoned
            | Verb::Waived
            | Verb::Terminated
            | Verb::Satisfied,
        )
        | None => return,
    };
    if let Some(scaled) = score.scaled.as_deref().and_then(equal::number) {
        let is_mastered = decimal::compare(scaled, mastery).is_ge();
        if is_mastered != (case.verb == Some(Verb::Passed)) {
            for rule in [rule, &rule::SCORE_AGREES_WITH_MASTERY] {
                findings.broken(
                    rule,
                    "/result/score/scaled",
                    format!("{word} the mastery score {mastery}"),
                    scaled,
                );
            }
        }
    }
    let given = case::context(case.statement).extension(MASTERY_SCORE);
    if !given.is_some_and(|given| equal::is_number(given, mastery)) {
        findings.broken(
            &rule::MASTERY_SCORE_GIVEN,
            pointer("/context/extensions", MASTERY_SCORE),
            mastery,
            given.unwrap_or(NOTHING),
        );
    }
}

fn duration(statement: &Seen<'_>, verb: Option<Verb>, findings: &mut Findings<'_>) {
    let rule = match verb {
        Some(Verb::Terminated) => &rule::TERMINATED_DURATION,
        Some(Verb::Completed) => &rule::COMPLETED_DURATION,
        Some(Verb::Passed) => &rule::PASSED_DURATION,
        Some(Verb::Failed) => &rule::FAILED_DURATION,
        Some(Verb::Abandoned) => &rule::ABANDONED_DURATION,
        Some(Verb::Launched | Verb::Initialized | Verb::Waived | Verb::Satisfied) | None => return,
    };
    let got = match &of(statement).duration {
        Member::Is(_) => return,
        Member::Absent => NOTHING,
        Member::Wrong(sent) => sent,
    };
    findings.broken(rule, "/result/duration", "an ISO 8601 duration", got);
}

fn progress(case: &Case<'_>, findings: &mut Findings<'_>) {
    let Some(progress) = of(case.statement).progress.as_deref() else {
        return;
    };
    let rule = &rule::PROGRESS_IS_PERCENTAGE;
    let at = pointer("/result/extensions", PROGRESS);
    if !is_percentage(progress) {
        findings.broken(rule, at, "an integer from 0 to 100", progress);
    } else if case.verb == Some(Verb::Completed) {
        findings.warned(rule, at, "no progress with completed", progress);
    }
}

/// An integer from 0 to 100 by value: `50.0` is one.
fn is_percentage(json: &str) -> bool {
    json.parse::<u8>().is_ok_and(|percent| percent <= 100)
        || (0..=100_u8).any(|percent| equal::is_number(json, &percent.to_string()))
}
