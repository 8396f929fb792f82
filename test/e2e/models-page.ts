import type { ElectronApplication, Page } from 'playwright-core';
import { ask } from './ask.ts';

/** What the next dialog of the system answers. */
export async function choose(app: ElectronApplication, path: string): Promise<void> {
  await app.evaluate(({ dialog }, chosen) => {
    dialog.showOpenDialog = () => Promise.resolve({ canceled: false, filePaths: [chosen] });
  }, path);
}

/** The only one. */
export async function removeModel(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Remove…' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Remove', exact: true }).click();
  await page.getByText(/was removed\.$/).waitFor();
}

/** As the main process knows them; asking for names brings nothing in. */
export function storedModels(page: Page): Promise<readonly unknown[]> {
  return ask(page, 'models.names', undefined);
}
