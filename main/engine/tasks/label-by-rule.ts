import { labelCtTissue } from '../../core/label-rules/label-ct-tissue.ts';
import { toRulesGrid } from '../../core/label-rules/to-rules-grid.ts';
import type { Vec3, Volume } from '../../core/volume/volume.ts';

export interface RuleLabels {
  /** z, y, x */
  readonly labels: Uint8Array;
  readonly shapeZyx: Vec3;
}

/** The labels of a CT by the rules of the bundled model, on their grid of 3 mm. Throws TooManyVoxelsError. */
export function labelByRule({ volume }: { readonly volume: Volume }): RuleLabels {
  const { hu, shapeZyx, top } = toRulesGrid(volume);
  return { labels: labelCtTissue(hu, shapeZyx, top), shapeZyx };
}
