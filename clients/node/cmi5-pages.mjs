// What only a browser shows of a cmi5 server, by an AU without a library (au.js) in its page: one exported function a
// check, given the tabs of a browser and the URL of the AU's page.

import assert from 'node:assert/strict';
import * as lms from './lms.mjs';

async function started(tabs, launched) {
  const page = await tabs.open(launched.url);
  const { status, body } = await page.evaluate(() => au.start());
  assert.equal(status, 200, JSON.stringify(body));
  return page;
}

const send = (page, verb, change = {}) =>
  page.evaluate(([name, members]) => au.send({ ...au.statement(name), ...members }), [verb, change]);

export const closedTab = (tabs, url) => leaves(tabs, url, (page) => page.close({ runBeforeUnload: true }));

export const leftPage = (tabs, url) => leaves(tabs, url, (page) => page.goto('about:blank'));

async function leaves(tabs, url, leave) {
  const launched = await lms.launch(url);
  const page = await started(tabs, launched);
  const id = await page.evaluate(() => au.terminateWhenClosed());
  await leave(page);
  const report = await lms.reportOnce(launched, 'Terminated');
  assert.deepEqual([report.state, report.violations], ['Terminated', []]);
  const stored = await lms.statement(id);
  assert.equal(stored.verb.id, 'http://adlnet.gov/expapi/verbs/terminated');
}

export async function oneToken(tabs, url) {
  const launched = await lms.launch(url);
  const page = await tabs.open(launched.url);
  const ask = (method) => page.evaluate((name) => au.fetchToken(name), method);
  assert.equal((await ask('GET')).status, 405);
  const first = await ask('POST');
  assert.equal(first.status, 200);
  assert.ok(first.body['auth-token']);
  const second = await ask('POST');
  assert.deepEqual([second.status, second.body['error-code']], [200, '1']);
  assert.ok(second.body['error-text'].length > 0);
  assert.equal('auth-token' in second.body, false);
  assert.equal((await ask('GET')).status, 405);
  const read = await page.evaluate((token) => Object.assign(au, { token }).readLaunchData(), first.body['auth-token']);
  assert.equal(read.status, 200, 'the first token works');
  // What is kept from pages: an answer that is not to be kept, and no cookie.
  const { headers } = await fetch(launched.fetch, { method: 'POST', headers: { Origin: new URL(url).origin } });
  assert.match(headers.get('Cache-Control'), /no-store/);
  assert.deepEqual(headers.getSetCookie(), []);
}

const passedWithoutDuration = { result: { success: true } };
const duration = { requirement: '9.5.4.1-3', pointer: '/result/duration' };
const named = (violations) => violations.map(({ requirement, pointer }) => ({ requirement, pointer }));

export async function refusal(tabs, url) {
  const launched = await lms.launch(url, { launchData: { masteryScore: undefined } });
  const page = await started(tabs, launched);
  const { status, body } = await send(page, 'passed', passedWithoutDuration);
  assert.equal(status, 403);
  assert.deepEqual(named(body.violations), [duration]);
  const right = await send(page, 'passed');
  assert.equal(right.status, 200, `the right one is taken: ${JSON.stringify(right.body)}`);
  const report = await lms.report(launched);
  assert.deepEqual(named(report.violations), [duration]);
  assert.deepEqual([report.violations[0].decision, report.state, report.passed], ['rejected', 'Initialized', true]);
}

export async function flagged(tabs, url) {
  const launched = await lms.launch(url, { launchData: { masteryScore: undefined } });
  const page = await started(tabs, launched);
  await lms.setPolicies({ au: 'flag' });
  try {
    const { status, body, headers } = await send(page, 'passed', passedWithoutDuration);
    assert.equal(status, 200, JSON.stringify(body));
    assert.equal(headers['x-tessera-violations'], duration.requirement);
    await lms.statement(body[0]);
  } finally {
    await lms.setPolicies({});
  }
  const report = await lms.report(launched);
  assert.deepEqual(named(report.violations), [duration]);
  assert.deepEqual([report.violations[0].decision, report.passed], ['flagged', false]);
}

export async function endedToken(tabs, url) {
  const launched = await lms.launch(url);
  const page = await started(tabs, launched);
  assert.equal((await send(page, 'terminated')).status, 200);
  const logins = await loginDialogs(page);
  const late = await send(page, 'completed');
  assert.deepEqual([late.status, late.body.violations[0].requirement], [403, '8.1.2.0-2']);
  assert.equal((await page.evaluate(() => au.readLaunchData())).status, 403);
  const again = await page.evaluate(() => au.fetchToken());
  assert.deepEqual([again.status, again.body['error-code']], [200, '1']);
  assert.equal(await beaconStatus(page), 403);
  const wrong = await page.evaluate(() => Object.assign(au, { token: btoa('no:body') }).readLaunchData());
  assert.equal(wrong.status, 401);
  assert.equal(await beaconStatus(page), 401);
  assert.deepEqual(logins, []);
}

// Beacons go out with credentials, so a challenge to one opens a dialog where one to `fetch` does not.
async function beaconStatus(page) {
  const answered = page.waitForResponse((response) => response.url().endsWith('/statements?method=POST'));
  assert.ok(await page.evaluate(() => au.beacon(au.statement('completed'))));
  return (await answered).status();
}

// Fills with the URLs for which headless-shell would have opened a login dialog: it is asked to hand them over. Full
// Chromium does not tell for beacons, so what counts for both is that no answer has a challenge (cmi5.mjs).
async function loginDialogs(page) {
  const urls = [];
  const devtools = await page.context().newCDPSession(page);
  devtools.on('Fetch.requestPaused', ({ requestId }) => devtools.send('Fetch.continueRequest', { requestId }));
  devtools.on('Fetch.authRequired', ({ requestId, request }) => {
    urls.push(request.url);
    devtools.send('Fetch.continueWithAuth', { requestId, authChallengeResponse: { response: 'CancelAuth' } });
  });
  await devtools.send('Fetch.enable', { handleAuthRequests: true });
  return urls;
}

// Both ask for `statements` at the same URL.
export async function twoLearners(tabs, url) {
  const launches = [await lms.launch(url), await lms.launch(url)];
  const languages = ['de', 'ja'];
  const pages = [];
  for (const [index, launched] of launches.entries()) {
    await lms.setPreferences(launched.actor, { languagePreference: languages[index], audioPreference: 'on' });
    pages.push(await started(tabs, launched));
  }
  for (const [index, page] of [...pages.entries(), ...pages.entries()]) {
    const seen = await page.evaluate(async () => ({
      session: (await au.readLaunchData()).body.contextTemplate.extensions,
      language: (await au.readPreferences()).body.languagePreference,
      actors: (await au.ask('GET', '/statements', {})).body.statements.map(({ actor }) => actor.account.name),
    }));
    const { session, actor } = launches[index];
    assert.deepEqual(Object.values(seen.session), [session]);
    assert.equal(seen.language, languages[index]);
    assert.deepEqual([...new Set(seen.actors)], [actor.account.name]);
  }
}

// The URLs of launch data and preferences are those of the session before.
export async function relaunch(tabs, url) {
  const first = await lms.launch(url);
  await lms.setPreferences(first.actor, { languagePreference: 'de', audioPreference: 'on' });
  const page = await started(tabs, first);
  assert.equal((await send(page, 'terminated')).status, 200);
  const { actor, registration, activityId } = first;
  const second = await lms.launch(url, { actor, registration, activityId, launchData: { launchMode: 'Review' } });
  await lms.setPreferences(actor, { languagePreference: 'fr' });
  const again = await started(tabs, second);
  const got = await again.evaluate(() => [au.launchData.launchMode, au.preferences.languagePreference]);
  assert.deepEqual(got, ['Review', 'fr']);
  assert.equal((await send(again, 'terminated')).status, 200);
  const report = await lms.report(second);
  assert.deepEqual([report.state, report.violations], ['Terminated', []]);
}
