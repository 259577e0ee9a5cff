//! `tessera demo`: plays an LMS and several AUs against a running server, shows what was sent and what came back, and
//! fails when an answer is not as it should be.

mod cases;
mod client;
mod launch;
mod player;
mod table;

use cmi5::Verb;

use self::cases::{CASES, Case};
use self::client::Answer;
use self::launch::Launch;
use self::player::{Au, Lms};
use self::table::{Row, head};
use super::Demo;
use crate::config::KeyAndSecret;

pub(super) fn run(demo: Demo, given: KeyAndSecret) -> Result<(), String> {
    const MISSING: &str = "give a key of role `lms` or `lms+au` and its secret: --key and --secret, or TESSERA_KEY \
                           and TESSERA_SECRET in the environment; `tessera key add` makes one";
    let key = demo.key.or(given.key).ok_or(MISSING)?;
    let secret = demo.secret.or(given.secret).ok_or(MISSING)?;
    let lms = Lms::connect(&demo.endpoint, &key, &secret)?;
    let mut shown = Shown::default();
    clean(&lms, &mut shown)?;
    offline(&lms, &mut shown)?;
    super::print(&head("Broken statements, each in a session of its own"))?;
    for case in CASES {
        broken(&lms, case, &mut shown)?;
    }
    super::print(&head("What a session's token does not open"))?;
    tokens(&lms, &mut shown)?;
    explain(&lms)?;
    shown.conclude()
}

/// What was printed so far.
#[derive(Default)]
struct Shown {
    rows: usize,
    unexpected: usize,
}

impl Shown {
    fn row(&mut self, row: &Row) -> Result<(), String> {
        self.rows += 1;
        self.unexpected += usize::from(row.unexpected.is_some());
        super::print(&row.print())
    }

    fn well(&mut self, what: &str, answer: &Answer) -> Result<(), String> {
        self.row(&Row::well(what, answer))
    }

    fn conclude(self) -> Result<(), String> {
        let Shown { rows, unexpected } = self;
        match unexpected {
            0 => super::print(&format!("\nAll {rows} answers are as they should be.\n")),
            count => Err(format!(
                "{count} of {rows} answers are not as they should be"
            )),
        }
    }
}

/// A session as it should be, step by step.
fn clean(lms: &Lms, shown: &mut Shown) -> Result<(), String> {
    super::print(&head("A clean session"))?;
    let launch = Launch::fresh("Normal");
    shown.well("LMS: LMS.LaunchData", &lms.put_launch_data(&launch)?)?;
    shown.well("LMS: launched", &lms.post_launched(&launch)?)?;
    let asked = lms.ask_fetch_url(&launch)?;
    shown.well("LMS: asks for a fetch URL", &asked)?;
    let fetched = lms.fetch(asked.text("fetch").unwrap_or_default())?;
    shown.well("AU: POST to the fetch URL", &fetched)?;
    let au = Au::with(lms, &launch, &fetched)?;
    shown.well("AU: reads its launch data", &au.launch_data()?)?;
    shown.row(&preferences(&au.preferences()?))?;
    let verbs = [
        ("AU: initialized", Verb::Initialized),
        ("AU: completed", Verb::Completed),
        ("AU: passed with 0.9", Verb::Passed),
        ("AU: terminated", Verb::Terminated),
    ];
    for (what, verb) in verbs {
        shown.well(what, &au.post(&launch.statement(verb))?)?;
    }
    let story = lms.story(&launch)?;
    let mut row = Row::well("LMS: asks what has become of it", &story);
    if story.text("state") != Some("Terminated") {
        row.unexpected = Some("the session should be Terminated".to_owned());
    }
    shown.row(&row)
}

/// There may be no such document; asking is what cmi5 demands.
fn preferences(answer: &Answer) -> Row {
    let is_there_or_not = answer.is_well() || answer.status == 404;
    Row {
        what: "AU: asks for the learner's preferences".to_owned(),
        status: answer.status,
        broken: answer.broken(),
        unexpected: (!is_there_or_not).then(|| "200 or 404 was expected".to_owned()),
    }
}

/// A whole session in one request, in another order than that of its timestamps.
fn offline(lms: &Lms, shown: &mut Shown) -> Result<(), String> {
    let launch = Launch::fresh("Normal");
    let au = lms.launch(&launch)?;
    let mut batch: Vec<_> = [Verb::Initialized, Verb::Completed, Verb::Terminated]
        .map(|verb| launch.statement(verb))
        .into();
    batch.rotate_left(1);
    let what = "AU: a session in one POST, out of order";
    shown.well(what, &au.post(&batch.into())?)
}

fn broken(lms: &Lms, case: &Case, shown: &mut Shown) -> Result<(), String> {
    let launch = Launch::fresh(case.mode);
    let au = lms.launch(&launch)?;
    for verb in case.before {
        let answer = au.post(&launch.statement(*verb))?;
        if !answer.is_well() {
            shown.well(&format!("{} before it", verb_name(*verb)), &answer)?;
        }
    }
    let answer = au.post(&(case.broken)(&launch))?;
    shown.row(&lms.refused(case.what, case.rule, &answer))
}

fn verb_name(verb: Verb) -> &'static str {
    verb.iri().rsplit('/').next().unwrap_or_default()
}

fn tokens(lms: &Lms, shown: &mut Shown) -> Result<(), String> {
    let launch = Launch::fresh("Normal");
    lms.put_launch_data(&launch)?;
    lms.post_launched(&launch)?;
    let asked = lms.ask_fetch_url(&launch)?;
    let url = asked.text("fetch").unwrap_or_default();
    let au = Au::with(lms, &launch, &lms.fetch(url)?)?;
    shown.row(&used_twice(&lms.fetch(url)?))?;
    let early = au.post(&launch.statement(Verb::Initialized))?;
    shown.row(&lms.refused(
        "initialized, preferences not asked for",
        "11.0.0.0-3",
        &early,
    ))?;
    let written = au.put_launch_data(&launch)?;
    shown.row(&lms.refused("writes LMS.LaunchData", "10.2.1.0-5", &written))?;
    let read = au.state_of(&launch.in_another_registration())?;
    shown.row(&lms.closed("reads another registration's state", "8.1.4.0-3", &read))?;
    let read = au.state_of(&Launch::fresh("Normal"))?;
    shown.row(&lms.closed("reads another learner's state", "8.1.3.0-3", &read))?;
    again_completed(lms, shown)?;
    after_the_end(lms, shown)
}

fn used_twice(answer: &Answer) -> Row {
    let code = answer.text("error-code").unwrap_or_default();
    let is_told = answer.status == 200 && code == "1" && answer.text("auth-token").is_none();
    Row {
        what: format!("POST to a used fetch URL: error-code {code}"),
        status: answer.status,
        broken: Vec::new(),
        unexpected: (!is_told)
            .then(|| "200 with error-code 1 and no token was expected".to_owned()),
    }
}

/// Once per registration, in whichever session.
fn again_completed(lms: &Lms, shown: &mut Shown) -> Result<(), String> {
    let first = Launch::fresh("Normal");
    let au = lms.launch(&first)?;
    for verb in [Verb::Initialized, Verb::Completed, Verb::Terminated] {
        au.post(&first.statement(verb))?;
    }
    let second = first.again();
    let au = lms.launch(&second)?;
    au.post(&second.statement(Verb::Initialized))?;
    let answer = au.post(&second.statement(Verb::Completed))?;
    shown.row(&lms.refused("completed again in a second session", "9.3.0.0-6", &answer))
}

fn after_the_end(lms: &Lms, shown: &mut Shown) -> Result<(), String> {
    let launch = Launch::fresh("Normal");
    let au = lms.launch(&launch)?;
    for verb in [Verb::Initialized, Verb::Terminated] {
        au.post(&launch.statement(verb))?;
    }
    let late = au.post(&launch.statement(Verb::Completed))?;
    shown.row(&lms.refused("completed after terminated", "8.1.2.0-2", &late))?;
    let launch = Launch::fresh("Normal");
    let au = lms.launch(&launch)?;
    au.post(&launch.statement(Verb::Initialized))?;
    shown.well("LMS: abandons a session", &lms.abandon(&launch)?)?;
    let late = au.post(&launch.statement(Verb::Completed))?;
    shown.row(&lms.refused("completed after abandoned", "8.1.2.0-2", &late))
}

/// "The learner has finished and the LMS shows nothing": what the report says then.
fn explain(lms: &Lms) -> Result<(), String> {
    let launch = Launch::fresh("Normal");
    let au = lms.launch(&launch)?;
    au.post(&launch.statement(Verb::Initialized))?;
    if let Some(case) = CASES.iter().find(|case| case.rule == "9.5.4.1-2") {
        au.post(&(case.broken)(&launch))?;
    }
    au.post(&launch.statement(Verb::Terminated))?;
    let story = lms.story(&launch)?;
    let mut text = format!(
        "\nWhere is my completion? GET /cmi5/v1/sessions/{} says:\n",
        launch.session
    );
    for line in story.body["summary"].as_array().into_iter().flatten() {
        text.push_str(&format!("  - {}\n", line.as_str().unwrap_or_default()));
    }
    super::print(&text)
}
