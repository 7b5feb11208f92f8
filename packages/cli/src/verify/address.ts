import { BadSetting, databaseSetting } from '@abasto/chassis/config'

/** It begins with a scheme, or with what was meant for one. */
const LIKE_AN_ADDRESS = /^[a-z][a-z0-9+.-]*:|^[^./].*:\/\//i

const ADDRESS = /^(postgres(ql)?|mongodb(\+srv)?):\/\//

/** Whether whoever typed this meant no folder: a mistyped address would be as good a name for one as any other. */
export const looksLikeAddress = (typed: string): boolean => LIKE_AN_ADDRESS.test(typed)

/** The address of a database that was typed as `option`; throws `BadSetting`, which does not repeat a password. */
export function addressOf(option: string, typed: string): string {
  if (looksLikeAddress(typed) && !ADDRESS.test(typed)) {
    throw new BadSetting(
      `${option} takes an address such as postgres://user:password@localhost:5432/shop or ` +
        'mongodb://localhost:27017/shop, and this looks like one but begins with neither postgres:// nor mongodb://.',
    )
  }
  return databaseSetting({ [option]: typed }, option)!
}
