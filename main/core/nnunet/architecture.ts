import { z } from 'zod';
import { ModelFormatError } from '../model/model-format-error.ts';
import type { Vec3 } from '../volume/volume.ts';

/** A U-Net of the package dynamic_network_architectures, as far as inference needs to know it. */
export interface Architecture {
  readonly kind: 'plain' | 'residual';
  readonly features: readonly number[];
  readonly kernels: readonly Vec3[];
  readonly strides: readonly Vec3[];
  /** Convolutions (plain) or blocks (residual) per encoder stage. */
  readonly encoderDepths: readonly number[];
  /** Convolutions per decoder stage, deepest first. */
  readonly decoderDepths: readonly number[];
  readonly convBias: boolean;
  readonly norm: Norm | null;
  readonly activation: Activation | null;
  /** conv → activation → norm instead of conv → norm → activation. */
  readonly activationFirst: boolean;
  /** Channels of the residual encoder's stem. */
  readonly stemFeatures: number;
}

export interface Norm {
  readonly kind: 'instance' | 'batch';
  readonly epsilon: number;
  readonly affine: boolean;
}

export type Activation =
  | { readonly kind: 'LeakyRelu'; readonly alpha: number }
  | { readonly kind: 'Elu'; readonly alpha: number }
  | { readonly kind: 'Relu' };

// Far above what any GPU trains, and far below what would make an import run out of memory.
const maxStages = 12;
const feature = z.int().min(1).max(4096);
const depth = z.int().min(1).max(32);
/** nnU-Net pads with (k − 1) / 2, which keeps the size only for odd kernels. */
const oddSize = z
  .int()
  .min(1)
  .max(15)
  .refine((n) => n % 2 === 1, 'must be odd');
const kernel = z.tuple([oddSize, oddSize, oddSize]);
const strideSize = z.int().min(1).max(8);
const stride = z.tuple([strideSize, strideSize, strideSize]);
const stages = <T extends z.ZodType>(item: T) => z.array(item).min(2).max(maxStages);

/** One number for every stage, or a list. */
const perStage = (item: z.ZodInt) => z.union([item, z.array(item).max(maxStages)]);

/** The plans of nnU-Net up to 2.3, which TotalSegmentator's weights have. */
export const oldArchitectureSchema = z.object({
  UNet_class_name: z.string().max(200),
  UNet_base_num_features: feature,
  unet_max_num_features: feature,
  n_conv_per_stage_encoder: perStage(depth),
  n_conv_per_stage_decoder: perStage(depth),
  pool_op_kernel_sizes: stages(stride),
  conv_kernel_sizes: stages(kernel),
});

const settings = z.record(z.string(), z.unknown()).nullish();

/** `architecture` of the plans since nnU-Net 2.4. Strict: an argument that we do not know changes the network. */
export const newArchitectureSchema = z.object({
  network_class_name: z.string().max(200),
  arch_kwargs: z.strictObject({
    n_stages: z.int().min(2).max(maxStages),
    features_per_stage: perStage(feature),
    conv_op: z.string().max(200),
    kernel_sizes: stages(z.union([kernel, oddSize])),
    strides: stages(z.union([stride, strideSize])),
    n_conv_per_stage: perStage(depth).optional(),
    n_blocks_per_stage: perStage(depth).optional(),
    n_conv_per_stage_decoder: perStage(depth),
    conv_bias: z.boolean().default(false),
    norm_op: z.string().max(200).nullish(),
    norm_op_kwargs: settings,
    dropout_op: z.string().max(200).nullish(),
    dropout_op_kwargs: settings,
    nonlin: z.string().max(200).nullish(),
    nonlin_kwargs: settings,
    nonlin_first: z.boolean().default(false),
    deep_supervision: z.boolean().optional(),
    stem_channels: feature.nullish(),
  }),
});
/** nnunetv2/utilities/plans_handling/plans_handler.py, ConfigurationManager.__init__. */
export function fromOldPlans(plans: z.infer<typeof oldArchitectureSchema>): Architecture {
  const count = plans.conv_kernel_sizes.length;
  const features = Array.from({ length: count }, (_, stage) =>
    Math.min(plans.UNet_base_num_features * 2 ** stage, plans.unet_max_num_features),
  );
  return checked({
    kind: kindOf(plans.UNet_class_name),
    features,
    kernels: plans.conv_kernel_sizes,
    strides: plans.pool_op_kernel_sizes,
    encoderDepths: listOf(plans.n_conv_per_stage_encoder, count),
    decoderDepths: listOf(plans.n_conv_per_stage_decoder, count - 1),
    convBias: true,
    norm: { kind: 'instance', epsilon: 1e-5, affine: true },
    activation: { kind: 'LeakyRelu', alpha: 0.01 },
    activationFirst: false,
    stemFeatures: features[0] ?? 1,
  });
}

export function fromNewPlans({
  network_class_name,
  arch_kwargs: args,
}: z.infer<typeof newArchitectureSchema>): Architecture {
  const kind = kindOf(network_class_name);
  if (!args.conv_op.endsWith('.Conv3d'))
    throw new ModelFormatError(`the network uses ${args.conv_op}, not Conv3d`);
  const depths = kind === 'plain' ? args.n_conv_per_stage : args.n_blocks_per_stage;
  if (depths === undefined)
    throw new ModelFormatError(`plans.json lacks the depths of ${network_class_name}`);
  const cube = (n: number): Vec3 => [n, n, n];
  const features = listOf(args.features_per_stage, args.n_stages);
  return checked({
    kind,
    features,
    kernels: args.kernel_sizes.map((k) => (typeof k === 'number' ? cube(k) : k)),
    strides: args.strides.map((s) => (typeof s === 'number' ? cube(s) : s)),
    encoderDepths: listOf(depths, args.n_stages),
    decoderDepths: listOf(args.n_conv_per_stage_decoder, args.n_stages - 1),
    convBias: args.conv_bias,
    norm: normOf(args.norm_op, args.norm_op_kwargs ?? {}),
    activation: activationOf(args.nonlin, args.nonlin_kwargs ?? {}),
    activationFirst: args.nonlin_first,
    stemFeatures: args.stem_channels ?? features[0] ?? 1,
  });
}

function listOf<T>(value: T | readonly T[], count: number): readonly T[] {
  return Array.isArray(value) ? (value as readonly T[]) : new Array<T>(count).fill(value as T);
}

function kindOf(className: string): Architecture['kind'] {
  const name = className.split('.').at(-1);
  if (name === 'PlainConvUNet') return 'plain';
  if (name === 'ResidualEncoderUNet') return 'residual';
  throw new ModelFormatError(
    `the network is a ${className}; only PlainConvUNet and ResidualEncoderUNet are supported`,
  );
}

function normOf(name: string | null | undefined, args: Readonly<Record<string, unknown>>): Norm | null {
  if (!name) return null;
  const kind = name.endsWith('.InstanceNorm3d') ? 'instance' : name.endsWith('.BatchNorm3d') ? 'batch' : null;
  if (kind === null) throw new ModelFormatError(`the network uses the norm ${name}, which is not supported`);
  if (kind === 'instance' && args['track_running_stats'] === true)
    throw new ModelFormatError(`the network uses ${name} with track_running_stats, which is not supported`);
  const epsilon = typeof args['eps'] === 'number' ? args['eps'] : 1e-5;
  return { kind, epsilon, affine: args['affine'] === undefined ? kind === 'batch' : args['affine'] === true };
}

function activationOf(
  name: string | null | undefined,
  args: Readonly<Record<string, unknown>>,
): Activation | null {
  if (!name) return null;
  const number = (key: string, otherwise: number) =>
    typeof args[key] === 'number' ? (args[key] as number) : otherwise;
  switch (name.split('.').at(-1)) {
    case 'LeakyReLU':
      return { kind: 'LeakyRelu', alpha: number('negative_slope', 0.01) };
    case 'ReLU':
      return { kind: 'Relu' };
    case 'ELU':
      return { kind: 'Elu', alpha: number('alpha', 1) };
    default:
      throw new ModelFormatError(`the network uses the activation ${name}, which is not supported`);
  }
}

function checked(architecture: Architecture): Architecture {
  const { features, kernels, strides, encoderDepths, decoderDepths } = architecture;
  const count = features.length;
  if (
    [kernels, strides, encoderDepths].some((list) => list.length !== count) ||
    decoderDepths.length !== count - 1
  )
    throw new ModelFormatError('plans.json gives lists of different lengths for the stages of the network');
  if ((strides[0] ?? []).some((n) => n !== 1))
    throw new ModelFormatError('the first stage of the network has a stride, which is not supported');
  return architecture;
}
