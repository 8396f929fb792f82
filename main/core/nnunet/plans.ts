import { z } from 'zod';
import { ModelFormatError } from '../model/model-format-error.ts';
import type { Vec3 } from '../volume/volume.ts';
import {
  fromNewPlans,
  fromOldPlans,
  newArchitectureSchema,
  oldArchitectureSchema,
  type Architecture,
} from './architecture.ts';

/** plans.json of nnU-Net v2 for one configuration, in either of its two formats. */
export interface Plans {
  readonly datasetName: string;
  readonly plansName: string;
  readonly reader: string;
  readonly transposeForward: Vec3;
  readonly configuration: string;
  readonly spacingMm: Vec3;
  readonly patch: Vec3;
  readonly normalizationSchemes: readonly string[];
  readonly useMaskForNorm: readonly boolean[];
  /** CT statistics by channel index. */
  readonly intensities: Readonly<Record<string, Intensities>>;
  readonly resampling: { readonly data: ResamplingArguments; readonly logits: ResamplingArguments };
  readonly architecture: Architecture;
}

export type Intensities = z.infer<typeof intensitiesSchema>;
export type ResamplingArguments = z.infer<typeof resamplingSchema>;

// nnU-Net patches are about 128³; 2²⁷ voxels (512³) is already beyond any machine.
const maxPatchVoxels = 2 ** 27;
const finite = z.number();
const name = z.string().max(200);

const intensitiesSchema = z.object({
  mean: finite,
  std: finite.min(0),
  percentile_00_5: finite,
  percentile_99_5: finite,
});

/** Arguments of resample_data_or_seg_to_shape (nnunetv2/preprocessing/resampling), with its defaults. */
const resamplingSchema = z.strictObject({
  is_seg: z.boolean().optional(),
  order: z.int().min(0).max(3).default(3),
  order_z: z.int().min(0).max(3).default(0),
  force_separate_z: z.boolean().nullable().default(false),
  separate_z_anisotropy_threshold: z.literal(3).optional(),
});

const configurationSchema = z.object({
  preprocessor_name: name,
  patch_size: z
    .tuple([z.int().min(8).max(2048), z.int().min(8).max(2048), z.int().min(8).max(2048)], {
      error: 'must be three whole numbers from 8 to 2048 (2D networks are not supported)',
    })
    .refine(([a, b, c]) => a * b * c <= maxPatchVoxels, 'is larger than any machine can hold'),
  spacing: z.tuple([spacing(), spacing(), spacing()]),
  normalization_schemes: z.array(name).min(1).max(16),
  use_mask_for_norm: z.array(z.boolean()).max(16),
  resampling_fn_data: name,
  resampling_fn_data_kwargs: resamplingSchema,
  resampling_fn_probabilities: name,
  resampling_fn_probabilities_kwargs: resamplingSchema,
  previous_stage: name.nullish(),
});

function spacing() {
  return z.number().min(0.01).max(100);
}

const permutation = z
  .tuple([z.int(), z.int(), z.int()])
  .refine((axes) => [...axes].sort().join() === '0,1,2', 'must hold 0, 1 and 2');

const plansSchema = z.object({
  dataset_name: name,
  plans_name: name,
  image_reader_writer: name,
  transpose_forward: permutation,
  label_manager: name.optional(),
  configurations: z.record(name, z.record(z.string(), z.unknown())),
  foreground_intensity_properties_per_channel: z.record(z.string().max(4), intensitiesSchema).optional(),
  foreground_intensity_properties_by_modality: z.record(z.string().max(4), intensitiesSchema).optional(),
});

/** Parses plans.json for one configuration. Throws ModelFormatError, naming the key or the name that is refused. */
export function readPlans(json: unknown, configuration: string): Plans {
  const plans = parse(plansSchema, json, 'plans.json');
  if (plans.label_manager !== undefined && plans.label_manager !== 'LabelManager')
    throw new ModelFormatError(
      `the plans use the label manager ${plans.label_manager}, which is not supported`,
    );
  const merged = inherited(plans.configurations, configuration);
  const where = `plans.json, configuration ${configuration}`;
  const config = parse(configurationSchema, merged, where);
  if (config.preprocessor_name !== 'DefaultPreprocessor')
    throw new ModelFormatError(
      `the plans use the preprocessor ${config.preprocessor_name}, which is not supported`,
    );
  if (config.previous_stage)
    throw new ModelFormatError(`the configuration ${configuration} is the second stage of a cascade`);
  for (const fn of [config.resampling_fn_data, config.resampling_fn_probabilities]) {
    if (fn !== 'resample_data_or_seg_to_shape')
      throw new ModelFormatError(`the plans use the resampling ${fn}, which is not supported`);
  }
  return {
    datasetName: plans.dataset_name,
    plansName: plans.plans_name,
    reader: plans.image_reader_writer,
    transposeForward: plans.transpose_forward as Vec3,
    configuration,
    spacingMm: config.spacing,
    patch: config.patch_size,
    normalizationSchemes: config.normalization_schemes,
    useMaskForNorm: config.use_mask_for_norm,
    intensities:
      plans.foreground_intensity_properties_per_channel ??
      plans.foreground_intensity_properties_by_modality ??
      {},
    resampling: {
      data: config.resampling_fn_data_kwargs,
      logits: config.resampling_fn_probabilities_kwargs,
    },
    architecture: architectureOf(merged, where, config.patch_size),
  };
}

/** Names of the configurations in plans.json, for choosing one. Throws ModelFormatError. */
export function configurationNames(json: unknown): string[] {
  return Object.keys(parse(plansSchema, json, 'plans.json').configurations);
}

type Configuration = Readonly<Record<string, unknown>>;

/** A configuration on top of the one it `inherits_from`, and so on. */
function inherited(all: Readonly<Record<string, Configuration>>, start: string): Configuration {
  const chain: Configuration[] = [];
  const visited = new Set<string>();
  for (let next: unknown = start; next !== undefined;) {
    const configuration: Configuration | undefined =
      typeof next === 'string' && Object.hasOwn(all, next) ? all[next] : undefined;
    if (!configuration)
      throw new ModelFormatError(
        `plans.json has no configuration ${String(next)} (it has ${Object.keys(all).join(', ')})`,
      );
    if (visited.has(next as string))
      throw new ModelFormatError(`the configuration ${start} inherits from itself`);
    visited.add(next as string);
    chain.unshift(configuration);
    next = configuration['inherits_from'];
  }
  return Object.assign({}, ...chain) as Configuration;
}

function architectureOf(configuration: Configuration, where: string, patch: Vec3): Architecture {
  const architecture =
    configuration['architecture'] === undefined
      ? fromOldPlans(parse(oldArchitectureSchema, configuration, where))
      : fromNewPlans(parse(newArchitectureSchema, configuration['architecture'], `${where}, architecture`));
  const down = (axis: 0 | 1 | 2) =>
    architecture.strides.reduce((product, stride) => product * stride[axis], 1);
  if (patch.some((size, axis) => size % down(axis as 0 | 1 | 2) !== 0))
    throw new ModelFormatError(
      `the patch ${patch.join(' × ')} is not divisible by the strides of the network`,
    );
  return architecture;
}

/** Throws ModelFormatError with the path of the first offending key. */
export function parse<T extends z.ZodType>(schema: T, json: unknown, where: string): z.infer<T> {
  const result = schema.safeParse(json);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const path = issue?.path.length ? issue.path.map(String).join('.') : 'its content';
  throw new ModelFormatError(`${where}: ${path} ${lowerFirst(issue?.message ?? 'is not valid')}`);
}

function lowerFirst(text: string): string {
  return `${text.charAt(0).toLowerCase()}${text.slice(1)}`;
}
