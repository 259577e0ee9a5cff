// @xapi/xapi, with both of its transports.

import assert from 'node:assert/strict';
import { createHash, randomUUID } from 'node:crypto';
import { createRequire } from 'node:module';
import { activityId, check, endpoint, key, learner, secret, statement } from './check.mjs';

const { default: XAPI } = createRequire(import.meta.url)('@xapi/xapi');

// The transport over axios tells the status; the one over fetch throws the answer's text alone.
async function refused(promise, status, text) {
  const error = await promise.then(
    () => assert.fail(`expected ${status}, got a success`),
    (thrown) => thrown,
  );
  if (error.response) assert.equal(error.response.status, status);
  assert.match(JSON.stringify(error.response?.data ?? error.message), text);
}

async function statements(client, lrs) {
  await check(client, 'about without anything else', async () => {
    const { data } = await lrs.getAbout();
    assert.ok(data.version.includes('1.0.3') && data.version.includes('2.0.0'));
  });

  await check(client, 'one statement out and back', async () => {
    const sent = statement();
    const { data: ids } = await lrs.sendStatement({ statement: sent });
    assert.deepEqual(ids, [sent.id]);
    const { data: got } = await lrs.getStatement({ statementId: sent.id });
    for (const part of ['actor', 'verb', 'object', 'result', 'context']) assert.deepEqual(got[part], sent[part]);
    assert.ok(got.stored && got.timestamp && got.authority && got.version);
  });

  await check(client, 'a list by registration, page by page', async () => {
    const context = { registration: randomUUID() };
    const sent = [1, 2, 3].map(() => statement({ context }));
    await lrs.sendStatements({ statements: sent });
    const query = { registration: context.registration, limit: 2, ascending: true };
    const { data: first } = await lrs.getStatements(query);
    assert.ok(first.more, 'a second page is announced');
    const { data: second } = await lrs.getMoreStatements({ more: first.more });
    assert.equal(second.more ?? '', '');
    const ids = [...first.statements, ...second.statements].map(({ id }) => id);
    assert.deepEqual(ids, sent.map(({ id }) => id));
  });

  await check(client, 'a list by agent, verb and activity', async () => {
    const sent = statement();
    await lrs.sendStatement({ statement: sent });
    const query = { agent: sent.actor, verb: sent.verb.id, activity: sent.object.id };
    const { data: found } = await lrs.getStatements(query);
    assert.deepEqual(found.statements.map(({ id }) => id), [sent.id]);
    const { data: none } = await lrs.getStatements({ ...query, verb: 'http://adlnet.gov/expapi/verbs/failed' });
    assert.deepEqual(none.statements, []);
  });

  await check(client, 'a voided statement leaves the lists', async () => {
    const sent = statement();
    await lrs.sendStatement({ statement: sent });
    await lrs.voidStatement({ actor: sent.actor, statementId: sent.id });
    await refused(lrs.getStatement({ statementId: sent.id }), 404, /voided/);
    const { data: got } = await lrs.getVoidedStatement({ voidedStatementId: sent.id });
    assert.equal(got.id, sent.id);
  });

  await check(client, 'a refusal names the rule and the place', async () => {
    const sent = statement({ result: { score: { scaled: 1.5 } } });
    await refused(lrs.sendStatement({ statement: sent }), 400, /\/result\/score\/scaled/);
  });
}

async function documents(client, lrs) {
  await check(client, 'state: write, merge, list, delete', async () => {
    const place = { agent: learner(), activityId: activityId(), registration: randomUUID() };
    const bookmark = { ...place, stateId: 'bookmark' };
    await lrs.setState({ ...bookmark, state: { page: 3, note: 'ü' } });
    await lrs.createState({ ...bookmark, state: { page: 4 } });
    const { data: got } = await lrs.getState(bookmark);
    assert.deepEqual(got, { page: 4, note: 'ü' });
    assert.deepEqual((await lrs.getStates(place)).data, ['bookmark']);
    await lrs.deleteState(bookmark);
    assert.deepEqual((await lrs.getStates(place)).data, []);
    await refused(lrs.getState(bookmark), 404, /no such document/);
  });

  await check(client, 'agent profile: preconditions', async () => {
    const place = { agent: learner(), profileId: 'preferences' };
    await lrs.setAgentProfile({ ...place, profile: { language: 'cs' }, etag: '*', matchHeader: 'If-None-Match' });
    const { data, headers } = await lrs.getAgentProfile(place);
    assert.deepEqual(data, { language: 'cs' });
    const write = { ...place, profile: { language: 'de' }, matchHeader: 'If-Match' };
    await lrs.setAgentProfile({ ...write, etag: headers.etag });
    await refused(lrs.setAgentProfile({ ...write, etag: headers.etag }), 412, /If-Match/);
  });

  await check(client, 'activity profile: text stays text', async () => {
    const place = { activityId: activityId(), profileId: 'note' };
    const write = { ...place, profile: 'plain text', contentType: 'text/plain' };
    await lrs.setActivityProfile({ ...write, etag: '*', matchHeader: 'If-None-Match' });
    const { data, headers } = await lrs.getActivityProfile(place);
    assert.equal(data, 'plain text');
    assert.match(headers['content-type'], /^text\/plain/);
  });

  await check(client, 'person and activity', async () => {
    const sent = statement();
    await lrs.sendStatement({ statement: sent });
    const { data: person } = await lrs.getAgent({ agent: sent.actor });
    assert.equal(person.objectType, 'Person');
    assert.deepEqual(person.account, [sent.actor.account]);
    const { data: activity } = await lrs.getActivity({ activityId: sent.object.id });
    assert.deepEqual(activity, sent.object);
  });
}

async function attachments(client, lrs) {
  await check(client, 'an attachment as multipart out and back', async () => {
    const content = new TextEncoder().encode('a certificate, in bytes');
    const attachment = {
      usageType: 'http://id.tincanapi.com/attachment/certificate-of-completion',
      display: { en: 'certificate' },
      contentType: 'text/plain',
      length: content.byteLength,
      sha2: createHash('sha256').update(content).digest('hex'),
    };
    const sent = statement({ attachments: [attachment] });
    await lrs.sendStatement({ statement: sent, attachments: [content.buffer] });
    const { data: parts } = await lrs.getStatement({ statementId: sent.id, attachments: true });
    assert.equal(parts[0].id, sent.id);
    assert.equal(parts[1], 'a certificate, in bytes');
  });
}

for (const adapter of ['fetch', 'axios']) {
  const lrs = new XAPI({ endpoint: `${endpoint}/`, auth: XAPI.toBasicAuth(key, secret), adapter });
  const client = `@xapi/xapi (${adapter})`;
  await statements(client, lrs);
  await documents(client, lrs);
  // In node, axios replaces the multipart header of a Blob; in browsers it does not.
  if (adapter === 'fetch') await attachments(client, lrs);
  await check(client, 'wrong secret is 401', async () => {
    const stranger = new XAPI({ endpoint: `${endpoint}/`, auth: XAPI.toBasicAuth(key, 'wrong'), adapter });
    await refused(stranger.getStatements({ limit: 1 }), 401, /no such key/);
  });
}
