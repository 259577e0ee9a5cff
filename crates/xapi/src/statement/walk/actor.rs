//! The walk over Agents, Groups and their identifiers (Data 2.4.2).

use super::Walk;
use super::path::Path;
use super::values::Members;
use crate::json::Node;
use crate::lexical::identifier;
use crate::requirement;

const KEYS: [&str; 7] = [
    "objectType",
    "name",
    "mbox",
    "mbox_sha1sum",
    "openid",
    "account",
    "member",
];
pub(super) const IFI_KEYS: [&str; 4] = ["mbox", "mbox_sha1sum", "openid", "account"];

/// Where an actor stands decides what it may be.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    Any,
    Agent,
    Group,
    /// An Agent, or an anonymous Group of two.
    Authority,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Agent,
    Group,
}

impl Walk<'_> {
    /// `requirement` is broken when something else stands here.
    pub(super) fn actor(
        &mut self,
        node: &Node<'_>,
        at: &Path<'_>,
        place: Place,
        requirement: &'static str,
    ) {
        let Some(members) = self.object(node, at, requirement, &KEYS) else {
            return;
        };
        if let Some(name) = members.get("name") {
            self.string(name, &at.key("name"), requirement::ACTOR_NAME);
        }
        let identifiers = self.identifiers(&members, at);
        match self.kind(&members, at, place, requirement) {
            None => {}
            Some(Kind::Agent) => self.agent(&members, at, identifiers),
            Some(Kind::Group) => self.group(&members, at, place, identifiers),
        }
    }

    /// `None` when `objectType` is wrong, which is reported.
    fn kind(
        &mut self,
        members: &Members<'_, '_>,
        at: &Path<'_>,
        place: Place,
        requirement: &'static str,
    ) -> Option<Kind> {
        let object_type = members.get("objectType");
        let kind = match object_type.map(Node::as_str) {
            None | Some(Some("Agent")) => Kind::Agent,
            Some(Some("Group")) => Kind::Group,
            Some(Some(_)) => {
                let values = ["Agent", "Group"];
                let at = at.key("objectType");
                let requirement = requirement::ACTOR_OBJECT_TYPE;
                self.one_of(object_type?, &at, requirement, &values);
                return None;
            }
            Some(None) => {
                let requirement = requirement::ACTOR_OBJECT_TYPE_STRING;
                self.string(object_type?, &at.key("objectType"), requirement);
                return None;
            }
        };
        match (place, kind) {
            (Place::Agent, Kind::Group) => self.report(requirement, at, "an Agent", "a Group"),
            (Place::Group, Kind::Agent) => self.report(requirement, at, "a Group", "an Agent"),
            (Place::Any | Place::Authority, _)
            | (Place::Agent, Kind::Agent)
            | (Place::Group, Kind::Group) => {}
        }
        Some(kind)
    }

    fn agent(&mut self, members: &Members<'_, '_>, at: &Path<'_>, identifiers: usize) {
        if let Some(member) = members.get("member") {
            let requirement = requirement::MEMBER_OF_GROUP;
            self.refuse(
                requirement,
                &at.key("member"),
                "no members of an Agent",
                member,
            );
        }
        if identifiers != 1 {
            let expected = "exactly one of `mbox`, `mbox_sha1sum`, `openid` and `account`";
            self.report(
                requirement::AGENT_IFI,
                at,
                expected,
                identifiers.to_string(),
            );
        }
    }

    fn group(
        &mut self,
        members: &Members<'_, '_>,
        at: &Path<'_>,
        place: Place,
        identifiers: usize,
    ) {
        if identifiers > 1 {
            let expected = "at most one of `mbox`, `mbox_sha1sum`, `openid` and `account`";
            self.report(
                requirement::GROUP_IFI,
                at,
                expected,
                identifiers.to_string(),
            );
        }
        let member = members.get("member");
        let agents = match member {
            Some(member) => self.list(member, &at.key("member"), requirement::MEMBERS),
            None => &[],
        };
        if identifiers == 0 && agents.is_empty() {
            let expected = "an identifier or at least one member";
            self.report(requirement::GROUP_IFI, at, expected, "neither");
        }
        if place == Place::Authority && (identifiers != 0 || agents.len() != 2) {
            let expected = "an anonymous Group of exactly two Agents";
            let got = format!("{} members and {identifiers} identifiers", agents.len());
            self.report(requirement::AUTHORITY_GROUP, at, expected, got);
        }
        self.references += agents.len();
        for (index, agent) in agents.iter().enumerate() {
            let list = at.key("member");
            self.actor(
                agent,
                &list.index(index),
                Place::Agent,
                requirement::MEMBERS,
            );
        }
    }

    /// Judges each identifier and returns how many there are.
    fn identifiers(&mut self, members: &Members<'_, '_>, at: &Path<'_>) -> usize {
        let mut count = 0;
        for key in IFI_KEYS {
            let Some(value) = members.get(key) else {
                continue;
            };
            count += 1;
            let at = at.key(key);
            match key {
                "mbox" => {
                    let expected = "`mailto:` and an e-mail address";
                    self.formatted(value, &at, requirement::MBOX, expected, identifier::is_mbox);
                }
                "mbox_sha1sum" => {
                    let requirement = requirement::MBOX_SHA1SUM;
                    let expected = "40 hex digits";
                    self.formatted(value, &at, requirement, expected, identifier::is_sha1);
                }
                "openid" => self.iri(value, &at, requirement::OPENID),
                _ => self.account(value, &at),
            }
        }
        count
    }

    fn account(&mut self, node: &Node<'_>, at: &Path<'_>) {
        let keys = ["homePage", "name"];
        let Some(account) = self.object(node, at, requirement::ACCOUNT, &keys) else {
            return;
        };
        let requirement = requirement::ACCOUNT_HOME_PAGE;
        if let Some(page) = self.required(&account, "homePage", at, requirement) {
            self.iri(page, &at.key("homePage"), requirement);
        }
        let requirement = requirement::ACCOUNT_NAME;
        if let Some(name) = self.required(&account, "name", at, requirement) {
            self.string(name, &at.key("name"), requirement);
        }
    }
}
