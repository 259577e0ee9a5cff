//! What the URL of an AU may be: `http(s)` or an application's scheme, or relative to the package (13.1.4), and
//! without the names of launch parameters in its query (8.1).

use percent_encoding::percent_decode_str;
use xapi::lexical::iri;

use super::any_uri::escape;
use super::launch_url::PARAMETERS;

/// Schemes that run or show what the package says, or name what is no page: never launched, in any case.
const REFUSED_SCHEMES: &[&str] = &[
    "javascript",
    "data",
    "file",
    "vbscript",
    "blob",
    "about",
    "filesystem",
    "view-source",
    "jar",
];

/// Whether a collapsed URL is relative: it has no scheme.
pub(super) fn is_relative(url: &str) -> bool {
    !iri::has_scheme(url)
}

/// What is wrong with a collapsed URL that the schema accepts.
pub(super) fn fault(url: &str) -> Option<&'static str> {
    let escaped = escape(url);
    if is_relative(url) {
        return (!iri::is_reference(&escaped)).then_some("not a URL reference");
    }
    let (scheme, rest) = escaped.split_once(':')?;
    let scheme = scheme.to_ascii_lowercase();
    if REFUSED_SCHEMES.contains(&&*scheme) {
        return Some("a scheme that no AU is launched by");
    }
    let Some(rest) = rest.strip_prefix("//") else {
        return Some("no `//` after the scheme");
    };
    if !iri::is_iri(&escaped) {
        return Some("not a URL");
    }
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host = authority.rsplit('@').next().unwrap_or_default();
    let is_web = scheme == "http" || scheme == "https";
    if is_web && (host.is_empty() || host.starts_with(':')) {
        return Some("no host");
    }
    // Escaped characters would be other letters, blanks or slashes of a name.
    if is_web && url.is_ascii() && host.contains('%') {
        return Some("no name of a host");
    }
    rest.is_empty().then_some("nothing after the scheme")
}

/// The first parameter of the query that has the name of a launch parameter, in any case and however it is encoded.
pub(super) fn reserved(url: &str) -> Option<String> {
    let (_, query) = split_fragment(url).0.split_once('?')?;
    let names = query.split('&').map(|pair| {
        let name = pair.split('=').next().unwrap_or_default().replace('+', " ");
        percent_decode_str(&name).decode_utf8_lossy().into_owned()
    });
    let is_reserved = |name: &String| {
        PARAMETERS
            .iter()
            .any(|reserved| name.trim().eq_ignore_ascii_case(reserved))
    };
    names.into_iter().find(is_reserved)
}

/// What stands before the fragment, and the fragment with its `#`.
pub(super) fn split_fragment(url: &str) -> (&str, &str) {
    url.split_at(url.find('#').unwrap_or(url.len()))
}
