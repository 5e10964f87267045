/** Returns the local time of day of an instant, to the second; what cannot be read is shown as it is. */
export function timeOfDay(at: string): string {
  const date = new Date(at)
  if (Number.isNaN(date.getTime())) return at
  return [date.getHours(), date.getMinutes(), date.getSeconds()].map((part) => String(part).padStart(2, '0')).join(':')
}
