// What cmi5 demands of the statements of one registration, and of the launches that they belong to, by the ids of
// ADL's list (and one of xAPI's). What no statement shows is not here: requests, documents, what a learner has done.

import { isDeepStrictEqual as equal } from 'node:util';

const cmi5 = 'https://w3id.org/xapi/cmi5';
export const extension = (name) => `${cmi5}/context/extensions/${name}`;
export const category = (name) => `${cmi5}/context/categories/${name}`;
export const reason = `${cmi5}/result/extensions/reason`;
const activityType = (name) => `${cmi5}/activitytype/${name}`;

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const utc = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/;
const duration = /^P(?=.)(\d+Y)?(\d+M)?(\d+D)?(T(?=.)(\d+H)?(\d+M)?(\d+(\.\d+)?S)?)?$/;

const ofAu = ['initialized', 'completed', 'passed', 'failed', 'terminated'];
const ofLms = ['launched', 'abandoned', 'waived', 'satisfied'];
const defined = [...ofLms, ...ofAu];
// What cmi5 allows and does not define.
const fromAu = [...ofAu, 'allowed'];
const every = [...defined, 'allowed'];
const without = (names, ...others) => names.filter((name) => !others.includes(name));

const atAdl = ['abandoned', 'waived', 'satisfied'];
const verbs = Object.fromEntries(
  defined.map((name) => [`${atAdl.includes(name) ? 'https://w3id.org/xapi/adl' : 'http://adlnet.gov/expapi'}/verbs/${name}`, name]),
);

// [ids, the verbs of which they hold, what they say]. What they say is about the statement's members and what
// `placed` adds to them. One predicate has several ids where the list says a thing several times.
export const rules = [
  ['XAPI-00023', every, ({ stored, before }) => utc.test(stored) && before.every((other) => other.stored < stored)],
  ['9.1.0.0-1', every, ({ id, before }) => uuid.test(id) && before.every((other) => other.id !== id)],
  ['9.7.0.0-1', every, ({ timestamp }) => Date.parse(timestamp) > 0],
  ['9.7.0.0-2', every, ({ timestamp }) => utc.test(timestamp)],

  ['9.2.0.0-1', ofLms, ({ actor, run }) => equal(actor.account, run.actor.account)],
  ['8.1.3.0-3', fromAu, ({ actor, run }) => equal(actor, run.actor)],
  ['9.2.0.0-2', defined, ({ actor }) => actor.objectType === 'Agent'],
  ['9.2.0.0-3', every, ({ actor }) => URL.canParse(actor.account.homePage) && actor.account.name !== ''],

  ['9.3.0.0-1', defined, ({ verb, name }) => equal(Object.values(verb.display), [name])],
  ['9.4.0.0-1', defined, ({ object: { objectType = 'Activity', id } }) => objectType === 'Activity' && URL.canParse(id)],
  ['9.4.0.0-2', without(defined, 'satisfied'), ({ object, node }) => object.id === node.lmsId],
  ['8.1.5.0-6', ofAu, ({ object, parameter }) => object.id === parameter('activityId')],

  // The launch that `launched` tells of.
  ['8.1.3.0-1', ['launched'], ({ parameter, run }) => equal(JSON.parse(parameter('actor')), run.actor)],
  ['8.1.4.0-1 9.6.1.1-2', ['launched'], ({ parameter, run }) => parameter('registration') === run.registration],
  ['8.1.5.0-1', ['launched'], ({ parameter, run }) => withId(run, parameter('activityId')).length === 1],
  ['8.1.5.0-2', ['launched'], ({ parameter, object }) => parameter('activityId') === object.id],
  ['8.1.5.0-3', ['launched'], ({ parameter, node }) => parameter('activityId') !== node.id],
  ['8.1.5.0-4', ['launched'], ({ object, ofNode }) => ofNode.every((other) => other.object.id === object.id)],
  ['9.6.2.3-1 10.2.1.0-3', ['launched'], ({ template, node }) => ids(template.contextActivities.grouping).includes(node.id)],
  ['9.6.3.1-1', ['launched'], ({ inSession }) => inSession.length === 0],
  ['9.6.3.1-2 10.2.1.0-1 10.2.1.0-2', ['launched'], ({ extensions, template }) => template.extensions[extension('sessionid')] === extensions.sessionid],
  ['10.2.2.0-4', ['launched'], ({ launchData }) => ['Normal', 'Browse', 'Review'].includes(launchData.launchMode)],
  ['10.2.3.0-1', ['launched'], ({ launchData, node }) => launchData.launchParameters === node.launchParameters],
  ['10.2.4.0-1', ['launched'], ({ launchData, node }) => launchData.masteryScore === node.masteryScore],
  ['10.2.5.0-1', ['launched'], ({ launchData, node }) => launchData.moveOn === node.moveOn],
  ['9.6.3.2-1', ['launched'], ({ extensions, launchData }) => extensions.masteryscore === launchData.masteryScore],
  ['9.6.3.3-1', ['launched'], ({ extensions, launchData }) => extensions.launchmode === launchData.launchMode],
  ['9.6.3.4-1', ['launched'], ({ extensions, session }) => extensions.launchurl === withoutParameters(new URL(session.url))],
  ['9.6.3.6-1', ['launched'], ({ extensions, launchData }) => extensions.moveon === launchData.moveOn],
  ['9.6.3.7-1', ['launched'], ({ extensions, launchData }) => extensions.launchparameters === launchData.launchParameters],

  ['9.6.0.0-1', defined, ({ context }) => ['registration', 'contextActivities', 'extensions'].every((name) => name in context)],
  ['9.6.1.0-1', every, ({ context, run }) => context.registration === run.registration],
  ['8.1.4.0-3', fromAu, ({ context, parameter }) => context.registration === parameter('registration')],
  ['9.6.2.0-1', fromAu, ({ context, template }) => holds(context.contextActivities, template.contextActivities)],
  ['9.6.2.1-1', defined, ({ categories }) => categories.includes(category('cmi5'))],
  ['9.6.2.2-1', ['completed', 'passed', 'failed', 'waived'], ({ categories }) => categories.includes(category('moveon'))],
  ['9.6.2.2-2', without(every, 'completed', 'passed', 'failed', 'waived'), ({ categories }) => !categories.includes(category('moveon'))],
  ['9.6.2.3-2', ofLms, ({ groupings, node }) => groupings.includes(node.id)],
  ['9.6.3.1-3', ofLms, ({ session }) => session !== undefined],
  ['9.6.3.1-4', fromAu, ({ session }) => session !== undefined],
  ['9.6.3.2-2', ['passed', 'failed'], ({ result, extensions, launchData }) => !result.score || extensions.masteryscore === launchData.masteryScore],
  ['10.2.1.0-6', fromAu, ({ context, template }) => namesOf(template).every((name) => namesOf(context).includes(name))],
  ['10.2.1.0-7', fromAu, ({ context, template }) => holds(context, template)],
  ['10.2.2.0-2 10.2.2.0-9', ['completed', 'passed', 'failed'], ({ launchData }) => launchData.launchMode !== 'Browse'],
  ['10.2.2.0-3 10.2.2.0-11', ['completed', 'passed', 'failed'], ({ launchData }) => launchData.launchMode !== 'Review'],

  // A comparison with an absent score is false.
  ['9.3.4.0-2 9.5.1.0-1', ['passed'], ({ result, launchData }) => !(result.score?.scaled < launchData.masteryScore)],
  ['9.3.5.0-2 9.5.1.0-1', ['failed'], ({ result, launchData }) => !(result.score?.scaled >= launchData.masteryScore)],
  ['9.5.1.0-2', without(defined, 'passed', 'failed'), ({ result }) => result?.score === undefined],
  ['9.5.1.0-3', ['passed', 'failed'], ({ result: { score } }) => score?.raw === undefined || ('min' in score && 'max' in score)],
  ['9.5.2.0-1', ['passed', 'waived'], ({ result }) => result.success === true],
  ['9.5.2.0-2', ['failed'], ({ result }) => result.success === false],
  ['9.5.2.0-3', without(defined, 'passed', 'failed', 'waived'), ({ result }) => result?.success === undefined],
  ['9.5.3.0-1', ['completed', 'waived'], ({ result }) => result.completion === true],
  ['9.5.3.0-2', without(defined, 'completed', 'waived'), ({ result }) => result?.completion === undefined],
  ['9.5.4.1-1', ['terminated'], ({ result }) => duration.test(result.duration)],
  ['9.5.4.1-2', ['completed'], ({ result }) => duration.test(result.duration)],
  ['9.5.4.1-3', ['passed'], ({ result }) => duration.test(result.duration)],
  ['9.5.4.1-4', ['failed'], ({ result }) => duration.test(result.duration)],
  ['9.5.4.2-1', ['abandoned'], ({ result }) => duration.test(result.duration)],
  ['9.5.4.2-2', ['abandoned'], ({ result, inSession }) => Math.abs(seconds(result.duration) - secondsOf(inSession)) < 0.02],
  ['9.3.7.0-2 9.5.5.2-1', ['waived'], ({ result, session }) => result.extensions[reason] === session.reason],

  // The order within a session.
  ['9.3.1.0-1', fromAu, ({ inSession }) => has(inSession, 'launched')],
  ['9.3.1.0-2', ['launched'], ({ inSession }) => !has(inSession, 'launched')],
  ['9.3.2.0-2', ['initialized'], ({ inSession }) => !has(inSession, ...fromAu)],
  ['9.3.2.0-3', ['initialized'], ({ inSession }) => !has(inSession, 'initialized')],
  ['7.1.1.0-1 9.3.0.0-4', without(fromAu, 'initialized'), ({ inSession }) => has(inSession, 'initialized')],
  ['7.1.2.0-1 9.3.0.0-5 9.3.8.0-2', fromAu, ({ inSession }) => !has(inSession, 'terminated')],
  ['7.1.3.0-1', ['allowed'], ({ inSession }) => has(inSession, 'initialized') && !has(inSession, 'terminated')],
  ['9.3.0.0-2', ofAu, ({ inSession, name }) => !has(inSession, name)],
  ['9.3.0.0-3', ['passed', 'failed'], ({ inSession }) => !has(inSession, 'passed', 'failed')],
  ['9.3.0.0-10', ['abandoned'], ({ inSession }) => !has(inSession, 'abandoned')],
  ['9.3.6.0-1', ['launched'], ({ laterInSession }) => has(laterInSession, 'terminated', 'abandoned')],
  ['9.3.6.0-2', every, ({ inSession }) => !has(inSession, 'abandoned')],
  ['9.3.7.0-3', ['waived'], ({ inSession, laterInSession }) => [...inSession, ...laterInSession].every(({ name }) => name === 'satisfied')],
  ['9.3.8.0-1 10.2.2.0-6 10.2.2.0-8 10.2.2.0-10', ['initialized'], ({ laterInSession }) => has(laterInSession, 'terminated', 'abandoned')],

  // The order within the registration.
  ['9.3.0.0-6 9.3.3.0-2', ['completed'], ({ ofNode }) => !has(ofNode, 'completed')],
  ['9.3.0.0-7 9.3.4.0-3', ['passed'], ({ ofNode }) => !has(ofNode, 'passed')],
  ['9.3.0.0-8', ['failed'], ({ ofNode }) => !has(ofNode, 'passed')],
  ['9.3.0.0-11 9.3.7.0-4', ['waived'], ({ ofNode }) => !has(ofNode, 'waived')],
  ['9.3.3.0-3', ['completed'], ({ nowMet, toldBehind }) => equal(nowMet, toldBehind)],
  ['9.3.4.0-4', ['passed'], ({ nowMet, toldBehind }) => equal(nowMet, toldBehind)],
  ['9.3.9.0-1', every, ({ nowMet, toldBehind }) => equal(nowMet.filter(isBlock), toldBehind.filter(isBlock))],
  ['9.3.9.0-5', every, ({ nowMet, toldBehind }) => equal(nowMet.filter(isCourse), toldBehind.filter(isCourse))],
  ['9.3.9.0-2', ['satisfied'], ({ object, node }) => isCourse(node) || object.definition.type === activityType('block')],
  ['9.3.9.0-6', ['satisfied'], ({ object, node }) => isBlock(node) || object.definition.type === activityType('course')],
  ['9.3.9.0-3 9.3.9.0-7', ['satisfied'], ({ object, run }) => withId(run, object.id).length === 1],
  ['9.3.9.0-4 9.3.9.0-8', ['satisfied'], ({ object, run }) => nodes(run.course).every(({ id }) => id !== object.id)],
  ['9.3.9.0-9', ['satisfied'], ({ inSession, before }) => inSession.at(-1) === before.at(-1)],
];

// Every rule that a statement breaks, as `index verb object: id`. A run has its actor, its registration, the tree of
// its course, { id, lmsId, children or moveOn, … }, and by session id what the LMS knows of the session:
// { node, url, launchData }, or { node, reason } of a waiver.
export function unmet(statements, run) {
  return placed(statements, run).flatMap((statement, index) =>
    rules
      .filter(([, names, says]) => names.includes(statement.name) && !isMetBy(statement, says))
      .flatMap(([named]) => named.split(' '))
      .map((id) => `${index} ${statement.name} ${statement.object?.id}: ${id}`),
  );
}

// Where a rule finds nothing to look at, it is broken.
function isMetBy(statement, says) {
  try {
    return says(statement);
  } catch {
    return false;
  }
}

// The statements with what the rules ask about each besides its own members.
function placed(statements, run) {
  const all = [];
  for (const statement of statements) {
    const { context, object } = statement;
    const extensions = shortNames(context?.extensions);
    const session = run.sessions[extensions.sessionid];
    const categories = ids(context?.contextActivities?.category);
    const known = withId(run, object?.id);
    // Either sign will do, so that a statement without the other is not let off.
    const isDefined = statement.verb.id in verbs && (categories.includes(category('cmi5')) || known.length > 0);
    const name = isDefined ? verbs[statement.verb.id] : 'allowed';
    const node = name === 'satisfied' ? known[0] : session?.node;
    const before = [...all];
    all.push({
      ...statement, run, name, node, session, extensions, categories, before,
      groupings: ids(context?.contextActivities?.grouping),
      launchData: session?.launchData,
      template: session?.launchData?.contextTemplate,
      parameter: (parameter) => new URL(session.url).searchParams.get(parameter),
      inSession: before.filter((other) => other.extensions.sessionid === extensions.sessionid),
      ofNode: before.filter((other) => other.node === node && other.name !== 'allowed'),
    });
  }
  all.forEach((statement, index) => {
    const told = all.slice(index + 1);
    const end = told.findIndex(({ name }) => name !== 'satisfied');
    const behind = statement.name === 'satisfied' ? [] : told.slice(0, end < 0 ? told.length : end);
    const isNew = (node) => isMet(node, [...statement.before, statement]) && !isMet(node, statement.before);
    statement.toldBehind = behind.map(({ node }) => node);
    statement.nowMet = nodes(run.course).filter((node) => node.children && isNew(node));
    statement.laterInSession = told.filter(({ extensions }) => extensions.sessionid === statement.extensions.sessionid);
  });
  return all;
}

const moveOns = {
  Passed: (told) => has(told, 'passed'),
  Completed: (told) => has(told, 'completed'),
  CompletedAndPassed: (told) => has(told, 'completed') && has(told, 'passed'),
  CompletedOrPassed: (told) => has(told, 'completed', 'passed'),
  NotApplicable: () => true,
};

function isMet(node, statements) {
  if (node.children) return node.children.every((child) => isMet(child, statements));
  const told = statements.filter((statement) => statement.node === node);
  return has(told, 'waived') || moveOns[node.moveOn](told);
}

// Innermost first.
export const nodes = (node) => [...(node.children ?? []).flatMap(nodes), node];
const withId = (run, lmsId) => nodes(run.course).filter((node) => node.lmsId === lmsId);
const isCourse = (node) => node.type === 'course';
const isBlock = (node) => node.type === 'block';

const has = (statements, ...names) => statements.some(({ name }) => names.includes(name));
const ids = (activities = []) => activities.map(({ id }) => id);
const shortNames = (extensions = {}) =>
  Object.fromEntries(Object.entries(extensions).map(([iri, value]) => [iri.replace(extension(''), ''), value]));

const namesOf = (context) => Object.entries(context).flatMap(([name, members]) => [name, ...Object.keys(members)]);

// Everything of the second is in the first; of lists the ids, in any order.
function holds(whole, part) {
  if (Array.isArray(part)) return part.every(({ id }) => ids(whole).includes(id));
  if (typeof part !== 'object') return whole === part;
  return Object.entries(part).every(([name, value]) => holds(whole[name], value));
}

// Of durations below a minute.
const seconds = (text) => Number(text.match(/^PT([\d.]+)S$/)[1]);
const secondsOf = (statements) => (Date.parse(statements.at(-1).stored) - Date.parse(statements[0].stored)) / 1000;

const parameters = ['endpoint', 'fetch', 'actor', 'registration', 'activityId'];

function withoutParameters({ origin, pathname, search, hash }) {
  const own = search.slice(1).split('&').filter((pair) => !parameters.includes(pair.split('=')[0]));
  return `${origin}${pathname}${own.length > 0 ? '?' : ''}${own.join('&')}${hash}`;
}
