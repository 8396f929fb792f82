import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';

/** Sockets of this machine that note who calls. */
export interface Listeners {
  readonly tcpPort: number;
  readonly udpPort: number;
  /** What arrived so far, oldest first. */
  readonly calls: readonly string[];
}

/** Listens on 127.0.0.1 until the test is over. */
export async function listenForCalls(): Promise<Listeners> {
  const calls: string[] = [];
  const tcp = createServer((socket) => {
    const index = calls.push('TCP') - 1;
    socket.once('data', (data) => (calls[index] = `TCP ${data.toString('latin1').split('\r\n')[0]}`));
    socket.on('error', () => {}).setTimeout(100, () => socket.destroy());
  });
  const udp = createSocket('udp4', () => calls.push('UDP'));
  tcp.listen(0, '127.0.0.1');
  udp.bind(0, '127.0.0.1');
  await Promise.all([once(tcp, 'listening'), once(udp, 'listening')]);
  onTestFinished(() => {
    tcp.close();
    udp.close();
  });
  return { tcpPort: (tcp.address() as AddressInfo).port, udpPort: udp.address().port, calls };
}
