import { Command } from 'commander';
import type { ModelCard } from '../contract/model-card.ts';
import type { VariantFidelity } from '../core/report/variant-fidelity.ts';
import { findModelCard } from '../db/queries/trainings.ts';
import {
  getModel,
  importModel,
  listModelSummaries,
  removeModel,
  type ModelSummary,
} from '../services/models.ts';
import { listFidelity } from '../services/variant-fidelity.ts';
import { evaluateCommand, fidelityDocument, printFidelity } from './models-evaluate-command.ts';
import { describeOrigin, makeKeyCommand, packCommand } from './models-pack-command.ts';
import { formatCount, printJson, printLine, printTable } from './output.ts';
import { compressCommand } from './models-compress-command.ts';
import { collect } from './parse-options.ts';
import { trainCommand } from './models-train-command.ts';
import { tuneCommand } from './models-tune-command.ts';
import type { RunSession } from './run-command.ts';

export function modelsCommand(run: RunSession): Command {
  const models = new Command('models').description('import, list, show and remove segmentation models');
  models
    .command('import')
    .description('import an nnU-Net v2 model (folder or zip), an ONNX file with its manifest, or a pack')
    .argument('<path>')
    .option(
      '--configuration <name>',
      'nnU-Net configuration (default: what the folder’s name says, else 3d_fullres)',
    )
    .option(
      '--trust <file>',
      'public key that must have signed the pack, can be given several times',
      collect,
      [],
    )
    .option('--json', 'print one JSON document')
    .action((path: string, options: { configuration?: string; trust: string[] }, command: Command) =>
      run(command, async ({ context, signal, json }) =>
        show(await importModel(context, path, { ...options, signal }), json),
      ),
    );
  models.addCommand(packCommand(run)).addCommand(makeKeyCommand(run));
  models
    .addCommand(compressCommand(run, show))
    .addCommand(evaluateCommand(run))
    .addCommand(tuneCommand(run))
    .addCommand(trainCommand(run));
  models
    .command('list')
    .description('list the imported models')
    .option('--json', 'print one JSON document')
    .action((_options: unknown, command: Command) =>
      run(command, async ({ context, json }) => {
        const all = listModelSummaries(context.db);
        if (json) return printJson({ models: all });
        printTable(
          [
            { head: 'Id' },
            { head: 'Labels', align: 'right' },
            { head: 'Parameters', align: 'right' },
            { head: 'Variants' },
            { head: 'From' },
          ],
          all.map((model) => [
            model.id,
            String(model.recipe.labels.length),
            formatCount(model.variants[0]?.parameters ?? 0),
            model.variants.map((variant) => variant.name).join(', '),
            model.packs.length > 0 ? 'pack' : 'import',
          ]),
        );
      }),
    );
  models
    .command('show')
    .description('show what a model reads, its labels with their codes, its size and licence')
    .argument('<id>')
    .option('--json', 'print one JSON document')
    .action((id: string, _options: unknown, command: Command) =>
      run(command, async ({ context, json }) => {
        const model = getModel(context.db, id);
        show(model, json, listFidelity(context.db, model), findModelCard(context.db, model.id));
      }),
    );
  models
    .command('remove')
    .description('remove a model and its weights; results made with it stay')
    .argument('<id>')
    .option('--json', 'print one JSON document')
    .action((id: string, _options: unknown, command: Command) =>
      run(command, async ({ context, json }) => {
        const model = removeModel(context, id);
        if (json) printJson({ removed: model.id });
        else printLine(`Removed ${model.id}.`);
      }),
    );
  return models;
}

function show(
  model: ModelSummary,
  json: boolean,
  fidelity: readonly VariantFidelity[] = [],
  card: ModelCard | null = null,
): void {
  if (json) return printJson({ model, fidelity: fidelityDocument(fidelity), ...(card && { card }) });
  const { recipe } = model;
  const facts: [string, string][] = [
    ['Id', model.id],
    ['Name', model.name],
    ['SHA-256', model.sha256],
    ['Source', model.source],
    ['Licence', model.licence || 'not stated'],
    [
      'Input',
      recipe.channels.map(({ name, modality }) => (modality ? `${name} (${modality})` : name)).join(', '),
    ],
    ['Spacing', `${recipe.spacingMm.join(' × ')} mm`],
    ['Patch', `${recipe.patch.join(' × ')} voxels`],
  ];
  if (card) facts.push(['Trained', describeTraining(card)]);
  facts.push(...model.packs.map((pack): [string, string] => ['Pack', describeOrigin(pack)]));
  for (const [name, value] of facts) printLine(`${name.padEnd(9)} ${value}`);
  for (const variant of model.variants) {
    const size = `${formatCount(variant.parameters)} parameters, ${formatCount(variant.macs)} MACs a patch`;
    printLine(`${'Variant'.padEnd(9)} ${variant.name}: ${size}`);
  }
  if (fidelity.length > 0) printLine();
  printFidelity(fidelity);
  printLine();
  printTable(
    [{ head: 'Label', align: 'right' }, { head: 'Name' }, { head: 'Code' }],
    recipe.labels.map(({ value, name, type }) => [
      String(value),
      name,
      `${type.scheme} ${type.value} ${type.meaning}`,
    ]),
  );
}

function describeTraining({ recipe, steps, data, appVersion }: ModelCard): string {
  const images = `${data.length} image${data.length === 1 ? '' : 's'}`;
  return `by Thinslice ${appVersion}: ${steps} steps, seed ${recipe.training.seed}, ${images}`;
}
