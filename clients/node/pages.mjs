// Pages of content on an origin of their own, and the browsers that open them.

import { createServer } from 'node:http';
import { chromium } from 'playwright-core';

// Serves files, { path: [media type, body] }, and gives their origin. `localhost` is another host than the endpoint's
// 127.0.0.1, so another site as well as another origin.
export async function serve(files) {
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url, 'http://localhost');
    const [type, body] = files[pathname] ?? ['text/plain', ''];
    response.writeHead(files[pathname] ? 200 : 404, { 'Content-Type': type }).end(body);
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { origin: `http://localhost:${server.address().port}`, close: () => server.close() };
}

export function page(...scripts) {
  const tags = scripts.map((script) => `<script src="${script}"></script>`);
  return ['text/html', `<!doctype html><meta charset="utf-8"><title>AU</title>${tags.join('')}`];
}

export function openBrowser(executablePath) {
  return chromium.launch({
    executablePath,
    args: [
      '--headless=new',
      '--no-sandbox',
      '--disable-background-networking',
      '--disable-gpu',
      '--no-first-run',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
}
