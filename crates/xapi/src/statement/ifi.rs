//! Inverse functional identifiers as plain text.

use super::Ifi;

impl Ifi<'_> {
    /// A text that two identifiers share exactly when they are the same, for keys and comparisons:
    /// `mbox:mailto:…`, `mbox_sha1sum:…`, `openid:…`, `account:homePage|name`. An IRI holds no `|`, so the first one
    /// ends the home page. Nothing is normalised.
    #[must_use]
    pub fn canonical(&self) -> String {
        match self {
            Ifi::Mbox(mbox) => format!("mbox:{mbox}"),
            Ifi::MboxSha1sum(sha1) => format!("mbox_sha1sum:{sha1}"),
            Ifi::OpenId(openid) => format!("openid:{openid}"),
            Ifi::Account { home_page, name } => format!("account:{home_page}|{name}"),
        }
    }

    /// The identifier of which this is [`Ifi::canonical`].
    #[must_use]
    pub fn from_canonical(text: &str) -> Option<Ifi<'_>> {
        let (kind, value) = text.split_once(':')?;
        match kind {
            "mbox" => Some(Ifi::Mbox(value.into())),
            "mbox_sha1sum" => Some(Ifi::MboxSha1sum(value.into())),
            "openid" => Some(Ifi::OpenId(value.into())),
            "account" => {
                let (home_page, name) = value.split_once('|')?;
                Some(Ifi::Account {
                    home_page: home_page.into(),
                    name: name.into(),
                })
            }
            _ => None,
        }
    }
}
