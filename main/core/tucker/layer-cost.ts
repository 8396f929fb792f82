import type { ChannelRanks } from './choose-ranks.ts';
import type { Layer, LayerCost, LayerForm } from './layer.ts';

/** Cost of the layers that take a layer's place at the given ranks. */
export function costAfter(layer: Layer, ranks: ChannelRanks, form: LayerForm): LayerCost {
  const { positions, channels, shape } = layer;
  const core = form === 'three' ? ranks.in * ranks.out * shape.taps : 0;
  const reduce = channels.in * ranks.in;
  const expand = channels.out * ranks.out;
  // Without a core the reduction has the layer's stride, and so its output.
  const reduceAt = positions && (form === 'three' ? positions.in : positions.out);
  return {
    // The bias stays, on the last of the new layers.
    parameters: reduce + core + expand + (layer.hasBias ? channels.out : 0),
    macs:
      positions && reduceAt !== null
        ? reduceAt * reduce + corePositions(layer, positions) * core + positions.out * expand
        : null,
  };
}

/** A transposed convolution multiplies once a voxel that it reads, any other layer once a voxel that it writes. */
function corePositions(layer: Layer, positions: NonNullable<Layer['positions']>): number {
  return layer.kind === 'ConvTranspose' ? positions.in : positions.out;
}
