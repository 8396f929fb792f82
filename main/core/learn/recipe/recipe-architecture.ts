import type { Architecture } from '../../nnunet/architecture.ts';
import type { Vec3 } from '../../volume/volume.ts';
import type { TrainRecipe } from './train-recipe.ts';

/** A size of one number is that along all axes. */
export const cube = (size: number | Vec3): Vec3 => (typeof size === 'number' ? [size, size, size] : size);

/** The recipe's network as nnU-Net's plans would have it. */
export function recipeArchitecture({ network }: Pick<TrainRecipe, 'network'>): Architecture {
  const { features, strides, kernel, convolutions, norm } = network;
  return {
    kind: 'plain',
    features,
    kernels: features.map(() => cube(kernel)),
    strides: strides.map(cube),
    encoderDepths: features.map(() => convolutions),
    decoderDepths: features.slice(1).map(() => convolutions),
    convBias: true,
    norm: norm === 'none' ? null : { kind: norm, epsilon: 1e-5, affine: true },
    activation: { kind: 'LeakyRelu', alpha: 0.01 },
    activationFirst: false,
    stemFeatures: features[0]!,
  };
}
