//! Every rule that policy reaches is held by a vector: with the rule off, which is as if its check were gone, one fails.
//! Rules that no policy reaches have no such switch; `Force::Always` names them.

use cmi5::Rule;
use cmi5::rule::{Force, RULES};
use conformance::own::Own;
use conformance::run::{self, Verdict};
use conformance::session::{self, REJECT, pure};
use conformance::vector::{self, File};
use serde_json::{Value, json};
use xapi::Version;

/// The policies of a case, with this rule off.
fn without(rule: &Rule, policy: Option<&str>, default: &str) -> String {
    let mut policy: Value =
        serde_json::from_str(policy.unwrap_or(default)).expect("a vector's policy is JSON");
    policy["rules"][rule.id] = json!("off");
    policy.to_string()
}

fn is_about(ids: &[String], rule: &Rule) -> bool {
    ids.iter().any(|id| id == rule.id)
}

/// Whether a vector of the rules alone fails.
fn fails_pure(rule: &Rule, files: &[(&'static str, File)]) -> bool {
    let cases = files.iter().flat_map(|(_, file)| &file.sessions);
    cases
        .filter(|case| !case.server_only && is_about(&case.ids, rule))
        .any(|case| {
            let mut changed = case.clone();
            changed.policy = Some(without(rule, case.policy.as_deref(), REJECT));
            let trials = session::trials(&changed).expect("the vector is well made");
            trials.iter().any(|trial| {
                changed
                    .versions
                    .iter()
                    .any(|version| pure::check(&changed, trial, *version).is_err())
            })
        })
}

/// Whether an exchange or a session with a server fails.
fn fails_on_server(rule: &Rule) -> bool {
    let mut files = vector::load();
    for (_, file) in &mut files {
        file.cases.clear();
        file.sessions
            .retain(|case| case.server_only && is_about(&case.ids, rule));
        for case in &mut file.sessions {
            case.policy = Some(without(rule, case.policy.as_deref(), REJECT));
        }
        file.exchanges
            .retain(|exchange| is_about(&exchange.ids, rule));
        for exchange in &mut file.exchanges {
            exchange.policy = Some(without(rule, exchange.policy.as_deref(), "{}"));
        }
    }
    let own = Own::open(&session::policies(&files)).expect("servers of our own open");
    let outcomes = run::run(
        &files,
        &vector::bases(),
        &own.in_process(),
        Version::V1_0_3,
        "",
    );
    outcomes
        .iter()
        .any(|outcome| matches!(outcome.verdict, Verdict::Failed(_)))
}

#[test]
fn without_any_rule_a_vector_fails() {
    let files = vector::load();
    let mut unheld = Vec::new();
    let mut held = (0, 0);
    for rule in RULES.iter().copied() {
        match rule.force {
            Force::Always => {}
            Force::ByPolicy if fails_pure(rule, &files) => held.0 += 1,
            Force::ByPolicy if fails_on_server(rule) => held.1 += 1,
            Force::ByPolicy => unheld.push(format!("{}: {}", rule.id, rule.summary)),
        }
    }
    println!(
        "{} rules held by pure vectors, {} by those with a server",
        held.0, held.1
    );
    assert!(
        unheld.is_empty(),
        "no vector misses these rules:\n  {}",
        unheld.join("\n  ")
    );
}
