import { expect, test } from 'vitest';
import { SeededRandom } from '../../../main/core/random/seeded-random.ts';
import { taughtPatches } from '../../../main/engine/learn/taught-patches.ts';

/** What is learnt on at each step, and how often an answer was asked for. */
async function follow({ from = 0, to = 60, uses = 3, patchBytes = 8, state = 11 } = {}) {
  const random = new SeededRandom(state);
  const [image, taught] = [new Float32Array(1), new Float32Array(1)];
  let asked = 0;
  const patchAt = taughtPatches({
    seed: 5,
    uses,
    patchBytes,
    memoryBytes: 2 ** 32,
    teach: (draw) => {
      asked++;
      image[0] = draw.next();
      taught[0] = -image[0];
      return Promise.resolve({ image, taught });
    },
  });
  const seen: number[] = [];
  const states: number[] = [];
  for (let steps = from; steps < to; steps++) {
    states.push(random.state);
    const patch = await patchAt(steps, random);
    expect(patch.taught[0]).toBe(-patch.image[0]!);
    seen.push(patch.image[0]!);
  }
  return { seen, states, asked };
}

test('every third patch is new, and those between are of the last sixteen', async () => {
  const { seen, asked } = await follow();
  expect(asked).toBe(20);
  const newest = seen.filter((_, step) => step % 3 === 0);
  expect(new Set(newest).size).toBe(20);
  seen.forEach((value, step) => {
    const last = Math.floor(step / 3);
    expect(newest.slice(Math.max(0, last - 15), last + 1)).toContain(value);
  });
});

test('a run that goes on in the middle sees what an unbroken one does', async () => {
  const whole = await follow();
  const rest = await follow({ from: 40, state: whole.states[40]! });
  expect(rest.seen).toEqual(whole.seen.slice(40));
});

test('patches too large to keep some of them are each learnt on once', async () => {
  const { seen, asked } = await follow({ patchBytes: 100 * 2 ** 20 });
  expect(asked).toBe(60);
  expect(new Set(seen).size).toBe(60);
});
