//! The Activities resource (xAPI 1.0.3 Communication 2.5).

use crate::credential::Permission;
use crate::{Caller, Error, Lrs, known};

/// The Activity with its merged definition, as JSON; one that was never seen has its id alone.
///
/// # Errors
/// [`Error::Forbidden`], and when the store cannot be read.
pub fn get(lrs: &Lrs, caller: &Caller, activity: &str) -> Result<String, Error> {
    caller.needs(Permission::ReadDefinitions)?;
    let id = serde_json::Value::from(activity);
    Ok(
        match known::definition(&lrs.store, caller.tenant(), activity)? {
            Some(definition) => {
                format!(r#"{{"objectType":"Activity","id":{id},"definition":{definition}}}"#)
            }
            None => format!(r#"{{"objectType":"Activity","id":{id}}}"#),
        },
    )
}
