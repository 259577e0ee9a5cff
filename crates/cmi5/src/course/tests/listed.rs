//! The JSON that clients read.

use serde_json::json;

use super::fixture::{TEXTS, accepted, au, course, one_au};
use crate::course::{au_lms_id, block_lms_id, listing};

const LMS_ID: &str = "https://lms.example.com/course/1";

#[test]
fn a_listing() {
    let inner = format!(
        "<objectives><objective id='urn:o2'>{TEXTS}</objective><objective id='urn:o1'>{TEXTS}</objective></objectives>\
        {}<block id='urn:b0'>{TEXTS}<objectives><objective idref='urn:o1'/></objectives>\
        <block id='urn:b1'>{TEXTS}{}</block>{}</block><block id='urn:b2'>{TEXTS}{}</block>",
        au(
            0,
            "masteryScore='0.80' activityType='urn:t' moveOn='Passed' launchMethod='OwnWindow'",
            " a?b=1 ",
            "<launchParameters> p </launchParameters><entitlementKey>k</entitlementKey>"
        ),
        au(1, "", "https://example.com/", "").replace(
            "<url>",
            "<objectives><objective idref='urn:o2'/></objectives><url>"
        ),
        au(2, "masteryScore='0'", "https://example.com/", ""),
        au(3, "", "https://example.com/", "<launchParameters/>"),
    );
    let structure = accepted(&course(&inner));
    let listed = listing(&structure, LMS_ID);
    let text = serde_json::to_string(&listed).unwrap();
    assert!(text.contains(r#""masteryScore":0.80,"#), "digits are kept");
    let place = |key| text.find(key).unwrap();
    assert!(
        place("\"urn:o2\":") < place("\"urn:o1\":"),
        "objectives in document order"
    );
    let listed: serde_json::Value = serde_json::from_str(&text).unwrap();

    let title = json!([{"lang": "en", "text": "T"}]);
    let description = json!([{"lang": "", "text": "D"}]);
    let entry = |n: usize, more: serde_json::Value| {
        let mut entry = json!({
            "type": "au", "id": format!("https://example.com/au/{n}"), "lmsId": format!("{LMS_ID}/au/{n}"),
            "auIndex": n, "objectives": null, "parents": [], "title": title, "description": description,
            "url": "https://example.com/", "launchMethod": "AnyWindow", "moveOn": "NotApplicable",
            "masteryScore": null, "activityType": null,
        });
        for (key, value) in more.as_object().unwrap() {
            entry[key] = value.clone();
        }
        entry
    };
    let parent = |n: usize| json!({"id": format!("urn:b{n}"), "title": title});
    let aus = [
        entry(
            0,
            json!({"url": "a?b=1", "masteryScore": 0.8, "activityType": "urn:t", "moveOn": "Passed",
            "launchMethod": "OwnWindow", "launchParameters": "p", "entitlementKey": "k"}),
        ),
        entry(
            1,
            json!({"objectives": ["urn:o2"], "parents": [parent(0), parent(1)]}),
        ),
        entry(2, json!({"parents": [parent(0)], "masteryScore": 0})),
        entry(3, json!({"parents": [parent(2)]})),
    ];
    assert_eq!(listed["metadata"], json!({"version": 1, "aus": aus}));
    let block = |n: usize, objectives: serde_json::Value, children: serde_json::Value| {
        json!({"type": "block", "id": format!("urn:b{n}"), "lmsId": format!("{LMS_ID}/block/{n}"),
            "title": title, "description": description, "objectives": objectives, "children": children})
    };
    let inner = block(1, json!(null), json!([aus[1]]));
    let children = json!([
        aus[0],
        block(0, json!(["urn:o1"]), json!([inner, aus[2]])),
        block(2, json!(null), json!([aus[3]])),
    ]);
    let texts = json!({"title": title, "description": description});
    assert_eq!(
        listed["structure"],
        json!({"version": "1.0.0", "course": {
            "type": "course", "lmsId": LMS_ID, "id": "https://example.com/c", "title": title, "description": description,
            "objectives": {"urn:o1": texts, "urn:o2": texts}, "children": children,
        }})
    );
}

#[test]
fn a_course_without_objectives_says_null() {
    let listed = serde_json::to_value(listing(&accepted(&one_au("")), LMS_ID)).unwrap();
    assert_eq!(listed["structure"]["course"]["objectives"], json!(null));
    let au = listed["metadata"]["aus"][0].as_object().unwrap();
    assert!(au.contains_key("activityType") && !au.contains_key("launchParameters"));
}

#[test]
fn ids_of_the_lms() {
    assert_eq!(au_lms_id(LMS_ID, 3), format!("{LMS_ID}/au/3"));
    assert_eq!(block_lms_id(LMS_ID, 0), format!("{LMS_ID}/block/0"));
}
