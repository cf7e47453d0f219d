/** `pintumbler/calendar`: wall-clock times ⇄ grants. The only part that knows time zones by name, and luxon. */
export { type Plan, type PlanRequest, type PlanWarning, plan } from './plan.ts';
export { type Disambiguation, toInstant, toLocal } from './wall-clock.ts';
export { type ZoneFacts, zoneFacts } from './zones.ts';
