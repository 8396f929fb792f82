import { stat } from 'node:fs/promises';
import type { FolderView, RecentStudy, SeriesView, StudyView } from '../contract/ipc/study-channels.ts';
import { legibleName, legibleText } from '../core/dicom/read/legible-text.ts';
import type { FolderScan, Series, SeriesVolume, Study } from '../core/dicom/study.ts';
import { countResultsByStudy } from '../db/queries/results.ts';
import { listStudies } from '../db/queries/studies.ts';
import type { Context } from './context.ts';

/** A scan without the list of source files, which nobody reads in a window. */
export function folderView({ folder, studies, filesRead, filesSkipped, problems }: FolderScan): FolderView {
  return { folder, studies: studies.map(studyView), filesRead, filesSkipped, problems };
}

function studyView(study: Study): StudyView {
  return {
    studyUid: study.studyInstanceUid,
    patientName: legibleName(study.patientName),
    patientId: legibleText(study.patientId),
    patientBirthDate: legibleText(study.patientBirthDate),
    patientSex: legibleText(study.patientSex),
    studyDate: legibleText(study.studyDate),
    description: legibleText(study.description),
    series: study.series.flatMap((series) => series.volumes.map((volume) => seriesView(series, volume))),
  };
}

function seriesView(series: Series, volume: SeriesVolume): SeriesView {
  return {
    volumeId: volume.id,
    seriesUid: series.seriesInstanceUid,
    modality: legibleText(series.modality),
    description: legibleText([series.description, volume.part].filter((text) => text !== '').join(', ')),
    seriesNumber: series.seriesNumber,
    slices: volume.frames.length,
    grid: volume.grid,
    verdict: volume.verdict,
  };
}

/** How long a folder on a share may take to say that it is there. */
const patienceMs = 2000;

/** Studies seen last, the newest first; one whose folder is gone keeps its results. */
export async function recentStudies({ db }: Context): Promise<RecentStudy[]> {
  const studies = listStudies(db);
  const results = countResultsByStudy(db);
  const folders = [...new Set(studies.map(({ folder }) => folder))];
  const present = new Map(
    await Promise.all(folders.map(async (folder) => [folder, await isPresent(folder)] as const)),
  );
  return studies.map((study) => ({
    ...study,
    patientName: legibleName(study.patientName),
    patientId: legibleText(study.patientId),
    studyDate: legibleText(study.studyDate),
    description: legibleText(study.description),
    isPresent: present.get(study.folder) ?? false,
    results: results.get(study.studyUid) ?? 0,
  }));
}

/** A share that does not answer counts as gone: nobody waits for it with an empty list. */
function isPresent(folder: string): Promise<boolean> {
  return new Promise((resolve) => {
    const patience = setTimeout(() => resolve(false), patienceMs);
    const found = (isThere: boolean): void => {
      clearTimeout(patience);
      resolve(isThere);
    };
    stat(folder).then(
      () => found(true),
      () => found(false),
    );
  });
}
