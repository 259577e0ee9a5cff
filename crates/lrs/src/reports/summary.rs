//! A session's story in plain words: what came, what did not, and why: the answer to "where is my completion".

use cmi5::Verb;

use super::facts::Reached;
use super::statements::Told;
use super::story::Story;
use super::violations::Violated;

/// Refused statements with the same verb that are told one by one.
const REFUSED_TOLD_MAX: usize = 5;

/// One request that was refused, with all the rules that it broke.
struct Refused<'s> {
    at: &'s str,
    verb: Option<Verb>,
    violations: Vec<&'s Violated>,
}

pub(super) fn of(story: &Story) -> Vec<String> {
    let refused = refused(story);
    let mut lines = vec![state(story)];
    lines.extend(token(story));
    let results = [Verb::Completed, Verb::Passed, Verb::Failed];
    for verb in [Verb::Initialized].iter().chain(&results) {
        lines.extend(verb_lines(story, *verb, &refused));
    }
    lines.extend(verb_lines(story, Verb::Terminated, &refused));
    lines.extend(mode(story));
    lines.extend(move_on(story));
    lines.extend(others_refused(&refused));
    lines.extend(of_lms(story));
    if story.statements_more || story.events_more {
        lines.push(
            "there is more than is listed here: ask for statements and violations by themselves"
                .to_owned(),
        );
    }
    lines
}

fn state(story: &Story) -> String {
    let overview = &story.overview;
    let ended = short(overview.ended_at.as_deref().unwrap_or_default());
    match overview.state.as_str() {
        "Created" => {
            "the session is Created: there is launch data, and neither `launched` nor `initialized` has come"
                .to_owned()
        }
        "Launched" => "the session is Launched: the AU has not sent `initialized`".to_owned(),
        "Initialized" => format!(
            "the session is Initialized since {}: neither `terminated` nor `abandoned` has come",
            short(overview.initialized_at.as_deref().unwrap_or_default())
        ),
        "Terminated" => format!("the session is Terminated: the AU ended it at {ended}"),
        _ => format!("the session is Abandoned since {ended}: the AU never ended it by `terminated`"),
    }
}

/// What the AU has not asked for, while that can be why nothing comes.
fn token(story: &Story) -> Option<String> {
    if story.overview.initialized_at.is_some() {
        return None;
    }
    let flags = &story.flags;
    match flags.fetch_url.as_str() {
        "open" => Some("the fetch URL was never used: the AU did not ask for its token".to_owned()),
        "used" if !flags.launch_data_read => {
            Some("the token was fetched, but the AU did not read its launch data".to_owned())
        }
        "used" if !flags.preferences_read => Some(
            "the token was fetched, but the AU did not ask for the learner's preferences (11.0.0.0-3)"
                .to_owned(),
        ),
        _ => None,
    }
}

/// What became of the statements with a verb. Nothing is said of results that nobody tried to send and nobody needs.
fn verb_lines(story: &Story, verb: Verb, refused: &[Refused<'_>]) -> Vec<String> {
    let name = name(verb);
    let of_verb: Vec<&Refused<'_>> = refused
        .iter()
        .filter(|one| one.verb == Some(verb))
        .collect();
    let stored: Vec<&Told> = story
        .statements
        .iter()
        .filter(|statement| statement.is(verb))
        .collect();
    let mut lines: Vec<String> = stored.iter().map(|told| stored_line(told, name)).collect();
    if stored.is_empty() && (is_expected(story, verb) || !of_verb.is_empty()) {
        lines.push(match of_verb.len() {
            0 => format!("no `{name}` was stored, and none was refused: the AU did not send it"),
            1 => format!("no `{name}` was stored; one was refused"),
            count => format!("no `{name}` was stored; {count} were refused"),
        });
        lines.extend(elsewhere(story, verb));
    }
    for one in of_verb.iter().take(REFUSED_TOLD_MAX) {
        lines.push(format!(
            "`{name}` was refused at {}: {}",
            short(one.at),
            reasons(&one.violations)
        ));
    }
    let untold = of_verb.len().saturating_sub(REFUSED_TOLD_MAX);
    if untold > 0 {
        lines.push(format!("`{name}` was refused {untold} times more"));
    }
    lines
}

fn stored_line(told: &Told, name: &str) -> String {
    let stored = short(&told.stored);
    match (told.voided, told.flagged.as_slice()) {
        (true, _) => format!("`{name}` was stored at {stored} and voided: it does not count"),
        (false, []) => format!("`{name}` was stored at {stored}"),
        (false, rules) => format!(
            "`{name}` was stored at {stored} but flagged ({}): completed, passed and failed do not count then",
            rules.join(", ")
        ),
    }
}

/// The same in another session of the registration.
fn elsewhere(story: &Story, verb: Verb) -> Vec<String> {
    let own = story.overview.id.as_str();
    marks(story, verb)
        .iter()
        .filter(|mark| mark.session != own)
        .map(|mark| {
            format!(
                "`{}` counts already from the session `{}`, with the timestamp {}",
                name(verb),
                mark.session,
                short(&mark.timestamp)
            )
        })
        .collect()
}

fn marks(story: &Story, verb: Verb) -> &[Reached] {
    let facts = &story.registration_facts;
    match verb {
        Verb::Completed => &facts.completed,
        Verb::Passed => &facts.passed,
        Verb::Failed => &facts.failed,
        Verb::Waived => &facts.waived,
        Verb::Launched
        | Verb::Initialized
        | Verb::Abandoned
        | Verb::Terminated
        | Verb::Satisfied => &[],
    }
}

/// Whether somebody will ask where it is.
fn is_expected(story: &Story, verb: Verb) -> bool {
    let move_on = story.launch_data.move_on.as_deref().unwrap_or_default();
    match verb {
        Verb::Initialized | Verb::Terminated => true,
        Verb::Completed => story.launch_data.launch_mode == "Normal" && move_on != "Passed",
        Verb::Passed => move_on.contains("Passed"),
        Verb::Failed | Verb::Launched | Verb::Abandoned | Verb::Waived | Verb::Satisfied => false,
    }
}

fn mode(story: &Story) -> Option<String> {
    let mode = &story.launch_data.launch_mode;
    (mode != "Normal").then(|| {
        format!("the launch mode is {mode}: completed, passed and failed may not be sent (10.2.2.0-2, -3)")
    })
}

/// Whether moveOn is met in the registration, by this session or another.
fn move_on(story: &Story) -> Option<String> {
    let facts = &story.registration_facts;
    let completed = ("completed", !facts.completed.is_empty());
    let passed = ("passed", !facts.passed.is_empty());
    let move_on = story.launch_data.move_on.as_deref()?;
    if !facts.waived.is_empty() {
        return Some(format!("moveOn is {move_on}: the AU was waived"));
    }
    let (is_met, wanted) = match move_on {
        "Passed" => (passed.1, vec![passed]),
        "Completed" => (completed.1, vec![completed]),
        "CompletedAndPassed" => (completed.1 && passed.1, vec![completed, passed]),
        "CompletedOrPassed" => (completed.1 || passed.1, vec![completed, passed]),
        _ => (true, Vec::new()),
    };
    if is_met {
        return Some(format!("moveOn is {move_on} and met"));
    }
    let wanted: Vec<String> = wanted
        .into_iter()
        .map(|(name, counts)| format!("{} `{name}` counts", if counts { "a" } else { "no" }))
        .collect();
    Some(format!(
        "moveOn is {move_on} and not met in this registration: {}",
        wanted.join(", ")
    ))
}

/// What was refused and is none of the statements that have lines of their own.
fn others_refused(refused: &[Refused<'_>]) -> Vec<String> {
    let others = refused.iter().filter(|one| match one.verb {
        Some(
            Verb::Initialized | Verb::Completed | Verb::Passed | Verb::Failed | Verb::Terminated,
        ) => false,
        Some(Verb::Launched | Verb::Abandoned | Verb::Waived | Verb::Satisfied) | None => true,
    });
    let lines = others.map(|one| {
        format!(
            "something else was refused at {}: {}",
            short(one.at),
            reasons(&one.violations)
        )
    });
    lines.take(REFUSED_TOLD_MAX).collect()
}

fn of_lms(story: &Story) -> Option<String> {
    let mut rules: Vec<&str> = story
        .violations
        .iter()
        .filter(|violation| violation.side == "lms" && violation.decision == "flagged")
        .map(|violation| violation.requirement.as_str())
        .collect();
    rules.dedup();
    (!rules.is_empty()).then(|| format!("the LMS broke rules of its own: {}", rules.join(", ")))
}

fn reasons(violations: &[&Violated]) -> String {
    let reasons: Vec<String> = violations
        .iter()
        .map(|one| {
            format!(
                "{} at {}: expected {}, got {}",
                one.requirement,
                match one.pointer.as_str() {
                    "" => "the whole",
                    pointer => pointer,
                },
                one.expected,
                one.got
            )
        })
        .collect();
    reasons.join("; ")
}

/// Violations of one statement in one request, together.
fn refused(story: &Story) -> Vec<Refused<'_>> {
    let mut all: Vec<Refused<'_>> = Vec::new();
    let rejected = story
        .violations
        .iter()
        .filter(|violation| violation.decision == "rejected");
    for violation in rejected {
        let same = all.last_mut().filter(|last| {
            last.violations
                .last()
                .is_some_and(|one| is_of_same(one, violation))
        });
        match same {
            Some(last) => last.violations.push(violation),
            None => all.push(Refused {
                at: &violation.at,
                verb: violation.verb.as_deref().and_then(Verb::parse),
                violations: vec![violation],
            }),
        }
    }
    all
}

fn is_of_same(one: &Violated, other: &Violated) -> bool {
    (&one.at, &one.statement, &one.text) == (&other.at, &other.statement, &other.text)
}

fn name(verb: Verb) -> &'static str {
    verb.iri().rsplit('/').next().unwrap_or_default()
}

/// A time without its fraction.
fn short(time: &str) -> String {
    match time.split_once('.') {
        Some((seconds, _)) => format!("{seconds}Z"),
        None => time.to_owned(),
    }
}
