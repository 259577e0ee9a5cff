// One check of one client: runs it, prints PASS or FAIL, remembers a failure in the exit code.

import { randomUUID } from 'node:crypto';

export const endpoint = process.env.LRS_ENDPOINT;
export const key = process.env.LRS_KEY;
export const secret = process.env.LRS_SECRET;

export async function check(client, what, run) {
  try {
    await run();
    console.log(`PASS ${client}: ${what}`);
  } catch (error) {
    process.exitCode = 1;
    const answer = error?.response?.data ?? error?.xhr?.responseText ?? '';
    console.log(`FAIL ${client}: ${what}: ${error?.stack ?? error} ${JSON.stringify(answer)}`);
  }
}

// Every check has learners and activities of its own, so that the order of checks does not matter.
export function learner() {
  return {
    objectType: 'Agent',
    name: 'Ada Čížek 学習者',
    account: { homePage: 'https://lms.example', name: randomUUID() },
  };
}

export function activityId() {
  return `https://lms.example/course/${randomUUID()}`;
}

export function statement(fields = {}) {
  return {
    id: randomUUID(),
    actor: learner(),
    verb: { id: 'http://adlnet.gov/expapi/verbs/completed', display: { 'en-US': 'completed' } },
    object: { objectType: 'Activity', id: activityId(), definition: { name: { en: 'First steps' } } },
    result: { score: { scaled: 0.12123434 }, duration: 'PT4M2.5S', completion: true },
    context: { registration: randomUUID() },
    ...fields,
  };
}
