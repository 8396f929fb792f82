import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { watchRuns } from '../../../main/engine/watch-runs.ts';

const cpu = { provider: 'cpu', deviceId: 0, name: 'cpu' } as const;
const card = { provider: 'cuda', deviceId: 0, name: 'Card' } as const;
const giving = (output: Float32Array) => async () => output;

describe('watchRuns', () => {
  it.each([
    ['zeros', new Float32Array(8), { code: 'all-zero' }],
    ['no numbers', Float32Array.of(1, NaN, Infinity), { code: 'not-a-number', values: 2 }],
  ])('ends a job on a card that gives %s, and says what is wrong', async (_what, output, fault) => {
    const watched = watchRuns(giving(output), card);
    await expect(watched.runNetwork(0, new Float32Array(1), [1, 1, 1])).rejects.toMatchObject({
      error: { code: 'device-failed', device: 'Card', fault },
    });
  });

  it('leaves right results, and the processor, alone', async () => {
    const output = Float32Array.of(0, 1);
    expect(await watchRuns(giving(output), card).runNetwork(0, output, [1, 1, 1])).toBe(output);
    const zeros = new Float32Array(2);
    expect(await watchRuns(giving(zeros), cpu).runNetwork(0, output, [1, 1, 1])).toBe(zeros);
  });

  it('tells the mean of the runs but the first', async () => {
    // Began and ended, in ms: runs of 10 s, 1 s and 3 s.
    const clock = vi.spyOn(performance, 'now');
    onTestFinished(() => clock.mockRestore());
    for (const at of [0, 10_000, 10_000, 11_000, 11_000, 14_000]) clock.mockReturnValueOnce(at);
    const watched = watchRuns(giving(Float32Array.of(1)), cpu);
    const run = () => watched.runNetwork(0, new Float32Array(1), [1, 1, 1]);
    expect(watched.secondsPerRun()).toBeNull();
    await run();
    expect(watched.secondsPerRun()).toBe(10);
    await run();
    await run();
    expect(watched.secondsPerRun()).toBe(2);
  });
});
