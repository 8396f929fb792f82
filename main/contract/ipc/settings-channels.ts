import { z } from 'zod';
import { settingsSchema, type Settings } from '../settings.ts';
import { invoke } from './channel.ts';

/** A change names only what it changes; unlike what is stored, a wrong value is refused. */
const change = z
  .object({
    language: settingsSchema.shape.language.unwrap(),
    theme: settingsSchema.shape.theme.unwrap(),
    outputFolder: settingsSchema.shape.outputFolder.unwrap(),
    model: settingsSchema.shape.model.unwrap(),
    device: settingsSchema.shape.device.unwrap(),
    timeWish: settingsSchema.shape.timeWish.unwrap(),
  })
  .partial()
  .strict();

export const settingsChannels = {
  'settings.get': invoke<Settings>()(z.void()),
  'settings.change': invoke<Settings>()(change),
} as const;
