/** What the phantom is made of, each with its Hounsfield units and its label in the known truth. */
export const tissues = [
  { name: 'air', hu: -1000, label: 0 },
  { name: 'table', hu: -550, label: 0 },
  { name: 'skin', hu: 20, label: 1 },
  { name: 'fat', hu: -104, label: 2 },
  { name: 'muscle', hu: 56, label: 1 },
  { name: 'blood', hu: 44, label: 1 },
  { name: 'liver', hu: 62, label: 1 },
  { name: 'spleen', hu: 50, label: 1 },
  { name: 'cartilage', hu: 88, label: 1 },
  { name: 'cord', hu: 34, label: 1 },
  { name: 'lung', hu: -830, label: 3 },
  // Vessels within the lung are part of it, as in the labels that the bundled model learned.
  { name: 'lung vessel', hu: 38, label: 3 },
  { name: 'marrow', hu: 230, label: 4 },
  { name: 'cortex', hu: 780, label: 4 },
  { name: 'gas', hu: -955, label: 5 },
  { name: 'wall', hu: 15, label: 1 },
] as const;

export type TissueName = (typeof tissues)[number]['name'];

export const tissueIndex = Object.fromEntries(tissues.map(({ name }, index) => [name, index])) as Readonly<
  Record<TissueName, number>
>;
