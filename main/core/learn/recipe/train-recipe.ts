import { z } from 'zod';
import { faultsOf } from './recipe-faults.ts';

/** How a network is trained from scratch: a JSON file, all that has to be known beside the images. */

const text = z.string().max(20_000);
const label = z.string().min(1).max(200);
const vec3 = <T extends z.ZodType>(item: T) => z.tuple([item, item, item]);
const patch = vec3(z.int().min(8).max(512));
const odd = z.literal([1, 3, 5, 7]);
const positive = z.number().gt(0);
const range = z.tuple([z.number().min(0), z.number().min(0)]);
const slice = z.int().min(0).max(1_000_000);

const networkSchema = z
  .strictObject({
    features: z.array(z.int().min(1).max(1024)).min(2).max(8).describe('Channels of each stage'),
    strides: z
      .array(z.union([z.literal([1, 2, 4]), vec3(z.literal([1, 2, 4]))]))
      .min(2)
      .max(8)
      .describe('Of the first convolution of each stage; that of the first stage is 1'),
    kernel: z.union([odd, vec3(odd)]).default(3),
    convolutions: z.int().min(1).max(8).default(2).describe('Of each stage'),
    norm: z
      .literal(['instance', 'none'])
      .default('instance')
      .describe(
        'After each convolution. An instance norm makes each patch alike in mean and deviation: without one a network can tell HU apart whatever else a patch has',
      ),
  })
  .describe('A PlainConvUNet of nnU-Net, with LeakyReLU 0.01');

export const recipePartSchema = z
  .union([
    z.literal('all'),
    z.strictObject({
      slices: z.tuple([slice, slice]).describe('First and last slice, counted from 0'),
    }),
    z.strictObject({ mm: range.describe('From the centre of the first slice') }),
  ])
  .describe('Slices of the image in the order of the file, of DICOM in the order of their positions');

const optimizerSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal(['adamw', 'soap']),
    learningRate: positive,
    weightDecay: z.number().min(0).default(0.01),
  }),
  z.strictObject({
    kind: z.literal('sgd'),
    learningRate: positive,
    momentum: z.number().min(0).lt(1).default(0.99),
    weightDecay: z.number().min(0).default(3e-5),
  }),
]);

/** What augmentation does to a share of the patches, up to so many HU. */
const inSomePatches = (most: string) =>
  z.strictObject({ share: z.number().min(0).max(1), most: positive.max(1000).describe(most) });

const trainingSchema = z.strictObject({
  patches: z
    .array(
      z.strictObject({
        patch,
        batch: z.int().min(1).max(16).default(2),
        until: positive.max(1).describe('Part of the training after which the next one is used'),
      }),
    )
    .min(1)
    .max(4)
    .describe('Voxels that a step learns from, in order'),
  oversample: z
    .strictObject({
      share: z
        .number()
        .min(0)
        .max(1)
        .default(1 / 3),
      labels: z.array(label).max(255).default([]).describe('None: all but the background'),
    })
    .prefault({})
    .describe('Patches that are centred on a voxel of one of these labels'),
  augment: z.boolean().default(true).describe("nnU-Net's augmentation"),
  mirrorAxes: z
    .array(z.int().min(0).max(2))
    .max(3)
    .default([])
    .describe('Axes that augmentation mirrors; none where left and right have different labels'),
  scaleIntensities: z
    .boolean()
    .default(true)
    .describe(
      'Whether augmentation changes brightness, contrast and gamma; not where HU say what a voxel is',
    ),
  intensityShift: inSomePatches('HU, up or down')
    .optional()
    .describe('Patches whose values augmentation shifts, all by the same; for normalization ct'),
  noise: inSomePatches('Standard deviation, HU')
    .optional()
    .describe("Patches that augmentation adds noise to; for normalization ct. Without it, nnU-Net's"),
  recast: z
    .array(
      z.strictObject({
        share: z.number().min(0).max(1).describe('Of patches, where no recast before this one was done'),
        label: label.describe('That becomes another one'),
        as: label,
        towards: z.number().min(-10_000).max(10_000).describe('HU that its voxels are moved to'),
        by: positive.max(1).describe('Part of the way there'),
      }),
    )
    .max(16)
    .default([])
    .describe(
      'Labels that are made others by their HU in some patches, so that these tell them apart, and not where they lie; for normalization ct',
    ),
  shortStacks: z
    .strictObject({
      share: z.number().min(0).max(1),
      slices: z.tuple([z.int().min(1), z.int().min(1)]).describe('Fewest and most that are left'),
    })
    .optional()
    .describe('Patches that are cut short along axis 0 and padded, as few slices are at inference'),
  optimizer: optimizerSchema,
  schedule: z
    .discriminatedUnion('kind', [
      z.strictObject({ kind: z.literal('polynomial'), exponent: positive.default(0.9) }),
      z.strictObject({ kind: z.literal('cosine') }),
    ])
    .default({ kind: 'polynomial', exponent: 0.9 }),
  clip: positive.default(12).describe('Largest norm of all gradients together'),
  averageDecay: z
    .number()
    .min(0)
    .lt(1)
    .default(0.98)
    .describe('Of the average of the weights, which is kept'),
  classWeights: z
    .array(positive)
    .max(256)
    .optional()
    .describe('What a voxel of each label counts in the cross-entropy, background first'),
  scales: z.int().min(1).max(7).default(2).describe('Deep supervision: decoder stages that have a loss'),
  judgeEvery: z.int().min(1).max(100_000).default(25).describe('Steps between two looks at what is held out'),
  minutes: positive.default(60),
  seed: z.int().min(1).max(2_147_483_646).default(1),
});

export const trainRecipeSchema = z
  .strictObject({
    $schema: z.string().max(1000).optional(),
    format: z.literal('thinslice-recipe/1'),
    name: z.string().min(1).max(200),
    description: text.default(''),
    licence: text.describe('Of the weights'),
    channel: z.strictObject({ name: label, modality: z.string().max(16) }),
    normalization: z
      .literal(['ct', 'zscore'])
      .describe('ct: clipped and scaled by what the labelled voxels of the images give'),
    spacingMm: vec3(z.number().min(0.1).max(100)),
    patch: patch.describe('Of inference'),
    mirrorAxes: z.array(z.int().min(0).max(2)).max(3).default([]).describe('Of inference'),
    labels: z.strictObject({
      names: z.array(label).min(2).max(256).describe('By value; the first is the background'),
      rule: z
        .literal(['ct-tissue'])
        .optional()
        .describe('Makes the labels; without one they come from a folder of label maps'),
    }),
    parts: z
      .array(
        z.strictObject({
          image: z.string().max(300),
          learn: recipePartSchema.optional(),
          holdOut: recipePartSchema.optional(),
        }),
      )
      .max(1000)
      .default([])
      .describe('Of images that are not simply learnt from, by file name or by their identity (sha256:…)'),
    network: networkSchema,
    training: trainingSchema,
  })
  .superRefine((recipe, context) => {
    for (const [path, message] of faultsOf(recipe)) context.addIssue({ code: 'custom', path, message });
  });

export type TrainRecipe = z.infer<typeof trainRecipeSchema>;
export type RecipePart = z.infer<typeof recipePartSchema>;

/** JSON Schema of a recipe, for editors; stored in resources/schemas. */
export function trainRecipeJsonSchema(): Readonly<Record<string, unknown>> {
  return z.toJSONSchema(trainRecipeSchema, { io: 'input' });
}

/** A recipe that cannot be followed. */
export class RecipeError extends Error {}

/** Parses a recipe. Throws RecipeError, naming the key that is wrong. */
export function readTrainRecipe(json: unknown): TrainRecipe {
  const result = trainRecipeSchema.safeParse(json);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const where = issue?.path.map(String).join('.') || 'its top';
  throw new RecipeError(`the recipe is not valid at ${where}: ${issue?.message ?? ''}`);
}
