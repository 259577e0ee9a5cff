//! Documents made to cost: refused, and cheaply.

use std::fmt::Write;

use super::fixture::{au, course, faults, one_au, told, with_after};
use crate::course::{DEPTH_MAX, Limits, parse};

fn refused(document: &str) -> Vec<String> {
    told(&faults(document.as_bytes(), &Limits::default()))
}

#[test]
fn entities_are_never_declared() {
    let mut bomb = String::from("<!DOCTYPE courseStructure [<!ENTITY e0 \"ha\">");
    for n in 1..100 {
        write!(bomb, "<!ENTITY e{n} \"&e{};&e{};\">", n - 1, n - 1).expect("a string takes it");
    }
    bomb.push_str("]>");
    bomb.push_str(&with_after("<entitlementKey>&e99;</entitlementKey>"));
    assert_eq!(refused(&bomb), ["13.2.0.0-1 "]);

    let long = "x".repeat(100_000);
    let quadratic = format!("<!DOCTYPE a [<!ENTITY e \"{long}\">]>");
    let uses = "&e;".repeat(100_000);
    let quadratic = quadratic + &with_after(&format!("<entitlementKey>{uses}</entitlementKey>"));
    assert_eq!(refused(&quadratic), ["13.2.0.0-1 "]);

    for subset in [
        "<!DOCTYPE a []>",
        "<!DOCTYPE a SYSTEM 'x' [<!ENTITY % p SYSTEM 'file:///etc/passwd'> %p;]>",
        "<!DOCTYPE a PUBLIC \"-//[\" '>' [<!ATTLIST au moveOn CDATA 'Passed'>]>",
        "<!-- [ --><?a [?><!DOCTYPE a [<!ENTITY x 'y'>]>",
    ] {
        assert_eq!(refused(&format!("{subset}{}", one_au(""))), ["13.2.0.0-1 "]);
    }
}

#[test]
fn deep_nesting() {
    for element in ["block", "x:a"] {
        for depth in [DEPTH_MAX, 100_000] {
            let open = format!("<{element}>").repeat(depth);
            let close = format!("</{element}>").repeat(depth);
            let document = format!("<a xmlns:x='urn:x'>{open}{close}</a>");
            assert_eq!(refused(&document), ["13.2/limit "]);
            assert_eq!(refused(&format!("<a>{open}")), ["13.2/limit "]);
        }
    }
    let depth = DEPTH_MAX - 2;
    let deep = |depth: usize| {
        let nested = format!("{}{}", "<x:a>".repeat(depth), "</x:a>".repeat(depth));
        with_after(&nested).replacen("<au", "<au xmlns:x='urn:x'", 1)
    };
    assert!(parse(deep(depth).as_bytes(), &Limits::default()).is_ok());
    assert_eq!(refused(&deep(depth + 1)), ["13.2/limit "]);
}

/// The deepest course that is accepted can be stored as JSON, read again, written and listed.
#[test]
fn the_deepest_course_can_be_stored() {
    let mut inner = au(0, "", "https://example.com/", "");
    for n in 0..46 {
        let texts = super::fixture::TEXTS;
        inner = format!("<block id='urn:b{n}'>{texts}{inner}</block>");
    }
    let structure = super::fixture::accepted(&course(&inner));
    let json = serde_json::to_string(&structure).expect("it is data");
    assert_eq!(
        serde_json::from_str::<crate::course::Structure>(&json).expect("it was written so"),
        structure
    );
    let inner = format!("<block id='urn:b'>{}{inner}</block>", super::fixture::TEXTS);
    assert_eq!(refused(&course(&inner)), ["13.2/limit "]);
}

#[test]
fn many_attributes_and_namespaces() {
    let mut attributes = String::new();
    for n in 0..500_000 {
        write!(attributes, " a{n}=''").unwrap();
    }
    assert_eq!(refused(&one_au(&attributes)), ["13.2/limit "]);

    let mut declarations = String::new();
    for n in 0..90 {
        write!(declarations, " xmlns:n{n}='urn:{n}'").unwrap();
    }
    let nested: String = (0..40)
        .map(|n| format!("<x:a{}>", declarations.replace(":n", &format!(":n{n}-"))))
        .collect();
    let many = "<x:b xmlns:y='urn:y'/>".repeat(100_000);
    let document = with_after(&format!("{nested}{many}{}", "</x:a>".repeat(40)));
    assert_eq!(
        refused(&document.replacen("<au", "<au xmlns:x='urn:x'", 1)),
        ["13.2/limit "]
    );
}

#[test]
fn limits() {
    let check = |limits: Limits, document: &str, expected: &str| {
        assert_eq!(told(&faults(document.as_bytes(), &limits)), [expected]);
    };
    let document = course(
        &[0, 1, 2]
            .map(|n| au(n, "", "https://example.com/", ""))
            .concat(),
    );
    let elements = document.matches("</").count();
    let limits = |aus_max, elements_max, bytes_max| Limits {
        aus_max,
        elements_max,
        bytes_max,
        ..Limits::default()
    };
    assert!(parse(document.as_bytes(), &limits(3, elements, document.len())).is_ok());
    check(
        limits(2, elements, document.len()),
        &document,
        "13.2/limit /courseStructure/au[3]",
    );
    check(
        limits(3, elements - 1, document.len()),
        &document,
        "13.2/limit ",
    );
    check(
        limits(3, elements, document.len() - 1),
        &document,
        "13.2/limit ",
    );

    let text_bytes_max = 50;
    let short = || Limits {
        text_bytes_max,
        ..Limits::default()
    };
    let long = "x".repeat(text_bytes_max + 1);
    for (document, pointer) in [
        (
            one_au(&format!("activityType='urn:{long}'")),
            "/@activityType",
        ),
        (
            with_after(&format!("<launchParameters>{long}</launchParameters>")),
            "/launchParameters",
        ),
        (
            with_after(&format!(
                "<entitlementKey><![CDATA[{long}]]></entitlementKey>"
            )),
            "/entitlementKey",
        ),
        (
            one_au("").replacen(">T<", &format!(">{long}<"), 2),
            "/title/langstring[1]",
        ),
    ] {
        let found = told(&faults(document.as_bytes(), &short()));
        assert!(
            found
                .iter()
                .any(|told| told.starts_with("13.2/limit") && told.ends_with(pointer)),
            "{found:?}"
        );
    }
}

#[test]
fn faults_are_counted_beyond_their_number() {
    let many = "<colour/>".repeat(1000);
    let limits = Limits {
        faults_max: 7,
        ..Limits::default()
    };
    let found = faults(with_after(&many).as_bytes(), &limits);
    assert_eq!(found.len(), 8);
    assert_eq!(found[7].violation.got, "993 more");
}

#[test]
fn broken_markup_ends() {
    for end in [
        "<",
        "<!--",
        "<![CDATA[",
        "<?",
        "<!DOCTYPE",
        "<a b='",
        "</",
        "<!DOCTYPE a [",
        "&",
        "&#0;",
    ] {
        let document = one_au("").replace("</courseStructure>", end);
        assert!(
            parse(document.as_bytes(), &Limits::default()).is_err(),
            "{end}"
        );
        assert!(parse(end.as_bytes(), &Limits::default()).is_err(), "{end}");
    }
}
