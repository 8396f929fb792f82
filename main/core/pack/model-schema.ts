import { z } from 'zod';
import type { SegmentationModel } from '../model/segmentation-model.ts';

// A pack carries what was imported once already, so these limits are those of the readers of nnU-Net and ONNX models.
const maxPatchVoxels = 2 ** 27;
const number = z.number();
const name = z.string().min(1).max(200);
const axis = z.int().min(0).max(2);
const vec3 = <T extends z.ZodType>(item: T) => z.tuple([item, item, item]);
const order = z.int().min(0).max(3);
const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);

const normalization = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('ct'),
    lower: number,
    upper: number,
    mean: number,
    std: number.min(0),
  }),
  z.strictObject({ kind: z.literal('zscore'), useMask: z.boolean() }),
  z.strictObject({ kind: z.literal('none') }),
  z.strictObject({ kind: z.literal('min-max') }),
  z.strictObject({ kind: z.literal('rgb-to-01') }),
  z.strictObject({ kind: z.literal('quantile'), low: number.min(0).max(1), high: number.min(0).max(1) }),
]);

const codedTerm = z.strictObject({
  value: z.string().min(1).max(200),
  scheme: z.string().min(1).max(16),
  meaning: z.string().max(200),
});

const label = z.strictObject({
  value: z.int().min(1).max(255),
  name: z.string().max(10_000),
  category: codedTerm,
  type: codedTerm,
  typeModifier: codedTerm.optional(),
  anatomicRegion: codedTerm.optional(),
  anatomicRegionModifier: codedTerm.optional(),
  color: vec3(number.min(0).max(255)),
});

const orientation = z
  .string()
  .regex(/^(as-read|[LRPASI]{3})$/)
  .refine(
    (code) =>
      code === 'as-read' || ['LR', 'PA', 'SI'].every((pair) => [...pair].some((c) => code.includes(c))),
    'must name each of left-right, posterior-anterior and superior-inferior once',
  );

/** A model's recipe as it travels in a pack: `SegmentationModel`, nothing more and nothing less. */
export const modelSchema = z
  .strictObject({
    name,
    source: z.enum(['nnunet', 'onnx']),
    channels: z
      .array(z.strictObject({ name, modality: z.string().max(16), normalization }))
      .min(1)
      .max(16),
    labels: z
      .array(label)
      .min(1)
      .max(255)
      .refine(
        (labels) => new Set(labels.map(({ value }) => value)).size === labels.length,
        'repeats a value',
      ),
    decision: z.strictObject({
      kind: z.enum(['argmax', 'regions']),
      values: z.array(z.int().min(0).max(255)).min(1).max(256),
    }),
    orientation,
    transposeForward: vec3(axis).refine((axes) => new Set(axes).size === 3, 'must hold 0, 1 and 2'),
    spacingMm: vec3(number.min(0.01).max(100)),
    patch: vec3(z.int().min(1).max(2048)).refine(
      ([a, b, c]) => a * b * c <= maxPatchVoxels,
      'is larger than any machine can hold',
    ),
    tiling: z.discriminatedUnion('kind', [
      z.strictObject({ kind: z.literal('gaussian'), step: number.min(0.1).max(1) }),
      z.strictObject({ kind: z.literal('margin'), marginVoxels: vec3(z.int().min(0).max(1024)) }),
    ]),
    mirrorAxes: z
      .array(axis)
      .max(3)
      .refine((axes) => new Set(axes).size === axes.length, 'repeats an axis'),
    cropToNonzero: z.boolean(),
    resampling: z.discriminatedUnion('kind', [
      z.strictObject({
        kind: z.literal('nnunet'),
        dataOrder: order,
        dataOrderZ: order,
        logitsOrder: order,
        logitsOrderZ: order,
        forceSeparateZ: z.boolean().nullable(),
      }),
      z.strictObject({ kind: z.literal('totalsegmentator'), dataOrder: order }),
    ]),
    licence: z.string().max(2 ** 20),
  })
  .refine(
    ({ tiling, patch }) =>
      tiling.kind !== 'margin' || tiling.marginVoxels.every((margin, i) => 2 * margin < patch[i]),
    { path: ['tiling', 'marginVoxels'], error: 'must leave something of the patch' },
  )
  .refine(({ decision, labels }) => decidesLabels(decision, labels), {
    path: ['decision', 'values'],
    error: 'must hold the values of the labels, each once',
  }) satisfies z.ZodType<SegmentationModel>;

/** Each label has its channel; with argmax the background has one too, the first. */
function decidesLabels(
  { kind, values }: { readonly kind: string; readonly values: readonly number[] },
  labels: readonly { readonly value: number }[],
): boolean {
  const wanted = [...(kind === 'argmax' ? [0] : []), ...labels.map(({ value }) => value)];
  if (kind === 'argmax' && values[0] !== 0) return false;
  return (
    values.length === wanted.length &&
    sum(values) === sum(wanted) &&
    new Set([...values, ...wanted]).size === wanted.length
  );
}
