/**
 * Who may inspect whom: the twin of check_team in webapp/inspections/rules.py;
 * tests/vectors/team.json holds both to the same refusals.
 */
const INSPECTORS_MIN = 2;

/** `inspectors` maps each person's id to their own unit's.  Returns the refusal's code, or null. */
export function refusalOf(unit, inspectors, by) {
  const people = Object.keys(inspectors).map(Number);
  if (people.length < INSPECTORS_MIN) return "too_few";
  if (!people.includes(by)) return "not_in_team";
  return Object.values(inspectors).includes(unit) ? "recusal" : null;
}
