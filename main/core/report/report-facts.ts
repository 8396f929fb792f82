import { describeVariant, type Report } from './report.ts';

/** What a report says of a result, as pairs of a name and its value; empty values are left out. */
export function reportFacts(
  { provenance, jobId }: Pick<Report, 'provenance' | 'jobId'>,
  more: {
    readonly subject: string;
    readonly studyDate: string;
    readonly editedFrom: string | null;
    readonly review: { readonly state: string; readonly note: string } | null;
  },
): readonly (readonly [name: string, value: string])[] {
  const { review, editedFrom } = more;
  const facts: readonly (readonly [string, string])[] = [
    ['Series', more.subject],
    ['Study date', more.studyDate],
    ['Model', provenance.modelName],
    // On two lines, so that all of it is legible.
    ['Model SHA-256', provenance.modelSha256.slice(0, 32)],
    ['', provenance.modelSha256.slice(32)],
    ['Variant', describeVariant(provenance)],
    ['Device', provenance.device],
    ['Geometry', provenance.geometry],
    [
      'Review',
      review ? [reviewWords[review.state] ?? review.state, review.note].filter(Boolean).join(': ') : '',
    ],
    ['Edited by hand', editedFrom === null ? 'no' : `yes, from result ${editedFrom}`],
    ['Made', provenance.createdAt],
    ['Job', jobId],
  ];
  return facts.filter(([, value]) => value !== '');
}

const reviewWords: Readonly<Record<string, string>> = {
  open: 'not reviewed',
  accepted: 'accepted',
  rejected: 'rejected',
};
