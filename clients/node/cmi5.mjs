// AUs in real browsers, launched as an LMS launches them, from an origin of their own: the cmi5 libraries that authors
// use, and what only a browser shows (beacons of a closed page, its cache, login dialogs, readable refusals).

import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { check } from './check.mjs';
import * as course from './cmi5-course.mjs';
import * as libraries from './cmi5-libraries.mjs';
import * as pages from './cmi5-pages.mjs';
import { openBrowser, page as html, serve } from './pages.mjs';

const browsers = { chromium: '/usr/bin/chromium', 'headless-shell': '/usr/bin/chromium-headless-shell' };
const file = async (path) => ['text/javascript', await readFile(new URL(path, import.meta.url))];
const content = await serve({
  '/au': html('/au.js'),
  '/au.js': await file('au.js'),
  '/xapi': html('/xapi.js'),
  '/xapi.js': await file('node_modules/@xapi/cmi5/dist/Cmi5.umd.js'),
  '/rustici': html('/rustici.js'),
  '/rustici.js': await file('node_modules/@rusticisoftware/cmi5/dist/cmi5.js'),
});

for (const [name, path] of Object.entries(browsers)) {
  if (existsSync(path)) {
    await checkIn(name, path);
  } else {
    console.log(`SKIP cmi5 in ${name}: there is no ${path}`);
  }
}
content.close();

async function checkIn(name, path) {
  const browser = await openBrowser(path);
  // One context is one user's browser: its tabs share cache and cookies.
  const context = await browser.newContext();
  const logins = watchLogins(context);
  const client = `cmi5 in ${name} ${browser.version()}`;
  const inBrowser = (what, path, run) => check(client, what, () => withTabs(context, (tabs) => run(tabs, `${content.origin}${path}`)));

  await inBrowser('@xapi/cmi5 runs a session to its end', '/xapi', libraries.xapi);
  await inBrowser('@xapi/cmi5 goes on after a reload', '/xapi', libraries.xapiReloaded);
  await inBrowser('@xapi/cmi5 passes with a masteryScore of 0', '/xapi', libraries.xapiMasteryScoreZero);
  await inBrowser('@rusticisoftware/cmi5 runs a session to its end', '/rustici', libraries.rustici);
  await inBrowser('a closed tab says `terminated` by sendBeacon', '/au', pages.closedTab);
  await inBrowser('a page that is left says `terminated` by sendBeacon', '/au', pages.leftPage);
  await inBrowser('the fetch URL gives one token, and none is lost', '/au', pages.oneToken);
  await inBrowser('a refusal is readable: rule and pointer', '/au', pages.refusal);
  await inBrowser('a flagged statement is stored, and the page sees the header', '/au', pages.flagged);
  await inBrowser('a token after `terminated` is refused without a login dialog', '/au', pages.endedToken);
  await inBrowser('two learners in two tabs get what is theirs', '/au', pages.twoLearners);
  await inBrowser('a relaunch gets no launch data or preferences from the cache', '/au', pages.relaunch);
  await inBrowser('a course from its package to its `satisfied`', '', course.toItsEnd);
  await check(client, 'no dialog and no challenge in all of this', () => {
    assert.ok(logins.answers > 50, `only ${logins.answers} answers were seen`);
    assert.deepEqual(logins.asked, []);
  });
  await browser.close();
}

// A challenge is what makes a browser ask for a name and password; headless ones would show no dialog.
function watchLogins(context) {
  const logins = { answers: 0, asked: [] };
  context.on('dialog', (dialog) => {
    logins.asked.push(`${dialog.type()}: ${dialog.message()}`);
    dialog.dismiss();
  });
  context.on('response', (response) => {
    logins.answers += 1;
    if ('www-authenticate' in response.headers()) logins.asked.push(`${response.status()} ${response.url()}`);
  });
  return logins;
}

// `tabs.open(url)` gives a page; what is open in the end is closed.
async function withTabs(context, run) {
  const opened = [];
  const open = async (url) => {
    const page = await context.newPage();
    opened.push(page);
    await page.goto(url);
    return page;
  };
  try {
    await run({ open });
  } finally {
    await Promise.all(opened.map((page) => page.close()));
  }
}
