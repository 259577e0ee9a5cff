// An AU without a library, in the page: `au.start()`, `au.statement(verb)`, `au.send(statement)`. When its page goes
// away after `au.terminateWhenClosed()`, it says `terminated` by a beacon.

const contextOf = (name) => `https://w3id.org/xapi/cmi5/context/${name}`;
const json = { 'Content-Type': 'application/json' };

class Au {
  constructor(search) {
    const parameter = (name) => new URLSearchParams(search).get(name);
    this.endpoint = parameter('endpoint').replace(/\/$/, '');
    this.fetchUrl = parameter('fetch');
    this.actor = JSON.parse(parameter('actor'));
    this.agent = JSON.stringify(this.actor);
    this.registration = parameter('registration');
    this.activityId = parameter('activityId');
    this.started = Date.now();
  }

  // Token, launch data and learner preferences, in the order that cmi5 asks for; then `initialized`.
  async start() {
    this.token = (await this.fetchToken()).body['auth-token'];
    this.launchData = (await this.readLaunchData()).body;
    this.preferences = (await this.readPreferences()).body;
    return this.send(this.statement('initialized'));
  }

  fetchToken(method = 'POST') {
    return answerOf(fetch(this.fetchUrl, { method }));
  }

  readLaunchData() {
    const { activityId, agent, registration } = this;
    return this.ask('GET', '/activities/state', { activityId, agent, registration, stateId: 'LMS.LaunchData' });
  }

  readPreferences() {
    return this.ask('GET', '/agents/profile', { agent: this.agent, profileId: 'cmi5LearnerPreferences' });
  }

  headers() {
    return { Authorization: `Basic ${this.token}`, 'X-Experience-API-Version': '1.0.3' };
  }

  ask(method, path, query, body) {
    const headers = { ...this.headers(), ...(body && json) };
    return answerOf(fetch(`${this.endpoint}${path}?${new URLSearchParams(query)}`, { method, headers, body }));
  }

  send(statement) {
    return this.ask('POST', '/statements', {}, JSON.stringify(statement));
  }

  // A cmi5 defined statement as it should be.
  statement(verb) {
    const { contextActivities, extensions, ...others } = structuredClone(this.launchData.contextTemplate);
    const result = this.resultOf(verb);
    const movesOn = 'success' in result || 'completion' in result;
    const categories = ['categories/cmi5', ...(movesOn ? ['categories/moveon'] : [])];
    const category = categories.map((name) => ({ objectType: 'Activity', id: contextOf(name) }));
    const mastery = result.score && { [contextOf('extensions/masteryscore')]: this.launchData.masteryScore };
    return {
      id: crypto.randomUUID(),
      actor: this.actor,
      verb: { id: `http://adlnet.gov/expapi/verbs/${verb}`, display: { en: verb } },
      object: { objectType: 'Activity', id: this.activityId },
      ...(verb !== 'initialized' && { result }),
      context: {
        ...others,
        registration: this.registration,
        contextActivities: { ...contextActivities, category: [...(contextActivities.category ?? []), ...category] },
        extensions: { ...extensions, ...mastery },
      },
      timestamp: new Date().toISOString(),
    };
  }

  resultOf(verb) {
    const duration = `PT${(Date.now() - this.started) / 1000}S`;
    const { masteryScore } = this.launchData;
    const score = masteryScore === undefined ? undefined : { scaled: masteryScore };
    const results = {
      initialized: {},
      completed: { completion: true, duration },
      passed: { success: true, score, duration },
      terminated: { duration },
    };
    return results[verb];
  }

  // No header can be set on a beacon, so all of them are in a form (alternate request syntax).
  beacon(statement) {
    const form = { ...this.headers(), ...json, content: JSON.stringify(statement) };
    return navigator.sendBeacon(`${this.endpoint}/statements?method=POST`, new URLSearchParams(form));
  }

  // The id is known beforehand, so that the statement can be looked for.
  terminateWhenClosed() {
    const id = crypto.randomUUID();
    addEventListener('pagehide', () => this.beacon({ ...this.statement('terminated'), id }));
    return id;
  }
}

async function answerOf(request) {
  const response = await request;
  const text = await response.text();
  const isJson = response.headers.get('Content-Type')?.startsWith('application/json');
  const headers = Object.fromEntries(response.headers);
  return { status: response.status, headers, body: isJson ? JSON.parse(text) : text };
}

window.au = new Au(location.search);
