// Sessions by the cmi5 libraries from npm, each used in the page as its documentation shows, and what the LMS is told
// about them afterwards.

import assert from 'node:assert/strict';
import * as lms from './lms.mjs';

const preferences = { languagePreference: 'de', audioPreference: 'on' };

async function launched(page, launchData) {
  const made = await lms.launch(page, { launchData });
  await lms.setPreferences(made.actor, preferences);
  return made;
}

// Terminated, completed, passed, without a violation.
async function isWhole(made, verbs) {
  const { state, completed, passed, failed, violations, statements, flags } = await lms.report(made);
  assert.deepEqual([state, violations], ['Terminated', []]);
  assert.deepEqual([completed, passed, failed], [true, true, false]);
  assert.deepEqual([flags.launchDataRead, flags.preferencesRead], [true, true]);
  const told = statements.map(({ verb }) => verb.split('/').at(-1));
  assert.deepEqual(told, ['launched', ...verbs]);
  const score = statements.find(({ verb }) => verb.endsWith('/passed')).result.score;
  assert.equal(Number(score.scaled), 0.6667);
}

export async function xapi(tabs, url) {
  const made = await launched(url);
  const page = await tabs.open(made.url);
  const got = await page.evaluate(async () => {
    const au = new Cmi5();
    await au.initialize();
    await au.progress(50);
    await au.interactionTrueFalse('test1', 'question1', true, true, { en: 'Is it so?' });
    await au.complete();
    await au.pass(0.6667);
    await au.terminate();
    return [au.getLearnerPreferences(), au.getLaunchData().masteryScore];
  });
  assert.deepEqual(got, [preferences, 0.6667]);
  await isWhole(made, ['initialized', 'progressed', 'answered', 'completed', 'passed', 'terminated']);
}

// The token is gone from the fetch URL, so a page that is to survive a reload keeps it.
export async function xapiReloaded(tabs, url) {
  const made = await launched(url);
  const page = await tabs.open(made.url);
  await page.evaluate(async () => {
    const au = new Cmi5();
    await au.initialize();
    sessionStorage.setItem('au', JSON.stringify([au.getAuthToken(), au.getInitializedDate()]));
    await au.complete();
  });
  await page.reload();
  await page.evaluate(async () => {
    const [authToken, initializedDate] = JSON.parse(sessionStorage.getItem('au'));
    const au = new Cmi5();
    await au.initialize({ authToken, initializedDate: new Date(initializedDate) });
    await au.pass(0.6667);
    await au.terminate();
  });
  await isWhole(made, ['initialized', 'completed', 'passed', 'terminated']);
}

// The library takes a masteryScore of 0 for none and leaves it out of `passed`, so the author puts it in.
export async function xapiMasteryScoreZero(tabs, url) {
  const made = await launched(url, { masteryScore: 0 });
  const page = await tabs.open(made.url);
  const refused = await page.evaluate(async () => {
    window.au = new Cmi5();
    await au.initialize();
    const { status, data } = await au.pass(0).catch((error) => error.response);
    return [status, data.violations?.[0].requirement];
  });
  assert.deepEqual(refused, [403, '9.6.3.2-2']);
  await page.evaluate(async () => {
    const masteryScore = 'https://w3id.org/xapi/cmi5/context/extensions/masteryscore';
    const transform = (statement) => {
      statement.context.extensions[masteryScore] = au.getLaunchData().masteryScore;
      return statement;
    };
    await au.pass(0, { transform });
    await au.terminate();
  });
  const { state, passed, violations } = await lms.report(made);
  assert.deepEqual([state, passed, violations.length], ['Terminated', true, 1]);
}

export async function rustici(tabs, url) {
  const made = await launched(url);
  const page = await tabs.open(made.url);
  const got = await page.evaluate(async () => {
    const au = new Cmi5(location.href);
    await au.start();
    au.setProgress(50);
    // A cmi5 allowed statement; the library puts the progress into it.
    await au.sendStatement(au.prepareStatement('http://adlnet.gov/expapi/verbs/progressed'));
    await au.completed();
    await au.passed({ scaled: 0.6667 });
    await au.terminate();
    return [au.getLanguagePreference(), au.getAudioPreference(), au.getMasteryScore()];
  });
  assert.deepEqual(got, ['de', 'on', 0.6667]);
  await isWhole(made, ['initialized', 'progressed', 'completed', 'passed', 'terminated']);
}
