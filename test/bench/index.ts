import { benchAware } from './bench-aware.ts';
import { benchLearn } from './bench-learn.ts';
import { benchScan } from './bench-scan.ts';
import { benchSegment } from './bench-segment.ts';
import { benchTucker } from './bench-tucker.ts';
import { benchTune } from './bench-tune.ts';
import { benchViewer } from './bench-viewer.ts';

// npm run bench [-- NAME…]: prints figures of this machine; tests never assert them.
const benches: Readonly<Record<string, () => Promise<void>>> = {
  scan: benchScan,
  segment: benchSegment,
  aware: benchAware,
  learn: benchLearn,
  tucker: benchTucker,
  tune: benchTune,
  viewer: benchViewer,
};
const wanted = process.argv.slice(2);
const unknown = wanted.find((name) => !(name in benches));
if (unknown !== undefined)
  throw new Error(`No bench ${unknown}; there are ${Object.keys(benches).join(', ')}.`);
for (const [name, run] of Object.entries(benches)) {
  if (wanted.length === 0 || wanted.includes(name)) await run();
}
