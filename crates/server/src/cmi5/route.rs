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
    CourseCheck,
    Courses,
    Course,
    CourseStructure,
    CoursePackage,
    Registrations,
    Registration,
    AuLaunch,
    AuWaive,
    Preferences,
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
    pub const ALL: [Route; 26] = [
        Route::Sessions,
        Route::Session,
        Route::SessionFetch,
        Route::SessionAbandon,
        // Before `Course`, which would be it as well.
        Route::CourseCheck,
        Route::Courses,
        Route::Course,
        Route::CourseStructure,
        Route::CoursePackage,
        Route::Registrations,
        Route::Registration,
        Route::AuLaunch,
        Route::AuWaive,
        Route::Preferences,
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
            Route::CourseCheck => "/cmi5/v1/courses/check",
            Route::Courses => "/cmi5/v1/courses",
            Route::Course => "/cmi5/v1/courses/{course}",
            Route::CourseStructure => "/cmi5/v1/courses/{course}/cmi5.xml",
            Route::CoursePackage => "/cmi5/v1/courses/{course}/package",
            Route::Registrations => "/cmi5/v1/registrations",
            Route::Registration => "/cmi5/v1/registrations/{registration}",
            Route::AuLaunch => "/cmi5/v1/registrations/{registration}/aus/{auIndex}/launch",
            Route::AuWaive => "/cmi5/v1/registrations/{registration}/aus/{auIndex}/waive",
            Route::Preferences => "/cmi5/v1/registrations/{registration}/preferences",
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
            | Route::CourseStructure
            | Route::CoursePackage
            | Route::Events
            | Route::Violations
            | Route::ViolationCounts
            | Route::Rules
            | Route::OpenApi => GET,
            Route::SessionFetch
            | Route::SessionAbandon
            | Route::CourseCheck
            | Route::AuLaunch
            | Route::AuWaive
            | Route::Check
            | Route::Fetch => POST,
            Route::Course | Route::Registration => &["GET", "HEAD", "DELETE", "OPTIONS"],
            Route::Preferences => &["GET", "HEAD", "PUT", "DELETE", "OPTIONS"],
            Route::Policies => &["GET", "HEAD", "PUT", "OPTIONS"],
            Route::Courses | Route::Registrations | Route::LaunchTenants | Route::LaunchTokens => {
                &["GET", "HEAD", "POST", "OPTIONS"]
            }
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
            ("/cmi5/v1/courses/check", found(Route::CourseCheck, "")),
            ("/cmi5/v1/courses/x", found(Route::Course, "x")),
            (
                "/cmi5/v1/courses/x/cmi5.xml",
                found(Route::CourseStructure, "x"),
            ),
            (
                "/cmi5/v1/registrations/x/aus/0/launch",
                Some((Route::AuLaunch, vec!["x".to_owned(), "0".to_owned()])),
            ),
            ("/cmi5/v1/courses/x/cmi5.XML", None),
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
