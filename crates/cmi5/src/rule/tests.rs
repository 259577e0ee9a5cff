//! The catalogue as a table.

use std::collections::BTreeSet;

use super::{Applies, Force, RULES, Side, find};
use crate::policy::{Policies, Policy};

/// Section, then number; ours come last in their section.
fn place(id: &str) -> (Vec<u32>, u32) {
    let (section, number) = id.split_once(['-', '/']).unwrap();
    let mut section: Vec<u32> = section
        .split('.')
        .map(|part| part.parse().unwrap())
        .collect();
    section.resize(4, 0);
    (section, number.parse().unwrap_or(u32::MAX))
}

#[test]
fn rules_stand_once_in_the_order_of_the_specification() {
    let places: Vec<_> = RULES.iter().map(|rule| place(rule.id)).collect();
    assert!(places.is_sorted(), "{places:?}");
    let ids: BTreeSet<&str> = RULES.iter().map(|rule| rule.id).collect();
    assert_eq!(ids.len(), RULES.len());
    for rule in RULES {
        assert_eq!(find(rule.id), Some(*rule));
    }
    assert_eq!(find("9.3.0.0-99"), None);
}

#[test]
fn rules_are_told_in_one_line_each() {
    for rule in RULES {
        assert!(rule.summary.ends_with('.'), "{}", rule.id);
        assert!(!rule.hint.ends_with('.'), "{}", rule.id);
        for line in [rule.summary, rule.hint] {
            assert!((12..=110).contains(&line.len()), "{line}");
            assert!(!line.contains('\n'), "{line}");
        }
        let is_derived = |id: &&str| {
            id.strip_prefix('d')
                .is_some_and(|number| number.bytes().all(|byte| byte.is_ascii_digit()))
        };
        assert!(rule.derived.iter().all(is_derived), "{}", rule.id);
        assert!(!rule.sides.is_empty(), "{}", rule.id);
    }
}

#[test]
fn closures_are_never_a_matter_of_policy() {
    let policies = Policies {
        au: Policy::Off,
        lms: Policy::Off,
        rules: RULES
            .iter()
            .map(|rule| (rule.id.to_owned(), Policy::Off))
            .collect(),
        ..Policies::default()
    };
    assert!(policies.unknown_rules().is_empty());
    for rule in RULES {
        let is_closure = rule.applies == Applies::Access || rule.id == "6.3.0.0-1";
        assert_eq!(rule.force == Force::Always, is_closure, "{}", rule.id);
        let expected = if is_closure {
            Policy::Reject
        } else {
            Policy::Off
        };
        for side in [Side::Au, Side::Lms] {
            assert_eq!(policies.of(side, rule), expected, "{}", rule.id);
        }
    }
}
