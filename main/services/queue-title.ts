import type { JobTitle } from '../contract/ipc/job-channels.ts';
import type { JobInput } from '../contract/job.ts';
import { legibleName, legibleText } from '../core/dicom/read/legible-text.ts';

/** What a list says of a job. */
export function titleOf({ origin, channels, path }: JobInput, modelName: string): JobTitle {
  const [first] = channels;
  if (origin.kind !== 'dicom' || first?.kind !== 'dicom')
    return { patientName: '', seriesDescription: path, modelName };
  const { study, series } = origin;
  const description = [series.description || series.modality, first.volume.part];
  return {
    patientName: legibleName(study.patientName),
    seriesDescription: legibleText(description.filter((text) => text !== '').join(', ')),
    modelName,
  };
}
