import { describe, expect, it } from 'vitest';
import { appendLoss, lossName } from '../../../main/core/learn/loss/append-loss.ts';
import { NodeBuilder } from '../../../main/core/learn/node-builder.ts';
import { manifestModel, readManifest } from '../../../main/core/model/manifest.ts';
import type { SegmentationModel } from '../../../main/core/model/segmentation-model.ts';
import { makeModel, makeNode, makeValueInfo } from '../../../main/core/onnx/build-graph.ts';
import type { Preprocessed } from '../../../main/core/segment/1-preprocess/preprocessed.ts';
import { voxelCount, type Vec3 } from '../../../main/core/volume/volume.ts';
import { drawJudgedPatches } from '../../../main/engine/learn/draw-judged-patches.ts';
import { counted, countedPart, countedVoxels } from '../../../main/engine/learn/counted-part.ts';
import { runGraph } from '../../fixtures/run-graph.ts';
import { smallManifest } from '../../fixtures/small-model.ts';

const small = manifestModel(readManifest(smallManifest));
const withMargin = (marginVoxels: Vec3): SegmentationModel => ({
  ...small,
  tiling: { kind: 'margin', marginVoxels },
});
const tiled: SegmentationModel = { ...small, tiling: { kind: 'gaussian', step: 0.5 } };

describe('the part of a patch that counts', () => {
  it('is all of it where images are cut into such tiles', () => {
    const part = countedPart(tiled, [8, 8, 8]);
    expect(part).toEqual({ start: [0, 0, 0], end: [8, 8, 8] });
    expect(countedVoxels([8, 8, 8], part)).toBe(null);
    const b = new NodeBuilder();
    expect(counted(b, 'logits', part)).toBe('logits');
    expect(b.nodes).toEqual([]);
  });

  it('leaves the margin out, and no more than a sixth of the patch at each side', () => {
    expect(countedPart(withMargin([2, 47, 0]), [24, 96, 12])).toEqual({
      start: [2, 16, 0],
      end: [22, 80, 12],
    });
  });

  it('has the voxels that lie in it', () => {
    const part = { start: [1, 0, 2] as Vec3, end: [2, 2, 4] as Vec3 };
    expect([...countedVoxels([3, 2, 6], part)!]).toEqual([14, 15, 20, 21]);
  });

  it('is all that a loss reads', async () => {
    const shape = [1, 2, 4, 6, 5];
    const part = { start: [1, 2, 0] as Vec3, end: [3, 4, 5] as Vec3 };
    const network = makeModel({
      name: 'n',
      nodes: [makeNode('Identity', ['x'], ['logits'])],
      initializers: [],
      inputs: [makeValueInfo('x', shape)],
      outputs: [makeValueInfo('logits', shape)],
    });
    const sum = (b: NodeBuilder) => b.sum(counted(b, 'logits', part), [0, 1, 2, 3, 4], 0);
    const data = new Float32Array(2 * 4 * 6 * 5);
    const inside = countedVoxels([4, 6, 5], part)!;
    data.fill(1);
    for (const at of inside) data[at] = data[120 + at] = 10;
    const { [lossName]: loss } = await runGraph(appendLoss(network, {}, sum), { x: { shape, data } });
    expect([...loss!]).toEqual([10 * 2 * inside.length]);
  });
});

describe('what is judged by', () => {
  const shape: Vec3 = [9, 7, 5];
  // Every voxel another one.
  const data = Float32Array.from({ length: voxelCount(shape) }, (_, at) => at + 1);
  const image = { data, shape } as unknown as Preprocessed;
  const patch: Vec3 = [8, 6, 6];
  const part = { start: [2, 0, 1] as Vec3, end: [6, 6, 5] as Vec3 };
  const inside = countedVoxels(patch, part);
  const source = {
    images: [{ image, labels: null, places: [] }],
    channels: 1,
    counted: [4, 6, 4] as Vec3,
    crop: patch,
  };

  it('is the counted part of a patch, in the image to its last voxel', async () => {
    const codesOf = (crop: { image: Float32Array }) => Promise.resolve(Uint8Array.from(crop.image));
    const seen = new Set<number>();
    for (let seed = 1; seed < 40; seed++) {
      for (const judged of await drawJudgedPatches(source, seed * 7919, inside, codesOf)) {
        expect(judged.codes).toHaveLength(4 * 6 * 4);
        judged.codes.forEach((code, i) => {
          const value = judged.image[inside![i]!]!;
          expect(value).not.toBe(0);
          expect(code).toBe(value % 256);
          seen.add(value);
        });
      }
    }
    expect(seen.size).toBe(data.length);
  });
});
