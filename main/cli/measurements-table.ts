import type { LabelMeasurement } from '../core/segment/6-measure/measurement.ts';
import { printTable } from './output.ts';

export function printMeasurements(measurements: readonly LabelMeasurement[]): void {
  printTable(
    [
      { head: 'Label', align: 'right' },
      { head: 'Name' },
      { head: 'Voxels', align: 'right' },
      { head: 'Volume mL', align: 'right' },
      { head: 'Mean', align: 'right' },
      { head: 'SD', align: 'right' },
      { head: 'At the edge' },
    ],
    measurements.map((label) => [
      String(label.value),
      label.name,
      String(label.voxels),
      label.volumeMl.toFixed(1),
      label.meanIntensity?.toFixed(1) ?? '-',
      label.sdIntensity?.toFixed(1) ?? '-',
      label.touchesEdge ? 'yes' : '',
    ]),
  );
}
