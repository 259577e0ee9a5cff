//! Rules for the document `cmi5LearnerPreferences`.

use crate::rule::Applies::Preferences;
use crate::rule::Force::ByPolicy;
use crate::rule::Rule;
use crate::rule::Side::{Au, Lms};

pub static PREFERENCES_OBJECT: Rule = Rule {
    id: "11.0.0.0-5",
    derived: &["d"],
    summary: "The preferences are a JSON object with languagePreference and audioPreference.",
    hint: "send both members as application/json",
    applies: Preferences,
    sides: &[Au, Lms],
    force: ByPolicy,
};

pub static LANGUAGE_PREFERENCE: Rule = Rule {
    id: "11.1.0.0-1",
    derived: &["d"],
    summary: "languagePreference lists language tags, parted by commas.",
    hint: "write it like `en-US,fr`",
    applies: Preferences,
    sides: &[Au, Lms],
    force: ByPolicy,
};

pub static AUDIO_PREFERENCE: Rule = Rule {
    id: "11.2/audio",
    derived: &[],
    summary: "audioPreference is `on` or `off`.",
    hint: "write `on` or `off`",
    applies: Preferences,
    sides: &[Au, Lms],
    force: ByPolicy,
};
