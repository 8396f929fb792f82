import Table from 'cli-table3';

export const researchUseOnly = 'Research use only. Not for clinical use.';

/** The one JSON document of a command that was asked for it. */
export function printJson(document: Readonly<Record<string, unknown>>): void {
  process.stdout.write(`${JSON.stringify({ ...document, notice: researchUseOnly }, null, 2)}\n`);
}

export function printLine(text = ''): void {
  process.stdout.write(`${text}\n`);
}

export interface Column {
  readonly head: string;
  readonly align?: 'left' | 'right';
}

/** A plain table: no colours, no frames, so that it can be copied and searched. */
export function printTable(columns: readonly Column[], rows: readonly (readonly string[])[]): void {
  const table = new Table({
    head: columns.map((column) => column.head),
    colAligns: columns.map((column) => column.align ?? 'left'),
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 2 },
    chars: Object.fromEntries(
      ['top', 'bottom', 'mid', 'left', 'right']
        .flatMap((side) => [
          [side, ''],
          [`${side}-mid`, ''],
          [`${side}-left`, ''],
          [`${side}-right`, ''],
        ])
        .concat([
          ['mid-mid', ''],
          ['middle', ''],
        ]),
    ),
  });
  table.push(...rows.map((row) => [...row]));
  printLine(
    table
      .toString()
      .split('\n')
      .map((line) => line.trimEnd())
      .join('\n'),
  );
}

/** `1234567` → `1.23 M`. */
export function formatCount(count: number): string {
  const steps: readonly [number, string][] = [
    [1e9, ' G'],
    [1e6, ' M'],
    [1e3, ' k'],
  ];
  const step = steps.find(([size]) => count >= size);
  return step ? `${(count / step[0]).toPrecision(3)}${step[1]}` : String(count);
}

export function formatBytes(bytes: number): string {
  return `${(bytes / 2 ** 20).toFixed(0)} MiB`;
}
