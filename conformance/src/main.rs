//! `tessera-conformance`: tries any learning record store and prints a table by requirement.

use std::collections::BTreeMap;
use std::process::ExitCode;

use clap::Parser;
use conformance::http::Http;
use conformance::run::Verdict;
use conformance::subject::{Key, Kind, Subject};
use conformance::transport::Transport;
use conformance::vector::{Account, versions};
use conformance::{catalogue, report, run, vector};
use xapi::Version;

/// Tries a learning record store on what xAPI demands. It writes statements and documents there.
#[derive(Parser)]
#[command(disable_version_flag = true)]
struct Arguments {
    /// The xAPI endpoint, such as `http://127.0.0.1:8080/xapi`.
    #[arg(long)]
    endpoint: String,
    /// User of HTTP Basic.
    #[arg(long)]
    key: String,
    /// Password of HTTP Basic.
    #[arg(long)]
    secret: String,
    /// `1.0.3` or `2.0.0`; both if it is left out.
    #[arg(long = "version")]
    version_tried: Option<String>,
    /// Only cases whose file, name or ids contain this.
    #[arg(long, default_value = "")]
    filter: String,
    /// Expects Tessera's own behaviour too: what its refusals name.
    #[arg(long)]
    tessera: bool,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let tried = match arguments.version_tried.as_deref() {
        None => Version::ALL.to_vec(),
        Some(name) => match versions::by_name(name) {
            Some(version) => vec![version],
            None => {
                eprintln!("`{name}` is no version: expected `1.0.3` or `2.0.0`");
                return ExitCode::from(2);
            }
        },
    };
    let Some(subject) = subject(&arguments) else {
        let endpoint = &arguments.endpoint;
        eprintln!(
            "`{endpoint}` is no endpoint: expected a URL such as `http://127.0.0.1:8080/xapi`"
        );
        return ExitCode::from(2);
    };
    let (files, bases, requirements) = (vector::load(), vector::bases(), catalogue::all());
    let mut failed = false;
    for version in tried {
        let outcomes = run::run(&files, &bases, &subject, version, &arguments.filter);
        println!("xAPI {}\n", version.announced());
        println!("{}", report::table(&requirements, &outcomes));
        let of = |wanted: fn(&Verdict) -> bool| {
            outcomes
                .iter()
                .filter(|outcome| wanted(&outcome.verdict))
                .count()
        };
        let failures = of(|verdict| matches!(verdict, Verdict::Failed(_)));
        println!(
            "{} cases passed, {failures} failed, {} not run\n",
            of(|verdict| *verdict == Verdict::Passed),
            of(|verdict| matches!(verdict, Verdict::NotRun(_))),
        );
        failed |= failures > 0;
    }
    if failed {
        ExitCode::FAILURE
    } else {
        ExitCode::SUCCESS
    }
}

fn subject(arguments: &Arguments) -> Option<Subject> {
    let endpoint = arguments.endpoint.trim_end_matches('/');
    let (scheme, rest) = endpoint.split_once("://")?;
    let (host, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    let owner = Key {
        key: arguments.key.clone(),
        secret: arguments.secret.clone(),
    };
    Some(Subject {
        kind: if arguments.tessera {
            Kind::Tessera
        } else {
            Kind::Any
        },
        transport: Transport::Http(Http::new(format!("{scheme}://{host}"))),
        base_path: path.to_owned(),
        keys: BTreeMap::from([(Account::Owner, owner)]),
        policies: BTreeMap::new(),
    })
}
