import { readFile } from 'node:fs/promises';
import { extname, join, resolve, sep } from 'node:path';
import { protocol } from 'electron';
import { scheme } from './origin.ts';
import { pathOf } from './path-of.ts';
import { contentSecurityPolicy } from './scheme.ts';

/** Answers a request under one path of the scheme; `path` is what follows, decoded, segment by segment. */
export type Route = (request: Request, path: readonly string[]) => Promise<Response> | Response;

const headers = {
  'Content-Security-Policy': contentSecurityPolicy,
  'X-Content-Type-Options': 'nosniff',
  'Cache-Control': 'no-store',
};

/** Serves the pages in `pagesDir`, and under `/name/…` what each of `routes` answers. After the app is ready. */
export function serve(pagesDir: string, routes: Readonly<Record<string, Route>>): void {
  protocol.handle(scheme, async (request) => {
    const path = pathOf(request.url);
    if (!path) return respond(400, 'Bad request');
    const [first = '', ...rest] = path;
    if (Object.hasOwn(routes, first)) return withHeaders(await routes[first]!(request, rest));
    if (request.method !== 'GET') return respond(405, 'Not allowed');
    return servePage(pagesDir, path);
  });
}

export function respond(status: number, text = ''): Response {
  return new Response(text, { status, headers: { ...headers, 'Content-Type': 'text/plain; charset=utf-8' } });
}

function withHeaders(response: Response): Response {
  for (const [name, value] of Object.entries(headers)) response.headers.set(name, value);
  return response;
}

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.wasm': 'application/wasm',
  '.woff': 'font/woff',
  '.woff2': 'font/woff2',
};

async function servePage(pagesDir: string, path: readonly string[]): Promise<Response> {
  const root = resolve(pagesDir);
  const file = join(root, ...(path.length === 1 && path[0] === '' ? ['index.html'] : path));
  const type = types[extname(file)];
  if (!type || !file.startsWith(root + sep)) return respond(404, 'Not found');
  try {
    return new Response(await readFile(file), { headers: { ...headers, 'Content-Type': type } });
  } catch {
    return respond(404, 'Not found');
  }
}
