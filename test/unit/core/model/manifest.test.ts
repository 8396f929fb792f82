import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { manifestJsonSchema, manifestModel, readManifest } from '../../../../main/core/model/manifest.ts';
import { ModelFormatError } from '../../../../main/core/model/model-format-error.ts';

const read = (path: string) =>
  JSON.parse(readFileSync(new URL(`../../../../${path}`, import.meta.url), 'utf8'));
const meshnet = read('test/fixtures/meshnet/model5_gw_ae.json');

describe('the manifest of an ONNX model', () => {
  it('has the JSON Schema that resources/schemas holds', () => {
    // Where this fails after a change of the schema: write manifestJsonSchema() into that file.
    expect(read('resources/schemas/model-manifest.schema.json')).toEqual(
      JSON.parse(JSON.stringify(manifestJsonSchema())),
    );
  });

  it('becomes a model, defaults filled in', () => {
    const model = manifestModel(readManifest(meshnet));
    expect(model).toMatchObject({
      source: 'onnx',
      orientation: 'LIA',
      decision: { kind: 'argmax', values: [0, 1, 2] },
      tiling: { kind: 'margin', marginVoxels: [46, 46, 46] },
      mirrorAxes: [],
      cropToNonzero: false,
    });
    expect(model.labels.map(({ value, name, type }) => [value, name, type.value])).toEqual([
      [1, 'White Matter', '389080008'],
      [2, 'Grey Matter', '389081007'],
    ]);
  });

  it.each<[string, RegExp, object]>([
    ['a key that we do not know', /colour/, { colour: 'red' }],
    ['another format', /format/, { format: 'thinslice-model/9' }],
    ['an orientation that is none', /orientation/, { orientation: 'LRA' }],
    ['splines of order 2', /resampling\.dataOrder/, { resampling: { dataOrder: 2, logitsOrder: 1 } }],
    ['a spacing of zero', /spacingMm/, { spacingMm: [0, 1, 1] }],
    ['an absurd patch', /patch/, { patch: [256, 256, 1e9] }],
    [
      'a margin that leaves nothing',
      /tiling\.marginVoxels/,
      { tiling: { kind: 'margin', marginVoxels: [46, 46, 128] } },
    ],
    ['one label', /labels/, { labels: ['background'] }],
    ['300 labels', /labels/, { labels: Array.from({ length: 300 }, (_, i) => `l${i}`) }],
    ['a network in another folder', /network/, { network: '../../etc/model.onnx' }],
    [
      'a normalisation that we do not know',
      /normalization/,
      { channels: [{ name: 'T1', modality: 'MR', normalization: { kind: 'magic' } }] },
    ],
    [
      'a standard deviation of zero',
      /std/,
      {
        channels: [
          { name: 'CT', modality: 'CT', normalization: { kind: 'ct', lower: 0, upper: 1, mean: 0, std: 0 } },
        ],
      },
    ],
  ])('is refused for %s', (_, message, change) => {
    const changed = { ...meshnet, ...change };
    expect(() => readManifest(changed)).toThrow(ModelFormatError);
    expect(() => readManifest(changed)).toThrow(message);
  });
});
