//! Content outside cmi5: interactive elements in the manner of H5P, and slides of an authoring tool.

use super::words::{ANSWERS, SENTENCES};
use super::world::{Course, Learner, World, name};
use super::{Draft, Rng, Style, cmi5};

pub(super) fn draft(rng: &mut Rng, world: &World) -> Draft {
    let learner = world.learner(rng);
    let at = rng.below(world.courses.len());
    let course = &world.courses[at];
    match rng.below(2) {
        0 => element(rng, world, course, &learner),
        _ => slide(rng, world, course, &learner),
    }
}

fn element(rng: &mut Rng, world: &World, course: &Course, learner: &Learner) -> Draft {
    let number = 500 * course.aus.len() + rng.below(500);
    let activity = format!(
        "{}/wp-admin/admin-ajax.php?action=h5p_embed&id={number}&course={}",
        world.content, course.publisher_id
    );
    // An activity's definition is the same in each of its statements.
    let mut own = Rng::of(&activity);
    let (verb, text, definition, result) = match rng.below(3) {
        0 => (
            "http://adlnet.gov/expapi/verbs/attempted",
            "attempted",
            format!(
                r#""extensions":{{"http://h5p.org/x-api/h5p-local-content-id":{number}}},"name":{{"en-US":"{} ({number})"}}"#,
                course.title
            ),
            None,
        ),
        1 => {
            let (raw, scaled) = [(0, "0"), (1, "0.5"), (2, "1")][rng.below(3)];
            (
                "http://adlnet.gov/expapi/verbs/answered",
                "answered",
                format!(
                    r#""extensions":{{"http://h5p.org/x-api/h5p-local-content-id":{number}}},{}"#,
                    cmi5::choice(&mut own, course)
                ),
                Some(format!(
                    r#"{{"score":{{"min":0,"max":2,"raw":{raw},"scaled":{scaled}}},"completion":true,"success":{},"duration":"PT{}.{:02}S","response":"{}[,]{}"}}"#,
                    raw == 2,
                    rng.below(90),
                    rng.below(100),
                    rng.below(2),
                    2 + rng.below(2)
                )),
            )
        }
        _ => (
            "http://adlnet.gov/expapi/verbs/interacted",
            "interacted",
            format!(
                r#""extensions":{{"http://h5p.org/x-api/h5p-local-content-id":{number},"http://h5p.org/x-api/h5p-subContentId":"{}"}},"name":{{"en-US":"{} ({number})"}},"description":{{"en-US":"{}"}}"#,
                own.uuid(),
                course.title,
                own.pick(SENTENCES)
            ),
            None,
        ),
    };
    let library = rng.pick(&[
        "MultiChoice-1.16",
        "InteractiveVideo-1.26",
        "DragQuestion-1.14",
        "CoursePresentation-1.25",
    ]);
    Draft {
        style: Style::Plain,
        actor: format!(
            r#"{{"name":"{}","mbox":"mailto:{}@{}","objectType":"Agent"}}"#,
            learner.name,
            learner.account,
            world.lms.trim_start_matches("https://")
        ),
        verb,
        verb_json: format!(r#"{{"id":"{verb}","display":{{"en-US":"{text}"}}}}"#),
        object: format!(
            r#"{{"id":"{activity}","objectType":"Activity","definition":{{{definition}}}}}"#
        ),
        activity,
        result,
        context: format!(
            r#"{{"contextActivities":{{"category":[{{"id":"http://h5p.org/libraries/H5P.{library}","objectType":"Activity"}}],"parent":[{{"id":"{}","objectType":"Activity"}}]}}}}"#,
            course.publisher_id
        ),
        related: Some(course.publisher_id.clone()),
        registration: None,
    }
}

fn slide(rng: &mut Rng, world: &World, course: &Course, learner: &Learner) -> Draft {
    let root = format!("{}/story_{}", course.publisher_id, course.aus.len());
    let activity = format!("{root}/slide{}", rng.below(60));
    let mut own = Rng::of(&activity);
    let (verb, text) = rng.pick(&[
        ("http://adlnet.gov/expapi/verbs/experienced", "experienced"),
        ("http://adlnet.gov/expapi/verbs/attempted", "attempted"),
        ("http://activitystrea.ms/schema/1.0/open", "opened"),
    ]);
    // Not cmi5, but such tools send one too.
    let registration = learner.registration(world.courses.len() + course.aus.len());
    Draft {
        style: Style::Early,
        actor: format!(
            r#"{{"objectType":"Agent","account":{{"homePage":"{}","name":"{}"}},"name":"{}"}}"#,
            world.lms, learner.account, learner.name
        ),
        verb,
        verb_json: format!(r#"{{"id":"{verb}","display":{{"und":"{text}","en":"{text}"}}}}"#),
        object: format!(
            r#"{{"objectType":"Activity","id":"{activity}","definition":{{"name":{{"und":"{}"}},"description":{{"und":"{}"}},"type":"http://adlnet.gov/expapi/activities/lesson"}}}}"#,
            own.pick(ANSWERS),
            own.pick(SENTENCES)
        ),
        activity,
        result: None,
        context: format!(
            r#"{{"registration":"{registration}","contextActivities":{{"parent":[{{"objectType":"Activity","id":"{root}","definition":{{"name":{{"und":"{0}"}},"type":"http://adlnet.gov/expapi/activities/course"}}}}],"grouping":[{{"objectType":"Activity","id":"{root}","definition":{{"name":{{"und":"{0}"}},"type":"http://adlnet.gov/expapi/activities/course"}}}}]}},"language":"{1}","extensions":{{"https://{2}.example/session":"{3}"}}}}"#,
            course.title,
            course.language,
            name(rng),
            rng.uuid()
        ),
        related: Some(root),
        registration: Some(registration),
    }
}
