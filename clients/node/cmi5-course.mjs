// A course that Tessera imports, launches and serves: from the package to the `satisfied` of the course, in a browser,
// with AUs that lie in the package and use @xapi/cmi5.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { endpoint, key, learner, secret } from './check.mjs';
import * as lms from './lms.mjs';
import { page as html } from './pages.mjs';
import { zip } from './zip.mjs';

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

const text = (what) => `
  <title><langstring lang="en">${what}</langstring><langstring lang="de">${what} 🎓</langstring><langstring lang="ja">コース</langstring></title>
  <description><langstring lang="en">About ${what}</langstring></description>`;

const au = (name, attributes, url, more = '') =>
  `<au id="https://publisher.example/${name}" ${attributes}>${text(name)}<url>${url}</url>${more}</au>`;

const structure = `<?xml version="1.0" encoding="UTF-8"?>
<courseStructure xmlns="https://w3id.org/xapi/profiles/cmi5/v1/CourseStructure.xsd">
  <course id="https://publisher.example/course">${text('course')}</course>
  <block id="https://publisher.example/outer">${text('outer')}
    <block id="https://publisher.example/inner">${text('inner')}
      ${au('both', 'moveOn="CompletedAndPassed" masteryScore="0.6667"', 'au/index.html?page=1&amp;name=%C3%BC', '<launchParameters><![CDATA[ {"a":"<b> 🎓"} ]]></launchParameters>')}
      ${au('passed', 'moveOn="Passed" masteryScore="0.5"', 'au/index.html')}
    </block>
    ${au('completed', 'moveOn="Completed" launchMethod="OwnWindow"', 'au/my%20page.html#top')}
  </block>
  ${au('either', 'moveOn="CompletedOrPassed"', './au/')}
  ${au('none', 'moveOn="NotApplicable"', 'au/index.html?a')}
</courseStructure>`;

async function course() {
  const library = await readFile(new URL('node_modules/@xapi/cmi5/dist/Cmi5.umd.js', import.meta.url));
  const [, shown] = html('../lib/cmi5.js');
  const files = { 'cmi5.xml': structure, 'lib/cmi5.js': library, 'au/index.html': shown, 'au/my page.html': shown };
  const { id } = await call(basic, 'POST', 'tenant', { code: 'browser', ifExists: 'return' });
  const { token } = await call(basic, 'POST', 'auth', { tenantId: id, audience: 'browser' });
  const bearer = `Bearer ${token}`;
  return { bearer, ...(await call(bearer, 'POST', 'course', zip(files), 'application/zip')) };
}

// What an AU says, by name: in its page, with the library.
const says = {
  both: async () => {
    const one = new Cmi5();
    await one.initialize();
    await one.complete();
    await one.pass(0.6667);
    await one.terminate();
    return one.getLaunchData();
  },
  passed: async () => {
    const one = new Cmi5();
    await one.initialize();
    await one.pass(0.75);
    await one.terminate();
    return one.getLaunchData();
  },
  completed: async () => {
    const one = new Cmi5();
    await one.initialize();
    await one.complete();
    await one.terminate();
    return one.getLaunchData();
  },
};

export async function toItsEnd(tabs) {
  const { bearer, id, lmsId } = await course();
  const actor = learner();
  const { code } = await call(bearer, 'POST', 'registration', { courseId: id, actor });
  const sessions = [];
  for (const [index, name] of ['both', 'passed', 'completed', 'either'].entries()) {
    const launched = await call(bearer, 'POST', `course/${id}/launch-url/${index}`, { actor, reg: code });
    const tab = await tabs.open(launched.url);
    const data = await tab.evaluate(says[name] ?? says.completed);
    assert.equal(data.launchMode, 'Normal');
    if (name === 'both') assert.deepEqual([data.masteryScore, data.launchParameters], [0.6667, '{"a":"<b> 🎓"}']);
    sessions.push(await call(bearer, 'GET', `session/${launched.id}`));
  }
  const stored = await call(basic, 'GET', `${endpoint}/statements?registration=${code}&ascending=true`);
  const told = stored.statements.map(({ verb, object }) => `${verb.id.split('/').at(-1)} ${object.id.slice(lmsId.length)}`);
  const of = (index, ...verbs) => ['launched', 'initialized', ...verbs].map((verb) => `${verb} /au/${index}`);
  assert.deepEqual(told, [
    ...of(0, 'completed', 'passed', 'terminated'),
    ...of(1, 'passed'), 'satisfied /block/1', 'terminated /au/1',
    ...of(2, 'completed'), 'satisfied /block/0', 'terminated /au/2',
    ...of(3, 'completed'), 'satisfied ', 'terminated /au/3',
  ]);
  const times = stored.statements.map((statement) => statement.stored);
  assert.deepEqual(times, [...new Set(times)].sort(), '`stored` grows');
  for (const session of sessions) {
    const { state, violations } = await lms.report({ session: session.code });
    assert.deepEqual([state, violations, session.isTerminated], ['Terminated', [], 1]);
  }
  const { isSatisfied, metadata } = await call(bearer, 'GET', `registration/${code}`);
  assert.deepEqual([isSatisfied, metadata.moveOn.satisfied], [1, true]);
}
