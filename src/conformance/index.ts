/** `pintumbler/conformance`: what every plug-in must hold, tried out. Needs fast-check. */
export {
  type ConformanceOptions,
  type ConformanceReport,
  conformance,
  formatReport,
  type PropertyReport,
} from './conformance.ts';
