//! What no type can say about the values: ranges, and values that must fit each other.

use lrs::launch::package::PATH_BYTES_MAX;

use super::Config;

/// Calls `problem(key, got, expected)` for each value that cannot be.
pub(super) fn check(config: &Config, mut problem: impl FnMut(&str, &str, &str)) {
    http(config, &mut problem);
    at_least(config, &mut problem);
    pages(config, &mut problem);
    cmi5(config, &mut problem);
    launch(config, &mut problem);
    bootstrap(config, &mut problem);
    if let Err(error) = tracing_subscriber::EnvFilter::builder().parse(&config.log.filter) {
        problem(
            "log.filter",
            &config.log.filter,
            &format!("a level (`info`) or levels by part (`info,server=debug`): {error}"),
        );
    }
    let socket = config.admin_socket();
    // The system's limit is 107 bytes; what is left holds the name of the file while it is made.
    if socket.as_os_str().len() > 100 {
        problem(
            "admin.socket",
            &socket.display().to_string(),
            "a path of at most 100 bytes, or a shorter `storage.path`",
        );
    }
}

type Problem<'a> = &'a mut dyn FnMut(&str, &str, &str);

fn http(config: &Config, problem: Problem<'_>) {
    let path = &config.http.base_path;
    let segments = path.strip_prefix('/').map(|rest| rest.split('/'));
    if !segments.is_some_and(|mut segments| segments.all(is_segment)) {
        problem(
            "http.base_path",
            path,
            "a path such as `/xapi`: a slash before each part, none at the end; letters, digits, `-`, `.`, `_`, `~`",
        );
    }
    if let Some(taken) = OWN_PATHS.iter().find(|own| overlap(path, own)) {
        let expected =
            format!("a path that has nothing to do with `{taken}`, which is another API's");
        problem("http.base_path", path, &expected);
    }
    if let Some(url) = &config.http.public_url
        && !is_web_address(url)
    {
        problem(
            "http.public_url",
            url,
            "an address such as `https://lrs.example.com`, without a slash at its end",
        );
    }
    if let Some(page) = &config.xapi.authority_home_page
        && !is_web_address(page.trim_end_matches('/'))
    {
        problem(
            "xapi.authority_home_page",
            page,
            "an address such as `https://lrs.example.com`",
        );
    }
    for origin in &config.http.cors_origins {
        let host = origin.split_once("://").map(|(_, host)| host);
        if origin != "*" && !(is_web_address(origin) && host.is_some_and(|h| !h.contains('/'))) {
            problem(
                "http.cors_origins",
                origin,
                "`*`, or origins such as `https://lms.example.com`, without a path",
            );
        }
    }
}

/// Where the other resources lie.
const OWN_PATHS: [&str; 4] = ["/cmi5/v1", "/api/v1", crate::route::CONTENT, "/health"];

/// Whether one is the other, or lies below it.
fn overlap(one: &str, other: &str) -> bool {
    let is_below = |path: &str, root: &str| {
        let rest = path.strip_prefix(root);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    is_below(one, other) || is_below(other, one)
}

fn is_segment(segment: &str) -> bool {
    !segment.is_empty()
        && segment != "."
        && segment != ".."
        && segment
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"-._~".contains(&b))
}

fn is_web_address(url: &str) -> bool {
    let rest = url
        .strip_prefix("https://")
        .or_else(|| url.strip_prefix("http://"));
    rest.is_some_and(|rest| {
        !rest.is_empty()
            && !rest.starts_with(['/', ':'])
            && !rest.ends_with('/')
            && rest
                .bytes()
                .all(|b| b.is_ascii_graphic() && !b"?#\"<>\\^`{|}@".contains(&b))
    })
}

fn at_least(config: &Config, problem: Problem<'_>) {
    let c = config;
    let minima = [
        ("http.connections_max", c.http.connections_max as u64, 1),
        ("http.keep_alive_seconds", c.http.keep_alive_seconds, 1),
        ("http.client_seconds_max", c.http.client_seconds_max, 1),
        ("http.disk_threads", c.http.disk_threads as u64, 1),
        (
            "http.memory_bytes_max",
            c.http.memory_bytes_max as u64,
            1 << 20,
        ),
        (
            "http.request_body_bytes_max",
            c.http.request_body_bytes_max as u64,
            1024,
        ),
        ("http.multipart_bytes_max", c.http.multipart_bytes_max, 1024),
        (
            "xapi.statements_per_request_max",
            c.xapi.statements_per_request_max as u64,
            1,
        ),
        (
            "xapi.statement_bytes_max",
            c.xapi.statement_bytes_max as u64,
            1024,
        ),
        ("xapi.json_depth_max", c.xapi.json_depth_max as u64, 8),
        ("xapi.references_max", c.xapi.references_max as u64, 1),
        (
            "xapi.document_bytes_max",
            c.xapi.document_bytes_max as u64,
            1024,
        ),
        ("xapi.page_rows_default", c.xapi.page_rows_default as u64, 1),
        ("xapi.scan_keys_max", c.xapi.scan_keys_max as u64, 100),
        (
            "xapi.commit_milliseconds_max",
            c.xapi.commit_milliseconds_max,
            1,
        ),
        (
            "launch.packages_at_once_max",
            c.launch.packages_at_once_max as u64,
            1,
        ),
        ("launch.package_bytes_max", c.launch.package_bytes_max, 1024),
        (
            "launch.package_entries_max",
            c.launch.package_entries_max as u64,
            1,
        ),
        ("launch.package_ratio_max", c.launch.package_ratio_max, 1),
        (
            "launch.package_path_bytes_max",
            c.launch.package_path_bytes_max as u64,
            1,
        ),
        (
            "launch.structure_bytes_max",
            c.launch.structure_bytes_max as u64,
            1024,
        ),
        ("launch.findings_max", c.launch.findings_max as u64, 1),
        ("refusals.kept_days", c.refusals.kept_days.into(), 1),
        (
            "storage.block_cache_bytes",
            c.storage.block_cache_bytes as u64,
            1 << 20,
        ),
        (
            "storage.memtable_bytes",
            c.storage.memtable_bytes as u64,
            1 << 20,
        ),
        ("storage.wal_bytes_max", c.storage.wal_bytes_max, 1 << 20),
        (
            "storage.group_statements_max",
            c.storage.group_statements_max as u64,
            1,
        ),
        (
            "storage.group_bytes_max",
            c.storage.group_bytes_max as u64,
            1 << 10,
        ),
        (
            "storage.queue_batches_max",
            c.storage.queue_batches_max as u64,
            1,
        ),
        ("credentials.checks_max", c.credentials.checks_max as u64, 1),
        (
            "credentials.check_wait_seconds_max",
            c.credentials.check_wait_seconds_max,
            1,
        ),
    ];
    for (path, got, least) in minima {
        if got < least {
            problem(path, &got.to_string(), &format!("at least {least}"));
        }
    }
    // The parser goes one call deeper for each level; a thread's stack holds a few hundred.
    if c.xapi.json_depth_max > 200 {
        problem(
            "xapi.json_depth_max",
            &c.xapi.json_depth_max.to_string(),
            "at most 200",
        );
    }
    if c.http.workers > 1_024 {
        problem("http.workers", &c.http.workers.to_string(), "at most 1024");
    }
}

fn pages(config: &Config, problem: Problem<'_>) {
    let xapi = &config.xapi;
    if xapi.page_rows_default > xapi.page_rows_max {
        problem(
            "xapi.page_rows_default",
            &xapi.page_rows_default.to_string(),
            &format!("at most `xapi.page_rows_max`, {}", xapi.page_rows_max),
        );
    }
}

fn cmi5(config: &Config, problem: Problem<'_>) {
    for id in config.cmi5.unknown_rules() {
        problem(
            "cmi5.rules",
            id,
            "the ids of rules, as `GET /cmi5/v1/rules` and docs/cmi5.md list them",
        );
    }
}

fn launch(config: &Config, problem: Problem<'_>) {
    let launch = &config.launch;
    if let Some(url) = &launch.content_url
        && !is_web_address(url)
    {
        problem(
            "launch.content_url",
            url,
            "an address such as `https://content.example.com/files`, without a slash at its end",
        );
    }
    let policy = &launch.content_security_policy;
    if !policy.bytes().all(|b| b == b' ' || b.is_ascii_graphic()) {
        problem(
            "launch.content_security_policy",
            policy,
            "a policy in visible ASCII characters and spaces, or nothing",
        );
    }
    if launch.package_path_bytes_max > PATH_BYTES_MAX {
        problem(
            "launch.package_path_bytes_max",
            &launch.package_path_bytes_max.to_string(),
            &format!("at most {PATH_BYTES_MAX}"),
        );
    }
}

fn bootstrap(config: &Config, problem: Problem<'_>) {
    match (&config.bootstrap.key, &config.bootstrap.secret) {
        (None, None) => {}
        (Some(key), None) => problem("bootstrap.key", key, "`bootstrap.secret` beside it"),
        (None, Some(_)) => {
            problem("bootstrap.secret", super::MASK, "`bootstrap.key` beside it");
        }
        (Some(key), Some(secret)) => {
            let visible = key.bytes().all(|b| b.is_ascii_graphic() && b != b':');
            if !visible || key.is_empty() || key.len() > 128 {
                problem(
                    "bootstrap.key",
                    key,
                    "1 to 128 visible ASCII characters without a colon",
                );
            }
            if secret.expose().chars().count() < 8 || secret.expose().len() > 512 {
                problem(
                    "bootstrap.secret",
                    super::MASK,
                    "8 characters at least, 512 bytes at most",
                );
            }
        }
    }
}
