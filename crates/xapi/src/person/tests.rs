use super::*;
use crate::query::IdentityKind;

#[test]
fn a_person_lists_what_is_known() {
    for (name, ifi, names, expected) in [
        (
            None,
            Ifi::Mbox("mailto:a@b.c".into()),
            vec![],
            r#"{"objectType":"Person","name":[],"mbox":["mailto:a@b.c"],"mbox_sha1sum":[],"openid":[],"account":[]}"#,
        ),
        (
            Some("A \"B\""),
            Ifi::Account {
                home_page: "http://h".into(),
                name: "n\\".into(),
            },
            vec!["C", "A \"B\"", "C"],
            r#"{"objectType":"Person","name":["A \"B\"","C"],"mbox":[],"mbox_sha1sum":[],"openid":[],"account":[{"homePage":"http://h","name":"n\\"}]}"#,
        ),
        (
            None,
            Ifi::OpenId("http://o".into()),
            vec!["O"],
            r#"{"objectType":"Person","name":["O"],"mbox":[],"mbox_sha1sum":[],"openid":["http://o"],"account":[]}"#,
        ),
        (
            None,
            Ifi::MboxSha1sum("ab".into()),
            vec![],
            r#"{"objectType":"Person","name":[],"mbox":[],"mbox_sha1sum":["ab"],"openid":[],"account":[]}"#,
        ),
    ] {
        let agent = Identity {
            kind: IdentityKind::Agent,
            name: name.map(str::to_owned),
            ifi,
        };
        let names: Vec<String> = names.into_iter().map(str::to_owned).collect();
        assert_eq!(person(&agent, &names), expected);
    }
}
