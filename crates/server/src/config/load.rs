//! Reads the configuration: defaults, then the file, then the environment. Every problem is found, not the first
//! alone, and each names key, value, expectation and where it was set.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fmt;
use std::path::{Path, PathBuf};

use serde::Deserialize as _;
use toml::{Table, Value};

use super::Config;
use super::key::{self, Key, Kind};

/// Variables that begin so set a key. `TESSERA_` alone is left to others: Kubernetes makes such variables for a
/// service named `tessera`.
pub(super) const PREFIX: &str = "TESSERA__";
const FILE_VARIABLE: &str = "TESSERA_CONFIG";
/// Read when neither argument nor variable names a file; the first that is there counts.
const FILES: [&str; 2] = ["tessera.toml", "/etc/tessera/tessera.toml"];

/// The configuration and where each value is from.
#[derive(Debug)]
pub struct Loaded {
    pub config: Config,
    pub file: Option<PathBuf>,
    origins: BTreeMap<String, Origin>,
}

impl Loaded {
    /// Where `section.key` was set; `None`: it has its default.
    #[must_use]
    pub fn origin(&self, path: &str) -> Option<String> {
        self.origins.get(path).map(ToString::to_string)
    }
}

/// What a client of a server somewhere is given by the environment: TESSERA_KEY and TESSERA_SECRET. It is no part of a
/// server's configuration.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct KeyAndSecret {
    pub key: Option<String>,
    pub secret: Option<String>,
}

impl KeyAndSecret {
    #[must_use]
    pub fn read(environment: impl IntoIterator<Item = (OsString, OsString)>) -> Self {
        let mut found = Self::default();
        for (name, value) in environment {
            let value = value.into_string().ok().filter(|value| !value.is_empty());
            match name.to_str() {
                Some("TESSERA_KEY") => found.key = value,
                Some("TESSERA_SECRET") => found.secret = value,
                Some(_) | None => {}
            }
        }
        found
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Origin {
    File(PathBuf),
    Variable(String),
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Origin::File(path) => write!(f, "{}", path.display()),
            Origin::Variable(name) => write!(f, "environment {name}"),
        }
    }
}

/// All that is wrong, one line each.
#[derive(Debug, PartialEq, Eq)]
pub struct Problems(pub Vec<String>);

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the configuration is wrong:")?;
        for problem in &self.0 {
            write!(f, "\n  {problem}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Problems {}

struct Setting {
    value: Value,
    origin: Origin,
}

/// Loads the file at `path`, or else the one that the environment names, or else the first of the usual places
/// that is there; then the variables.
///
/// # Errors
/// Every unknown key and variable and every bad value.
pub fn load(
    path: Option<&Path>,
    environment: impl IntoIterator<Item = (OsString, OsString)>,
) -> Result<Loaded, Problems> {
    let variables: Vec<(OsString, OsString)> = environment.into_iter().collect();
    let file = match path {
        Some(path) => Some(path.to_path_buf()),
        None => file_in_force(&variables),
    };
    let keys: Vec<Key> = key::sections()
        .into_iter()
        .flat_map(|section| section.keys)
        .collect();
    let mut problems = Vec::new();
    let mut settings = BTreeMap::new();
    if let Some(file) = &file {
        match read_file(file) {
            Ok(table) => add_table(&mut settings, &mut problems, &keys, table, file),
            Err(problem) => problems.push(problem),
        }
    }
    add_variables(&mut settings, &mut problems, &keys, &variables);
    let config = build(&mut settings, &mut problems, &keys);
    let origins: BTreeMap<String, Origin> = settings
        .into_iter()
        .map(|(path, setting)| (path, setting.origin))
        .collect();
    super::check::check(&config, |path, got, expected| {
        problems.push(bad_value(path, got, expected, origins.get(path)));
    });
    if problems.is_empty() {
        Ok(Loaded {
            config,
            file,
            origins,
        })
    } else {
        Err(Problems(problems))
    }
}

fn file_in_force(variables: &[(OsString, OsString)]) -> Option<PathBuf> {
    let named = variables
        .iter()
        .find(|(name, value)| name == FILE_VARIABLE && !value.is_empty())
        .map(|(_, value)| PathBuf::from(value));
    named.or_else(|| FILES.iter().map(PathBuf::from).find(|path| path.is_file()))
}

fn read_file(path: &Path) -> Result<Table, String> {
    let text = std::fs::read_to_string(path)
        .map_err(|e| format!("the file `{}` cannot be read: {e}", path.display()))?;
    text.parse().map_err(|e: toml::de::Error| {
        let line = e.span().map_or(1, |span| {
            1 + text
                .bytes()
                .take(span.start)
                .filter(|byte| *byte == b'\n')
                .count()
        });
        format!(
            "`{}` line {line} is not TOML: {}",
            path.display(),
            e.message()
        )
    })
}

fn add_table(
    settings: &mut BTreeMap<String, Setting>,
    problems: &mut Vec<String>,
    keys: &[Key],
    table: Table,
    file: &Path,
) {
    let origin = Origin::File(file.to_path_buf());
    for (section, value) in table {
        let known = key::SECTIONS.iter().any(|(name, _)| *name == section);
        match value {
            Value::Table(entries) if known => {
                for (name, value) in entries {
                    let path = format!("{section}.{name}");
                    if keys.iter().any(|key| key.path() == path) {
                        let origin = origin.clone();
                        settings.insert(path, Setting { value, origin });
                    } else {
                        problems.push(unknown(&path, &origin, keys, Key::path));
                    }
                }
            }
            _ if known => problems.push(format!(
                "`{section}` ({origin}): expected a table, `[{section}]` with keys below it"
            )),
            _ => problems.push(unknown(&section, &origin, keys, Key::path)),
        }
    }
}

fn add_variables(
    settings: &mut BTreeMap<String, Setting>,
    problems: &mut Vec<String>,
    keys: &[Key],
    variables: &[(OsString, OsString)],
) {
    for (name, value) in variables {
        let Some(name) = name.to_str().filter(|name| name.starts_with(PREFIX)) else {
            continue;
        };
        let origin = Origin::Variable(name.to_owned());
        let Some(key) = keys.iter().find(|key| key.variable() == name) else {
            problems.push(unknown(name, &origin, keys, Key::variable));
            continue;
        };
        // Compose files and charts set what they have no value for to nothing.
        if value.is_empty() {
            continue;
        }
        let path = key.path();
        let Some(text) = value.to_str() else {
            problems.push(bad_value(
                &path,
                "bytes that are no UTF-8",
                "text",
                Some(&origin),
            ));
            continue;
        };
        match variable_value(key.kind, text) {
            Ok(value) => {
                settings.insert(path, Setting { value, origin });
            }
            Err(expected) => problems.push(bad_value(&path, text, expected, Some(&origin))),
        }
    }
}

/// What a variable's text means for a key of this kind, or else what was expected.
fn variable_value(kind: Kind, text: &str) -> Result<Value, &'static str> {
    let entries = || text.split(',').map(str::trim);
    match kind {
        Kind::Text => Ok(Value::String(text.to_owned())),
        Kind::Integer => text
            .replace('_', "")
            .parse()
            .map(Value::Integer)
            .map_err(|_| "an integer"),
        Kind::Truth => text
            .parse()
            .map(Value::Boolean)
            .map_err(|_| "`true` or `false`"),
        Kind::List => {
            let entries = entries().map(|entry| Value::String(entry.to_owned()));
            Ok(Value::Array(entries.collect()))
        }
        Kind::Table => {
            let mut table = Table::new();
            for entry in entries() {
                let (name, value) = entry
                    .split_once('=')
                    .ok_or("`name=value` with commas between")?;
                let value = Value::String(value.trim().to_owned());
                table.insert(name.trim().to_owned(), value);
            }
            Ok(Value::Table(table))
        }
    }
}

/// Tries each setting by itself, so that one bad value does not hide the others, and leaves out the bad ones.
fn build(
    settings: &mut BTreeMap<String, Setting>,
    problems: &mut Vec<String>,
    keys: &[Key],
) -> Config {
    let mut whole = Table::new();
    settings.retain(|path, setting| {
        let Some((section, name)) = path.split_once('.') else {
            return false;
        };
        let entry = Table::from_iter([(name.to_owned(), setting.value.clone())]);
        let alone = Table::from_iter([(section.to_owned(), Value::Table(entry))]);
        if let Err(error) = Config::deserialize(Value::Table(alone)) {
            let secret = keys
                .iter()
                .any(|key| key.path() == *path && key.is_secret());
            // serde's messages repeat the value before they say what was expected.
            let expected = match error.message().split_once("expected ") {
                _ if secret => "text",
                Some((_, expected)) => expected,
                None => error.message(),
            };
            let got = if secret {
                super::MASK.to_owned()
            } else {
                plain(&setting.value)
            };
            problems.push(bad_value(path, &got, expected, Some(&setting.origin)));
            return false;
        }
        if let Value::Table(entries) = whole
            .entry(section)
            .or_insert_with(|| Value::Table(Table::new()))
        {
            entries.insert(name.to_owned(), setting.value.clone());
        }
        true
    });
    Config::deserialize(Value::Table(whole)).unwrap_or_else(|error| {
        problems.push(error.message().to_owned());
        Config::default()
    })
}

fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

fn bad_value(path: &str, got: &str, expected: &str, origin: Option<&Origin>) -> String {
    let origin = origin.map_or_else(|| "default".to_owned(), ToString::to_string);
    format!("`{path}` = `{got}` ({origin}): expected {expected}")
}

/// Names the known key that is written most like `path`, if one is near.
fn unknown(path: &str, origin: &Origin, keys: &[Key], spelling: fn(&Key) -> String) -> String {
    let nearest = keys
        .iter()
        .map(|key| {
            let known = spelling(key);
            let by_name = distance(path, key.name);
            (distance(path, &known).min(by_name), known)
        })
        .min();
    let hint = match nearest {
        Some((far, known)) if far <= 2 + path.len() / 4 => format!("; did you mean `{known}`?"),
        Some(_) | None => String::new(),
    };
    match origin {
        Origin::File(_) => format!("`{path}` ({origin}) is no known key{hint}"),
        Origin::Variable(_) => format!("`{path}` is no known variable{hint}"),
    }
}

/// Levenshtein's distance.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], i + 1);
        for (j, y) in b.iter().enumerate() {
            let cost = (diagonal + usize::from(x != *y))
                .min(row[j] + 1)
                .min(row[j + 1] + 1);
            diagonal = std::mem::replace(&mut row[j + 1], cost);
        }
    }
    row[b.len()]
}
