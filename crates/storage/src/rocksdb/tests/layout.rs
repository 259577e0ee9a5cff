//! Keys and values as `docs/storage-format.md` shows them.
