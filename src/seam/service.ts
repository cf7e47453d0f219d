/**
 * The facade's calls, between Seam's words and the four verbs. What a vendor allows is the vendor's, what was given out is
 * the store's; here is only what Seam's calls mean for codes that no line reaches.
 *
 * Source: Seam's access codes API (docs.seam.co) and @seamapi/types 1.977.0, as far as they go. Chosen here, because no
 * public source says: a code is there at once (`assignAfter` defers it); the times that come back are the code's own,
 * rounded; a new window is another code, which only who asks for it (`reissue`) gets, for the old one still opens.
 */
import { remove, update, updateMultiple } from './changing.ts';
import { type Context, contextOf, type ServiceOptions } from './context.ts';
import {
  createWebhook,
  deleteWebhook,
  getWebhook,
  listDeliveries,
  listWebhooks,
  updateWebhook,
} from './endpoints.ts';
import {
  attempt,
  generateCode,
  get,
  getDevice,
  list,
  listDevices,
  listEvents,
  reportConstraints,
} from './looking.ts';
import { create, createMultiple, pullBackup } from './making.ts';

/** A call as routes see it: its parameters, and what it needs known. */
const over =
  <P, R>(context: Context, call: (context: Context, asked: P) => Promise<R>): ((asked: P) => Promise<R>) =>
  (asked) =>
    call(context, asked);

export type SeamService = ReturnType<typeof serviceOver>;

/** The calls; they reject with SeamError. */
export function serviceOver(context: Context) {
  return {
    create: over(context, create),
    createMultiple: over(context, createMultiple),
    get: over(context, get),
    list: over(context, list),
    update: over(context, update),
    updateMultiple: over(context, updateMultiple),
    remove: over(context, remove),
    generateCode: over(context, generateCode),
    pullBackup: over(context, pullBackup),
    reportConstraints: over(context, reportConstraints),
    attempt: over(context, attempt),
    listEvents: over(context, listEvents),
    getDevice: over(context, getDevice),
    listDevices: over(context, listDevices),
    createWebhook: over(context, createWebhook),
    getWebhook: over(context, getWebhook),
    listWebhooks: over(context, listWebhooks),
    updateWebhook: over(context, updateWebhook),
    deleteWebhook: over(context, deleteWebhook),
    listDeliveries: over(context, listDeliveries),
  };
}

/**
 * The calls over a store and a list of devices.
 *
 * @throws PintumblerError `bad_argument`, `out_of_range`; the calls reject with SeamError.
 */
export const seamService = (options: ServiceOptions): SeamService => serviceOver(contextOf(options));
