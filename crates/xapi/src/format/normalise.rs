//! What is kept of a statement's text: all of it, byte for byte, but for the members that an LRS must replace or
//! give back in another shape.

use std::borrow::Cow;
use std::ops::Range;

use super::span::{self, Member};
use crate::Statement;
use crate::statement::{Context, Object};

/// The text to be kept. `stored` and `authority` that a client sent are cut out (Data 2.4.8, 2.4.9); a single
/// activity in `contextActivities` becomes a list of one (Data 2.4.6.2), also in a SubStatement. Everything else is as
/// received, and most statements are borrowed as they are.
#[must_use]
pub fn normalise<'a>(statement: &Statement<'a>) -> Cow<'a, str> {
    let text = statement.text;
    let cut = statement.stored.is_some() || statement.authority.is_some();
    let sub_context = match &statement.object {
        Object::SubStatement(sub) => sub.context.as_ref(),
        Object::Activity(_) | Object::Agent(_) | Object::Group(_) | Object::StatementRef(_) => None,
    };
    let wrap = has_single_activity(statement.context.as_ref());
    let wrap_sub = has_single_activity(sub_context);
    if !cut && !wrap && !wrap_sub {
        return Cow::Borrowed(text);
    }

    let mut edits = Edits::default();
    let top = span::members(text, 0);
    if cut {
        edits.cut(&top, &["stored", "authority"]);
    }
    for member in &top {
        match &*member.name {
            "context" if wrap => edits.wrap_activities(text, member.value.start),
            "object" if wrap_sub => {
                for inner in span::members(text, member.value.start) {
                    if inner.name == "context" {
                        edits.wrap_activities(text, inner.value.start);
                    }
                }
            }
            _ => {}
        }
    }
    edits.apply(text)
}

fn has_single_activity(context: Option<&Context<'_>>) -> bool {
    context.is_some_and(|context| context.activities.single)
}

/// Changes to a text, in the order of their places.
#[derive(Default)]
struct Edits(Vec<(Range<usize>, &'static str)>);

impl Edits {
    fn cut(&mut self, members: &[Member<'_>], names: &[&str]) {
        let mut kept_before = false;
        for (index, member) in members.iter().enumerate() {
            if !names.contains(&&*member.name) {
                kept_before = true;
                continue;
            }
            // With its comma: the one before it when something stays there, else the one after it.
            let before = index.checked_sub(1).and_then(|i| members.get(i));
            let after = members.get(index + 1);
            let range = match (before, after) {
                (Some(before), _) if kept_before => before.whole.end..member.whole.end,
                (_, Some(after)) => member.whole.start..after.whole.start,
                (_, None) => member.whole.clone(),
            };
            self.0.push((range, ""));
        }
    }

    fn wrap_activities(&mut self, text: &str, context: usize) {
        for activities in span::members(text, context) {
            if activities.name != "contextActivities" {
                continue;
            }
            for list in span::members(text, activities.value.start) {
                if text.as_bytes().get(list.value.start) == Some(&b'{') {
                    self.0.push((list.value.start..list.value.start, "["));
                    self.0.push((list.value.end..list.value.end, "]"));
                }
            }
        }
    }

    fn apply(mut self, text: &str) -> Cow<'_, str> {
        if self.0.is_empty() {
            return Cow::Borrowed(text);
        }
        self.0.sort_by_key(|(range, _)| (range.start, range.end));
        let mut out = String::with_capacity(text.len() + self.0.len());
        let mut at = 0;
        for (range, instead) in self.0 {
            out.push_str(text.get(at..range.start).unwrap_or_default());
            out.push_str(instead);
            at = range.end;
        }
        out.push_str(text.get(at..).unwrap_or_default());
        Cow::Owned(out)
    }
}
