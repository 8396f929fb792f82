export const pages = ['studies', 'viewer', 'jobs', 'models', 'devices', 'settings'] as const;
export type Page = (typeof pages)[number];

/** Which page is shown. One window, no addresses: a page is a state. */
class Router {
  page = $state<Page>('studies');
}

export const router = new Router();
