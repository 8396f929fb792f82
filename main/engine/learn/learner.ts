import { createGraphSession } from '../../../native/onnxruntime/create-graph-session.ts';
import { AppFailure } from '../../contract/app-error.ts';
import { differentiate, type Differentiated } from '../../core/learn/gradient/differentiate.ts';
import { appendLoss, lossName } from '../../core/learn/loss/append-loss.ts';
import type { NodeBuilder } from '../../core/learn/node-builder.ts';
import type { Parameters } from '../../core/learn/optimize/optimizer.ts';
import type { Weight } from '../../core/learn/train/learnable-weights.ts';
import type { Step } from '../../core/learn/train/train.ts';
import { imageInput } from '../../core/onnx/image-input.ts';
import { measureCost } from '../../core/onnx/measure-cost.ts';
import { writeOnnx, type OnnxModel } from '../../core/onnx/onnx-file.ts';

export interface LearningOptions {
  readonly weights: ReadonlyMap<string, Weight>;
  /** Of the image and of all that the loss reads beside it, by name. */
  readonly inputs: Readonly<Record<string, readonly number[]>>;
  /** Gives the name of the scalar. */
  readonly loss: (builder: NodeBuilder) => string;
}

/** A network with its loss and gradients, nothing of it loaded. */
export interface Learning extends Differentiated, Pick<LearningOptions, 'weights' | 'inputs'> {
  /** What lives at once in a step. */
  readonly peakBytes: number;
}

/** Throws LearnError for a network that cannot learn. */
export function planLearning(network: OnnxModel, { weights, inputs, loss }: LearningOptions): Learning {
  const image = imageInput(network)?.name;
  const others = Object.fromEntries(Object.entries(inputs).filter(([name]) => name !== image));
  const learnt = differentiate(appendLoss(network, others, loss), {
    loss: lossName,
    by: [...weights.keys()],
    inputShapes: inputs,
  });
  const dims = Object.fromEntries([...weights].map(([name, each]) => [name, each.dims]));
  const { peakBytes } = measureCost(learnt.model, { ...inputs, ...dims });
  return { ...learnt, weights, inputs, peakBytes };
}

/** onnxruntime takes so many times as much as lives at once. */
export const memoryOverhead = 2.5;
/** Part of the free memory that learning may take. */
const memoryShare = 0.9;
/** Average, best ones, two moments and covariances, which for a decomposition's factors are several times as much. */
const copiesOfWeights = 9;

/** Throws AppFailure `out-of-memory` where a step would not fit: to be asked before the first one. */
export function checkLearningMemory({ peakBytes, weights }: Learning): void {
  const count = [...weights.values()].reduce((sum, { data }) => sum + data.length, 0);
  checkFree(memoryOverhead * peakBytes + 4 * copiesOfWeights * count);
}

/** Throws AppFailure `out-of-memory`. */
export function checkFree(neededBytes: number): void {
  const freeBytes = process.availableMemory() * memoryShare;
  if (neededBytes <= freeBytes) return;
  const mib = (bytes: number): string => `${Math.ceil(bytes / 2 ** 20)} MiB`;
  const detail = `a step of learning takes ${mib(neededBytes)}, and ${mib(freeBytes)} can be had`;
  const cause = { code: 'too-little-memory', neededBytes, freeBytes } as const;
  throw new AppFailure({ code: 'out-of-memory', device: 'cpu', detail, cause });
}

/** Loss and gradients of weights on a batch. */
export interface Learner {
  /** @param values of all inputs, by name */
  readonly step: (values: Parameters, weights: Parameters) => Promise<Step>;
  readonly release: () => Promise<void>;
}

export async function createLearner(learning: Learning, threads: number): Promise<Learner> {
  const { model, gradients, inputs, weights } = learning;
  const session = await createGraphSession(writeOnnx(model), threads, { keepsMemory: true });
  return {
    step: async (values, current) => {
      const fed = [
        ...[...weights].map(([name, { dims }]) => [name, asFloats(current.get(name)!, dims)] as const),
        ...Object.entries(inputs).map(([name, dims]) => [name, asFloats(values.get(name)!, dims)] as const),
      ];
      const found = await session.run(new Map(fed));
      const of = (name: string): Float32Array => found.get(name)!.data as Float32Array;
      return {
        loss: of(lossName)[0]!,
        gradients: new Map([...gradients].map(([name, gradient]) => [name, of(gradient)])),
      };
    },
    release: () => session.release(),
  };
}

export function asFloats(data: Float32Array, dims: readonly number[]) {
  return { type: 'float32', data, dims };
}
