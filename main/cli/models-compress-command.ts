import { Command, InvalidArgumentError, Option } from 'commander';
import {
  compressionMethods,
  layerChoices,
  precisions,
  type CompressionMethod,
  type LayerChoice,
  type Precision,
  type RankChoice,
} from '../contract/variant-recipe.ts';
import { BudgetError, parseBudget } from '../core/tucker/allocate/budget.ts';
import { paperRankMin } from '../core/tucker/choose-ranks.ts';
import { compressStoredModel, paperFactors } from '../services/compress.ts';
import type { ModelSummary } from '../services/models.ts';
import { collect, parseCount } from './parse-options.ts';
import { progressDisplay } from './progress-display.ts';
import type { RunSession } from './run-command.ts';

interface Options {
  readonly df?: readonly RankChoice[];
  readonly budget?: readonly RankChoice[];
  readonly noise?: true;
  readonly layers: LayerChoice;
  readonly method: CompressionMethod;
  readonly calibrate: readonly string[];
  readonly precision: Precision;
  readonly threads: number;
}

export function compressCommand(
  run: RunSession,
  show: (model: ModelSummary, json: boolean) => void,
): Command {
  return new Command('compress')
    .description('make Tucker-compressed variants of a model (arXiv 2404.09683)')
    .argument('<id>')
    .addOption(
      new Option('--df <list>', `downsampling factors (default: ${paperFactors.join(',')})`).argParser(
        parseFactors,
      ),
    )
    .addOption(
      new Option('--budget <list>', 'one variant for each: 40%, 65GMAC, 800ms (a patch, on this CPU), 2GB')
        .argParser(parseBudgets)
        .conflicts('df'),
    )
    .addOption(new Option('--noise', 'ranks by the noise of the weights (EVBMF)').conflicts(['df', 'budget']))
    .addOption(
      new Option('--layers <which>', 'layers to decompose: measured faster here, fewer products, or all')
        .choices(layerChoices)
        .default('faster'),
    )
    .addOption(
      new Option(
        '--method <name>',
        'by the weights alone, which is rarely faithful without norms, or fitted to images',
      )
        .choices(compressionMethods)
        .default('plain'),
    )
    .option(
      '--calibrate <path>',
      'study folder or NIfTI file to fit to, unlabelled; repeat for more (method aware)',
      collect,
      [],
    )
    .addOption(
      new Option('--precision <name>', 'of the stored weights; fp16 is for GPUs')
        .argParser(parsePrecision)
        .default('fp32'),
    )
    .option('--threads <n>', 'threads on the CPU (0: as many as there are cores)', parseCount, 0)
    .option('--json', 'print one JSON document')
    .action((id: string, options: Options, command: Command) =>
      run(command, async ({ context, signal, json }) => {
        const display = progressDisplay();
        const { layers, method, precision, threads } = options;
        try {
          const order = {
            rungs: rungsOf(options),
            layers,
            method,
            precision,
            threads,
            calibrateOn: options.calibrate,
          };
          const { model, dropped } = await compressStoredModel(context, id, order, {
            signal,
            onProgress: display.show,
            onScan: display.showScan,
          });
          display.stop();
          for (const { name, reason } of dropped) display.say(`Not kept: ${name}, because ${reason}.`);
          show(model, json);
        } finally {
          display.stop();
        }
      }),
    );
}

function rungsOf({ df, budget, noise }: Options): readonly RankChoice[] {
  if (noise) return [{ kind: 'noise', rankMin: paperRankMin }];
  return budget ?? df ?? paperFactors.map(byFactor);
}

function byFactor(factor: number): RankChoice {
  return { kind: 'factor', factor, rankMin: paperRankMin };
}

const mostRungs = 32;

function parseFactors(text: string): RankChoice[] {
  const factors = text.split(',').map(Number);
  if (factors.length > mostRungs || factors.some((factor) => !(factor > 0 && factor < 1))) {
    throw new InvalidArgumentError('expected numbers between 0 and 1, such as 0.5,0.3');
  }
  return [...new Set(factors)].sort((a, b) => b - a).map(byFactor);
}

function parseBudgets(text: string): RankChoice[] {
  const parts = text.split(',');
  if (parts.length > mostRungs) throw new InvalidArgumentError(`expected ${mostRungs} budgets at most`);
  try {
    return parts.map((part) => ({ kind: 'budget', budget: parseBudget(part) }));
  } catch (error) {
    if (error instanceof BudgetError) throw new InvalidArgumentError(error.message);
    throw error;
  }
}

/** Measured: ARCHITECTURE.md has the figures. */
const whyNotInt8 = 'int8 is not made: on the CPU it is slower than float32 in compressed networks';

function parsePrecision(text: string): Precision {
  const found = precisions.find((precision) => precision === text);
  if (found) return found;
  throw new InvalidArgumentError(text === 'int8' ? whyNotInt8 : `expected ${precisions.join(' or ')}`);
}
