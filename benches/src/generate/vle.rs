//! Logs of learning environments and video players: other members, other vocabularies, other nesting.

use super::words::{ANSWERS, SENTENCES, TOPICS};
use super::world::{Course, Learner, World, name};
use super::{Draft, Rng, Style};

pub(super) fn draft(rng: &mut Rng, world: &World) -> Draft {
    let learner = world.learner(rng);
    let at = rng.below(world.courses.len());
    let course = &world.courses[at];
    match rng.below(2) {
        0 => log(rng, world, course, &learner),
        _ => video(rng, world, (at, course), &learner),
    }
}

fn log(rng: &mut Rng, world: &World, course: &Course, learner: &Learner) -> Draft {
    let section = rng.below(900);
    let kind = rng.pick(&["forum", "page", "quiz", "folder", "wiki"]);
    let activity = format!("{}/mod/{kind}/view.php?id={section}", world.lms);
    let mut own = Rng::of(&activity);
    let (verb, text) = rng.pick(&[
        ("http://id.tincanapi.com/verb/viewed", "viewed"),
        ("https://w3id.org/xapi/acrossx/verbs/posted", "posted"),
        (
            "https://brindlewaye.com/xAPITerms/verbs/loggedin/",
            "logged in",
        ),
    ]);
    let site = format!("{}/course/view.php?id={}", world.lms, course.aus.len());
    Draft {
        style: Style::Late,
        actor: format!(
            r#"{{"mbox_sha1sum":"{:032x}c0ffee00","name":"{}"}}"#,
            learner.registration(0).as_u128(),
            learner.name
        ),
        verb,
        verb_json: format!(r#"{{"display":{{"en":"{text}","fr":"{text}"}},"id":"{verb}"}}"#),
        object: format!(
            r#"{{"id":"{activity}","definition":{{"extensions":{{"https://w3id.org/learning-analytics/learning-management-system/external-id":"{section}"}},"moreInfo":"{activity}&more=1","type":"http://id.tincanapi.com/activitytype/{kind}","name":{{"en":"{} and {}"}}}}}}"#,
            own.pick(TOPICS),
            own.pick(TOPICS)
        ),
        activity,
        result: None,
        context: format!(
            r#"{{"platform":"{0}","instructor":{{"objectType":"Agent","mbox":"mailto:{1}@{0}"}},"language":"en","extensions":{{"http://lrs.learninglocker.net/define/extensions/info":{{"{2}":"{3}","event_name":"\\mod_{kind}\\event\\course_module_viewed","event_function":"\\src\\transformer\\events\\mod_{kind}\\viewed"}}}},"contextActivities":{{"other":[{{"id":"{4}","definition":{{"type":"http://id.tincanapi.com/activitytype/lms","name":{{"en":"{5}"}}}}}}],"category":[{{"id":"{6}","definition":{{"type":"http://id.tincanapi.com/activitytype/source","name":{{"en":"source"}}}}}}]}}}}"#,
            world.lms.trim_start_matches("https://"),
            name(&mut Rng::of(&course.title)),
            name(rng),
            rng.below(1 << 40),
            site,
            course.title,
            world.content
        ),
        related: Some(site),
        registration: None,
    }
}

fn video(rng: &mut Rng, world: &World, (at, course): (usize, &Course), learner: &Learner) -> Draft {
    let activity = format!("{}/watch/{:011x}", world.content, rng.below(2_000));
    let mut own = Rng::of(&activity);
    let (verb, text) = rng.pick(&[
        ("https://w3id.org/xapi/video/verbs/played", "played"),
        ("https://w3id.org/xapi/video/verbs/paused", "paused"),
        ("https://w3id.org/xapi/video/verbs/seeked", "seeked"),
    ]);
    let length = 60 + rng.below(1800);
    let time = rng.below(length);
    let registration = learner.registration(at);
    Draft {
        style: Style::Spaced,
        actor: format!(r#"{{"openid":"{}/people/{}"}}"#, world.lms, learner.account),
        verb,
        verb_json: format!(r#"{{"id": "{verb}", "display": {{"en-US": "{text}"}}}}"#),
        object: format!(
            r#"{{"definition": {{"type": "https://w3id.org/xapi/video/activity-type/video", "name": {{"en-US": "{}"}}, "description": {{"en-US": "{}"}}}}, "id": "{activity}", "objectType": "Activity"}}"#,
            own.pick(ANSWERS),
            own.pick(SENTENCES)
        ),
        activity,
        result: Some(format!(
            r#"{{"extensions": {{"https://w3id.org/xapi/video/extensions/time": {time}.{:03}, "https://w3id.org/xapi/video/extensions/progress": 0.{:03}, "https://w3id.org/xapi/video/extensions/played-segments": "0[.]{}[,]{}[.]{time}"}}}}"#,
            rng.below(1000),
            time * 1000 / length,
            time / 3,
            time / 2
        )),
        context: format!(
            r#"{{"registration": "{registration}", "contextActivities": {{"category": [{{"id": "https://w3id.org/xapi/video"}}], "parent": [{{"id": "{}"}}]}}, "extensions": {{"https://w3id.org/xapi/video/extensions/session-id": "{}", "https://w3id.org/xapi/video/extensions/length": {length}, "https://w3id.org/xapi/video/extensions/volume": 0.{}, "https://w3id.org/xapi/video/extensions/speed": "1x", "https://w3id.org/xapi/video/extensions/full-screen": {}, "https://w3id.org/xapi/video/extensions/screen-size": "{}x{}", "https://w3id.org/xapi/video/extensions/user-agent": "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36"}}}}"#,
            course.publisher_id,
            rng.uuid(),
            rng.below(10),
            rng.below(2) == 0,
            800 + rng.below(1200),
            600 + rng.below(600)
        ),
        related: Some(course.publisher_id.clone()),
        registration: Some(registration),
    }
}
