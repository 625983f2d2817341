/**
 * CEL expressions: true or not, never an error while people type.  The twin of
 * webapp/checklists/conditions.py; tests/vectors/conditions.json holds both to the same answers.
 *
 * Most conditions compare one answer with one constant ("verdict == 'no'").  Those are read here,
 * so that the engine is fetched only by checklists that really need it.
 */
const COMPARISON =
  /^\s*([a-z][a-z0-9_]*)\s*(==|!=|<=|>=|<|>)\s*("[^"\\\n]*"|'[^'\\\n]*'|-?[0-9]+\.[0-9]+)\s*$/;

const ORDERS = {
  "<": (a, b) => a < b,
  "<=": (a, b) => a <= b,
  ">": (a, b) => a > b,
  ">=": (a, b) => a >= b,
};

/**
 * Returns holds(expression, variables) for the given expressions; others are not true.
 * Numbers among the variables are doubles, as all numbers here are.
 */
export async function conditions(expressions) {
  const known = new Map();
  const hard = [];
  for (const expression of new Set(expressions)) {
    const compare = comparison(expression);
    if (compare) known.set(expression, compare);
    else hard.push(expression);
  }
  if (hard.length) await compileAll(hard, known);
  return (expression, variables) => {
    try {
      return known.get(expression)?.(variables) === true;
    } catch {
      return false; // an unanswered question, or values of two kinds
    }
  };
}

/** Returns a function for an expression that compares one name with one constant, else null. */
export function comparison(expression) {
  const [, name, operator, written] = COMPARISON.exec(expression) ?? [];
  if (!name) return null;
  const constant = /^["']/.test(written) ? written.slice(1, -1) : Number(written);
  return (variables) => {
    if (!Object.hasOwn(variables, name)) return false;
    const value = variables[name];
    if (operator === "==") return value === constant;
    if (operator === "!=") return value !== constant;
    return typeof value === typeof constant && ORDERS[operator](value, constant);
  };
}

async function compileAll(expressions, known) {
  const { Environment } = await import("../../vendor/@marcbachmann-cel-js@8.0.0/evaluator.js");
  const environment = new Environment({ unlistedVariablesAreDyn: true });
  for (const expression of expressions) {
    try {
      const run = environment.parse(expression);
      known.set(expression, (variables) => run(Object.assign(Object.create(null), variables)));
    } catch {
      known.set(expression, () => false); // the server's check of the catalogue lets none pass
    }
  }
}
