import { contextBridge, ipcRenderer, webUtils, type IpcRendererEvent } from 'electron';
import { ipcSchema, type WindowApi } from './contract/ipc-schema.ts';

const kindOf = (channel: string): string | undefined =>
  Object.hasOwn(ipcSchema, channel) ? ipcSchema[channel as keyof typeof ipcSchema].kind : undefined;

const api: WindowApi = {
  invoke: (channel, args) => {
    if (kindOf(channel) !== 'invoke') throw new Error(`No channel ${channel}`);
    return ipcRenderer.invoke(channel, args);
  },
  on: (channel, listener) => {
    if (kindOf(channel) !== 'notify') throw new Error(`No channel ${channel}`);
    const receive = (_event: IpcRendererEvent, news: Parameters<typeof listener>[0]): void => listener(news);
    ipcRenderer.on(channel, receive);
    return () => ipcRenderer.off(channel, receive);
  },
  pathOf: (file) => webUtils.getPathForFile(file),
};

contextBridge.exposeInMainWorld('api', api);
