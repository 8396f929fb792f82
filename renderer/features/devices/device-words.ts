import type { DevicesView, DeviceView } from '../../../main/contract/ipc/device-channels.ts';
import { wordsOfFault } from '../../i18n/refusal-words.ts';
import { formatBytes, formatTime, formatNumber, formatPercent } from '../../ui/format.ts';
import { t } from '../../i18n/i18n.svelte.ts';

/** Of all that a processor can do, what networks run faster with. */
const telling = ['sse4_2', 'avx', 'avx2', 'fma', 'avx512f', 'avx512_vnni', 'amx_tile', 'asimd', 'neon'];

export function machineRows({
  machine,
  providers,
}: Pick<DevicesView, 'machine' | 'providers'>): [string, string][] {
  const { cpu, memoryTotalBytes, memoryAvailableBytes, platform, osRelease } = machine;
  const sets = telling.filter((name) => cpu.instructionSets.includes(name));
  return [
    [t('devices.processor'), cpu.name || t('devices.unknown')],
    [t('devices.cores'), t('devices.coresOf', { cores: cpu.physicalCores, logical: cpu.logicalCores })],
    [t('devices.sets'), sets.join(', ') || t('devices.unknown')],
    [
      t('devices.memory'),
      t('devices.memoryOf', {
        total: formatBytes(memoryTotalBytes),
        free: formatBytes(memoryAvailableBytes),
      }),
    ],
    [t('devices.system'), `${platform} ${osRelease}`],
    [t('devices.providers'), providers.map((each) => each.toUpperCase()).join(', ')],
  ];
}

export function deviceRows(device: DeviceView): [string, string][] {
  const { kind, vendor, provider, memoryBytes, driverVersion } = device;
  const own: [string, string][] = [
    [t('devices.vendor'), vendor === 'other' ? t('devices.unknown') : vendor.toUpperCase()],
    [t('devices.memory'), memoryBytes === null ? t('devices.unknown') : formatBytes(memoryBytes)],
    [t('devices.driver'), driverVersion ?? t('devices.unknown')],
  ];
  return [
    [t('devices.kind'), t(`devices.kinds.${kind}`)],
    [t('devices.provider'), `onnxruntime ${provider.toUpperCase()}`],
    ...(kind === 'cpu' ? [] : own),
  ];
}

export function wordsOfCheck({ check }: DeviceView): string {
  if (!check) return t('devices.checkUnneeded');
  const { verdict, checkedAt } = check;
  const when = formatTime(checkedAt);
  return verdict.passed
    ? t('devices.trusted', { percent: formatPercent(verdict.agreement), when })
    : t('devices.setAside', { failure: wordsOfFault(verdict.failure), when });
}

/** Of one run, three figures: 0.123 s, 12.3 s. */
export function formatRun(seconds: number): string {
  const digits = seconds < 1 ? 3 : seconds < 10 ? 2 : 1;
  return t('app.units.seconds', { value: formatNumber(seconds, digits) });
}
