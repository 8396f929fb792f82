// `node run-packaged.ts EXECUTABLE STUDY DATA`: segments in the packaged app outside of the test runner, in a network
// namespace say, and prints what was seen as JSON.
import { _electron } from 'playwright-core';
import { segmentInWindow } from './segment-in-window.ts';

/** As in `launch-app.ts`, which is for the test runner. */
const patienceMs = 180_000;

const [executable, study, data] = process.argv.slice(2) as [string, string, string];
const sandbox = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
const app = await _electron.launch({
  executablePath: executable,
  args: [...sandbox, '--lang=en', '--data', data],
  timeout: patienceMs,
});
app.context().setDefaultTimeout(patienceMs);
const page = await app.firstWindow({ timeout: patienceMs });
await page.waitForSelector('main');
process.stdout.write(JSON.stringify(await segmentInWindow(page, study)));
await app.close();
