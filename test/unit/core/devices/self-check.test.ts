import { describe, expect, it } from 'vitest';
import { selfCheckAnswer } from '../../../../main/core/devices/self-check-answer.ts';
import { answerLabels, decodeLabels, tooClose } from '../../../../main/core/devices/self-check-labels.ts';
import {
  selfCheckClasses,
  selfCheckNetwork,
  selfCheckPatch,
  selfCheckShape,
} from '../../../../main/core/devices/self-check-network.ts';
import {
  argmaxLabels,
  describeSelfCheck,
  findFault,
  judgeLogits,
  neededAgreement,
  runSelfCheck,
} from '../../../../main/core/devices/self-check.ts';
import { readOnnx } from '../../../../main/core/onnx/onnx-file.ts';
import { voxelCount } from '../../../../main/core/volume/volume.ts';

const answer = decodeLabels(selfCheckAnswer);
const voxels = voxelCount(selfCheckShape);
const counted = answer.filter((label) => label !== tooClose).length;

/** Logits whose argmax is the answer, but for the first `wrong` voxels that count. */
function logitsWith(wrong: number): Float32Array {
  const logits = new Float32Array(selfCheckClasses * voxels).fill(-1);
  let left = wrong;
  answer.forEach((label, i) => {
    if (label === tooClose) return;
    const given = left-- > 0 ? (label + 1) % selfCheckClasses : label;
    logits[given * voxels + i] = 1;
  });
  return logits;
}

describe('the stored answer', () => {
  it('has a label for every voxel, each label often, and few voxels too close to tell', () => {
    expect(answer.length).toBe(voxels);
    for (let label = 0; label < selfCheckClasses; label++) {
      expect(answer.filter((each) => each === label).length).toBeGreaterThan(voxels / 20);
    }
    expect(counted).toBeGreaterThan(0.85 * voxels);
  });

  it('belongs to a network and a patch that are the same every time', () => {
    expect(selfCheckNetwork()).toEqual(selfCheckNetwork());
    expect(selfCheckPatch()).toEqual(selfCheckPatch());
    expect(selfCheckPatch().length).toBe(voxels);
  });

  it('tests every operator that carries a segmentation network', () => {
    const operators = new Set(readOnnx(selfCheckNetwork()).graph.nodes.map((node) => node.opType));
    expect([...operators].toSorted()).toEqual([
      'Concat',
      'Conv',
      'ConvTranspose',
      'InstanceNormalization',
      'LeakyRelu',
    ]);
  });
});

describe('judgeLogits', () => {
  it('trusts what gives the labels of the answer', () => {
    expect(judgeLogits(logitsWith(0))).toEqual({ passed: true, agreement: 1 });
  });

  it('draws the line at 99.9 % of the voxels that count', () => {
    const most = Math.floor(counted * (1 - neededAgreement));
    expect(judgeLogits(logitsWith(most)).passed).toBe(true);
    const verdict = judgeLogits(logitsWith(most + 1));
    expect(verdict).toEqual({
      passed: false,
      failure: { code: 'wrong-labels', agreement: (counted - most - 1) / counted },
    });
  });

  it('does not count voxels that are too close to tell', () => {
    const logits = logitsWith(0);
    answer.forEach((label, i) => {
      if (label === tooClose) logits[2 * voxels + i] = 9;
    });
    expect(judgeLogits(logits)).toEqual({ passed: true, agreement: 1 });
  });

  it('says what is wrong with output that no network gives', () => {
    const failureOf = (logits: Float32Array) => {
      const verdict = judgeLogits(logits);
      return verdict.passed ? null : verdict.failure;
    };
    expect(failureOf(new Float32Array(selfCheckClasses * voxels))).toEqual({ code: 'all-zero' });
    expect(failureOf(new Float32Array(7))).toMatchObject({ code: 'wrong-size', got: 7 });
    const broken = logitsWith(0);
    broken[3] = NaN;
    broken[4] = Infinity;
    expect(failureOf(broken)).toEqual({ code: 'not-a-number', values: 2 });
  });
});

describe('findFault', () => {
  it('finds nothing in usual output, zeros included', () => {
    expect(findFault(Float32Array.of(0, -0, 0, 1e-30))).toBeNull();
  });
});

describe('answerLabels', () => {
  it('is the argmax, where it is clear', () => {
    // [class, voxel]: clear, clear, within the margin, equal.
    const logits = Float32Array.of(1, 0, 1, 2, 0, 3, 1.01, 2);
    expect([...answerLabels(logits, 2)]).toEqual([0, 1, tooClose, tooClose]);
    expect([...argmaxLabels(logits, 2)]).toEqual([0, 1, 1, 0]);
  });
});

describe('runSelfCheck', () => {
  it('hands over network and patch, and makes a failure of what is thrown', async () => {
    const seen: number[] = [];
    const verdict = await runSelfCheck(async (network, input, inputShape, outputShape) => {
      seen.push(network.length, input.length, ...inputShape, ...outputShape);
      throw new Error('device removed');
    });
    expect(seen).toEqual([selfCheckNetwork().length, voxels, 1, 1, 16, 24, 32, 1, 5, 16, 24, 32]);
    expect(verdict).toEqual({ passed: false, failure: { code: 'threw', detail: 'device removed' } });
  });
});

describe('describeSelfCheck', () => {
  it('is plain words', () => {
    expect(describeSelfCheck({ passed: true, agreement: 0.99956 })).toBe(
      "trusted: 99.96 % of the labels are the CPU's",
    );
    const wrong = { code: 'wrong-labels', agreement: 0.686 } as const;
    expect(describeSelfCheck({ passed: false, failure: wrong })).toBe(
      "set aside: 31.4 % of the labels differ from the CPU's",
    );
    expect(describeSelfCheck({ passed: false, failure: { code: 'all-zero' } })).toBe(
      'set aside: it gave nothing but zeros',
    );
  });
});
