import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { makeLabel } from '../../../../main/core/model/coded-terms.ts';
import { PackFormatError } from '../../../../main/core/pack/pack-format-error.ts';
import {
  encodeJson,
  encodeManifest,
  networkFile,
  packFormat,
  packManifestJsonSchema,
  readPackManifest,
  type PackManifest,
} from '../../../../main/core/pack/pack-manifest.ts';

const createdAt = '2026-05-04T03:02:01.000Z';
const hash = (digit: string) => digit.repeat(64);
const network = (digit: string) => ({
  fold: 0,
  file: networkFile(hash(digit)),
  sha256: hash(digit),
  bytes: 10,
});

const full: PackManifest['variants'][number] = {
  name: 'full',
  model: hash('a'),
  recipe: { kind: 'full', precision: 'fp32' },
  parameters: 10,
  macs: 100,
  createdAt,
  networks: [network('b')],
  evaluations: [],
};
const evaluation: PackManifest['variants'][number]['evaluations'][number] = {
  image: `sha256:${hash('d')}`,
  reference: 'full',
  calibrated: false,
  toleranceMm: 1,
  createdAt,
  labels: [],
};
const tucker: PackManifest['variants'][number] = {
  ...full,
  name: 'df-0.5',
  recipe: {
    kind: 'tucker',
    method: 'aware',
    ranks: { kind: 'factor', factor: 0.5, rankMin: 8 },
    layersChosen: 'cheaper',
    precision: 'fp32',
    calibratedOn: [`sha256:${hash('d')}`],
    layersDecomposed: 1,
    layers: 2,
    largestError: 0.1,
  },
  networks: [network('c')],
};
const recipe = {
  name: 'Model',
  source: 'onnx',
  channels: [{ name: 'CT', modality: 'CT', normalization: { kind: 'none' } }],
  labels: [makeLabel(1, 'liver') as PackManifest['model']['recipe']['labels'][number]],
  decision: { kind: 'argmax', values: [0, 1] },
  orientation: 'SAR',
  transposeForward: [0, 1, 2],
  spacingMm: [1, 1, 1],
  patch: [8, 8, 8],
  tiling: { kind: 'gaussian', step: 0.5 },
  mirrorAxes: [],
  cropToNonzero: false,
  resampling: { kind: 'totalsegmentator', dataOrder: 3 },
  licence: '',
} satisfies PackManifest['model']['recipe'] as PackManifest['model']['recipe'];
const good: PackManifest = {
  format: packFormat,
  appVersion: '1.0.0',
  createdAt,
  model: {
    id: 'model-aaaaaa',
    name: 'Model',
    sha256: hash('a'),
    source: '',
    licence: '',
    description: '',
    recipe,
  },
  variants: [tucker, full],
};
const withVariants = (...variants: PackManifest['variants']) => ({ ...good, variants });
const withRecipe = (change: object) => ({
  ...good,
  model: { ...good.model, recipe: { ...recipe, ...change } },
});

describe('the manifest of a pack', () => {
  it('has the JSON Schema that resources/schemas holds', () => {
    // Where this fails after a change of the schema: write packManifestJsonSchema() into that file.
    const file = new URL('../../../../resources/schemas/pack-manifest.schema.json', import.meta.url);
    expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual(
      JSON.parse(JSON.stringify(packManifestJsonSchema())),
    );
  });

  it('is read as it was written, keys of the recipe in the order that the hash of the model rests on', () => {
    const read = readPackManifest(encodeManifest(good));
    expect(read).toEqual(good);
    const { name, ...rest } = recipe;
    const turned = { ...rest, name };
    const readTurned = readPackManifest(
      encodeManifest({ ...good, model: { ...good.model, recipe: turned } }),
    );
    expect(JSON.stringify(readTurned.model.recipe)).toBe(JSON.stringify(turned));
  });

  it.each<[string, RegExp, object]>([
    ['a format of the future', /format/, { ...good, format: 'thinslice-pack/2' }],
    ['a key that we do not know', /colour/, { ...good, colour: 'red' }],
    ['no full variant', /no variant full/, withVariants(tucker)],
    ['two variants of a name', /same name/, withVariants(full, full)],
    [
      'a variant of another model',
      /df-0\.5 is a variant of another model/,
      withVariants({ ...tucker, model: hash('9') }, full),
    ],
    [
      'a full variant that is compressed',
      /variant full is not what its name says/,
      withVariants({ ...tucker, name: 'full' }),
    ],
    ['a fold too many', /folds/, withVariants({ ...full, networks: [network('b'), network('b')] })],
    [
      'a file that is not its hash',
      /hash/,
      withVariants({ ...full, networks: [{ ...network('b'), file: networkFile(hash('e')) }] }),
    ],
    [
      'a file outside the pack',
      /file/,
      withVariants({ ...full, networks: [{ ...network('b'), file: '../../b.onnx' }] }),
    ],
    ['an absurd size', /bytes/, withVariants({ ...full, networks: [{ ...network('b'), bytes: 1e15 }] })],
    ['a negative size', /bytes/, withVariants({ ...full, networks: [{ ...network('b'), bytes: -1 }] })],
    ['a name that is a path', /name/, withVariants({ ...tucker, name: '../df' }, full)],
    ['an id that is a path', /id/, { ...good, model: { ...good.model, id: 'a/b' } }],
    [
      'the name of a patient as an image',
      /image/,
      withVariants({ ...full, evaluations: [{ ...evaluation, image: 'DOE^JOHN' }] }),
    ],
    ['the same image twice', /same image/, withVariants({ ...full, evaluations: [evaluation, evaluation] })],
    [
      'a Dice above 1',
      /dice/,
      withVariants({
        ...full,
        evaluations: [
          {
            ...evaluation,
            labels: [
              {
                value: 1,
                referenceVoxels: 1,
                comparedVoxels: 1,
                missingIn: 'neither',
                dice: 1.5,
                sensitivity: 1,
                specificity: 1,
                hd95Mm: 0,
                surfaceDice: 1,
              },
            ],
          },
        ],
      }),
    ],
    ['a patch that no machine holds', /patch/, withRecipe({ patch: [2048, 2048, 2048] })],
    ['labels without channels', /decision/, withRecipe({ decision: { kind: 'argmax', values: [0, 2] } })],
    ['an orientation that is none', /orientation/, withRecipe({ orientation: 'LRA' })],
    ['axes that repeat', /transposeForward/, withRecipe({ transposeForward: [0, 0, 1] })],
    ['nothing', /valid/, []],
  ])('refuses %s', (_what, words, manifest) => {
    const read = () => readPackManifest(encodeJson(manifest));
    expect(read).toThrow(PackFormatError);
    expect(read).toThrow(words);
  });

  it('takes one way of writing only, so that what was signed means one thing', () => {
    const text = new TextDecoder().decode(encodeManifest(good));
    const refused = (changed: string | Uint8Array, words: RegExp) => {
      const bytes = typeof changed === 'string' ? new TextEncoder().encode(changed) : changed;
      expect(() => readPackManifest(bytes)).toThrow(PackFormatError);
      expect(() => readPackManifest(bytes)).toThrow(words);
    };
    refused(text.replace('{\n', '{\n  "appVersion": "0",\n'), /as Thinslice writes it/);
    refused(text.trimEnd(), /as Thinslice writes it/);
    refused(`\ufeff${text}`, /not JSON/);
    refused(text.replace('"parameters": 10', '"parameters": 1e1'), /as Thinslice writes it/);
    refused(text.slice(0, -10), /not JSON/);
    refused(Uint8Array.of(0xff, 0xfe), /not JSON/);
    refused('['.repeat(100_000), /not JSON|too deep|Maximum/);
  });
});
