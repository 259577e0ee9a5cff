//! `If-Match` and `If-None-Match` (Communication 3.1).

use storage::Document;

use crate::Error;

/// `If-Match` and `If-None-Match` of a request.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Preconditions {
    pub if_match: Option<EtagCondition>,
    pub if_none_match: Option<EtagCondition>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EtagCondition {
    /// `*`: any document.
    Any,
    /// Opaque tags without their quotes; weak ones count like strong ones.
    OneOf(Vec<String>),
}

impl EtagCondition {
    /// Reads the value of either header. Tags without quotes are taken too: clients send them.
    #[must_use]
    pub fn parse(value: &str) -> Self {
        if value.trim() == "*" {
            return EtagCondition::Any;
        }
        let tags = value.split(',').map(|tag| {
            let tag = tag.trim();
            tag.strip_prefix("W/")
                .unwrap_or(tag)
                .trim_matches('"')
                .to_owned()
        });
        EtagCondition::OneOf(tags.collect())
    }

    fn holds(&self, document: Option<&Document>) -> bool {
        match (self, document) {
            (_, None) => false,
            (EtagCondition::Any, Some(_)) => true,
            (EtagCondition::OneOf(tags), Some(document)) => {
                let own = hex::encode(document.etag);
                tags.iter().any(|tag| tag.eq_ignore_ascii_case(&own))
            }
        }
    }
}

impl Preconditions {
    /// # Errors
    /// [`Error::PreconditionFailed`], which says what the ETag is.
    pub(super) fn check(&self, stored: Option<&Document>) -> Result<(), Error> {
        let now = match stored {
            None => "there is no such document".to_owned(),
            Some(document) => format!("the document's ETag is \"{}\"", hex::encode(document.etag)),
        };
        if self
            .if_match
            .as_ref()
            .is_some_and(|condition| !condition.holds(stored))
        {
            return Err(Error::PreconditionFailed(format!(
                "`If-Match` does not hold: {now}"
            )));
        }
        if self
            .if_none_match
            .as_ref()
            .is_some_and(|condition| condition.holds(stored))
        {
            return Err(Error::PreconditionFailed(format!(
                "`If-None-Match` does not hold: {now}"
            )));
        }
        Ok(())
    }
}
