//! A session's story as text for a terminal: no colours, lines of bounded width, and nothing in it that a terminal
//! would obey.

use std::fmt::Write as _;

use lrs::reports::{Learner, Story, Told, Violated};

const WIDTH: usize = 110;
/// Characters of a text that was refused, and of the template.
const TEXT_CHARS_MAX: usize = 600;

pub(super) fn render(story: &Story) -> String {
    let mut out = String::new();
    head(&mut out, story);
    section(&mut out, "In short");
    for line in &story.summary {
        item(&mut out, "- ", line);
    }
    launch_data(&mut out, story);
    section(&mut out, "What happened");
    for happening in &story.history {
        let statement = happening.statement.as_deref().unwrap_or_default();
        line(
            &mut out,
            &format!("{}  {:<12} {statement}", happening.at, happening.what),
        );
    }
    section(&mut out, "Statements, as they were stored");
    for told in &story.statements {
        statement(&mut out, told);
    }
    if story.statements.is_empty() {
        line(&mut out, "none");
    }
    if story.statements_more {
        line(&mut out, "there may be more than are listed");
    }
    section(&mut out, "Violations");
    for violated in &story.violations {
        violation(&mut out, violated);
    }
    if story.violations.is_empty() {
        line(&mut out, "none");
    }
    if story.events_more {
        line(&mut out, "there are more than are listed");
    }
    out
}

fn head(out: &mut String, story: &Story) {
    let overview = &story.overview;
    pair(out, "session", &overview.id);
    pair(out, "state", &overview.state);
    pair(out, "learner", &learner(&overview.actor));
    pair(out, "AU", &overview.activity);
    pair(out, "registration", &overview.registration);
    let times = [
        ("created", Some(&overview.created_at)),
        ("initialized", overview.initialized_at.as_ref()),
        ("last activity", overview.last_activity_at.as_ref()),
        ("ended", overview.ended_at.as_ref()),
    ];
    for (name, time) in times {
        if let Some(time) = time {
            pair(out, name, time);
        }
    }
}

fn launch_data(out: &mut String, story: &Story) {
    section(out, "Launch data");
    let data = &story.launch_data;
    pair(out, "  launch mode", &data.launch_mode);
    let mastery = data.mastery_score.as_ref().map(ToString::to_string);
    pair(out, "  mastery score", mastery.as_deref().unwrap_or("none"));
    pair(out, "  move on", data.move_on.as_deref().unwrap_or("none"));
    if let Some(parameters) = &data.launch_parameters {
        pair(out, "  parameters", parameters);
    }
    pair(out, "  template", &data.context_template.to_string());
    if !data.has_document {
        line(
            out,
            "there is no LMS.LaunchData document: `launched` alone made the session",
        );
    }
    let flags = &story.flags;
    let fetch = match flags.fetch_url.as_str() {
        "none" => "nobody asked for one",
        "open" => "not used",
        _ => "used: the token was fetched",
    };
    pair(out, "  fetch URL", fetch);
    let read = |read: bool| {
        if read {
            "read by the token"
        } else {
            "not read by a token"
        }
    };
    pair(out, "  launch data", read(flags.launch_data_read));
    pair(out, "  preferences", read(flags.preferences_read));
}

fn statement(out: &mut String, told: &Told) {
    let mut words = Vec::new();
    if let Some(result) = &told.result {
        words.extend(result.success.map(|success| format!("success {success}")));
        words.extend(result.completion.map(|done| format!("completion {done}")));
        if let Some(score) = &result.score {
            words.extend(
                score
                    .scaled
                    .as_ref()
                    .map(|scaled| format!("scaled {scaled}")),
            );
            words.extend(score.raw.as_ref().map(|raw| format!("raw {raw}")));
        }
        words.extend(result.duration.clone());
    }
    if !told.cmi5_defined {
        words.push("(cmi5 allowed)".to_owned());
    }
    if told.voided {
        words.push("VOIDED".to_owned());
    }
    if !told.flagged.is_empty() {
        words.push(format!("FLAGGED {}", told.flagged.join(", ")));
    }
    line(
        out,
        &format!(
            "{}  {:<12} {}",
            told.stored,
            told.verb_name(),
            words.join("  ")
        ),
    );
    item(out, "    ", &format!("{}  at {}", told.id, told.timestamp));
}

fn violation(out: &mut String, violated: &Violated) {
    let by = match violated.side.as_str() {
        "au" => "AU",
        _ => "LMS",
    };
    let verb = violated.verb.as_deref().unwrap_or_default();
    let verb = verb.rsplit('/').next().unwrap_or_default();
    line(
        out,
        &format!(
            "{}  {verb:<12} {} {}, broken by the {by}",
            violated.at, violated.requirement, violated.decision
        ),
    );
    let mut parts = Vec::new();
    parts.extend(violated.summary.as_ref().map(|text| ("rule", text.clone())));
    parts.push(("at", violated.pointer.clone()));
    parts.push(("expected", violated.expected.clone()));
    parts.push(("got", violated.got.clone()));
    parts.extend(
        violated
            .detail
            .as_ref()
            .map(|text| ("detail", text.clone())),
    );
    parts.extend(violated.hint.as_ref().map(|text| ("hint", text.clone())));
    parts.extend(
        violated
            .statement
            .as_ref()
            .map(|id| ("statement", id.clone())),
    );
    parts.extend(violated.text.as_ref().map(|text| ("text", text.clone())));
    for (name, value) in parts {
        pair(out, &format!("      {name}"), &value);
    }
}

fn learner(learner: &Learner) -> String {
    let account = learner
        .account
        .as_ref()
        .map(|account| format!("{} at {}", account.name, account.home_page));
    account
        .or_else(|| learner.mbox.clone())
        .or_else(|| learner.openid.clone())
        .or_else(|| learner.mbox_sha1sum.clone())
        .unwrap_or_else(|| "unknown".to_owned())
}

fn section(out: &mut String, name: &str) {
    let _ = writeln!(out, "\n{name}");
}

fn line(out: &mut String, text: &str) {
    item(out, "", text);
}

/// A name and what belongs to it, wrapped below itself.
fn pair(out: &mut String, name: &str, value: &str) {
    let indent = name.len() - name.trim_start().len();
    let head = format!("{name:<width$}", width = 16.max(indent + 11));
    write_wrapped(out, &head, value);
}

/// A paragraph behind a mark, indented by two.
fn item(out: &mut String, mark: &str, text: &str) {
    write_wrapped(out, &format!("  {mark}"), text);
}

/// Breaks between words; a word that is longer than a line is broken wherever it is.
fn write_wrapped(out: &mut String, head: &str, text: &str) {
    let text = harmless(text);
    let room = WIDTH.saturating_sub(head.len()).max(20);
    let blank = " ".repeat(head.len());
    let mut first = true;
    for line in wrap(&text, room) {
        let before = if first { head } else { &blank };
        let _ = writeln!(out, "{}", format!("{before}{line}").trim_end());
        first = false;
    }
    if first {
        let _ = writeln!(out, "{}", head.trim_end());
    }
}

fn wrap(text: &str, room: usize) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = String::new();
    for word in text.split(' ') {
        let taken = line.chars().count();
        if taken > 0 && taken + 1 + word.chars().count() > room {
            lines.push(std::mem::take(&mut line));
        } else if taken > 0 {
            line.push(' ');
        }
        for letter in word.chars() {
            if line.chars().count() >= room {
                lines.push(std::mem::take(&mut line));
            }
            line.push(letter);
        }
    }
    if !line.is_empty() {
        lines.push(line);
    }
    lines
}

/// Cut when it is long, and without characters that a terminal obeys: learners' data is in here.
fn harmless(text: &str) -> String {
    let mut shown: String = text
        .chars()
        .take(TEXT_CHARS_MAX)
        .map(|letter| if letter.is_control() { ' ' } else { letter })
        .collect();
    if text.chars().nth(TEXT_CHARS_MAX).is_some() {
        shown.push('…');
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_wrapped_and_long_texts_cut() {
        let mut out = String::new();
        write_wrapped(&mut out, "name  ", &"many words ".repeat(30));
        assert!(out.lines().count() > 2, "{out}");
        assert!(
            out.lines().all(|line| line.chars().count() <= WIDTH),
            "{out}"
        );
        assert!(
            out.lines()
                .skip(1)
                .all(|line| line.starts_with("      m") || line.starts_with("      w")),
            "{out}"
        );
        let mut out = String::new();
        write_wrapped(&mut out, "", &"x".repeat(5_000));
        assert!(out.ends_with("…\n") && out.len() < 700, "{out}");
    }

    #[test]
    fn a_terminal_is_told_nothing() {
        let mut out = String::new();
        write_wrapped(&mut out, "", "a\u{1b}[2Jb\r\nc");
        assert_eq!(out, "a [2Jb  c\n");
    }
}
