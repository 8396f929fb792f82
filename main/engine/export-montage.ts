import type { ExportRequest, VolumeSource } from '../contract/engine-protocol.ts';
import { montageColumns } from '../core/report/draw-montage.ts';
import type { Montage } from '../core/report/draw-montage.ts';
import { choosePlanes } from '../core/report/choose-planes.ts';
import type { PlaneChoice } from '../core/report/choose-planes.ts';
import { displayWindow } from '../core/report/display-window.ts';
import { describeVariant } from '../core/report/report.ts';
import type { Plane } from '../core/report/render-plane.ts';
import { denseView, orientView } from '../core/volume/strided-view.ts';
import type { StridedView } from '../core/volume/strided-view.ts';
import type { Labelmap, Volume, Voxels } from '../core/volume/volume.ts';
import { loadVolume } from './load-volume.ts';
import type { LoadContext } from './decode/run-load-tasks.ts';
import { shareVoxels } from './shared-array.ts';
import { createTaskRunner } from './task-runner.ts';
import type { MontageTask, TilesTask } from './tasks/paint-montage.ts';

const tileWidth = 300;
const maxTiles = montageColumns * 3;

/**
 * A PNG of planes of the source with the labels over them, painted in a worker thread. Reads the source again, for a plain
 * stack only those planes.
 */
export async function exportMontage(
  request: ExportRequest,
  labelmap: Labelmap,
  context: Pick<LoadContext, 'pool' | 'signal'>,
): Promise<Uint8Array> {
  const { provenance } = request;
  const { leftMark, ...tiles } = await loadTiles(request, labelmap, { maxTiles, tileWidth }, context);
  const task: MontageTask = {
    ...tiles,
    title: provenance.modelName,
    subtitle: subtitleOf(request),
    footer: `Thinslice ${provenance.appVersion} · model ${provenance.modelSha256.slice(0, 12)} · ${describeVariant(provenance)} · ${provenance.device} · geometry: ${provenance.geometry} · ${provenance.createdAt}`,
    leftMark,
    legend: legendOf(request),
  };
  return createTaskRunner(context).run('paintMontage', task);
}

/** Key images as PNG files, without the words around them. */
export interface KeyImages {
  readonly pngs: readonly Uint8Array[];
  readonly captions: readonly string[];
  /** The patient direction at the left border of each. */
  readonly leftMark: string;
  /** Height of each as a part of its width. */
  readonly heightPerWidth: number;
}

/** As `exportMontage`, each plane as a picture of its own. */
export async function paintKeyImages(
  request: ExportRequest,
  labelmap: Labelmap,
  size: { readonly maxTiles: number; readonly tileWidth: number },
  context: Pick<LoadContext, 'pool' | 'signal'>,
): Promise<KeyImages> {
  const { leftMark, ...tiles } = await loadTiles(request, labelmap, size, context);
  const { captions, look } = tiles;
  const pngs = await createTaskRunner(context).run('paintTiles', tiles);
  return { pngs, captions, leftMark, heightPerWidth: look.height / look.width };
}

async function loadTiles(
  request: ExportRequest,
  labelmap: Labelmap,
  { maxTiles: most, tileWidth: width }: { readonly maxTiles: number; readonly tileWidth: number },
  context: Pick<LoadContext, 'pool' | 'signal'>,
): Promise<TilesTask & { readonly leftMark: string }> {
  const { model, measurements } = request;
  const choice = choosePlanes(labelmap.grid, measurements, most);
  const images = await loadPlanes(request, choice, context);
  const labelView = orientView(denseView(labelmap.grid.shapeZyx), choice.orientation);
  return {
    images,
    labels: choice.planes.map(({ index }) => planeOf(shareVoxels(labelmap.labels), labelView, index, choice)),
    captions: choice.planes.map(({ caption }) => caption),
    look: {
      rows: choice.rows,
      columns: choice.columns,
      window: displayWindow(images, choice, modalityOf(request)),
      colors: new Map(model.labels.map(({ value, color }) => [value, color])),
      width,
      height: Math.max(40, Math.round(width * choice.heightPerWidth)),
    },
    leftMark: choice.leftMark,
  };
}

function legendOf({ model, measurements }: ExportRequest): Montage['legend'] {
  const colors = new Map(model.labels.map(({ value, color }) => [value, color]));
  return measurements
    .filter(({ voxels }) => voxels > 0)
    .map(({ value, name, volumeMl }) => ({
      color: colors.get(value) ?? [255, 255, 255],
      name: name.replaceAll('_', ' '),
      volume: `${volumeMl.toFixed(volumeMl < 100 ? 1 : 0)} mL`,
    }));
}

/** No name and no date of birth: a picture is what gets passed on. */
export function subtitleOf({ source }: ExportRequest): string {
  if (source.kind === 'nifti') return source.path.replace(/^.*[\\/]/, '');
  const { series, study, volume } = source;
  const date = study.studyDate.replace(/^(\d{4})(\d{2})(\d{2})$/, '$1-$2-$3');
  return [series.modality, series.description, volume.part, date].filter((part) => part !== '').join(' · ');
}

function modalityOf({ source, model }: ExportRequest): string {
  if (source.kind === 'dicom') return source.series.modality;
  return model.channels[0]?.normalization.kind === 'ct' ? 'CT' : (model.channels[0]?.modality ?? '');
}

/** The intensities of the chosen planes, in their order. */
async function loadPlanes(
  { source }: ExportRequest,
  choice: PlaneChoice,
  context: Pick<LoadContext, 'pool' | 'signal'>,
): Promise<readonly Plane<Voxels>[]> {
  const some = source.kind === 'dicom' ? onlyPlanes(source, choice) : null;
  const whole: VolumeSource =
    source.kind === 'dicom'
      ? { kind: 'dicom', modality: source.series.modality, volume: source.volume }
      : source;
  const volume: Volume = await loadVolume(some?.source ?? whole, context);
  const view = orientView(denseView(volume.grid.shapeZyx), choice.orientation);
  return choice.planes.map(({ index }) =>
    planeOf(volume.voxels, view, some ? some.indices.indexOf(index) : index, choice),
  );
}

/** The shown part of plane `index` of an oriented array. */
function planeOf<T extends Voxels>(
  values: T,
  { offset, strides: [planeStride, rowStride, columnStride] }: StridedView,
  index: number,
  { firstRow, firstColumn }: PlaneChoice,
): Plane<T> {
  const start = offset + index * planeStride + firstRow * rowStride + firstColumn * columnStride;
  return { values, offset: start, rowStride, columnStride };
}

/** A plain stack cut along its own slices needs no other slice: the same series with fewer frames. */
function onlyPlanes(
  { series, volume }: Extract<ExportRequest['source'], { kind: 'dicom' }>,
  { orientation, planes }: PlaneChoice,
): { source: VolumeSource; indices: readonly number[] } | null {
  const { grid, frames, assembly } = volume;
  if (!grid || assembly.kind !== 'stack' || orientation.permutation[0] !== 0) return null;
  const count = grid.shapeZyx[0];
  const indices = planes.map(({ index }) => index).sort((a, b) => a - b);
  const sliceOf = (index: number) => (orientation.flips[0] ? count - 1 - index : index);
  const slices = indices.map(sliceOf).sort((a, b) => a - b);
  const [, rows, columns] = grid.shapeZyx;
  return {
    source: {
      kind: 'dicom',
      modality: series.modality,
      volume: {
        ...volume,
        frames: slices.map((slice) => frames[slice]!),
        grid: { ...grid, shapeZyx: [slices.length, rows, columns] },
      },
    },
    indices,
  };
}
