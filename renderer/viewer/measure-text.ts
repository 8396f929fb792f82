import { currentLanguage, t } from '../i18n/i18n.svelte.ts';

/** A number with so many decimals, in the window's language. */
export function formatNumber(value: number, decimals: number): string {
  return value.toLocaleString(currentLanguage(), {
    minimumFractionDigits: decimals,
    maximumFractionDigits: decimals,
  });
}

export interface MeasuredValues {
  readonly lengthMm?: number | undefined;
  readonly angleDegrees?: number | undefined;
  readonly areaMm2?: number | undefined;
  readonly mean?: number | undefined;
  readonly standardDeviation?: number | undefined;
}

/** Measured values in words, one a line; `unit` is that of the intensities and may be empty. */
export function measureLines(values: MeasuredValues, unit: string): string[] {
  const { lengthMm, angleDegrees, areaMm2, mean, standardDeviation } = values;
  const intensity = (value: number): string => `${formatNumber(value, 1)} ${unit}`.trim();
  return [
    lengthMm === undefined ? '' : `${formatNumber(lengthMm, 1)} mm`,
    angleDegrees === undefined ? '' : `${formatNumber(angleDegrees, 1)}°`,
    areaMm2 === undefined ? '' : t('view.measure.area', { value: formatNumber(areaMm2, 1) }),
    mean === undefined ? '' : t('view.measure.mean', { value: intensity(mean) }),
    standardDeviation === undefined
      ? ''
      : t('view.measure.deviation', { value: intensity(standardDeviation) }),
  ].filter((line) => line !== '');
}

/** What the intensities of a modality are in. */
export function intensityUnit(modality: string): string {
  return modality === 'CT' ? 'HU' : '';
}
