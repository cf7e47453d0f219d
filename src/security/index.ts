/** `pintumbler/security`: how guessable codes are, and vendors and algorithms of one's own. */
export { defineScheme, defineVendor } from './define.ts';
export { type LaneReport, type SecurityOptions, type SecurityReport, securityReport } from './report.ts';
