//! Configuration is checked as its users meet it: a file's text, variables, and what is said about them.

use std::ffi::OsString;

use super::key::{SECTIONS, fields, sections};
use super::{Config, Loaded, Problems, in_force, load, sample};

const SAMPLE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../config/tessera.toml");

fn loaded(file: &str, variables: &[(&str, &str)]) -> Result<Loaded, Problems> {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let path = directory.path().join("t.toml");
    std::fs::write(&path, file).expect("a file is written");
    load(
        Some(&path),
        variables
            .iter()
            .map(|(k, v)| (OsString::from(k), OsString::from(v))),
    )
}

/// Each problem must contain all texts of its entry, and there must be no other.
#[track_caller]
fn check_problems(file: &str, variables: &[(&str, &str)], expected: &[&[&str]]) {
    let Problems(problems) = loaded(file, variables).expect_err("there are problems");
    assert_eq!(problems.len(), expected.len(), "{problems:#?}");
    for (problem, texts) in problems.iter().zip(expected) {
        for text in *texts {
            assert!(problem.contains(text), "`{problem}` lacks `{text}`");
        }
    }
}

#[test]
fn the_sample_file_is_what_the_code_generates() {
    let on_disk = std::fs::read_to_string(SAMPLE).expect("config/tessera.toml is there");
    assert!(
        on_disk == sample(),
        "config/tessera.toml is out of date: `tessera config sample > config/tessera.toml`"
    );
}

#[test]
fn the_sample_file_sets_the_defaults() {
    let config = loaded(&sample(), &[]).expect("the sample is right").config;
    assert_eq!(config, Config::default());
}

#[test]
fn every_key_has_a_meaning_and_every_section_is_listed() {
    assert_eq!(SECTIONS.map(|(name, _)| name), fields::<Config>());
    for section in sections() {
        assert!(!section.keys.is_empty(), "[{}] has no key", section.name);
        for key in section.keys {
            assert!(key.meaning.len() > 20, "{} says nothing", key.path());
        }
    }
}

#[test]
fn the_environment_wins_over_the_file_and_the_file_over_the_default() {
    let loaded = loaded(
        "[http]\nbind = \"0.0.0.0:1\"\nworkers = 3\n",
        &[
            ("TESSERA__HTTP__BIND", "[::1]:2"),
            (
                "TESSERA__HTTP__CORS_ORIGINS",
                "https://a.example, https://b.example:8443",
            ),
            ("TESSERA__XAPI__PAGE_ROWS_MAX", "2_000"),
            ("TESSERA__XAPI__VERSION_ANNOUNCED", "2.0.0"),
            ("TESSERA__BOOTSTRAP__KEY", "0123"),
            ("TESSERA__BOOTSTRAP__SECRET", "1e5-and-more"),
            ("TESSERA__LOG__FILTER", ""),
            ("TESSERA_SERVICE_HOST", "10.0.0.1"),
            ("PATH", "/bin"),
        ],
    )
    .expect("all is right");
    let config = &loaded.config;
    assert_eq!(config.http.bind.to_string(), "[::1]:2");
    assert_eq!(config.http.workers, 3);
    assert_eq!(config.http.keep_alive_seconds, 75);
    assert_eq!(
        config.http.cors_origins,
        ["https://a.example", "https://b.example:8443"]
    );
    assert_eq!(config.xapi.page_rows_max, 2_000);
    assert_eq!(
        config.xapi.version_announced.version(),
        xapi::Version::V2_0_0
    );
    assert_eq!(
        config.bootstrap.key.as_deref(),
        Some("0123"),
        "texts stay texts"
    );
    let secret = config.bootstrap.secret.as_ref().expect("it was set");
    assert_eq!(secret.expose(), "1e5-and-more");
    assert_eq!(config.log.filter, "info", "an empty variable sets nothing");
    assert_eq!(
        loaded.origin("http.bind").as_deref(),
        Some("environment TESSERA__HTTP__BIND")
    );
    assert!(
        loaded
            .origin("http.workers")
            .is_some_and(|origin| origin.ends_with("t.toml"))
    );
    assert_eq!(loaded.origin("http.base_path"), None);
}

#[test]
fn unknown_keys_and_variables_are_errors_that_name_the_nearest() {
    check_problems(
        "[http]\nbnid = \"x\"\n",
        &[],
        &[&["`http.bnid`", "t.toml", "`http.bind`"]],
    );
    check_problems("[htpp]\nbind = \"x\"\n", &[], &[&["`htpp`"]]);
    check_problems("bind = \"x\"\n", &[], &[&["`bind`", "`http.bind`"]]);
    check_problems(
        "[xapi]\nbase_path = \"/x\"\n",
        &[],
        &[&["`http.base_path`"]],
    );
    check_problems("http = 3\n", &[], &[&["`http`", "table"]]);
    check_problems(
        "",
        &[
            ("TESSERA__HTTP__PORT", "1"),
            ("TESSERA__STORAGE__PAHT", "x"),
        ],
        &[
            &["`TESSERA__HTTP__PORT`"],
            &["`TESSERA__STORAGE__PAHT`", "`TESSERA__STORAGE__PATH`"],
        ],
    );
}

#[test]
fn bad_values_name_key_value_expectation_and_place_all_at_once() {
    check_problems(
        "[http]\nbind = \"localhost\"\nworkers = -1\nbase_path = \"xapi/\"\npublic_url = \"lrs.example\"\n\
         [log]\nformat = \"xml\"\n",
        &[
            ("TESSERA__HTTP__KEEP_ALIVE_SECONDS", "soon"),
            ("TESSERA__STORAGE__SYNC", "no"),
            ("TESSERA__XAPI__PAGE_ROWS_DEFAULT", "5000"),
        ],
        &[
            &[
                "`http.keep_alive_seconds`",
                "`soon`",
                "integer",
                "TESSERA__HTTP__KEEP",
            ],
            &["`http.bind`", "`localhost`", "IP address", "t.toml"],
            &["`http.workers`", "`-1`", "t.toml"],
            &["`log.format`", "`xml`", "`text`", "`json`"],
            &["`storage.sync`", "`no`", "`always`"],
            &["`http.base_path`", "`xapi/`", "a path such as"],
            &["`http.public_url`", "`lrs.example`"],
            &[
                "`xapi.page_rows_default`",
                "`5000`",
                "`xapi.page_rows_max`",
                "TESSERA__",
            ],
        ],
    );
}

#[test]
fn what_only_the_whole_shows() {
    check_problems(
        "[http]\nconnections_max = 0\n",
        &[],
        &[&["`0`", "at least 1"]],
    );
    for taken in ["/cmi5/v1/xapi", "/api", "/content", "/health/live"] {
        check_problems(
            &format!("[http]\nbase_path = \"{taken}\"\n"),
            &[],
            &[&["`http.base_path`", taken, "another API's"]],
        );
    }
    check_problems(
        "[http]\ncors_origins = [\"*\", \"https://a/b\"]\n",
        &[],
        &[&["`https://a/b`"]],
    );
    check_problems("[log]\nfilter = \"info,=,\"\n", &[], &[&["`log.filter`"]]);
    check_problems(
        "[bootstrap]\nkey = \"k\"\n",
        &[],
        &[&["`bootstrap.secret`"]],
    );
    check_problems(
        "[bootstrap]\nkey = \"a:b\"\nsecret = \"long enough\"\n",
        &[],
        &[&["`a:b`"]],
    );
    check_problems(
        &format!("[storage]\npath = \"/{}\"\n", "d".repeat(99)),
        &[],
        &[&["`admin.socket`", "100 bytes"]],
    );
    check_problems("[http\n", &[], &[&["t.toml", "line 1", "not TOML"]]);
}

#[test]
fn courses_have_addresses_policies_and_paths_that_can_be() {
    check_problems(
        "[launch]\ncontent_url = \"/files\"\ncontent_security_policy = \"a\\nb\"\npackage_path_bytes_max = 496\n\
         package_entries_max = 0\n",
        &[],
        &[
            &["`launch.package_entries_max`", "`0`", "at least 1"],
            &[
                "`launch.content_url`",
                "`/files`",
                "https://content.example.com/files",
            ],
            &["`launch.content_security_policy`", "visible ASCII"],
            &["`launch.package_path_bytes_max`", "`496`", "at most 495"],
        ],
    );
}

#[test]
fn policies_of_cmi5_are_set_by_file_and_environment() {
    let loaded = loaded(
        "[cmi5]\nau = \"flag\"\nunknown_session = { lms = \"off\" }\n[cmi5.rules]\n\"9.3.0.0-2\" = \"off\"\n",
        &[
            ("TESSERA__CMI5__VOID_FLAGGED", "true"),
            ("TESSERA__CMI5__TERMINATED_GRACE_SECONDS", "30"),
        ],
    )
    .expect("all is right");
    let policies = &loaded.config.cmi5;
    assert_eq!(policies.au, cmi5::Policy::Flag);
    assert_eq!(policies.lms, cmi5::Policy::Flag, "the default");
    assert_eq!(policies.unknown_session.lms, cmi5::Policy::Off);
    assert_eq!(policies.unknown_session.au, cmi5::Policy::Reject);
    assert_eq!(policies.rules["9.3.0.0-2"], cmi5::Policy::Off);
    assert!(policies.void_flagged);
    assert_eq!(policies.terminated_grace_seconds, 30);
    let shown = in_force(&loaded.config, |path| loaded.origin(path));
    assert!(
        shown.contains("rules = { \"9.3.0.0-2\" = \"off\" }"),
        "{shown}"
    );
}

#[test]
fn tables_in_the_environment_are_names_with_values() {
    let loaded = loaded(
        "",
        &[
            ("TESSERA__CMI5__RULES", "9.3.0.0-2=flag, 9.3.0.0-4 = off"),
            ("TESSERA__CMI5__UNKNOWN_SESSION", "au=flag"),
        ],
    )
    .expect("all is right");
    let policies = &loaded.config.cmi5;
    assert_eq!(policies.rules["9.3.0.0-2"], cmi5::Policy::Flag);
    assert_eq!(policies.rules["9.3.0.0-4"], cmi5::Policy::Off);
    assert_eq!(policies.unknown_session.au, cmi5::Policy::Flag);
}

#[test]
fn wrong_policies_name_their_key() {
    check_problems(
        "[cmi5]\nau = \"refuse\"\n",
        &[
            ("TESSERA__CMI5__VOID_FLAGGED", "yes"),
            ("TESSERA__CMI5__RULES", "9.3.0.0-2"),
        ],
        &[
            &["`cmi5.void_flagged`", "`yes`", "`true` or `false`"],
            &["`cmi5.rules`", "name=value"],
            &["`cmi5.au`", "`refuse`", "`reject`, `flag`, `off`"],
        ],
    );
    check_problems(
        "[cmi5.rules]\n\"9.9.9\" = \"flag\"\n",
        &[],
        &[&["`cmi5.rules`", "`9.9.9`", "t.toml", "/cmi5/v1/rules"]],
    );
    check_problems("[cmi5.ruels]\n", &[], &[&["`cmi5.ruels`", "`cmi5.rules`"]]);
}

#[test]
fn secrets_are_not_shown() {
    let Problems(problems) =
        loaded("[bootstrap]\nkey = \"k\"\nsecret = \"hush\"\n", &[]).expect_err("it is too short");
    assert!(!problems.concat().contains("hush"), "{problems:?}");
    let Problems(problems) =
        loaded("[bootstrap]\nkey = \"k\"\nsecret = 5511\n", &[]).expect_err("it is a number");
    assert!(!problems.concat().contains("5511"), "{problems:?}");
    let loaded = loaded("[bootstrap]\nkey = \"k\"\nsecret = \"hush-hush\"\n", &[]).expect("right");
    let shown = in_force(&loaded.config, |path| loaded.origin(path));
    assert!(shown.contains("secret = \"********\"  # "), "{shown}");
    assert!(!shown.contains("hush"), "{shown}");
    assert!(!format!("{:?}", loaded.config).contains("hush"));
}

#[test]
fn the_container_file_is_right() {
    let text = include_str!("../../../../config/docker.toml");
    let config = loaded(text, &[])
        .expect("config/docker.toml is right")
        .config;
    assert!(
        config.http.bind.ip().is_unspecified(),
        "a container listens at all its addresses"
    );
}
