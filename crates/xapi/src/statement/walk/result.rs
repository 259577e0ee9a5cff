//! The walk over results, scores and attachments (Data 2.4.5, 2.4.11).

use std::cmp::Ordering;

use super::super::check::at_most;
use super::Walk;
use super::path::Path;
use crate::json::Node;
use crate::lexical::{decimal, duration, identifier, media_type};
use crate::requirement;

const RESULT_KEYS: [&str; 6] = [
    "score",
    "success",
    "completion",
    "response",
    "duration",
    "extensions",
];
const SCORES: [(&str, &str); 4] = [
    ("scaled", requirement::SCORE_SCALED),
    ("raw", requirement::SCORE_RAW),
    ("min", requirement::SCORE_MIN),
    ("max", requirement::SCORE_MAX),
];
const ATTACHMENT_KEYS: [&str; 7] = [
    "usageType",
    "display",
    "description",
    "contentType",
    "length",
    "sha2",
    "fileUrl",
];

impl Walk<'_> {
    pub(super) fn result(&mut self, node: &Node<'_>, at: &Path<'_>) {
        let Some(result) = self.object(node, at, requirement::JSON_TYPE, &RESULT_KEYS) else {
            return;
        };
        if let Some(score) = result.get("score") {
            self.score(score, &at.key("score"));
        }
        for (key, requirement) in [
            ("success", requirement::SUCCESS),
            ("completion", requirement::COMPLETION),
        ] {
            if let Some(value) = result.get(key)
                && value.as_bool().is_none()
            {
                self.refuse(requirement, &at.key(key), "`true` or `false`", value);
            }
        }
        if let Some(response) = result.get("response") {
            self.string(response, &at.key("response"), requirement::RESPONSE);
        }
        if let Some(value) = result.get("duration") {
            let at = at.key("duration");
            if let Some(text) = self.string(value, &at, requirement::DURATION)
                && duration::parse(text).is_none()
            {
                let expected = "an ISO 8601 duration such as `PT1H30M5.25S`";
                self.refuse(requirement::DURATION_FORMAT, &at, expected, value);
            }
        }
        if let Some(map) = result.get("extensions") {
            self.extensions(map, &at.key("extensions"), requirement::RESULT_EXTENSIONS);
        }
    }

    fn score(&mut self, node: &Node<'_>, at: &Path<'_>) {
        let keys = SCORES.map(|(key, _)| key);
        let Some(score) = self.object(node, at, requirement::SCORE, &keys) else {
            return;
        };
        for (key, requirement) in SCORES {
            if let Some(value) = score.get(key)
                && value.as_number().is_none()
            {
                self.refuse(requirement, &at.key(key), "a number", value);
            }
        }
        let [scaled, raw, min, max] = keys.map(|key| score.number(key));
        let mut out_of_range = |requirement, key, expected: String, got: Option<&str>| {
            self.report(requirement, &at.key(key), expected, got.unwrap_or_default());
        };
        if !at_most(Some("-1"), scaled) || !at_most(scaled, Some("1")) {
            let expected = "a number from -1 to 1".to_owned();
            out_of_range(requirement::SCORE_SCALED, "scaled", expected, scaled);
        }
        if let Some(min) = min
            && !at_most(Some(min), raw)
        {
            let expected = format!("at least `min`, {min}");
            out_of_range(requirement::SCORE_RAW, "raw", expected, raw);
        }
        if let Some(max) = max
            && !at_most(raw, Some(max))
        {
            let expected = format!("at most `max`, {max}");
            out_of_range(requirement::SCORE_RAW, "raw", expected, raw);
        }
        if let (Some(min), Some(max)) = (min, max)
            && decimal::compare(min, max) != Ordering::Less
        {
            let expected = format!("more than `min`, {min}");
            out_of_range(requirement::SCORE_MAX, "max", expected, Some(max));
        }
    }

    pub(super) fn attachments(&mut self, node: &Node<'_>, at: &Path<'_>) {
        let attachments = self.list(node, at, requirement::ATTACHMENTS);
        let most = self.limits.attachments_per_statement_max;
        if attachments.len() > most {
            let got = attachments.len().to_string();
            self.report(
                requirement::ATTACHMENTS_MAX,
                at,
                format!("at most {most}"),
                got,
            );
        }
        for (index, attachment) in attachments.iter().enumerate() {
            self.attachment(attachment, &at.index(index));
        }
    }

    fn attachment(&mut self, node: &Node<'_>, at: &Path<'_>) {
        let keys = &ATTACHMENT_KEYS;
        let Some(attachment) = self.object(node, at, requirement::ATTACHMENTS, keys) else {
            return;
        };
        let requirement = requirement::ATTACHMENT_USAGE_TYPE;
        if let Some(iri) = self.required(&attachment, "usageType", at, requirement) {
            self.iri(iri, &at.key("usageType"), requirement);
        }
        let requirement = requirement::ATTACHMENT_DISPLAY;
        if let Some(map) = self.required(&attachment, "display", at, requirement) {
            self.language_map(map, &at.key("display"), requirement);
        }
        if let Some(map) = attachment.get("description") {
            self.language_map(map, &at.key("description"), requirement);
        }
        let requirement = requirement::ATTACHMENT_CONTENT_TYPE;
        if let Some(text) = self.required(&attachment, "contentType", at, requirement) {
            let at = at.key("contentType");
            let is_valid = media_type::is_media_type;
            self.formatted(text, &at, requirement, "a media type", is_valid);
        }
        let requirement = requirement::ATTACHMENT_LENGTH;
        if let Some(length) = self.required(&attachment, "length", at, requirement)
            && length
                .as_number()
                .is_none_or(|text| text.parse::<u64>().is_err())
        {
            let expected = "a whole number of octets";
            self.refuse(requirement, &at.key("length"), expected, length);
        }
        let requirement = requirement::ATTACHMENT_SHA2;
        if let Some(hash) = self.required(&attachment, "sha2", at, requirement) {
            let expected = "a SHA-224, SHA-256, SHA-384 or SHA-512 in hex";
            let at = at.key("sha2");
            self.formatted(hash, &at, requirement, expected, identifier::is_sha2);
        }
        if let Some(iri) = attachment.get("fileUrl") {
            self.iri(iri, &at.key("fileUrl"), requirement::ATTACHMENT_FILE_URL);
        }
    }
}
