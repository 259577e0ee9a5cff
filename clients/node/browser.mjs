// A page on another origin, in a real browser: what only a browser shows (preflights, exposed headers, beacons,
// login dialogs). The page brings TinCanJS and @xapi/xapi in their builds for browsers too.

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { activityId, check, endpoint, key, learner, secret, statement } from './check.mjs';
import { openBrowser, page as html, serve } from './pages.mjs';

const client = 'browser';
const packages = new URL('./node_modules/', import.meta.url);
const content = await serve({
  '/': html('/xapi.js', '/tincan.js'),
  '/xapi.js': ['text/javascript', await readFile(new URL('@xapi/xapi/dist/XAPI.umd.js', packages))],
  '/tincan.js': ['text/javascript', await readFile(new URL('tincanjs/build/tincan.js', packages))],
});

const browser = await openBrowser('/usr/bin/chromium');
const page = await browser.newPage();
await page.goto(`${content.origin}/`);
const authorization = `Basic ${Buffer.from(`${key}:${secret}`).toString('base64')}`;

// In the page: a fetch against the endpoint; gives status, text and the headers that the page may see.
function request(method, path, { query = {}, headers = {}, body } = {}) {
  const url = `${endpoint}${path}?${new URLSearchParams(query)}`;
  const all = { Authorization: authorization, 'X-Experience-API-Version': '1.0.3', ...headers };
  return page.evaluate(
    async ([where, options]) => {
      const response = await fetch(where, options);
      return { status: response.status, text: await response.text(), headers: Object.fromEntries(response.headers) };
    },
    [url, { method, headers: all, body }],
  );
}

const json = { 'Content-Type': 'application/json' };

await check(client, 'a statement by fetch from another origin, out and back', async () => {
  const sent = statement();
  const posted = await request('POST', '/statements', { headers: json, body: JSON.stringify(sent) });
  assert.deepEqual([posted.status, JSON.parse(posted.text)], [200, [sent.id]]);
  const got = await request('GET', '/statements', { query: { statementId: sent.id } });
  assert.equal(JSON.parse(got.text).result.score.scaled, 0.12123434);
  assert.equal(got.headers['x-experience-api-version'], '1.0.3');
  assert.ok(Date.parse(got.headers['x-experience-api-consistent-through']), 'the header is exposed');
  assert.ok(got.headers['last-modified'], 'the header is exposed');
});

await check(client, 'state with its ETag from another origin', async () => {
  const agent = JSON.stringify(learner());
  const query = { agent, activityId: activityId(), stateId: 'bookmark' };
  const write = { query, headers: json, body: '{"page":3}' };
  assert.equal((await request('PUT', '/activities/state', write)).status, 204);
  const { text, headers } = await request('GET', '/activities/state', { query });
  assert.equal(text, '{"page":3}');
  const guarded = { ...write, headers: { ...json, 'If-Match': headers.etag }, body: '{"page":4}' };
  assert.equal((await request('PUT', '/activities/state', guarded)).status, 204);
  assert.equal((await request('PUT', '/activities/state', guarded)).status, 412);
  assert.equal((await request('DELETE', '/activities/state', { query })).status, 204);
});

await check(client, 'wrong credentials are a readable 401 without a login dialog', async () => {
  const { status, text, headers } = await request('GET', '/statements', { headers: { Authorization: 'Basic eDp5' } });
  assert.equal(status, 401);
  assert.ok(text.length > 0);
  assert.equal(headers['www-authenticate'], undefined);
});

await check(client, 'no credentials: an answer, not a dialog', async () => {
  const status = await page.evaluate(async (where) => (await fetch(where)).status, `${endpoint}/statements`);
  assert.ok([400, 401].includes(status), `got ${status}`);
});

await check(client, 'an error is readable from another origin', async () => {
  const { status, text } = await request('POST', '/statements', { headers: json, body: '{"actor":1}' });
  assert.equal(status, 400);
  assert.ok(JSON.parse(text).violations.length > 0);
});

// What content sends while its page goes away: no headers can be set, so all of them are in the form.
for (const method of ['POST', 'PUT']) {
  await check(client, `a statement by sendBeacon (alternate syntax, ${method})`, async () => {
    const sent = statement();
    const queued = await page.evaluate(
      ([where, form]) => navigator.sendBeacon(where, new URLSearchParams(form)),
      [
        `${endpoint}/statements?method=${method}`,
        {
          Authorization: authorization,
          'X-Experience-API-Version': '1.0.3',
          'Content-Type': 'application/json',
          content: JSON.stringify(sent),
          ...(method === 'PUT' ? { statementId: sent.id } : {}),
        },
      ],
    );
    assert.ok(queued);
    await page.waitForFunction(
      async ([where, headers]) => (await fetch(where, { headers })).ok,
      [`${endpoint}/statements?statementId=${sent.id}`, { Authorization: authorization, 'X-Experience-API-Version': '1.0.3' }],
      { timeout: 5000, polling: 100 },
    );
  });
}

await check(client, 'state by sendBeacon (alternate syntax)', async () => {
  const query = { agent: JSON.stringify(learner()), activityId: activityId(), stateId: 'bookmark' };
  await page.evaluate(
    ([where, form]) => navigator.sendBeacon(where, new URLSearchParams(form)),
    [
      `${endpoint}/activities/state?method=PUT`,
      { Authorization: authorization, 'X-Experience-API-Version': '1.0.3', 'Content-Type': 'application/json', content: '{"page":7}', ...query },
    ],
  );
  await page.waitForFunction(
    async ([where, headers]) => (await (await fetch(where, { headers })).text()) === '{"page":7}',
    [`${endpoint}/activities/state?${new URLSearchParams(query)}`, { Authorization: authorization, 'X-Experience-API-Version': '1.0.3' }],
    { timeout: 5000, polling: 100 },
  );
});

await check(client, '@xapi/xapi in the page', async () => {
  const sent = statement();
  const got = await page.evaluate(
    async ([config, one]) => {
      const lrs = new window.XAPI(config);
      await lrs.sendStatement({ statement: one });
      const state = { agent: one.actor, activityId: one.object.id, stateId: 'bookmark' };
      await lrs.setState({ ...state, state: { page: 3 } });
      return [(await lrs.getStatement({ statementId: one.id })).data.id, (await lrs.getState(state)).data];
    },
    [{ endpoint: `${endpoint}/`, auth: authorization }, sent],
  );
  assert.deepEqual(got, [sent.id, { page: 3 }]);
});

await check(client, 'TinCanJS in the page', async () => {
  const sent = statement({ id: randomUUID() });
  const got = await page.evaluate(
    ([config, one]) =>
      new Promise((resolve) => {
        const lrs = new window.TinCan.LRS(config);
        lrs.saveStatement(new window.TinCan.Statement(one), {
          callback: (error) =>
            error !== null
              ? resolve(`save: ${error}`)
              : lrs.retrieveStatement(one.id, { callback: (failure, found) => resolve(failure ?? found.id) }),
        });
      }),
    [{ endpoint: `${endpoint}/`, username: key, password: secret, allowFail: false }, sent],
  );
  assert.equal(got, sent.id);
});

await browser.close();
content.close();
