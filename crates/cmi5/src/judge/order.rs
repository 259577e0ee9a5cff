//! (rules)

use super::{Case, Findings};

pub(super) fn check(_case: &Case<'_>, _findings: &mut Findings<'_>) {}
