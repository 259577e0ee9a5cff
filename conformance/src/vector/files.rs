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
];
