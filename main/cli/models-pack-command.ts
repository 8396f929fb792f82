import { Command } from 'commander';
import { makeKeyPair, readPrivateKey } from '../services/pack-keys.ts';
import type { PackOrigin } from '../services/pack-import.ts';
import { writePack } from '../services/pack-write.ts';
import { formatBytes, printJson, printLine } from './output.ts';
import { collect } from './parse-options.ts';
import type { RunSession } from './run-command.ts';

interface PackFlags {
  readonly out: string;
  readonly variant: readonly string[];
  readonly sign?: string;
}

export function packCommand(run: RunSession): Command {
  return new Command('pack')
    .description('write a model and its variants to one file, for "models import" on another computer')
    .argument('<id>')
    .requiredOption('--out <file>', 'the pack to write, such as model.thinslice')
    .option(
      '--variant <name>',
      'variant to take along, can be given several times (default: all); the full one always is',
      collect,
      [],
    )
    .option('--sign <file>', 'Ed25519 private key in PEM, as "models make-key" makes it')
    .option('--json', 'print one JSON document')
    .action((id: string, { out, variant, sign }: PackFlags, command: Command) =>
      run(command, async ({ context, signal, json }) => {
        const privateKey = sign === undefined ? undefined : readPrivateKey(sign);
        const variants = variant.length > 0 ? variant : undefined;
        const pack = await writePack(context, id, out, { variants, privateKey, signal });
        if (json) return printJson({ pack });
        printLine(`Wrote ${pack.path} (${formatBytes(pack.sizeBytes)}): ${pack.variants.join(', ')}.`);
        printLine(pack.signedBy ? `Signed by ${pack.signedBy}.` : 'Not signed.');
      }),
    );
}

export function makeKeyCommand(run: RunSession): Command {
  return new Command('make-key')
    .description('make an Ed25519 key pair: the private key signs packs, the public one is what others trust')
    .requiredOption('--out <dir>', 'folder for the two files; keys that lie there are never overwritten')
    .option('--json', 'print one JSON document')
    .action(({ out }: { out: string }, command: Command) =>
      run(command, async ({ json }) => {
        const keys = makeKeyPair(out);
        if (json) return printJson({ keys });
        printLine(`Private key ${keys.privateKey} (keep it to yourself)`);
        printLine(`Public key  ${keys.publicKey} (for "models import --trust")`);
        printLine(`Fingerprint ${keys.fingerprint}`);
      }),
    );
}

/** A pack that a model came with, and who answers for it. */
export function describeOrigin({ path, packedAt, packedWith, signedBy, trusted }: PackOrigin): string {
  const signed = signedBy === null ? 'not signed' : `signed by ${signedBy}`;
  const checked = trusted ? 'a trusted key' : 'not checked against a trusted key';
  const signer = signedBy === null ? signed : `${signed}, ${checked}`;
  return `${path}, packed ${packedAt} by Thinslice ${packedWith}; ${signer}`;
}
