// A course that Tessera imports, launches and serves: from the package to the `satisfied` of the course, in a browser,
// with AUs that lie in the package and use @xapi/cmi5. Each statement is held to every requirement that applies to it.

import assert from 'node:assert/strict';
import { endpoint, key, learner, secret } from './check.mjs';
import { coursePackage, structure } from './course-package.mjs';
import * as lms from './lms.mjs';
import { extension, nodes, unmet } from './requirements.mjs';
import { unnoticed } from './requirements-mutants.mjs';

const player = new URL('/api/v1/', endpoint).href;
const basic = `Basic ${Buffer.from(`${key}:${secret}`).toString('base64')}`;

async function call(authorization, method, path, body, type = 'application/json') {
  const sent = body && (type === 'application/json' ? JSON.stringify(body) : body);
  const headers = { Authorization: authorization, 'Content-Type': type, 'X-Experience-API-Version': '1.0.3' };
  const answer = await fetch(new URL(path, player), { method, headers, body: sent });
  const text = await answer.text();
  assert.ok(answer.ok, `${method} ${path}: ${answer.status} ${text}`);
  return text === '' ? undefined : JSON.parse(text);
}

// What happens to which AU in its turn, and what is told of it; the next launch abandons what has not ended.
const steps = [
  { name: 'both', says: [['complete'], ['pass', 0.6667], ['terminate']], told: 'launched initialized completed passed terminated' },
  { name: 'passed', says: [['progress', 50], ['fail', 0.4999], ['terminate']], told: 'launched initialized progressed failed terminated' },
  { name: 'passed', says: [['pass', 0.5], ['terminate']], told: 'launched initialized passed satisfied:inner terminated' },
  { name: 'completed', says: [['complete'], ['terminate']], told: 'launched initialized completed terminated' },
  { name: 'waived', reason: 'Tested Out', told: 'waived satisfied:outer' },
  { name: 'both', mode: 'Review', says: [['terminate']], told: 'launched initialized terminated' },
  { name: 'either', says: [['complete'], ['terminate']], told: 'launched initialized completed satisfied:course terminated' },
  { name: 'none', says: [], ends: 'Abandoned', told: 'launched initialized abandoned' },
  { name: 'none', says: [['complete'], ['terminate']], told: 'launched initialized completed terminated' },
];

export async function toItsEnd(tabs) {
  const { id, bearer, tree } = await imported();
  const actor = learner();
  const { code } = await call(bearer, 'POST', 'registration', { courseId: id, actor });
  const run = { actor, registration: code, course: tree, sessions: {} };
  for (const step of steps) {
    if (step.reason) await waive(run, bearer, step);
    else await play(run, bearer, id, step, tabs);
  }
  const statements = await stored(run);
  assert.deepEqual(statements.map((statement) => told(statement, tree)), steps.flatMap(expected));
  assert.deepEqual(unmet(statements, run), []);
  assert.deepEqual(unnoticed(statements, run), []);
  await isReported(run, bearer);
}

const stored = async ({ registration }, query = {}) => {
  const all = new URLSearchParams({ registration, ascending: true, ...query });
  return (await call(basic, 'GET', `${endpoint}/statements?${all}`)).statements;
};

// `verb:name`, by the name that the author gave to the object.
function told({ verb, object }, tree) {
  const node = nodes(tree).find(({ lmsId }) => lmsId === object.id);
  return `${verb.id.split('/').at(-1)}:${node?.id.split('/').at(-1)}`;
}

const expected = ({ name, told }) => told.split(' ').map((one) => (one.includes(':') ? one : `${one}:${name}`));

// The course, the token of its tenant, and the author's tree with the LMS's ids.
async function imported() {
  const tenant = await call(basic, 'POST', 'tenant', { code: 'browser', ifExists: 'return' });
  const { token } = await call(basic, 'POST', 'auth', { tenantId: tenant.id, audience: 'browser' });
  const bearer = `Bearer ${token}`;
  const answer = await call(bearer, 'POST', 'course', await coursePackage(), 'application/zip');
  const lmsIds = new Map(nodes(answer.structure.course).map((node) => [node.id, node.lmsId]));
  const named = (node) => ({ ...node, lmsId: lmsIds.get(node.id), ...(node.children && { children: node.children.map(named) }) });
  return { id: answer.id, bearer, tree: named(structure) };
}

const aus = ({ course }) => nodes(course).filter(({ type }) => type === 'au');
const indexOf = (run, name) => aus(run).findIndex(({ id }) => id.endsWith(`/${name}`));

async function play(run, bearer, course, { name, says, mode = 'Normal' }, tabs) {
  const { actor, registration } = run;
  const index = indexOf(run, name);
  const launched = await call(bearer, 'POST', `course/${course}/launch-url/${index}`, { actor, reg: registration });
  const { code } = await call(bearer, 'GET', `session/${launched.id}`);
  const node = aus(run)[index];
  const query = { stateId: 'LMS.LaunchData', activityId: node.lmsId, agent: JSON.stringify(actor), registration };
  const launchData = await call(basic, 'GET', `${endpoint}/activities/state?${new URLSearchParams(query)}`);
  run.sessions[code] = { node, url: launched.url, launchData };
  const tab = await tabs.open(launched.url);
  const seen = await tab.evaluate(async (calls) => {
    const one = new Cmi5();
    await one.initialize();
    for (const [method, ...values] of calls) await one[method](...values);
    return one.getLaunchData();
  }, says);
  assert.deepEqual([seen, seen.launchMode], [launchData, mode]);
}

async function waive(run, bearer, { name, reason }) {
  const index = indexOf(run, name);
  await call(bearer, 'POST', `registration/${run.registration}/waive-au/${index}`, { reason });
  // Its session is made for it, and only the statement tells which.
  const [{ context }] = await stored(run, { verb: 'https://w3id.org/xapi/adl/verbs/waived' });
  const session = context.extensions[extension('sessionid')];
  assert.match(session, /^[0-9a-f-]{36}$/);
  run.sessions[session] = { node: aus(run)[index], reason };
}

async function isReported({ registration, sessions }, bearer) {
  const launched = Object.keys(sessions).filter((session) => sessions[session].url);
  const reports = await Promise.all(launched.map((session) => lms.report({ session })));
  const ends = steps.filter(({ says }) => says).map(({ ends = 'Terminated' }) => [ends, []]);
  assert.deepEqual(reports.map(({ state, violations }) => [state, violations]), ends);
  const { isSatisfied, metadata } = await call(bearer, 'GET', `registration/${registration}`);
  assert.deepEqual([isSatisfied, metadata.moveOn.satisfied], [1, true]);
}
