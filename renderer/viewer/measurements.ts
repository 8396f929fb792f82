import { eventTarget } from '@cornerstonejs/core';
import { annotation, Enums, type Types } from '@cornerstonejs/tools';
import type { Vec3 } from '../../main/core/volume/volume.ts';
import type { MeasuredValues } from './measure-text.ts';
import { measuredValues, type ToolStats } from './tool-stats.ts';
import { cross } from './vectors.ts';
import { measureToolNames, type MeasureTool } from './tools.ts';

type Annotation = Types.Annotation;

/** What a reader measured; values are undefined until the tool has computed them. */
export interface Measurement extends MeasuredValues {
  readonly id: string;
  readonly tool: MeasureTool;
  readonly isSelected: boolean;
  /** Where it lies: the middle of its points, LPS, mm. */
  readonly lps: Vec3;
}

/** In the order in which they were made. */
export function listMeasurements(): Measurement[] {
  return measurementAnnotations().map(({ annotationUID, metadata, data, isSelected }) => {
    const points = (data.handles?.points ?? []) as readonly Vec3[];
    return {
      id: annotationUID!,
      tool: toolOf(metadata?.toolName)!,
      isSelected: isSelected === true,
      lps: [0, 1, 2].map((i) => points.reduce((sum, p) => sum + p[i]!, 0) / points.length) as unknown as Vec3,
      ...measuredValues(Object.values((data.cachedStats ?? {}) as Record<string, ToolStats>)[0] ?? {}),
    };
  });
}

export function deleteMeasurement(id: string): void {
  annotation.state.removeAnnotation(id);
}

/** Those that are selected, or the last one made. Returns whether there was any. */
export function deleteSelectedMeasurements(): boolean {
  const all = listMeasurements();
  const selected = all.filter(({ isSelected }) => isSelected);
  const doomed = selected.length > 0 ? selected : all.slice(-1);
  for (const { id } of doomed) deleteMeasurement(id);
  return doomed.length > 0;
}

/** Measurements of a volume that is not on screen, as Cornerstone has them. */
export interface KeptMeasurements {
  /** Cornerstone's name of the volume, which the next viewer of the same images does not have. */
  readonly volumeId: string;
  readonly annotations: readonly Annotation[];
}

/** Takes all measurements off the screen; `putMeasurements` brings them back. */
export function takeMeasurements(volumeId: string): KeptMeasurements {
  const annotations = measurementAnnotations();
  for (const { annotationUID } of annotations) {
    annotation.selection.setAnnotationSelected(annotationUID!, false, true);
    deleteMeasurement(annotationUID!);
  }
  return { volumeId, annotations };
}

/** Shows what was measured on the same images under another name, with the values that it has: nothing is measured anew. */
export function putMeasurements(kept: KeptMeasurements, volumeId: string): void {
  const rename = (name: string): string => name.replaceAll(kept.volumeId, volumeId);
  for (const each of kept.annotations) {
    const { metadata, data } = each;
    if (!metadata) continue;
    for (const key of ['volumeId', 'referencedImageId'] as const) {
      const name = metadata[key];
      if (name !== undefined) metadata[key] = rename(name);
    }
    const stats = Object.entries((data.cachedStats ?? {}) as NonNullable<typeof data.cachedStats>);
    data.cachedStats = Object.fromEntries(
      stats.map(([target, values]) => [rename(target), values]),
    ) as typeof data.cachedStats;
    annotation.state.addAnnotation(each, metadata.FrameOfReferenceUID ?? '');
  }
}

const { Events } = Enums;
const events = [
  Events.ANNOTATION_COMPLETED,
  Events.ANNOTATION_MODIFIED,
  Events.ANNOTATION_REMOVED,
  Events.ANNOTATION_SELECTION_CHANGE,
];

/** Hears of every change until the returned function is called. */
export function onMeasurements(listener: () => void): () => void {
  for (const event of events) eventTarget.addEventListener(event, listener);
  eventTarget.addEventListener(Events.ANNOTATION_ADDED, bindToPlane);
  return () => {
    for (const event of events) eventTarget.removeEventListener(event, listener);
    eventTarget.removeEventListener(Events.ANNOTATION_ADDED, bindToPlane);
  };
}

/**
 * Ties a new measurement to the plane that it is drawn in. By itself a line is at home in every plane that holds it, and
 * its text would stand in the other views too.
 */
function bindToPlane(event: Event): void {
  const { metadata } = (event as CustomEvent<{ annotation: Annotation }>).detail.annotation;
  const { viewPlaneNormal, viewUp, planeRestriction } = metadata ?? {};
  if (!viewPlaneNormal || !viewUp || !planeRestriction || toolOf(metadata?.toolName) === null) return;
  planeRestriction.inPlaneVector1 = [...viewUp];
  planeRestriction.inPlaneVector2 = [...cross(viewUp as Vec3, viewPlaneNormal as Vec3)];
}

function measurementAnnotations() {
  return annotation.state.getAllAnnotations().filter(({ metadata }) => toolOf(metadata?.toolName) !== null);
}

function toolOf(name: string | undefined): MeasureTool | null {
  return (
    (Object.keys(measureToolNames) as MeasureTool[]).find((tool) => measureToolNames[tool] === name) ?? null
  );
}
