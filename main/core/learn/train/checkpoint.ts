import { makeFloatTensor, makeModel } from '../../onnx/build-graph.ts';
import { OnnxFormatError } from '../../onnx/onnx-format-error.ts';
import { readOnnx, writeOnnx } from '../../onnx/onnx-file.ts';
import { tensorFloats } from '../../onnx/tensor-data.ts';
import type { Optimizer, OptimizerState, Parameters } from '../optimize/optimizer.ts';
import type { Judgement } from './learning-curve.ts';
import type { TrainState } from './train.ts';

export interface Checkpoint {
  readonly state: TrainState;
  readonly optimizer: OptimizerState;
  /** Of the generator that draws patches. */
  readonly random: number;
  /** Spent on learning so far. */
  readonly seconds: number;
}

const sets = ['weights', 'average', 'best'] as const;

/** A checkpoint as an ONNX file of tensors: the format whose reader trusts nothing. */
export function encodeCheckpoint({ state, optimizer, random, seconds }: Checkpoint): Uint8Array<ArrayBuffer> {
  const tensors = new Map<string, Float32Array>();
  for (const set of sets) for (const [name, data] of state[set]) tensors.set(`${set}/${name}`, data);
  for (const [name, moments] of optimizer.moments) {
    moments.forEach((data, index) => tensors.set(`moment${index}/${name}`, data));
  }
  tensors.set('losses', Float32Array.from(state.losses));
  tensors.set('judged', Float32Array.from(state.judgements.flatMap(({ steps, score }) => [steps, score])));
  const { steps, bestScore, firstScore } = state;
  const facts = { steps, bestScore, firstScore, optimizerSteps: optimizer.steps, random, seconds };
  const initializers = [...tensors].map(([name, data]) => makeFloatTensor(name, [data.length], data));
  const metadata = Object.fromEntries(Object.entries(facts).map(([key, value]) => [key, String(value)]));
  return writeOnnx(
    makeModel({ name: 'checkpoint', nodes: [], initializers, inputs: [], outputs: [] }, metadata),
  );
}

/**
 * @param weights those of the network: a checkpoint of another one is refused
 * @param optimizer that it is for: what another one kept is refused
 * @throws OnnxFormatError
 */
export function decodeCheckpoint(
  bytes: Uint8Array,
  weights: Parameters,
  { momentLengths }: Pick<Optimizer, 'momentLengths'>,
): Checkpoint {
  const { graph, metadata } = readOnnx(bytes);
  const facts = new Map(metadata.map(({ key, value }) => [key, Number(value)]));
  const fact = (name: string): number => {
    const value = facts.get(name);
    if (value === undefined || !Number.isFinite(value))
      throw new OnnxFormatError(`the checkpoint lacks ${name}`);
    return value;
  };
  const count = (name: string): number => {
    const value = fact(name);
    if (!Number.isSafeInteger(value) || value < 0) throw new OnnxFormatError(`${name} is no count`);
    return value;
  };
  const tensors = new Map(graph.initializers.map((tensor) => [tensor.name ?? '', tensor]));
  const floats = (name: string, length: number | null): Float32Array => {
    const tensor = tensors.get(name);
    const data = tensor && Float32Array.from(tensorFloats(tensor));
    if (!data || (length !== null && data.length !== length)) {
      throw notOfThisNetwork(name);
    }
    return data;
  };
  const setOf = (set: string): Parameters =>
    new Map([...weights].map(([name, data]) => [name, floats(`${set}/${name}`, data.length)]));
  const moments = new Map<string, Float32Array[]>();
  const haveMoments = [...weights.keys()].some((name) => tensors.has(`moment0/${name}`));
  for (const [name, data] of haveMoments ? weights : []) {
    const lengths = momentLengths(name, data.length);
    if (tensors.has(`moment${lengths.length}/${name}`)) throw notOfThisNetwork(`moments of ${name}`);
    moments.set(
      name,
      lengths.map((length, index) => floats(`moment${index}/${name}`, length)),
    );
  }
  return {
    state: {
      steps: count('steps'),
      bestScore: fact('bestScore'),
      firstScore: fact('firstScore'),
      weights: setOf('weights'),
      average: setOf('average'),
      best: setOf('best'),
      losses: [...floats('losses', null)],
      judgements: pairs(floats('judged', null)),
    },
    optimizer: { steps: count('optimizerSteps'), moments },
    random: count('random'),
    seconds: fact('seconds'),
  };
}

function pairs(flat: Float32Array): Judgement[] {
  return Array.from({ length: flat.length >> 1 }, (_, i) => ({
    steps: flat[2 * i]!,
    score: flat[2 * i + 1]!,
  }));
}

function notOfThisNetwork(name: string): OnnxFormatError {
  return new OnnxFormatError(`the checkpoint is not of this network and optimiser (${name})`);
}
