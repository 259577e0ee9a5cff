//! Operations of our own APIs as data: who may call each, what it takes and what it gives. Requests are read by the
//! tables of `cmi5` and `player`, and `openapi.json` is made from them.

use schemars::{JsonSchema, Schema, SchemaGenerator};

use crate::request::Method;

/// One method of one route.
pub struct Operation<R: 'static> {
    pub route: R,
    pub method: Method,
    /// Its name in the OpenAPI document.
    pub id: &'static str,
    pub summary: &'static str,
    pub access: Access,
    /// Names that the query may hold: a closed set, each once.
    pub query: &'static [Parameter],
    pub body: Takes,
    pub answer: Gives,
    /// Statuses besides those that every operation can answer, and when.
    pub also: &'static [(u16, &'static str)],
}

/// Adds a type to the schemas and answers the reference to it.
pub type SchemaOf = fn(&mut SchemaGenerator) -> Schema;

/// The body of a request.
#[derive(Clone, Copy)]
pub enum Takes {
    Nothing,
    Json(SchemaOf),
    /// A zip, or a `cmi5.xml` alone.
    Package,
}

/// The body of an answer.
#[derive(Clone, Copy)]
pub enum Gives {
    /// 204.
    Nothing,
    Json(SchemaOf),
    /// JSON of no type of ours.
    AnyJson,
    /// A `cmi5.xml`.
    Structure,
    /// A zip.
    Package,
}

/// Who may call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Anybody, without credentials.
    Open,
    /// Keys of role `lms` or `lms+au`, and those with scope `admin`; never a session's token.
    Lms,
    /// Keys with scope `admin`.
    Admin,
    /// A launch tenant, by one of its tokens as Bearer.
    LaunchTenant,
    /// As `Lms`, and as `LaunchTenant`.
    LmsOrLaunchTenant,
}

pub struct Parameter {
    pub name: &'static str,
    pub meaning: &'static str,
    pub kind: Kind,
}

/// What a value must be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Text,
    Uuid,
    Iri,
    /// An Agent as JSON.
    Agent,
    Timestamp,
    State,
    Decision,
    /// From 1 on.
    Count,
}

pub const fn parameter(name: &'static str, kind: Kind, meaning: &'static str) -> Parameter {
    Parameter {
        name,
        meaning,
        kind,
    }
}

/// The schema of a type, for a table.
pub fn schema<T: JsonSchema>(generator: &mut SchemaGenerator) -> Schema {
    generator.subschema_for::<T>()
}

/// The operation behind a method; HEAD is GET without a body.
#[must_use]
pub fn find<R: PartialEq>(
    operations: &'static [Operation<R>],
    route: R,
    method: Method,
) -> Option<&'static Operation<R>> {
    let method = match method {
        Method::Head => Method::Get,
        Method::Get | Method::Put | Method::Post | Method::Delete | Method::Options => method,
    };
    operations
        .iter()
        .find(|operation| operation.route == route && operation.method == method)
}

#[cfg(test)]
pub mod tests {
    use std::collections::BTreeSet;

    use super::*;

    /// Every route has exactly the operations of its methods, and their names are unique.
    #[track_caller]
    pub fn check<R: Copy + PartialEq + std::fmt::Debug>(
        operations: &[Operation<R>],
        routes: &[R],
        methods: fn(R) -> &'static [&'static str],
    ) {
        for route in routes {
            let mut methods: BTreeSet<&str> = methods(*route).iter().copied().collect();
            assert!(methods.remove("OPTIONS"), "{route:?} answers preflights");
            assert_eq!(methods.remove("HEAD"), methods.contains("GET"), "{route:?}");
            let of_route = operations.iter().filter(|one| one.route == *route);
            let found: BTreeSet<&str> = of_route.map(|one| one.method.name()).collect();
            assert_eq!(found, methods, "{route:?}");
        }
        let names: BTreeSet<&str> = operations.iter().map(|one| one.id).collect();
        assert_eq!(names.len(), operations.len());
    }
}
