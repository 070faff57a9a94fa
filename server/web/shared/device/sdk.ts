// The client SDK as both apps use it: the browser around it, requests through the service layer.
import { browserPlatform, QmClient, Workers, type ErrCode, type Platform, type QmClientApi, type WorkerInfo } from '@qiaomen/sdk'
import { deviceFetch } from '../api/device'
import { languageFirst } from '../lang'
import { syncPlace } from './sync_place'

const platform: Platform = { ...browserPlatform(), fetch: deviceFetch }
const directory = new Workers(platform)

export const workersList = (): Promise<WorkerInfo[]> => directory.list()
export const workerMake = (name: string, pin: string): Promise<string> => directory.add(name, pin)
export const clientOpen = (worker: string, pin?: string): Promise<QmClientApi> =>
  QmClient.open({ worker, pin, platform, lang: languageFirst(), elsewhere: () => syncPlace(worker, pin, platform) })
export const workerUnsent = (id: string): ReturnType<typeof directory.unsent> => directory.unsent(id)
export const firstPin = (id: string, pin: string, by: string): Promise<void> => directory.firstPin(id, pin, by)
export const pinForgotten = (id: string, code: string, pin: string): Promise<void> => directory.pinForgotten(id, code, pin)
/** code: the office's, at this site; host: the one that the site was set up with. */
export const pinByOffice = (id: string, code: string, host: string, pin: string): Promise<ErrCode> =>
  directory.pinByOffice(id, { server: location.origin, host, code }, pin)
export const workerRename = (id: string, name: string): Promise<void> => directory.rename(id, name)
