use super::*;
use crate::json::Node;
use crate::statement::{
    Activity, Actor, Agent, Context, ContextActivities, Ifi, Object, SubStatement, Verb,
};
use std::borrow::Cow;

const ID: Uuid = Uuid::from_u128(0x1234);
const STORED: &str = "2026-11-21T18:00:00.000001Z";
const AUTHORITY: &str =
    r#"{"objectType":"Agent","name":"LRS","account":{"homePage":"http://lrs","name":"key"}}"#;

fn stored<'a>(text: &'a str, additions: Additions) -> Stored<'a> {
    Stored {
        id: ID,
        text,
        stored: STORED,
        authority: AUTHORITY,
        additions,
    }
}

fn agent() -> Actor<'static> {
    Actor::Agent(Agent {
        name: None,
        ifi: Ifi::Mbox("mailto:a@example.com".into()),
    })
}

fn verb() -> Verb<'static> {
    Verb {
        id: "http://v".into(),
        display: None,
    }
}

/// What the parser makes of the parts of `node` that [`normalise`] looks at.
fn statement<'a>(text: &'a str, node: &Node<'a>) -> Statement<'a> {
    let object = match node.get("object") {
        Some(object) if object.get("actor").is_some() => {
            Object::SubStatement(Box::new(SubStatement {
                actor: agent(),
                verb: verb(),
                object: Object::StatementRef(ID),
                result: None,
                context: object.get("context").map(context),
                timestamp: None,
                attachments: Vec::new(),
            }))
        }
        Some(_) | None => Object::StatementRef(ID),
    };
    Statement {
        text,
        id: None,
        actor: agent(),
        verb: verb(),
        object,
        result: None,
        context: node.get("context").map(context),
        timestamp: None,
        stored: node.get("stored").map(|_| Cow::Borrowed(STORED)),
        authority: node.get("authority").map(|_| agent()),
        version: None,
        attachments: Vec::new(),
    }
}

fn context<'a>(node: &Node<'a>) -> Context<'a> {
    let list = |name: &str| -> Vec<Activity<'a>> {
        let list = node.get("contextActivities").and_then(|all| all.get(name));
        let items = match list {
            Some(Node::Array(items)) => items.as_slice(),
            Some(single) => std::slice::from_ref(single),
            None => &[],
        };
        items
            .iter()
            .map(|item| Activity {
                id: match item.get("id") {
                    Some(Node::String(id)) => id.clone(),
                    other => panic!("an activity has an id, not {other:?}"),
                },
                definition: None,
            })
            .collect()
    };
    Context {
        registration: None,
        instructor: None,
        team: None,
        activities: ContextActivities {
            parent: list("parent"),
            grouping: list("grouping"),
            category: list("category"),
            other: list("other"),
        },
        revision: None,
        platform: None,
        language: None,
        statement: None,
        extensions: None,
        agents: Vec::new(),
        groups: Vec::new(),
    }
}

#[test]
fn only_what_the_lrs_replaces_is_changed() {
    for (text, kept) in [
        (r#"{"actor":1}"#, r#"{"actor":1}"#),
        (r#"{ "stored":"x", "actor":1}"#, r#"{ "actor":1}"#),
        (r#"{"actor":1 , "stored":"x" }"#, r#"{"actor":1 }"#),
        (
            r#"{"actor":1, "authority":{"a":["}",1]} ,"verb":"\"","stored":"x"}"#,
            r#"{"actor":1 ,"verb":"\""}"#,
        ),
        (
            r#"{"stored":"x","authority":{},"actor":1,"stored2":2}"#,
            r#"{"actor":1,"stored2":2}"#,
        ),
        (
            r#"{"actor":1,"\u0073tored":"x","result":{"stored":1}}"#,
            r#"{"actor":1,"result":{"stored":1}}"#,
        ),
        (
            r#"{"context":{"contextActivities":{"parent":[ {"id":"p"} ],"other":[{"id":"a"},{"id":"b"}]}}}"#,
            r#"{"context":{"contextActivities":{"parent":[ {"id":"p"} ],"other":[{"id":"a"},{"id":"b"}]}}}"#,
        ),
        (
            r#"{"context":{"contextActivities":{"parent": {"id":"p","definition":{"name":{"en":"]}"}}} ,"other":[{"id":"a"}]}}}"#,
            r#"{"context":{"contextActivities":{"parent": [{"id":"p","definition":{"name":{"en":"]}"}}}] ,"other":[{"id":"a"}]}}}"#,
        ),
        (
            r#"{"stored":"x","context":{"contextActivities":{"p\u0061rent":{"definition":{},"id":"p\/"}}}}"#,
            r#"{"context":{"contextActivities":{"p\u0061rent":[{"definition":{},"id":"p\/"}]}}}"#,
        ),
        (
            r#"{"object":{"actor":1,"context":{"contextActivities":{"category":{"id":"c"}}}},"context":{"contextActivities":{"category":[{"id":"c\/"}]}},"authority":1}"#,
            r#"{"object":{"actor":1,"context":{"contextActivities":{"category":[{"id":"c"}]}}},"context":{"contextActivities":{"category":[{"id":"c\/"}]}}}"#,
        ),
        (
            r#"{"context":{"extensions":{"parent":{"contextActivities":{"parent":{}}}},"contextActivities":{"grouping":{"id":"g"}}}}"#,
            r#"{"context":{"extensions":{"parent":{"contextActivities":{"parent":{}}}},"contextActivities":{"grouping":[{"id":"g"}]}}}"#,
        ),
    ] {
        let node = Node::parse(text, 32).expect(text);
        let normalised = normalise(&statement(text, &node));
        assert_eq!(normalised, kept);
        assert_eq!(
            matches!(normalised, Cow::Borrowed(_)),
            text == kept,
            "{text}"
        );
    }
}

#[test]
fn exact_adds_what_is_missing_and_nothing_else() {
    let none = Additions::default();
    let all = Additions {
        id: true,
        timestamp: true,
        version: Some("1.0.0"),
    };
    let mut out = String::new();
    exact(&stored(r#"{ "actor": 1.50 }"#, none), &mut out);
    assert_eq!(
        out,
        format!(r#"{{ "actor": 1.50 ,"stored":"{STORED}","authority":{AUTHORITY}}}"#)
    );
    out.clear();
    exact(&stored(r#"{"actor":1}"#, all), &mut out);
    assert_eq!(
        out,
        format!(
            r#"{{"id":"00000000-0000-0000-0000-000000001234","actor":1,"timestamp":"{STORED}","stored":"{STORED}","authority":{AUTHORITY},"version":"1.0.0"}}"#
        )
    );
}

#[test]
fn ids_keeps_what_identifies() {
    for (sent, expected) in [
        (
            r#"{"actor":{"name":"A","objectType":"Agent","mbox":"mailto:a@b"},"verb":{"id":"v","display":{"en":"x"}},"object":{"objectType":"Activity","id":"a","definition":{}},"result":{"score":{"scaled":1.0}}}"#,
            r#"{"actor":{"objectType":"Agent","mbox":"mailto:a@b"},"verb":{"id":"v"},"object":{"id":"a"},"result":{"score":{"scaled":1.0}}}"#,
        ),
        (
            r#"{"actor":{"objectType":"Group","name":"G","member":[{"name":"x","mbox":"mailto:a@b"}],"openid":"http://g"}}"#,
            r#"{"actor":{"objectType":"Group","openid":"http://g"}}"#,
        ),
        (
            r#"{"actor":{"objectType":"Group","name":"G","member":[{"name":"x","account":{"homePage":"h","name":"n"}}]}}"#,
            r#"{"actor":{"objectType":"Group","member":[{"account":{"homePage":"h","name":"n"}}]}}"#,
        ),
        (
            r#"{"object":{"objectType":"SubStatement","actor":{"name":"A","mbox":"m"},"verb":{"id":"v","display":{}},"object":{"objectType":"Agent","name":"B","mbox":"n"},"timestamp":"t"}}"#,
            r#"{"object":{"objectType":"SubStatement","actor":{"mbox":"m"},"verb":{"id":"v"},"object":{"objectType":"Agent","mbox":"n"},"timestamp":"t"}}"#,
        ),
        (
            r#"{"object":{"objectType":"StatementRef","id":"x"},"context":{"instructor":{"name":"A","mbox":"m"},"team":{"objectType":"Group","name":"T","mbox":"m"},"contextActivities":{"parent":[{"objectType":"Activity","id":"a"},{"id":"b","definition":{}}]},"contextAgents":[{"objectType":"contextAgent","agent":{"name":"A","mbox":"m"},"relevantTypes":["t"]}],"contextGroups":[{"objectType":"contextGroup","group":{"objectType":"Group","name":"A","mbox":"m"}}],"platform":"p"}}"#,
            r#"{"object":{"objectType":"StatementRef","id":"x"},"context":{"instructor":{"mbox":"m"},"team":{"objectType":"Group","mbox":"m"},"contextActivities":{"parent":[{"id":"a"},{"id":"b"}]},"contextAgents":[{"objectType":"contextAgent","agent":{"mbox":"m"},"relevantTypes":["t"]}],"contextGroups":[{"objectType":"contextGroup","group":{"objectType":"Group","mbox":"m"}}],"platform":"p"}}"#,
        ),
    ] {
        let mut out = String::new();
        ids(&stored(sent, Additions::default()), &mut out).expect(sent);
        let authority =
            r#"{"objectType":"Agent","account":{"homePage":"http://lrs","name":"key"}}"#;
        let expected = expected.strip_suffix('}').expect("an object");
        assert_eq!(
            out,
            format!(r#"{expected},"stored":"{STORED}","authority":{authority}}}"#)
        );
    }
}

#[test]
fn canonical_shows_one_language_and_what_the_lrs_knows() {
    let known = r#"{"name":{"en":"N","de":"M"},"description":{"fr":"D"},"type":"http://t","interactionType":"choice","choices":[{"id":"1","description":{"en":"one","de":"eins"}}]}"#;
    let definitions = |id: &str| (id == "k").then(|| known.to_owned());
    for (sent, expected) in [
        (
            r#"{"actor":{"name":"A"},"verb":{"id":"v","display":{"en":"x","de-AT":"y"}},"object":{"definition":{"name":{"en":"old"}},"id":"k"}}"#,
            r#"{"actor":{"name":"A"},"verb":{"id":"v","display":{"de-AT":"y"}},"object":{"id":"k","definition":{"name":{"de":"M"},"description":{"fr":"D"},"type":"http://t","interactionType":"choice","choices":[{"id":"1","description":{"de":"eins"}}]}}}"#,
        ),
        (
            r#"{"object":{"objectType":"SubStatement","verb":{"display":{"en":"x","de":"y"}},"object":{"id":"u","definition":{"name":{"en":"x","de":"y"},"extensions":{"en":1,"de":2}}}},"context":{"contextActivities":{"other":[{"id":"u"},{"id":"u","definition":{"description":{"en":"x","de":"y"}}}]}}}"#,
            r#"{"object":{"objectType":"SubStatement","verb":{"display":{"de":"y"}},"object":{"id":"u","definition":{"name":{"de":"y"},"extensions":{"en":1,"de":2}}}},"context":{"contextActivities":{"other":[{"id":"u"},{"id":"u","definition":{"description":{"de":"y"}}}]}}}"#,
        ),
    ] {
        let mut out = String::new();
        let languages = Languages::parse("de");
        canonical(
            &stored(sent, Additions::default()),
            &languages,
            &definitions,
            &mut out,
        )
        .expect(sent);
        let expected = expected.strip_suffix('}').expect("an object");
        assert_eq!(
            out,
            format!(r#"{expected},"stored":"{STORED}","authority":{AUTHORITY}}}"#)
        );
    }
}

#[test]
fn the_language_most_wanted_is_chosen() {
    for (accepted, tags, chosen) in [
        ("en-GB", "en-US en-GB de", "en-GB"),
        ("EN-gb", "de en-GB", "en-GB"),
        ("en", "de en-US", "en-US"),
        ("en-GB", "de en", "en"),
        ("en-GB", "de en-US", "en-US"),
        ("en-GB, de", "en-US de", "de"),
        ("zh-Hant-CN-x-private", "zh zh-Hant", "zh-Hant"),
        ("de;q=0.5, fr;q=0.7", "de fr", "fr"),
        ("de;q=0.5, fr ; q=0.500", "fr de", "de"),
        ("*", "fr de", "fr"),
        ("de, *;q=0.1", "fr it", "fr"),
        ("*;q=0.5, de;q=0.1", "de fr", "fr"),
        ("en;q=0, *", "en fr", "fr"),
        ("fr;q=0", "fr", "fr"),
        ("fr;q=0", "fr de", "de"),
        ("en, en-US;q=0", "en-US en-GB", "en-GB"),
        ("it", "de und", "und"),
        ("", "de en", "de"),
        (",;;q=x,en;q=2,de;q=0.1234, fr;q=1.0", "en de fr", "fr"),
    ] {
        let entries: Vec<String> = tags.split(' ').map(|tag| format!("{tag:?}:1")).collect();
        let text = format!("{{{}}}", entries.join(","));
        let mut map = Node::parse(&text, 1).expect("valid JSON");
        Languages::parse(accepted).choose(&mut map);
        assert_eq!(
            map.to_text(),
            format!("{{{chosen:?}:1}}"),
            "{accepted} of {tags}"
        );
    }
    let mut empty = Node::Object(Vec::new());
    Languages::parse("en").choose(&mut empty);
    assert_eq!(empty, Node::Object(Vec::new()));
}

#[test]
fn a_result_lists_statements_and_where_there_are_more() {
    let mut result = StatementResult::with_capacity(64);
    assert_eq!(
        StatementResult::with_capacity(0).finish(None),
        r#"{"statements":[],"more":""}"#
    );
    result.place().push_str("{}");
    result.place().push_str("[]");
    assert_eq!(result.count(), 2);
    assert_eq!(
        result.finish(Some("/xapi/statements?more=\"")),
        r#"{"statements":[{},[]],"more":"/xapi/statements?more=\""}"#
    );
}
