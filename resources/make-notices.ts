// Collects the licences of the packages that are shipped into out/notices/third-party.txt: those that node_modules
// brings at run time, and those that the bundles in dist/ hold, by their source maps. Electron's own lie beside the
// packaged executable. `node resources/make-notices.ts`, after a build.
import { existsSync, globSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

interface Package {
  readonly name: string;
  readonly version: string;
  readonly license?: string | { readonly type?: string };
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

const root = resolve(import.meta.dirname, '..');
const out = join(root, 'out', 'notices');

const read = (folder: string): Package =>
  JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Package;

/** Where Node would find a package from inside `folder`; null for an optional one that is not installed. */
function find(name: string, folder: string): string | null {
  const candidate = join(folder, 'node_modules', name);
  if (existsSync(join(candidate, 'package.json'))) return candidate;
  const above = dirname(folder);
  return above === folder ? null : find(name, above);
}

/** Adds a package's folder and those of all that it needs. */
function addTree(folder: string, folders: Set<string>): void {
  const { dependencies, optionalDependencies } = read(folder);
  for (const name of Object.keys({ ...dependencies, ...optionalDependencies })) {
    const found = find(name, folder);
    if (!found && !optionalDependencies?.[name])
      throw new Error(`${name}, which ${folder} needs, is not installed`);
    if (!found || folders.has(found)) continue;
    folders.add(found);
    addTree(found, folders);
  }
}

/** The packages whose sources are part of our bundles. */
function addBundled(folders: Set<string>): void {
  for (const map of globSync(join(root, 'dist', '**', '*.map'))) {
    const { sources } = JSON.parse(readFileSync(map, 'utf8')) as { readonly sources: readonly string[] };
    for (const source of sources) {
      const [, before, name] = /^(.*)\/node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(source) ?? [];
      if (name === undefined) continue;
      const folder = resolve(dirname(map), before!, 'node_modules', name);
      if (existsSync(join(folder, 'package.json'))) folders.add(folder);
    }
  }
}

function describe(folder: string): string {
  const { name, version, license } = read(folder);
  const kind = typeof license === 'string' ? license : (license?.type ?? 'see below');
  const texts = globSync('{licen[cs]e,LICEN[CS]E,Licen[cs]e,copying,COPYING,notice,NOTICE}*', { cwd: folder })
    .filter((file) => !/\.(js|ts|json)$/.test(file))
    .sort()
    .map((file) => readFileSync(join(folder, file), 'utf8').trim());
  return [`${name} ${version} (${kind})`, '-'.repeat(78), ...texts].join('\n\n');
}

const folders = new Set<string>();
addTree(root, folders);
addBundled(folders);
const notices = [...new Set([...folders].map(describe))].sort();
mkdirSync(out, { recursive: true });
const head =
  'Thinslice contains these packages. Electron and Chromium: LICENSES.chromium.html beside the program.';
writeFileSync(join(out, 'third-party.txt'), `${[head, ...notices].join('\n\n\n')}\n`);
process.stdout.write(`Notices of ${notices.length} packages in ${out}\n`);
