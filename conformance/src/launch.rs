//! One launch as an LMS makes it: its launch data, its statements, and the names that stand for its values: `$session`,
//! `$registration`, `$activity`, `$publisher`, `$learner`, `$agent`, `$course`, `$waiver` (the session id of a waiver),
//! `$auth` once a token was fetched, `$this` for the id of each statement in turn, and `$s1`, `$s2` … for those of the
//! first, the second …  `$t0` to `$t95` are timestamps a minute apart, `$u0` to `$u95` the same without a zone;
//! statements that are not changed have `$t5`, `$t10` …

use xapi::lexical::timestamp;

use crate::expect::parameter_of;
use crate::names::{self, Names};
use crate::patch::Json;
use crate::vector::session::{Bases, Launching, Part, Sent};

const MINUTE_MICROS: i64 = 60 * 1_000_000;
const MINUTES: i64 = 96;
/// Launches lie in the past, so that nothing of them comes after the request.
const AGO_MICROS: i64 = 10 * 60 * MINUTE_MICROS;
const AGENT: &str = r#"{"objectType": "Agent", "account": {"homePage": "https://lms.example.com", "name": "$learner"}}"#;

const SESSION_ID: &str = "https://w3id.org/xapi/cmi5/context/extensions/sessionid";
const EXTENSIONS: &str =
    "/context/extensions/https:~1~1w3id.org~1xapi~1cmi5~1context~1extensions~1";

/// What is launched, with everything that its statements have in common.
#[derive(Debug, Clone)]
pub struct Launch {
    /// Names and what they stand for.
    pub values: Vec<(String, String)>,
    /// The launch data, names filled in.
    pub data: Json,
    pub agent: Json,
    /// How many statements were made.
    made: usize,
}

impl Launch {
    /// A launch with new ids, or with those of an earlier one but for these parts.
    ///
    /// # Errors
    /// A change that does not fit.
    pub fn new(
        launching: &Launching,
        like: Option<(&Launch, &[Part])>,
        bases: &Bases,
    ) -> Result<Self, String> {
        let mut names = Names::default();
        let mut values = Vec::new();
        let shared = |part: Part| {
            like.filter(|(_, but)| !but.contains(&part))
                .map(|(one, _)| one)
        };
        let mut bind = |names: &mut Names, name: &str, made: &str, of: Option<&Launch>| {
            let value = match of.and_then(|of| of.value(name)) {
                Some(value) => value.to_owned(),
                None => names.fill(made)?,
            };
            names.bind(name, value.clone());
            values.push((name.to_owned(), value));
            Ok::<(), String>(())
        };
        bind(&mut names, "session", "$id_session", None)?;
        bind(&mut names, "waiver", "$id_waiver", None)?;
        bind(
            &mut names,
            "registration",
            "$id_registration",
            shared(Part::Registration),
        )?;
        bind(
            &mut names,
            "activity",
            "$iri_activity",
            shared(Part::Activity),
        )?;
        bind(
            &mut names,
            "publisher",
            "$iri_publisher",
            shared(Part::Activity),
        )?;
        bind(
            &mut names,
            "course",
            "$iri_course",
            shared(Part::Registration),
        )?;
        bind(
            &mut names,
            "learner",
            "learner-$token_learner",
            shared(Part::Agent),
        )?;
        let agent = launching.agent.as_deref().unwrap_or(AGENT);
        bind(&mut names, "agent", agent, shared(Part::Agent))?;
        let agent = names.fill("$agent")?;
        let mut data = Json::parse(&bases.data)?;
        for line in &launching.data {
            data.apply(line)?;
        }
        let data = Json::parse(&names.fill(&data.to_text())?)?;
        let session = data
            .at("/contextTemplate/extensions")
            .and_then(|all| all.member(SESSION_ID));
        if let Some(session) = session.and_then(Json::as_string) {
            bind(&mut names, "session", &session.replace('$', "$$"), None)?;
        }
        values.extend(times(names::now() - AGO_MICROS));
        Ok(Self {
            values,
            data,
            agent: Json::parse(&agent)?,
            made: 0,
        })
    }

    /// A launch that a server made: what its URL and its launch data say.
    ///
    /// # Errors
    /// A parameter that is missing, or launch data that are none.
    pub fn adopted(url: &str, data: &str) -> Result<Self, String> {
        let data = Json::parse(data)?;
        let parameter = |name: &str| {
            parameter_of(url, name).ok_or_else(|| format!("the launch URL lacks `{name}`: {url}"))
        };
        let agent = parameter("actor")?;
        let session = data
            .at("/contextTemplate/extensions")
            .and_then(|all| all.member(SESSION_ID))
            .and_then(Json::as_string)
            .ok_or("the launch data have no session id")?;
        let publisher = data.at("/contextTemplate/contextActivities/grouping/0/id");
        let publisher = publisher.and_then(Json::as_string).unwrap_or_default();
        let mut values = vec![
            ("session".to_owned(), session),
            ("publisher".to_owned(), publisher),
            ("registration".to_owned(), parameter("registration")?),
            ("activity".to_owned(), parameter("activityId")?),
            ("agent".to_owned(), agent.clone()),
        ];
        values.extend(times(names::now()));
        Ok(Self {
            values,
            data,
            agent: Json::parse(&agent)?,
            made: 0,
        })
    }

    /// What a name stands for. The last binding holds.
    #[must_use]
    pub fn value(&self, name: &str) -> Option<&str> {
        let mut values = self.values.iter().rev();
        let (_, value) = values.find(|(known, _)| known == name)?;
        Some(value)
    }

    pub fn set(&mut self, name: &str, value: String) {
        self.values.push((name.to_owned(), value));
    }

    /// Binds the names, each with this before it.
    pub fn bind(&self, prefix: &str, names: &mut Names) {
        for (name, value) in &self.values {
            names.bind(&format!("{prefix}{name}"), value.clone());
        }
    }

    /// The text of the next statement.
    ///
    /// # Errors
    /// No such base, a change that does not fit, or a name that nothing is bound to.
    pub fn statement(
        &mut self,
        sent: &Sent,
        bases: &Bases,
        names: &mut Names,
    ) -> Result<String, String> {
        let base = &sent.base;
        let text = bases.statements.get(base);
        let text = text.ok_or_else(|| format!("`{base}` is no statement of cmi5"))?;
        let mut statement = Json::parse(text)?;
        let wrong = || format!("`{base}` is no statement");
        statement
            .set("/actor", self.agent.clone())
            .ok_or_else(wrong)?;
        if statement.at("/context").is_some() {
            self.complete(base, &mut statement)?;
        }
        for line in &sent.changes {
            match line.strip_prefix("-? ") {
                Some(pointer) => drop(statement.remove(pointer)),
                None if line.is_empty() => {}
                None => statement.apply(line)?,
            }
        }
        self.made += 1;
        let id = Names::default().fill("$id_this")?;
        self.set(&format!("s{}", self.made), id.clone());
        self.set("this", id);
        let time = self.value(&format!("t{}", self.made * 5));
        self.set("time", time.ok_or("too many statements")?.to_owned());
        self.bind("", names);
        names.fill(&statement.to_text())
    }

    /// Adds what the launch puts into the context of its statements: the template, and what repeats its data.
    fn complete(&self, base: &str, statement: &mut Json) -> Result<(), String> {
        let wrong = || format!("`{base}` is no statement");
        if let Some(template) = self.data.at("/contextTemplate") {
            let context = statement.at_mut("/context").ok_or_else(wrong)?;
            context.take_what_lacks(template);
        }
        let extensions: &[(&str, &str)] = match base {
            "launched" => &[
                ("masteryscore", "/masteryScore"),
                ("launchmode", "/launchMode"),
                ("moveon", "/moveOn"),
                ("launchparameters", "/launchParameters"),
            ],
            "passed" | "failed" => &[("masteryscore", "/masteryScore")],
            _ => &[],
        };
        for (extension, pointer) in extensions {
            if let Some(value) = self.data.at(pointer) {
                let at = format!("{EXTENSIONS}{extension}");
                statement.set(&at, value.clone()).ok_or_else(wrong)?;
            }
        }
        Ok(())
    }
}

/// `$t0`, `$u0` and so on.
fn times(start: i64) -> impl Iterator<Item = (String, String)> {
    (0..MINUTES).flat_map(move |minute| {
        let at = timestamp::render(start + minute * MINUTE_MICROS);
        let bare = at.trim_end_matches('Z').to_owned();
        [(format!("t{minute}"), at), (format!("u{minute}"), bare)]
    })
}
