//! Courses that were launched here: what counts is rolled up with the statement that makes it count, once.

use std::sync::Arc;

use cmi5::course::package::Place;
use lrs::launch::import;
use lrs::launch::learner::Learner;
use lrs::launch::package::Package;
use lrs::launch::records::{Course, Registration};
use lrs::launch::start::{self, Base, How, Launched, Wanted};
use lrs::launch::view::{self, Branch};
use lrs::launch::{Owner, deletion, registration, session};
use lrs::token::{self, Fetched};
use lrs::{Caller, Error};
use serde_json::{Value, json};
use storage::{DocumentFolder, DocumentKey};
use uuid::Uuid;

use crate::world::{CMI5, MOVE_ON, SESSION_ID, World, actor, random_id, run, world};

/// Course > (outer block > (inner block > 0, 1), 2), 3, 4.
fn nested(move_ons: [&str; 5]) -> String {
    let au = |n: usize| {
        let move_on = move_ons[n];
        format!(
            r#"<au id="https://p.example/au/{n}" moveOn="{move_on}" masteryScore="0.5">
               <title><langstring lang="en">AU {n}</langstring></title>
               <description><langstring lang="en">AU {n}</langstring></description>
               <url>https://content.example/{n}?own=1&amp;two=2</url></au>"#
        )
    };
    let text = r#"<title><langstring lang="en">T</langstring></title>
                  <description><langstring lang="en">D</langstring></description>"#;
    let [zero, one, two, three, four] = [au(0), au(1), au(2), au(3), au(4)];
    format!(
        r#"<courseStructure xmlns="https://w3id.org/xapi/profiles/cmi5/v1/CourseStructure.xsd">
           <course id="https://p.example/course">{text}</course>
           <block id="https://p.example/outer">{text}
             <block id="https://p.example/inner">{text}{zero}{one}</block>{two}</block>
           {three}{four}</courseStructure>"#
    )
}

struct Setting {
    world: World,
    owner: Owner,
    course: Course,
}

async fn setting(move_ons: [&str; 5]) -> Setting {
    let world = world(cmi5::Policies::default());
    let owner = Owner::of_key(&world.lms).expect("it is an LMS");
    let course = imported(&world, &owner, &nested(move_ons)).await;
    Setting {
        world,
        owner,
        course,
    }
}

async fn imported(world: &World, owner: &Owner, xml: &str) -> Course {
    let limits = cmi5::course::Limits::default();
    let (structure, _) = cmi5::course::parse(xml.as_bytes(), &limits).expect("it is right");
    let places = vec![Place::Elsewhere; structure.aus().len()];
    let package = Package {
        structure,
        warnings: Vec::new(),
        places,
        files: Vec::new(),
    };
    import::import(&world.lrs, owner, &package)
        .await
        .expect("it is imported")
}

fn learner(number: u32) -> Learner {
    Learner::parse(&actor(number).to_string(), "/actor").expect("an agent with an account")
}

fn wanted(registration: Option<Uuid>) -> Wanted {
    launched_with(registration, How::default())
}

fn launched_with(registration: Option<Uuid>, how: How) -> Wanted {
    Wanted {
        learner: learner(1),
        registration,
        how,
    }
}

fn base() -> Base {
    Base {
        endpoint: "https://t.example/xapi".to_owned(),
        fetch: "https://t.example/cmi5/v1/fetch/".to_owned(),
        content: "https://t.example/content".to_owned(),
    }
}

/// An AU that was launched, and has its token.
struct Au {
    launched: Launched,
    caller: Caller,
    index: u32,
}

impl Setting {
    async fn launch(&self, index: u32, wanted: &Wanted) -> Result<Launched, Error> {
        self.world.later(1);
        let place = (self.course.id, index);
        start::start(&self.world.lrs, &self.owner, place, wanted, &base()).await
    }

    async fn au(&self, index: u32, wanted: &Wanted) -> Au {
        let launched = self.launch(index, wanted).await.expect("it is launched");
        let caller = self.token(&launched).await;
        let au = Au {
            launched,
            caller,
            index,
        };
        self.send(&au, &["initialized"]).await.expect("it begins");
        au
    }

    async fn token(&self, launched: &Launched) -> Caller {
        let secret = parameter(&launched.url, "fetch");
        let secret = secret
            .rsplit('/')
            .next()
            .expect("its last segment")
            .to_owned();
        let Ok(Fetched::Token(token)) = token::fetch(&self.world.lrs, &secret).await else {
            panic!("no token for {}", launched.url);
        };
        let caller = self.world.caller(&token);
        let preferences = DocumentKey {
            folder: DocumentFolder::AgentProfile {
                agent: learner(1).id,
            },
            id: "cmi5LearnerPreferences".to_owned(),
        };
        let none = lrs::documents::get(&self.world.lrs, &caller, preferences).await;
        assert!(matches!(none, Err(Error::NotFound(_))), "{none:?}");
        caller
    }

    /// Statements of the AU, in one request.
    async fn send(&self, au: &Au, verbs: &[&str]) -> Result<(), Error> {
        let statements: Vec<Value> = verbs.iter().map(|verb| self.statement(au, verb)).collect();
        let caller = Caller {
            session: self.world.caller_again(&au.caller),
            ..au.caller.clone()
        };
        self.world.post(&caller, &json!(statements)).await?;
        Ok(())
    }

    fn statement(&self, au: &Au, verb: &str) -> Value {
        let mut category = vec![json!({ "id": CMI5 })];
        let result = match verb {
            "completed" => json!({ "completion": true, "duration": "PT1S" }),
            "passed" => json!({ "success": true, "duration": "PT1S", "score": { "scaled": 0.75 } }),
            "terminated" => json!({ "duration": "PT2.5S" }),
            _ => json!({}),
        };
        let mut extensions = json!({ SESSION_ID: au.launched.session });
        if matches!(verb, "completed" | "passed") {
            category.push(json!({ "id": MOVE_ON }));
        }
        if verb == "passed" {
            let score = "https://w3id.org/xapi/cmi5/context/extensions/masteryscore";
            extensions[score] = json!(0.5);
        }
        let mut statement = json!({
            "id": random_id(),
            "actor": actor(1),
            "verb": { "id": format!("http://adlnet.gov/expapi/verbs/{verb}") },
            "object": { "id": format!("{}/au/{}", self.course.lms_id, au.index) },
            "context": {
                "registration": au.launched.registration,
                "contextActivities": {
                    "category": category,
                    "grouping": [{ "id": format!("https://p.example/au/{}", au.index) }],
                },
                "extensions": extensions,
            },
            "timestamp": self.world.later(1),
        });
        if result != json!({}) {
            statement["result"] = result;
        }
        statement
    }

    /// Verb and object of everything stored, in the order of `stored`: `satisfied course`, `completed au/0`.
    fn story(&self) -> Vec<String> {
        let told = self.world.stored();
        told.iter()
            .map(|statement| {
                let verb = statement["verb"]["id"].as_str().expect("a verb");
                let object = statement["object"]["id"].as_str().expect("an activity");
                let object = object
                    .strip_prefix(&self.course.lms_id)
                    .expect("of the course");
                let object = object.trim_start_matches('/');
                let verb = verb.rsplit('/').next().expect("its last segment");
                let object = if object.is_empty() { "course" } else { object };
                format!("{verb} {object}")
            })
            .collect()
    }

    fn view(&self, registration: Uuid) -> view::View {
        view::read(&self.world.lrs, &self.owner, registration).expect("it is there")
    }
}

fn parameter(url: &str, name: &str) -> String {
    let query = url.split_once('?').expect("a query").1;
    let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
    let (_, value) = pairs
        .into_iter()
        .find(|(key, _)| *key == name)
        .expect("the parameter");
    percent_encoding::percent_decode_str(value)
        .decode_utf8()
        .expect("text")
        .into_owned()
}

fn satisfied(tree: &Branch, found: &mut Vec<String>) {
    if tree.satisfied {
        let id = tree.publisher_id.trim_start_matches("https://p.example/");
        found.push(id.to_owned());
    }
    for child in &tree.children {
        satisfied(child, found);
    }
}

#[test]
fn what_counts_is_rolled_up_directly_behind_its_cause() {
    run(async {
        let move_ons = [
            "Completed",
            "CompletedAndPassed",
            "Passed",
            "NotApplicable",
            "CompletedOrPassed",
        ];
        let setting = setting(move_ons).await;
        let first = setting.au(0, &wanted(None)).await;
        let registration = first.launched.registration;
        setting
            .send(&first, &["completed", "terminated"])
            .await
            .expect("it is right");
        let again = wanted(Some(registration));
        let second = setting.au(1, &again).await;
        setting
            .send(&second, &["completed"])
            .await
            .expect("it is right");
        setting
            .send(&second, &["passed", "terminated"])
            .await
            .expect("it is right");
        let third = setting.au(2, &again).await;
        setting
            .send(&third, &["passed"])
            .await
            .expect("it is right");
        setting
            .send(&third, &["terminated"])
            .await
            .expect("it is right");
        let view = setting.view(registration);
        let mut done = Vec::new();
        satisfied(&view.tree, &mut done);
        assert_eq!(done, ["outer", "inner", "au/0", "au/1", "au/2", "au/3"]);
        let last = setting.au(4, &again).await;
        setting
            .send(&last, &["passed", "completed", "terminated"])
            .await
            .expect("it is right");
        assert_eq!(
            setting.story(),
            [
                "launched au/0",
                "initialized au/0",
                "completed au/0",
                "terminated au/0",
                "launched au/1",
                "initialized au/1",
                "completed au/1",
                "passed au/1",
                "satisfied block/1",
                "terminated au/1",
                "launched au/2",
                "initialized au/2",
                "passed au/2",
                "satisfied block/0",
                "terminated au/2",
                "launched au/4",
                "initialized au/4",
                "passed au/4",
                "satisfied course",
                "completed au/4",
                "terminated au/4",
            ]
        );
        let view = setting.view(registration);
        assert!(view.tree.satisfied && view.registration.satisfied_at.is_some());
        assert_eq!(view.aus[0].normal.duration, Some(2_500_000));
        assert!(view.aus[0].normal.attempted && !view.aus[3].normal.attempted);
        // Each `satisfied` is of the session that caused it, and about what the publisher calls so.
        let stored = setting.world.stored();
        let of_inner = stored.iter().find(|it| {
            it["object"]["id"]
                .as_str()
                .is_some_and(|id| id.ends_with("/block/1"))
        });
        let context = &of_inner.expect("it is stored")["context"];
        assert_eq!(
            context["extensions"][SESSION_ID],
            second.launched.session.as_str()
        );
        let grouping = &context["contextActivities"]["grouping"][0]["id"];
        assert_eq!(grouping, "https://p.example/inner");
    });
}

#[test]
fn what_needs_nothing_is_satisfied_before_the_launch() {
    run(async {
        let move_ons = [
            "NotApplicable",
            "NotApplicable",
            "NotApplicable",
            "NotApplicable",
            "Passed",
        ];
        let setting = setting(move_ons).await;
        let au = setting.au(0, &wanted(None)).await;
        let expected = [
            "satisfied block/1",
            "satisfied block/0",
            "launched au/0",
            "initialized au/0",
        ];
        assert_eq!(setting.story(), expected);
        // Such an AU is for use, not for review, and counts for nothing more.
        setting
            .send(&au, &["passed", "completed", "terminated"])
            .await
            .expect("it is right");
        let again = wanted(Some(au.launched.registration));
        setting.launch(0, &again).await.expect("it is launched");
        let story = setting.story();
        assert_eq!(
            story
                .iter()
                .filter(|it| it.starts_with("satisfied"))
                .count(),
            2,
            "{story:?}"
        );
    });
}

#[test]
fn a_waived_au_counts_and_is_waived_once() {
    run(async {
        let setting = setting(["Completed"; 5]).await;
        let (lrs, owner) = (&setting.world.lrs, &setting.owner);
        let id = registration::create(lrs, owner, (None, setting.course.id), &learner(1))
            .await
            .expect("it is made");
        for index in 0..5 {
            registration::waive(lrs, owner, id, index, "knows it")
                .await
                .expect("it is waived");
            let again = registration::waive(lrs, owner, id, index, "knows it").await;
            assert!(matches!(again, Err(Error::Conflict { .. })), "{again:?}");
        }
        assert_eq!(
            setting.story(),
            [
                "waived au/0",
                "waived au/1",
                "satisfied block/1",
                "waived au/2",
                "satisfied block/0",
                "waived au/3",
                "waived au/4",
                "satisfied course",
            ]
        );
        assert_eq!(
            setting.view(id).aus[4].in_course.waived_reason.as_deref(),
            Some("knows it")
        );
        for (index, reason) in [(7, "x"), (0, "")] {
            let refused = registration::waive(lrs, owner, id, index, reason).await;
            assert!(
                matches!(refused, Err(Error::NotFound(_) | Error::Violations(_))),
                "{refused:?}"
            );
        }
    });
}

#[test]
fn of_100_launches_at_once_one_session_is_open() {
    run(async {
        let setting = Arc::new(setting(["Completed"; 5]).await);
        let id = random_id();
        let tasks: Vec<_> = (0..100)
            .map(|n| {
                let setting = Arc::clone(&setting);
                tokio::spawn(async move { setting.launch(n % 5, &wanted(Some(id))).await })
            })
            .collect();
        let mut sessions = Vec::new();
        for task in tasks {
            let launched = task.await.expect("no task panics").expect("it is launched");
            sessions.push(launched.session);
        }
        let is_open = |id: &&String| !setting.world.session(id).state.has_ended();
        let open = sessions.iter().filter(is_open).count();
        let story = setting.story();
        let count = |verb: &str| story.iter().filter(|it| it.starts_with(verb)).count();
        assert_eq!((count("launched"), count("abandoned"), open), (100, 99, 1));
    });
}

#[test]
fn aus_of_one_block_that_complete_at_once_satisfy_it_once() {
    run(async {
        for _ in 0..10 {
            let setting = Arc::new(setting(["Completed"; 5]).await);
            let id = random_id();
            // One session of a registration is open at a time: the other AUs are waived meanwhile.
            let au = Arc::new(setting.au(0, &wanted(Some(id))).await);
            let tasks: Vec<_> = (0..5)
                .map(|index| {
                    let (setting, au) = (Arc::clone(&setting), Arc::clone(&au));
                    tokio::spawn(async move {
                        let (lrs, owner) = (&setting.world.lrs, &setting.owner);
                        match index {
                            0 => setting.send(&au, &["completed"]).await,
                            _ => registration::waive(lrs, owner, id, index, "all at once")
                                .await
                                .map(drop),
                        }
                    })
                })
                .collect();
            for task in tasks {
                task.await.expect("no task panics").expect("it counts");
            }
            let story = setting.story();
            for of in ["satisfied block/0", "satisfied block/1", "satisfied course"] {
                assert_eq!(
                    story.iter().filter(|it| *it == of).count(),
                    1,
                    "{of}: {story:?}"
                );
            }
        }
    });
}

#[test]
fn a_launch_says_where_the_au_lies_and_what_it_is_launched_with() {
    run(async {
        let setting = setting(["Completed"; 5]).await;
        let asked = launched_with(
            None,
            How {
                template_additions: json!({ "language": "de" }).as_object().cloned(),
                launch_parameters: Some("p".to_owned()),
                mastery_score: Some("0.25".to_owned()),
                return_url: Some("https://lms.example/back".to_owned()),
                alternate_entitlement_key: Some("alt".to_owned()),
                ..How::default()
            },
        );
        let launched = setting.launch(0, &asked).await.expect("it is launched");
        assert!(
            launched
                .url
                .starts_with("https://content.example/0?own=1&two=2&endpoint="),
            "{}",
            launched.url
        );
        assert!(launched.url.len() <= 750);
        let activity = format!("{}/au/0", setting.course.lms_id);
        for (name, value) in [
            ("endpoint", "https://t.example/xapi".to_owned()),
            ("actor", actor(1).to_string()),
            ("activityId", activity.clone()),
            ("registration", launched.registration.to_string()),
        ] {
            assert_eq!(parameter(&launched.url, name), value);
        }
        let caller = setting.token(&launched).await;
        let key = DocumentKey {
            folder: DocumentFolder::State {
                activity,
                agent: learner(1).id,
                registration: Some(launched.registration),
            },
            id: "LMS.LaunchData".to_owned(),
        };
        let document = lrs::documents::get(&setting.world.lrs, &caller, key)
            .await
            .expect("it is there");
        let data: Value = serde_json::from_slice(&document.content).expect("JSON");
        assert_eq!(
            data,
            json!({
                "launchMode": "Normal", "masteryScore": 0.25, "moveOn": "Completed",
                "launchParameters": "p", "returnURL": "https://lms.example/back",
                "entitlementKey": { "alternate": "alt" },
                "contextTemplate": {
                    "contextActivities": { "grouping": [{ "objectType": "Activity", "id": "https://p.example/au/0" }] },
                    "extensions": { SESSION_ID: launched.session },
                    "language": "de",
                },
            })
        );
        let statement = &setting.world.stored()[0];
        let extensions = &statement["context"]["extensions"];
        let named = |name: &str| {
            extensions[format!("https://w3id.org/xapi/cmi5/context/extensions/{name}")].clone()
        };
        assert_eq!(named("launchurl"), "https://content.example/0?own=1&two=2");
        assert_eq!(named("masteryscore"), 0.25);
        assert_eq!(named("launchmode"), "Normal");
        assert_eq!(named("moveon"), "Completed");
        assert_eq!(named("launchparameters"), "p");
    });
}

#[test]
fn a_launch_that_is_wrong_writes_nothing() {
    run(async {
        let setting = setting(["Completed"; 5]).await;
        let wrong = [
            launched_with(
                None,
                How {
                    mastery_score: Some("1.5".to_owned()),
                    ..How::default()
                },
            ),
            launched_with(
                None,
                How {
                    return_url: Some("back".to_owned()),
                    ..How::default()
                },
            ),
            launched_with(
                None,
                How {
                    template_additions: json!({ "extensions": { SESSION_ID: "x" } })
                        .as_object()
                        .cloned(),
                    ..How::default()
                },
            ),
        ];
        for wanted in &wrong {
            let refused = setting.launch(0, wanted).await;
            assert!(
                matches!(refused, Err(Error::Violations(_))),
                "{wanted:?}: {refused:?}"
            );
        }
        assert!(matches!(
            setting.launch(5, &wanted(None)).await,
            Err(Error::NotFound(_))
        ));
        let made = setting
            .launch(0, &wanted(None))
            .await
            .expect("it is launched");
        let of_another = Wanted {
            learner: learner(2),
            ..wanted(Some(made.registration))
        };
        let refused = setting.launch(0, &of_another).await;
        assert!(
            matches!(refused, Err(Error::Conflict { .. })),
            "{refused:?}"
        );
        assert_eq!(setting.story(), ["launched au/0"]);
    });
}

#[test]
fn a_new_move_on_counts_from_its_launch_on() {
    run(async {
        let setting = setting(["CompletedAndPassed"; 5]).await;
        let au = setting.au(2, &wanted(None)).await;
        let id = au.launched.registration;
        setting
            .send(&au, &["completed", "terminated"])
            .await
            .expect("it is right");
        for index in [0, 1] {
            let (lrs, owner) = (&setting.world.lrs, &setting.owner);
            registration::waive(lrs, owner, id, index, "known")
                .await
                .expect("it is waived");
        }
        let before = setting.story().len();
        let changed = launched_with(
            Some(id),
            How {
                move_on: Some(cmi5::MoveOn::Completed),
                ..How::default()
            },
        );
        let launched = setting.launch(2, &changed).await.expect("it is launched");
        assert_eq!(
            setting.story().split_off(before),
            ["satisfied block/0", "launched au/2"]
        );
        let known = session::read(&setting.world.lrs, &setting.owner, &launched.session)
            .expect("it is there");
        assert_eq!(known.known.launch.mode, cmi5::LaunchMode::Review);
    });
}

#[test]
fn a_launch_url_is_compact() {
    run(async {
        let setting = setting(["Completed"; 5]).await;
        let written = r#"{ "objectType" : "Agent",   "name" : "\u7530\u4e2d \u5148\u751f",
            "account" : { "homePage" : "https:\/\/lms.example\/moodle",  "name" : "7" } }"#;
        let launch = |written: String| {
            let asked = Wanted {
                learner: Learner::parse(&written, "/actor").expect("an agent"),
                ..wanted(None)
            };
            let setting = &setting;
            async move { setting.launch(0, &asked).await }
        };
        let launched = launch(written.to_owned()).await.expect("it is launched");
        let actor = parameter(&launched.url, "actor");
        let expected = json!({ "objectType": "Agent", "name": "田中 先生",
            "account": { "homePage": "https://lms.example/moodle", "name": "7" } });
        assert_eq!(serde_json::from_str::<Value>(&actor).ok(), Some(expected));
        assert!(!actor.contains("\\") && !actor.contains(": "), "{actor}");
        // A name that leaves no room is left out; an account cannot be.
        let long = |name: &str, account: &str| json!({ "name": name, "account": { "homePage": "https://x.example", "name": account } });
        let launched = launch(long(&"田".repeat(99), "7").to_string()).await;
        let actor = parameter(&launched.expect("it is launched").url, "actor");
        assert!(!actor.contains('田') && actor.contains("\"7\""), "{actor}");
        let refused = launch(long("n", &"田".repeat(99)).to_string()).await;
        assert!(matches!(refused, Err(Error::Violations(_))), "{refused:?}");
    });
}

#[test]
fn deletions_at_once_touch_nothing_that_begins_behind_them() {
    run(async {
        let setting = setting(["Completed"; 5]).await;
        let (lrs, owner) = (&setting.world.lrs, &setting.owner);
        for _ in 0..30 {
            let id = random_id();
            let first = setting.launch(0, &wanted(Some(id))).await;
            let first = first.expect("it is launched");
            let again = async {
                loop {
                    match setting.launch(0, &wanted(Some(id))).await {
                        Ok(launched) if launched.session != first.session => return launched,
                        Ok(_) | Err(Error::Conflict { .. } | Error::Overloaded) => {
                            tokio::task::yield_now().await;
                        }
                        Err(error) => panic!("{error:?}"),
                    }
                }
            };
            let delete = || deletion::delete_registration(lrs, owner, id);
            // Each deletion has found the first registration before the second can begin.
            let (one, two, three, second) = tokio::join!(delete(), delete(), delete(), again);
            one.and(two).and(three).expect("they are deleted");
            assert_eq!(setting.view(id).registration.id, id);
            let open = session::read(lrs, owner, &second.session).expect("it is there");
            assert!(!open.known.session.state.has_ended());
            let gone = session::read(lrs, owner, &first.session);
            assert!(matches!(gone, Err(Error::NotFound(_))), "{gone:?}");
        }
    });
}

#[test]
fn what_is_written_for_a_learner_has_the_actor_as_given() {
    run(async {
        let setting = setting(["NotApplicable"; 5]).await;
        let mut named = actor(1);
        named["name"] = json!("Ada 🎓");
        let learner = Learner::parse(&named.to_string(), "/actor").expect("an agent");
        let first = Wanted {
            learner: learner.clone(),
            ..wanted(None)
        };
        let launched = setting.launch(0, &first).await.expect("it is launched");
        // The same learner, known by the account.
        let mut renamed = named.clone();
        renamed["name"] = json!("Ada L.");
        let again = Wanted {
            learner: Learner::parse(&renamed.to_string(), "/actor").expect("an agent"),
            ..wanted(Some(launched.registration))
        };
        let second = setting.launch(1, &again).await.expect("it is launched");
        let told: Vec<_> = setting
            .story()
            .into_iter()
            .zip(setting.world.stored())
            .collect();
        for (story, statement) in &told {
            let expected = match story.as_str() {
                "launched au/1" => &renamed,
                _ => &named,
            };
            assert_eq!(&statement["actor"], expected, "{story}");
        }
        let story: Vec<&str> = told.iter().map(|(story, _)| story.as_str()).collect();
        assert!(story.contains(&"abandoned au/0") && story.contains(&"satisfied course"));
        assert!(second.url.contains("Ada%20L."), "{}", second.url);
    });
}

#[test]
fn a_course_that_is_deleted_takes_its_registrations_along_and_leaves_statements() {
    run(async {
        let setting = setting(["Completed"; 5]).await;
        let (lrs, owner) = (&setting.world.lrs, &setting.owner);
        let au = setting.au(0, &wanted(None)).await;
        setting
            .send(&au, &["completed"])
            .await
            .expect("it is right");
        let id = au.launched.registration;
        for _ in 0..2 {
            deletion::delete(lrs, owner, setting.course.id)
                .await
                .expect("it is deleted");
        }
        let expected = [
            "launched au/0",
            "initialized au/0",
            "completed au/0",
            "abandoned au/0",
        ];
        assert_eq!(setting.story(), expected);
        assert!(matches!(
            view::read(lrs, owner, id),
            Err(Error::NotFound(_))
        ));
        assert!(matches!(
            setting.launch(0, &wanted(None)).await,
            Err(Error::NotFound(_))
        ));
        let kinds = [
            storage::batch::RecordKind::Course,
            storage::batch::RecordKind::CourseRegistration,
        ];
        for kind in kinds {
            let left = lrs
                .store
                .records(storage::Tenant::DEFAULT, kind)
                .expect("it can be read");
            let left: Vec<_> = left
                .iter()
                .filter(|(key, _)| !key.key.starts_with(b"newest/"))
                .collect();
            assert!(left.is_empty(), "{left:?}");
        }
        assert!(lrs.store.verify().problems.is_empty());
        // The publisher's course may come again, as another.
        let again = imported(&setting.world, owner, &nested(["Completed"; 5])).await;
        assert_eq!(again.version, 2);
        assert_ne!(again.lms_id, setting.course.lms_id);
    });
}

#[test]
fn a_registration_that_was_deleted_begins_anew_under_its_id() {
    run(async {
        let setting = setting(["Completed"; 5]).await;
        let (lrs, owner) = (&setting.world.lrs, &setting.owner);
        let id = random_id();
        for round in 1..3 {
            let launched = setting
                .launch(0, &wanted(Some(id)))
                .await
                .expect("it is launched");
            for index in 0..5 {
                registration::waive(lrs, owner, id, index, "known")
                    .await
                    .expect("it is waived");
            }
            let story = setting.story();
            let satisfied = story.iter().filter(|it| *it == "satisfied course").count();
            assert_eq!(satisfied, round);
            deletion::delete_registration(lrs, owner, id)
                .await
                .expect("it is deleted");
            assert!(setting.world.session(&launched.session).state.has_ended());
            let gone = session::read(lrs, owner, &launched.session);
            assert!(matches!(gone, Err(Error::NotFound(_))), "{gone:?}");
            let gone = session::by_number(lrs, owner, launched.number);
            assert!(matches!(gone, Err(Error::NotFound(_))), "{gone:?}");
        }
    });
}

#[test]
fn a_deletion_that_was_broken_off_is_seen_by_nobody_and_goes_on() {
    run(async {
        let setting = setting([
            "Completed",
            "NotApplicable",
            "Completed",
            "Completed",
            "Completed",
        ])
        .await;
        let (lrs, owner) = (&setting.world.lrs, &setting.owner);
        let au = setting.au(0, &wanted(None)).await;
        let id = au.launched.registration;
        // What the first commit of a deletion leaves.
        let tenant = storage::Tenant::DEFAULT;
        let key = lrs::launch::keys::registration(id);
        let gone = Registration {
            deleted: true,
            ..setting.view(id).registration
        };
        let batch = storage::Batch {
            tenant,
            asserts: Vec::new(),
            ops: vec![
                storage::Op::PutRecord(key, serde_json::to_vec(&gone).expect("it is data")),
                storage::Op::PutRecord(
                    lrs::launch::keys::registration_deletion(id),
                    gone.number.to_string().into_bytes(),
                ),
            ],
        };
        lrs.store.commit(batch).await.expect("nothing is asserted");
        let seen = view::read(lrs, owner, id);
        assert!(matches!(seen, Err(Error::NotFound(_))), "{seen:?}");
        let again = setting.launch(0, &wanted(Some(id))).await;
        assert!(matches!(again, Err(Error::Conflict { .. })), "{again:?}");
        // It is a statement like any other now, and counts for nothing.
        setting
            .send(&au, &["completed"])
            .await
            .expect("it is right");
        deletion::resume(lrs, tenant).await.expect("it goes on");
        let launched = setting.launch(0, &wanted(Some(id))).await;
        launched.expect("it begins anew");
        let satisfied = setting.story().iter().any(|it| it.starts_with("satisfied"));
        assert!(!satisfied);
    });
}
