//! The operations of `/cmi5/v1`.

use cmi5::Policies;
use lrs::check;
use lrs::launch::request::LaunchBody;
use lrs::reports;

use super::answers::{Abandoned, Fetch, FetchUrl};
use super::courses::{Courses, Imported, Judged, WholeCourse};
use super::launch_tenants::{
    IssuedToken, LaunchTenant, LaunchTenants, LaunchTokens, NewLaunchTenant, NewLaunchToken,
};
use super::registrations::{
    Launched, NewRegistration, NewWaiver, Preferences, Registered, Registration, Registrations,
    Waived,
};
use super::route::Route;
use crate::operation::{Access, Gives, Kind, Parameter, Takes, parameter, schema};
use crate::request::Method;

pub type Operation = crate::operation::Operation<Route>;

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
const OF_LAUNCH_TENANT: Parameter = parameter(
    "launchTenant",
    Kind::Count,
    "Of the launch tenant with this id.",
);
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
static COURSES: [Parameter; 4] = [
    parameter(
        "publisherId",
        Kind::Text,
        "With this id in `cmi5.xml`: the versions of a publisher's course.",
    ),
    OF_LAUNCH_TENANT,
    LIMIT,
    CURSOR,
];
static REGISTRATIONS: [Parameter; 5] = [
    parameter("course", Kind::Uuid, "For the course with this id."),
    parameter("actor", Kind::Agent, "Of this learner: an Agent as JSON."),
    OF_LAUNCH_TENANT,
    LIMIT,
    CURSOR,
];

const UNKNOWN_LAUNCH_TENANT: (u16, &str) =
    (404, "No launch tenant of the key's tenant has this id.");
const UNKNOWN_COURSE: (u16, &str) = (404, "No course has this id.");
const UNKNOWN_REGISTRATION: (u16, &str) = (
    404,
    "No registration has this id, or its course has no such AU.",
);
const TOO_LARGE: (u16, &str) = (413, "It is larger than the configuration allows.");
const UNKNOWN_SESSION: (u16, &str) = (404, "No session has this id.");

/// Every operation.
pub static OPERATIONS: &[Operation] = &[
    Operation {
        query: &SESSIONS,
        ..get(
            Route::Sessions,
            "listSessions",
            "Sessions, newest first",
            Gives::Json(schema::<reports::Sessions>),
        )
    },
    Operation {
        also: &[UNKNOWN_SESSION],
        ..get(
            Route::Session,
            "explainSession",
            "The whole story of a session: launch data, state, statements, violations, and why it is as it is",
            Gives::Json(schema::<reports::Story>),
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
            Gives::Json(schema::<FetchUrl>),
        )
    },
    Operation {
        also: &[UNKNOWN_SESSION, (409, "The AU has terminated the session.")],
        ..post(
            Route::SessionAbandon,
            "abandonSession",
            "Ends an open session by an `abandoned` statement; again, it answers the first one",
            Gives::Json(schema::<Abandoned>),
        )
    },
    Operation {
        query: &COURSES,
        ..launch_service(get(
            Route::Courses,
            "listCourses",
            "Courses that were imported here, newest first",
            Gives::Json(schema::<Courses>),
        ))
    },
    Operation {
        body: Takes::Package,
        also: &[TOO_LARGE],
        ..launch_service(post(
            Route::Courses,
            "importCourse",
            "Checks a course package and stores it: a zip, or a `cmi5.xml` alone; importing it again makes a new version",
            Gives::Json(schema::<Imported>),
        ))
    },
    Operation {
        body: Takes::Package,
        also: &[TOO_LARGE],
        ..launch_service(post(
            Route::CourseCheck,
            "checkCourse",
            "Says what importing a package would say, and stores nothing",
            Gives::Json(schema::<Judged>),
        ))
    },
    Operation {
        also: &[UNKNOWN_COURSE],
        ..launch_service(get(
            Route::Course,
            "readCourse",
            "A course with its blocks and AUs",
            Gives::Json(schema::<WholeCourse<'static>>),
        ))
    },
    launch_service(delete(
        Route::Course,
        "deleteCourse",
        "Ends a course and its registrations; statements and documents stay",
    )),
    Operation {
        also: &[UNKNOWN_COURSE],
        ..launch_service(get(
            Route::CourseStructure,
            "exportStructure",
            "The course as `cmi5.xml`",
            Gives::Structure,
        ))
    },
    Operation {
        also: &[UNKNOWN_COURSE],
        ..launch_service(get(
            Route::CoursePackage,
            "exportPackage",
            "The course as a package that can be imported again",
            Gives::Package,
        ))
    },
    Operation {
        query: &REGISTRATIONS,
        ..launch_service(get(
            Route::Registrations,
            "listRegistrations",
            "Registrations for courses that were imported here, newest first",
            Gives::Json(schema::<Registrations>),
        ))
    },
    Operation {
        body: Takes::Json(schema::<NewRegistration<'static>>),
        also: &[
            UNKNOWN_COURSE,
            (
                409,
                "The registration with this id is another learner's or course's.",
            ),
        ],
        ..launch_service(post(
            Route::Registrations,
            "register",
            "Registers a learner for a course",
            Gives::Json(schema::<Registered>),
        ))
    },
    Operation {
        also: &[(404, "Nothing is known of this registration.")],
        ..launch_service(get(
            Route::Registration,
            "explainRegistration",
            "What each learner has reached in each AU of a registration, and what is satisfied",
            Gives::Json(schema::<Registration>),
        ))
    },
    launch_service(delete(
        Route::Registration,
        "deleteRegistration",
        "Ends a registration that was made here; statements, documents and sessions stay",
    )),
    Operation {
        body: Takes::Json(schema::<LaunchBody<'static>>),
        also: &[
            UNKNOWN_REGISTRATION,
            (409, "The registration is being deleted."),
        ],
        ..launch_service(post(
            Route::AuLaunch,
            "launch",
            "Begins a session of an AU and answers the URL to which the learner is sent; ends the session before it",
            Gives::Json(schema::<Launched>),
        ))
    },
    Operation {
        body: Takes::Json(schema::<NewWaiver>),
        also: &[
            UNKNOWN_REGISTRATION,
            (409, "The AU is satisfied in this registration already."),
        ],
        ..launch_service(post(
            Route::AuWaive,
            "waive",
            "Lets an AU count without the learner",
            Gives::Json(schema::<Waived>),
        ))
    },
    Operation {
        also: &[(404, "No registration has this id, or its learner has none.")],
        ..launch_service(get(
            Route::Preferences,
            "readLearnerPreferences",
            "The learner preferences of the registration's learner",
            Gives::Json(schema::<Preferences>),
        ))
    },
    Operation {
        method: Method::Put,
        body: Takes::Json(schema::<Preferences>),
        also: &[UNKNOWN_REGISTRATION],
        ..launch_service(get(
            Route::Preferences,
            "writeLearnerPreferences",
            "Replaces them",
            Gives::Nothing,
        ))
    },
    Operation {
        also: &[UNKNOWN_REGISTRATION],
        ..launch_service(delete(
            Route::Preferences,
            "deleteLearnerPreferences",
            "Removes them",
        ))
    },
    Operation {
        query: &EVENTS,
        ..get(
            Route::Events,
            "followEvents",
            "Everything that happened, oldest first: a feed to be followed, in which nothing is missed",
            Gives::Json(schema::<reports::Events>),
        )
    },
    Operation {
        query: &VIOLATIONS,
        ..get(
            Route::Violations,
            "listViolations",
            "Broken rules, newest first: what was refused and what was flagged",
            Gives::Json(schema::<reports::Violations>),
        )
    },
    Operation {
        query: &COUNTS,
        ..get(
            Route::ViolationCounts,
            "countViolations",
            "How often each rule was broken, by activity",
            Gives::Json(schema::<reports::Counts>),
        )
    },
    Operation {
        body: Takes::Json(schema::<check::Question<'static>>),
        also: &[UNKNOWN_SESSION],
        ..post(
            Route::Check,
            "check",
            "Judges statements without storing them: against a session, or against a launch that is sent along",
            Gives::Json(schema::<check::Answer>),
        )
    },
    get(
        Route::Rules,
        "listRules",
        "The catalogue of rules, and what happens to whoever breaks one",
        Gives::Json(schema::<reports::Rules>),
    ),
    get(
        Route::Policies,
        "readPolicies",
        "How strict the tenant is",
        Gives::Json(schema::<Policies>),
    ),
    Operation {
        method: Method::Put,
        access: Access::Admin,
        body: Takes::Json(schema::<Policies>),
        ..get(
            Route::Policies,
            "writePolicies",
            "Sets how strict the tenant is; what is left out gets its built-in default",
            Gives::Json(schema::<Policies>),
        )
    },
    Operation {
        access: Access::Admin,
        query: &PART,
        ..get(
            Route::LaunchTenants,
            "listLaunchTenants",
            "LMSes that launch here, in the order of their codes",
            Gives::Json(schema::<LaunchTenants>),
        )
    },
    Operation {
        access: Access::Admin,
        body: Takes::Json(schema::<NewLaunchTenant>),
        also: &[(409, "There is one with this code; `existing` is its id.")],
        ..post(
            Route::LaunchTenants,
            "makeLaunchTenant",
            "Lets an LMS launch here; its statements lie in the key's tenant, with the key's authority",
            Gives::Json(schema::<LaunchTenant>),
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
            Gives::Json(schema::<LaunchTokens>),
        )
    },
    Operation {
        access: Access::Admin,
        body: Takes::Json(schema::<NewLaunchToken>),
        also: &[UNKNOWN_LAUNCH_TENANT],
        ..post(
            Route::LaunchTokens,
            "makeLaunchToken",
            "A token with which a launch tenant calls the player API",
            Gives::Json(schema::<IssuedToken>),
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
        ..get(
            Route::OpenApi,
            "readOpenApi",
            "This document",
            Gives::AnyJson,
        )
    },
    Operation {
        access: Access::Open,
        ..post(
            Route::Fetch,
            "fetchToken",
            "Gives an AU its session's token, once; always 200 with `auth-token` or with `error-code` and `error-text`",
            Gives::Json(schema::<Fetch>),
        )
    },
];

const fn get(route: Route, id: &'static str, summary: &'static str, answer: Gives) -> Operation {
    Operation {
        route,
        method: Method::Get,
        id,
        summary,
        access: Access::Lms,
        query: &[],
        body: Takes::Nothing,
        answer,
        also: &[],
    }
}

const fn post(route: Route, id: &'static str, summary: &'static str, answer: Gives) -> Operation {
    Operation {
        method: Method::Post,
        ..get(route, id, summary, answer)
    }
}

const fn delete(route: Route, id: &'static str, summary: &'static str) -> Operation {
    Operation {
        method: Method::Delete,
        access: Access::Admin,
        ..get(route, id, summary, Gives::Nothing)
    }
}

/// Keys see all of their tenant, a launch tenant what is its own.
const fn launch_service(operation: Operation) -> Operation {
    Operation {
        access: Access::LmsOrLaunchTenant,
        ..operation
    }
}

/// Whether some operation of the route takes launch tenants' tokens.
#[must_use]
pub fn takes_launch_tenants(route: Route) -> bool {
    let mut of_route = OPERATIONS.iter().filter(|one| one.route == route);
    of_route.any(|one| one.access == Access::LmsOrLaunchTenant)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_route_has_the_operations_of_its_methods() {
        crate::operation::tests::check(OPERATIONS, &Route::ALL, Route::methods);
    }
}
