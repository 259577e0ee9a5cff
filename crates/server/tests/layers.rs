//! The layers: which crate may know which, and what the pure crates may use. Read from `cargo metadata`,
//! so that a wrong line in any Cargo.toml fails here. docs/ARCHITECTURE.md says why.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use cargo_metadata::{CargoOpt, Dependency, DependencyKind, Metadata, MetadataCommand, Package};

/// The crates of the workspace that a crate may use, tests included.
const EDGES: &[(&str, &[&str])] = &[
    ("xapi", &[]),
    ("cmi5", &["xapi"]),
    ("storage", &["xapi", "cmi5"]),
    ("lrs", &["storage", "cmi5", "xapi"]),
    ("server", &["lrs", "cmi5", "xapi", "storage"]),
    ("conformance", &["server", "lrs", "storage", "cmi5", "xapi"]),
    (
        "benches",
        &["conformance", "server", "lrs", "storage", "cmi5", "xapi"],
    ),
];

/// Outside crates (by the beginning of their name) that only these crates may use.
const CONFINED: &[(&str, &[&str])] = &[
    ("actix", &["server", "conformance", "benches"]),
    ("awc", &["server", "conformance", "benches"]),
    ("ureq", &["server", "conformance", "benches"]),
    ("clap", &["server", "conformance", "benches"]),
    ("tracing-subscriber", &["server", "conformance", "benches"]),
    ("rocksdb", &["storage", "benches"]),
    ("librocksdb", &["storage"]),
    ("zstd", &["storage", "benches"]),
    ("sqlx", &["storage"]),
    ("tokio-postgres", &["storage"]),
];

/// Everything that the pure crates may use: no async, clock, randomness, files or logging among it.
const PURE: &[(&str, &[&str])] = &[
    (
        "xapi",
        &[
            "base64",
            "chrono",
            "jsonwebtoken",
            "oxilangtag",
            "oxiri",
            "percent-encoding",
            "serde",
            "serde_json",
            "sha2",
            "uuid",
            "x509-cert",
        ],
    ),
    (
        "cmi5",
        &[
            "chrono",
            "jsonschema",
            "oxilangtag",
            "percent-encoding",
            "roxmltree",
            "schemars",
            "serde",
            "serde_json",
            "uuid",
        ],
    ),
];

/// Features that would give a pure crate a clock or randomness.
const IMPURE_FEATURES: &[(&str, &[&str])] = &[
    (
        "chrono",
        &["clock", "now", "default", "iana-time-zone", "wasmbind"],
    ),
    ("uuid", &["v1", "v4", "v6", "v7", "fast-rng", "rng"]),
];

/// What no pure crate may reach, however far down.
const NEVER_UNDER_PURE: &[&str] = &["tokio", "mio", "tracing", "log4rs", "socket2", "async-std"];

/// Offline and for this platform only: what cargo has fetched to build this test is enough.
fn metadata() -> Metadata {
    MetadataCommand::new()
        .manifest_path(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../Cargo.toml"))
        .features(CargoOpt::AllFeatures)
        .other_options(
            [
                "--offline",
                "--locked",
                "--filter-platform",
                "x86_64-unknown-linux-gnu",
            ]
            .map(String::from)
            .to_vec(),
        )
        .exec()
        .expect("cargo metadata answers for the workspace that this test was built from")
}

fn workspace(metadata: &Metadata) -> BTreeMap<String, Package> {
    let packages = metadata.workspace_packages();
    packages
        .into_iter()
        .map(|package| (package.name.to_string(), package.clone()))
        .collect()
}

/// A crate may test itself with what it may not ship with, except for crates of the workspace.
fn shipped(package: &Package) -> impl Iterator<Item = &Dependency> {
    package
        .dependencies
        .iter()
        .filter(|dependency| dependency.kind != DependencyKind::Development)
}

fn lookup<'a>(table: &[(&str, &'a [&'a str])], name: &str) -> &'a [&'a str] {
    table
        .iter()
        .find(|(key, _)| *key == name)
        .map_or(&[], |(_, values)| values)
}

fn check(broken: Vec<String>) {
    assert!(
        broken.is_empty(),
        "layers are broken:\n  {}",
        broken.join("\n  ")
    );
}

#[test]
fn every_crate_of_the_workspace_has_its_place() {
    let members: BTreeSet<String> = workspace(&metadata()).into_keys().collect();
    let placed: BTreeSet<String> = EDGES.iter().map(|(name, _)| name.to_string()).collect();
    assert_eq!(members, placed);
}

#[test]
fn crates_know_only_the_layers_below() {
    let members = workspace(&metadata());
    let mut broken = Vec::new();
    for (name, package) in &members {
        let allowed = lookup(EDGES, name);
        for dependency in &package.dependencies {
            if members.contains_key(&dependency.name)
                && !allowed.contains(&dependency.name.as_str())
            {
                broken.push(format!("`{name}` may not use `{}`", dependency.name));
            }
        }
    }
    check(broken);
}

#[test]
fn outside_crates_stay_in_their_layer() {
    let mut broken = Vec::new();
    for (name, package) in &workspace(&metadata()) {
        for dependency in shipped(package) {
            for (prefix, allowed) in CONFINED {
                let same = dependency.name == *prefix
                    || dependency.name.starts_with(&format!("{prefix}-"));
                if same && !allowed.contains(&name.as_str()) {
                    broken.push(format!("`{name}` may not use `{}`", dependency.name));
                }
            }
        }
    }
    check(broken);
}

#[test]
fn pure_crates_use_what_is_listed() {
    let members = workspace(&metadata());
    let mut broken = Vec::new();
    for (name, outside) in PURE {
        for dependency in shipped(&members[*name]) {
            let known = outside.contains(&dependency.name.as_str())
                || members.contains_key(&dependency.name);
            if !known {
                broken.push(format!(
                    "`{name}` is pure and `{}` is not listed for it",
                    dependency.name
                ));
            }
            for feature in lookup(IMPURE_FEATURES, &dependency.name) {
                let by_default = *feature == "default" && dependency.uses_default_features;
                if by_default || dependency.features.iter().any(|enabled| enabled == feature) {
                    broken.push(format!(
                        "`{name}` is pure but enables `{feature}` of `{}`",
                        dependency.name
                    ));
                }
            }
        }
    }
    check(broken);
}

#[test]
fn pure_crates_reach_no_runtime() {
    let metadata = metadata();
    let resolve = metadata
        .resolve
        .as_ref()
        .expect("metadata was asked for with its dependencies");
    let nodes: BTreeMap<_, _> = resolve.nodes.iter().map(|node| (&node.id, node)).collect();
    let mut broken = Vec::new();
    for (name, _) in PURE {
        let mut waiting = vec![workspace(&metadata)[*name].id.clone()];
        let mut seen = BTreeSet::new();
        while let Some(id) = waiting.pop() {
            let package = &metadata[&id];
            if NEVER_UNDER_PURE.contains(&package.name.as_str()) {
                broken.push(format!("`{name}` reaches `{}`", package.name));
            }
            let normal = nodes[&id].deps.iter().filter(|dependency| {
                dependency
                    .dep_kinds
                    .iter()
                    .any(|kind| kind.kind == DependencyKind::Normal)
            });
            waiting.extend(
                normal
                    .map(|dependency| dependency.pkg.clone())
                    .filter(|next| seen.insert(next.clone())),
            );
        }
    }
    check(broken);
}
