import { randomUUID } from 'node:crypto';
import type { ExportRequest } from '../contract/engine-protocol.ts';
import type { SegInput } from '../core/dicom/seg/seg-input.ts';
import { describeVariant } from '../core/report/report.ts';
import { uidFromUuid } from '../core/dicom/write/uid-from-uuid.ts';
import type { Labelmap } from '../core/volume/volume.ts';

type DicomSource = Extract<ExportRequest['source'], { kind: 'dicom' }>;

/** What a SEG object says about a result; each object gets identifiers of its own. */
export function segInput(request: ExportRequest, source: DicomSource, labelmap: Labelmap): SegInput {
  const { provenance, model } = request;
  const uid = () => uidFromUuid(randomUUID());
  return {
    labelmap,
    labels: model.labels,
    source,
    algorithm: {
      name: provenance.modelName,
      // A content hash is the only version that cannot lie.
      version: provenance.modelSha256.slice(0, 16),
      parameters: `variant ${describeVariant(provenance)}, device ${provenance.device}, geometry ${provenance.geometry}`,
      isEdited: typeof provenance.editedFrom === 'string',
    },
    softwareVersion: provenance.appVersion,
    uids: { sopInstance: uid(), series: uid(), dimensionOrganization: uid() },
    ...localDateTime(new Date(provenance.createdAt)),
  };
}

/** DICOM dates and times are local unless an object says otherwise, and the source's are copied beside them. */
function localDateTime(date: Date): { contentDate: string; contentTime: string } {
  const two = (value: number) => String(value).padStart(2, '0');
  return {
    contentDate: `${date.getFullYear()}${two(date.getMonth() + 1)}${two(date.getDate())}`,
    contentTime: `${two(date.getHours())}${two(date.getMinutes())}${two(date.getSeconds())}`,
  };
}
