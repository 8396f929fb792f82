import { z } from 'zod';
import { ModelFormatError } from '../model/model-format-error.ts';
import type { Decision } from '../model/segmentation-model.ts';
import { parse } from './plans.ts';

/** dataset.json of nnU-Net v2, as far as inference and the record of a model need it. */
export interface Dataset {
  /** Names in channel order, such as `CT` or `T1`. */
  readonly channels: readonly string[];
  /** Values of the labelmap and what they are called; background is not listed. */
  readonly labels: readonly { readonly value: number; readonly name: string }[];
  readonly decision: Decision;
  /** Replaces the reader that plans.json names. */
  readonly readerOverride: string | null;
  readonly description: string;
  readonly licence: string;
  readonly reference: string;
}

const text = z.string().max(10_000).catch('');
const value = z.int().min(0).max(255);
const channelNames = z.record(z.string().max(4), z.string().max(200));

const datasetSchema = z
  .object({
    channel_names: channelNames.optional(),
    /** The name of channel_names in nnU-Net v1's converted datasets. */
    modality: channelNames.optional(),
    labels: z.record(z.string().min(1).max(200), z.union([value, z.array(value).min(1).max(255)])),
    regions_class_order: z.array(value).max(255).nullish(),
    overwrite_image_reader_writer: z.string().max(200).nullish(),
    description: text.optional(),
    licence: text.optional(),
    license: text.optional(),
    reference: text.optional(),
  })
  .refine(({ labels }) => Object.keys(labels).length <= 256, 'has more than 256 labels');

type Labels = Readonly<Record<string, number | readonly number[]>>;

/** Parses dataset.json. Throws ModelFormatError, naming the key that is wrong. */
export function readDataset(json: unknown): Dataset {
  const data = parse(datasetSchema, json, 'dataset.json');
  if (data.labels['background'] !== 0)
    throw new ModelFormatError('dataset.json: labels.background must be 0');
  return {
    channels: channelsOf(data.channel_names ?? data.modality ?? {}),
    ...labelsOf(data.labels, data.regions_class_order ?? null),
    readerOverride: data.overwrite_image_reader_writer ?? null,
    description: data.description ?? '',
    licence: data.licence || data.license || '',
    reference: data.reference ?? '',
  };
}

function channelsOf(names: Readonly<Record<string, string>>): string[] {
  const count = Object.keys(names).length;
  if (count < 1 || count > 16) throw new ModelFormatError(`dataset.json: there are ${count} channels`);
  return Array.from({ length: count }, (_, i) => {
    const name = names[String(i)];
    if (name === undefined) throw new ModelFormatError('dataset.json: channel_names must be numbered from 0');
    return name;
  });
}

/** nnunetv2/utilities/label_handling/label_handling.py, LabelManager. */
function labelsOf(labels: Labels, order: readonly number[] | null): Pick<Dataset, 'labels' | 'decision'> {
  const { ignore: _, ...used } = labels;
  const hasRegions = Object.values(used).some((members) => Array.isArray(members) && members.length > 1);
  return hasRegions ? regionsOf(used, order) : classesOf(used);
}

function classesOf(labels: Labels): Pick<Dataset, 'labels' | 'decision'> {
  const named = Object.entries(labels)
    .map(([name, members]) => ({ name, value: typeof members === 'number' ? members : (members[0] ?? 0) }))
    .sort((a, b) => a.value - b.value);
  // argmax gives the channel's index, which is the label's value only then (nnU-Net demands it too).
  if (named.some(({ value }, index) => value !== index))
    throw new ModelFormatError('dataset.json: labels must be numbered 0, 1, 2 … without gaps');
  return {
    labels: named.slice(1),
    decision: { kind: 'argmax', values: named.map(({ value }) => value) },
  };
}

function regionsOf(labels: Labels, order: readonly number[] | null): Pick<Dataset, 'labels' | 'decision'> {
  const regions = Object.entries(labels)
    .map(([name, members]) => ({ name, members: new Set([members].flat() as number[]) }))
    .filter(({ members }) => !(members.size === 1 && members.has(0)));
  if (order?.length !== regions.length)
    throw new ModelFormatError(
      `dataset.json: regions_class_order must have ${regions.length} entries, one a region`,
    );
  if (order.includes(0) || new Set(order).size !== order.length)
    throw new ModelFormatError('dataset.json: regions_class_order repeats a value or paints background');
  const painted = regions.map((region, i) => ({ ...region, value: order[i] ?? 0 }));
  return {
    labels: painted
      .map(({ value }, i) => ({ value, name: remainderName(painted, i) }))
      .sort((a, b) => a.value - b.value),
    decision: { kind: 'regions', values: order },
  };
}

interface Region {
  readonly name: string;
  readonly members: ReadonlySet<number>;
}

/**
 * Later regions paint over earlier ones, so that what is left of "whole" is not the whole: it is called
 * "whole without core", lest its volume be read as that of the region.
 */
function remainderName(regions: readonly Region[], index: number): string {
  const own = regions[index];
  const over = regions
    .slice(index + 1)
    .filter(({ members }) => [...members].some((m) => own?.members.has(m)));
  const largest = over.filter(({ members }) => !over.some((other) => isPartOf(members, other.members)));
  const name = own?.name ?? '';
  return largest.length === 0
    ? name
    : `${name} without ${largest.map((region) => region.name).join(' and ')}`;
}

function isPartOf(part: ReadonlySet<number>, whole: ReadonlySet<number>): boolean {
  return part.size < whole.size && [...part].every((member) => whole.has(member));
}
