import { z } from 'zod';

/** What a user can set. Each has a default: what is stored and cannot be read any more falls back to it. */
export const settingsSchema = z.object({
  language: z.enum(['system', 'en', 'de']).catch('system'),
  theme: z.enum(['system', 'light', 'dark']).catch('system'),
  /** Where exports go; null asks each time. */
  outputFolder: z.string().min(1).max(4096).nullable().catch(null),
  /** Of an imported model; null takes the bundled one. */
  model: z.string().min(1).max(200).nullable().catch(null),
  device: z.enum(['auto', 'cpu', 'cuda', 'dml']).catch('auto'),
  /** Seconds that a segmentation may take, if a faithful variant is that fast; null takes the policy's. */
  timeWish: z.number().positive().max(86_400).nullable().catch(null),
});

export type Settings = z.infer<typeof settingsSchema>;
export const defaultSettings: Settings = settingsSchema.parse({});
