import type { LabelMeasurement } from '../core/segment/6-measure/measurement.ts';
import { printTable } from './output.ts';

/** `unit` is that of the intensities: HU, or empty where it is arbitrary. */
export function printMeasurements(measurements: readonly LabelMeasurement[], unit: string): void {
  const withUnit = (head: string) => (unit === '' ? head : `${head} ${unit}`);
  printTable(
    [
      { head: 'Label', align: 'right' },
      { head: 'Name' },
      { head: 'Voxels', align: 'right' },
      { head: 'Volume mL', align: 'right' },
      { head: withUnit('Mean'), align: 'right' },
      { head: withUnit('SD'), align: 'right' },
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
