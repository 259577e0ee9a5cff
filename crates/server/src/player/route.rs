//! The addresses of the player API: which path is which route, and its methods. Who may call what is in `operation`.

use crate::path;

/// Everything that has an address there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Route {
    Tenants,
    Tenant,
    Auth,
    Ping,
    About,
    Courses,
    Course,
    LaunchUrl,
    Registrations,
    Registration,
    WaiveAu,
    LearnerPrefs,
    Session,
    SessionAbandon,
}

impl Route {
    pub const ALL: [Route; 14] = [
        Route::Tenants,
        Route::Tenant,
        Route::Auth,
        Route::Ping,
        Route::About,
        Route::Courses,
        Route::Course,
        Route::LaunchUrl,
        Route::Registrations,
        Route::Registration,
        Route::WaiveAu,
        Route::LearnerPrefs,
        Route::Session,
        Route::SessionAbandon,
    ];

    /// Its path; a segment in braces stands for any text. It is also its name in logs.
    #[must_use]
    pub fn template(self) -> &'static str {
        match self {
            Route::Tenants => "/api/v1/tenant",
            Route::Tenant => "/api/v1/tenant/{id}",
            Route::Auth => "/api/v1/auth",
            Route::Ping => "/api/v1/ping",
            Route::About => "/api/v1/about",
            Route::Courses => "/api/v1/course",
            Route::Course => "/api/v1/course/{id}",
            Route::LaunchUrl => "/api/v1/course/{id}/launch-url/{auIndex}",
            Route::Registrations => "/api/v1/registration",
            Route::Registration => "/api/v1/registration/{idOrCode}",
            Route::WaiveAu => "/api/v1/registration/{idOrCode}/waive-au/{auIndex}",
            Route::LearnerPrefs => "/api/v1/registration/{idOrCode}/learner-prefs",
            Route::Session => "/api/v1/session/{idOrCode}",
            Route::SessionAbandon => "/api/v1/session/{idOrCode}/abandon",
        }
    }

    /// What `Allow` says.
    #[must_use]
    pub fn methods(self) -> &'static [&'static str] {
        match self {
            Route::Tenants
            | Route::Auth
            | Route::Courses
            | Route::LaunchUrl
            | Route::Registrations
            | Route::WaiveAu
            | Route::SessionAbandon => &["POST", "OPTIONS"],
            Route::Tenant => &["DELETE", "OPTIONS"],
            Route::Ping | Route::About | Route::Session => &["GET", "HEAD", "OPTIONS"],
            Route::Course | Route::Registration => &["GET", "HEAD", "DELETE", "OPTIONS"],
            Route::LearnerPrefs => &["GET", "HEAD", "POST", "DELETE", "OPTIONS"],
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
    fn paths_match_whole_or_not_at_all() {
        for (path, expected) in [
            ("/api/v1/ping", Some((Route::Ping, &[][..]))),
            ("/%61pi/v1/pi%6Eg", Some((Route::Ping, &[]))),
            ("/api/v1/tenant/7", Some((Route::Tenant, &["7"]))),
            (
                "/api/v1/course/7/launch-url/0",
                Some((Route::LaunchUrl, &["7", "0"])),
            ),
            (
                "/api/v1/registration/a%2Fb/waive-au/%30",
                Some((Route::WaiveAu, &["a/b", "0"])),
            ),
            ("/api/v1", None),
            ("/api/v1/", None),
            ("/api/v1/ping/", None),
            ("/api/v1//ping", None),
            ("//api/v1/ping", None),
            ("/api/v1/Ping", None),
            ("/api/v1/tenant/..", None),
            ("/api/v1/tenant/%2e%2e/ping", None),
            ("/api%2Fv1/ping", None),
            ("/api/v1/tenant%2F7", None),
            ("/api/v1/tenant/7/8", None),
            ("/api/v1/course//launch-url/0", None),
            ("/api/v2/ping", None),
        ] {
            let found = Route::find(path);
            let expected = expected.map(|(route, filled)| {
                let filled = filled.iter().map(|one| (*one).to_owned());
                (route, filled.collect::<Vec<_>>())
            });
            assert_eq!(found, expected, "{path}");
        }
    }
}
