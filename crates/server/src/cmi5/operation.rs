//! The operations of `/cmi5/v1` as data: who may call each, what it takes and what it gives. Requests are read by this
//! table and `openapi.json` is made from it.

use cmi5::Policies;
use lrs::check;
use lrs::reports;
use schemars::{JsonSchema, Schema, SchemaGenerator};

use super::answers::{Abandoned, Fetch, FetchUrl};
use super::launch_tenants::{
    IssuedToken, LaunchTenant, LaunchTenants, LaunchTokens, NewLaunchTenant, NewLaunchToken,
};
use super::route::Route;
use crate::request::Method;

/// One method of one route.
pub struct Operation {
    pub route: Route,
    pub method: Method,
    /// Its name in the OpenAPI document.
    pub id: &'static str,
    pub summary: &'static str,
    pub access: Access,
    /// Names that the query may hold: a closed set, each once.
    pub query: &'static [Parameter],
    pub body: Option<SchemaOf>,
    /// What 200 brings; `None`: JSON of no type of ours, or after DELETE nothing but 204.
    pub answer: Option<SchemaOf>,
    /// Statuses besides those that every operation can answer, and when.
    pub also: &'static [(u16, &'static str)],
}

/// Adds a type to the schemas and answers the reference to it.
pub type SchemaOf = fn(&mut SchemaGenerator) -> Schema;

/// Who may call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Anybody, without credentials.
    Open,
    /// Keys of role `lms` or `lms+au`, and those with scope `admin`; never a session's token.
    Lms,
    /// Keys with scope `admin`.
    Admin,
}

pub struct Parameter {
    pub name: &'static str,
    pub meaning: &'static str,
    pub kind: Kind,
}

/// What a value must be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Text,
    Uuid,
    Iri,
    /// An Agent as JSON.
    Agent,
    Timestamp,
    State,
    Decision,
    /// From 1 on.
    Count,
}

const fn parameter(name: &'static str, kind: Kind, meaning: &'static str) -> Parameter {
    Parameter {
        name,
        meaning,
        kind,
    }
}

const LIMIT: Parameter = parameter(
    "limit",
    Kind::Count,
    "Entries of an answer at most; the server has a limit of its own.",
);
const CURSOR: Parameter = parameter(
    "cursor",
    Kind::Text,
    "Goes on behind an answer; its `more` has it.",
);
const REGISTRATION: Parameter = parameter("registration", Kind::Uuid, "Of this registration.");
const ACTIVITY: Parameter = parameter("activity", Kind::Iri, "Of the AU with this activity id.");
const REQUIREMENT: Parameter = parameter("requirement", Kind::Text, "Of the rule with this id.");
const SINCE: Parameter = parameter("since", Kind::Timestamp, "After this time of the server's.");

static SESSIONS: [Parameter; 7] = [
    REGISTRATION,
    parameter("actor", Kind::Agent, "Of this learner: an Agent as JSON."),
    ACTIVITY,
    parameter("state", Kind::State, "In this state now."),
    SINCE,
    LIMIT,
    CURSOR,
];
static VIOLATIONS: [Parameter; 8] = [
    parameter("session", Kind::Text, "Of the session with this id."),
    REGISTRATION,
    REQUIREMENT,
    ACTIVITY,
    SINCE,
    parameter(
        "decision",
        Kind::Decision,
        "That were stored nevertheless, or refused.",
    ),
    LIMIT,
    CURSOR,
];
static EVENTS: [Parameter; 2] = [
    LIMIT,
    parameter(
        "after",
        Kind::Text,
        "Where the feed goes on: `next` of the page before. Without it, from the beginning.",
    ),
];
static COUNTS: [Parameter; 3] = [REQUIREMENT, LIMIT, CURSOR];
static PART: [Parameter; 2] = [LIMIT, CURSOR];

const UNKNOWN_LAUNCH_TENANT: (u16, &str) =
    (404, "No launch tenant of the key's tenant has this id.");
const UNKNOWN_SESSION: (u16, &str) = (404, "No session has this id.");

/// Every operation.
pub static OPERATIONS: &[Operation] = &[
    Operation {
        query: &SESSIONS,
        ..get(
            Route::Sessions,
            "listSessions",
            "Sessions, newest first",
            Some(schema::<reports::Sessions>),
        )
    },
    Operation {
        also: &[UNKNOWN_SESSION],
        ..get(
            Route::Session,
            "explainSession",
            "The whole story of a session: launch data, state, statements, violations, and why it is as it is",
            Some(schema::<reports::Story>),
        )
    },
    Operation {
        also: &[
            UNKNOWN_SESSION,
            (
                409,
                "The session has ended, has no launch data, or its token was fetched.",
            ),
        ],
        ..post(
            Route::SessionFetch,
            "makeFetchUrl",
            "A one-time fetch URL for the launch URL of an AU; an older one that was not used stops working",
            schema::<FetchUrl>,
        )
    },
    Operation {
        also: &[UNKNOWN_SESSION, (409, "The AU has terminated the session.")],
        ..post(
            Route::SessionAbandon,
            "abandonSession",
            "Ends an open session by an `abandoned` statement; again, it answers the first one",
            schema::<Abandoned>,
        )
    },
    Operation {
        also: &[(404, "Nothing is known of this registration.")],
        ..get(
            Route::Registration,
            "explainRegistration",
            "What each learner has reached in each AU of a registration",
            Some(schema::<reports::Registration>),
        )
    },
    Operation {
        query: &EVENTS,
        ..get(
            Route::Events,
            "followEvents",
            "Everything that happened, oldest first: a feed to be followed, in which nothing is missed",
            Some(schema::<reports::Events>),
        )
    },
    Operation {
        query: &VIOLATIONS,
        ..get(
            Route::Violations,
            "listViolations",
            "Broken rules, newest first: what was refused and what was flagged",
            Some(schema::<reports::Violations>),
        )
    },
    Operation {
        query: &COUNTS,
        ..get(
            Route::ViolationCounts,
            "countViolations",
            "How often each rule was broken, by activity",
            Some(schema::<reports::Counts>),
        )
    },
    Operation {
        body: Some(schema::<check::Question<'static>>),
        also: &[UNKNOWN_SESSION],
        ..post(
            Route::Check,
            "check",
            "Judges statements without storing them: against a session, or against a launch that is sent along",
            schema::<check::Answer>,
        )
    },
    get(
        Route::Rules,
        "listRules",
        "The catalogue of rules, and what happens to whoever breaks one",
        Some(schema::<reports::Rules>),
    ),
    get(
        Route::Policies,
        "readPolicies",
        "How strict the tenant is",
        Some(schema::<Policies>),
    ),
    Operation {
        method: Method::Put,
        access: Access::Admin,
        body: Some(schema::<Policies>),
        ..get(
            Route::Policies,
            "writePolicies",
            "Sets how strict the tenant is; what is left out gets its built-in default",
            Some(schema::<Policies>),
        )
    },
    Operation {
        access: Access::Admin,
        query: &PART,
        ..get(
            Route::LaunchTenants,
            "listLaunchTenants",
            "LMSes that launch here, in the order of their codes",
            Some(schema::<LaunchTenants>),
        )
    },
    Operation {
        access: Access::Admin,
        body: Some(schema::<NewLaunchTenant>),
        also: &[(409, "There is one with this code; `existing` is its id.")],
        ..post(
            Route::LaunchTenants,
            "makeLaunchTenant",
            "Lets an LMS launch here; its statements lie in the key's tenant, with the key's authority",
            schema::<LaunchTenant>,
        )
    },
    delete(
        Route::LaunchTenant,
        "deleteLaunchTenant",
        "Ends a launch tenant and its tokens; statements and documents stay",
    ),
    Operation {
        access: Access::Admin,
        query: &PART,
        also: &[UNKNOWN_LAUNCH_TENANT],
        ..get(
            Route::LaunchTokens,
            "listLaunchTokens",
            "What is known of a launch tenant's tokens, oldest first",
            Some(schema::<LaunchTokens>),
        )
    },
    Operation {
        access: Access::Admin,
        body: Some(schema::<NewLaunchToken>),
        also: &[UNKNOWN_LAUNCH_TENANT],
        ..post(
            Route::LaunchTokens,
            "makeLaunchToken",
            "A token with which a launch tenant calls the player API",
            schema::<IssuedToken>,
        )
    },
    Operation {
        also: &[UNKNOWN_LAUNCH_TENANT],
        ..delete(
            Route::LaunchToken,
            "revokeLaunchToken",
            "Ends a token at once",
        )
    },
    Operation {
        access: Access::Open,
        ..get(Route::OpenApi, "readOpenApi", "This document", None)
    },
    Operation {
        access: Access::Open,
        ..post(
            Route::Fetch,
            "fetchToken",
            "Gives an AU its session's token, once; always 200 with `auth-token` or with `error-code` and `error-text`",
            schema::<Fetch>,
        )
    },
];

const fn get(
    route: Route,
    id: &'static str,
    summary: &'static str,
    answer: Option<SchemaOf>,
) -> Operation {
    Operation {
        route,
        method: Method::Get,
        id,
        summary,
        access: Access::Lms,
        query: &[],
        body: None,
        answer,
        also: &[],
    }
}

const fn post(
    route: Route,
    id: &'static str,
    summary: &'static str,
    answer: SchemaOf,
) -> Operation {
    Operation {
        method: Method::Post,
        ..get(route, id, summary, Some(answer))
    }
}

const fn delete(route: Route, id: &'static str, summary: &'static str) -> Operation {
    Operation {
        method: Method::Delete,
        access: Access::Admin,
        ..get(route, id, summary, None)
    }
}

fn schema<T: JsonSchema>(generator: &mut SchemaGenerator) -> Schema {
    generator.subschema_for::<T>()
}

/// The operation behind a method; HEAD is GET without a body.
#[must_use]
pub fn find(route: Route, method: Method) -> Option<&'static Operation> {
    let method = match method {
        Method::Head => Method::Get,
        Method::Get | Method::Put | Method::Post | Method::Delete | Method::Options => method,
    };
    OPERATIONS
        .iter()
        .find(|operation| operation.route == route && operation.method == method)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_route_has_the_operations_of_its_methods() {
        for route in Route::ALL {
            let mut methods: BTreeSet<&str> = route.methods().iter().copied().collect();
            assert!(methods.remove("OPTIONS"), "{route:?} answers preflights");
            assert_eq!(methods.remove("HEAD"), methods.contains("GET"), "{route:?}");
            let of_route = OPERATIONS.iter().filter(|one| one.route == route);
            let found: BTreeSet<&str> = of_route.map(|one| one.method.name()).collect();
            assert_eq!(found, methods, "{route:?}");
        }
    }

    #[test]
    fn names_are_unique() {
        let names: BTreeSet<&str> = OPERATIONS.iter().map(|one| one.id).collect();
        assert_eq!(names.len(), OPERATIONS.len());
    }
}
