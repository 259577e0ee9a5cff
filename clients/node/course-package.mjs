// The course of cmi5-course.mjs: what its author wrote, and the package made of it.

import { readFile } from 'node:fs/promises';
import { page as html } from './pages.mjs';
import { zip } from './zip.mjs';

const of = (type) => (name, members) => ({ type, id: `https://publisher.example/${name}`, ...members });
const [course, block, au] = ['course', 'block', 'au'].map(of);

export const structure = course('course', { children: [
  block('outer', { children: [
    block('inner', { children: [
      au('both', { moveOn: 'CompletedAndPassed', masteryScore: 0.6667, launchParameters: '{"a":"<b> 🎓"}', url: 'au/index.html?page=1&name=%C3%BC' }),
      au('passed', { moveOn: 'Passed', masteryScore: 0.5, url: 'au/index.html' }),
    ] }),
    au('completed', { moveOn: 'Completed', launchMethod: 'OwnWindow', url: 'au/my%20page.html#top' }),
    au('waived', { moveOn: 'Passed', url: 'au/index.html' }),
  ] }),
  au('either', { moveOn: 'CompletedOrPassed', url: './au/' }),
  au('none', { moveOn: 'NotApplicable', url: 'au/index.html?a' }),
] });

// `lib` and `au` are folders, so that the pages find the library by a relative URL.
export async function coursePackage() {
  const library = await readFile(new URL('node_modules/@xapi/cmi5/dist/Cmi5.umd.js', import.meta.url));
  const [, shown] = html('../lib/cmi5.js');
  return zip({ 'cmi5.xml': xml(structure), 'lib/cmi5.js': library, 'au/index.html': shown, 'au/my page.html': shown });
}

function xml({ type, id, children, url, launchParameters, ...members }) {
  const text = `
    <title><langstring lang="en">${type}</langstring><langstring lang="de">${type} 🎓</langstring><langstring lang="ja">コース</langstring></title>
    <description><langstring lang="en">About ${type}</langstring></description>`;
  const below = children?.map(xml).join('');
  if (type === 'course') {
    return `<?xml version="1.0" encoding="UTF-8"?>
      <courseStructure xmlns="https://w3id.org/xapi/profiles/cmi5/v1/CourseStructure.xsd">
        <course id="${id}">${text}</course>${below}
      </courseStructure>`;
  }
  if (type === 'block') return `<block id="${id}">${text}${below}</block>`;
  const attributes = Object.entries({ id, ...members }).map(([name, value]) => ` ${name}="${value}"`);
  const parameters = launchParameters && `<launchParameters><![CDATA[ ${launchParameters} ]]></launchParameters>`;
  return `<au${attributes.join('')}>${text}<url>${url.replaceAll('&', '&amp;')}</url>${parameters ?? ''}</au>`;
}
