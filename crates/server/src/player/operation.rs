//! The operations of the player API.

use super::answers::{Course, Launched, Registration, Session};
use super::courses::NewLaunch;
use super::management::{Auth, Tenant, Token};
use super::registrations::{NewRegistration, Waiver};
use super::route::Route;
use super::{About, Ping};
use crate::cmi5::launch_tenants::NewLaunchTenant;
use crate::cmi5::registrations::Preferences;
use crate::operation::{Access, Gives, Takes, schema};
use crate::request::Method;

pub type Operation = crate::operation::Operation<Route>;

const UNKNOWN: (u16, &str) = (404, "The launch tenant has none with this number or id.");
const TOO_LARGE: (u16, &str) = (413, "It is larger than the configuration allows.");

/// Every operation.
pub static OPERATIONS: &[Operation] = &[
    Operation {
        access: Access::Admin,
        body: Takes::Json(schema::<NewLaunchTenant>),
        also: &[(409, "There is one with this code; `id` is its number.")],
        ..post(
            Route::Tenants,
            "playerMakeTenant",
            "Makes a launch tenant",
            Gives::Json(schema::<Tenant>),
        )
    },
    Operation {
        access: Access::Admin,
        ..delete(
            Route::Tenant,
            "playerDeleteTenant",
            "Ends a launch tenant and its tokens; statements and documents stay",
        )
    },
    Operation {
        access: Access::Admin,
        body: Takes::Json(schema::<Auth>),
        also: &[(404, "There is no such launch tenant.")],
        ..post(
            Route::Auth,
            "playerMakeToken",
            "A token with which a launch tenant calls the rest",
            Gives::Json(schema::<Token>),
        )
    },
    get(
        Route::Ping,
        "playerPing",
        "Whether the token counts",
        Gives::Json(schema::<Ping>),
    ),
    get(
        Route::About,
        "playerAbout",
        "Whose the token is",
        Gives::Json(schema::<About>),
    ),
    Operation {
        body: Takes::Package,
        also: &[TOO_LARGE],
        ..post(
            Route::Courses,
            "playerImportCourse",
            "Checks a course package and stores it: a zip, or a `cmi5.xml` alone",
            Gives::Json(schema::<Course<'static>>),
        )
    },
    Operation {
        also: &[UNKNOWN],
        ..get(
            Route::Course,
            "playerReadCourse",
            "A course with its blocks and AUs",
            Gives::Json(schema::<Course<'static>>),
        )
    },
    delete(
        Route::Course,
        "playerDeleteCourse",
        "Ends a course and its registrations; statements and documents stay",
    ),
    Operation {
        body: Takes::Json(schema::<NewLaunch>),
        also: &[
            UNKNOWN,
            (409, "The registration is another learner's or course's."),
        ],
        ..post(
            Route::LaunchUrl,
            "playerLaunch",
            "Begins a session of an AU and answers the URL to which the learner is sent",
            Gives::Json(schema::<Launched>),
        )
    },
    Operation {
        body: Takes::Json(schema::<NewRegistration<'static>>),
        also: &[UNKNOWN],
        ..post(
            Route::Registrations,
            "playerRegister",
            "Registers a learner for a course: a new registration each time",
            Gives::Json(schema::<Registration>),
        )
    },
    Operation {
        also: &[UNKNOWN],
        ..get(
            Route::Registration,
            "playerReadRegistration",
            "What the learner has reached, by number or UUID",
            Gives::Json(schema::<Registration>),
        )
    },
    delete(
        Route::Registration,
        "playerDeleteRegistration",
        "Ends a registration, by number; statements and documents stay",
    ),
    Operation {
        body: Takes::Json(schema::<Waiver>),
        also: &[
            UNKNOWN,
            (409, "The AU is satisfied in this registration already."),
        ],
        ..post(
            Route::WaiveAu,
            "playerWaive",
            "Lets an AU count without the learner",
            Gives::Nothing,
        )
    },
    Operation {
        also: &[UNKNOWN],
        ..get(
            Route::LearnerPrefs,
            "playerReadPreferences",
            "The learner preferences of the registration's learner",
            Gives::Json(schema::<Preferences>),
        )
    },
    Operation {
        body: Takes::Json(schema::<Preferences>),
        also: &[UNKNOWN],
        ..post(
            Route::LearnerPrefs,
            "playerWritePreferences",
            "Replaces them",
            Gives::Nothing,
        )
    },
    Operation {
        also: &[UNKNOWN],
        ..delete(
            Route::LearnerPrefs,
            "playerDeletePreferences",
            "Removes them",
        )
    },
    Operation {
        also: &[UNKNOWN],
        ..get(
            Route::Session,
            "playerReadSession",
            "A session, by number or id",
            Gives::Json(schema::<Session>),
        )
    },
    Operation {
        also: &[UNKNOWN],
        ..post(
            Route::SessionAbandon,
            "playerAbandon",
            "Ends a session; one that has ended stays as it is",
            Gives::Nothing,
        )
    },
];

const fn get(route: Route, id: &'static str, summary: &'static str, answer: Gives) -> Operation {
    Operation {
        route,
        method: Method::Get,
        id,
        summary,
        access: Access::LaunchTenant,
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
        ..get(route, id, summary, Gives::Nothing)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_route_has_the_operations_of_its_methods() {
        crate::operation::tests::check(OPERATIONS, &Route::ALL, Route::methods);
    }
}
