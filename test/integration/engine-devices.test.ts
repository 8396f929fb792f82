import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { openDatabase } from '../../main/db/database.ts';
import type { Context } from '../../main/services/context.ts';
import { connectEngine, type EngineClient } from '../../main/services/engine-client.ts';
import { forkEngine } from '../../main/services/fork-engine.ts';
import { defaultModel, findVariant, loadNetworks } from '../../main/services/models.ts';
import { costsOf } from '../../main/services/variant-costs.ts';
import { tempDir } from '../fixtures/temp-dir.ts';

const at = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url));
const cpu = { provider: 'cpu', deviceId: 0, name: 'cpu' } as const;

/** The built engine, as the command starts it. */
function startEngine(): EngineClient {
  const engine = connectEngine(forkEngine(at('dist/engine.js')));
  onTestFinished(() => engine.close());
  return engine;
}

test('a benchmark on the processor tells seconds, and a peak that the activations fit into', async () => {
  const db = openDatabase(tempDir());
  onTestFinished(() => void db.close());
  const context: Context = {
    db,
    startEngine,
    appVersion: '1',
    resourcesDir: at('resources'),
    now: () => new Date().toISOString(),
    newId: randomUUID,
  };
  const model = await defaultModel(context);
  const full = findVariant(model, 'full');
  const [network] = await loadNetworks(db, full);
  const { recipe } = model;
  const request = { jobId: '1', network: network!, model: recipe, tileShape: recipe.patch, device: cpu };
  const { seconds, peakBytes } = await startEngine().ask('time-network', request);
  expect(seconds).toBeGreaterThan(0);
  const { activationBytes, weightBytes } = await costsOf(context, recipe, full);
  // Of a graph that is fused the activations are fewer than counted: by half at the most, here.
  expect(peakBytes).toBeGreaterThan(activationBytes / 2);
  // onnxruntime's workspaces, its code and a copy of the weights come on top.
  expect(peakBytes).toBeLessThan(4 * activationBytes + 4 * weightBytes + 300e6);
});

test('a device that is not there fails its check with the words of the runtime', async () => {
  const device = { provider: 'cuda', deviceId: 99, name: 'no such card' } as const;
  const verdict = await startEngine().ask('check-device', { jobId: '1', device });
  expect(verdict).toMatchObject({ passed: false, failure: { code: 'threw' } });
  expect(JSON.stringify(verdict)).not.toMatch(/"detail":"(\{|\[)/);
});
