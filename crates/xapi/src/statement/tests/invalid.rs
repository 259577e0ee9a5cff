//! Statements that have to be refused, each as one edit of a valid one, with the requirement and the place.

use super::*;

fn check(version: Version, base: &str, cases: &[(&str, &str, &str, &str)]) {
    for (from, to, requirement, pointer) in cases {
        let text = edited(base, from, to);
        let violations = parse_one(&text, version, &Limits::default()).expect_err(&text);
        assert_eq!(
            ids(&violations),
            [(*requirement, *pointer)],
            "`{from}` to `{to}`: {violations:#?}"
        );
        assert!(violations.iter().all(|one| one.statement == Some(0)));
    }
}

#[test]
fn formatting() {
    check(
        Version::V1_0_3,
        PLAIN,
        &[
            (
                r#""actor": {"mbox": "mailto:a@example.com"}, "#,
                "",
                "XAPI-00003",
                "/actor",
            ),
            (
                r#""verb": {"id": "http://example.com/did"}, "#,
                "",
                "XAPI-00004",
                "/verb",
            ),
            (
                r#", "object": {"id": "http://example.com/it"}"#,
                "",
                "XAPI-00005",
                "/object",
            ),
            (
                r#"{"mbox": "mailto:a@example.com"}"#,
                "null",
                "XAPI-00001",
                "/actor",
            ),
            (
                r#"{"mbox": "mailto:a@example.com"}"#,
                "\"x\"",
                "XAPI-00006",
                "/actor",
            ),
            (
                r#"{"mbox": "mailto:a@example.com"}"#,
                "[]",
                "XAPI-00006",
                "/actor",
            ),
            (
                r#"{"id": "http://example.com/did"}"#,
                "[\"http://example.com/did\"]",
                "XAPI-00006",
                "/verb",
            ),
            (
                r#"{"id": "http://example.com/it"}"#,
                "[]",
                "XAPI-00006",
                "/object",
            ),
            (
                "\"actor\"",
                r#""objectType": "x", "actor""#,
                "XAPI-00010",
                "/objectType",
            ),
            (
                "\"actor\"",
                r#""objecttype": null, "actor""#,
                "XAPI-00010",
                "/objecttype",
            ),
            (
                "\"actor\"",
                r#""Version": "1.0.0", "actor""#,
                "XAPI-00008",
                "/Version",
            ),
            (
                "\"actor\"",
                r#""a/b~": 1, "actor""#,
                "XAPI-00010",
                "/a~1b~0",
            ),
            (
                "\"actor\"",
                r#""verb": {"id": "http://example.com/did"}, "actor""#,
                "XAPI-00021",
                "/verb",
            ),
            (
                "\"actor\"",
                r#""v\u0065rb": {"id": "http://example.com/did"}, "actor""#,
                "XAPI-00021",
                "/verb",
            ),
        ],
    );
    check(
        Version::V1_0_3,
        FULL,
        &[
            ("\"timestamp\"", "\"timeStamp\"", "XAPI-00008", "/timeStamp"),
            (
                "\"2026-11-21T18:30:52.123+01:00\"",
                "null",
                "XAPI-00001",
                "/timestamp",
            ),
            (
                "\"2026-11-21T18:30:52.123+01:00\"",
                "7",
                "XAPI-00022",
                "/timestamp",
            ),
            (
                "2026-11-21T18:30:52.123+01:00",
                "2026-11-21T18:30:52-00",
                "XAPI-00123",
                "/timestamp",
            ),
            (
                "\"2026-11-21T18:30:52Z\"",
                "\"01/011/2015\"",
                "XAPI-00123",
                "/stored",
            ),
            (
                "\"2a41c918-b88b-4b20-a0a5-a4c32391aaa0\"",
                "12345",
                "XAPI-00028",
                "/id",
            ),
            (
                "2a41c918-b88b-4b20-a0a5-a4c32391aaa0",
                "2a41c918",
                "XAPI-00027",
                "/id",
            ),
            ("\"1.0.3\"", "\"0.9.9\"", "XAPI-00101", "/version"),
            ("\"1.0.3\"", "\"1.1.0\"", "XAPI-00101", "/version"),
            ("\"1.0.3\"", "\"2.0.0\"", "XAPI-00101", "/version"),
            ("\"1.0.3\"", "1.0", "XAPI-00101", "/version"),
        ],
    );
    check(
        Version::V1_0_3,
        VOIDING,
        &[
            (
                "\"objectType\": \"StatementRef\", \"id\": \"8f87ccde-bb56-4c2e-ab83-44982ef22df0\"",
                "\"id\": \"http://example.com\"",
                "XAPI-00017",
                "/object",
            ),
            (
                "8f87ccde-bb56-4c2e-ab83-44982ef22df0",
                "8f87ccde",
                "XAPI-00072",
                "/object/id",
            ),
            (
                ", \"id\": \"8f87ccde-bb56-4c2e-ab83-44982ef22df0\"",
                "",
                "XAPI-00072",
                "/object/id",
            ),
            (
                "\"StatementRef\"",
                "\"statementRef\"",
                "XAPI-00009",
                "/object/objectType",
            ),
            (
                "\"StatementRef\"",
                "\"StatementRef\", \"definition\": {}",
                "XAPI-00010",
                "/object/definition",
            ),
        ],
    );
}

#[test]
fn actors() {
    check(
        Version::V1_0_3,
        FULL,
        &[
            ("\"Team\"", "7", "XAPI-00033", "/actor/name"),
            (
                "mailto:team@example.com",
                "mailto:team.example.com",
                "XAPI-00038",
                "/actor/mbox",
            ),
            (
                "\"mailto:team@example.com\"",
                "7",
                "XAPI-00038",
                "/actor/mbox",
            ),
            (
                "0123456789abcdef0123456789abcdef01234567",
                "0123",
                "XAPI-00039",
                "/actor/member/1/mbox_sha1sum",
            ),
            (
                "https://a.example/a",
                "ab=c://should.fail.com",
                "XAPI-00011",
                "/actor/member/0/openid",
            ),
            (
                "https://a.example/a",
                "https://a b",
                "XAPI-00040",
                "/actor/member/0/openid",
            ),
            (
                r#""objectType": "Agent", "mbox_sha1sum""#,
                r#""objectType": "Group", "mbox_sha1sum""#,
                "XAPI-00036",
                "/actor/member/1",
            ),
            (
                r#""objectType": "Agent", "mbox_sha1sum""#,
                r#""objectType": "agent", "mbox_sha1sum""#,
                "XAPI-00009",
                "/actor/member/1/objectType",
            ),
            (
                r#""objectType": "Agent", "mbox_sha1sum""#,
                r#""objectType": "Robot", "mbox_sha1sum""#,
                "XAPI-00031",
                "/actor/member/1/objectType",
            ),
            (
                r#""objectType": "Agent", "mbox_sha1sum""#,
                r#""objectType": 1, "mbox_sha1sum""#,
                "XAPI-00032",
                "/actor/member/1/objectType",
            ),
            (
                r#""openid": "https://a.example/a""#,
                r#""openid": "https://a.example/a", "mbox": "mailto:a@b""#,
                "XAPI-00034",
                "/actor/member/0",
            ),
            (
                r#", "openid": "https://a.example/a""#,
                "",
                "XAPI-00034",
                "/actor/member/0",
            ),
            (
                r#""mbox": "mailto:team@example.com""#,
                r#""mbox": "mailto:team@example.com", "openid": "http://a""#,
                "XAPI-00037",
                "/actor",
            ),
            (
                r#"{"mbox": "mailto:i@example.com"}"#,
                r#"{"mbox": "mailto:i@example.com", "member": []}"#,
                "XAPI-00035",
                "/context/instructor/member",
            ),
            (
                r#"{"mbox": "mailto:i@example.com"}"#,
                "\"x\"",
                "XAPI-00087-2",
                "/context/instructor",
            ),
            (
                r#"{"objectType": "Group", "member": [{"mbox": "mailto:t@example.com"}]}"#,
                r#"{"mbox": "mailto:t@example.com"}"#,
                "XAPI-00088",
                "/context/team",
            ),
            (
                r#"[{"mbox": "mailto:t@example.com"}]"#,
                "[]",
                "XAPI-00037",
                "/context/team",
            ),
            (
                r#", "member": [{"mbox": "mailto:t@example.com"}]"#,
                "",
                "XAPI-00037",
                "/context/team",
            ),
            (
                r#", {"mbox": "mailto:b@example.com"}]"#,
                "]",
                "XAPI-00098",
                "/authority",
            ),
            (
                r#"{"mbox": "mailto:b@example.com"}]"#,
                r#"{"mbox": "mailto:b@example.com"}], "mbox": "mailto:c@example.com""#,
                "XAPI-00098",
                "/authority",
            ),
            (
                r#""homePage": "https://a.example", "#,
                "",
                "XAPI-00042",
                "/authority/member/0/account/homePage",
            ),
            (
                "\"https://a.example\"",
                "\"a.example\"",
                "XAPI-00011",
                "/authority/member/0/account/homePage",
            ),
            (
                r#", "name": "x""#,
                "",
                "XAPI-00043",
                "/authority/member/0/account/name",
            ),
            (
                r#"{"homePage": "https://a.example", "name": "x"}"#,
                "\"x\"",
                "XAPI-00041",
                "/authority/member/0/account",
            ),
        ],
    );
}

#[test]
fn objects() {
    check(
        Version::V1_0_3,
        PLAIN,
        &[
            (
                "\"http://example.com/did\"",
                "\"should fail\"",
                "XAPI-00011",
                "/verb/id",
            ),
            ("\"http://example.com/did\"", "7", "XAPI-00044", "/verb/id"),
            (
                "{\"id\": \"http://example.com/did\"}",
                "{}",
                "XAPI-00044",
                "/verb/id",
            ),
            (
                "\"http://example.com/did\"",
                "\"http://example.com/did\", \"display\": \"x\"",
                "XAPI-00045",
                "/verb/display",
            ),
            (
                "\"http://example.com/did\"",
                "\"http://example.com/did\", \"display\": {\"en\": 7}",
                "XAPI-00045",
                "/verb/display/en",
            ),
            (
                "\"http://example.com/did\"",
                "\"http://example.com/did\", \"display\": {\"en\": null}",
                "XAPI-00001",
                "/verb/display/en",
            ),
            (
                "\"http://example.com/did\"",
                "\"http://example.com/did\", \"display\": {\"a12345678\": \"x\"}",
                "XAPI-00121",
                "/verb/display/a12345678",
            ),
            (
                "\"http://example.com/did\"",
                "\"http://example.com/did\", \"display\": {\"en\": \"x\", \"en\": \"x\"}",
                "XAPI-00021",
                "/verb/display/en",
            ),
            (
                "{\"id\": \"http://example.com/it\"}",
                "{}",
                "XAPI-00047",
                "/object/id",
            ),
            (
                "{\"id\": \"http://example.com/it\"}",
                "{\"mbox\": \"mailto:a@b\"}",
                "XAPI-00065",
                "/object/objectType",
            ),
            (
                "{\"id\": \"http://example.com/it\"}",
                "{\"objectType\": \"Robot\"}",
                "XAPI-00046",
                "/object/objectType",
            ),
            (
                "{\"id\": \"http://example.com/it\"}",
                "{\"objectType\": {\"Agent\": null}, \"mbox\": \"mailto:a@b\"}",
                "XAPI-00046",
                "/object/objectType",
            ),
            (
                "{\"id\": \"http://example.com/it\"}",
                "{\"objectType\": null, \"id\": \"http://example.com/it\"}",
                "XAPI-00001",
                "/object/objectType",
            ),
            (
                "\"http://example.com/it\"",
                "\"http://example.com/it\", \"definition\": []",
                "XAPI-00048",
                "/object/definition",
            ),
            (
                "\"http://example.com/it\"",
                "\"http://example.com/it\", \"definition\": null",
                "XAPI-00001",
                "/object/definition",
            ),
            (
                "\"http://example.com/it\"",
                "\"http://example.com/it\", \"mbox\": \"mailto:a@b\"",
                "XAPI-00010",
                "/object/mbox",
            ),
        ],
    );
    check(
        Version::V1_0_3,
        FULL,
        &[
            (
                "\"choice\"",
                "\"Choice\"",
                "XAPI-00009",
                "/object/definition/interactionType",
            ),
            (
                "\"choice\"",
                "\"guess\"",
                "XAPI-00049",
                "/object/definition/interactionType",
            ),
            (
                "\"interactionType\": \"choice\", ",
                "",
                "XAPI-00064",
                "/object/definition/interactionType",
            ),
            (
                "{\"id\": \"b\"}",
                "{\"id\": \"a\"}",
                "XAPI-00058",
                "/object/definition/choices/1/id",
            ),
            (
                "{\"id\": \"b\"}",
                "{}",
                "XAPI-00058",
                "/object/definition/choices/1/id",
            ),
            (
                "{\"id\": \"b\"}",
                "\"b\"",
                "XAPI-00063",
                "/object/definition/choices/1",
            ),
            (
                "[\"a[,]b\"]",
                "\"a\"",
                "XAPI-00050",
                "/object/definition/correctResponsesPattern",
            ),
            (
                "[\"a[,]b\"]",
                "[7]",
                "XAPI-00050",
                "/object/definition/correctResponsesPattern/0",
            ),
            (
                "{\"en\": \"Q\"}",
                "\"Q\"",
                "XAPI-00056",
                "/object/definition/name",
            ),
            (
                "{\"en\": \"A question\"}",
                "[]",
                "XAPI-00059",
                "/object/definition/description",
            ),
            (
                "\"http://adlnet.gov/expapi/activities/cmi.interaction\"",
                "\"x\"",
                "XAPI-00011",
                "/object/definition/type",
            ),
            (
                "\"http://example.com/more\"",
                "7",
                "XAPI-00061",
                "/object/definition/moreInfo",
            ),
            (
                "\"http://example.com/x\":",
                "\"x\":",
                "XAPI-00118",
                "/object/definition/extensions/x",
            ),
            (
                "{\"b\": \"\"}",
                "{\"b\": 1, \"b\": 2}",
                "XAPI-00021",
                "/object/definition/extensions/http:~1~1example.com~1x/a/2/b",
            ),
        ],
    );
    check(
        Version::V1_0_3,
        SUB_STATEMENT,
        &[
            (
                "\"SubStatement\",",
                "\"SubStatement\", \"id\": \"8f87ccde-bb56-4c2e-ab83-44982ef22df0\",",
                "XAPI-00070",
                "/object/id",
            ),
            (
                "\"SubStatement\",",
                "\"SubStatement\", \"stored\": \"2026-11-21T18:30:52Z\",",
                "XAPI-00069",
                "/object/stored",
            ),
            (
                "\"SubStatement\",",
                "\"SubStatement\", \"version\": \"1.0.0\",",
                "XAPI-00068",
                "/object/version",
            ),
            (
                "\"SubStatement\",",
                "\"SubStatement\", \"authority\": {\"mbox\": \"mailto:a@b\"},",
                "XAPI-00067",
                "/object/authority",
            ),
            (
                "\"objectType\": \"SubStatement\",",
                "",
                "XAPI-00073",
                "/object/objectType",
            ),
            (
                "{\"objectType\": \"Group\", \"openid\": \"http://example.com/group\"}",
                "{\"objectType\": \"SubStatement\"}",
                "XAPI-00071",
                "/object/object",
            ),
            (
                "{\"success\": true}",
                "{\"success\": \"true\"}",
                "XAPI-00074",
                "/object/result/success",
            ),
            (
                "\"context\": {",
                "\"context\": {\"revision\": \"1\", ",
                "XAPI-00084",
                "/object/context/revision",
            ),
            (
                "\"context\": {",
                "\"context\": {\"platform\": \"1\", ",
                "XAPI-00085",
                "/object/context/platform",
            ),
            (
                "2031-11-21T18:30:52Z",
                "2031-11-21",
                "XAPI-00123",
                "/object/timestamp",
            ),
        ],
    );
}

#[test]
fn results() {
    check(
        Version::V1_0_3,
        FULL,
        &[
            (
                "\"scaled\": 0.5",
                "\"scaled\": 1.01",
                "XAPI-00083",
                "/result/score/scaled",
            ),
            (
                "\"scaled\": 0.5",
                "\"scaled\": -1.00001",
                "XAPI-00083",
                "/result/score/scaled",
            ),
            (
                "\"scaled\": 0.5",
                "\"scaled\": \"0.5\"",
                "XAPI-00083",
                "/result/score/scaled",
            ),
            (
                "\"scaled\": 0.5",
                "\"scaled\": null",
                "XAPI-00001",
                "/result/score/scaled",
            ),
            (
                "\"raw\": 5",
                "\"raw\": 10.000000000000000000001",
                "XAPI-00082",
                "/result/score/raw",
            ),
            (
                "\"raw\": 5",
                "\"raw\": -1",
                "XAPI-00082",
                "/result/score/raw",
            ),
            (
                "\"raw\": 5, \"min\": 0, \"max\": 10",
                "\"min\": 10, \"max\": 1e1",
                "XAPI-00080",
                "/result/score/max",
            ),
            (
                "\"min\": 0",
                "\"min\": \"0\"",
                "XAPI-00081",
                "/result/score/min",
            ),
            (
                "\"completion\": false",
                "\"completion\": 0",
                "XAPI-00075",
                "/result/completion",
            ),
            (
                "\"response\": \"a\"",
                "\"response\": 7",
                "XAPI-00076",
                "/result/response",
            ),
            (
                "\"PT1M2.5S\"",
                "\"P4W1D\"",
                "XAPI-00124",
                "/result/duration",
            ),
            ("\"PT1M2.5S\"", "7", "XAPI-00077", "/result/duration"),
            (
                "{\"http://example.com/y\": null}",
                "7",
                "XAPI-00078",
                "/result/extensions",
            ),
            (
                "{\"http://example.com/y\": null}",
                "{\"y\": null}",
                "XAPI-00118",
                "/result/extensions/y",
            ),
            (
                "{\"http://example.com/y\": null}",
                "{\"http:y\": 1, \"http:y\": 2}",
                "XAPI-00021",
                "/result/extensions/http:y",
            ),
            (
                "{\"http://example.com/y\": null}",
                "{\"http:y\": \"\\ud800\"}",
                "XAPI-00014",
                "",
            ),
            (
                "\"length\": 27",
                "\"length\": 27.5",
                "XAPI-00102",
                "/attachments/0/length",
            ),
            (
                "\"length\": 27",
                "\"length\": \"27\"",
                "XAPI-00102",
                "/attachments/0/length",
            ),
            (
                "\"length\": 27, ",
                "",
                "XAPI-00102",
                "/attachments/0/length",
            ),
            (
                "495395e777cd98da653df9615d09c0fd6bb2f8d4788394cd53c56a3bfdcd848a",
                "49",
                "XAPI-00103",
                "/attachments/0/sha2",
            ),
            (
                "\"https://example.com/f\"",
                "\"f\"",
                "XAPI-00011",
                "/attachments/0/fileUrl",
            ),
            (
                "\"text/plain\"",
                "\"text\"",
                "XAPI-00105",
                "/attachments/0/contentType",
            ),
            (
                "\"display\": {\"en\": \"A\"}, ",
                "",
                "XAPI-00106",
                "/attachments/0/display",
            ),
            (
                "{\"en\": \"B\"}",
                "\"B\"",
                "XAPI-00106",
                "/attachments/0/description",
            ),
            (
                "\"http://example.com/usage\"",
                "7",
                "XAPI-00107",
                "/attachments/0/usageType",
            ),
        ],
    );
}

#[test]
fn contexts() {
    check(
        Version::V1_0_3,
        FULL,
        &[
            (
                "8f87ccde-bb56-4c2e-ab83-44982ef22df0",
                "x",
                "XAPI-00087-1",
                "/context/registration",
            ),
            (
                "\"en-US\",\n",
                "\"something\",\n",
                "XAPI-00091",
                "/context/language",
            ),
            (
                "\"revision\": \"1\"",
                "\"revision\": 1",
                "XAPI-00089",
                "/context/revision",
            ),
            (
                "\"platform\": \"web\"",
                "\"platform\": []",
                "XAPI-00090",
                "/context/platform",
            ),
            (
                "8f87ccde-bb56-4c2e-ab83-44982ef22df1",
                "x",
                "XAPI-00072",
                "/context/statement/id",
            ),
            (
                "\"objectType\": \"StatementRef\", ",
                "",
                "XAPI-00092",
                "/context/statement/objectType",
            ),
            (
                "\"parent\": {\"id\": \"http://example.com/p\"}",
                "\"parent\": 7",
                "XAPI-00094",
                "/context/contextActivities/parent",
            ),
            (
                "\"parent\": {\"id\": \"http://example.com/p\"}",
                "\"parent\": null",
                "XAPI-00001",
                "/context/contextActivities/parent",
            ),
            (
                "\"parent\": {\"id\": \"http://example.com/p\"}",
                "\"parent\": {}",
                "XAPI-00047",
                "/context/contextActivities/parent/id",
            ),
            (
                "\"objectType\": \"Activity\", \"id\": \"http://example.com/g\"",
                "\"objectType\": \"activity\", \"id\": \"http://example.com/g\"",
                "XAPI-00009",
                "/context/contextActivities/grouping/0/objectType",
            ),
            (
                "\"category\"",
                "\"Category\"",
                "XAPI-00008",
                "/context/contextActivities/Category",
            ),
            (
                "\"category\"",
                "\"sort\"",
                "XAPI-00093",
                "/context/contextActivities/sort",
            ),
        ],
    );
    check(
        Version::V1_0_3,
        PARTICIPANTS,
        &[(
            "\"version\": \"2.0.0\",\n    \"context\": {\"contextAgents\": [{\"objectType\": \"contextAgent\", \"agent\": {\"mbox\": \"mailto:c@example.com\"}, \"relevantTypes\": [\"http://example.com/type\"]}],",
            "\"context\": {",
            "XAPI-00010",
            "/context/contextGroups",
        )],
    );
    check(
        Version::V2_0_0,
        PARTICIPANTS,
        &[
            (
                "\"contextAgent\"",
                "\"Agent\"",
                "xapi/context-agents",
                "/context/contextAgents/0/objectType",
            ),
            (
                "\"contextAgent\"",
                "\"contextagent\"",
                "XAPI-00009",
                "/context/contextAgents/0/objectType",
            ),
            (
                "\"objectType\": \"contextAgent\", ",
                "",
                "xapi/context-agents",
                "/context/contextAgents/0/objectType",
            ),
            (
                "{\"mbox\": \"mailto:c@example.com\"}",
                "{}",
                "XAPI-00034",
                "/context/contextAgents/0/agent",
            ),
            (
                "{\"mbox\": \"mailto:c@example.com\"}",
                "{\"objectType\": \"Group\", \"mbox\": \"mailto:c@example.com\"}",
                "xapi/context-agents",
                "/context/contextAgents/0/agent",
            ),
            (
                "{\"objectType\": \"Group\", \"mbox\": \"mailto:g@example.com\"}",
                "{\"mbox\": \"mailto:g@example.com\"}",
                "xapi/context-groups",
                "/context/contextGroups/0/group",
            ),
            (
                "[\"http://example.com/type\"]",
                "[]",
                "xapi/relevant-types",
                "/context/contextAgents/0/relevantTypes",
            ),
            (
                "[\"http://example.com/type\"]",
                "[\"abc\"]",
                "XAPI-00011",
                "/context/contextAgents/0/relevantTypes/0",
            ),
            (
                "[\"http://example.com/type\"]",
                "\"abc\"",
                "xapi/relevant-types",
                "/context/contextAgents/0/relevantTypes",
            ),
            ("\"2.0.0\"", "\"2.1.0\"", "XAPI-00101", "/version"),
        ],
    );
}

/// Everything that is wrong is listed, not the first alone.
#[test]
fn many_at_once() {
    let text = r#"{"actor": {"mbox": 7, "name": null}, "Verb": {}, "object": {"objectType": "Group"}, "result": {"success": "x", "score": {"scaled": 2}}, "x": 1}"#;
    let violations = parse_one(text, Version::V1_0_3, &Limits::default()).expect_err(text);
    assert_eq!(
        ids(&violations),
        [
            ("XAPI-00008", "/Verb"),
            ("XAPI-00010", "/x"),
            ("XAPI-00001", "/actor/name"),
            ("XAPI-00038", "/actor/mbox"),
            ("XAPI-00004", "/verb"),
            ("XAPI-00037", "/object"),
            ("XAPI-00083", "/result/score/scaled"),
            ("XAPI-00074", "/result/success"),
        ]
    );
}
