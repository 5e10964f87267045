import { isObject } from '../headless/json.ts'

/** Returns the value one key after another leads to; `undefined` where one leads nowhere. */
export function lookUp(value: unknown, ...keys: readonly string[]): unknown {
  return keys.reduce<unknown>((at, key) => (isObject(at) && Object.hasOwn(at, key) ? at[key] : undefined), value)
}
