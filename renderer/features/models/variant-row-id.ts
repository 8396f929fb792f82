/** Of a row in the list of variants, so that something else on the page can point at it. */
export function variantRowId(variant: string): string {
  return `variant-${variant}`;
}
