use std::collections::HashSet;

use serde_json::Value;

use super::{Family, Generator, Ids, Sample};

const FAMILIES: [Family; 5] = [
    Family::Cmi5,
    Family::Plain,
    Family::Content,
    Family::Mixed,
    Family::Vle,
];

#[test]
fn every_family_writes_statements_that_say_what_the_sample_says() {
    for family in FAMILIES {
        for sample in Generator::new(7, family, Ids::Client).take(2_000) {
            let value: Value = serde_json::from_str(&sample.text).expect(&sample.text);
            assert_eq!(
                value["id"].as_str(),
                sample.id.map(|id| id.to_string()).as_deref()
            );
            assert_eq!(value["verb"]["id"], sample.verb);
            assert_eq!(value["object"]["id"], sample.activity.as_str());
            let registration = sample.registration.map(|id| id.to_string());
            assert_eq!(
                value["context"]["registration"].as_str(),
                registration.as_deref()
            );
            assert_eq!(
                value["actor"],
                serde_json::from_str::<Value>(&sample.actor).expect(&sample.actor)
            );
        }
    }
}

#[test]
fn every_statement_is_valid_in_both_versions() {
    let limits = xapi::Limits::default();
    for version in [xapi::Version::V1_0_3, xapi::Version::V2_0_0] {
        for family in FAMILIES {
            for sample in Generator::new(8, family, Ids::Client).take(500) {
                if let Err(violations) = xapi::statement::parse_one(&sample.text, version, &limits)
                {
                    panic!("{violations:?}\n{}", sample.text);
                }
            }
        }
    }
}

#[test]
fn cmi5_statements_are_as_long_as_real_ones() {
    let lengths: usize = Generator::new(1, Family::Cmi5, Ids::Client)
        .take(10_000)
        .map(|sample| sample.text.len())
        .sum();
    let mean = lengths / 10_000;
    assert!((1_200..1_500).contains(&mean), "{mean} bytes on average");
}

#[test]
fn the_same_seed_gives_the_same_statements_and_another_seed_others() {
    let texts = |seed| -> Vec<String> {
        Generator::new(seed, Family::Mixed, Ids::Client)
            .take(500)
            .map(|sample| sample.text)
            .collect()
    };
    assert_eq!(texts(3), texts(3));
    let first: HashSet<String> = texts(3).into_iter().collect();
    assert!(texts(4).iter().all(|text| !first.contains(text)));
}

#[test]
fn the_lrs_is_left_to_make_ids_when_asked() {
    for sample in Generator::new(5, Family::Mixed, Ids::Lrs).take(200) {
        assert!(sample.id.is_none());
        let value: Value = serde_json::from_str(&sample.text).expect(&sample.text);
        assert!(value.get("id").is_none());
    }
}

#[test]
fn parts_are_the_same_each_time_share_their_organisation_and_no_statement() {
    let part = |number| -> Vec<Sample> {
        Generator::part(3, number, Family::Plain, Ids::Client)
            .take(3_000)
            .collect()
    };
    let (one, again, other) = (part(1), part(1), part(2));
    let ids = |samples: &[Sample]| -> HashSet<_> { samples.iter().map(|one| one.id).collect() };
    assert_eq!(ids(&one), ids(&again));
    assert!(ids(&one).is_disjoint(&ids(&other)));
    let related = |samples: &[Sample]| -> HashSet<_> {
        samples.iter().map(|one| one.related.clone()).collect()
    };
    assert!(!related(&one).is_disjoint(&related(&other)));
}

#[test]
fn plain_statements_are_none_of_cmi5_and_fill_pages_of_a_registration() {
    let mut counts = std::collections::HashMap::new();
    for sample in Generator::part(3, 0, Family::Plain, Ids::Client).take(10_000) {
        assert!(!sample.text.contains("w3id.org/xapi/cmi5/context"));
        *counts.entry(sample.registration).or_insert(0) += 1;
    }
    let long = counts.values().filter(|count| **count >= 50).count();
    assert!(long * 2 > counts.len(), "{long} of {}", counts.len());
}
