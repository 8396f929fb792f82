import { Command } from 'commander';
import type { Machine } from '../core/devices/machine.ts';
import { reportDevices, type DeviceReport } from '../services/device-reports.ts';
import { formatBytes, printJson, printLine, printTable, sayLine } from './output.ts';
import type { RunSession } from './run-command.ts';

export function devicesCommand(run: RunSession): Command {
  return new Command('devices')
    .description('show what can run networks here, whether it gives right results, and how fast it was')
    .option('--check', 'check all devices again, the CPU too')
    .option('--json', 'print one JSON document')
    .action((options: { check?: boolean }, command: Command) =>
      run(command, async ({ context, signal, json }) => {
        const report = await reportDevices(context, {
          again: options.check,
          signal,
          onCheck: ({ name }) => sayLine(`Checking that ${name} gives right results.`),
        });
        if (json) return printJson({ ...report });
        printMachine(report.machine);
        for (const device of report.devices) printDevice(device);
        printTimings(report.devices);
      }),
    );
}

/** Of all that a processor can do, what networks run faster with. */
const telling = ['sse4_2', 'avx', 'avx2', 'fma', 'avx512f', 'avx512_vnni', 'amx_tile', 'asimd', 'neon'];

function printMachine({ cpu, memoryTotalBytes, memoryAvailableBytes }: Machine): void {
  const sets = telling.filter((name) => cpu.instructionSets.includes(name));
  printLine(`Processor  ${cpu.name || 'unknown'}`);
  printLine(`Cores      ${cpu.physicalCores} (${cpu.logicalCores} logical)`);
  if (sets.length > 0) printLine(`Sets       ${sets.join(', ')}`);
  printLine(
    `Memory     ${formatBytes(memoryTotalBytes)}, of which ${formatBytes(memoryAvailableBytes)} are free`,
  );
}

const kinds = { cpu: 'processor', 'integrated-gpu': 'integrated graphics', 'discrete-gpu': 'graphics card' };

function printDevice({
  name,
  provider,
  kind,
  vendor,
  memoryBytes,
  driverVersion,
  check,
}: DeviceReport): void {
  printLine();
  printLine(`Device     ${name}`);
  const vendorPart = kind === 'cpu' ? '' : `, ${vendor}`;
  printLine(`Kind       ${kinds[kind]}${vendorPart}, by onnxruntime's ${provider.toUpperCase()} provider`);
  if (kind !== 'cpu') {
    printLine(`Memory     ${memoryBytes === null ? 'unknown' : formatBytes(memoryBytes)}`);
    printLine(`Driver     ${driverVersion ?? 'unknown'}`);
  }
  printLine(`Check      ${check ? check.words : "not needed: the others are held to this one's results"}`);
}

function printTimings(devices: readonly DeviceReport[]): void {
  const rows = devices.flatMap(({ name, timings }) =>
    timings.map(({ model, variant, tileShape, seconds, peakBytes }) => [
      name,
      model,
      variant,
      tileShape.join(' × '),
      `${seconds.toFixed(3)} s`,
      peakBytes === null ? '' : formatBytes(peakBytes),
    ]),
  );
  if (rows.length === 0) return;
  printLine();
  printTable(
    [
      { head: 'Device' },
      { head: 'Model' },
      { head: 'Variant' },
      { head: 'Tile' },
      { head: 'A run', align: 'right' },
      { head: 'Memory', align: 'right' },
    ],
    rows,
  );
}
