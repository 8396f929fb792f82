import Table from 'cli-table3';
import { researchUseOnly } from '../core/report/report.ts';

/** The one JSON document of a command that was asked for it. */
export function printJson(document: Readonly<Record<string, unknown>>): void {
  process.stdout.write(`${JSON.stringify({ ...document, notice: researchUseOnly }, null, 2)}\n`);
}

export function printLine(text = ''): void {
  process.stdout.write(`${printable(text)}\n`);
}

/** A line of progress or complaint, on stderr. */
export function sayLine(text: string): void {
  process.stderr.write(`${printable(text)}\n`);
}

/** Names from files and headers may hold escape sequences that a terminal would obey. */
function printable(text: string): string {
  return text.replace(
    /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g,
    '\ufffd',
  );
}

/**
 * A reader that has had enough (`thinslice … | head`) does not end the work; a stream that cannot be written to for
 * another reason (`> /dev/full`) ends the command.
 */
export function watchOutput(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EPIPE') return;
      sayLine(`thinslice: cannot write the output (${error.code ?? error.message})`);
      process.exit(6);
    });
  }
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
  table.push(...rows.map((row) => row.map((cell) => printable(cell.replaceAll('\n', ' ')))));
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
