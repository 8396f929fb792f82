import type { Box } from '../../volume/box.ts';
import type { Vec3 } from '../../volume/volume.ts';
import type { Padding } from './pad-to-patch.ts';

/** One input of the network: a box of `TilePlan.tileShape` voxels of the padded grid. */
export interface Tile {
  /** First voxel, in the padded grid. */
  readonly start: Vec3;
  /** What counts of its output, in the tile's own voxels. */
  readonly keep: Box;
}

/** Which parts of the network grid the network sees, and how their outputs are weighted. */
export interface TilePlan extends Padding {
  readonly tileShape: Vec3;
  /** Axis 0 slowest, so that finished planes never change again. */
  readonly tiles: readonly Tile[];
  /** [t0, t1, t2], the same for every tile; null where each voxel is kept from exactly one tile. */
  readonly weights: Float32Array | null;
}
