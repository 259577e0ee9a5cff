// Plays an LMS that speaks cmi5 for itself: launches AUs over HTTP with its key, and asks for reports afterwards.

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { activityId, endpoint, key, learner, secret } from './check.mjs';

const cmi5 = 'https://w3id.org/xapi/cmi5/context';
const extension = (name) => `${cmi5}/extensions/${name}`;
const publisherId = 'https://publisher.example/au/first-steps';
const api = new URL('/cmi5/v1', endpoint).href;
const headers = {
  Authorization: `Basic ${Buffer.from(`${key}:${secret}`).toString('base64')}`,
  'Content-Type': 'application/json',
};

async function ask(method, url, body) {
  const version = { 'X-Experience-API-Version': '1.0.3' };
  const options = { method, headers: { ...headers, ...version }, body: body && JSON.stringify(body) };
  const answer = await fetch(url, options);
  const text = await answer.text();
  assert.ok(answer.ok, `${method} ${url}: ${answer.status} ${text}`);
  return text === '' ? undefined : JSON.parse(text);
}

const state = (query) => `${endpoint}/activities/state?${new URLSearchParams(query)}`;
const preferencesOf = (actor) => {
  const query = { agent: JSON.stringify(actor), profileId: 'cmi5LearnerPreferences' };
  return `${endpoint}/agents/profile?${new URLSearchParams(query)}`;
};

// Makes a session, says `launched`, and gives the launch with the URL to open: that of the page with the parameters of
// section 8.1. Another launch of the same AU and registration takes over the fields of the first.
export async function launch(page, { launchData = {}, ...fields } = {}) {
  const made = {
    actor: learner(),
    registration: randomUUID(),
    activityId: activityId(),
    ...fields,
    session: randomUUID(),
  };
  const contextTemplate = {
    contextActivities: { grouping: [{ objectType: 'Activity', id: publisherId }] },
    extensions: { [extension('sessionid')]: made.session },
  };
  const data = { contextTemplate, launchMode: 'Normal', moveOn: 'CompletedAndPassed', masteryScore: 0.6667, ...launchData };
  const { actor, registration, session } = made;
  const parameters = { activityId: made.activityId, registration };
  const agent = JSON.stringify(actor);
  await ask('PUT', state({ ...parameters, agent, stateId: 'LMS.LaunchData' }), data);
  await ask('POST', `${endpoint}/statements`, launched(made, data, page));
  const urls = await ask('POST', `${api}/sessions/${session}/fetch`);
  const url = `${page}?${new URLSearchParams({ ...urls, ...parameters, actor: agent })}`;
  return { ...made, fetch: urls.fetch, url };
}

function launched({ actor, registration, activityId }, data, page) {
  const { contextActivities, extensions } = data.contextTemplate;
  return {
    id: randomUUID(),
    actor,
    verb: { id: 'http://adlnet.gov/expapi/verbs/launched', display: { en: 'launched' } },
    object: { objectType: 'Activity', id: activityId },
    context: {
      registration,
      contextActivities: { ...contextActivities, category: [{ id: `${cmi5}/categories/cmi5` }] },
      extensions: {
        ...extensions,
        [extension('launchmode')]: data.launchMode,
        [extension('launchurl')]: page,
        [extension('moveon')]: data.moveOn,
        [extension('masteryscore')]: data.masteryScore,
      },
    },
    timestamp: new Date().toISOString(),
  };
}

export const report = ({ session }) => ask('GET', `${api}/sessions/${session}`);

export const setPreferences = (actor, preferences) => ask('POST', preferencesOf(actor), preferences);

export const setPolicies = (policies) => ask('PUT', `${api}/policies`, policies);

export const statement = (id) => ask('GET', `${endpoint}/statements?statementId=${id}`);

// The report, once the session has got there: beacons are answered to nobody.
export async function reportOnce(launched, state, seconds = 10) {
  const end = Date.now() + seconds * 1000;
  for (;;) {
    const now = await report(launched);
    if (now.state === state || Date.now() > end) return now;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
