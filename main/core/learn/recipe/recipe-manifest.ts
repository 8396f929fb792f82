import type { Manifest } from '../../model/manifest.ts';
import type { Normalization } from '../../model/segmentation-model.ts';
import type { TrainRecipe } from './train-recipe.ts';

/** What is to be known beside the network that a recipe gave: the manifest of its ONNX file. */
export function recipeManifest(recipe: TrainRecipe, normalization: Normalization): Manifest {
  const { name, description, licence, channel, labels, spacingMm, patch, mirrorAxes } = recipe;
  return {
    format: 'thinslice-model/1',
    name,
    description,
    licence,
    source: `trained with Thinslice by the recipe ${name}`,
    channels: [{ ...channel, normalization }],
    labels: labels.names,
    orientation: 'as-read',
    spacingMm,
    patch,
    tiling: { kind: 'gaussian', step: 0.5 },
    mirrorAxes,
    cropToNonzero: false,
    resampling: { dataOrder: 3, logitsOrder: 1 },
  };
}
