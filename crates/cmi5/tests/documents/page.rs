//! The generated parts of the pages.

use std::fmt::Write as _;

use cmi5::rule::{Applies, Force, RULES, Rule};
use cmi5::{Policies, Policy, Side};
use serde_json::{Map, Value};

use crate::example::{Example, Examples, LAUNCH_DATA, PREFERENCES, Variant, merge};
use crate::judged;

/// A line of JSON that is longer than this is broken.
const COLUMNS: usize = 96;

/// Every rule in one table.
pub fn table() -> String {
    let mut page = String::from(
        "| id | what must hold | who | about | default |\n| --- | --- | --- | --- | --- |\n",
    );
    for rule in RULES {
        let sides: Vec<&str> = rule.sides.iter().copied().map(side).collect();
        let _ = writeln!(
            page,
            "| {} | {} | {} | {} | {} |",
            rule.id,
            rule.summary,
            sides.join(", "),
            about(rule.applies),
            default(rule)
        );
    }
    page
}

fn side(side: Side) -> &'static str {
    match side {
        Side::Au => "AU",
        Side::Lms => "LMS",
    }
}

fn about(applies: Applies) -> &'static str {
    match applies {
        Applies::Statement => "every statement of a session",
        Applies::Cmi5Defined => "cmi5 defined statements",
        Applies::LmsStatement => "statements of an LMS",
        Applies::LaunchData => "launch data",
        Applies::Preferences => "learner preferences",
        Applies::Access => "requests with a token",
    }
}

fn default(rule: &Rule) -> String {
    match rule.force {
        Force::Always => "always refused".to_owned(),
        Force::ByPolicy => {
            let policies = Policies::default();
            let mut words: Vec<_> = rule
                .sides
                .iter()
                .map(|side| policy(policies.of(*side, rule)))
                .collect();
            words.dedup();
            words.join(", ")
        }
    }
}

fn policy(policy: Policy) -> &'static str {
    match policy {
        Policy::Reject => "reject",
        Policy::Flag => "flag",
        Policy::Off => "off",
    }
}

/// Every rule with a wrong and a right example.
pub fn authors(examples: &Examples) -> String {
    let mut page = String::from("## The launch of all examples\n\n");
    page.push_str(
        "`LMS.LaunchData`, stored under the launch's activity id, actor and registration:\n\n",
    );
    json(&examples.base(LAUNCH_DATA), &mut page);
    for (applies, title) in [
        (Applies::Statement, "Every statement of a session"),
        (Applies::Cmi5Defined, "cmi5 defined statements"),
        (Applies::Preferences, "Learner preferences"),
        (Applies::Access, "Requests with a token"),
        (Applies::LmsStatement, "Statements of an LMS"),
        (Applies::LaunchData, "Launch data"),
    ] {
        let _ = writeln!(page, "\n## {title}");
        for rule in RULES.iter().filter(|rule| rule.applies == applies) {
            section(examples, rule, &mut page);
        }
    }
    page
}

fn section(examples: &Examples, rule: &Rule, page: &mut String) {
    let _ = writeln!(page, "\n### {}\n\n{}", rule.id, rule.summary);
    let _ = writeln!(page, "What to do: {}.", rule.hint);
    for example in examples.list.iter().filter(|one| one.rule == rule.id) {
        if let Some(note) = &example.note {
            let _ = writeln!(page, "{note}");
        }
        variant("Wrong", examples, example, &example.wrong, page);
        answer(examples, example, page);
        variant("Right", examples, example, &example.right, page);
    }
}

fn variant(
    word: &str,
    examples: &Examples,
    example: &Example,
    variant: &Variant,
    page: &mut String,
) {
    let _ = writeln!(page, "\n{word}{}:\n", scene(example, variant));
    let whole = example.json(examples, variant);
    json(&shown(&whole, &example.show), page);
}

/// What came before, as far as it matters.
fn scene(example: &Example, variant: &Variant) -> String {
    let mut scene = String::new();
    if let LAUNCH_DATA | PREFERENCES = example.base(variant) {
        return scene;
    }
    if let Value::Object(launch) = &example.launch {
        for (name, value) in launch {
            let _ = write!(scene, ", `{name}` being `{value}`");
        }
    }
    if variant.preferences_read == Some(false) {
        scene.push_str(", without a GET of `cmi5LearnerPreferences`");
    }
    for earlier in example.earlier(variant) {
        let _ = write!(scene, ", {earlier} being in the registration already");
    }
    match example.after(variant) {
        [] if example.is_first_or_not() => scene.push_str(", as the first of the session"),
        [] => {}
        after => {
            let _ = write!(scene, ", after {}", after.join(" and "));
        }
    }
    scene
}

fn answer(examples: &Examples, example: &Example, page: &mut String) {
    let violations = judged::violations(examples, example, &example.wrong);
    let mut others = Vec::new();
    for violation in &violations {
        if violation.requirement != example.rule {
            if !others.contains(&violation.requirement) {
                others.push(violation.requirement);
            }
            continue;
        }
        let at = match violation.pointer.as_str() {
            "" => String::new(),
            pointer => format!("`{pointer}`: "),
        };
        let detail = violation.detail.as_deref();
        let detail = detail.map_or_else(String::new, |detail| format!("; {detail}"));
        let (expected, got) = (quoted(&violation.expected), quoted(&violation.got));
        let _ = writeln!(page, "\n> {at}expected {expected}, got {got}{detail}");
    }
    if !others.is_empty() {
        let _ = writeln!(page, "\nIt breaks {} as well.", others.join(", "));
    }
}

/// Values stand in backticks, words do not.
fn quoted(text: &str) -> String {
    let is_value = !text.contains([' ', '`']) && text != "nothing";
    if is_value || text.starts_with(['{', '[', '"']) {
        format!("`{text}`")
    } else {
        text.to_owned()
    }
}

/// The parts of a statement that these pointers name, inside the objects that hold them.
fn shown(whole: &Value, pointers: &[String]) -> Value {
    let mut shown = Value::Object(Map::new());
    for pointer in pointers {
        merge(&mut shown, &part(whole, pointer));
    }
    shown
}

fn part(value: &Value, pointer: &str) -> Value {
    let Some(rest) = pointer.strip_prefix('/') else {
        return value.clone();
    };
    let (name, _) = rest.split_once('/').unwrap_or((rest, ""));
    let below = rest.strip_prefix(name).unwrap_or_default();
    let mut members = Map::new();
    if let Some(member) = value.get(name) {
        members.insert(name.to_owned(), part(member, below));
    }
    Value::Object(members)
}

fn json(value: &Value, page: &mut String) {
    page.push_str("```json\n");
    write_json(value, 0, "", page);
    page.push_str("\n```\n");
}

/// On one line what fits there.
fn write_json(value: &Value, indent: usize, before: &str, page: &mut String) {
    let line = spaced(value);
    let pad = "  ".repeat(indent);
    let length = pad.len() + before.len() + line.len();
    match value {
        Value::Object(members) if (length > COLUMNS || indent == 0) && !members.is_empty() => {
            let _ = writeln!(page, "{pad}{before}{{");
            let last = members.len() - 1;
            for (index, (name, member)) in members.iter().enumerate() {
                let name = format!("{}: ", Value::from(name.as_str()));
                write_json(member, indent + 1, &name, page);
                page.push_str(if index == last { "\n" } else { ",\n" });
            }
            let _ = write!(page, "{pad}}}");
        }
        Value::Array(items) if length > COLUMNS && !items.is_empty() => {
            let _ = writeln!(page, "{pad}{before}[");
            let last = items.len() - 1;
            for (index, item) in items.iter().enumerate() {
                write_json(item, indent + 1, "", page);
                page.push_str(if index == last { "\n" } else { ",\n" });
            }
            let _ = write!(page, "{pad}]");
        }
        Value::Object(_)
        | Value::Array(_)
        | Value::Null
        | Value::Bool(_)
        | Value::Number(_)
        | Value::String(_) => {
            let _ = write!(page, "{pad}{before}{line}");
        }
    }
}

fn spaced(value: &Value) -> String {
    match value {
        Value::Object(members) if members.is_empty() => "{}".to_owned(),
        Value::Object(members) => {
            let members: Vec<_> = members
                .iter()
                .map(|(name, member)| format!("{}: {}", Value::from(name.as_str()), spaced(member)))
                .collect();
            format!("{{ {} }}", members.join(", "))
        }
        Value::Array(items) => {
            let items: Vec<_> = items.iter().map(spaced).collect();
            format!("[{}]", items.join(", "))
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => value.to_string(),
    }
}
