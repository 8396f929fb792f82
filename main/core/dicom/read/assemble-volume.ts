import { corrections } from '../study.ts';
import type { FrameRef, GeometryVerdict, SeriesVolume } from '../study.ts';
import type { ImageFrame } from './image-frame.ts';
import { judgeContent } from './judge-content.ts';
import { judgeGeometry } from './judge-geometry.ts';

/** The geometry gate: puts the images of one volume in order and decides whether they are a volume. */
export function assembleVolume(
  images: readonly ImageFrame[],
  modality: string,
): Pick<SeriesVolume, 'frames' | 'grid' | 'assembly' | 'lossy' | 'verdict'> {
  const content = judgeContent(images, modality);
  // What is no image has no place either; saying so once is enough.
  const isImage = !content.some((finding) => finding.code === 'not-an-image');
  const geometry = isImage ? judgeGeometry(images) : null;
  const findings = [...content, ...(geometry?.findings ?? [])];
  const sorted = geometry?.images ?? images;
  const outcome = findings.some((finding) => !corrections.includes(finding.code))
    ? 'refused'
    : findings.length > 0
      ? 'corrected'
      : 'ok';
  const grid = geometry?.grid ?? null;
  const verdict: GeometryVerdict = {
    outcome,
    findings:
      findings.length > 0
        ? findings
        : [{ code: 'ok', numbers: { slices: sorted.length, spacingMm: grid?.spacingZyxMm[0] ?? NaN } }],
  };
  return {
    frames: sorted.map(frameRef),
    grid,
    assembly: geometry?.assembly ?? { kind: 'stack' },
    lossy: sorted.some(({ instance }) => instance.lossy),
    verdict,
  };
}

function frameRef({ instance, frame, plane, rescale }: ImageFrame): FrameRef {
  return {
    file: instance.file,
    frame,
    sopClassUid: instance.sopClassUid,
    sopInstanceUid: instance.sopInstanceUid,
    positionLps: plane?.positionLps ?? [NaN, NaN, NaN],
    rescaleSlope: rescale.slope ?? 1,
    rescaleIntercept: rescale.intercept ?? 0,
  };
}
