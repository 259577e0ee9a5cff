//! The files of vectors, compiled in so that the binary needs none. A test compares the list with the directory.

pub(super) const BASES: &str = include_str!("../../vectors/bases.toml");

pub(super) const FILES: &[(&str, &str)] = &[
    (
        "statement/formatting.toml",
        include_str!("../../vectors/statement/formatting.toml"),
    ),
    (
        "statement/duplicates.toml",
        include_str!("../../vectors/statement/duplicates.toml"),
    ),
    (
        "statement/actors.toml",
        include_str!("../../vectors/statement/actors.toml"),
    ),
    (
        "statement/objects.toml",
        include_str!("../../vectors/statement/objects.toml"),
    ),
    (
        "statement/definitions.toml",
        include_str!("../../vectors/statement/definitions.toml"),
    ),
    (
        "statement/results.toml",
        include_str!("../../vectors/statement/results.toml"),
    ),
    (
        "statement/contexts.toml",
        include_str!("../../vectors/statement/contexts.toml"),
    ),
    (
        "statement/attachments.toml",
        include_str!("../../vectors/statement/attachments.toml"),
    ),
    (
        "statement/special.toml",
        include_str!("../../vectors/statement/special.toml"),
    ),
    (
        "statement/participants.toml",
        include_str!("../../vectors/statement/participants.toml"),
    ),
    ("exchange/activity_profile.toml", include_str!("../../vectors/exchange/activity_profile.toml")),
    ("exchange/agent_profile.toml", include_str!("../../vectors/exchange/agent_profile.toml")),
    ("exchange/alternate.toml", include_str!("../../vectors/exchange/alternate.toml")),
    ("exchange/attachments.toml", include_str!("../../vectors/exchange/attachments.toml")),
    ("exchange/concurrency.toml", include_str!("../../vectors/exchange/concurrency.toml")),
    ("exchange/formats.toml", include_str!("../../vectors/exchange/formats.toml")),
    ("exchange/limits.toml", include_str!("../../vectors/exchange/limits.toml")),
    ("exchange/protocol.toml", include_str!("../../vectors/exchange/protocol.toml")),
    ("exchange/queries.toml", include_str!("../../vectors/exchange/queries.toml")),
    ("exchange/references.toml", include_str!("../../vectors/exchange/references.toml")),
    ("exchange/resources.toml", include_str!("../../vectors/exchange/resources.toml")),
    ("exchange/state.toml", include_str!("../../vectors/exchange/state.toml")),
    ("exchange/statements.toml", include_str!("../../vectors/exchange/statements.toml")),
];
