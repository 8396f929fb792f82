import { describe, expect, it } from 'vitest';
import type { EngineClient } from '../../../main/services/engine-client.ts';
import { keepEngine } from '../../../main/services/keep-engine.ts';

/** Starts engines that answer with their number; `ends` lists those that were closed. */
function countedEngines(ask: (engine: number) => Promise<unknown> = async (engine) => engine) {
  const ends: number[] = [];
  let started = 0;
  const startEngine = (): EngineClient => {
    const number = started++;
    return { ask: (() => ask(number)) as EngineClient['ask'], close: async () => void ends.push(number) };
  };
  return { ends, kept: keepEngine({ startEngine }) };
}

const inspect = (engine: EngineClient) => engine.ask('inspect-machine', { jobId: 'job' });

describe('keepEngine', () => {
  it('uses one engine again, and closes it in the end', async () => {
    const { ends, kept } = countedEngines();
    for (let use = 0; use < 3; use++) {
      const engine = kept.startEngine();
      expect(await inspect(engine)).toBe(0);
      await engine.close();
    }
    expect(ends).toEqual([]);
    await kept.end();
    await kept.end();
    expect(ends).toEqual([0]);
  });

  it('closes an engine that failed, and starts another', async () => {
    const { ends, kept } = countedEngines(async (engine) => {
      if (engine === 0) throw new Error('failed');
      return engine;
    });
    const first = kept.startEngine();
    await expect(inspect(first)).rejects.toThrow('failed');
    await first.close();
    expect(ends).toEqual([0]);
    expect(await inspect(kept.startEngine())).toBe(1);
  });

  it('gives two that are wanted at once an engine each, and keeps one', async () => {
    const { ends, kept } = countedEngines();
    const [first, second] = [kept.startEngine(), kept.startEngine()];
    expect([await inspect(first), await inspect(second)]).toEqual([0, 1]);
    await first.close();
    await second.close();
    expect(ends).toEqual([1]);
    expect(await inspect(kept.startEngine())).toBe(0);
  });

  it('closes what is given back after the end', async () => {
    const { ends, kept } = countedEngines();
    const engine = kept.startEngine();
    await kept.end();
    expect(ends).toEqual([]);
    await engine.close();
    expect(ends).toEqual([0]);
  });
});
