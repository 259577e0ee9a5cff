//! Success, completion, score, mastery, duration, progress.

use super::fixture::{Row, World, check, initialized, row};

fn mastery_0(w: &mut World) {
    w.launch.mastery_score = Some("0".to_owned());
}

fn mastery_two_thirds(w: &mut World) {
    w.launch.mastery_score = Some("0.6667".to_owned());
}

fn no_mastery(w: &mut World) {
    w.launch.mastery_score = None;
}

const MOVE_ON: &str = "[{\"id\":\"https://w3id.org/xapi/cmi5/context/categories/moveon\"},
    {\"id\":\"https://w3id.org/xapi/cmi5/context/categories/cmi5\"}]";
const CATEGORY: &str = "/context/contextActivities/category";
const SCALED: &str = "/result/score/scaled";
const SCORE: &str = "/result/score";

pub(super) const ROWS: &[Row] = &[
    // Success.
    row(
        &[initialized],
        "passed",
        &[("/result/success", "false")],
        &["9.5.2.0-1 /result/success"],
    ),
    row(
        &[initialized],
        "passed",
        &[
            ("/result/success", ""),
            (
                CATEGORY,
                "{\"id\":\"https://w3id.org/xapi/cmi5/context/categories/cmi5\"}",
            ),
        ],
        &["9.5.2.0-1 /result/success"],
    ),
    row(
        &[initialized],
        "passed",
        &[("/result/success", "")],
        &[
            "9.6.2.2-2 /context/contextActivities/category",
            "9.5.2.0-1 /result/success",
        ],
    ),
    row(
        &[initialized],
        "failed",
        &[("/result/success", "true")],
        &["9.5.2.0-2 /result/success"],
    ),
    row(
        &[initialized],
        "completed",
        &[("/result/success", "true")],
        &["9.5.2.0-3 /result/success"],
    ),
    row(
        &[initialized],
        "terminated",
        &[("/result/success", "false"), (CATEGORY, MOVE_ON)],
        &["9.5.2.0-3 /result/success"],
    ),
    // Completion.
    row(
        &[initialized],
        "completed",
        &[("/result/completion", "false")],
        &["9.5.3.0-1 /result/completion"],
    ),
    row(
        &[initialized],
        "passed",
        &[("/result/completion", "true")],
        &["9.5.3.0-2 /result/completion"],
    ),
    row(
        &[initialized],
        "terminated",
        &[("/result/completion", "true"), (CATEGORY, MOVE_ON)],
        &["9.5.3.0-2 /result/completion"],
    ),
    row(
        &[initialized],
        "allowed",
        &[("/result/completion", "true")],
        &[],
    ),
    // The moveOn category goes with them.
    row(
        &[initialized],
        "completed",
        &[(
            CATEGORY,
            "{\"id\":\"https://w3id.org/xapi/cmi5/context/categories/cmi5\"}",
        )],
        &["9.6.2.2-1 /context/contextActivities/category"],
    ),
    row(
        &[initialized],
        "passed",
        &[
            (
                CATEGORY,
                "{\"id\":\"https://w3id.org/xapi/cmi5/context/categories/cmi5\"}",
            ),
            (
                "/context/contextActivities/parent",
                "{\"id\":\"https://w3id.org/xapi/cmi5/context/categories/moveon\"}",
            ),
        ],
        &["9.6.2.2-1 /context/contextActivities/category"],
    ),
    // Score.
    row(
        &[initialized],
        "completed",
        &[(SCORE, "{\"scaled\":1}")],
        &["9.5.1.0-2 /result/score"],
    ),
    row(
        &[initialized],
        "terminated",
        &[(SCORE, "{}")],
        &["9.5.1.0-2 /result/score"],
    ),
    row(
        &[initialized],
        "allowed",
        &[(SCORE, "{\"scaled\":-1,\"raw\":7}")],
        &[],
    ),
    row(
        &[initialized],
        "passed",
        &[(SCORE, "{\"raw\":0}")],
        &["9.5.1.0-3 /result/score/min", "9.5.1.0-3 /result/score/max"],
    ),
    row(
        &[initialized],
        "passed",
        &[("/result/score/min", "")],
        &["9.5.1.0-3 /result/score/min"],
    ),
    row(
        &[initialized],
        "passed",
        &[("/result/score/max", "")],
        &["9.5.1.0-3 /result/score/max"],
    ),
    row(
        &[initialized],
        "passed",
        &[(SCORE, "{\"raw\":0,\"min\":0,\"max\":0.1}")],
        &[],
    ),
    row(&[initialized], "passed", &[(SCORE, "{\"min\":0}")], &[]),
    row(
        &[initialized],
        "failed",
        &[(SCALED, "-0.1")],
        &["9.5.1/scaled /result/score/scaled"],
    ),
    row(&[initialized], "passed", &[(SCALED, "1.000")], &[]),
    row(&[initialized], "failed", &[(SCALED, "-0.0")], &[]),
    // Mastery, as exact decimals. None and 0 differ.
    row(
        &[initialized],
        "passed",
        &[(SCALED, "0.79999999999999999999")],
        &[
            "9.3.4.0-2 /result/score/scaled",
            "9.5.1.0-1 /result/score/scaled",
        ],
    ),
    row(&[initialized], "passed", &[(SCALED, "0.8")], &[]),
    row(&[initialized], "passed", &[(SCALED, "80e-2")], &[]),
    row(&[initialized], "passed", &[(SCALED, "")], &[]),
    row(
        &[initialized],
        "failed",
        &[(SCALED, "0.80")],
        &[
            "9.3.5.0-2 /result/score/scaled",
            "9.5.1.0-1 /result/score/scaled",
        ],
    ),
    row(
        &[initialized],
        "failed",
        &[(SCALED, "0.79999999999999999999")],
        &[],
    ),
    row(
        &[initialized, mastery_two_thirds],
        "passed",
        &[(SCALED, "0.6667"), ("{masteryscore}", "0.6667")],
        &[],
    ),
    row(
        &[initialized, mastery_two_thirds],
        "passed",
        &[(SCALED, "0.6666"), ("{masteryscore}", "0.6667")],
        &[
            "9.3.4.0-2 /result/score/scaled",
            "9.5.1.0-1 /result/score/scaled",
        ],
    ),
    row(
        &[initialized, mastery_0],
        "failed",
        &[(SCALED, "0"), ("{masteryscore}", "0")],
        &[
            "9.3.5.0-2 /result/score/scaled",
            "9.5.1.0-1 /result/score/scaled",
        ],
    ),
    row(
        &[initialized, mastery_0],
        "passed",
        &[(SCALED, "0"), ("{masteryscore}", "0.0")],
        &[],
    ),
    row(
        &[initialized, no_mastery],
        "failed",
        &[(SCALED, "1"), ("{masteryscore}", "")],
        &[],
    ),
    // The mastery score is repeated.
    row(
        &[initialized],
        "passed",
        &[("{masteryscore}", "")],
        &["9.6.3.2-2 {masteryscore}"],
    ),
    row(
        &[initialized],
        "failed",
        &[("{masteryscore}", "0.81")],
        &["9.6.3.2-2 {masteryscore}"],
    ),
    row(
        &[initialized],
        "passed",
        &[("{masteryscore}", "\"0.8\"")],
        &["9.6.3.2-2 {masteryscore}"],
    ),
    row(
        &[initialized],
        "passed",
        &[("{masteryscore}", ""), (SCORE, "")],
        &[],
    ),
    row(
        &[initialized, mastery_0],
        "passed",
        &[("{masteryscore}", "")],
        &["9.6.3.2-2 {masteryscore}"],
    ),
    row(
        &[initialized],
        "completed",
        &[("{masteryscore}", "0.1")],
        &[],
    ),
    // Duration.
    row(
        &[initialized],
        "terminated",
        &[("/result/duration", "")],
        &["9.5.4.1-1 /result/duration"],
    ),
    row(
        &[initialized],
        "terminated",
        &[("/result", "")],
        &["9.5.4.1-1 /result/duration"],
    ),
    row(
        &[initialized],
        "completed",
        &[("/result/duration", "")],
        &["9.5.4.1-2 /result/duration"],
    ),
    row(
        &[initialized],
        "passed",
        &[("/result/duration", "")],
        &["9.5.4.1-3 /result/duration"],
    ),
    row(
        &[initialized],
        "failed",
        &[("/result/duration", "")],
        &["9.5.4.1-4 /result/duration"],
    ),
    row(
        &[initialized],
        "allowed",
        &[("/result/duration", "\"PT1S\"")],
        &[],
    ),
    // Progress; with completed it is worth a warning, as it is when it is wrong.
    row(&[], "initialized", &[("<progress>", "0")], &[]),
    row(&[initialized], "terminated", &[("<progress>", "100")], &[]),
    row(&[initialized], "terminated", &[("<progress>", "5e1")], &[]),
    row(
        &[initialized],
        "terminated",
        &[("<progress>", "100.5")],
        &["9.5.5.1/progress <progress>"],
    ),
    row(
        &[initialized],
        "failed",
        &[("<progress>", "101")],
        &["9.5.5.1/progress <progress>"],
    ),
    row(
        &[initialized],
        "passed",
        &[("<progress>", "-1")],
        &["9.5.5.1/progress <progress>"],
    ),
    row(
        &[initialized],
        "passed",
        &[("<progress>", "\"50\"")],
        &["9.5.5.1/progress <progress>"],
    ),
    row(
        &[initialized],
        "completed",
        &[("<progress>", "100")],
        &["9.5.5.1/progress <progress>"],
    ),
    row(&[initialized], "allowed", &[("<progress>", "101")], &[]),
];

#[test]
fn results() {
    check(ROWS);
}
