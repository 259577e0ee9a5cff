use super::*;

fn check(text: &str, adds: Adds) {
    let content = Content {
        id: Uuid::from_u128(0x6690_e6c9_3ef0_4ed3_8b37_7f30_64ba_d01a),
        text: text.to_owned(),
        authority: r#"{"mbox":"mailto:lrs@example.com"}"#.to_owned(),
        adds,
        linked_contents: adds.timestamp,
    };
    let dictionaries = Dictionaries::shipped();
    let record = dictionaries.encode(&content.as_ref());
    assert_eq!(
        dictionaries.decode(&record).as_ref(),
        Ok(&content),
        "{text}"
    );
}

#[test]
fn a_record_gives_back_every_byte() {
    let adds = [
        Adds::default(),
        Adds {
            id: true,
            timestamp: false,
            version: AddsVersion::V1_0_0,
        },
        Adds {
            id: false,
            timestamp: true,
            version: AddsVersion::V2_0_0,
        },
    ];
    let texts = [
        "",
        "{}",
        r#"{"id":"6690e6c9-3ef0-4ed3-8b37-7f3064bad01a","a":1.50}"#,
        "6690e6c9-3ef0-4ed3-8b37-7f3064bad01a",
        r#"{"id":"6690E6C9-3EF0-4ED3-8B37-7F3064BAD01A"}"#,
        r#"{"ü":"6690e6c9-3ef0-4ed3-8b37-7f3064bad01a 6690e6c9-3ef0-4ed3-8b37-7f3064bad01a"}"#,
    ];
    for text in texts {
        for adds in adds {
            check(text, adds);
        }
    }
    check(&"a long text ".repeat(100_000), Adds::default());
}

#[test]
fn damage_is_an_error() {
    let content = Content {
        id: Uuid::from_u128(7),
        text: "x".repeat(300),
        authority: "{}".to_owned(),
        adds: Adds::default(),
        linked_contents: false,
    };
    let dictionaries = Dictionaries::shipped();
    let record = dictionaries.encode(&content.as_ref());
    for length in 0..record.len() {
        assert!(
            dictionaries.decode(&record[..length]).is_err(),
            "cut to {length}"
        );
    }
    for (place, value, part) in [
        (0, 9, "version"),
        (1, 200, "dictionary 200"),
        (2, 0b1100, "lengths"),
    ] {
        let mut damaged = record.clone();
        damaged[place] = value;
        assert!(
            dictionaries
                .decode(&damaged)
                .is_err_and(|detail| detail.contains(part)),
            "byte {place}"
        );
    }
}
