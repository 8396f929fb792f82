import type { Shape } from '../../onnx/infer-shapes.ts';
import type { OnnxModel } from '../../onnx/onnx-file.ts';

/** A value of a graph: elements in C order, with the name that onnxruntime has for their type. */
export interface GraphValue {
  readonly type: string;
  readonly dims: Shape;
  readonly data: unknown;
}

export type GraphValues = ReadonlyMap<string, GraphValue>;

/** A graph that was loaded to be run: gives all its outputs. */
export interface LoadedGraph {
  readonly run: (feeds: GraphValues) => Promise<GraphValues>;
  readonly release: () => Promise<void>;
}

/** Running a graph with any number of inputs and outputs, as an effect. Cancelling is its rejection. */
export type LoadGraph = (model: OnnxModel) => Promise<LoadedGraph>;

/** A part of an unlabelled image that the network is calibrated on. */
export interface CalibrationTile {
  /** [1, channels, …space], C order. */
  readonly input: Float32Array;
  readonly shape: Shape;
  /**
   * What the original network makes of every voxel of the space, so that samples can be balanced; negative where none
   * may be taken.
   */
  readonly labels: Int16Array;
}
