import { selfCheckAnswer } from './self-check-answer.ts';
import { selfCheckClasses, selfCheckNetwork, selfCheckPatch, selfCheckShape } from './self-check-network.ts';
import { decodeLabels, tooClose } from './self-check-labels.ts';

/** Part of the voxels that must get the label that the CPU gave; below it a device is set aside. */
export const neededAgreement = 0.999;

/** Why a device is not used. Data only: `describeSelfCheck` turns it into words. */
export type SelfCheckFailure =
  | { readonly code: 'threw'; readonly detail: string }
  /** Not at the check: later, at work. */
  | { readonly code: 'failed-at-work'; readonly detail: string }
  | { readonly code: 'wrong-size'; readonly expected: number; readonly got: number }
  | { readonly code: 'not-a-number'; readonly values: number }
  | { readonly code: 'all-zero' }
  | { readonly code: 'wrong-labels'; readonly agreement: number };

export type SelfCheckVerdict =
  | { readonly passed: true; readonly agreement: number }
  | { readonly passed: false; readonly failure: SelfCheckFailure };

/**
 * Runs an ONNX network on the device under test.
 *
 * @param input C order, of `inputShape`
 * @returns the logits, [1, classes, d0, d1, d2]
 */
export type RunSelfCheck = (
  network: Uint8Array,
  input: Float32Array,
  inputShape: readonly number[],
  outputShape: readonly number[],
) => Promise<Float32Array>;

/**
 * Runs a fixed network on a fixed patch and compares its labels with those that onnxruntime's CPU provider gave.
 * Drivers are known that return wrong numbers or zeros without any error, so a GPU is trusted only after this, and
 * again when its driver changes (`DeviceFacts.key`). Never throws: what `run` throws is a verdict too.
 */
export async function runSelfCheck(run: RunSelfCheck): Promise<SelfCheckVerdict> {
  const inputShape = [1, 1, ...selfCheckShape];
  const outputShape = [1, selfCheckClasses, ...selfCheckShape];
  try {
    return judgeLogits(await run(selfCheckNetwork(), selfCheckPatch(), inputShape, outputShape));
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error);
    return { passed: false, failure: { code: 'threw', detail } };
  }
}

/**
 * Whether these logits, [class, voxel], give the labels that the CPU gave. Voxels whose two best classes lie so close
 * that rounding decides between them (reduced precision is not a fault) are not counted.
 */
export function judgeLogits(logits: Float32Array): SelfCheckVerdict {
  const answer = decodeLabels(selfCheckAnswer);
  const expected = answer.length * selfCheckClasses;
  if (logits.length !== expected) {
    return { passed: false, failure: { code: 'wrong-size', expected, got: logits.length } };
  }
  const fault = findFault(logits);
  if (fault) return { passed: false, failure: fault };
  const labels = argmaxLabels(logits, selfCheckClasses);
  let counted = 0;
  let equal = 0;
  for (let i = 0; i < answer.length; i++) {
    if (answer[i] === tooClose) continue;
    counted++;
    if (labels[i] === answer[i]) equal++;
  }
  const agreement = equal / counted;
  return agreement >= neededAgreement
    ? { passed: true, agreement }
    : { passed: false, failure: { code: 'wrong-labels', agreement } };
}

/**
 * What no network gives: a value that is not finite, or nothing but zeros (DirectML under memory pressure). Cheap
 * enough to look at every tile's output on a GPU.
 */
export function findFault(output: Float32Array): SelfCheckFailure | null {
  let values = 0;
  let anything = false;
  for (let i = 0; i < output.length; i++) {
    const value = output[i];
    if (value !== 0) anything = true;
    // True of no NaN and no infinity.
    if (!(value - value === 0)) values++;
  }
  if (values > 0) return { code: 'not-a-number', values };
  return anything ? null : { code: 'all-zero' };
}

/** Index of the largest logit of each voxel, the first of equals. [class, voxel] */
export function argmaxLabels(logits: Float32Array, classes: number): Uint8Array {
  const voxels = logits.length / classes;
  const labels = new Uint8Array(voxels);
  for (let i = 0; i < voxels; i++) {
    let best = 0;
    for (let c = 1; c < classes; c++) if (logits[c * voxels + i] > logits[best * voxels + i]) best = c;
    labels[i] = best;
  }
  return labels;
}

/** A verdict in plain words: `set aside: 31.4 % of the labels differ from the CPU's`. */
export function describeSelfCheck(verdict: SelfCheckVerdict): string {
  if (verdict.passed) return `trusted: ${percent(verdict.agreement)} of the labels are the CPU's`;
  return `set aside: ${describeFailure(verdict.failure)}`;
}

/** What a device did wrong, in plain words. */
export function describeFailure(failure: SelfCheckFailure): string {
  switch (failure.code) {
    case 'threw':
      return `it could not run the test network (${failure.detail})`;
    case 'failed-at-work':
      return `it failed while it ran the network (${failure.detail})`;
    case 'wrong-size':
      return `it gave ${failure.got} numbers instead of ${failure.expected}`;
    case 'not-a-number':
      return `it gave ${failure.values} values that are not numbers`;
    case 'all-zero':
      return 'it gave nothing but zeros';
    case 'wrong-labels':
      return `${percent(1 - failure.agreement)} of the labels differ from the CPU's`;
  }
}

function percent(part: number): string {
  return `${Number((100 * part).toFixed(2))} %`;
}
