use super::*;
use std::borrow::Cow;

use crate::Limits;
use crate::equivalence::differences;
use crate::json::Node;
use crate::statement::parse_one;

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

/// `@` stands for the three members that every statement has, `%` for an object's.
fn fill(text: &str) -> String {
    text.replace(
        '@',
        "\"actor\":{\"mbox\":\"mailto:a\u{40}b.c\"},\"verb\":{\"id\":\"http://v\"},\"object\":%",
    )
    .replace('%', "{\"id\":\"http://a\"}")
}

#[test]
fn only_what_the_lrs_replaces_is_changed() {
    const T: &str = "\"2026-11-21T18:00:00Z\"";
    const A: &str = r#"{"mbox":"mailto:l\u0040rs.org"}"#;
    for (sent, kept) in [
        ("{@}", "{@}"),
        (r#"{ "stored":T, @}"#, "{ @}"),
        (r#"{@ , "stored":T }"#, "{@ }"),
        (
            r#"{@, "authority":A ,"version":"1.0.\u0031","stored":T}"#,
            r#"{@ ,"version":"1.0.\u0031"}"#,
        ),
        (
            r#"{"stored":T,"authority":A,@,"timestamp":T}"#,
            r#"{@,"timestamp":T}"#,
        ),
        (
            r#"{@,"\u0073tored":T,"result":{"response":"\"stored\":}\\"}}"#,
            r#"{@,"result":{"response":"\"stored\":}\\"}}"#,
        ),
        (
            r#"{@,"context":{"contextActivities":{"parent":[ {"id":"http://p"} ],"other":[%,%]}}}"#,
            r#"{@,"context":{"contextActivities":{"parent":[ {"id":"http://p"} ],"other":[%,%]}}}"#,
        ),
        (
            r#"{@,"context":{"contextActivities":{"parent": {"id":"http://p","definition":{"name":{"en":"]}"}}} ,"other":[%]}}}"#,
            r#"{@,"context":{"contextActivities":{"parent": [{"id":"http://p","definition":{"name":{"en":"]}"}}}] ,"other":[%]}}}"#,
        ),
        (
            r#"{"stored":T,@,"context":{"contextActivities":{"p\u0061rent":{"definition":{},"id":"http:\/\/p"}}}}"#,
            r#"{@,"context":{"contextActivities":{"p\u0061rent":[{"definition":{},"id":"http:\/\/p"}]}}}"#,
        ),
        (
            r#"{"actor":A,"verb":{"id":"http://v"},"object":{"objectType":"SubStatement",@,"context":{"contextActivities":{"category":%}}},"context":{"contextActivities":{"category":[%]}},"authority":A}"#,
            r#"{"actor":A,"verb":{"id":"http://v"},"object":{"objectType":"SubStatement",@,"context":{"contextActivities":{"category":[%]}}},"context":{"contextActivities":{"category":[%]}}}"#,
        ),
        (
            r#"{@,"context":{"extensions":{"http://e":{"contextActivities":{"parent":{}}}},"contextActivities":{"grouping":%}}}"#,
            r#"{@,"context":{"extensions":{"http://e":{"contextActivities":{"parent":{}}}},"contextActivities":{"grouping":[%]}}}"#,
        ),
    ] {
        let (sent, kept) = (fill(sent), fill(kept));
        let sent = sent
            .replace(":T", &format!(":{T}"))
            .replace(":A", &format!(":{A}"));
        let kept = kept
            .replace(":T", &format!(":{T}"))
            .replace(":A", &format!(":{A}"));
        let statement = parse_one(&sent, Version::V1_0_3, &Limits::default()).expect(&sent);
        let normalised = normalise(&statement);
        assert_eq!(normalised, kept);
        assert_eq!(
            matches!(normalised, Cow::Borrowed(_)),
            sent == kept,
            "{sent}"
        );
        // What is kept is a statement that needs no more.
        let again = parse_one(&kept, Version::V1_0_3, &Limits::default()).expect(&kept);
        assert_eq!(normalise(&again), kept);
    }
}

/// Reads back what `exact` wrote.
#[test]
fn exact_is_the_statement_that_was_sent() {
    let limits = Limits::default();
    for sent in [
        "{@}",
        r#"{"id":"ec531277-b57b-4c15-8d91-d292c5b2b8f7",@}"#,
        r#"{"timestamp":"2026-11-21T18:00:00+05:00", @ , "version":"1.0.9"}"#,
        r#"{"stored":"2026-11-21T18:00:00+05:00",@,"context":{"contextActivities":{"parent":%}}}"#,
        r#"{@,"result":{"score":{"scaled":0.10,"raw":1e1},"extensions":{"http://e":[null,"\ud834\udd1e",1E400]}}}"#,
    ] {
        let sent = fill(sent);
        for version in Version::ALL {
            let statement = parse_one(&sent, version, &limits).expect(&sent);
            let additions = Additions::of(&statement, version);
            let text = normalise(&statement);
            let mut out = String::new();
            exact(&stored(&text, additions), &mut out);
            let back = parse_one(&out, version, &limits).expect(&out);
            let id = if additions.id {
                ID
            } else {
                statement.id.expect("an id")
            };
            assert_eq!(back.id, Some(id));
            let default = version.rules().statement_version_default;
            let given = statement.version.as_deref().unwrap_or(default);
            assert_eq!(back.version.as_deref(), Some(given));
            let moment = statement.timestamp.as_deref().unwrap_or(STORED);
            assert_eq!(back.timestamp.as_deref(), Some(moment));
            assert_eq!(back.stored.as_deref(), Some(STORED));
            assert_eq!(differences(&sent, &out), Ok(Vec::new()));
        }
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
