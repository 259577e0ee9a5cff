//! The context holds everything of the contextTemplate (10.2.1.0-6, -7, 9.6.2.0-1): activities by id in any position,
//! everything else equal. Additions are free.

use xapi::json::{Node, pointer};

use super::case::NOTHING;
use super::{Case, Findings, equal};
use crate::rule;
use crate::seen::DEPTH_MAX;

pub(super) fn check(case: &Case<'_>, findings: &mut Findings<'_>) {
    activities(case, findings);
    extensions(case, findings);
    members(case, findings);
}

fn activities(case: &Case<'_>, findings: &mut Findings<'_>) {
    let template = &case.launch.template;
    let wanted = [
        &template.parent,
        &template.grouping,
        &template.category,
        &template.other,
    ];
    for ((list, given), wanted) in case.context().lists().into_iter().zip(wanted) {
        for id in wanted {
            if given.iter().any(|given| given == id) {
                continue;
            }
            let pointer = || format!("/context/contextActivities/{list}");
            findings.broken(&rule::TEMPLATE_KEPT, pointer(), id.as_str(), NOTHING);
            if case.is_defined {
                findings.broken(
                    &rule::TEMPLATE_ACTIVITIES_KEPT,
                    pointer(),
                    id.as_str(),
                    NOTHING,
                );
            }
        }
    }
}

fn extensions(case: &Case<'_>, findings: &mut Findings<'_>) {
    for (iri, wanted) in &case.launch.template.extensions {
        let given = case.context().extension(iri);
        if given.is_some_and(|given| equal::json(given, wanted)) {
            continue;
        }
        let pointer = pointer("/context/extensions", iri);
        match given {
            None => findings.broken(&rule::TEMPLATE_KEPT, pointer, wanted.as_str(), NOTHING),
            Some(given) => findings.broken(
                &rule::TEMPLATE_NOT_OVERWRITTEN,
                pointer,
                wanted.as_str(),
                given,
            ),
        }
    }
}

fn members(case: &Case<'_>, findings: &mut Findings<'_>) {
    let members = &case.launch.template.members;
    if members.is_empty() {
        return;
    }
    let context = case.statement.context_node();
    for (name, wanted) in members {
        let given = context.as_ref().and_then(|context| context.get(name));
        let pointer = || pointer("/context", name);
        match given {
            None => findings.broken(&rule::TEMPLATE_KEPT, pointer(), wanted.as_str(), NOTHING),
            Some(given) if is_same(given, wanted) => {}
            Some(given) => findings.broken(
                &rule::TEMPLATE_NOT_OVERWRITTEN,
                pointer(),
                wanted.as_str(),
                given.to_text(),
            ),
        }
    }
}

fn is_same(given: &Node<'_>, wanted: &str) -> bool {
    Node::parse(wanted, DEPTH_MAX).is_ok_and(|wanted| equal::nodes(given, &wanted))
}
