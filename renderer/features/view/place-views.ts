import { viewNames, type ViewName } from '../../viewer/planes.ts';

export interface ViewPlacement {
  /** CSS grid tracks. */
  readonly template: string;
  /** CSS grid areas; a view that is not seen has none. */
  readonly areas: Readonly<Partial<Record<ViewName, string>>>;
}

/** Where each view lies: one alone, one large with the others in a column, or two by two. */
export function placeViews(
  layout: 'grid' | 'large',
  large: ViewName,
  maximised: ViewName | null,
): ViewPlacement {
  if (maximised !== null) return { template: '100% / 100%', areas: { [maximised]: '1 / 1' } };
  if (layout === 'grid') {
    const areas = viewNames.map((view, i) => [view, `${1 + Math.floor(i / 2)} / ${1 + (i % 2)}`]);
    return { template: '1fr 1fr / 1fr 1fr', areas: Object.fromEntries(areas) };
  }
  const others = viewNames.filter((view) => view !== large);
  const areas = others.map((view, i) => [view, `${i + 1} / 2`]);
  return {
    template: '1fr 1fr 1fr / 2.2fr 1fr',
    areas: Object.fromEntries([[large, '1 / 1 / 4 / 2'], ...areas]),
  };
}
