#!/usr/bin/env node
// The `thinslice` command. Nothing is loaded before the check: on an older Node, SQLite's binding crashes the process
// without a word.
const oldest = 22;
if (Number.parseInt(process.versions.node, 10) < oldest) {
  process.stderr.write(
    `thinslice: Node.js ${process.versions.node} (${process.execPath}) is too old; version ${oldest} or newer is needed.\n`,
  );
  process.exit(1);
}
const { start } = await import('./cli/start.ts');
await start();

export {};
