import { existsSync } from 'node:fs';
import type { FolderView, RecentStudy, StudyView } from '../contract/ipc/study-channels.ts';
import { readablePersonName } from '../core/dicom/read/person-name.ts';
import type { FolderScan, Study } from '../core/dicom/study.ts';
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
    patientName: readablePersonName(study.patientName),
    patientId: study.patientId,
    patientBirthDate: study.patientBirthDate,
    patientSex: study.patientSex,
    studyDate: study.studyDate,
    description: study.description,
    series: study.series.flatMap((series) =>
      series.volumes.map((volume) => ({
        volumeId: volume.id,
        seriesUid: series.seriesInstanceUid,
        modality: series.modality,
        description: [series.description, volume.part].filter((text) => text !== '').join(', '),
        seriesNumber: series.seriesNumber,
        slices: volume.frames.length,
        grid: volume.grid,
        verdict: volume.verdict,
      })),
    ),
  };
}

/** Studies seen before, the last one first; one whose folder is gone keeps its results. */
export function recentStudies({ db }: Context): RecentStudy[] {
  const results = countResultsByStudy(db);
  return listStudies(db).map((study) => ({
    ...study,
    patientName: readablePersonName(study.patientName),
    isPresent: existsSync(study.folder),
    results: results.get(study.studyUid) ?? 0,
  }));
}
