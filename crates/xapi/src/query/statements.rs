//! The parameters of `GET /statements` (Communication 2.1.3).

use std::fmt::Write;

use uuid::Uuid;

use super::parameters::Parameters;
use super::{Identity, Pair, parse_iri};
use crate::Violation;
use crate::format::Format;
use crate::lexical::{identifier, timestamp};
use crate::requirement::{PARAMETER_VALUE, STATEMENT_ID_ALONE, VOIDED_ID_ALONE};

const NAMES: &[&str] = &[
    "statementId",
    "voidedStatementId",
    "agent",
    "verb",
    "activity",
    "registration",
    "related_activities",
    "related_agents",
    "since",
    "until",
    "limit",
    "format",
    "attachments",
    "ascending",
    "cursor",
];

/// What may stand beside `statementId` or `voidedStatementId`.
const BESIDE_ID: &[&str] = &["format", "attachments"];

/// One statement, or a list of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StatementsQuery {
    /// `statementId`: a statement that is not voided.
    One {
        id: Uuid,
        format: Format,
        attachments: bool,
    },
    /// `voidedStatementId`: a voided statement.
    Voided {
        id: Uuid,
        format: Format,
        attachments: bool,
    },
    Many(Filters),
}

/// What the statements of a list have in common, and how the list is shown.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Filters {
    pub agent: Option<Identity>,
    /// A verb id.
    pub verb: Option<String>,
    /// An activity id.
    pub activity: Option<String>,
    pub registration: Option<Uuid>,
    /// Without `activity` it means nothing.
    pub related_activities: bool,
    /// Without `agent` it means nothing.
    pub related_agents: bool,
    /// Microseconds since 1970; stored after it, exclusive.
    pub since: Option<i64>,
    /// Microseconds since 1970; stored up to it, inclusive.
    pub until: Option<i64>,
    /// Oldest first.
    pub ascending: bool,
    /// 0: as many as the server allows.
    pub limit: usize,
    pub format: Format,
    pub attachments: bool,
    /// The server's own mark in a `more` link: where the page before ended.
    pub cursor: Option<String>,
}

impl StatementsQuery {
    /// Reads the parameters.
    ///
    /// # Errors
    /// Every broken rule: XAPI-00324 and XAPI-00325 for names, XAPI-00150 and XAPI-00151 for filters beside an id,
    /// XAPI-00012 for values.
    pub fn parse(pairs: &[Pair]) -> Result<Self, Vec<Violation>> {
        let mut parameters = Parameters::read(pairs, NAMES);
        let format = parameters.value(
            "format",
            PARAMETER_VALUE,
            "`ids`, `exact` or `canonical`",
            Format::parse,
        );
        let format = format.unwrap_or_default();
        let attachments = flag(&mut parameters, "attachments");
        let filters = filters(&mut parameters, format, attachments);
        let one = single(&mut parameters, "statementId", STATEMENT_ID_ALONE);
        let voided = single(&mut parameters, "voidedStatementId", VOIDED_ID_ALONE);
        parameters.finish(Some(match (one, voided) {
            (Some(id), _) => Self::One {
                id,
                format,
                attachments,
            },
            (None, Some(id)) => Self::Voided {
                id,
                format,
                attachments,
            },
            (None, None) => Self::Many(filters),
        }))
    }
}

impl Filters {
    /// The same text for the same list of statements in the same order, so that a cursor can be bound to it. How many
    /// are shown, and in which format, does not count.
    #[must_use]
    pub fn canonical_text(&self) -> String {
        let mut text = String::new();
        // An account's name may hold line ends: with its length before it no value can pass for another filter.
        let mut put = |name: &str, value: &str| {
            writeln!(text, "{name} {} {value}", value.len())
                .expect("writing to a string cannot fail");
        };
        if let Some(agent) = &self.agent {
            put("agent", &agent.canonical());
            if self.related_agents {
                put("related_agents", "true");
            }
        }
        if let Some(verb) = &self.verb {
            put("verb", verb);
        }
        if let Some(activity) = &self.activity {
            put("activity", activity);
            if self.related_activities {
                put("related_activities", "true");
            }
        }
        if let Some(registration) = &self.registration {
            put("registration", &registration.to_string());
        }
        if let Some(since) = self.since {
            put("since", &since.to_string());
        }
        if let Some(until) = self.until {
            put("until", &until.to_string());
        }
        if self.ascending {
            put("ascending", "true");
        }
        text
    }
}

fn filters(parameters: &mut Parameters<'_>, format: Format, attachments: bool) -> Filters {
    Filters {
        agent: parameters.agent_or_group(PARAMETER_VALUE),
        verb: parameters.value("verb", PARAMETER_VALUE, "an IRI with a scheme", parse_iri),
        activity: parameters.value(
            "activity",
            PARAMETER_VALUE,
            "an IRI with a scheme",
            parse_iri,
        ),
        registration: parameters.value("registration", PARAMETER_VALUE, "a UUID", identifier::uuid),
        related_activities: flag(parameters, "related_activities"),
        related_agents: flag(parameters, "related_agents"),
        since: moment(parameters, "since"),
        until: moment(parameters, "until"),
        ascending: flag(parameters, "ascending"),
        limit: parameters
            .value(
                "limit",
                PARAMETER_VALUE,
                "a whole number from 0",
                parse_limit,
            )
            .unwrap_or_default(),
        format,
        attachments,
        cursor: parameters.text("cursor").map(str::to_owned),
    }
}

/// The id of the one statement asked for; everything that may not stand beside it is noted.
fn single(
    parameters: &mut Parameters<'_>,
    name: &'static str,
    requirement: &'static str,
) -> Option<Uuid> {
    parameters.text(name)?;
    let beside = NAMES
        .iter()
        .filter(|other| **other != name && !BESIDE_ID.contains(other));
    for other in beside {
        if let Some(got) = parameters.text(other) {
            let expected = format!("only `format` and `attachments` beside `{name}`");
            parameters.refuse(Violation::new(requirement, *other, expected, got));
        }
    }
    parameters.value(name, PARAMETER_VALUE, "a UUID", identifier::uuid)
}

fn flag(parameters: &mut Parameters<'_>, name: &str) -> bool {
    parameters
        .value(name, PARAMETER_VALUE, "`true` or `false`", |text| {
            text.parse().ok()
        })
        .unwrap_or_default()
}

fn moment(parameters: &mut Parameters<'_>, name: &str) -> Option<i64> {
    parameters
        .value(
            name,
            PARAMETER_VALUE,
            "an RFC 3339 timestamp",
            timestamp::parse,
        )
        .map(|timestamp| timestamp.micros)
}

/// A number too large to hold means the same as the largest.
fn parse_limit(text: &str) -> Option<usize> {
    let digits = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    digits.then(|| text.parse().unwrap_or(usize::MAX))
}
