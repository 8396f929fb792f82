import { readFile, stat } from 'node:fs/promises';
import { AppFailure } from '../contract/app-error.ts';
import { readTrainRecipe, RecipeError, type TrainRecipe } from '../core/learn/recipe/train-recipe.ts';

/** A thousand images with a part each are a hundredth of it. */
const mostBytes = 16 * 2 ** 20;

/** Reads a recipe. Throws AppFailure `input-unreadable`, or `recipe-refused` with the key that is wrong. */
export async function readRecipe(path: string): Promise<TrainRecipe> {
  try {
    if ((await stat(path)).size > mostBytes) throw new RecipeError('it is too long for a recipe');
    return readTrainRecipe(JSON.parse(await readFile(path, 'utf8')));
  } catch (error) {
    if (error instanceof RecipeError)
      throw new AppFailure({ code: 'recipe-refused', path, detail: error.message });
    if (error instanceof SyntaxError)
      throw new AppFailure({ code: 'recipe-refused', path, detail: `it is not JSON (${error.message})` });
    const { code } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    throw new AppFailure({ code: 'input-unreadable', path, detail: code });
  }
}
