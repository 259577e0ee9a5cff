//! The pages that list every rule, `docs/cmi5.md` and `docs/authors.md`: their examples are judged, and what is
//! generated in them is compared with the code. `UPDATE=1` in the environment writes it instead.
// A test may read the repository and its environment; the crate may not.
#![allow(clippy::disallowed_methods)]

mod example;
mod judged;
mod page;

use std::fs;
use std::path::Path;

use cmi5::rule::{Applies, RULES, Rule};

use example::{Example, Examples};

#[test]
fn wrong_breaks_its_rule_and_right_breaks_none() {
    let examples = Examples::load();
    let mut failures = Vec::new();
    for example in &examples.list {
        let rule = &example.rule;
        let wrong = judged::violations(&examples, example, &example.wrong);
        if !wrong.iter().any(|violation| violation.requirement == rule) {
            failures.push(format!("{rule}: wrong breaks {wrong:?}"));
        }
        let right = judged::violations(&examples, example, &example.right);
        if !right.is_empty() {
            failures.push(format!("{rule}: right breaks {right:?}"));
        }
        if let Err(violations) = judged::as_xapi(&examples, example, &example.right) {
            failures.push(format!("{rule}: right is no statement: {violations:?}"));
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

#[test]
fn every_rule_has_an_example() {
    let examples = Examples::load();
    let of = |rule: &Rule| examples.list.iter().any(|example| example.rule == rule.id);
    let without: Vec<&str> = RULES
        .iter()
        .filter(|rule| needs_example(rule) && !of(rule))
        .map(|rule| rule.id)
        .collect();
    assert!(without.is_empty(), "no example: {without:?}");
    let known = |example: &&Example| cmi5::rule::find(&example.rule).is_none();
    let unknown: Vec<_> = examples.list.iter().filter(known).collect();
    assert!(unknown.is_empty(), "no such rule: {unknown:?}");
}

/// Requests have no statement to show. Of launch data, some rules compare with the launch that is stored.
fn needs_example(rule: &Rule) -> bool {
    match rule.applies {
        Applies::Statement
        | Applies::Cmi5Defined
        | Applies::LmsStatement
        | Applies::Preferences => true,
        Applies::LaunchData | Applies::Access => false,
    }
}

#[test]
fn the_table_of_rules_is_up_to_date() {
    check("docs/cmi5.md", &page::table());
}

#[test]
fn the_page_for_authors_is_up_to_date() {
    check("docs/authors.md", &page::authors(&Examples::load()));
}

/// What is generated stands at the end of a page, below this line.
const MARK: &str = "<!-- below: UPDATE=1 cargo test -p cmi5 --test documents -->\n";

fn check(page: &str, generated: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../..")
        .join(page);
    let written = fs::read_to_string(&path).expect("the page is in the repository");
    let (by_hand, _) = written
        .split_once(MARK)
        .expect("the page has the line below which it is generated");
    let expected = [by_hand, MARK, "\n", generated].concat();
    if std::env::var_os("UPDATE").is_some() {
        fs::write(&path, &expected).expect("the page can be written");
        return;
    }
    assert!(
        written == expected,
        "{page} is old: run `UPDATE=1 cargo test -p cmi5 --test documents`"
    );
}
