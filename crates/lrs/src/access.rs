//! What a session's token, and the key of an AU, may reach (sections 8.1, 10.2.1, 11 and 12 of cmi5). No policy opens
//! any of it.

use cmi5::rule;
use cmi5::vocabulary::{PROFILE_LEARNER_PREFERENCES, STATE_LAUNCH_DATA};
use storage::DocumentFolder;
use xapi::Violation;
use xapi::query::Identity;

use crate::caller::SessionOfToken;
use crate::credential::Role;
use crate::{Caller, Error, Lrs, policies, refusals, requirement};

/// What is to be done with documents of a folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Use<'u> {
    /// One document, or the list of them.
    Read,
    Write(&'u str),
    /// All documents of the folder.
    DeleteAll,
}

/// Whether the caller may do this with documents of the folder.
///
/// # Errors
/// [`Error::Forbidden`].
pub fn documents(
    lrs: &Lrs,
    caller: &Caller,
    folder: &DocumentFolder,
    wanted: Use<'_>,
) -> Result<(), Error> {
    if is_au(caller)
        && let (DocumentFolder::State { .. }, Use::Write(STATE_LAUNCH_DATA)) = (folder, wanted)
    {
        return Err(refusals::deny(
            lrs,
            caller,
            Violation::new(
                rule::LAUNCH_DATA_READ_ONLY.id,
                "stateId",
                "another document than `LMS.LaunchData`, which only the LMS writes",
                STATE_LAUNCH_DATA,
            ),
        ));
    }
    let Some(token) = &caller.session else {
        return Ok(());
    };
    match folder {
        DocumentFolder::State {
            agent,
            registration,
            ..
        } => {
            own_agent(lrs, caller, agent, rule::ACTOR_IS_LAUNCHED.id)?;
            match registration {
                Some(other) if *other != token.known.launch.registration => Err(refusals::deny(
                    lrs,
                    caller,
                    Violation::new(
                        rule::REGISTRATION_OF_DOCUMENTS.id,
                        "registration",
                        format!(
                            "the session's registration `{}`, or none",
                            token.known.launch.registration
                        ),
                        other.to_string(),
                    ),
                )),
                Some(_) | None => Ok(()),
            }
        }
        DocumentFolder::AgentProfile { agent } => {
            own_agent(lrs, caller, agent, rule::AGENT_OF_PROFILES.id)?;
            match wanted {
                Use::Write(PROFILE_LEARNER_PREFERENCES) => may_write_preferences(lrs, caller),
                Use::Read | Use::Write(_) | Use::DeleteAll => Ok(()),
            }
        }
        DocumentFolder::ActivityProfile { activity } => match wanted {
            Use::Read => Ok(()),
            Use::Write(_) | Use::DeleteAll => own_activity(lrs, caller, token, activity),
        },
    }
}

/// Whether deleting a whole folder leaves this document where it is.
#[must_use]
pub fn outlives_delete(caller: &Caller, folder: &DocumentFolder, id: &str) -> bool {
    match folder {
        DocumentFolder::State { .. } => is_au(caller) && id == STATE_LAUNCH_DATA,
        DocumentFolder::ActivityProfile { .. } | DocumentFolder::AgentProfile { .. } => false,
    }
}

/// A token asks for its own agent alone.
///
/// # Errors
/// [`Error::Forbidden`].
pub fn person(lrs: &Lrs, caller: &Caller, agent: &Identity) -> Result<(), Error> {
    match &caller.session {
        None => Ok(()),
        Some(_) => own_agent(lrs, caller, &agent.canonical(), rule::ACTOR_IS_LAUNCHED.id),
    }
}

fn is_au(caller: &Caller) -> bool {
    caller.session.is_some() || caller.credential.role == Role::Au
}

fn own_agent(lrs: &Lrs, caller: &Caller, agent: &str, id: &'static str) -> Result<(), Error> {
    if caller
        .session
        .as_ref()
        .is_none_or(|token| token.known.launch.actor == agent)
    {
        return Ok(());
    }
    Err(refusals::deny(
        lrs,
        caller,
        Violation::new(id, "agent", "the learner of the session", agent),
    ))
}

fn own_activity(
    lrs: &Lrs,
    caller: &Caller,
    token: &SessionOfToken,
    activity: &str,
) -> Result<(), Error> {
    let launch = &token.known.launch;
    if launch.activity == activity || launch.publisher.iter().any(|id| id == activity) {
        return Ok(());
    }
    Err(refusals::deny(
        lrs,
        caller,
        Violation::new(
            requirement::SCOPE,
            "activityId",
            format!("`{}` or the AU's publisher id", launch.activity),
            activity,
        ),
    ))
}

fn may_write_preferences(lrs: &Lrs, caller: &Caller) -> Result<(), Error> {
    if policies::of(lrs, caller.tenant())?.au_may_write_preferences {
        return Ok(());
    }
    // Not recorded: an AU may try, and breaks nothing when it is refused.
    Err(Error::forbidden(
        Violation::new(
            rule::PREFERENCES_READ_ONLY.id,
            "profileId",
            "no change of the learner's preferences by an AU",
            PROFILE_LEARNER_PREFERENCES,
        )
        .with_detail("the AU goes on as if it had been stored (11.0.0.0-2)"),
    ))
}
