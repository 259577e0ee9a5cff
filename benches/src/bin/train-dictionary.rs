//! Trains the zstd dictionary that ships with the store, and says what it is worth on statements it has not
//! seen. A dictionary that has shipped is never trained again: a new one gets the next number.

use std::path::PathBuf;

use benches::generate::{Family, Generator, Ids};
use clap::Parser;
use zstd::bulk::Compressor;
use zstd::dict::{EncoderDictionary, from_samples};

#[derive(Parser)]
struct Args {
    /// Where to write the dictionary; without it, only measures.
    #[arg(long)]
    out: Option<PathBuf>,
    /// Measure this dictionary instead of training one.
    #[arg(long)]
    measure: Option<PathBuf>,
    #[arg(long, default_value_t = 32)]
    kib: usize,
    #[arg(long, default_value_t = 3)]
    level: i32,
}

/// Organisations whose statements are trained on, and statements of each: many small ones, so that no host name
/// or course title is worth its place.
const WORLDS: u64 = 400;
const STATEMENTS: usize = 40;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let args = Args::parse();
    let dictionary = match &args.measure {
        Some(path) => std::fs::read(path)?,
        None => train(args.kib * 1024)?,
    };
    println!(
        "dictionary: {} bytes, level {}",
        dictionary.len(),
        args.level
    );
    println!(
        "{:<44} {:>9} {:>9} {:>7} {:>9}",
        "family", "raw B", "zstd B", "ratio", "no dict B"
    );
    let cases = [
        ("cmi5, a seed not trained on", Family::Cmi5),
        ("content, a seed not trained on", Family::Content),
        ("mixed, a seed not trained on", Family::Mixed),
        ("vle, a family not trained on", Family::Vle),
    ];
    for (label, family) in cases {
        measure(label, family, &dictionary, args.level)?;
    }
    if let Some(out) = &args.out {
        std::fs::write(out, &dictionary)?;
    }
    Ok(())
}

fn train(size: usize) -> std::io::Result<Vec<u8>> {
    let mut samples = Vec::new();
    for world in 0..WORLDS {
        samples.extend(records(world, Family::Mixed, STATEMENTS));
    }
    from_samples(&samples, size)
}

/// What the store compresses of a statement: authority and text.
fn records(seed: u64, family: Family, count: usize) -> Vec<Vec<u8>> {
    let mut generator = Generator::new(seed, family, Ids::Client);
    let authority = generator.authority();
    generator
        .by_ref()
        .take(count)
        .map(|sample| [authority.as_bytes(), sample.text.as_bytes()].concat())
        .collect()
}

fn measure(label: &str, family: Family, dictionary: &[u8], level: i32) -> std::io::Result<()> {
    let prepared = EncoderDictionary::copy(dictionary, level);
    let mut with = Compressor::with_prepared_dictionary(&prepared)?;
    let mut without = Compressor::new(level)?;
    let (mut raw, mut small, mut bare, mut count) = (0, 0, 0, 0);
    for world in 1_000_000..1_000_020 {
        for record in records(world, family, 500) {
            raw += record.len();
            small += with.compress(&record)?.len();
            bare += without.compress(&record)?.len();
            count += 1;
        }
    }
    println!(
        "{label:<44} {:>9} {:>9} {:>7.1} {:>9}",
        raw / count,
        small / count,
        raw as f64 / small as f64,
        bare / count
    );
    Ok(())
}
