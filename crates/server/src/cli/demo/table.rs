//! What was sent and what came back, as lines for people.

use super::client::{Answer, Broken};

/// One line of the table.
pub(super) struct Row {
    pub(super) what: String,
    pub(super) status: u16,
    /// The rule that was looked for comes first.
    pub(super) broken: Vec<Broken>,
    /// Why it is not as expected.
    pub(super) unexpected: Option<String>,
}

const WHAT: usize = 43;

impl Row {
    /// An answer that should do what was asked.
    pub(super) fn well(what: &str, answer: &Answer) -> Self {
        let broken = answer.broken();
        let clean = answer.is_well() && broken.is_empty();
        Self {
            what: what.to_owned(),
            status: answer.status,
            unexpected: (!clean).then(|| "it should have been taken without a word".to_owned()),
            broken,
        }
    }

    pub(super) fn print(&self) -> String {
        let mut line = format!("  {:<WHAT$} {}", self.what, self.status);
        let first = self.broken.first();
        if let Some(first) = first {
            line.push_str(&format!("  {:<10} {}", first.rule, place(&first.pointer)));
            if let Some(detail) = &first.detail {
                line.push_str(&format!("\n  {:WHAT$}      {detail}", ""));
            }
        }
        let rules = self.broken.iter().map(|one| one.rule.as_str());
        let others = rules.filter(|rule| first.is_none_or(|first| first.rule != *rule));
        let mut rules: Vec<&str> = others.collect();
        rules.dedup();
        if !rules.is_empty() {
            line.push_str(&format!("\n  {:WHAT$}      and {}", "", rules.join(", ")));
        }
        if let Some(why) = &self.unexpected {
            line.push_str(&format!("\n  NOT AS EXPECTED: {why}"));
        }
        line.push('\n');
        line
    }
}

/// Extensions' pointers are long: the last part says which.
fn place(pointer: &str) -> String {
    let Some((before, extension)) = pointer.split_once("/extensions/") else {
        return pointer.to_owned();
    };
    let name = extension.rsplit("~1").next().unwrap_or(extension);
    format!("{before}/extensions/…/{name}")
}

pub(super) fn head(title: &str) -> String {
    format!("\n{title}\n  {:<WHAT$} answer\n", "sent")
}
