//! Which path is which resource. The path is decoded once and matched whole: no encoding, no dot segment and no
//! doubled slash in another place leads anywhere.

use percent_encoding::percent_decode_str;

use crate::cmi5::route::Route;
use crate::player;

/// Everything that has an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Resource {
    Statements,
    State,
    ActivityProfile,
    AgentProfile,
    Activities,
    Agents,
    About,
    HealthLive,
    HealthReady,
    /// Below `/cmi5/v1`.
    Cmi5(Route),
    /// Below `/api/v1`.
    Player(player::route::Route),
    /// A file of a course; what its path begins with must never be shown.
    Content,
}

/// A resource, and what its path names besides it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    pub resource: Resource,
    /// What stands in the braces of a route below `/cmi5/v1` or `/api/v1`; below the content area the path, as one;
    /// empty elsewhere.
    pub segments: Vec<String>,
}

/// Paths below the xAPI base path.
const XAPI: [(&str, Resource); 7] = [
    ("/statements", Resource::Statements),
    ("/activities/state", Resource::State),
    ("/activities/profile", Resource::ActivityProfile),
    ("/agents/profile", Resource::AgentProfile),
    ("/activities", Resource::Activities),
    ("/agents", Resource::Agents),
    ("/about", Resource::About),
];

/// Where files of courses lie, whatever else leads to them.
pub const CONTENT: &str = "/content";

const OWN: [(&str, Resource); 2] = [
    ("/health/live", Resource::HealthLive),
    ("/health/ready", Resource::HealthReady),
];

impl Resource {
    /// `path` as it came, still encoded. Below the base path, a slash at the end and a doubled one at its start are
    /// taken: LMSes build both. `content_path` is a further path of the content area, or empty.
    #[must_use]
    pub fn find(base_path: &str, content_path: &str, path: &str) -> Option<Found> {
        if let Some(resource) = Self::find_fixed(base_path, path) {
            let segments = Vec::new();
            return Some(Found { resource, segments });
        }
        if let Some((route, segments)) = Route::find(path) {
            let resource = Resource::Cmi5(route);
            return Some(Found { resource, segments });
        }
        if let Some((route, segments)) = player::route::Route::find(path) {
            let resource = Resource::Player(route);
            return Some(Found { resource, segments });
        }
        Self::find_content(content_path, path)
    }

    fn find_content(content_path: &str, path: &str) -> Option<Found> {
        let path = percent_decode_str(path).decode_utf8().ok()?;
        let areas = [CONTENT, content_path].into_iter();
        let below = areas
            .filter(|area| !area.is_empty())
            .find_map(|area| path.strip_prefix(area)?.strip_prefix('/'))?;
        Some(Found {
            resource: Resource::Content,
            segments: vec![below.to_owned()],
        })
    }

    fn find_fixed(base_path: &str, path: &str) -> Option<Self> {
        let path = percent_decode_str(path).decode_utf8().ok()?;
        if let Some(rest) = path.strip_prefix(base_path) {
            let rest = rest.strip_suffix('/').unwrap_or(rest);
            let rest = if rest.starts_with("//") {
                &rest[1..]
            } else {
                rest
            };
            if let Some(found) = look_up(&XAPI, rest) {
                return Some(found);
            }
        }
        look_up(&OWN, &path)
    }

    /// What `Allow` says.
    #[must_use]
    pub fn methods(self) -> &'static [&'static str] {
        match self {
            Resource::Statements => &["GET", "HEAD", "PUT", "POST", "OPTIONS"],
            Resource::State | Resource::ActivityProfile | Resource::AgentProfile => {
                &["GET", "HEAD", "PUT", "POST", "DELETE", "OPTIONS"]
            }
            Resource::Activities
            | Resource::Agents
            | Resource::About
            | Resource::HealthLive
            | Resource::HealthReady
            | Resource::Content => &["GET", "HEAD", "OPTIONS"],
            Resource::Cmi5(route) => route.methods(),
            Resource::Player(route) => route.methods(),
        }
    }

    /// For logs and metrics: never anything of the request's own.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Resource::Statements => "statements",
            Resource::State => "activities/state",
            Resource::ActivityProfile => "activities/profile",
            Resource::AgentProfile => "agents/profile",
            Resource::Activities => "activities",
            Resource::Agents => "agents",
            Resource::About => "about",
            Resource::HealthLive => "health/live",
            Resource::HealthReady => "health/ready",
            Resource::Cmi5(route) => route.template(),
            Resource::Player(route) => route.template(),
            Resource::Content => "content",
        }
    }
}

fn look_up(table: &[(&str, Resource)], path: &str) -> Option<Resource> {
    table
        .iter()
        .find(|(known, _)| *known == path)
        .map(|&(_, resource)| resource)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_match_whole_or_not_at_all() {
        for (path, expected) in [
            ("/xapi/statements", Some(Resource::Statements)),
            ("/xapi/statements/", Some(Resource::Statements)),
            ("/xapi//statements", Some(Resource::Statements)),
            ("/xapi/%73tatements", Some(Resource::Statements)),
            ("/xapi/activities/state", Some(Resource::State)),
            ("/xapi/about", Some(Resource::About)),
            ("/health/live", Some(Resource::HealthLive)),
            ("/xapi/Statements", None),
            ("/xapi/statements//", None),
            ("/xapi///statements", None),
            ("/xapi/%2573tatements", None),
            ("/xapi/activities//state", None),
            ("/xapi/activities/../statements", None),
            ("/xapi/health/live", None),
            ("/statements", None),
            ("/xapi", None),
            ("/", None),
            ("/xapi/%ff", None),
            ("/cmi5/v1/rules", Some(Resource::Cmi5(Route::Rules))),
            (
                "/cmi5/v1/sessions/a%2fb",
                Some(Resource::Cmi5(Route::Session)),
            ),
            ("/cmi5/v1/%2e%2e/%2e%2e/xapi/statements", None),
            ("/xapi/cmi5/v1/rules", None),
            (
                "/api/v1/ping",
                Some(Resource::Player(player::route::Route::Ping)),
            ),
            ("/xapi/api/v1/ping", None),
            ("/content/signed/a/b.html", Some(Resource::Content)),
            ("/files/signed/", Some(Resource::Content)),
            ("/content/../xapi/statements", Some(Resource::Content)),
            ("/content", None),
            ("/contents/a", None),
            ("/content/%ff", None),
        ] {
            let found = Resource::find("/xapi", "/files", path).map(|found| found.resource);
            assert_eq!(found, expected, "{path}");
        }
    }
}
