// TinCanJS, the client inside much published content.

import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { activityId, check, endpoint, key, learner, secret, statement } from './check.mjs';

const TinCan = createRequire(import.meta.url)('tincanjs');
const client = 'tincanjs';
const lrs = new TinCan.LRS({ endpoint: `${endpoint}/`, username: key, password: secret, allowFail: false });

// TinCanJS answers by callback: (error, result), the error being a status or an exception.
function ask(method, ...args) {
  const options = args.pop();
  return new Promise((resolve, reject) => {
    const callback = (error, result) => {
      if (error !== null) reject(Object.assign(new Error(`${method}: ${error}`), { status: error, xhr: result }));
      else resolve(result);
    };
    lrs[method](...args, { ...options, callback });
  });
}

await check(client, 'one statement out and back', async () => {
  const sent = new TinCan.Statement(statement());
  await ask('saveStatement', sent, {});
  const got = await ask('retrieveStatement', sent.id, {});
  assert.deepEqual(got.asVersion('1.0.2').actor, sent.asVersion('1.0.2').actor);
  assert.equal(got.result.score.scaled, 0.12123434);
  assert.ok(got.stored && got.authority);
});

await check(client, 'a batch, then a query and its next page', async () => {
  const actor = learner();
  const sent = [1, 2, 3].map(() => new TinCan.Statement(statement({ actor })));
  await ask('saveStatements', sent, {});
  const params = { agent: new TinCan.Agent(actor), limit: 2, ascending: true };
  const first = await ask('queryStatements', { params });
  const second = await ask('moreStatements', { url: first.more });
  const ids = [...first.statements, ...second.statements].map(({ id }) => id);
  assert.deepEqual(ids, sent.map(({ id }) => id));
});

await check(client, 'an attachment as multipart out and back', async () => {
  const content = TinCan.Utils.stringToArrayBuffer('a certificate, in bytes');
  const attachment = new TinCan.Attachment({
    usageType: 'http://id.tincanapi.com/attachment/certificate-of-completion',
    display: { en: 'certificate' },
    contentType: 'text/plain',
    content,
  });
  const sent = new TinCan.Statement({ ...statement(), attachments: [attachment] });
  await ask('saveStatement', sent, {});
  const got = await ask('retrieveStatement', sent.id, { params: { attachments: true } });
  assert.equal(got.attachments[0].getContentAsString(), 'a certificate, in bytes');
});

await check(client, 'state: write, read, replace by its hash, list, drop', async () => {
  const place = { agent: new TinCan.Agent(learner()), activity: new TinCan.Activity({ id: activityId() }) };
  const write = { ...place, contentType: 'application/json' };
  await ask('saveState', 'bookmark', { page: 3 }, write);
  const state = await ask('retrieveState', 'bookmark', place);
  assert.deepEqual(state.contents, { page: 3 });
  // The hash without quotes: what this client calculates itself and sends as If-Match.
  const lastSHA1 = TinCan.Utils.getSHA1String(JSON.stringify({ page: 3 }));
  await ask('saveState', 'bookmark', { page: 4 }, { ...write, lastSHA1 });
  const stale = await ask('saveState', 'bookmark', { page: 5 }, { ...write, lastSHA1 }).catch((error) => error);
  assert.equal(stale.status, 412);
  assert.deepEqual((await ask('retrieveState', 'bookmark', place)).contents, { page: 4 });
  await ask('dropState', 'bookmark', place);
  assert.equal(await ask('retrieveState', 'bookmark', place), null);
});

await check(client, 'agent profile: new, then replaced by its ETag', async () => {
  const place = { agent: new TinCan.Agent(learner()) };
  const write = { ...place, contentType: 'application/json' };
  await ask('saveAgentProfile', 'preferences', { language: 'cs' }, write);
  const profile = await ask('retrieveAgentProfile', 'preferences', place);
  assert.deepEqual(profile.contents, { language: 'cs' });
  await ask('saveAgentProfile', 'preferences', { language: 'de' }, { ...write, lastSHA1: profile.etag });
  const again = await ask('retrieveAgentProfile', 'preferences', place);
  assert.deepEqual(again.contents, { language: 'de' });
});

await check(client, 'activity profile: new, read, dropped', async () => {
  const place = { activity: new TinCan.Activity({ id: activityId() }) };
  await ask('saveActivityProfile', 'note', 'plain text', { ...place, contentType: 'text/plain' });
  assert.equal((await ask('retrieveActivityProfile', 'note', place)).contents, 'plain text');
  await ask('dropActivityProfile', 'note', place);
  assert.equal(await ask('retrieveActivityProfile', 'note', place), null);
});
