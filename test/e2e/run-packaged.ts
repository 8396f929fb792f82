// `node run-packaged.ts EXECUTABLE STUDY DATA [WRAPPER…]`: segments in the packaged app, outside of the test runner (in a
// network namespace, say, or under a tracer), and prints what was seen as JSON.
import { _electron } from 'playwright-core';
import { segmentInWindow } from './segment-in-window.ts';

const [executable, study, data, ...wrapper] = process.argv.slice(2) as [string, string, string, ...string[]];
const [first = '', ...others] = [...wrapper, executable];
const sandbox = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
const app = await _electron.launch({
  executablePath: first,
  args: [...others, ...sandbox, '--lang=en', '--data', data],
  timeout: 60_000,
});
const page = await app.firstWindow();
await page.waitForSelector('main');
process.stdout.write(JSON.stringify(await segmentInWindow(page, study)));
await app.close();
