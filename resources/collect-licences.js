// The packages that the program is made of or comes with, and their licences, for the settings page.
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/** Development dependencies whose code is bundled into the window's pages; `electron` is what runs it all. */
const bundled = /^(@cornerstonejs\/(core|tools)|svelte|i18next|electron)$/;

/** Reads `package-lock.json` and `node_modules` of `root`; by name. */
export function collectLicences(root) {
  const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'));
  const { dependencies, devDependencies } = packages[''];
  const waiting = [
    ...Object.keys(dependencies),
    ...Object.keys(devDependencies).filter((name) => bundled.test(name)),
  ].map((name) => locate(packages, '', name));
  const found = new Set();
  while (waiting.length > 0) {
    const path = waiting.pop();
    if (path === null || found.has(path)) continue;
    found.add(path);
    // Electron's own dependencies only download it.
    if (path === 'node_modules/electron') continue;
    const { dependencies: own = {}, optionalDependencies: optional = {} } = packages[path];
    for (const name of Object.keys({ ...own, ...optional })) waiting.push(locate(packages, path, name));
  }
  return [...found]
    .filter((path) => existsSync(join(root, path)))
    .map((path) => describe(join(root, path), packages[path]))
    .sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
}

/** As Node looks for a package: from the folder of the one that asks upwards. */
function locate(packages, from, name) {
  for (let at = from; ; at = at.slice(0, Math.max(0, at.lastIndexOf('node_modules/') - 1))) {
    const path = `${at === '' ? '' : `${at}/`}node_modules/${name}`;
    if (packages[path]) return path;
    if (at === '') return null; // optional, for another system
  }
}

function describe(folder, { version, license = '' }) {
  const own = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const file = readdirSync(folder).find((name) => /^licen[cs]e/i.test(name) && !/\.html$/.test(name));
  const licence = license || (typeof own.license === 'string' ? own.license : '');
  const text = file ? readFileSync(join(folder, file), 'utf8').trim() : licence;
  return { name: own.name, version, licence, text };
}
