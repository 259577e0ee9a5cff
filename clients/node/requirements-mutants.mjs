// Whether requirements.mjs can fail: statements of a run that breaks nothing, each time with one thing made wrong.

import { randomUUID } from 'node:crypto';
import { category, extension, nodes, reason, rules, unmet } from './requirements.mjs';

// [the requirements that are then broken, what is made wrong]. A change is given the run, its statements, and by its
// verb the first statement of each; `course` is the satisfied of the course.
const mutants = [
  ['XAPI-00023', ({ passed }) => delete passed.stored],
  ['XAPI-00023', ({ passed, completed }) => { passed.stored = completed.stored; }],
  ['9.1.0.0-1', ({ passed }) => delete passed.id],
  ['9.1.0.0-1', ({ passed, completed }) => { passed.id = completed.id; }],
  ['9.7.0.0-1', ({ passed }) => delete passed.timestamp],
  ['9.7.0.0-2', ({ passed }) => { passed.timestamp = '2020-01-01T01:00:00+01:00'; }],

  ['9.2.0.0-1', ({ launched }) => { launched.actor.account.name = 'another'; }],
  ['8.1.3.0-3', ({ passed }) => { passed.actor.account.name = 'another'; }],
  ['9.2.0.0-2', ({ passed }) => { passed.actor.objectType = 'Group'; }],
  ['9.2.0.0-3', ({ passed }) => { passed.actor = { objectType: 'Agent', mbox: 'mailto:a@example.com' }; }],

  ['9.3.0.0-1', ({ passed }) => { passed.verb.display = { en: 'succeeded' }; }],
  ['9.4.0.0-1 9.4.0.0-2 8.1.5.0-6', ({ passed }) => delete passed.object],
  ['9.4.0.0-2 8.1.5.0-6', ({ passed, failed }) => { passed.object.id = failed.object.id; }],
  ['9.4.0.0-2 8.1.5.0-2', ({ launched, failed }) => { launched.object.id = failed.object.id; }],
  ['9.4.0.0-2', ({ waived, failed }) => { waived.object.id = failed.object.id; }],

  ['8.1.3.0-1', ({ launched, run }) => withParameter(run, launched, 'actor', '{}')],
  ['8.1.4.0-1 9.6.1.1-2', ({ launched, run }) => withParameter(run, launched, 'registration', randomUUID())],
  ['8.1.5.0-2', ({ launched, failed, run }) => withParameter(run, launched, 'activityId', failed.object.id)],
  ['8.1.5.0-1', ({ launched, failed, run }) => { nodeOf(run, failed).lmsId = launched.object.id; }],
  ['8.1.5.0-3', ({ launched, run }) => { nodeOf(run, launched).id = launched.object.id; }],
  ['8.1.5.0-4', ({ failed, statements }) => { latest(statements, 'launched', failed).object.id += '/again'; }],
  ['9.6.2.3-1 10.2.1.0-3', ({ launched, run }) => { template(run, launched).contextActivities.grouping = []; }],
  ['9.6.3.1-1 9.3.1.0-2', ({ launched, failed, statements }) => sameSession(latest(statements, 'launched', failed), launched)],
  ['9.6.3.1-2 10.2.1.0-2', ({ launched, run }) => { template(run, launched).extensions = {}; }],
  ['10.2.1.0-1', ({ launched, run }) => delete launchData(run, launched).contextTemplate],
  ['10.2.2.0-4 9.6.3.3-1', ({ launched, run }) => delete launchData(run, launched).launchMode],
  ['10.2.3.0-1 9.6.3.7-1', ({ launched, run }) => delete launchData(run, launched).launchParameters],
  ['10.2.4.0-1 9.6.3.2-1', ({ launched, run }) => delete launchData(run, launched).masteryScore],
  ['10.2.5.0-1 9.6.3.6-1', ({ launched, run }) => delete launchData(run, launched).moveOn],
  ['9.6.3.2-1', ({ launched }) => delete extensions(launched)[extension('masteryscore')]],
  ['9.6.3.3-1', ({ launched }) => { extensions(launched)[extension('launchmode')] = 'Review'; }],
  ['9.6.3.4-1', ({ launched, run }) => { extensions(launched)[extension('launchurl')] = session(run, launched).url; }],
  ['9.6.3.6-1', ({ launched }) => delete extensions(launched)[extension('moveon')]],
  ['9.6.3.7-1', ({ launched }) => delete extensions(launched)[extension('launchparameters')]],

  ['9.6.0.0-1', ({ passed }) => delete passed.context],
  ['9.6.1.0-1', ({ satisfied }) => { satisfied.context.registration = randomUUID(); }],
  ['9.6.1.0-1 8.1.4.0-3', ({ passed }) => delete passed.context.registration],
  ['9.6.2.0-1 10.2.1.0-7', ({ progressed }) => { progressed.context.contextActivities.grouping = []; }],
  ['9.6.2.1-1', ({ passed }) => without(passed, 'cmi5')],
  ['9.6.2.1-1', ({ course }) => without(course, 'cmi5')],
  ['9.6.2.2-1', ({ completed }) => without(completed, 'moveon')],
  ['9.6.2.2-1', ({ waived }) => without(waived, 'moveon')],
  ['9.6.2.2-2', ({ terminated }) => terminated.context.contextActivities.category.push({ id: category('moveon') })],
  ['9.6.2.3-2', ({ launched, failed }) => { launched.context.contextActivities.grouping = failed.context.contextActivities.grouping; }],
  ['9.6.2.3-2', ({ course, satisfied }) => { course.context.contextActivities.grouping = satisfied.context.contextActivities.grouping; }],
  ['9.6.3.1-3', ({ satisfied }) => delete extensions(satisfied)[extension('sessionid')]],
  ['9.6.3.1-4 10.2.1.0-6', ({ passed }) => delete extensions(passed)[extension('sessionid')]],
  ['9.6.3.1-4', ({ passed }) => { extensions(passed)[extension('sessionid')] = randomUUID(); }],
  ['9.6.3.2-2', ({ passed }) => delete extensions(passed)[extension('masteryscore')]],
  ['10.2.1.0-6', ({ passed, run }) => { template(run, passed).extensions['https://lms.example/cohort'] = 1; }],
  ['10.2.1.0-7', ({ passed, run }) => { extensions(passed).a = 1; template(run, passed).extensions.a = 2; }],
  ['10.2.2.0-2 10.2.2.0-9', ({ passed, run }) => { launchData(run, passed).launchMode = 'Browse'; }],
  ['10.2.2.0-3 10.2.2.0-11', ({ passed, run }) => { launchData(run, passed).launchMode = 'Review'; }],

  ['9.3.4.0-2 9.5.1.0-1', ({ passed }) => { passed.result.score.scaled = 0.6666; }],
  ['9.3.5.0-2 9.5.1.0-1', ({ failed }) => { failed.result.score.scaled = 0.5; }],
  ['9.5.1.0-2', ({ completed }) => { completed.result.score = { scaled: 1 }; }],
  ['9.5.1.0-3', ({ passed }) => { passed.result.score = { scaled: 1, raw: 10, min: 0 }; }],
  ['9.5.2.0-1', ({ passed }) => delete passed.result.success],
  ['9.5.2.0-1', ({ waived }) => { waived.result.success = false; }],
  ['9.5.2.0-2', ({ failed }) => delete failed.result.success],
  ['9.5.2.0-3', ({ completed }) => { completed.result.success = true; }],
  ['9.5.3.0-1', ({ completed }) => delete completed.result.completion],
  ['9.5.3.0-2', ({ passed }) => { passed.result.completion = true; }],
  ['9.5.4.1-1', ({ terminated }) => delete terminated.result],
  ['9.5.4.1-2', ({ completed }) => delete completed.result.duration],
  ['9.5.4.1-3', ({ passed }) => { passed.result.duration = 'PT'; }],
  ['9.5.4.1-4', ({ failed }) => { failed.result.duration = '4 s'; }],
  ['9.5.4.2-1', ({ abandoned }) => delete abandoned.result],
  ['9.5.4.2-2', ({ abandoned }) => { abandoned.result.duration = 'PT59S'; }],
  ['9.3.7.0-2 9.5.5.2-1', ({ waived }) => delete waived.result.extensions[reason]],

  ['9.3.1.0-1', ({ launched, statements }) => remove(statements, launched)],
  ['9.3.1.0-2', ({ launched, statements }) => again(statements, launched)],
  ['9.3.2.0-2 7.1.1.0-1 9.3.0.0-4', ({ initialized, terminated, statements }) => move(statements, initialized, terminated)],
  ['9.3.2.0-3 9.3.0.0-2', ({ initialized, statements }) => again(statements, initialized)],
  ['7.1.2.0-1 9.3.0.0-5 9.3.8.0-2', ({ completed, terminated, statements }) => move(statements, terminated, completed)],
  ['7.1.2.0-1 7.1.3.0-1', ({ progressed, satisfied, statements }) => move(statements, progressed, satisfied)],
  ['7.1.1.0-1 7.1.3.0-1', ({ progressed, completed, statements }) => move(statements, progressed, completed)],
  ['9.3.0.0-3', ({ failed, passed }) => { sameSession(passed, failed); }],
  ['9.3.0.0-10 9.3.6.0-2', ({ abandoned, statements }) => again(statements, abandoned)],
  ['9.3.6.0-1 9.3.8.0-1 10.2.2.0-6 10.2.2.0-8 10.2.2.0-10', ({ terminated, statements }) => remove(statements, terminated)],
  ['9.3.7.0-3', ({ waived, statements }) => sameSession(statements.at(-1), waived)],

  ['9.3.0.0-6 9.3.3.0-2', ({ completed, statements }) => again(statements, completed)],
  ['9.3.0.0-7 9.3.4.0-3', ({ passed, statements }) => again(statements, passed)],
  ['9.3.0.0-8', ({ failed, statements }) => move(statements, failed, statements.at(-1))],
  ['9.3.0.0-11 9.3.7.0-4', ({ waived, statements }) => again(statements, waived)],
  ['9.3.3.0-3 9.3.9.0-5', ({ course, statements }) => remove(statements, course)],
  ['9.3.4.0-4 9.3.9.0-1', ({ satisfied, statements }) => remove(statements, satisfied)],
  ['9.3.4.0-4 9.3.9.0-1', ({ satisfied, failed, statements }) => move(statements, satisfied, failed)],
  ['9.3.4.0-4 9.3.9.0-1', ({ satisfied, statements }) => again(statements, satisfied)],
  ['9.3.9.0-5', ({ course, statements }) => move(statements, course, statements.at(-1))],
  ['9.3.9.0-2', ({ satisfied, course }) => { satisfied.object.definition = course.object.definition; }],
  ['9.3.9.0-6', ({ satisfied, course }) => { course.object.definition = satisfied.object.definition; }],
  ['9.3.9.0-3 9.3.9.0-7', ({ satisfied, run }) => { run.course.lmsId = satisfied.object.id; }],
  ['9.3.9.0-4 9.3.9.0-8', ({ course, run }) => { course.object.id = run.course.id; }],
  ['9.3.9.0-9', ({ satisfied, course }) => sameSession(course, satisfied)],
];

// What `unmet` does not see: requirements that nobody tells of when they are broken, and those of no mutant.
export function unnoticed(statements, run) {
  const missed = mutants.flatMap(([broken, change]) => {
    const told = mutated(change, structuredClone({ statements, run }));
    return broken.split(' ').filter((id) => !told.has(id)).map((id) => `${id} is not told of: ${change}`);
  });
  const tried = new Set(mutants.flatMap(([broken]) => broken.split(' ')));
  const untried = rules.flatMap(([named]) => named.split(' ')).filter((id) => !tried.has(id));
  return [...missed, ...untried.map((id) => `${id} is broken by no mutant`)];
}

function mutated(change, { statements, run }) {
  const named = statements.map((statement) => [statement.verb.id.split('/').at(-1), statement]);
  const course = statements.find(({ object }) => object.id === run.course.lmsId);
  change({ ...Object.fromEntries(named.reverse()), course, statements, run });
  return new Set(unmet(statements, run).map((line) => line.split(' ').at(-1)));
}

const extensions = ({ context }) => context.extensions;
const session = (run, statement) => run.sessions[extensions(statement)[extension('sessionid')]];
const launchData = (run, statement) => session(run, statement).launchData;
const template = (run, statement) => launchData(run, statement).contextTemplate;
const nodeOf = (run, { object }) => nodes(run.course).find(({ lmsId }) => lmsId === object.id);
const latest = (statements, verb, { object }) =>
  statements.findLast((statement) => statement.verb.id.endsWith(`/${verb}`) && statement.object.id === object.id);

function withParameter(run, statement, name, value) {
  const url = new URL(session(run, statement).url);
  url.searchParams.set(name, value);
  session(run, statement).url = url.href;
}

function sameSession(statement, other) {
  extensions(statement)[extension('sessionid')] = extensions(other)[extension('sessionid')];
}

function without({ context: { contextActivities } }, name) {
  contextActivities.category = contextActivities.category.filter(({ id }) => id !== category(name));
}

const remove = (statements, one) => statements.splice(statements.indexOf(one), 1);

const again = (statements, one) => statements.splice(statements.indexOf(one), 0, { ...one, id: randomUUID() });

function move(statements, one, to) {
  const at = statements.indexOf(to);
  remove(statements, one);
  statements.splice(at, 0, one);
}
