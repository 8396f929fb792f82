import { Command } from 'commander';
import { describeFlaw } from '../core/dicom/read/describe-flaw.ts';
import { describeVerdict } from '../core/dicom/read/describe-verdict.ts';
import { readablePersonName } from '../core/dicom/read/person-name.ts';
import type { FolderScan, Study } from '../core/dicom/study.ts';
import { noImages } from '../services/select-volume.ts';
import { scanStudies } from '../services/studies.ts';
import { printJson, printLine, printTable } from './output.ts';
import { progressDisplay } from './progress-display.ts';
import type { RunSession } from './run-command.ts';

export function studiesCommand(run: RunSession): Command {
  return new Command('studies')
    .description(
      'list the studies, series and volumes of a folder, each with the verdict of the geometry gate',
    )
    .argument('<folder>', 'folder or DICOM file')
    .option('--json', 'print one JSON document')
    .action((folder: string, _options: unknown, command: Command) =>
      run(command, async ({ context, signal, json }) => {
        const display = progressDisplay();
        const scan = await scanStudies(context, folder, { signal, onProgress: display.showScan });
        display.stop();
        if (scan.studies.length === 0) throw noImages(scan);
        if (json) printJson(scanDocument(scan));
        else printScan(scan);
      }),
    );
}

/** The scan without the list of source files, which would bury the rest. */
function scanDocument(scan: FolderScan): Record<string, unknown> {
  const studies = scan.studies.map((study) => ({
    ...study,
    series: study.series.map((series) => ({
      ...series,
      volumes: series.volumes.map(({ frames, assembly, ...volume }) => ({
        ...volume,
        assembly: assembly.kind,
        slices: frames.length,
        description: describeVerdict(volume.verdict),
      })),
    })),
  }));
  const problems = scan.problems.map(({ file, flaw }) => ({ file, reason: describeFlaw(flaw) }));
  return { ...scan, studies, problems };
}

function printScan(scan: FolderScan): void {
  for (const study of scan.studies) printStudy(study);
  printLine(`${scan.filesRead} DICOM files read, ${scan.filesSkipped} other files skipped.`);
  for (const { file, flaw } of scan.problems) printLine(`Not used: ${file}: ${describeFlaw(flaw)}`);
}

function printStudy(study: Study): void {
  const facts = [
    readablePersonName(study.patientName) || '(no name)',
    study.patientId,
    study.studyDate,
    study.description,
  ];
  printLine(facts.filter((fact) => fact !== '').join(' · '));
  printTable(
    [
      { head: 'Modality' },
      { head: 'Series' },
      { head: 'Slices', align: 'right' },
      { head: 'Spacing mm' },
      { head: 'Geometry' },
      { head: 'Volume id' },
    ],
    study.series.flatMap((series) =>
      series.volumes.map((volume) => [
        series.modality,
        [series.description, volume.part].filter((text) => text !== '').join(', '),
        String(volume.frames.length),
        volume.grid?.spacingZyxMm.map((mm) => Number(mm.toFixed(3))).join(' × ') ?? '-',
        describeVerdict(volume.verdict),
        volume.id,
      ]),
    ),
  );
  printLine();
}
