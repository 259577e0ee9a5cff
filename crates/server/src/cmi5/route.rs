//! The addresses below `/cmi5/v1`: which path is which route, and its methods. What each operation takes and gives is
//! in `operation`.

use crate::path;

/// Everything that has an address there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Route {
    Sessions,
    Session,
    SessionFetch,
    SessionAbandon,
    Registration,
    Events,
    Violations,
    ViolationCounts,
    Check,
    Rules,
    Policies,
    LaunchTenants,
    LaunchTenant,
    LaunchTokens,
    LaunchToken,
    OpenApi,
    /// A one-time fetch URL; what stands in its last segment must never be shown.
    Fetch,
}

const GET: &[&str] = &["GET", "HEAD", "OPTIONS"];
const POST: &[&str] = &["POST", "OPTIONS"];

impl Route {
    pub const ALL: [Route; 17] = [
        Route::Sessions,
        Route::Session,
        Route::SessionFetch,
        Route::SessionAbandon,
        Route::Registration,
        Route::Events,
        Route::Violations,
        Route::ViolationCounts,
        Route::Check,
        Route::Rules,
        Route::Policies,
        Route::LaunchTenants,
        Route::LaunchTenant,
        Route::LaunchTokens,
        Route::LaunchToken,
        Route::OpenApi,
        Route::Fetch,
    ];

    /// Its path; a segment in braces stands for any text. It is also its name in logs.
    #[must_use]
    pub fn template(self) -> &'static str {
        match self {
            Route::Sessions => "/cmi5/v1/sessions",
            Route::Session => "/cmi5/v1/sessions/{session}",
            Route::SessionFetch => "/cmi5/v1/sessions/{session}/fetch",
            Route::SessionAbandon => "/cmi5/v1/sessions/{session}/abandon",
            Route::Registration => "/cmi5/v1/registrations/{registration}",
            Route::Events => "/cmi5/v1/events",
            Route::Violations => "/cmi5/v1/violations",
            Route::ViolationCounts => "/cmi5/v1/violations/counts",
            Route::Check => "/cmi5/v1/check",
            Route::Rules => "/cmi5/v1/rules",
            Route::Policies => "/cmi5/v1/policies",
            Route::LaunchTenants => "/cmi5/v1/launch-tenants",
            Route::LaunchTenant => "/cmi5/v1/launch-tenants/{launchTenant}",
            Route::LaunchTokens => "/cmi5/v1/launch-tenants/{launchTenant}/tokens",
            Route::LaunchToken => "/cmi5/v1/launch-tenants/{launchTenant}/tokens/{token}",
            Route::OpenApi => "/cmi5/v1/openapi.json",
            Route::Fetch => "/cmi5/v1/fetch/{secret}",
        }
    }

    /// What `Allow` says.
    #[must_use]
    pub fn methods(self) -> &'static [&'static str] {
        match self {
            Route::Sessions
            | Route::Session
            | Route::Registration
            | Route::Events
            | Route::Violations
            | Route::ViolationCounts
            | Route::Rules
            | Route::OpenApi => GET,
            Route::SessionFetch | Route::SessionAbandon | Route::Check | Route::Fetch => POST,
            Route::Policies => &["GET", "HEAD", "PUT", "OPTIONS"],
            Route::LaunchTenants | Route::LaunchTokens => &["GET", "HEAD", "POST", "OPTIONS"],
            Route::LaunchTenant | Route::LaunchToken => &["DELETE", "OPTIONS"],
        }
    }

    /// The route of a path that is still encoded, and what stands in its braces, decoded.
    #[must_use]
    pub fn find(path: &str) -> Option<(Self, Vec<String>)> {
        path::find(path, &Route::ALL, Route::template)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn segments_are_told_apart_and_then_decoded() {
        let found = |route: Route, parameter: &str| {
            let filled = (!parameter.is_empty()).then(|| parameter.to_owned());
            Some((route, filled.into_iter().collect::<Vec<_>>()))
        };
        for (path, expected) in [
            ("/cmi5/v1/sessions", found(Route::Sessions, "")),
            ("/cmi5/v1/sess%69ons", found(Route::Sessions, "")),
            ("/cmi5/v1/sessions/a", found(Route::Session, "a")),
            ("/cmi5/v1/sessions/fetch", found(Route::Session, "fetch")),
            (
                "/cmi5/v1/sessions/https%3A%2F%2Flms.example%2Fs%2F1/fetch",
                found(Route::SessionFetch, "https://lms.example/s/1"),
            ),
            (
                "/cmi5/v1/sessions/a%252f/abandon",
                found(Route::SessionAbandon, "a%2f"),
            ),
            (
                "/cmi5/v1/violations/counts",
                found(Route::ViolationCounts, ""),
            ),
            ("/cmi5/v1/fetch/1.x", found(Route::Fetch, "1.x")),
            ("/cmi5/v1/openapi.json", found(Route::OpenApi, "")),
            (
                "/cmi5/v1/launch-tenants/7/tokens/a%2fb",
                Some((Route::LaunchToken, vec!["7".to_owned(), "a/b".to_owned()])),
            ),
            ("/cmi5/v1/launch-tenants/7/tokens/", None),
            ("/cmi5/v1/sessions/", None),
            ("/cmi5/v1//sessions", None),
            ("//cmi5/v1/sessions", None),
            ("/cmi5/v1/Sessions", None),
            ("/CMI5/v1/sessions", None),
            ("/cmi5%2fv1%2fsessions", None),
            ("/cmi5/v1/sessions%2fa", None),
            ("/cmi5/v1/x/../sessions", None),
            ("/cmi5/v1/sessions/..", None),
            ("/cmi5/v1/sessions/%2e%2e/fetch", None),
            ("/cmi5/v1/sessions/%2E/fetch", None),
            ("/cmi5/v1/sessions/a/fetch/", None),
            ("/cmi5/v1/sessions/a/b", None),
            ("/cmi5/v1/fetch", None),
            ("/cmi5/v1/fetch/a/b", None),
            ("/cmi5/v1/sessions/%ff", None),
            ("/cmi5/v1", None),
            ("/xapi/cmi5/v1/sessions", None),
            ("cmi5/v1/sessions", None),
        ] {
            assert_eq!(Route::find(path), expected, "{path}");
        }
    }
}
