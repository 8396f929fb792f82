import { imageInput } from '../../onnx/image-input.ts';
import type { OnnxModel } from '../../onnx/onnx-file.ts';
import type { Layer } from '../layer.ts';
import type { CalibrationTile, GraphValue, GraphValues, LoadedGraph, LoadGraph } from './calibration.ts';
import { segmentModel, type Segment } from './cut-graph.ts';
import { gatherPatches } from './gather-patches.ts';
import { layerWindow, type LayerWindow, type Space } from './layer-window.ts';
import { samplesOnGrid, type LayerSamples } from './sample-voxels.ts';

/** What the original network gives at the samples of one layer in one tile. */
export interface Observation {
  readonly window: LayerWindow;
  readonly samples: LayerSamples;
  /** Before any activation, [tapsOut · channels out, samples]. */
  readonly targets: Float32Array;
}

/**
 * Runs the original network over the tiles, segment by segment, and keeps of every layer's output the sampled voxels
 * only. Null where a layer cannot be observed.
 *
 * @param layers whose node starts segment 1, 2, …
 * @param voxels sampled, by tile
 * @returns by layer, then by tile
 */
export async function observeOriginal(
  model: OnnxModel,
  segments: readonly Segment[],
  layers: readonly Layer[],
  tiles: readonly CalibrationTile[],
  voxels: readonly Int32Array[],
  load: LoadGraph,
  onTile: (done: number) => void,
): Promise<(Observation | null)[][]> {
  const observed = layers.map((): (Observation | null)[] => []);
  const loaded: (LoadedGraph | undefined)[] = [];
  try {
    for (const [t, tile] of tiles.entries()) {
      let live: GraphValues = tileFeeds(model, tile);
      for (const [s, segment] of segments.entries()) {
        if (segment.nodes.length === 0) continue;
        const layer = s > 0 ? layers[s - 1] : null;
        const input = layer && live.get(layer.node.inputs[0] ?? '');
        const also = layer ? [layer.node.outputs[0] ?? ''] : [];
        const graph = (loaded[s] ??= await load(segmentModel(model, segment, live, also)));
        const made = await graph.run(feedsOf(segment, live));
        const output = layer && made.get(layer.node.outputs[0] ?? '');
        if (layer)
          observed[s - 1].push(input && output ? observe(layer, input, output, tile, voxels[t]) : null);
        live = advance(segments, s, live, made);
      }
      onTile(t + 1);
    }
  } finally {
    for (const each of loaded) await each?.release();
  }
  return observed;
}

export function tileFeeds(model: OnnxModel, { input, shape }: CalibrationTile): GraphValues {
  return new Map([[imageInput(model)?.name ?? '', { type: 'float32', dims: shape, data: input }]]);
}

export function feedsOf({ reads }: Segment, live: GraphValues): GraphValues {
  return new Map(reads.flatMap((name) => (live.has(name) ? [[name, live.get(name)!] as const] : [])));
}

/** Values that are still needed once segment `s` has run. */
export function advance(
  segments: readonly Segment[],
  s: number,
  live: GraphValues,
  made: GraphValues,
): GraphValues {
  const later = new Set(segments.slice(s + 1).flatMap(({ reads }) => reads));
  return new Map([...live, ...made].filter(([name]) => later.has(name)));
}

function observe(
  layer: Layer,
  input: GraphValue,
  output: GraphValue,
  tile: CalibrationTile,
  voxels: Int32Array,
): Observation | null {
  const image = floatsOf(output);
  if (!floatsOf(input) || !image) return null;
  const window = layerWindow(layer, input.dims, output.dims);
  if (!window) return null;
  const space = tile.shape.slice(2);
  const full = [...Array.from({ length: 3 - space.length }, () => 1), ...space] as unknown as Space;
  const samples = samplesOnGrid(voxels, full, window.sampleSpace);
  const count = samples.positions.length;
  const { channelsOut, tapsOut } = window.shape;
  const targets = new Float32Array(tapsOut * channelsOut * count);
  gatherPatches(
    image,
    channelsOut,
    window.outSpace,
    window.gives,
    samples.positions,
    window.sampleSpace,
    targets,
    count,
  );
  return { window, samples, targets };
}

export function floatsOf(value: GraphValue): Float32Array | null {
  return value.data instanceof Float32Array ? value.data : null;
}
