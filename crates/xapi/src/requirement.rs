//! The requirements that statements are refused by: `XAPI-…` are ADL's ids for xAPI 1.0.3, `xapi/…` are our own where
//! ADL has none (2.0, ambiguous JSON, limits).

/// Declares a constant for each id and lists them all with their summaries.
macro_rules! requirements {
    ($($(#[doc = $summary:literal])+ $name:ident = $id:literal;)+) => {
        $($(#[doc = $summary])+ pub const $name: &str = $id;)+

        /// Every id with its summary, in the order of the specification.
        pub const ALL: &[(&str, &str)] = &[$(($id, concat!($($summary),+).trim_ascii())),+];
    };
}

// In the order of ADL, which is that of the specification.
requirements! {
    /// `null` is no value, except inside extensions.
    NO_NULL = "XAPI-00001";
    /// A statement has an actor.
    ACTOR_PRESENT = "XAPI-00003";
    /// A statement has a verb.
    VERB_PRESENT = "XAPI-00004";
    /// A statement has an object.
    OBJECT_PRESENT = "XAPI-00005";
    /// Values have the JSON type that the data model gives them; nothing is converted.
    JSON_TYPE = "XAPI-00006";
    /// Keys are written in the case that the data model gives them.
    KEY_CASE = "XAPI-00008";
    /// Enumerated values are written in the case that the data model gives them.
    VALUE_CASE = "XAPI-00009";
    /// Only the data model's own keys and values occur.
    ONLY_KNOWN = "XAPI-00010";
    /// IRIs and IRLs begin with a scheme.
    IRI_SCHEME = "XAPI-00011";
    /// A parameter has a value of its type.
    PARAMETER_VALUE = "XAPI-00012";
    /// The body is JSON.
    JSON = "XAPI-00014";
    /// The object of a voiding statement is a StatementRef.
    VOIDING_OBJECT = "XAPI-00017";
    /// No object has the same key twice.
    DUPLICATE_KEY = "XAPI-00021";
    /// `timestamp` is a timestamp.
    TIMESTAMP = "XAPI-00022";
    /// `stored` is a timestamp.
    STORED = "XAPI-00023";
    /// `authority` is an Agent or a Group.
    AUTHORITY = "XAPI-00024";
    /// `attachments` is an array of attachments.
    ATTACHMENTS = "XAPI-00025";
    /// The id of a statement is a UUID.
    STATEMENT_ID = "XAPI-00027";
    /// The id of a statement is a string.
    STATEMENT_ID_STRING = "XAPI-00028";
    /// `objectType` of an actor is `Agent` or `Group`.
    ACTOR_OBJECT_TYPE = "XAPI-00031";
    /// `objectType` of an actor is a string.
    ACTOR_OBJECT_TYPE_STRING = "XAPI-00032";
    /// `name` of an actor is a string.
    ACTOR_NAME = "XAPI-00033";
    /// An Agent has exactly one inverse functional identifier.
    AGENT_IFI = "XAPI-00034";
    /// Only a Group has members.
    MEMBER_OF_GROUP = "XAPI-00035";
    /// `member` is an array of Agents.
    MEMBERS = "XAPI-00036";
    /// A Group has one inverse functional identifier, or none but at least one member.
    GROUP_IFI = "XAPI-00037";
    /// `mbox` is `mailto:` and an e-mail address.
    MBOX = "XAPI-00038";
    /// `mbox_sha1sum` is a SHA-1 in hex.
    MBOX_SHA1SUM = "XAPI-00039";
    /// `openid` is a URI.
    OPENID = "XAPI-00040";
    /// `account` is an object with `homePage` and `name`.
    ACCOUNT = "XAPI-00041";
    /// `homePage` of an account is an IRL.
    ACCOUNT_HOME_PAGE = "XAPI-00042";
    /// `name` of an account is a string.
    ACCOUNT_NAME = "XAPI-00043";
    /// A verb has an id, an IRI.
    VERB_ID = "XAPI-00044";
    /// `display` of a verb is a language map.
    VERB_DISPLAY = "XAPI-00045";
    /// `objectType` of an object is one of five.
    OBJECT_TYPE = "XAPI-00046";
    /// An Activity has an id, an IRI.
    ACTIVITY_ID = "XAPI-00047";
    /// `definition` of an Activity is an object.
    DEFINITION = "XAPI-00048";
    /// `interactionType` is one of ten.
    INTERACTION_TYPE = "XAPI-00049";
    /// `correctResponsesPattern` is an array of strings.
    CORRECT_RESPONSES = "XAPI-00050";
    /// `steps` is an array of interaction components.
    STEPS = "XAPI-00051";
    /// `target` is an array of interaction components.
    TARGET = "XAPI-00052";
    /// `source` is an array of interaction components.
    SOURCE = "XAPI-00053";
    /// `scale` is an array of interaction components.
    SCALE = "XAPI-00054";
    /// `choices` is an array of interaction components.
    CHOICES = "XAPI-00055";
    /// `name` of an Activity Definition is a language map.
    DEFINITION_NAME = "XAPI-00056";
    /// `extensions` of an Activity Definition is an object.
    DEFINITION_EXTENSIONS = "XAPI-00057";
    /// An interaction component has an id that no other of its list has.
    COMPONENT_ID = "XAPI-00058";
    /// `description` of an Activity Definition is a language map.
    DEFINITION_DESCRIPTION = "XAPI-00059";
    /// `type` of an Activity Definition is an IRI.
    DEFINITION_TYPE = "XAPI-00060";
    /// `moreInfo` of an Activity Definition is an IRL.
    DEFINITION_MORE_INFO = "XAPI-00061";
    /// `description` of an interaction component is a language map.
    COMPONENT_DESCRIPTION = "XAPI-00062";
    /// An interaction component is an object.
    COMPONENT = "XAPI-00063";
    /// Correct responses and interaction components need an `interactionType`.
    INTERACTION_TYPE_PRESENT = "XAPI-00064";
    /// An Agent or Group as object names its `objectType`.
    OBJECT_ACTOR_TYPE = "XAPI-00065";
    /// A SubStatement follows the rules of statements.
    SUB_STATEMENT = "XAPI-00066";
    /// A SubStatement has no authority.
    SUB_STATEMENT_AUTHORITY = "XAPI-00067";
    /// A SubStatement has no version.
    SUB_STATEMENT_VERSION = "XAPI-00068";
    /// A SubStatement has no stored time.
    SUB_STATEMENT_STORED = "XAPI-00069";
    /// A SubStatement has no id.
    SUB_STATEMENT_ID = "XAPI-00070";
    /// A SubStatement holds no other SubStatement.
    SUB_STATEMENT_NESTED = "XAPI-00071";
    /// The id of a StatementRef is a UUID.
    STATEMENT_REF_ID = "XAPI-00072";
    /// A StatementRef or SubStatement as object names its `objectType`.
    OBJECT_STATEMENT_TYPE = "XAPI-00073";
    /// `success` is a boolean.
    SUCCESS = "XAPI-00074";
    /// `completion` is a boolean.
    COMPLETION = "XAPI-00075";
    /// `response` is a string.
    RESPONSE = "XAPI-00076";
    /// `duration` is an ISO 8601 duration.
    DURATION = "XAPI-00077";
    /// `extensions` of a result is an object.
    RESULT_EXTENSIONS = "XAPI-00078";
    /// `score` is an object.
    SCORE = "XAPI-00079";
    /// `max` of a score is a number greater than `min`.
    SCORE_MAX = "XAPI-00080";
    /// `min` of a score is a number less than `max`.
    SCORE_MIN = "XAPI-00081";
    /// `raw` of a score is a number from `min` to `max`.
    SCORE_RAW = "XAPI-00082";
    /// `scaled` of a score is a number from -1 to 1.
    SCORE_SCALED = "XAPI-00083";
    /// `revision` only stands beside an Activity as object.
    REVISION_OF_ACTIVITY = "XAPI-00084";
    /// `platform` only stands beside an Activity as object.
    PLATFORM_OF_ACTIVITY = "XAPI-00085";
    /// `contextActivities` is an object.
    CONTEXT_ACTIVITIES = "XAPI-00086";
    /// `registration` is a UUID.
    REGISTRATION = "XAPI-00087-1";
    /// `instructor` is an Agent or a Group.
    INSTRUCTOR = "XAPI-00087-2";
    /// `team` is a Group.
    TEAM = "XAPI-00088";
    /// `revision` is a string.
    REVISION = "XAPI-00089";
    /// `platform` is a string.
    PLATFORM = "XAPI-00090";
    /// `language` is a language tag.
    LANGUAGE = "XAPI-00091";
    /// `statement` of a context is a StatementRef.
    CONTEXT_STATEMENT = "XAPI-00092";
    /// The keys of `contextActivities` are `parent`, `grouping`, `category` and `other`.
    CONTEXT_ACTIVITIES_KEY = "XAPI-00093";
    /// The values of `contextActivities` are an Activity or an array of them.
    CONTEXT_ACTIVITIES_VALUE = "XAPI-00094";
    /// `contextAgents` is an array of contextAgent objects (2.0).
    CONTEXT_AGENTS = "xapi/context-agents";
    /// `contextGroups` is an array of contextGroup objects (2.0).
    CONTEXT_GROUPS = "xapi/context-groups";
    /// `relevantTypes` is an array of at least one IRI (2.0).
    RELEVANT_TYPES = "xapi/relevant-types";
    /// A Group as authority is anonymous and has two members.
    AUTHORITY_GROUP = "XAPI-00098";
    /// `version` is `1.0` or `1.0.x`, in 2.0 also `2.0` or `2.0.x`.
    STATEMENT_VERSION = "XAPI-00101";
    /// `length` of an attachment is a whole number of octets.
    ATTACHMENT_LENGTH = "XAPI-00102";
    /// `sha2` of an attachment is a SHA-2 in hex.
    ATTACHMENT_SHA2 = "XAPI-00103";
    /// `fileUrl` of an attachment is an IRL.
    ATTACHMENT_FILE_URL = "XAPI-00104";
    /// `contentType` of an attachment is a media type.
    ATTACHMENT_CONTENT_TYPE = "XAPI-00105";
    /// `display` of an attachment is a language map, and so is `description`.
    ATTACHMENT_DISPLAY = "XAPI-00106";
    /// `usageType` of an attachment is an IRI.
    ATTACHMENT_USAGE_TYPE = "XAPI-00107";
    /// A signature is a JSON Web Signature in an attachment of type `application/octet-stream`.
    SIGNATURE = "XAPI-00115";
    /// The payload of a signature is the statement as JSON.
    SIGNATURE_PAYLOAD = "XAPI-00116";
    /// A signature uses RS256, RS384 or RS512, and uses it correctly.
    SIGNATURE_ALGORITHM = "XAPI-00117";
    /// The keys of extensions are IRIs.
    EXTENSION_KEY = "XAPI-00118";
    /// Extensions are an object.
    EXTENSIONS = "XAPI-00120";
    /// The keys of a language map are language tags.
    LANGUAGE_TAG = "XAPI-00121";
    /// A timestamp follows ISO 8601, with a zone that is known.
    TIMESTAMP_FORMAT = "XAPI-00123";
    /// A duration follows ISO 8601 with designators.
    DURATION_FORMAT = "XAPI-00124";
    /// Statements come as `application/json` or `multipart/mixed`.
    BODY_TYPE = "XAPI-00127";
    /// Each part after the first is an attachment.
    EXCESS_PART = "XAPI-00128";
    /// An attachment has a `fileUrl` or its data in the request.
    ATTACHMENT_DATA = "XAPI-00129";
    /// `multipart/mixed` has a boundary.
    BOUNDARY = "XAPI-00131";
    /// Each part after the first names the hash of an attachment.
    PART_HASH = "XAPI-00132";
    /// The first part is `application/json`.
    FIRST_PART = "XAPI-00134";
    /// `Content-Transfer-Encoding` is `binary`.
    PART_ENCODING = "XAPI-00135";
    /// A PUT of a statement has `statementId`.
    PUT_STATEMENT_ID = "XAPI-00145";
    /// Only `format` and `attachments` stand beside `voidedStatementId`.
    VOIDED_ID_ALONE = "XAPI-00150";
    /// Only `format` and `attachments` stand beside `statementId`.
    STATEMENT_ID_ALONE = "XAPI-00151";
    /// `agent` of DELETE of state is an Agent as JSON.
    STATE_DELETE_AGENT = "XAPI-00196";
    /// `agent` of GET of state is an Agent as JSON.
    STATE_GET_AGENT = "XAPI-00197";
    /// `agent` of POST of state is an Agent as JSON.
    STATE_POST_AGENT = "XAPI-00198";
    /// `agent` of PUT of state is an Agent as JSON.
    STATE_PUT_AGENT = "XAPI-00199";
    /// `registration` of DELETE of state is a UUID.
    STATE_DELETE_REGISTRATION = "XAPI-00200";
    /// `registration` of GET of state is a UUID.
    STATE_GET_REGISTRATION = "XAPI-00201";
    /// `registration` of POST of state is a UUID.
    STATE_POST_REGISTRATION = "XAPI-00202";
    /// `registration` of PUT of state is a UUID.
    STATE_PUT_REGISTRATION = "XAPI-00203";
    /// `since` of state is a timestamp.
    STATE_SINCE = "XAPI-00204";
    /// PUT of state has `stateId`.
    STATE_PUT_ID = "XAPI-00206";
    /// DELETE of state has `activityId`.
    STATE_DELETE_ACTIVITY_ID = "XAPI-00207";
    /// GET of state has `activityId`.
    STATE_GET_ACTIVITY_ID = "XAPI-00208";
    /// POST of state has `activityId`.
    STATE_POST_ACTIVITY_ID = "XAPI-00209";
    /// PUT of state has `activityId`.
    STATE_PUT_ACTIVITY_ID = "XAPI-00210";
    /// POST of state has `stateId`.
    STATE_POST_ID = "XAPI-00211";
    /// DELETE of state has `agent`.
    STATE_DELETE_AGENT_PRESENT = "XAPI-00212";
    /// GET of state has `agent`.
    STATE_GET_AGENT_PRESENT = "XAPI-00213";
    /// POST of state has `agent`.
    STATE_POST_AGENT_PRESENT = "XAPI-00214";
    /// PUT of state has `agent`.
    STATE_PUT_AGENT_PRESENT = "XAPI-00215";
    /// A request for a Person has `agent`.
    PERSON_AGENT_PRESENT = "XAPI-00243";
    /// `agent` of a request for a Person is an Agent.
    PERSON_AGENT = "XAPI-00249";
    /// A request for an Activity has `activityId`.
    ACTIVITY_ID_PRESENT = "XAPI-00250";
    /// `agent` of DELETE of an agent profile is an Agent as JSON.
    AGENT_PROFILE_DELETE_AGENT = "XAPI-00255";
    /// `agent` of POST of an agent profile is an Agent as JSON.
    AGENT_PROFILE_POST_AGENT = "XAPI-00256";
    /// `agent` of PUT of an agent profile is an Agent as JSON.
    AGENT_PROFILE_PUT_AGENT = "XAPI-00257";
    /// `agent` of GET of an agent profile is an Agent as JSON.
    AGENT_PROFILE_GET_AGENT = "XAPI-00258";
    /// `since` of agent profiles is a timestamp.
    AGENT_PROFILE_SINCE = "XAPI-00260";
    /// GET of an agent profile has `agent`.
    AGENT_PROFILE_GET_AGENT_PRESENT = "XAPI-00261";
    /// DELETE of an agent profile has `agent`.
    AGENT_PROFILE_DELETE_AGENT_PRESENT = "XAPI-00262";
    /// POST of an agent profile has `agent`.
    AGENT_PROFILE_POST_AGENT_PRESENT = "XAPI-00263";
    /// PUT of an agent profile has `agent`.
    AGENT_PROFILE_PUT_AGENT_PRESENT = "XAPI-00264";
    /// DELETE of an agent profile has `profileId`.
    AGENT_PROFILE_DELETE_ID = "XAPI-00265";
    /// POST of an agent profile has `profileId`.
    AGENT_PROFILE_POST_ID = "XAPI-00266";
    /// PUT of an agent profile has `profileId`.
    AGENT_PROFILE_PUT_ID = "XAPI-00267";
    /// `since` of activity profiles is a timestamp.
    ACTIVITY_PROFILE_SINCE = "XAPI-00295";
    /// GET of an activity profile has `activityId`.
    ACTIVITY_PROFILE_GET_ACTIVITY_ID = "XAPI-00296";
    /// DELETE of an activity profile has `activityId`.
    ACTIVITY_PROFILE_DELETE_ACTIVITY_ID = "XAPI-00297";
    /// POST of an activity profile has `activityId`.
    ACTIVITY_PROFILE_POST_ACTIVITY_ID = "XAPI-00298";
    /// PUT of an activity profile has `activityId`.
    ACTIVITY_PROFILE_PUT_ACTIVITY_ID = "XAPI-00299";
    /// DELETE of an activity profile has `profileId`.
    ACTIVITY_PROFILE_DELETE_ID = "XAPI-00300";
    /// POST of an activity profile has `profileId`.
    ACTIVITY_PROFILE_POST_ID = "XAPI-00301";
    /// PUT of an activity profile has `profileId`.
    ACTIVITY_PROFILE_PUT_ID = "XAPI-00302";
    /// Only known parameters occur.
    PARAMETER_UNKNOWN = "XAPI-00324";
    /// Parameters are written in the case that the specification gives them.
    PARAMETER_CASE = "XAPI-00325";
    /// No two statements of a request have the same id.
    DUPLICATE_STATEMENT_ID = "xapi/duplicate-statement-id";
    /// A PUT carries exactly one statement.
    SINGLE_STATEMENT = "xapi/single-statement";
    /// A request holds no more statements than the server allows.
    STATEMENTS_MAX = "xapi/statements-max";
    /// A statement is no larger than the server allows.
    STATEMENT_BYTES_MAX = "xapi/statement-bytes-max";
    /// A statement mentions no more group members and context activities than the server allows.
    REFERENCES_MAX = "xapi/references-max";
    /// A statement has no more attachments than the server allows.
    ATTACHMENTS_MAX = "xapi/attachments-max";
    /// An extension's value nests no deeper than the server allows.
    DEPTH_MAX = "xapi/depth-max";
    /// A refused statement for which no rule of its own is known.
    UNEXPLAINED = "xapi/unexplained";
    /// A parameter occurs once.
    PARAMETER_REPEATED = "xapi/parameter-repeated";
}
