import { mount } from 'svelte';
import App from './App.svelte';
import { ask } from './api.ts';
import { startI18n } from './i18n/i18n.svelte.ts';
import { queue } from './queue.svelte.ts';
import { settings } from './settings.svelte.ts';
import './ui/theme.css';
import '@fontsource/inter/latin-400.css';
import '@fontsource/inter/latin-600.css';

// Words first: a page is never shown in the wrong language.
const [info, stored] = await Promise.all([ask('app.info'), ask('settings.get')]);
settings.start(stored, info.locale);
await startI18n(settings.locale);
void queue.start();
mount(App, { target: document.getElementById('app')!, props: { info } });
