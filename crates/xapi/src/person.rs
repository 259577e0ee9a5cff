//! The Person object: what is known of an agent, every property a list (Communication 2.4).

use crate::json::write_string;
use crate::query::Identity;
use crate::statement::Ifi;

#[cfg(test)]
mod tests;

/// The Person of the agent asked for. `names` are those it is known by; the one it was asked for with comes first,
/// and each is listed once. Other identifiers are not looked for: that takes rights of its own.
#[must_use]
pub fn person(agent: &Identity, names: &[String]) -> String {
    let mut distinct: Vec<&str> = Vec::new();
    for name in agent.name.iter().chain(names) {
        if !distinct.contains(&name.as_str()) {
            distinct.push(name);
        }
    }
    let mut out = String::from(r#"{"objectType":"Person","name":["#);
    for (index, name) in distinct.iter().enumerate() {
        if index > 0 {
            out.push(',');
        }
        write_string(name, &mut out);
    }
    out.push(']');
    let (own, value) = identifier(&agent.ifi);
    for property in ["mbox", "mbox_sha1sum", "openid", "account"] {
        let value = if property == own { &*value } else { "" };
        out.push_str(",\"");
        out.push_str(property);
        out.push_str("\":[");
        out.push_str(value);
        out.push(']');
    }
    out.push('}');
    out
}

/// The property of an identifier and its JSON.
fn identifier(ifi: &Ifi<'_>) -> (&'static str, String) {
    let mut json = String::new();
    let property = match ifi {
        Ifi::Mbox(text) => {
            write_string(text, &mut json);
            "mbox"
        }
        Ifi::MboxSha1sum(text) => {
            write_string(text, &mut json);
            "mbox_sha1sum"
        }
        Ifi::OpenId(text) => {
            write_string(text, &mut json);
            "openid"
        }
        Ifi::Account { home_page, name } => {
            json.push_str("{\"homePage\":");
            write_string(home_page, &mut json);
            json.push_str(",\"name\":");
            write_string(name, &mut json);
            json.push('}');
            "account"
        }
    };
    (property, json)
}
