// Which fields an edit sends: only those that were changed.
import type { Fields } from '@shared/api/register'

/** `sealed`: fields whose value is not shown; what was left empty stays as it is. */
export function changedFields(before: Fields, now: Fields, sealed: Fields, noPhone: boolean): Fields {
  const fields: Fields = {}
  for (const [name, value] of Object.entries(now)) if (value.trim() !== before[name]) fields[name] = value.trim()
  for (const [name, value] of Object.entries(sealed)) if (value.trim() !== '') fields[name] = value.trim()
  if (noPhone) fields['phone'] = ''
  return fields
}
