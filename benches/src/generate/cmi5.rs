//! A cmi5 session: what the LMS and the AU write from launch to end, in order.

use std::collections::VecDeque;
use std::ops::Range;

use uuid::Uuid;

use super::words::{ANSWERS, SENTENCES};
use super::world::{Au, Course, Learner, World};
use super::{Draft, Rng, Style};

const CATEGORY: &str = "https://w3id.org/xapi/cmi5/context/categories/cmi5";
const CATEGORY_MOVE_ON: &str = "https://w3id.org/xapi/cmi5/context/categories/moveon";
const EXTENSIONS: &str = "https://w3id.org/xapi/cmi5/context/extensions";

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Moment {
    Launched,
    Initialized,
    Experienced(usize),
    Answered(usize),
    Progressed(usize),
    Passed,
    Failed,
    Completed,
    Terminated,
    Satisfied,
}

pub(super) struct Session {
    learner: Learner,
    course: usize,
    au: usize,
    registration: Uuid,
    id: Uuid,
    plan: VecDeque<Moment>,
}

impl Session {
    pub(super) fn new(rng: &mut Rng, world: &World, pages: Range<usize>) -> Session {
        let course = rng.below(world.courses.len());
        let learner = world.learner(rng);
        Session {
            au: rng.below(world.courses[course].aus.len()),
            course,
            // One for each session: a registration has at most one `completed` of an AU.
            registration: rng.uuid(),
            id: rng.uuid(),
            plan: plan(rng, pages),
            learner,
        }
    }

    pub(super) fn is_over(&self) -> bool {
        self.plan.is_empty()
    }

    pub(super) fn next(&mut self, rng: &mut Rng, world: &World) -> Draft {
        let moment = self.plan.pop_front().unwrap_or(Moment::Terminated);
        let course = &world.courses[self.course];
        let au = &course.aus[self.au];
        let (activity, object) = object(moment, course, au);
        Draft {
            style: match moment {
                Moment::Launched | Moment::Satisfied => Style::Plain,
                Moment::Initialized
                | Moment::Experienced(_)
                | Moment::Answered(_)
                | Moment::Progressed(_)
                | Moment::Passed
                | Moment::Failed
                | Moment::Completed
                | Moment::Terminated => course.style,
            },
            actor: format!(
                r#"{{"objectType":"Agent","name":"{}","account":{{"homePage":"{}","name":"{}"}}}}"#,
                self.learner.name, world.lms, self.learner.account
            ),
            verb: moment.verb(),
            verb_json: format!(
                r#"{{"id":"{}","display":{{"en":"{}"}}}}"#,
                moment.verb(),
                moment.verb().rsplit('/').next().unwrap_or_default()
            ),
            activity,
            object,
            result: result(rng, moment, au),
            context: self.context(moment, course, au),
            related: Some(course.publisher_id.clone()),
            registration: Some(self.registration),
        }
    }

    fn context(&self, moment: Moment, course: &Course, au: &Au) -> String {
        let category = match moment {
            Moment::Launched | Moment::Initialized | Moment::Terminated | Moment::Satisfied => {
                format!(r#","category":[{{"objectType":"Activity","id":"{CATEGORY}"}}]"#)
            }
            Moment::Passed | Moment::Failed | Moment::Completed => {
                format!(r#","category":[{{"id":"{CATEGORY}"}},{{"id":"{CATEGORY_MOVE_ON}"}}]"#)
            }
            Moment::Experienced(_) | Moment::Answered(_) | Moment::Progressed(_) => String::new(),
        };
        let extra = match moment {
            Moment::Launched => format!(
                r#","{EXTENSIONS}/launchmode":"Normal","{EXTENSIONS}/launchurl":"{}","{EXTENSIONS}/moveon":"{}","{EXTENSIONS}/masteryscore":{}"#,
                au.url, au.move_on, au.mastery_score
            ),
            Moment::Passed | Moment::Failed => {
                format!(r#","{EXTENSIONS}/masteryscore":{}"#, au.mastery_score)
            }
            Moment::Initialized
            | Moment::Experienced(_)
            | Moment::Answered(_)
            | Moment::Progressed(_)
            | Moment::Completed
            | Moment::Terminated
            | Moment::Satisfied => String::new(),
        };
        let parent = match moment {
            Moment::Answered(_) | Moment::Experienced(_) => {
                format!(
                    r#""parent":[{{"objectType":"Activity","id":"{}"}}],"#,
                    au.lms_id
                )
            }
            Moment::Launched
            | Moment::Initialized
            | Moment::Progressed(_)
            | Moment::Passed
            | Moment::Failed
            | Moment::Completed
            | Moment::Terminated
            | Moment::Satisfied => String::new(),
        };
        format!(
            r#"{{"registration":"{}","contextActivities":{{{parent}"grouping":[{{"objectType":"Activity","id":"{}","definition":{{"name":{{"{}":"{}"}},"type":"http://adlnet.gov/expapi/activities/course"}}}},{{"id":"{}"}},{{"id":"{}"}}]{category}}},"language":"{}","extensions":{{"{EXTENSIONS}/sessionid":"{}"{extra}}}}}"#,
            self.registration,
            course.publisher_id,
            course.language,
            course.title,
            au.publisher_id,
            course.lms_id,
            course.language,
            self.id,
        )
    }
}

impl Moment {
    fn verb(self) -> &'static str {
        match self {
            Moment::Launched => "http://adlnet.gov/expapi/verbs/launched",
            Moment::Initialized => "http://adlnet.gov/expapi/verbs/initialized",
            Moment::Experienced(_) => "http://adlnet.gov/expapi/verbs/experienced",
            Moment::Answered(_) => "http://adlnet.gov/expapi/verbs/answered",
            Moment::Progressed(_) => "http://adlnet.gov/expapi/verbs/progressed",
            Moment::Passed => "http://adlnet.gov/expapi/verbs/passed",
            Moment::Failed => "http://adlnet.gov/expapi/verbs/failed",
            Moment::Completed => "http://adlnet.gov/expapi/verbs/completed",
            Moment::Terminated => "http://adlnet.gov/expapi/verbs/terminated",
            Moment::Satisfied => "https://w3id.org/xapi/adl/verbs/satisfied",
        }
    }
}

fn plan(rng: &mut Rng, pages: Range<usize>) -> VecDeque<Moment> {
    let mut plan = VecDeque::from([Moment::Launched, Moment::Initialized]);
    for page in 0..pages.start + rng.below(pages.len()) {
        plan.push_back(Moment::Experienced(page));
        if rng.below(3) == 0 {
            plan.push_back(Moment::Progressed((page * 12 + 5).min(100)));
        }
    }
    for question in 0..rng.below(6) {
        plan.push_back(Moment::Answered(question));
    }
    // One session in five is left without an outcome, half of those without an end.
    match rng.below(10) {
        0 => return plan,
        1 => {}
        2 | 3 => plan.push_back(Moment::Failed),
        4..=6 => plan.extend([Moment::Completed, Moment::Passed, Moment::Satisfied]),
        _ => plan.push_back(Moment::Completed),
    }
    plan.push_back(Moment::Terminated);
    plan
}

fn object(moment: Moment, course: &Course, au: &Au) -> (String, String) {
    let (id, definition) = match moment {
        Moment::Experienced(page) => {
            let id = format!("{}/page/{page}", au.lms_id);
            let definition = format!(
                r#""name":{{"{0}":"{1}: page {page}"}},"description":{{"{0}":"{2}"}},"type":"http://adlnet.gov/expapi/activities/module""#,
                course.language,
                au.title,
                Rng::of(&id).pick(SENTENCES)
            );
            (id, definition)
        }
        Moment::Answered(question) => {
            let id = format!("{}/question/{question}", au.lms_id);
            let definition = choice(&mut Rng::of(&id), course);
            (id, definition)
        }
        Moment::Launched
        | Moment::Initialized
        | Moment::Progressed(_)
        | Moment::Passed
        | Moment::Failed
        | Moment::Completed
        | Moment::Terminated => (
            au.lms_id.clone(),
            format!(
                r#""name":{{"{0}":"{1}"}},"description":{{"{0}":"{2}"}},"type":"http://adlnet.gov/expapi/activities/lesson""#,
                course.language, au.title, au.description
            ),
        ),
        Moment::Satisfied => (
            course.lms_id.clone(),
            format!(
                r#""name":{{"{}":"{}"}},"type":"https://w3id.org/xapi/cmi5/activitytype/course""#,
                course.language, course.title
            ),
        ),
    };
    let object =
        format!(r#"{{"objectType":"Activity","id":"{id}","definition":{{{definition}}}}}"#);
    (id, object)
}

/// Definition of a multiple-choice question.
pub(super) fn choice(rng: &mut Rng, course: &Course) -> String {
    let choices: Vec<String> = (0..4)
        .map(|n| {
            format!(
                r#"{{"id":"choice-{n}","description":{{"{}":"{}"}}}}"#,
                course.language,
                rng.pick(ANSWERS)
            )
        })
        .collect();
    format!(
        r#""type":"http://adlnet.gov/expapi/activities/cmi.interaction","description":{{"{}":"{}"}},"interactionType":"choice","correctResponsesPattern":["choice-{}"],"choices":[{}]"#,
        course.language,
        rng.pick(SENTENCES),
        rng.below(4),
        choices.join(",")
    )
}

fn result(rng: &mut Rng, moment: Moment, au: &Au) -> Option<String> {
    let duration = format!(
        "PT{}M{}.{:02}S",
        rng.below(40),
        rng.below(60),
        rng.below(100)
    );
    let result = match moment {
        Moment::Launched | Moment::Initialized | Moment::Experienced(_) | Moment::Satisfied => {
            return None;
        }
        Moment::Answered(_) => format!(
            r#"{{"response":"choice-{}","success":{},"duration":"PT{}.{}S"}}"#,
            rng.below(4),
            rng.below(2) == 0,
            rng.below(60),
            rng.below(100)
        ),
        Moment::Progressed(percent) => {
            format!(
                r#"{{"extensions":{{"https://w3id.org/xapi/cmi5/result/extensions/progress":{percent}}}}}"#
            )
        }
        Moment::Passed => {
            let mastery = (au.mastery_score.parse().unwrap_or(1.0) * 100.0) as usize;
            score(mastery + rng.below(101 - mastery), "true", &duration)
        }
        Moment::Failed => score(rng.below(60), "false", &duration),
        Moment::Completed => format!(r#"{{"completion":true,"duration":"{duration}"}}"#),
        Moment::Terminated => format!(r#"{{"duration":"{duration}"}}"#),
    };
    Some(result)
}

fn score(percent: usize, success: &str, duration: &str) -> String {
    format!(
        r#"{{"score":{{"scaled":{}.{:02},"raw":{percent},"min":0,"max":100}},"success":{success},"duration":"{duration}"}}"#,
        percent / 100,
        percent % 100
    )
}
