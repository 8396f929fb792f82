import type { Component } from 'svelte';
import type { TextKey } from '../i18n/text-key.ts';
import CompareTab from '../features/compare/CompareTab.svelte';
import ExportTab from '../features/export/ExportTab.svelte';
import ResultsTab from '../features/jobs/ResultsTab.svelte';
import CorrectTab from '../features/labels/CorrectTab.svelte';
import LabelsTab from '../features/labels/LabelsTab.svelte';
import RunTab from '../features/run/RunTab.svelte';
import ImageTab from '../features/view/ImageTab.svelte';

export interface ViewerTab {
  readonly id: string;
  readonly label: TextKey;
  readonly component: Component;
}

/** The sidebar beside the images, tab by tab. A feature adds itself with one line; it reads `session` and `viewing`. */
export const viewerTabs: readonly ViewerTab[] = [
  { id: 'image', label: 'view.tabs.image', component: ImageTab },
  { id: 'run', label: 'run.tab', component: RunTab },
  { id: 'results', label: 'jobs.results', component: ResultsTab },
  { id: 'labels', label: 'labels.tab', component: LabelsTab },
  { id: 'correct', label: 'labels.correct.tab', component: CorrectTab },
  { id: 'compare', label: 'labels.compare.tab', component: CompareTab },
  { id: 'export', label: 'export.tab', component: ExportTab },
];
