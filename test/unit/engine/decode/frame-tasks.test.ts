import { describe, expect, it } from 'vitest';
import type { FrameRef } from '../../../../main/core/dicom/study.ts';
import type { Grid } from '../../../../main/core/volume/volume.ts';
import { frameTasks, mixSlices } from '../../../../main/engine/decode/frame-tasks.ts';

const grid: Grid = {
  shapeZyx: [7, 4, 4],
  spacingZyxMm: [2, 0.5, 0.25],
  originLps: [0, 0, 0],
  directionsZyx: [
    [0, 0, 1],
    [0, 1, 0],
    [1, 0, 0],
  ],
};

function ref(file: string, frame: number): FrameRef {
  return {
    file,
    frame,
    sopClassUid: '1.2',
    sopInstanceUid: file,
    positionLps: [0, 0, 0],
    rescaleSlope: 1,
    rescaleIntercept: 10 * frame,
  };
}

describe('frameTasks', () => {
  it('shares single-frame files out in small tasks, each frame once', () => {
    const frames = Array.from({ length: 7 }, (_, slice) => ref(`file ${slice}`, 0));
    const tasks = frameTasks(frames, grid, { kind: 'stack' }, 2);
    expect(tasks.length).toBeGreaterThanOrEqual(3);
    const done = tasks
      .flat()
      .flatMap(({ path, frames: some }) => some.map(({ slice }) => `${path}:${slice}`));
    expect(done).toEqual(frames.map(({ file }, slice) => `${file}:${slice}`));
  });

  it('cuts a multi-frame file into one run a thread, so that it is read no more often', () => {
    const frames = Array.from({ length: 100 }, (_, slice) => ref('all', 99 - slice));
    const tasks = frameTasks(frames, grid, { kind: 'stack' }, 4);
    expect(tasks).toHaveLength(4);
    const all = tasks.flat().flatMap((file) => file.frames);
    expect(all.map(({ frame, slice, intercept }) => [frame, slice, intercept])).toEqual(
      frames.map(({ frame, rescaleIntercept }, slice) => [frame, slice, rescaleIntercept]),
    );
  });

  it('gives shifts in pixels, from millimetres', () => {
    const assembly = { kind: 'reshear', shiftYMm: [0, 1], shiftXMm: [0.5, 0] } as const;
    const tasks = frameTasks([ref('a', 0), ref('b', 0)], grid, assembly, 1);
    const shifts = tasks.flat().flatMap((file) => file.frames.map(({ shift }) => shift));
    expect(shifts).toEqual([
      { y: 0, x: 2 },
      { y: 2, x: 0 },
    ]);
  });
});

describe('mixSlices', () => {
  it('leaves an even stack alone, within rounding', () => {
    const mixes = mixSlices([0, 2.0001, 3.9999, 6], 4, 2);
    expect(mixes.map(({ below, weight }) => [below, weight])).toEqual([
      [0, 0],
      [1, 0],
      [2, 0],
      [3, 0],
    ]);
  });

  it('mixes the two slices around each plane by their distance', () => {
    const mixes = mixSlices([0, 1.5, 4, 6], 4, 2);
    expect(mixes[1]).toMatchObject({ target: 1, below: 1 });
    expect(mixes[1]!.weight).toBeCloseTo(0.2, 12);
    expect(mixes[2]).toEqual({ target: 2, below: 2, weight: 0 });
    expect(mixes[3]).toEqual({ target: 3, below: 3, weight: 0 });
  });
});
