//! The operations of the player API as data: who may call each.

use super::route::Route;
use crate::request::Method;

/// One method of one route.
#[derive(Debug)]
pub struct Operation {
    pub route: Route,
    pub method: Method,
    pub access: Access,
}

/// Who may call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Keys with scope `admin`, by HTTP Basic.
    Key,
    /// A launch tenant, by one of its tokens as Bearer.
    Token,
}

/// Every operation.
pub static OPERATIONS: &[Operation] = &[
    key(Route::Tenants, Method::Post),
    key(Route::Tenant, Method::Delete),
    key(Route::Auth, Method::Post),
    token(Route::Ping, Method::Get),
    token(Route::About, Method::Get),
    token(Route::Courses, Method::Post),
    token(Route::Course, Method::Get),
    token(Route::Course, Method::Delete),
    token(Route::LaunchUrl, Method::Post),
    token(Route::Registrations, Method::Post),
    token(Route::Registration, Method::Get),
    token(Route::Registration, Method::Delete),
    token(Route::WaiveAu, Method::Post),
    token(Route::LearnerPrefs, Method::Get),
    token(Route::LearnerPrefs, Method::Post),
    token(Route::LearnerPrefs, Method::Delete),
    token(Route::Session, Method::Get),
    token(Route::SessionAbandon, Method::Post),
];

const fn key(route: Route, method: Method) -> Operation {
    Operation {
        route,
        method,
        access: Access::Key,
    }
}

const fn token(route: Route, method: Method) -> Operation {
    Operation {
        route,
        method,
        access: Access::Token,
    }
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
    use super::*;

    #[test]
    fn every_route_has_the_operations_of_its_methods() {
        for route in Route::ALL {
            for name in ["GET", "HEAD", "PUT", "POST", "DELETE"] {
                let method = Method::parse(name).expect("it is a method");
                let is_allowed = route.methods().contains(&name);
                assert_eq!(
                    find(route, method).is_some(),
                    is_allowed,
                    "{name} {route:?}"
                );
            }
            assert!(route.methods().contains(&"OPTIONS"), "{route:?}");
        }
    }
}
