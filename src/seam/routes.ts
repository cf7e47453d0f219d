/**
 * The paths: verbs, parameters and what is done. The verbs are those of every SDK from @seamapi/http 0.12 to 2.32, which
 * went from POST alone to GET, PUT, PATCH and DELETE.
 */

import {
  attemptParameters,
  codeParameters,
  constraintParameters,
  createMultipleParameters,
  createParameters,
  deleteParameters,
  deliveryListParameters,
  deviceGetParameters,
  deviceListParameters,
  deviceParameters,
  eventListParameters,
  getParameters,
  listParameters,
  noParameters,
  type Parameters,
  updateMultipleParameters,
  updateParameters,
  webhookCreateParameters,
  webhookParameters,
  webhookUpdateParameters,
} from './parameters.ts';
import type { SeamService } from './service.ts';

export interface Route {
  readonly verbs: readonly string[];
  /** The body of the response, without `ok`. */
  readonly answer: (service: SeamService, of: Parameters) => Promise<object>;
}

/** @throws SeamError `invalid_input` before anything is done, if a parameter is wrong, missing or unknown. */
function route<P>(
  verbs: string,
  read: (of: Parameters) => P,
  run: (service: SeamService, parameters: P) => Promise<object>,
): Route {
  return {
    verbs: verbs.split(' '),
    answer: async (service, of) => {
      const parameters = read(of);
      of.done();
      return run(service, parameters);
    },
  };
}

const getDevice = route('GET POST', deviceGetParameters, (service, asked) => service.getDevice(asked));
const listDevices = route('GET POST', deviceListParameters, (service, asked) => service.listDevices(asked));

/** A lock is a device; these paths are from before Seam had other devices. */
const getLock = route('GET POST', deviceGetParameters, async (service, asked) => {
  const { device } = await service.getDevice(asked);
  return { lock: device, device };
});

const listLocks = route('GET POST', deviceListParameters, async (service, asked) => {
  const { devices, pagination } = await service.listDevices(asked);
  return { locks: devices, devices, pagination };
});

export const ROUTES: ReadonlyMap<string, Route> = new Map([
  ['/access_codes/create', route('POST', createParameters, (service, asked) => service.create(asked))],
  [
    '/access_codes/create_multiple',
    route('POST PUT', createMultipleParameters, (service, asked) => service.createMultiple(asked)),
  ],
  ['/access_codes/get', route('GET POST', getParameters, (service, asked) => service.get(asked))],
  ['/access_codes/list', route('GET POST', listParameters, (service, asked) => service.list(asked))],
  [
    '/access_codes/update',
    route('POST PUT PATCH', updateParameters, (service, asked) => service.update(asked)),
  ],
  [
    '/access_codes/update_multiple',
    route('POST PATCH', updateMultipleParameters, (service, asked) => service.updateMultiple(asked)),
  ],
  ['/access_codes/delete', route('POST DELETE', deleteParameters, (service, asked) => service.remove(asked))],
  [
    '/access_codes/generate_code',
    route('GET POST', deviceParameters, (service, asked) => service.generateCode(asked)),
  ],
  [
    '/access_codes/pull_backup_access_code',
    route('POST', codeParameters, (service, asked) => service.pullBackup(asked)),
  ],
  [
    '/access_codes/report_device_constraints',
    route('POST', constraintParameters, (service, asked) => service.reportConstraints(asked)),
  ],
  ['/action_attempts/get', route('GET POST', attemptParameters, (service, asked) => service.attempt(asked))],
  ['/events/list', route('GET POST', eventListParameters, (service, asked) => service.listEvents(asked))],
  ['/devices/get', getDevice],
  ['/devices/list', listDevices],
  ['/locks/get', getLock],
  ['/locks/list', listLocks],
  [
    '/webhooks/create',
    route('POST', webhookCreateParameters, (service, asked) => service.createWebhook(asked)),
  ],
  ['/webhooks/get', route('GET POST', webhookParameters, (service, asked) => service.getWebhook(asked))],
  ['/webhooks/list', route('GET POST', noParameters, (service, asked) => service.listWebhooks(asked))],
  [
    '/webhooks/update',
    route('POST PUT', webhookUpdateParameters, (service, asked) => service.updateWebhook(asked)),
  ],
  [
    '/webhooks/delete',
    route('POST DELETE', webhookParameters, (service, asked) => service.deleteWebhook(asked)),
  ],
  [
    '/webhook_deliveries/list',
    route('GET POST', deliveryListParameters, (service, asked) => service.listDeliveries(asked)),
  ],
]);
